/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container/job.h - one create or run under way: what it owns, and its steps.
 *
 *	job_prepare	read the bundle, make the state directory and record
 *	job_launch	cgroup, plan, process; limits while that one mounts
 *	(the event loop: ladder, hooks)
 *	job_undo	after a failure: nothing is left behind
 */
#ifndef CONTAINER_JOB_H
#define CONTAINER_JOB_H

#include <stdbool.h>

#include "cgroups/cgroup.h"
#include "cgroups/scope.h"
#include "container/config.h"
#include "container/container.h"
#include "container/hook_output.h"
#include "container/ladder.h"
#include "container/readiness.h"
#include "container/record.h"
#include "hooks/hooks.h"
#include "namespaces/namespaces.h"
#include "process/settings.h"
#include "security/seccomp.h"
#include "util/arena.h"
#include "util/ev.h"
#include "wire/plan.h"

struct net_devices;

struct job {
	const struct context *ctx;
	const struct create_options *o;
	bool run;		/* start it as well */
	struct arena arena; /* begins in room */
	struct ev ev;
	struct config config;
	int rootfd;		/* of all state directories */
	int dirfd;		/* this one's, locked */
	struct record record;
	bool prepared;		/* the next record is there, to be committed */
	bool pid_file_made;	/* by this one: goes with a failure */
	struct ns_caller caller;
	struct ns_plan ns;
	struct oci_hook_list helpers; /* that write id maps */
	struct cgroup cgroup;
	struct scope_names scope_names;
	struct scope scope; /* while systemd makes it */
	struct seccomp_program seccomp;
	bool has_seccomp;
	struct process_settings settings;
	const char *notify_dir;
	struct readiness readiness; /* of a run */
	struct ladder ladder;
	struct hooks hooks;
	struct hook_output output; /* of all hooks */
	bool makes_resctrl;	   /* its resctrl group is not there yet */
	bool made_resctrl;	   /* and has been made by this one */
	struct net_devices *net;   /* that were moved into it; NULL: none */
	struct ev_signal signals; /* that end a start under way */
	sigset_t ignored;	  /* that berth was started to ignore */
	int master;		/* of the terminal, for a foreground run; -1 */
	int result;		/* of the ladder: 0 or -errno */
	struct err *e;
};

/* job_init - everything at rest; job_done accepts any state from here on. */
void job_init(struct job *j, const struct context *ctx,
	      const struct create_options *o, bool run, struct err *e);
void job_done(struct job *j);

int job_prepare(struct job *j);
int job_launch(struct job *j);

/* job_watch_signals - from here on one of those that end berth undoes the start
 * before. */
int job_watch_signals(struct job *j);

/* The two parts of job_launch that are about the cgroup: it and the record that
 * names it; then, with the process in it, its limits and device program. */
int job_make_cgroup(struct job *j);
void job_mark_cgroup(struct job *j);
int job_apply_limits(struct job *j);

/* job_enter_delegated - the annotation run.oci.delegate-cgroup: the process, whose
 * cgroup namespace begins at its cgroup, goes one further down.  There it may
 * have the controllers handed on, which a cgroup with processes cannot. */
int job_enter_delegated(struct job *j, struct err *e);

/*
 * With systemd: the scope's name and the record that has it; once the process is
 * there, the scope itself, on the loop; and then what job_launch has left.
 */
int job_plan_scope(struct job *j);
int job_place(struct job *j);
int job_placed(struct job *j);

/* job_wait - drive the loop until the container waits (create) or its program
 * runs.  Return: 0 or -errno with a text in j->e. */
int job_wait(struct job *j);

/* job_send_plan - and the network namespace after it, when that comes late. */
int job_send_plan(struct job *j, struct plan_builder *b);

/* job_move_devices - linux.netDevices, once the namespaces are there. */
int job_move_devices(struct job *j, struct err *e);

/* job_undo - remove all that was made, keeping the report in j->e. */
void job_undo(struct job *j);

#endif
