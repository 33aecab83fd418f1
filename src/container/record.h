/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container/record.h - what is known about a container, on disk.
 *
 *	ROOT/ID/		directory, mode 0700, locked by flock(2)
 *	ROOT/ID/state.json	the record below, replaced whole
 *	ROOT/ID/config.json	copy of the configuration it was created from
 *	ROOT/ID/start		socket on which a created container waits
 *	ROOT/ID/notify/		sd_notify proxy, if asked for
 *
 *	ROOT/ID/next.json	the next record, until it is renamed to state.json
 *
 * The record is written before anything else of the container exists (phase
 * "creating"), and again once its process waits or runs (phase "created").
 * A crash at any instant leaves one or the other; both name the cgroup, so that
 * deleting finds everything.  A process that is started ahead has its pid in
 * next.json before it runs, and the record becomes that one once it does.  "created" against "running" is no phase: a
 * created container is one whose socket still has a listener, which the kernel
 * takes away in the moment of execve.
 *
 * A record is of this boot only, and its pid is only the process that was
 * started at that time: after a reboot, or once the pid has gone to somebody
 * else, the container is stopped.
 */
#ifndef CONTAINER_RECORD_H
#define CONTAINER_RECORD_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "oci/spec.h"
#include "util/err.h"

struct arena;
struct cgroup;

#define RECORD_VERSION 1
#define RECORD_FILE "state.json"
#define RECORD_NEXT "next.json"
#define RECORD_CONFIG "config.json"
#define RECORD_SOCKET "start"
#define RECORD_NOTIFY "notify"

struct record {
	uint32_t version;
	char *id;
	char *oci_version;
	char *bundle, *rootfs;	/* absolute */
	char *created;		/* RFC 3339 */
	char *boot_id;		/* /proc/sys/kernel/random/boot_id */
	uint32_t owner;		/* uid that created it */
	bool ready;		/* false: phase "creating" */
	int32_t pid;		/* 0 until ready */
	uint64_t start_time;	/* of pid, clock ticks since boot */
	char *cgroup;		/* absolute path, NULL: none */
	uint32_t cgroup_made;	/* struct cgroup's */
	char *scope;		/* systemd's unit of it, NULL: made without */
	bool scope_of_user;	/* of the user's systemd, not of the system's */
	char *resctrl_mount;	/* linux.intelRdt: as struct resctrl_group's */
	char *resctrl_group;	/* NULL: none */
	char *resctrl_monitor;	/* NULL: none */
	bool resctrl_own;
	bool own_pid_ns;	/* killing its first process kills all */
	bool userns;		/* its user namespace is not the machine's */
	bool own_mount_ns;	/* born in it: who is in there is of it */
	bool keyring;		/* it got a session keyring of its own */
	bool has_poststart, has_poststop; /* hooks: the copy must be read */
	struct oci_map annotations;
};

/**
 * record_write - put the record into a container's directory
 *
 * Return: 0, -errno with a text.
 */
int record_write(int dirfd, const struct record *r, struct err *e);

/* The two halves of it: the next record is there, the next record is the one. */
int record_prepare(int dirfd, const struct record *r, struct err *e);
int record_commit(int dirfd, const struct record *r, struct err *e);

/**
 * record_read - the record of a container's directory
 * @ret:	strings in @a; one that is not ready has the pid of the next
 *		record, if there is one
 *
 * Return: 0; -ENOENT when there is none (creation has only just begun);
 *	   -EPROTO when it is damaged or of a newer berth; -errno.
 */
int record_read(int dirfd, struct arena *a, struct record *ret, struct err *e);

/* record_cgroup_owner - what its cgroup is marked with (cgroup_mark): no other
 * container ever has the same.  @ret: CGROUP_MARK_MAX bytes. */
void record_cgroup_owner(const struct record *r, char *ret);

/* record_cgroup - open its cgroup if that still is this container's.
 * Return: 0; -ESRCH when it is gone or somebody else's; -errno. */
int record_cgroup(const struct record *r, struct cgroup *ret, struct err *e);

/* record_scope_cgroup - the path of the scope's own cgroup, in @a: that of the
 * container or, where it is in a group below it, the one above.  NULL: out of
 * memory, or there is none. */
const char *record_scope_cgroup(const struct record *r, struct arena *a);

/* record_scope_text - what the unit says that it is; no other one ever says the
 * same.  In @a; NULL: out of memory. */
const char *record_scope_text(const struct record *r, struct arena *a);

/* record_boot_id - this boot's, in @a; NULL when it cannot be read. */
char *record_boot_id(struct arena *a);

/* record_is_current - whether it was written since the last boot. */
bool record_is_current(const struct record *r, struct arena *a);

/* process_start_time - field 22 of /proc/PID/stat; 0: no such process, or
 * one that has ended and only waits to be reaped. */
uint64_t process_start_time(pid_t pid);

/* record_pidfd - a pidfd for the container's process if it is still that one.
 * Return: the fd, -ESRCH when it is gone, another -errno. */
int record_pidfd(const struct record *r);

/* record_is_ending - whether the container's process has ended or is about to,
 * as one is that waits for the others of its pid namespace: nobody can join it. */
bool record_is_ending(const struct record *r);

#endif
