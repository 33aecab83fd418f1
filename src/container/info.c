/* SPDX-License-Identifier: Apache-2.0 */
/* Looking at containers: state, list, match, pids. */
#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/cgroup.h"
#include "cgroups/stats.h"
#include "container/container.h"
#include "container/lookup.h"
#include "container/pidns.h"
#include "container/record.h"
#include "container/store.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/log.h"
#include "util/num.h"
#include "util/usock.h"

/* No lookup of names: getpwuid(3) would load modules into a static program. */
static const char *owner_name(uint32_t uid, struct arena *a)
{
	if (uid == 0)
		return "root";
	return arena_printf(a, "%u", uid);
}

/* Somebody listens on the socket for as long as the program has not begun. */
static bool waits_for_start(int dirfd)
{
	struct err e = { 0 };
	auto_fd s = usock_connect(dirfd, RECORD_SOCKET,
				  SOCK_SEQPACKET | SOCK_NONBLOCK, 0, &e);

	return s >= 0 || s == -EAGAIN;
}

static bool is_paused(const struct record *r)
{
	auto_cgroup cg = CGROUP_NONE;

	return r->cgroup && cgroup_open(r->cgroup, &cg, NULL) == 0 &&
	       cgroup_is_frozen(&cg, NULL) == 1;
}

enum container_status lookup_status(int dirfd, const struct record *r,
				    struct arena *a)
{
	auto_fd pidfd = -EBADF;

	if (!r->ready)
		return STATUS_CREATING;
	if (!record_is_current(r, a))
		return STATUS_STOPPED;
	pidfd = record_pidfd(r);
	if (pidfd < 0)
		return STATUS_STOPPED;
	/* One that is paused before its start cannot be started either. */
	if (is_paused(r))
		return STATUS_PAUSED;
	return waits_for_start(dirfd) ? STATUS_CREATED : STATUS_RUNNING;
}

int lookup(const struct context *ctx, const char *id, enum store_lock lock,
	   struct arena *a, struct found *ret, struct err *e)
{
	auto_fd dirfd = store_open(ctx, id, lock, e);
	struct found f = { 0 };
	int r;

	if (dirfd < 0)
		return dirfd;
	r = record_read(dirfd, a, &f.record, e);
	if (r == -ENOENT) {
		f.record.id = arena_strdup(a, id);
		f.status = STATUS_CREATING;
	} else if (r < 0) {
		return err_wrap(e, "container %s", id);
	} else {
		f.status = lookup_status(dirfd, &f.record, a);
	}
	f.dirfd = fd_take(&dirfd);
	*ret = f;
	return 0;
}

void found_done(struct found *f)
{
	fd_close(&f->dirfd);
}

static void fill_info(const struct found *f, struct arena *a,
		      struct container_info *ret)
{
	const struct record *r = &f->record;
	bool alive = f->status == STATUS_CREATED ||
		     f->status == STATUS_RUNNING || f->status == STATUS_PAUSED;

	*ret = (struct container_info){
		.id = r->id,
		.status = f->status,
		.pid = alive ? r->pid : 0,
		.bundle = r->bundle ? r->bundle : "",
		.rootfs = r->rootfs ? r->rootfs : "",
		.created = r->created ? r->created : "",
		.owner = owner_name(r->owner, a),
		.oci_version = r->oci_version ? r->oci_version : OCI_VERSION,
		.cgroup = r->cgroup,
		.scope = r->scope,
		.annotations = &r->annotations,
	};
}

int container_state(const struct context *ctx, const char *id, struct arena *a,
		    struct container_info *ret, struct err *e)
{
	struct found *f = arena_alloc(a, sizeof(*f));
	int r;

	if (!f)
		return err_set(e, ENOMEM, "out of memory");
	r = lookup(ctx, id, STORE_UNLOCKED, a, f, e);
	if (r < 0)
		return r;
	fill_info(f, a, ret);
	found_done(f);
	return 0;
}

int container_list(const struct context *ctx, struct arena *a,
		   struct container_info **ret, size_t *ret_n, struct err *e)
{
	char **ids;
	size_t n_ids, n = 0;
	int r = store_ids(ctx, a, &ids, &n_ids, e);

	if (r < 0)
		return r;
	*ret = arena_array(a, n_ids, sizeof(**ret));
	if (!*ret)
		return err_set(e, ENOMEM, "list containers: out of memory");
	for (size_t i = 0; i < n_ids; i++) {
		struct err why = { 0 };

		r = container_state(ctx, ids[i], a, &(*ret)[n], &why);
		if (r == 0)
			n++;
		else if (r != -ENOENT) /* that one was deleted meanwhile */
			log_warning(ctx->log, "%s", why.text);
	}
	*ret_n = n;
	return 0;
}

