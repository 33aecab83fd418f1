/* SPDX-License-Identifier: Apache-2.0 */
/*
 * security/lsm.h - AppArmor profiles and SELinux labels as operations of the
 * start plan.
 *
 * A label is a text written to a file of /proc/thread-self/attr, and takes
 * effect at execve.  Where that file really is decides over the confinement of
 * the whole container, and in the container's root anything may lie over /proc
 * (CVE-2019-16884, CVE-2025-52881).  So the runtime hands berth-init a procfs
 * of its own, attached nowhere, which PLAN_LSM_EXEC does not leave.
 */
#ifndef SECURITY_LSM_H
#define SECURITY_LSM_H

#include <stdbool.h>

#include "util/err.h"

struct oci_linux;
struct oci_process;
struct plan_builder;

struct lsm {
	const char *apparmor, *selinux; /* borrowed; NULL: leave it as it is */
	int procfs; /* slot of the plan, PLAN_NO_FD: nothing to be written */
};

#define LSM_NONE { .procfs = -1 }

/* Whether the kernel enforces with it.  @sys: "/sys"; tests have their own. */
bool lsm_has_apparmor(const char *sys);
bool lsm_has_selinux(const char *sys);

/**
 * lsm_prepare - what is to be written, and the procfs for it
 * @p:	process.apparmorProfile and process.selinuxLabel; empty is the same as
 *	absent, and "unconfined" where there is no AppArmor is, too
 * @b:	owns the procfs
 *
 * Return: 0; -EINVAL: a profile or label that this host cannot enforce, for to
 *	   run without would be to run unconfined; -errno.  @e begins with the
 *	   path.
 */
int lsm_prepare(struct plan_builder *b, const struct oci_process *p,
		const char *sys, struct lsm *ret, struct err *e);

/* lsm_mount_label - linux.mountLabel where there is somebody to look at it, or
 * NULL. */
const char *lsm_mount_label(const struct oci_linux *l, const char *sys);

/* lsm_plan_exec - the labels of the program that PLAN_EXEC runs.  Any time after
 * the last fork, which would hand them on; no privilege is needed. */
void lsm_plan_exec(struct plan_builder *b, const struct lsm *l);

/* lsm_plan_keyring - the label of keys that are made from here to execve, for
 * the session keyring that PLAN_KEYRING makes next. */
void lsm_plan_keyring(struct plan_builder *b, const struct lsm *l);

#endif
