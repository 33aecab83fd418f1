/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container/enter.h - the way into a container that runs.
 */
#ifndef CONTAINER_ENTER_H
#define CONTAINER_ENTER_H

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

struct oci_linux;
struct plan_builder;
struct record;

struct enter {
	const struct record *record;
	const struct oci_linux *linux_; /* of the container */
	uint64_t namespaces;		/* CLONE_NEW* of what is joined */
	bool become_root;		/* of the user namespace among them */
};

/**
 * enter_plan - join @in->namespaces of the first process, all or nothing, and
 *		fork where the pid namespace is one of them
 *
 * setns(2) leads to the root of a mount namespace.  Of one that was made for the
 * container that is its root; in one that was joined the container has a root
 * of its own by chroot(2), and that is entered as well.
 *
 * Return: 0; -ESRCH: the first process has ended; another -errno.
 */
int enter_plan(struct plan_builder *b, const struct enter *in, struct err *e);

#endif
