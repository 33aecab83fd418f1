/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container/container.h - what one can do with a container: the verbs behind
 * the command line, one function each.
 *
 * Every verb takes the context first and reports through struct err.  Nothing
 * here prints to standard output; what a command shows is returned as data.
 * A container that does not exist gives -ENOENT with the text
 * "container `ID` does not exist"; one that is not running gives -ESRCH with
 * "container not running", both as engines match them.
 */
#ifndef CONTAINER_CONTAINER_H
#define CONTAINER_CONTAINER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

struct arena;
struct log;
struct oci_map;
struct cgroup_stats;

enum cgroup_manager {
	CGROUP_MANAGER_CGROUPFS,
	CGROUP_MANAGER_SYSTEMD,	 /* a scope of systemd's */
	CGROUP_MANAGER_DISABLED, /* no cgroup at all */
};

/* One invocation of berth; borrowed by every verb. */
struct context {
	const char *root; /* --root; the default is container_default_root() */
	enum cgroup_manager cgroup_manager;
	bool rootless; /* not root, or not in the machine's user namespace */
	bool initial_userns; /* root in the machine's own: seen, not told by --rootless */
	const char *resctrl; /* mount point; NULL: look where one is mounted */
	struct log *log; /* warnings and debug lines; never NULL */
};

enum container_status {
	STATUS_CREATING, /* create is under way, or was killed on the way */
	STATUS_CREATED,
	STATUS_RUNNING,
	STATUS_PAUSED,
	STATUS_STOPPED,
};

/* "creating", "created", "running", "paused", "stopped" */
const char *container_status_name(enum container_status s);

/* The directory for state files: /run/berth, or where berth is not the machine's
 * root $XDG_RUNTIME_DIR/berth (an empty variable counts as unset), then
 * /run/user/UID/berth.  Allocated in @a; NULL when out of memory. */
const char *container_default_root(bool rootless, struct arena *a);

/**
 * container_check_id - whether an id is well-formed
 *
 * One to 255 bytes (it names a directory) of [a-zA-Z0-9_+.-], the first one not '.' or '-'.
 *
 * Return: 0 or -EINVAL with a text.
 */
int container_check_id(const char *id, struct err *e);

/* --- create, run, start -------------------------------------------------- */

struct create_options {
	const char *id;
	const char *bundle;	    /* directory; "." by default */
	const char *config;	    /* --config FILE; NULL: BUNDLE/config.json */
	const char *console_socket; /* NULL: none */
	const char *pid_file;	    /* NULL: none */
	const char *pidfd_socket;   /* NULL: none */
	unsigned int preserve_fds;  /* fds 3… that the container gets as well */
	bool no_pivot, no_new_keyring, no_subreaper;
	bool terminal; /* -t: process.terminal = true */
	bool detach;   /* run: return once the process runs */
	bool keep;     /* run: do not delete the container at its end */
};

int container_create(const struct context *ctx,
		     const struct create_options *o, struct err *e);

/**
 * container_run - create, start and, unless detached, wait and delete
 * @ret_status:	exit status of the container: its own, or 128 + signal;
 *		0 when detached
 */
int container_run(const struct context *ctx, const struct create_options *o,
		  int *ret_status, struct err *e);

int container_start(const struct context *ctx, const char *id, struct err *e);

/* --- exec ---------------------------------------------------------------- */

struct exec_options {
	const char *id;
	const char *process;	    /* --process FILE; NULL: from the options */
	char *const *args;	    /* NULL-terminated; NULL with @process */
	const char *cwd;	    /* NULL: the container's */
	char *const *env;	    /* --env K=V, NULL-terminated, or NULL */
	const char *user;	    /* "UID[:GID]" or NULL */
	char *const *additional_gids; /* decimal, NULL-terminated, or NULL */
	char *const *caps;	    /* --cap CAP_X, NULL-terminated, or NULL */
	const char *console_socket, *pid_file, *pidfd_socket;
	const char *apparmor, *process_label; /* NULL: none */
	const char *cgroup;	    /* --cgroup: below the container's; NULL: its own */
	unsigned int preserve_fds;
	bool no_new_privs, terminal, detach, ignore_paused;
};

