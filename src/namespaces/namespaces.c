/* SPDX-License-Identifier: Apache-2.0 */
#include "namespaces/namespaces.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <linux/nsfs.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/stat.h>
#include <unistd.h>

#include "util/auto.h"
#include "util/sys.h"
#include "wire/plan.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

struct ns_kind {
	char name[8];
	uint32_t flag;
	char file[8]; /* of /proc/PID/ns */
};

static const struct ns_kind kinds[OCI_NS_COUNT] = {
	[OCI_NS_USER] = { "user", CLONE_NEWUSER, "user" },
	[OCI_NS_PID] = { "pid", CLONE_NEWPID, "pid" },
	[OCI_NS_NETWORK] = { "network", CLONE_NEWNET, "net" },
	[OCI_NS_MOUNT] = { "mount", CLONE_NEWNS, "mnt" },
	[OCI_NS_IPC] = { "ipc", CLONE_NEWIPC, "ipc" },
	[OCI_NS_UTS] = { "uts", CLONE_NEWUTS, "uts" },
	[OCI_NS_CGROUP] = { "cgroup", CLONE_NEWCGROUP, "cgroup" },
	[OCI_NS_TIME] = { "time", CLONE_NEWTIME, "time" },
};

/* The mount namespace follows the others: joining it changes "/" and so what
 * a failure there would still be able to name. */
static const unsigned char join_order[] = {
	OCI_NS_NETWORK, OCI_NS_IPC, OCI_NS_UTS, OCI_NS_CGROUP,
	OCI_NS_TIME,	OCI_NS_PID, OCI_NS_MOUNT,
};

const char *ns_name(enum oci_ns kind)
{
	return kinds[kind].name;
}

uint64_t ns_flag(enum oci_ns kind)
{
	return kinds[kind].flag;
}

bool ns_plan_has(const struct ns_plan *p, enum oci_ns kind)
{
	return (p->created | p->joined) & ns_flag(kind);
}

static int open_namespace(enum oci_ns kind, const char *path, struct err *e)
{
	auto_fd fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
	int type;

	if (fd < 0)
		return err_sys(e, errno, "linux.namespaces: %s: open %s",
			       ns_name(kind), path);
	type = ioctl(fd, NS_GET_NSTYPE);
	if (type < 0)
		return err_set(e, EINVAL, "linux.namespaces: %s: %s is not a "
			       "namespace", ns_name(kind), path);
	if ((uint32_t)type != kinds[kind].flag)
		return err_set(e, EINVAL, "linux.namespaces: %s: %s is a namespace "
			       "of another kind", ns_name(kind), path);
	return fd_take(&fd);
}

/* The first mapped id, 0 if that is one: berth-init needs to be somebody. */
static uint32_t root_id(const struct oci_id_mappings *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (m->v[i].container_id == 0)
			return 0;
	return m->n ? m->v[0].container_id : 0;
}

