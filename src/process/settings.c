/* SPDX-License-Identifier: Apache-2.0 */
#include "process/settings.h"

#include "oci/spec.h"
#include "process/io_priority.h"

int process_settings_decode(const struct oci_process *p,
			    struct process_settings *ret, struct err *e)
{
	struct process_settings s = { .has_scheduler = p->scheduler,
				      .has_io_priority = p->io_priority };
	int r = 0;

	if (p->scheduler)
		r = scheduler_decode(p->scheduler, &s.scheduler, e);
	if (r == 0 && p->io_priority)
		r = io_priority_decode(p->io_priority, &s.io_priority, e);
	if (r == 0)
		*ret = s;
	return r;
}

int process_settings_apply(const struct process_settings *s, pid_t pid,
			   struct err *e)
{
	int r = 0;

	if (s->has_scheduler)
		r = scheduler_apply(&s->scheduler, pid, e);
	if (r == 0 && s->has_io_priority)
		r = io_priority_apply(s->io_priority, pid, e);
	return r;
}
