/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire/ladder.h - the start ladder between the runtime and berth-init.
 *
 *	runtime					berth-init
 *	-------					----------
 *	clone3(), into the final cgroup ------> (born, execs berth-init)
 *	place it (systemd does, when it makes the cgroup)
 *	LADDER_PLAN, plan and fds ------------>
 *						[joins, unshares]
 *	write id maps	      <---------------- LADDER_USERNS
 *	LADDER_MAPPED ------------------------>
 *	take the new pidfd    <---------------- LADDER_FORKED
 *	prestart, createRuntime hooks, network
 *			      <---------------- LADDER_NAMESPACES
 *	LADDER_HOST_READY -------------------->
 *						[root, mounts, createContainer
 *						 hooks, pivot]
 *	pass the terminal on  <---------------- LADDER_CONSOLE, fd
 *			      <---------------- LADDER_READY
 *	limits, state "created"
 *	LADDER_COMMIT ------------------------> (create only: waits on its socket
 *						 from here on, and outlives the
 *						 runtime)
 *	LADDER_START ------------------------->	(on the ladder, or from another
 *						 berth on the container's socket)
 *						[startContainer hooks, caps]
 *	give it to the agent  <---------------- LADDER_LISTENER, fd of a flag
 *						execve(): the socket closes
 *
 * A runtime that has nothing to do at LADDER_READY sends LADDER_START ahead, and
 * berth-init, which finds it there, does not stop to say that it is ready: a
 * round trip less, which is two wake-ups of a sleeping processor.
 *
 * Steps in the middle occur only if the plan has the operation for them.
 * Each line is one SOCK_SEQPACKET datagram, a struct ladder_msg.  Instead of
 * any of its own steps berth-init may send LADDER_FAILED; then it is gone.  EOF
 * after LADDER_START means that execve succeeded, EOF at any other time that
 * the peer died; berth-init exits when the runtime does.
 */
#ifndef WIRE_LADDER_H
#define WIRE_LADDER_H

#include <stdint.h>

#include "util/err.h"

enum ladder_step {
	LADDER_PLAN = 1,
	LADDER_USERNS,
	LADDER_MAPPED,
	LADDER_FORKED,
	LADDER_NAMESPACES,
	LADDER_HOST_READY,
	LADDER_CONSOLE,
	LADDER_READY,
	LADDER_COMMIT,
	LADDER_START,
	LADDER_LISTENER,
	LADDER_FAILED,
	LADDER_STEPS
};

#define LADDER_MAGIC 0x7264616cu /* "ladr" */
#define LADDER_FDS_PER_MSG 250	 /* SCM_MAX_FD is 253 */
#define LADDER_INLINE_MAX 32768	 /* bytes of a plan that follow the message in
				  * its datagram; a larger one is a memfd */

struct ladder_msg {
	uint32_t magic;
	uint16_t step;
	uint16_t version; /* PLAN_VERSION */
	int32_t pid;	  /* FORKED: the sibling; PLAN and HOST_READY: the pid
			   * of the process as the runtime sees it; LISTENER:
			   * number of the listener's fd in the sender */
	int32_t code;	  /* FAILED: errno value; PLAN: how many of the fds come
			   * later, in a message of their own: the last slots,
			   * which PLAN_NS_JOIN waits for */
	uint32_t size;	  /* PLAN: bytes of the plan, which follows the first
			   * message or, above LADDER_INLINE_MAX, is in its
			   * first fd */
	uint32_t n_fds;	  /* PLAN: fds over all messages, the plan not counted */
	char text[ERR_TEXT_MAX]; /* FAILED: what failed, without strerror */
};

#endif
