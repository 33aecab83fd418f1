/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroups/cgroup.h - one container's place in the cgroup v2 hierarchy: finding
 * the hierarchy, making the cgroup, its processes, removing it.
 *
 * Limits are in limits.h, the device program in devices.h, statistics in
 * stats.h, events in events.h.
 */
#ifndef CGROUPS_CGROUP_H
#define CGROUPS_CGROUP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

struct arena;
struct oci_resources;

/* Controllers, as a set of bits; what a limit needs before it can be set. */
enum cgroup_controller {
	CGROUP_CPU = 1 << 0,
	CGROUP_CPUSET = 1 << 1,
	CGROUP_IO = 1 << 2,
	CGROUP_MEMORY = 1 << 3,
	CGROUP_PIDS = 1 << 4,
	CGROUP_HUGETLB = 1 << 5,
	CGROUP_RDMA = 1 << 6,
	CGROUP_MISC = 1 << 7,
	CGROUP_ALL_CONTROLLERS = (1 << 8) - 1,
};

/* A cgroup that is open.  "struct cgroup cg = CGROUP_NONE;" is the empty one. */
struct cgroup {
	int fd;		   /* its directory: for CLONE_INTO_CGROUP and openat */
	char *path;	   /* absolute, the mount included; malloc'ed */
	bool lent;	   /* it is not: the path is of the plan's arena */
	unsigned int made; /* how many components at the end of @path
			    * cgroup_make made; cgroup_remove takes it */
};

#define CGROUP_NONE { .fd = -1 }
#define auto_cgroup __attribute__((cleanup(cgroup_done))) struct cgroup

/* cgroup_done - close and free; the cgroup itself stays. */
void cgroup_done(struct cgroup *cg);

/* --- finding -------------------------------------------------------------- */

/**
 * cgroup_locate - where the cgroup v2 hierarchy is mounted
 * @ret_mount:	absolute path, in @a or static
 *
 * /sys/fs/cgroup and /sys/fs/cgroup/unified are tried first, with a statfs(2)
 * each; only then is /proc/self/mountinfo read.
 *
 * Return: 0, -ENOENT when it is not mounted at all, or -errno.
 */
int cgroup_locate(struct arena *a, const char **ret_mount, struct err *e);

/**
 * cgroup_of - the cgroup of a process, from /proc/PID/cgroup
 * @pid:	0 for the caller
 * @ret_path:	below the mount, "/" for the root; in @a
 *
 * Return: 0, -ENOENT when the process has no v2 cgroup or its cgroup was
 *	   removed, -ENOTSUP when it lies outside the caller's cgroup
 *	   namespace, -ESRCH when the process is gone.
 */
int cgroup_of(pid_t pid, struct arena *a, const char **ret_path, struct err *e);

/**
 * cgroup_plan_path - the path of a container's cgroup below the mount
 * @cgroups_path: linux.cgroupsPath; NULL or empty: none given
 * @id:		the container's id, well-formed
 * @own:	cgroup under which "berth-ID" goes when none is given
 * @ret:	begins with a slash, no double or trailing one; in @a
 *
 * A relative path starts at the mount, as with runc.  Pure.
 *
 * Return: 0 or -EINVAL (a component "..", too long, or the systemd form
 *	   slice:prefix:name, which this manager does not understand).
 */
int cgroup_plan_path(const char *cgroups_path, const char *id, const char *own,
		     struct arena *a, const char **ret, struct err *e);

/* --- making and opening --------------------------------------------------- */

struct cgroup_create_args {
	const char *mount;	  /* NULL: cgroup_locate finds it */
	const char *cgroups_path; /* linux.cgroupsPath or NULL */
	const char *id;
	const struct oci_resources *resources; /* NULL: no limits */
	uint32_t optional; /* controllers to enable besides those that the limits
			    * need, in parents that are made here, as far as
			    * that is possible; failing is silent */
};

/* Where a cgroup is going to be. */
struct cgroup_plan {
	char *path;	  /* absolute, in the arena; cgroup_make writes in it and
			   * leaves it as it was */
	size_t mount_len; /* bytes of it that are the mount */
};

/**
 * cgroup_plan - where a container's cgroup is going to be
 *
 * Without a cgroupsPath that is "berth-ID" in the caller's own cgroup or, where
 * that one cannot give the controllers that are needed (it has processes, or is
 * threaded), in its nearest ancestor that can.
 *
 * Return: 0; -EINVAL (the path), or -errno as cgroup_locate's and cgroup_of's.
 */
int cgroup_plan(const struct cgroup_create_args *args, struct arena *a,
		struct cgroup_plan *ret, struct err *e);

