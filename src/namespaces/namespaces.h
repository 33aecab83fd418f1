/* SPDX-License-Identifier: Apache-2.0 */
/*
 * namespaces/namespaces.h - what to clone, unshare and join, and in which order.
 *
 * The order, and why (namespaces(7), user_namespaces(7), pid_namespaces(7)):
 *  - without a user namespace of its own everything that is created is created
 *    by clone3 itself, except for the network namespace, which may come late
 *    (ns_plan_late), the cgroup namespace, whose root is the cgroup of the
 *    caller at that moment and so has to wait until the process is in its own,
 *    and the time namespace, which only children enter;
 *  - joins come before a new user namespace, while the privileges over the
 *    other namespaces' owners are still there; a joined user namespace is
 *    joined last, and what is created then belongs to it; but a caller without
 *    privileges joins it first, since only there it has any;
 *  - the namespaces of a new user namespace are unshared after the id maps
 *    are written, by its root: kernel objects made with them (mqueue's root,
 *    for one) then belong to a mapped id;
 *  - a pid namespace that is joined or unshared, and every time namespace, take
 *    another fork.
 */
#ifndef NAMESPACES_NAMESPACES_H
#define NAMESPACES_NAMESPACES_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "namespaces/idmap.h"
#include "oci/spec.h"
#include "util/err.h"

struct plan_builder;

/* Who makes the namespaces. */
struct ns_caller {
	uint32_t uid, gid; /* effective */
	bool privileged;   /* CAP_SYS_ADMIN, CAP_SETUID and CAP_SETGID in the
			    * user namespace that it is in */
};

struct ns_plan {
	uint64_t created;      /* CLONE_NEW* of the namespaces that are new */
	uint64_t joined;       /* CLONE_NEW* of those joined by path */
	uint64_t clone_flags;  /* those that clone3 creates */
	bool late;	       /* the network's is made by ns_make_network */
	bool maps;	       /* the runtime writes id maps (LADDER_USERNS) */
	bool forks;	       /* a sibling goes on (LADDER_FORKED) */
	bool unprivileged;     /* the caller's ns_caller.privileged was false */
	enum ns_map_way uid_way, gid_way; /* where it writes them */
	uint32_t root_uid, root_gid; /* what berth-init becomes in them */
	char time_offsets[112];	     /* for timens_offsets; "": none */
	int join_fd[OCI_NS_COUNT];   /* owned; -1: not joined */
};

#define auto_ns_plan __attribute__((cleanup(ns_plan_done))) struct ns_plan

/**
 * ns_plan_make - decide, and open the namespaces to join
 * @caller:	needed only for the time of the call
 * @ret:	owned by the caller (ns_plan_done)
 *
 * Return: 0; -EINVAL when a path is no namespace or one of another kind,
 *	   -errno of open, both with "linux.namespaces: network: …".
 */
int ns_plan_make(const struct oci_linux *l, const struct ns_caller *caller,
		 struct ns_plan *ret, struct err *e);

void ns_plan_done(struct ns_plan *p);

/* ns_plan_emit - the plan's operations up to, and without, the mounts; hands
 * the join fds over to the builder. */
void ns_plan_emit(struct ns_plan *p, struct plan_builder *b);

/**
 * ns_plan_late - leave the network namespace to ns_make_network
 *
 * It is the dearest of all: three quarters of a clone3 that creates them.  Two
 * processors make it while the process is born and mounts, if the caller
 * does.  Only where clone3 would have made it: p->late says so.
 */
void ns_plan_late(struct ns_plan *p);

/**
 * ns_make_network - a network namespace of the caller's user namespace
 *
 * The caller, which must have no other thread, is in it for a moment.
 *
 * Return: an fd of it, owned by the caller; -errno with a text.
 */
int ns_make_network(struct err *e);

/* ns_plan_has - whether the container has a @kind that is not the runtime's. */
bool ns_plan_has(const struct ns_plan *p, enum oci_ns kind);

/* The name in the specification ("network") and the CLONE_NEW* flag. */
const char *ns_name(enum oci_ns kind);
uint64_t ns_flag(enum oci_ns kind);

/**
 * ns_is_callers - whether the namespace at @path is the caller's own of @kind
 *
 * Return: 1, 0, or -errno of stat(2).
 */
int ns_is_callers(enum oci_ns kind, const char *path);

#endif
