/* SPDX-License-Identifier: Apache-2.0 */
/*
 * resctrl/resctrl.h - cache and memory bandwidth for a container:
 * linux.intelRdt, in the files of a mounted resctrl file system.
 *
 * A control group (a directory, a "class of service") has a schemata file that
 * says what its tasks may use; a monitoring group below it counts for some of
 * them.  Processes are put in by their number and hand both on to what they
 * fork.  Which group, who makes it and who removes it, is decided by
 * resctrl_choose, before anything is made, so that it can be written down.
 *
 * Source: config-linux.md "IntelRdt", Documentation/arch/x86/resctrl.rst.
 */
#ifndef RESCTRL_RESCTRL_H
#define RESCTRL_RESCTRL_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/err.h"

struct arena;
struct oci_intel_rdt;

/* Where a container is; paths are absolute and in an arena. */
struct resctrl_group {
	const char *mount;   /* of the file system */
	const char *group;   /* the control group; @mount itself for "/" */
	const char *monitor; /* the monitoring group, NULL: none */
	bool make;	     /* the control group is not there yet */
	bool own;	     /* and is the container's own: it goes with it */
};

/* resctrl_find - where the file system is mounted
 * Return: 0; -ENOTSUP with what to do about it; -errno. */
int resctrl_find(struct arena *a, const char **ret, struct err *e);

/* resctrl_parse_mountinfo - the same of a mountinfo(5) text
 * Return: 0, -ENOENT, -ENOMEM. */
int resctrl_parse_mountinfo(const char *text, struct arena *a,
			    const char **ret);

/**
 * resctrl_choose - which group; changes nothing
 * @mount:	borrowed by @ret
 *
 * Return: 0; -EEXIST: the group that would be the container's own is there;
 *	   -ENOENT: the closID is to be there and is not; -EINVAL: the id cannot
 *	   be a group's name; -ENOMEM, -errno.
 */
int resctrl_choose(const char *mount, const char *id,
		   const struct oci_intel_rdt *rdt, struct arena *a,
		   struct resctrl_group *ret, struct err *e);

/**
 * resctrl_make - make what is to be made, and write the schemata
 *
 * After a failure nothing of it is left.
 *
 * Return: 0; -EINVAL: a group that is there says something else, or the kernel
 *	   refuses a line; -EEXIST: somebody was faster; -errno.
 */
int resctrl_make(const struct resctrl_group *g, const struct oci_intel_rdt *rdt,
		 struct err *e);

/* resctrl_attach - put a process into both groups. */
int resctrl_attach(const struct resctrl_group *g, pid_t pid, struct err *e);

/* resctrl_is_empty - whether no process is in the control group; false when that
 * cannot be told. */
bool resctrl_is_empty(const struct resctrl_group *g);

/* resctrl_write - the schemata alone, for a container that runs. */
int resctrl_write(const struct resctrl_group *g, const struct oci_intel_rdt *rdt,
		  struct err *e);

/* resctrl_remove - what the container's end takes along; what is missing is
 * no failure. */
int resctrl_remove(const struct resctrl_group *g, struct err *e);

/**
 * resctrl_differs - whether a wanted line contradicts a schemata file
 * @schemata:	text of the file
 * @line:	"L3:0=7f0;1=1f", up to a newline or its end
 *
 * What @line does not name may be anything.  A line that is not of this form
 * differs.
 */
bool resctrl_differs(const char *schemata, const char *line);

#endif