int container_match(const struct context *ctx, const char *regex,
		    struct arena *a, char ***ret, size_t *ret_n, struct err *e)
{
	regex_t re;
	char **ids;
	size_t n_ids, n = 0;
	int r = regcomp(&re, regex, REG_EXTENDED | REG_NOSUB);

	if (r != 0) {
		char why[128];

		regerror(r, &re, why, sizeof(why));
		return err_set(e, EINVAL, "--regex `%s`: %s", regex, why);
	}
	r = store_ids(ctx, a, &ids, &n_ids, e);
	for (size_t i = 0; r == 0 && i < n_ids; i++)
		if (regexec(&re, ids[i], 0, NULL, 0) == 0)
			ids[n++] = ids[i];
	regfree(&re);
	if (r < 0)
		return r;
	*ret = ids;
	*ret_n = n;
	return 0;
}

int lookup_alive(const struct context *ctx, const char *id, struct arena *a,
		 struct found *f, struct err *e)
{
	int r = lookup(ctx, id, STORE_UNLOCKED, a, f, e);

	if (r < 0)
		return r;
	if (f->status != STATUS_STOPPED && f->status != STATUS_CREATING)
		return 0;
	found_done(f);
	return err_set(e, ESRCH, "container not running: %s is %s", id,
		       container_status_name(f->status));
}

static bool record_gone(const struct record *r)
{
	auto_fd pidfd = record_pidfd(r);

	return pidfd < 0;
}

int found_result(const struct found *f, int r, struct err *e)
{
	if ((r != -ENOENT && r != -ENODEV) || !record_gone(&f->record))
		return r;
	return err_set(e, ESRCH, "container not running: %s is %s",
		       f->record.id, container_status_name(STATUS_STOPPED));
}

int found_cgroup(const struct found *f, const char *verb, struct cgroup *ret,
		 struct err *e)
{
	int r;

	if (!f->record.cgroup)
		return err_set(e, ENOENT, "cannot %s container %s: it has no cgroup "
			       "(it was created with --cgroup-manager=disabled, or "
			       "by a user to whom none is delegated)",
			       verb, f->record.id);
	r = cgroup_open(f->record.cgroup, ret, e);
	return found_result(f, r, e);
}

int lookup_cgroup(const struct context *ctx, const char *id, const char *verb,
		  struct cgroup *ret, struct err *e)
{
	auto_arena a = { 0 };
	auto_found f = FOUND_NONE;
	int r = lookup_alive(ctx, id, &a, &f, e);

	return r < 0 ? r : found_cgroup(&f, verb, ret, e);
}

int container_cgroup(const struct context *ctx, const char *id, struct err *e)
{
	auto_cgroup cg = CGROUP_NONE;
	int r = lookup_cgroup(ctx, id, "watch", &cg, e);

	return r < 0 ? r : fd_take(&cg.fd);
}

int container_stats(const struct context *ctx, const char *id, struct arena *a,
		    struct cgroup_stats *ret, struct err *e)
{
	auto_cgroup cg = CGROUP_NONE;
	int r = lookup_cgroup(ctx, id, "measure", &cg, e);

	return r < 0 ? r : cgroup_stats_read(&cg, a, ret, e);
}

int container_pids(const struct context *ctx, const char *id, struct arena *a,
		   pid_t **ret, size_t *ret_n, struct err *e)
{
	auto_found f = FOUND_NONE;
	auto_cgroup cg = CGROUP_NONE;
	int r = lookup_alive(ctx, id, a, &f, e);

	if (r < 0)
		return r;
	if (f.record.cgroup) {
		r = cgroup_open(f.record.cgroup, &cg, e);
		return r < 0 ? r : cgroup_pids(&cg, a, ret, ret_n, e);
	}
	if (f.record.own_pid_ns &&
	    pidns_pids(f.record.pid, a, ret, ret_n, NULL) == 0)
		return 0;
	/* With neither a cgroup nor a pid namespace only the first is known. */
	*ret = arena_array(a, 1, sizeof(**ret));
	if (!*ret)
		return err_set(e, ENOMEM, "out of memory");
	(*ret)[0] = f.record.pid;
	*ret_n = 1;
	return 0;
}
