/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/weak.h - defences that a test build leaves out.
 *
 * An attack in tests/security shows something only if it works where berth does
 * not defend itself.  `make WEAK=IN_ROOT O=build/weak-IN_ROOT` builds a berth
 * without the defence of that name, and `make check-weak` one after the other
 * for all of them, each to be defeated by the cases with its tag.
 *
 * In any other build weak() is the constant false: the compiler leaves nothing
 * of it, which tests/lint/check-weak holds against the objects.
 */
#ifndef UTIL_WEAK_H
#define UTIL_WEAK_H

#include <stdbool.h>

enum defence {
	DEFENCE_NONE,

	/* berth-init: paths inside the root */
	DEFENCE_IN_ROOT,	 /* links end inside the root */
	DEFENCE_BY_FD,		 /* what was looked at is what is used */
	DEFENCE_COPYUP_NOFOLLOW, /* tmpcopyup copies no link's target */
	DEFENCE_DEVICE_CHECK,	 /* a node of the image's is what it should be */
	DEFENCE_CONSOLE_NOFOLLOW, /* /dev/console is made, no link followed */
	DEFENCE_CONSOLE_BY_FD,	 /* what is bound there is no path */
	DEFENCE_HOST_NULL,	 /* masks are made of the host's /dev/null */
	DEFENCE_OWN_PROC,	 /* sysctls go to a procfs that is one */
	DEFENCE_PASSWD_FILE,	 /* only a file is read as /etc/passwd */
	DEFENCE_CWD_INSIDE,	 /* the working directory is inside the root */

	/* berth-init: the process */
	DEFENCE_DUMPABLE,	 /* nobody looks into it before execve */
	DEFENCE_CLOSE_FDS,	 /* the program gets no fd by accident */
	DEFENCE_SETSID,		 /* nor the caller's terminal */
	DEFENCE_NULL_OWNER,	 /* the host's /dev/null keeps its owner */

	/* berth */
	DEFENCE_INIT_IMAGE,	 /* berth-init cannot be written to */
	DEFENCE_INIT_FILE,	 /* its file is as berth wrote it */
	DEFENCE_PROC_NOFOLLOW,	 /* no link is /proc or /sys */
	DEFENCE_CGROUP_READONLY, /* nor the host's cgroups writable */
	DEFENCE_CGROUP_PATH,	 /* no ".." in cgroupsPath */
	DEFENCE_SYSCTL_SCOPE,	 /* sysctls of the container's namespaces only */
	DEFENCE_SYSCTL_NAME,	 /* and no way out in their names */
	DEFENCE_ID_RANGE,	 /* 4294967296 is not 0 */
	DEFENCE_ID_NAME,	 /* an id is no path */
	DEFENCE_CAPS_INHERITABLE, /* exec --cap gives nothing to inherit */
	DEFENCE_PLAIN_TEXT,	 /* errors obey no control characters */
};

/* weak - whether this is a test build without the defence @d. */
static inline bool weak(enum defence d)
{
#ifdef BERTH_WEAK
	return d == BERTH_WEAK;
#else
	(void)d;
	return false;
#endif
}

#endif
