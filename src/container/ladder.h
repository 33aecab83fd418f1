/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container/ladder.h - the runtime's half of the start ladder (wire/ladder.h),
 * as a state machine on the event loop: nothing in here waits but ladder_abort,
 * so one process can drive many.
 */
#ifndef CONTAINER_LADDER_H
#define CONTAINER_LADDER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "container/spawn.h"
#include "util/err.h"
#include "util/ev.h"
#include "wire/ladder.h"

struct ladder;
struct plan_builder;

/*
 * What the owner does at each step.  A negative return value ends the ladder
 * with that error.  A step that the owner's plan does not have may be NULL.
 */
struct ladder_ops {
	/* write the id maps of l->pid; ladder_step(LADDER_MAPPED) when done, at
	 * once or later */
	int (*userns)(void *user, struct err *e);
	/* l->pid and l->pidfd are the sibling's now */
	int (*forked)(void *user, struct err *e);
	/* host-side hooks and network; ladder_step(LADDER_HOST_READY) when done,
	 * at once or later */
	int (*namespaces)(void *user, struct err *e);
	/* @fd: master of the container's terminal, owned by the callee */
	int (*console)(void *user, int fd, struct err *e);
	/* everything is set up; LADDER_COMMIT or LADDER_START is the answer */
	int (*ready)(void *user, struct err *e);
	/* @fd: listener of the filter, owned by the callee */
	int (*listener)(void *user, int fd, struct err *e);
	/* the ladder is over: @r is 0 after execve, or -errno with a text.  The
	 * process has been killed and reaped when it failed. */
	void (*done)(void *user, int r, struct err *e);
};

struct ladder {
	struct ev *ev;
	const struct ladder_ops *ops;
	void *user;
	int sock;	/* -1: over */
	int image;	/* berth-init itself, held open until the ladder is over */
	pid_t pid;
	int pidfd;	/* owned */
	bool ours;	/* the process is this one's child: reap it */
	bool started;	/* LADDER_START was sent */
	bool committed;	/* LADDER_COMMIT was sent: end the ladder there */
	bool unread;	/* the peer went without reading all that was sent */
	bool ending;	/* failed: waits for the end of the process */
	struct err why;	/* then: what ops->done is told; code 0: how it died */
	struct ev_io io, exit_io, forker_io;
	struct ev_timer retry;
	int forker;	/* pidfd of the process that PLAN_FORK left behind; -1 */
	int listener, flag_fd; /* a listener being fetched; -1 */
	unsigned int tries;
	struct spawn_room room; /* last: not all of it is ever touched */
};

#define LADDER_NONE                                                      \
	{                                                                \
		.sock = -1, .image = -1, .pidfd = -1, .forker = -1, .listener = -1,   \
		.flag_fd = -1                                            \
	}

/**
 * ladder_spawn - start berth-init, which waits for its plan
 * @l:		LADDER_NONE with ev, ops and user set
 * @args:	all but the ladder's end and the room, which are made here
 *
 * Return: 0, then ops->done will be called once the plan is sent and the event
 *	   loop runs, or ladder_abort ends it; -errno: nothing was started.
 *	   -EBUSY: the cgroup takes no processes.
 */
int ladder_spawn(struct ladder *l, struct spawn_args *args, struct err *e);

/**
 * ladder_send_plan - hand berth-init its plan
 * @b:		finished here; its fds are copied, not taken
 *
 * Making a plan while berth-init is being born takes no time of its own.
 *
 * Return: 0 or -errno; the process is still to be ended by ladder_abort.
 */
int ladder_send_plan(struct ladder *l, struct plan_builder *b, struct err *e);

/* ladder_send_late - what plan_join_late waits for; @fd stays the caller's. */
int ladder_send_late(struct ladder *l, int fd, struct err *e);

/* ladder_adopt - go on with a process that waits on its socket: @sock and
 * @pidfd are owned from now on.  Then send LADDER_START. */
int ladder_adopt(struct ladder *l, int sock, pid_t pid, int pidfd,
		 struct err *e);

/* ladder_step - send a step without arguments. */
int ladder_step(struct ladder *l, enum ladder_step step, struct err *e);

/* ladder_fail - end it with an error, as if a step had failed: the process is
 * killed and, when it has ended or after ten seconds, ops->done called. */
void ladder_fail(struct ladder *l, int r, struct err *e);

/* ladder_abort - kill and reap the process without calling anybody; waits for
 * its end, ten seconds at most. */
void ladder_abort(struct ladder *l);

/* ladder_close - forget it; a process that is not committed notices and ends. */
void ladder_close(struct ladder *l);

#endif
