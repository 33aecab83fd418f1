/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroups/events.h - being told when a cgroup runs out of memory, gets empty, or
 * is under pressure.
 */
#ifndef CGROUPS_EVENTS_H
#define CGROUPS_EVENTS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct cgroup;

/* Out of memory and emptiness: one inotify fd over memory.events and
 * cgroup.events; readable when something may have changed. */
struct cgroup_events {
	int fd;	     /* poll for POLLIN; owned */
	int memory;  /* memory.events, -1 without the controller; owned */
	int cgroup;  /* cgroup.events; owned */
	uint64_t oom, oom_kill; /* as last read */
	bool populated;
};

struct cgroup_events_change {
	uint64_t oom, oom_kill; /* how many since the last read */
	bool emptied;		/* the last process went */
	bool removed;		/* the cgroup is gone; nothing more will come */
};

#define CGROUP_EVENTS_NONE { .fd = -1, .memory = -1, .cgroup = -1 }

/* cgroup_events_open - start watching; what is there now is not reported. */
int cgroup_events_open(const struct cgroup *cg, struct cgroup_events *ret,
		       struct err *e);

/* cgroup_events_read - what changed; never blocks. */
int cgroup_events_read(struct cgroup_events *ev,
		       struct cgroup_events_change *ret, struct err *e);

void cgroup_events_close(struct cgroup_events *ev);

enum cgroup_pressure { CGROUP_PRESSURE_CPU, CGROUP_PRESSURE_MEMORY,
		       CGROUP_PRESSURE_IO };

struct cgroup_pressure_trigger {
	bool full; /* all tasks stalled at once, instead of some */
	uint64_t stall_us, window_us; /* time lost in each window that triggers;
				       * windows from 500 ms to 10 s, without
				       * CAP_SYS_RESOURCE multiples of 2 s */
};

/**
 * cgroup_pressure_open - a trigger on a pressure file
 *
 * Return: an fd owned by the caller, to be polled for POLLPRI (POLLERR: the
 *	   cgroup is gone); or -errno, -ENOTSUP without pressure accounting.
 */
int cgroup_pressure_open(const struct cgroup *cg, enum cgroup_pressure what,
			 const struct cgroup_pressure_trigger *t,
			 struct err *e);

#endif