int ns_is_callers(enum oci_ns kind, const char *path)
{
	char own[32];
	struct stat a, b;

	snprintf(own, sizeof(own), "/proc/self/ns/%s", kinds[kind].file);
	if (stat(own, &a) < 0 || stat(path, &b) < 0)
		return -errno;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

/* Source: time_namespaces(7), "/proc/PID/timens_offsets". */
static void put_offset(char *text, size_t size, const char *clock,
		       const struct oci_time_offset *o)
{
	size_t len = strlen(text);

	if (o)
		snprintf(text + len, size - len, "%s %" PRIi64 " %u\n", clock,
			 o->secs.set ? o->secs.v : 0, o->nanosecs);
}

int ns_plan_make(const struct oci_linux *l, const struct ns_caller *caller,
		 struct ns_plan *ret, struct err *e)
{
	auto_ns_plan p = { .unprivileged = !caller->privileged };

	for (int k = 0; k < OCI_NS_COUNT; k++)
		p.join_fd[k] = -1;
	for (unsigned int k = 0; k < OCI_NS_COUNT; k++) {
		const struct oci_namespace *n = &l->namespaces[k];

		if (!n->listed)
			continue;
		if (!n->path) {
			p.created |= kinds[k].flag;
			continue;
		}
		p.join_fd[k] = open_namespace(k, n->path, e);
		if (p.join_fd[k] < 0)
			return p.join_fd[k];
		p.joined |= kinds[k].flag;
	}
	if ((p.joined & CLONE_NEWUSER) &&
	    (l->uid_mappings.n || l->gid_mappings.n)) {
		int r = ns_check_joined(p.join_fd[OCI_NS_USER], &l->uid_mappings,
					&l->gid_mappings, e);

		if (r < 0)
			return r;
	}
	p.maps = p.created & CLONE_NEWUSER;
	if (!((p.created | p.joined) & CLONE_NEWUSER))
		p.clone_flags = p.created &
				~(uint64_t)(CLONE_NEWCGROUP | CLONE_NEWTIME);
	/* The first process of a pid namespace must not have siblings made, so
	 * it has to be the one that the fork makes. */
	if ((p.created | p.joined) & CLONE_NEWTIME)
		p.clone_flags &= ~(uint64_t)CLONE_NEWPID;
	p.forks = ((p.created & ~p.clone_flags) & CLONE_NEWPID) ||
		  (p.joined & CLONE_NEWPID) ||
		  ((p.created | p.joined) & CLONE_NEWTIME);
	put_offset(p.time_offsets, sizeof(p.time_offsets), "monotonic",
		   l->time_monotonic);
	put_offset(p.time_offsets, sizeof(p.time_offsets), "boottime",
		   l->time_boottime);
	p.uid_way = ns_map_way(&l->uid_mappings, caller->uid, caller->privileged);
	p.gid_way = ns_map_way(&l->gid_mappings, caller->gid, caller->privileged);
	p.root_uid = root_id(&l->uid_mappings);
	p.root_gid = root_id(&l->gid_mappings);
	*ret = p;
	for (int k = 0; k < OCI_NS_COUNT; k++)
		p.join_fd[k] = -1;
	return 0;
}

void ns_plan_done(struct ns_plan *p)
{
	for (int k = 0; k < OCI_NS_COUNT; k++)
		fd_close(&p->join_fd[k]);
}

/* --- the network namespace, late ---------------------------------------------- */

void ns_plan_late(struct ns_plan *p)
{
	p->late = p->clone_flags & CLONE_NEWNET;
	p->clone_flags &= ~(uint64_t)CLONE_NEWNET;
}

static int network_error(int r, struct err *e)
{
	return err_sys(e, r, "linux.namespaces: network: create it%s",
		       r == -ENOSPC ? " (the sysctl user.max_net_namespaces says "
				      "how many there may be)" : "");
}

int ns_make_network(struct err *e)
{
	static const char path[] = "/proc/self/ns/net";
	auto_fd own = sys_openat(AT_FDCWD, path, O_RDONLY, 0), fd = -EBADF;
	int r = own < 0 ? own : sys_unshare(CLONE_NEWNET);

	if (r < 0)
		return network_error(r, e);
	fd = sys_openat(AT_FDCWD, path, O_RDONLY, 0);
	r = sys_setns(own, CLONE_NEWNET);
	if (r < 0)
		return err_sys(e, r, "return to berth's own network namespace");
	return fd < 0 ? network_error(fd, e) : fd_take(&fd);
}

/* --- operations ---------------------------------------------------------------- */

static void emit_join(struct ns_plan *p, struct plan_builder *b,
		      enum oci_ns kind)
{
	struct plan_op *op;

	if (p->join_fd[kind] < 0)
		return;
	op = plan_add(b, PLAN_NS_JOIN, "linux.namespaces: %s", ns_name(kind));
	op->fd[0] = plan_fd(b, fd_take(&p->join_fd[kind]));
	op->num[0] = ns_flag(kind);
	/* What is mounted and made for the container belongs to its root. */
	op->num[1] = kind == OCI_NS_USER;
}

static void emit_unshare(struct plan_builder *b, uint64_t flags)
{
	if (flags)
		plan_add(b, PLAN_NS_UNSHARE, "linux.namespaces")->num[0] = flags;
}

void ns_plan_emit(struct ns_plan *p, struct plan_builder *b)
{
	/* What clone3 has not created yet. */
	uint64_t rest = p->created & ~p->clone_flags & ~(uint64_t)CLONE_NEWUSER;
	uint64_t by_fork = rest & CLONE_NEWPID;

	if (p->late)
		rest &= ~(uint64_t)CLONE_NEWNET;

	if (p->unprivileged)
		emit_join(p, b, OCI_NS_USER);
	for (size_t i = 0; i < ARRAY_LEN(join_order); i++)
		emit_join(p, b, (enum oci_ns)join_order[i]);
	emit_join(p, b, OCI_NS_USER);
	if (p->maps) {
		struct plan_op *op;

		emit_unshare(b, CLONE_NEWUSER);
		op = plan_add(b, PLAN_NS_MAP, "linux.uidMappings");
		op->num[0] = p->root_uid;
		op->num[1] = p->root_gid;
		op->num[2] = p->unprivileged;
	}
	emit_unshare(b, rest & ~by_fork);
	/* Before the first process is in it. */
	if ((rest & CLONE_NEWTIME) && p->time_offsets[0])
		plan_add(b, PLAN_TIME_OFFSETS, "linux.timeOffsets")->str[0] =
			plan_str(b, p->time_offsets);
	if (p->forks)
		plan_add(b, PLAN_FORK, "linux.namespaces")->num[0] = by_fork;
}
