/* SPDX-License-Identifier: Apache-2.0 */
/* Acting on containers: kill, pause, resume, update, delete. */
#include <errno.h>
#include <signal.h>

#include "cgroups/cgroup.h"
#include "cgroups/devices.h"
#include "cgroups/limits.h"
#include "cgroups/scope.h"
#include "container/config.h"
#include "container/kin.h"
#include "container/lookup.h"
#include "container/pidns.h"
#include "container/record.h"
#include "container/teardown.h"
#include "oci/check.h"
#include "oci/spec.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/log.h"
#include "util/sys.h"

static int not_running(const char *id, enum container_status s, struct err *e)
{
	return err_set(e, ESRCH, "container not running: %s is %s", id,
		       container_status_name(s));
}

/* Every process; SIGKILL also reaches those that are being forked just now. */
static int kill_cgroup(const struct record *r, int sig, struct err *e)
{
	auto_cgroup cg = CGROUP_NONE;
	int n = record_cgroup(r, &cg, e);

	return n < 0 ? n : cgroup_kill(&cg, sig, e);
}

static int kill_first(const struct record *r, int sig, struct err *e)
{
	auto_fd pidfd = record_pidfd(r);
	int n = pidfd < 0 ? pidfd : sys_pidfd_send_signal(pidfd, sig);

	if (n == -ESRCH)
		return not_running(r->id, STATUS_STOPPED, e);
	return n < 0 ? err_sys(e, n, "kill container %s", r->id) : 0;
}

/* The first process last: with it the others go, and could not be told.  It may
 * end itself as soon as they do, and then all have been told. */
static int kill_pid_namespace(const struct record *r, int sig, struct err *e)
{
	auto_arena a = { 0 };
	bool told = false;
	pid_t *pids;
	size_t n;
	int k = pidns_pids(r->pid, &a, &pids, &n, e);

	for (size_t i = 0; k == 0 && i < n; i++)
		if (pids[i] != r->pid && kill(pids[i], sig) == 0)
			told = true; /* others may have ended meanwhile */
	k = kill_first(r, sig, e);
	return k == -ESRCH && told ? 0 : k;
}

int container_kill(const struct context *ctx, const char *id, int sig, bool all,
		   struct err *e)
{
	auto_arena a = { 0 };
	auto_found f = FOUND_NONE;
	int r = lookup(ctx, id, STORE_UNLOCKED, &a, &f, e);

	if (r < 0)
		return r;
	/* Without a pid namespace the death of the first process leaves the
	 * others alive: they are killed with it. */
	if (sig == SIGKILL && f.record.ready && !f.record.own_pid_ns)
		all = true;
	if (all && f.record.cgroup && f.status != STATUS_CREATING)
		return kill_cgroup(&f.record, sig, e);
	if (f.status == STATUS_STOPPED || f.status == STATUS_CREATING)
		return not_running(id, f.status, e);
	if (all && f.record.own_pid_ns && sig != SIGKILL)
		return kill_pid_namespace(&f.record, sig, e);
	if (!all || !kin_known(&f.record))
		return kill_first(&f.record, sig, e);
	r = kin_kill(&f.record, sig, e);
	return r == -ESRCH ? not_running(id, STATUS_STOPPED, e) : r;
}

static int set_frozen(const struct context *ctx, const char *id, bool frozen,
		      struct err *e)
{
	auto_arena a = { 0 };
	auto_found f = FOUND_NONE;
	auto_cgroup cg = CGROUP_NONE;
	int r = lookup_alive(ctx, id, &a, &f, e);

	if (r == 0)
		r = found_cgroup(&f, frozen ? "pause" : "resume", &cg, e);
	if (r == 0)
		r = found_result(&f, cgroup_is_frozen(&cg, e), e);
	if (r < 0)
		return r;
	if (frozen && r == 1)
		return err_set(e, EINVAL, "container %s is paused already", id);
	if (!frozen && r == 0)
		return err_set(e, EINVAL, "container %s is not paused", id);
	return found_result(&f, cgroup_freeze(&cg, frozen, e), e);
}

int container_pause(const struct context *ctx, const char *id, struct err *e)
{
	return set_frozen(ctx, id, true, e);
}

int container_resume(const struct context *ctx, const char *id, struct err *e)
{
	return set_frozen(ctx, id, false, e);
}

/* The kernel has taken the limits; what the scope is below, and systemd, are to
 * know them too. */
static int update_scope(const struct record *rec, const struct oci_resources *r,
			struct arena *a, struct err *e)
{
	const char *path = record_scope_cgroup(rec, a);
	auto_cgroup cg = CGROUP_NONE;
	int n;

