/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process/affinity.h - process.execCPUAffinity: the processors on which an
 * exec's process runs before it is in the container's cgroup, and after.
 */
#ifndef PROCESS_AFFINITY_H
#define PROCESS_AFFINITY_H

#include <stdbool.h>
#include <sys/types.h>

#include "util/err.h"
#include "util/numlist.h"

struct oci_cpu_affinity;

#define AFFINITY_CPUS 8192 /* the most that a kernel can be built for */

struct cpu_mask {
	unsigned long v[NUMLIST_WORDS(AFFINITY_CPUS)];
};

struct affinity {
	bool has_initial, has_final;
	struct cpu_mask initial, final;
};

/**
 * affinity_decode - both lists
 * @ret:	without a final list but with an initial one, final is every
 *		processor: the cgroup's own set is what is left of it then
 *
 * Return: 0 or -EINVAL; @e begins with the path.
 *
 * Source: config.md "Linux Process".
 */
int affinity_decode(const struct oci_cpu_affinity *a, struct affinity *ret,
		    struct err *e);

/* The two steps.  @pid: a child that nobody has waited for.  Nothing to do for
 * a list that is not there.  Return: 0, -errno of sched_setaffinity(2); EINVAL
 * means that none of the processors is there, or in the cgroup. */
int affinity_apply_initial(const struct affinity *a, pid_t pid, struct err *e);
int affinity_apply_final(const struct affinity *a, pid_t pid, struct err *e);

#endif
