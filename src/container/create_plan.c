/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <sched.h>
#include <string.h>

#include "container/config.h"
#include "container/container.h"
#include "container/plan.h"
#include "container/record.h"
#include "container/rootless.h"
#include "container/state_json.h"
#include "namespaces/namespaces.h"
#include "oci/spec.h"
#include "oci/sysctl.h"
#include "rootfs/rootfs.h"
#include "security/lsm.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/notify.h"
#include "util/sys.h"
#include "util/weak.h"
#include "wire/plan.h"

static int hooks_for(const struct create_request *r,
		     enum container_status status, struct arena *a,
		     struct plan_hooks *h)
{
	h->state = hook_state_for_plan(r->record, status, a, &h->pid_at);
	return h->state ? 0 : -ENOMEM;
}

static void plan_names(struct plan_builder *b, const struct oci_spec *s)
{
	if (s->hostname)
		plan_add(b, PLAN_HOSTNAME, "hostname")->str[0] =
			plan_str(b, s->hostname);
	if (s->domainname)
		plan_add(b, PLAN_DOMAINNAME, "domainname")->str[0] =
			plan_str(b, s->domainname);
}

static void plan_sysctls(struct plan_builder *b, const struct oci_map *m)
{
	for (size_t i = 0; i < m->n; i++) {
		char name[256];
		struct plan_op *op;

		/* The same reading that was checked. */
		if (oci_sysctl_path(m->v[i].key, name, sizeof(name)) < 0) {
			b->failed = EINVAL;
			return;
		}
		op = plan_add(b, PLAN_SYSCTL, "linux.sysctl.%s", m->v[i].key);
		op->str[0] = plan_str(b, name);
		op->str[1] = plan_str(b, m->v[i].value);
	}
}

/* Whatever runs on the host's side between the namespaces and the mounts. */
static bool needs_host_step(const struct oci_spec *s)
{
	return s->hooks.prestart.n || s->hooks.create_runtime.n ||
	       s->linux_->n_net_devices;
}

static int plan_notify(struct plan_builder *b, const struct create_request *r,
		       struct err *e)
{
	struct plan_op *op;
	int fd = -1;

	if (!r->notify_dir)
		return 0;
	if (!r->ctx->rootless) {
		fd = sys_open_tree(AT_FDCWD, r->notify_dir, OPEN_TREE_CLONE);
		if (fd < 0)
			return err_sys(e, fd, "NOTIFY_SOCKET: open %s",
				       r->notify_dir);
	}
	op = plan_add(b, PLAN_MOUNT_TREE, "NOTIFY_SOCKET: " NOTIFY_DIR);
	if (fd >= 0)
		op->fd[0] = plan_fd(b, fd);
	else
		op->str[0] = plan_str(b, r->notify_dir);
	op->str[3] = plan_str(b, NOTIFY_DIR);
	/* A message may be sent to a socket on a read-only mount, while nobody
	 * inside can put another one in its place. */
	op->num[0] = MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
		     MOUNT_ATTR_NOEXEC;
	/* Else it stays a peer of the host's mount. */
	op->num[2] = MS_PRIVATE;
	return 0;
}

/* Whether options of a mount may be paths, which are the bundle's if relative:
 * the mounts of an ordinary container's are not. */
static bool has_paths_in_options(const struct oci_spec *s)
{
	static const char *const without[] = {
		"bind", "proc", "tmpfs", "devpts", "mqueue", "sysfs", "cgroup",
		"cgroup2",
	};
	size_t k;

	for (size_t i = 0; i < s->n_mounts; i++) {
		const char *type = s->mounts[i].type;

		for (k = 0; type && k < ARRAY_LEN(without); k++)
			if (strcmp(type, without[k]) == 0)
				break;
		if (type && k == ARRAY_LEN(without))
			return true;
	}
	return false;
}

/* For id-mapped mounts.  The container's own user namespace is not there yet, but
 * one with the same maps does as well. */
