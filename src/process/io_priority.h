/* SPDX-License-Identifier: Apache-2.0 */
/* process/io_priority.h - process.ioPriority. */
#ifndef PROCESS_IO_PRIORITY_H
#define PROCESS_IO_PRIORITY_H

#include <sys/types.h>

#include "util/err.h"

struct oci_io_priority;

/**
 * io_priority_decode - the number that ioprio_set(2) takes
 *
 * Return: 0 or -EINVAL; @e begins with the path.
 *
 * Source: config.md "Linux Process", ioprio_set(2).
 */
int io_priority_decode(const struct oci_io_priority *p, int *ret, struct err *e);

/**
 * io_priority_apply - make it so
 * @ioprio:	of io_priority_decode
 * @pid:	a child that nobody has waited for; 0: the caller
 *
 * Return: 0 or -errno of ioprio_set(2) with a text.
 */
int io_priority_apply(int ioprio, pid_t pid, struct err *e);

#endif
