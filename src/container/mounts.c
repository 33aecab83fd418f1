/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts of a container that runs: what is to be mounted is opened or made on
 * this side, and a berth-init that enters the container's namespaces puts it in
 * place.  It stays in the caller's cgroup, so that it runs in a paused container
 * too, and out of the container's pid namespace where it can.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>

#include "container/config.h"
#include "container/enter.h"
#include "container/ladder.h"
#include "container/lookup.h"
#include "container/rootless.h"
#include "container/spawn.h"
#include "namespaces/namespaces.h"
#include "oci/check.h"
#include "oci/spec.h"
#include "rootfs/rootfs.h"
#include "security/lsm.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/ev.h"
#include "util/sys.h"
#include "wire/plan.h"

struct change {
	const struct context *ctx;
	const struct oci_mount_list *mounts;
	bool remove;
	bool userns; /* a user namespace other than berth's is entered */
	struct arena arena;
	struct found found;
	struct config config;
	struct oci_spec spec; /* the container's, with these mounts */
	int rootfd, bundle;
	struct ev ev;
	struct ladder ladder;
	int result;
	struct err *e;
};

static int find_container(struct change *c, const char *id)
{
	int r = lookup(c->ctx, id, STORE_UNLOCKED, &c->arena, &c->found, c->e);

	if (r < 0)
		return r;
	if (c->found.status == STATUS_STOPPED ||
	    c->found.status == STATUS_CREATING)
		return err_set(c->e, ESRCH, "container not running: %s is %s",
			       id, container_status_name(c->found.status));
	c->userns = c->found.record.userns &&
		    rootless_userns_differs(c->found.record.pid);
	r = config_load_copy(c->found.dirfd, &c->arena, &c->config, c->e);
	if (r < 0)
		return r;
	c->spec = *c->config.spec;
	c->spec.n_mounts = c->mounts->n;
	c->spec.mounts = c->mounts->v;
	/* A bundle that has gone since is missed by relative sources only. */
	c->bundle = open(c->found.record.bundle,
			 O_PATH | O_DIRECTORY | O_CLOEXEC);
	c->rootfd = store_open_root(c->ctx, false, c->e);
	return c->rootfd < 0 ? c->rootfd : 0;
}

/* --- the plan ---------------------------------------------------------------- */

/* A procfs shows the pid namespace of the process that mounts it. */
static bool needs_pid_ns(const struct oci_mount *m)
{
	return m->type && strcmp(m->type, "proc") == 0;
}

/* What decides about what a file system shows, and whose it is. */
static uint64_t namespaces_for(const struct change *c, const struct oci_mount *m)
{
	static const enum oci_ns kinds[] = {
		OCI_NS_MOUNT, OCI_NS_NETWORK, OCI_NS_IPC,
		OCI_NS_CGROUP,
	};
	const struct oci_linux *l = c->spec.linux_;
	uint64_t flags = c->userns ? ns_flag(OCI_NS_USER) : 0;

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (l->namespaces[kinds[i]].listed)
			flags |= ns_flag(kinds[i]);
	if (!c->remove && needs_pid_ns(m) && l->namespaces[OCI_NS_PID].listed)
		flags |= ns_flag(OCI_NS_PID);
	return flags;
}

static int plan_enter(struct change *c, const struct oci_mount *m,
		      struct plan_builder *b)
{
	const struct enter in = {
		.record = &c->found.record,
		.linux_ = c->spec.linux_,
		.namespaces = namespaces_for(c, m),
		.become_root = c->userns,
	};

	plan_add(b, PLAN_UMASK, NULL);
	return enter_plan(b, &in, c->e);
}

/* For id-mapped mounts; the container's own is there. */
static int mount_userns(void *user, const struct oci_id_mappings *uids,
			const struct oci_id_mappings *gids, struct err *e)
{
	const struct change *c = user;
	char path[40];
	int fd;

	if (uids)
		return ns_userns_fd(uids, gids, e);
	snprintf(path, sizeof(path), "/proc/%d/ns/user", c->found.record.pid);
	fd = sys_openat(AT_FDCWD, path, O_RDONLY, 0);
	return fd < 0 ? err_sys(e, fd, "open %s", path) : fd;
}