static int mount_userns(void *user, const struct oci_id_mappings *uids,
			const struct oci_id_mappings *gids, struct err *e)
{
	const struct create_request *r = user;
	const struct oci_linux *l = r->config->spec->linux_;
	const char *path = l->namespaces[OCI_NS_USER].path;
	int fd;

	if (uids)
		return ns_userns_fd(uids, gids, e);
	if (!path)
		return ns_userns_fd(&l->uid_mappings, &l->gid_mappings, e);
	fd = sys_openat(AT_FDCWD, path, O_RDONLY, 0);
	return fd < 0 ? err_sys(e, fd, "open %s", path) : fd;
}

static int plan_root(struct plan_builder *b, const struct create_request *r,
		     struct arena *a, struct err *e)
{
	const struct oci_spec *s = r->config->spec;
	struct rootfs_request root = {
		.spec = s,
		.bundle_fd = r->config->bundle_fd,
		.rootfs = r->config->rootfs,
		.new_userns = r->ns->created & CLONE_NEWUSER,
		.joined_mount_ns = r->ns->joined & CLONE_NEWNS,
		.privileged = !r->ctx->rootless,
		.in_userns = r->ctx->rootless,
		.no_pivot = r->o->no_pivot,
		.has_cgroup_ns = ns_plan_has(r->ns, OCI_NS_CGROUP),
		.cgroup_dir = r->record->cgroup,
		.userns = mount_userns,
		.userns_user = (void *)(uintptr_t)r,
		.mount_label = lsm_mount_label(s->linux_, "/sys"),
		.mount_context_type = r->config->annotations.mount_context_type,
	};
	struct plan_hooks hooks = { .list = &s->hooks.create_container,
				    .name = "createContainer",
				    .out = r->hooks_out, .err = r->hooks_err };
	int n;

	if (!ns_plan_has(r->ns, OCI_NS_MOUNT))
		return err_set(e, EINVAL, "linux.namespaces: a mount namespace is "
			       "needed, created or joined by path");
	if (has_paths_in_options(s))
		plan_add(b, PLAN_CWD, NULL)->str[0] =
			plan_str(b, r->config->bundle);
	n = rootless_gids(r->ctx, s->linux_, root.new_userns, a, &root.gids, e);
	if (n == 0)
		n = rootfs_plan_mounts(b, &root, a, e);
	if (n == 0)
		n = plan_notify(b, r, e);
	if (n < 0)
		return n;
	if (s->hooks.create_container.n) {
		if (hooks_for(r, STATUS_CREATING, a, &hooks) < 0)
			return err_set(e, ENOMEM, "hooks: out of memory");
		plan_add(b, PLAN_CWD, NULL)->str[0] =
			plan_str(b, r->config->bundle);
		process_plan_hooks(b, &hooks);
	}
	return rootfs_plan_finish(b, &root, a, e);
}

static void plan_namespaces(struct plan_builder *b,
			    const struct create_request *r,
			    const struct lsm *lsm)
{
	/* Modes of what is made in the root are exact; the process's own umask
	 * comes at the end. */
	plan_add(b, PLAN_UMASK, NULL);
	ns_plan_emit(r->ns, b);
	/* Where that forked, whoever it forked leads no session yet. */
	plan_add(b, PLAN_SETSID, NULL);
	if (!r->o->no_new_keyring) {
		lsm_plan_keyring(b, lsm);
		process_plan_keyring(b, r->record,
				     ns_plan_has(r->ns, OCI_NS_USER)
					     ? KEYRING_OF_USERNS
					     : KEYRING_OF_HOST);
	}
	if (needs_host_step(r->config->spec))
		plan_add(b, PLAN_HOST_STEP, NULL);
}