	if (!path)
		return err_set(e, ENOMEM, "out of memory");
	n = cgroup_open(path, &cg, e);
	if (n == 0 && path != rec->cgroup)
		n = cgroup_apply(&cg, r, e);
	if (n < 0)
		return n;
	n = scope_set(rec->scope_of_user, rec->scope, r, &cg, e);
	return n < 0 ? err_wrap(e, "the limits of %s are set, but systemd was not "
				"told and will undo them at its next daemon-reload",
				rec->id)
		     : 0;
}

int container_update(const struct context *ctx, const char *id,
		     const struct oci_resources *r, struct err *e)
{
	auto_arena a = { 0 };
	auto_found f = FOUND_NONE;
	auto_cgroup cg = CGROUP_NONE;
	struct cgroup_devices_args devices = {
		.rules = r->devices, .n = r->n_devices, .defaults = true,
		.userns = ctx->rootless,
	};
	int n = oci_resources_check(r, e);

	if (n == 0)
		n = cgroup_check(r, e);
	if (n == 0)
		n = lookup_alive(ctx, id, &a, &f, e);
	if (n == 0)
		n = found_cgroup(&f, "update", &cg, e);
	if (n < 0)
		return n;
	n = cgroup_apply(&cg, r, e);
	if (n == 0 && r->n_devices)
		n = cgroup_devices_apply(&cg, &devices, true, e);
	if (n < 0)
		return found_result(&f, n, e);
	if (f.record.scope)
		n = update_scope(&f.record, r, &a, e);
	return n;
}

/* The configuration is needed for the poststop hooks only; a copy that cannot
 * be read must not keep a container from going. */
static int teardown_found(const struct context *ctx, const struct found *f,
			  struct err *e)
{
	auto_arena a = { 0 };
	auto_config c = CONFIG_NONE;
	bool has = f->record.has_poststop &&
		   config_load_copy(f->dirfd, &a, &c, NULL) == 0;

	if (!f->record.boot_id || !record_is_current(&f->record, &a))
		return 0;
	return container_teardown(ctx, &f->record,
				  has ? &c.spec->hooks.poststop : NULL, e);
}

static int remove_directory(const struct context *ctx, const char *id,
			    int dirfd, struct err *e)
{
	auto_fd rootfd = store_open_root(ctx, false, e);

	return rootfd < 0 ? rootfd : store_remove(rootfd, id, dirfd, e);
}

static int delete_found(const struct context *ctx, const char *id,
			const struct found *f, bool force, struct err *e)
{
	bool runs = f->status == STATUS_RUNNING || f->status == STATUS_PAUSED;
	int r;

	if (runs && !force)
		return err_set(e, EBUSY, "cannot delete container %s: it is %s "
			       "(kill it first, or use --force)", id,
			       container_status_name(f->status));
	r = teardown_found(ctx, f, e);
	return r < 0 ? r : remove_directory(ctx, id, f->dirfd, e);
}

/* What has no readable record is only a directory: --force removes it.  @e says
 * what is wrong with it. */
static int delete_damaged(const struct context *ctx, const char *id,
			  struct err *e)
{
	auto_fd dirfd = -EBADF;

	log_warning(ctx->log, "%s; only this is deleted, processes and a cgroup "
		    "of the container's may be left", e->text);
	dirfd = store_open(ctx, id, STORE_EXCLUSIVE, e);
	return dirfd < 0 ? dirfd : remove_directory(ctx, id, dirfd, e);
}

/*
 * A start has the lock for as long as the container's process takes to run its
 * program, which may be for ever: its hooks, a file system that does not answer,
 * a pause.  What is to be deleted anyway is killed first, and that start ends.
 */
static int lookup_by_force(const struct context *ctx, const char *id,
			   struct arena *a, struct found *f, struct err *e)
{
	int r = lookup(ctx, id, STORE_TRY, a, f, e);

	if (r != -EWOULDBLOCK)
		return r;
	(void)container_kill(ctx, id, SIGKILL, true, NULL);
	return lookup(ctx, id, STORE_EXCLUSIVE, a, f, e);
}

int container_delete(const struct context *ctx, const char *id, bool force,
		     struct err *e)
{
	auto_arena a = { 0 };
	auto_found f = FOUND_NONE;
	int r = force ? lookup_by_force(ctx, id, &a, &f, e)
		      : lookup(ctx, id, STORE_EXCLUSIVE, &a, &f, e);

	if (r == -ENOENT && force)
		return 0;
	if (r == -EPROTO && force)
		return delete_damaged(ctx, id, e);
	return r < 0 ? r : delete_found(ctx, id, &f, force, e);
}