static int make_plan(struct change *c, size_t index, struct plan_builder *b)
{
	const struct oci_namespace *ns = c->spec.linux_->namespaces;
	const struct rootfs_request r = {
		.spec = &c->spec,
		.bundle_fd = c->bundle,
		.rootfs = c->found.record.rootfs,
		.new_userns = c->userns && !ns[OCI_NS_USER].path,
		.in_userns = c->ctx->rootless,
		.userns = mount_userns,
		.userns_user = c, /* only read */
		.joined_mount_ns = true,
		.running = true,
		.privileged = !c->ctx->rootless,
		.has_cgroup_ns = ns[OCI_NS_CGROUP].listed,
		.cgroup_dir = c->found.record.cgroup,
		.mount_label = lsm_mount_label(c->spec.linux_, "/sys"),
		.mount_context_type = c->config.annotations.mount_context_type,
	};
	int n = plan_enter(c, &c->mounts->v[index], b);

	if (n == 0 && c->remove)
		n = rootfs_plan_unmount(b, &r, index, &c->arena, c->e);
	else if (n == 0)
		n = rootfs_plan_running(b, &r, index, &c->arena, c->e);
	if (n < 0)
		return n;
	plan_add(b, PLAN_READY, NULL)->num[0] = 3;
	plan_add(b, PLAN_EXIT, NULL);
	return 0;
}

/* --- the ladder --------------------------------------------------------------- */

static int on_ready(void *user, struct err *e)
{
	struct change *c = user;

	return ladder_step(&c->ladder, LADDER_START, e);
}

static void on_done(void *user, int r, struct err *e)
{
	struct change *c = user;

	c->result = r;
	if (r < 0)
		*c->e = *e;
	ev_stop(&c->ev);
}

static const struct ladder_ops change_ops = {
	.ready = on_ready,
	.done = on_done,
};

static int execute(struct change *c, struct plan_builder *b)
{
	struct spawn_args args = { .rootfd = c->rootfd };
	sigset_t mask;
	int r;

	c->ladder = (struct ladder)LADDER_NONE;
	c->ladder.ev = &c->ev;
	c->ladder.ops = &change_ops;
	c->ladder.user = c;
	ev_signal_mask(&c->ev, &mask);
	args.mask = &mask;
	r = ladder_spawn(&c->ladder, &args, c->e);
	if (r == 0)
		r = ladder_send_plan(&c->ladder, b, c->e);
	if (r < 0) {
		ladder_abort(&c->ladder);
		return r;
	}
	r = ev_run(&c->ev, c->e);
	if (r == 0)
		r = c->result;
	if (r == 0)
		while (waitid(P_PIDFD, (id_t)c->ladder.pidfd,
			      &(siginfo_t){ 0 }, WEXITED) < 0 && errno == EINTR)
			;
	ladder_close(&c->ladder);
	return r;
}

static int change_one(struct change *c, size_t index)
{
	struct plan_builder b;
	int r;

	plan_builder_init(&b);
	r = make_plan(c, index, &b);
	if (r == 0)
		r = execute(c, &b);
	plan_builder_done(&b);
	return r;
}

/* --- all of them --------------------------------------------------------------- */

static int remove_before(struct change *c, size_t n)
{
	c->remove = true;
	while (n > 0) {
		int r = change_one(c, --n);

		if (r < 0)
			return r;
	}
	return 0;
}

/* What has been added is not to stay when the rest cannot be; the first failure
 * is the one to hear of. */
static void undo(struct change *c, size_t n)
{
	struct err *first = c->e, e = { 0 };

	c->e = &e;
	(void)remove_before(c, n);
	c->e = first;
}

static int add_all(struct change *c)
{
	for (size_t i = 0; i < c->mounts->n; i++) {
		int r = change_one(c, i);

		if (r < 0) {
			undo(c, i);
			return r;
		}
	}
	return 0;
}

static int change_mounts(struct change *c, const char *id)
{
	int r = find_container(c, id);

	if (r < 0)
		return r;
	return c->remove ? remove_before(c, c->mounts->n) : add_all(c);
}

static int with_change(struct change *c, const char *id)
{
	int r;

	c->found = (struct found)FOUND_NONE;
	c->config = (struct config)CONFIG_NONE;
	c->rootfd = c->bundle = -1;
	ev_init(&c->ev);
	r = change_mounts(c, id);
	ev_done(&c->ev);
	fd_close(&c->bundle);
	fd_close(&c->rootfd);
	config_done(&c->config);
	found_done(&c->found);
	arena_free(&c->arena);
	return r;
}

int container_mounts_add(const struct context *ctx, const char *id,
			 const struct oci_mount_list *mounts, struct err *e)
{
	struct change c = { .ctx = ctx, .mounts = mounts, .e = e };

	return with_change(&c, id);
}

int container_mounts_remove(const struct context *ctx, const char *id,
			    const struct oci_mount_list *mounts, struct err *e)
{
	struct change c = { .ctx = ctx, .mounts = mounts, .remove = true,
			    .e = e };

	return with_change(&c, id);
}