int container_exec(const struct context *ctx, const struct exec_options *o,
		   int *ret_status, struct err *e);

/* --- looking ------------------------------------------------------------- */

struct container_info { /* everything in the caller's arena */
	const char *id;
	enum container_status status;
	pid_t pid; /* 0 unless created, running or paused */
	const char *bundle, *rootfs;
	const char *created; /* RFC 3339, UTC, nanoseconds */
	const char *owner;   /* a user's name or decimal uid */
	const char *oci_version;
	const char *cgroup;  /* absolute path of its directory, NULL: none */
	const char *scope;   /* systemd's unit of that, NULL: none */
	const struct oci_map *annotations;
};

int container_state(const struct context *ctx, const char *id, struct arena *a,
		    struct container_info *ret, struct err *e);

/* The State document of the specification (`berth state` prints it and hooks
 * get it), one line or indented; allocated in @a, NULL when out of memory. */
const char *container_state_json(const struct container_info *c, bool pretty,
				 struct arena *a);

/**
 * container_list - every container below the root, sorted by id
 *
 * One whose state cannot be read is left out with a warning in the log.
 */
int container_list(const struct context *ctx, struct arena *a,
		   struct container_info **ret, size_t *ret_n, struct err *e);

/* Ids that match a POSIX extended regular expression (kill, delete --regex). */
int container_match(const struct context *ctx, const char *regex,
		    struct arena *a, char ***ret, size_t *ret_n, struct err *e);

/* The processes of a container as the caller sees them, ascending. */
int container_pids(const struct context *ctx, const char *id, struct arena *a,
		   pid_t **ret, size_t *ret_n, struct err *e);

/* --- acting --------------------------------------------------------------- */

/* container_kill - @all: every process of the container, not only its first.
 * SIGKILL to a container without a pid namespace of its own kills it whole. */
int container_kill(const struct context *ctx, const char *id, int sig, bool all,
		   struct err *e);

/* container_delete - @force: kill what runs; a missing container is success. */
int container_delete(const struct context *ctx, const char *id, bool force,
		     struct err *e);

int container_pause(const struct context *ctx, const char *id, struct err *e);
int container_resume(const struct context *ctx, const char *id, struct err *e);

struct oci_intel_rdt;
struct oci_resources;

/* container_update - apply what is set in @r; what is unset stays. */
int container_update(const struct context *ctx, const char *id,
		     const struct oci_resources *r, struct err *e);

/* container_update_rdt - the schemata of the resctrl group that the container
 * was created with; -EINVAL without one. */
int container_update_rdt(const struct context *ctx, const char *id,
			 const struct oci_intel_rdt *rdt, struct err *e);

struct oci_mount_list;

/**
 * container_mounts_add - mount into a container that runs, is paused or created
 *
 * All or, after a failure, none: what was added before is taken away again.
 * A relative source is one in the bundle.
 *
 * Return: 0; -ESRCH; -errno with the place in the list.
 */
int container_mounts_add(const struct context *ctx, const char *id,
			 const struct oci_mount_list *mounts, struct err *e);

/* container_mounts_remove - take away what is on top of each destination, the
 * last of the list first; nothing else of an entry matters. */
int container_mounts_remove(const struct context *ctx, const char *id,
			    const struct oci_mount_list *mounts, struct err *e);

int container_stats(const struct context *ctx, const char *id, struct arena *a,
		    struct cgroup_stats *ret, struct err *e);

/* An open directory fd of the container's cgroup, owned by the caller; for
 * watching memory.events and pressure.  -ENOENT when it has none. */
int container_cgroup(const struct context *ctx, const char *id, struct err *e);

#endif
