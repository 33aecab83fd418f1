/* SPDX-License-Identifier: Apache-2.0 */
/* oci/state.h - the State document, which `state` prints and hooks read. */
#ifndef OCI_STATE_H
#define OCI_STATE_H

#include <stddef.h>
#include <sys/types.h>

struct jsonw;
struct oci_map;

#define OCI_STATE_PID_WIDTH 10 /* characters; PLAN_PID_WIDTH of wire/plan.h */

struct oci_state {
	const char *oci_version; /* NULL: OCI_VERSION */
	const char *id;
	const char *status; /* "creating", "created", "running" … */
	pid_t pid;	    /* 0: no process */
	const char *bundle; /* absolute path */
	const char *rootfs, *created, *owner; /* NULL: left out */
	const char *systemd_scope; /* unit of its cgroup; NULL: left out */
	const struct oci_map *annotations;    /* NULL or empty: left out */
};

/**
 * oci_state_write - the document as one value
 * @ret_pid_at:	NULL, or set to the offset in @w->out of a field of
 *		OCI_STATE_PID_WIDTH characters which holds the pid, blanks
 *		before it: for a hook whose document is written before the pid
 *		is known
 *
 * The pid is always there, 0 without a process, as engines expect; rootfs,
 * created, owner and systemd-scope are additions of other runtimes that engines read too.
 *
 * Source: runtime.md "State".
 */
void oci_state_write(struct jsonw *w, const struct oci_state *s,
		     size_t *ret_pid_at);

#endif
