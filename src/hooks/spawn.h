/* SPDX-License-Identifier: Apache-2.0 */
/* hooks/spawn.h - start a program with nothing of ours. */
#ifndef HOOKS_SPAWN_H
#define HOOKS_SPAWN_H

#include <sys/types.h>

struct spawn_args {
	const char *path;  /* as execve(2) takes it: no search */
	char *const *argv, *const *envp;
	int cwd; /* directory fd, -1: the caller's */
	int in;	 /* becomes fd 0 */
	int out, err; /* become fds 1 and 2 */
};

/**
 * spawn - start @a->path as the leader of a process group of its own
 * @ret_pidfd:	close-on-exec, owned by the caller
 *
 * The program gets fds 0 to 2 and no other, no blocked and no ignored signal.
 * The caller's memory is shared until execve(2), as vfork(2) does, so the cost
 * does not grow with it.
 *
 * Return: the pid of a program that does run; -errno of clone(2), fchdir(2) or
 *	   execve(2), with nothing left behind.
 */
pid_t spawn(const struct spawn_args *a, int *ret_pidfd);

#endif
