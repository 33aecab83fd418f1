/* SPDX-License-Identifier: Apache-2.0 */
/*
 * security/seccomp_notify.h - hands the listener of a filter with
 * SCMP_ACT_NOTIFY to the agent that answers for it.
 */
#ifndef SECURITY_SECCOMP_NOTIFY_H
#define SECURITY_SECCOMP_NOTIFY_H

#include <sys/types.h>

struct arena;
struct err;

struct seccomp_notify_info {
	const char *state;    /* JSON object: the container's state */
	const char *metadata; /* `listenerMetadata`; NULL: none */
	pid_t pid;	      /* the filtered process, in the runtime's pid namespace */
};

/**
 * seccomp_notify_state - the "container process state" as JSON
 *
 * Return: the text, owned by @a; NULL when out of memory.
 *
 * Source: config-linux.md "The Container Process State".
 */
char *seccomp_notify_state(const struct seccomp_notify_info *info,
			   struct arena *a);

/**
 * seccomp_notify_send - send the state and the listener to the agent
 * @listener_path: path of the agent's SOCK_STREAM socket, as util/usock.h
 *		takes it; may be longer than sockaddr_un allows
 * @listener_fd: borrowed
 * @state:	text from seccomp_notify_state
 *
 * Waits 2.5 seconds at most for an agent that does not accept, and as long for
 * one that does not read.
 *
 * Return: 0, or -errno (-ETIMEDOUT included); @e names the socket.
 */
int seccomp_notify_send(const char *listener_path, int listener_fd,
			const char *state, struct err *e);

#endif
