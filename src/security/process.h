/* SPDX-License-Identifier: Apache-2.0 */
/*
 * security/process.h - what makes a process the container's own, as operations
 * of the start plan.  Each function emits one kind; container/ decides the
 * order.  The order that works, and why:
 *
 *	security_plan_rlimits_raise	before a user namespace is made or joined:
 *					a hard limit above the present one needs
 *					CAP_SYS_RESOURCE of the initial one
 *	(namespaces, root, PLAN_READY)
 *	startContainer hooks, PLAN_FIND
 *	personality_plan, memory_policy_plan
 *	security_plan_cap_bound		needs CAP_SETPCAP, which the next step loses
 *	security_plan_user		needs CAP_SETUID and CAP_SETGID
 *	PLAN_UMASK, PLAN_CHDIR
 *	lsm_plan_exec			after the hooks, which are not to have the
 *					labels; it needs no privilege
 *	security_plan_caps
 *	PLAN_NO_NEW_PRIVS		if the configuration asks for it
 *	PLAN_ARGS			as the user: the image names the files
 *	security_plan_rlimits		after all that opens a file or takes memory;
 *					none is above the present hard limit any
 *					more, so it needs no privilege
 *	PLAN_CLOSE_FDS
 *	security_plan_seccomp
 *	PLAN_EXEC
 *
 * The filter comes last whatever the configuration, so that a profile has to
 * allow execve and nothing that only berth needs; whatever else PLAN_EXEC takes
 * (the passwd file for HOME, memory for the arguments) has to be there before.
 * Installing a filter takes no_new_privs or an effective CAP_SYS_ADMIN.  With
 * no_new_privs the capabilities are final before it.  Without, CAP_SYS_ADMIN
 * stays permitted and effective up to execve, which computes both sets anew
 * from the bounding, inheritable and ambient sets and the file
 * (capabilities(7), "Transformation of capabilities during execve()"): the
 * program gets exactly what it would have got.  Under no_new_privs execve does
 * limit the new permitted set to the old one, so there the extra capability is
 * never left.
 */
#ifndef SECURITY_PROCESS_H
#define SECURITY_PROCESS_H

#include <stdbool.h>

struct cap_sets;
struct err;
struct oci_user;
struct plan_builder;
struct rlimit_list;
struct seccomp_program;

/**
 * security_plan_rlimits_raise - hard limits that are above the runtime's own
 *
 * Soft limits stay as they are.  Nothing to emit without a user namespace.
 *
 * Return: 0, or -errno of getrlimit(2).
 */
int security_plan_rlimits_raise(struct plan_builder *b,
				const struct rlimit_list *l, struct err *e);

/* security_plan_rlimits - all limits at their final values. */
void security_plan_rlimits(struct plan_builder *b, const struct rlimit_list *l);

/* security_plan_cap_bound - drop what is not in the bounding set. */
void security_plan_cap_bound(struct plan_builder *b, const struct cap_sets *s);

/* The additional groups of a process. */
enum user_groups {
	GROUPS_SET,  /* those asked for and no others */
	GROUPS_TRY,  /* the same, but none asked for means those that are there
		      * where setgroups(2) is denied in the user namespace */
	GROUPS_KEEP, /* those that are there */
};

/**
 * security_plan_user - uid, gid and groups
 *
 * Permitted capabilities are kept; security_plan_caps must follow.
 *
 * Return: 0, -EINVAL: an id is 4294967295; @e has the path.
 */
int security_plan_user(struct plan_builder *b, const struct oci_user *u,
		       enum user_groups groups, struct err *e);

/**
 * security_plan_caps - the other four sets
 * @filter_follows: a filter is installed afterwards without no_new_privs:
 *		CAP_SYS_ADMIN stays permitted and effective until execve
 */
void security_plan_caps(struct plan_builder *b, const struct cap_sets *s,
			bool filter_follows);

/* security_plan_seccomp - install @p; copies the filter into the plan. */
void security_plan_seccomp(struct plan_builder *b,
			   const struct seccomp_program *p);

#endif