/* The container learns where its own notification socket is. */
static int with_notify(const struct oci_process *p, struct arena *a,
		       struct oci_process *ret)
{
	*ret = *p;
	ret->env.v = arena_array(a, p->env.n + 2, sizeof(*ret->env.v));
	if (!ret->env.v)
		return -ENOMEM;
	if (p->env.n)
		memcpy(ret->env.v, p->env.v, p->env.n * sizeof(*ret->env.v));
	ret->env.v[ret->env.n++] = arena_strdup(a, "NOTIFY_SOCKET=" NOTIFY_SOCKET);
	return ret->env.v[ret->env.n - 1] ? 0 : -ENOMEM;
}

/* --- the network namespace, when it comes late -------------------------------- */

/* Filesystems that are the same in every network namespace. */
static bool is_of_no_network(const char *type)
{
	static const char *const types[] = { "proc", "tmpfs", "devpts", "mqueue" };

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

/* Whether an operation does the same wherever the network is; whoever is not
 * named here comes after it. */
static bool goes_first(const struct plan_builder *b, const struct plan_op *op)
{
	switch (op->code) {
	case PLAN_SIGNALS:
	case PLAN_UMASK:
	case PLAN_OOM_SCORE:
	case PLAN_RLIMIT:
	case PLAN_SETSID:
	case PLAN_KEYRING:
	case PLAN_HOSTNAME:
	case PLAN_DOMAINNAME:
	case PLAN_PROPAGATION:
	case PLAN_ROOT:
		return true;
	case PLAN_NS_UNSHARE:
		return op->num[0] == CLONE_NEWCGROUP;
	case PLAN_MOUNT_FS:
		return is_of_no_network((const char *)b->data + op->str[0]);
	default:
		return false;
	}
}

/* Not before it is needed: it is being made. */
static void plan_network(struct plan_builder *b)
{
	size_t at = 0;

	while (!b->failed && at < b->n_ops && goes_first(b, &b->ops[at]))
		at++;
	plan_join_late(b, at, CLONE_NEWNET, "linux.namespaces: network");
}

/* --- all of it ----------------------------------------------------------------- */

int create_plan(struct plan_builder *b, const struct create_request *r,
		struct arena *a, struct err *e)
{
	const struct oci_spec *s = r->config->spec;
	struct oci_process process = *s->process;
	struct lsm lsm = LSM_NONE;
	struct process_request p = {
		.process = &process,
		.linux_ = s->linux_,
		.lsm = &lsm,
		.seccomp = r->seccomp,
		.all_caps = ns_plan_has(r->ns, OCI_NS_USER),
		.keep_groups = r->config->annotations.keep_original_groups,
		.try_groups = r->ctx->rootless || ns_plan_has(r->ns, OCI_NS_USER),
		.rootless = r->ctx->rootless,
		.preserve_fds = r->o->preserve_fds,
		.socket = r->socket,
		.log = r->ctx->log,
	};
	struct plan_hooks hooks = { .list = &s->hooks.start_container,
				    .name = "startContainer",
				    .out = r->hooks_out, .err = r->hooks_err };
	int n = lsm_prepare(b, s->process, "/sys", &lsm, e);

	if (r->notify_dir && with_notify(s->process, a, &process) < 0)
		return err_set(e, ENOMEM, "process.env: out of memory");
	if (n == 0 && s->hooks.start_container.n) {
		p.start_hooks = &hooks;
		if (hooks_for(r, STATUS_CREATED, a, &hooks) < 0)
			n = err_set(e, ENOMEM, "hooks: out of memory");
	}
	if (n == 0)
		n = process_plan_early(b, &p, e);
	if (n < 0)
		return n;
	plan_namespaces(b, r, &lsm);
	plan_names(b, s);
	if (!weak(DEFENCE_OWN_PROC))
		plan_sysctls(b, &s->linux_->sysctl);
	n = plan_root(b, r, a, e);
	if (weak(DEFENCE_OWN_PROC))
		plan_sysctls(b, &s->linux_->sysctl);
	if (n == 0)
		n = process_plan(b, &p, a, e);
	if (n == 0 && r->ns->late)
		plan_network(b);
	return n;
}
