/* SPDX-License-Identifier: Apache-2.0 */
/* container/spawn.h - the birth of berth-init. */
#ifndef CONTAINER_SPAWN_H
#define CONTAINER_SPAWN_H

#include <signal.h>
#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

struct affinity;
struct cgroup;
struct plan_builder;

#define SPAWN_STACK 4096 /* it calls nothing but system calls */

/*
 * What the new process has of its own until it executes berth-init; it shares
 * the rest of the memory with its parent.  So this stays where it is until the
 * process has said a word or is dead.
 */
struct spawn_room {
	_Alignas(16) char stack[SPAWN_STACK];
	uint64_t mask; /* signals that it starts with blocked, bit n for n + 1 */
	int image, ladder;
	char ladder_arg[12];
};

struct spawn_args {
	uint64_t clone_flags;	     /* CLONE_NEW* that clone3 creates */
	const struct cgroup *cgroup; /* born in it; NULL: stay in the caller's */
	const struct affinity *affinity; /* processors before it is in the
				      * cgroup, and after; NULL: the caller's */
	const sigset_t *mask;	     /* signal mask of the new process */
	int rootfd;		     /* of all state directories; -1: none */
	int image;		     /* berth-init itself, made by ladder_spawn */
	int ladder;		     /* its end of the socket pair; borrowed */
	struct spawn_room *room;     /* borrowed, see there */
};

/**
 * spawn_init - a new process that executes berth-init on the ladder
 * @ret_pidfd:	owned by the caller
 *
 * The process handles no signal, and has no fds but the ladder and those without
 * close-on-exec; what the caller ignores is for spawn_plan.  Where
 * the kernel refuses to let it be born in the cgroup, or it is to run elsewhere
 * before, it is moved there before it gets its plan; a failing execve shows as the end of the ladder.
 *
 * Until execve it shares the caller's memory (CLONE_VM), as posix_spawn(3)
 * does, but the caller goes on meanwhile: there are no page tables to copy, which
 * would be charged to the new cgroup, and no pages to copy on the first write.
 *
 * Return: 0 or -errno.
 */
int spawn_init(const struct spawn_args *args, pid_t *ret_pid, int *ret_pidfd,
	       struct err *e);

/**
 * spawn_plan - what the plan of a process that spawn_init made begins with
 *
 * Signals that this process ignores are ignored by its children, and execve(2)
 * hands that on; engines written in Go, for one, start theirs with SIGPIPE
 * ignored.  To be asked while berth-init is being born, which hides what it takes.
 */
void spawn_plan(struct plan_builder *b);

#endif
