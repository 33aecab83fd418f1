/* SPDX-License-Identifier: Apache-2.0 */
/* process/scheduler.h - process.scheduler: policy and parameters. */
#ifndef PROCESS_SCHEDULER_H
#define PROCESS_SCHEDULER_H

#include <stdint.h>
#include <sys/types.h>

#include "util/err.h"

struct oci_scheduler;

/* struct sched_attr of sched_setattr(2), of which headers have several. */
struct scheduler {
	uint32_t size, policy;
	uint64_t flags;
	int32_t nice;
	uint32_t priority;
	uint64_t runtime, deadline, period; /* nanoseconds */
	uint32_t util_min, util_max;
};

/**
 * scheduler_decode - what sched_setattr(2) is to be given
 *
 * A parameter that is no part of the policy is refused unless it is 0.
 *
 * Return: 0, -EINVAL, or -ENOTSUP for SCHED_ISO, which Linux never got; @e
 *	   begins with the path ("process.scheduler.nice: …").
 *
 * Source: config.md "Linux Process", sched(7).
 */
int scheduler_decode(const struct oci_scheduler *s, struct scheduler *ret,
		     struct err *e);

/**
 * scheduler_apply - make it so
 * @pid:	a child that nobody has waited for; 0: the caller
 *
 * Return: 0 or -errno of sched_setattr(2) with a text.
 */
int scheduler_apply(const struct scheduler *s, pid_t pid, struct err *e);

#endif