/**
 * cgroup_make - make a container's cgroup, ready for cgroup_apply
 * @plan:	for @args; a caller writes down where the cgroup will be before
 *		it is there, so that nothing is lost if it is killed in between
 * @ret:	owned by the caller (cgroup_done), without the path, which is the
 *		plan's
 *
 * The controllers that @args->resources need are enabled in the ancestors as
 * far as they are not yet; without any, this is one mkdir and one open.  A
 * cgroup that is there already is used when it is empty and not frozen.
 * Nothing that was made stays behind on failure.
 *
 * Return: 0; -EBUSY (there are processes in it, or in one that has to give
 *	   controllers), -ENOTSUP (a controller is not in this hierarchy, or the
 *	   parent is threaded), or -errno.
 */
int cgroup_make(const struct cgroup_create_args *args,
		const struct cgroup_plan *plan, struct cgroup *ret,
		struct err *e);

/* cgroup_open - a cgroup that is there, by its absolute path (struct cgroup's,
 * or cgroup_locate's with cgroup_of's behind it).  -ENOENT when it is gone. */
int cgroup_open(const char *path, struct cgroup *ret, struct err *e);

/* cgroup_open_child - below @cg: "exec --cgroup PATH"; never above it. */
int cgroup_open_child(const struct cgroup *cg, const char *path,
		      struct cgroup *ret, struct err *e);

/* cgroup_explain - the text for a clone3(2) with CLONE_INTO_CGROUP, or a write
 * to cgroup.procs, that failed with @code (positive or negative).
 * Return: -|@code|. */
int cgroup_explain(const struct cgroup *cg, int code, struct err *e);

/* cgroup_attach - move a process into @cg, for where it could not be born
 * there. */
int cgroup_attach(const struct cgroup *cg, pid_t pid, struct err *e);

/**
 * cgroup_add_child - a cgroup below @parent, with @pid in it
 * @path:	relative; each component that is missing is made
 * @ret:	owned by the caller; its made counts the components
 *
 * Each gets the controllers that @parent has, as far as no other process is left
 * on the way.
 */
int cgroup_add_child(const struct cgroup *parent, const char *path, pid_t pid,
		     struct cgroup *ret, struct err *e);

/* cgroup_give - make @uid the owner of the cgroup and of what whoever manages
 * cgroups below it has to write to; its limits stay as they are. */
int cgroup_give(const struct cgroup *cg, uint32_t uid, struct err *e);

#define CGROUP_MARK_MAX 512 /* bytes of an owner */

/* cgroup_mark - note on the cgroup itself whose it is; the last one to do so is.
 * A name alone does not tell: once a container has ended, the next one may be
 * given the same cgroup.  Where that fails it is nobody's. */
void cgroup_mark(const struct cgroup *cg, const char *owner);

/* cgroup_is_marked - whether it is @owner's still. */
bool cgroup_is_marked(const struct cgroup *cg, const char *owner);

/* --- processes ------------------------------------------------------------ */

/**
 * cgroup_pids - the processes in @cg and all cgroups below it
 * @ret:	ascending, each once, in @a; valid with *@ret_n == 0
 *
 * Processes in another pid namespace (the kernel gives 0 for them) are left out.
 */
int cgroup_pids(const struct cgroup *cg, struct arena *a, pid_t **ret,
		size_t *ret_n, struct err *e);

/* cgroup_is_empty - no process in it or below.  Return: 1, 0 or -errno. */
int cgroup_is_empty(const struct cgroup *cg, struct err *e);

/**
 * cgroup_freeze - stop (true) or go on (false), and wait until that is so
 *
 * Return: 0; -ETIMEDOUT after 10 s, with a freeze undone; or -errno.
 */
int cgroup_freeze(const struct cgroup *cg, bool frozen, struct err *e);

/* cgroup_is_frozen - whether it was asked to be.  Return: 1, 0 or -errno. */
int cgroup_is_frozen(const struct cgroup *cg, struct err *e);

/**
 * cgroup_kill - send @sig to every process in it and below
 *
 * SIGKILL goes through cgroup.kill (5.14), which no fork escapes; any other
 * signal to the processes that there are, frozen meanwhile so that a fork does
 * not escape.  An empty or removed cgroup is success.
 */
int cgroup_kill(const struct cgroup *cg, int sig, struct err *e);

/**
 * cgroup_wait_empty - wait until no process is left
 * @timeout_ms:	negative: for ever
 *
 * Return: 0, or -ETIMEDOUT with a text that names a process that is left and
 *	   the state it is in.
 */
int cgroup_wait_empty(const struct cgroup *cg, int timeout_ms, struct err *e);

/**
 * cgroup_remove - remove a cgroup and the ones below it
 * @path:	absolute, struct cgroup's
 * @made:	struct cgroup's; the parents that were made with it go too, if
 *		nobody else has put a cgroup or a process there.  0 and 1 are the
 *		same: only @path itself
 *
 * One rmdir when it is empty.  A missing one is success.
 *
 * Return: 0, -EBUSY with a text that names a process that is left, or -errno.
 */
int cgroup_remove(const char *path, unsigned int made, struct err *e);

#endif
