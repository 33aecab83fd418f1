/* SPDX-License-Identifier: Apache-2.0 */
/*
 * process/settings.h - what the runtime sets on the process while that waits
 * for its start: scheduler and I/O priority.  A process in a user namespace of
 * its own may not do it, since both ask for a capability over the host.
 */
#ifndef PROCESS_SETTINGS_H
#define PROCESS_SETTINGS_H

#include <stdbool.h>

#include "process/scheduler.h"

struct oci_process;

struct process_settings {
	bool has_scheduler, has_io_priority;
	struct scheduler scheduler;
	int io_priority;
};

/* process_settings_decode - Return: 0, -EINVAL or -ENOTSUP; @e begins with the
 * path. */
int process_settings_decode(const struct oci_process *p,
			    struct process_settings *ret, struct err *e);

static inline bool process_settings_any(const struct process_settings *s)
{
	return s->has_scheduler || s->has_io_priority;
}

/* process_settings_apply - @pid: a child that nobody has waited for.
 * Return: 0 or -errno with a text. */
int process_settings_apply(const struct process_settings *s, pid_t pid,
			   struct err *e);

#endif
