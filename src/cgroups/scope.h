/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroups/scope.h - a container's cgroup as a scope unit of systemd, the system's
 * or a user's: systemd makes the cgroup and moves the process into it.
 *
 * What systemd does not know is written to the cgroup's files as without it
 * (limits.h).  What it knows it has to be told, or it would undo that later: it
 * writes its own idea of a unit's limits at every daemon-reload.
 *
 * Source: org.freedesktop.systemd1(5), systemd.resource-control(5), systemd.scope(5).
 */
#ifndef CGROUPS_SCOPE_H
#define CGROUPS_SCOPE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "dbus/dbus.h"
#include "util/arena.h"
#include "util/err.h"
#include "util/ev.h"

struct cgroup;
struct oci_map;
struct oci_resources;

#define SCOPE_TIMEOUT_MS 30000 /* of systemd, for all of one operation */

/* --- names: pure ------------------------------------------------------------- */

struct scope_names {
	const char *unit;  /* "libpod-0123.scope" */
	const char *slice; /* "machine.slice" */
};

/**
 * scope_names - the unit that a linux.cgroupsPath stands for
 * @cgroups_path: "slice:prefix:name"; NULL or empty: none given
 * @id:		the container's id: the name where none is given
 * @user:	of a user's systemd: the slice where none is given
 * @ret:	in @a
 *
 * "machine.slice:libpod:0123" is libpod-0123.scope in machine.slice.  Without a
 * cgroupsPath it is berth-ID.scope in system.slice, or in user.slice.
 *
 * Return: 0 or -EINVAL: not of that form, or what systemd takes for no name.
 */
int scope_names(const char *cgroups_path, const char *id, bool user,
		struct arena *a, struct scope_names *ret, struct err *e);

/* scope_slice_path - of "a-b.slice" below systemd's own cgroup:
 * "/a.slice/a-b.slice"; "" of "-.slice".  Return: 0, -EINVAL, -ENOMEM. */
int scope_slice_path(const char *slice, struct arena *a, const char **ret,
		     struct err *e);

/* --- starting ------------------------------------------------------------------ */

struct scope_args {
	struct scope_names names;
	const char *description;  /* no other unit ever has the same */
	bool user;		  /* of a user's systemd, not of the system's */
	const struct oci_resources *resources; /* NULL: no limits */
	const struct oci_map *annotations;     /* org.systemd.property.* */
	pid_t pid;		  /* whom to move into it */
};

#define SCOPE_LEFT_OUT 8  /* properties that an older systemd may not know */
#define SCOPE_PROPERTY 32 /* bytes of such a name */

/* @r is 0 once the process is in its cgroup, or -errno with a text. */
typedef void (*scope_fn)(void *user, int r, struct err *e);

struct scope {
	struct scope_args args;
	struct dbus bus;
	scope_fn fn;
	void *user;
	uint32_t start;	  /* serial of the call under way */
	uint32_t reset;	  /* of the one before it; 0: none */
	char *job;	  /* path of it; malloc'ed */
	unsigned int tries;
	struct ev_timer retry;
	char left_out[SCOPE_LEFT_OUT][SCOPE_PROPERTY];
	size_t n_left_out;
};

#define SCOPE_NONE { .bus = DBUS_NONE }

/**
 * scope_check - whether properties and annotations can be told to systemd
 *
 * Return: 0 or -EINVAL with the annotation's name in the text.
 */
int scope_check(const struct scope_args *args, struct err *e);

/**
 * scope_start - have systemd make the scope, on the loop
 * @s:		SCOPE_NONE; stays where it is until @fn or scope_cancel
 * @args:	borrowed until then
 * @fn:		called once, after this has returned 0
 *
 * All limits that systemd knows are in the one call which makes it.  @fn gets
 * -EEXIST when there is a unit of that name, -ETIMEDOUT, -EIO when systemd
 * refuses or fails, and dbus.h's errors.
 *
 * Return: 0, or -errno: nobody to ask.
 */
int scope_start(struct scope *s, struct ev *ev, const struct scope_args *args,
		scope_fn fn, void *user, struct err *e);

/* scope_cancel - forget it; what systemd does meanwhile it does. */
void scope_cancel(struct scope *s);

/* --- later: these wait, SCOPE_TIMEOUT_MS at most --------------------------------- */

/**
 * scope_set - tell systemd what @resources, which the cgroup's files say
 *	already, change
 *
 * Return: 0 or -errno.
 */
int scope_set(bool user, const char *unit, const struct oci_resources *resources,
	      const struct cgroup *cg, struct err *e);

/**
 * scope_stop - stop the unit and have it forgotten
 * @description: only if it has this one; NULL: it is known to be the right one
 *
 * One that is gone, or somebody else's, is success.
 */
int scope_stop(bool user, const char *unit, const char *description,
	       struct err *e);

/**
 * scope_attach - have systemd move a process into the scope: a user may not
 *	move one that comes from elsewhere
 * @below:	path below the scope's cgroup, or ""
 */
int scope_attach(bool user, const char *unit, const char *below, pid_t pid,
		 struct err *e);

#endif
