/* SPDX-License-Identifier: Apache-2.0 */
/* container/exec_process.h - what an exec runs: a file, or the container's own
 * process with the options laid over it. */
#ifndef CONTAINER_EXEC_PROCESS_H
#define CONTAINER_EXEC_PROCESS_H

#include "util/err.h"

struct arena;
struct exec_options;
struct oci_process;

/**
 * exec_process - decide
 * @base:	the container's process; what a file leaves out (capabilities,
 *		rlimits, labels, scheduling) comes from it
 * @ret:	in @a
 *
 * Return: 0 or -errno with a text.
 */
int exec_process(const struct exec_options *o, const struct oci_process *base,
		 struct arena *a, struct oci_process **ret, struct err *e);

#endif
