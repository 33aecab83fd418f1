/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroups/internal.h - what the files of this folder share, and what the unit
 * tests reach into.
 */
#ifndef CGROUPS_INTERNAL_H
#define CGROUPS_INTERNAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "cgroups/cgroup.h"

#define CGROUP_PATH_MAX 4096 /* PATH_MAX, the NUL included */

/* cgroup_copy_path - a path into a buffer of that size, to be cut up there.
 * Return: 0, or -ENAMETOOLONG with nothing copied. */
int cgroup_copy_path(char to[CGROUP_PATH_MAX], const char *path);

/* --- text (path.c, text.c): pure ------------------------------------------ */

/* The v2 line of /proc/PID/cgroup. */
struct cgroup_own {
	const char *path; /* as the kernel gives it, " (deleted)" taken off */
	bool deleted;
	bool outside; /* above the cgroup namespace: "/../…" */
};

/* cgroup_parse_own - Return: 0, -ENOENT without a v2 line, -ENOMEM. */
int cgroup_parse_own(const char *text, struct arena *a, struct cgroup_own *ret);

/* cgroup_parse_mountinfo - the first cgroup2 mount in a mountinfo file
 * @ret_root:	which cgroup its top is, seen from the caller's namespace
 * Return: 0, -ENOENT, -ENOMEM. */
int cgroup_parse_mountinfo(const char *text, struct arena *a,
			   const char **ret_mount, const char **ret_root);

/* cgroup_join - @dir and @name with one slash between; NULL: out of memory. */
char *cgroup_join(struct arena *a, const char *dir, const char *name);

/* cgroup_parent - cut the last component off; false when none is left. */
bool cgroup_parent(char *path);

/* cgroup_controller_set - of "cpu io memory"; unknown names are left out. */
uint32_t cgroup_controller_set(const char *names);

/* cgroup_controller_name - of one bit; the lowest one when there are more. */
const char *cgroup_controller_name(uint32_t controllers);

/* cgroup_controller_of_file - of "memory.max"; 0 for cgroup.* and unknown. */
uint32_t cgroup_controller_of_file(const char *file);

/* cgroup_flat_value - of a "key value" line in a flat keyed file; "max" is
 * UINT64_MAX.  Return: whether it is there and a number. */
bool cgroup_flat_value(const char *text, const char *key, uint64_t *ret);

/* --- single files (file.c) -------------------------------------------------- */

/* cgroup_read_value - with a single read(2), which gives a short kernel file
 * whole; the newline at its end is taken off.
 * Return: length, -EFBIG when it may not be all, -errno. */
ssize_t cgroup_read_value(int dirfd, const char *file, char *buf, size_t size);

/* --- the tree ------------------------------------------------------------- */

/* cgroup_read_own - of @pid (0: the caller), whatever it says. */
int cgroup_read_own(pid_t pid, struct arena *a, struct cgroup_own *ret,
		    struct err *e);

/* cgroup_mountinfo - what the slow way of cgroup_locate finds. */
int cgroup_mountinfo(struct arena *a, const char **ret_mount,
		     const char **ret_root, struct err *e);

/* cgroup_first_pid - some process in @dirfd or below, 0 for none. */
pid_t cgroup_first_pid(int dirfd);

/* cgroup_holds_processes - has @dirfd processes of its own?  1, 0, -errno. */
int cgroup_holds_processes(int dirfd);

/**
 * cgroup_enable - have @dir give its children the controllers @want
 * @dir:	absolute path of a cgroup
 * @r:		for naming the limit that needs one; NULL: @want is optional,
 *		then what cannot be enabled is left out and nothing fails
 */
int cgroup_enable(const char *dir, uint32_t want, const struct oci_resources *r,
		  struct err *e);

/* cgroup_parent_enables - has the parent of @cg all of @want enabled?  The ordinary
 * case, in which there is nothing to do. */
bool cgroup_parent_enables(const struct cgroup *cg, uint32_t want);

/* cgroup_missing - the report for controllers that the hierarchy whose top is
 * @top does not have. */
int cgroup_missing(const char *top, uint32_t missing,
		   const struct oci_resources *r, struct err *e);

/**
 * cgroup_place - where a container without a cgroupsPath goes
 * @mount:	absolute
 * @own:	the caller's cgroup below it
 * @needed:	controllers that a child must be able to have
 * @ret:	path below the mount, of the cgroup that becomes the parent
 */
int cgroup_place(const char *mount, const char *own, uint32_t needed,
		 struct arena *a, const char **ret, struct err *e);

/* Wait until @key of @dirfd/cgroup.events has the value @want. Return: 0,
 * -ETIMEDOUT, -errno (-ENOENT, -ENODEV: the cgroup is gone).  No text. */
int cgroup_wait_event(int dirfd, const char *key, uint64_t want,
		      int timeout_ms);

#endif
