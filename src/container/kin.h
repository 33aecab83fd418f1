/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container/kin.h - the processes of a container that has neither a cgroup nor
 * a pid namespace of its own: those in the mount namespace that was made for it.
 */
#ifndef CONTAINER_KIN_H
#define CONTAINER_KIN_H

#include <stdbool.h>

#include "util/err.h"

struct record;

/* kin_known - whether they can be told from others at all. */
bool kin_known(const struct record *r);

/**
 * kin_kill - send @sig to the first process and all the others
 *
 * Found by way of the first: once that has ended nobody can tell which they
 * were.  Not found are those that have made a mount namespace of their own.
 * SIGKILL is repeated until nobody new is there, as some may be being forked.
 *
 * Return: 0; -ESRCH without a text: the first process has ended, or is not in a
 *	   mount namespace of its own; another -errno.
 */
int kin_kill(const struct record *r, int sig, struct err *e);

#endif
