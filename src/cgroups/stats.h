/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroups/stats.h - what a cgroup uses and has used.
 */
#ifndef CGROUPS_STATS_H
#define CGROUPS_STATS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct arena;
struct buf;
struct cgroup;

#define CGROUP_UNLIMITED UINT64_MAX /* "max" in the kernel's files */

/* Pressure: the share of time that was lost waiting, see psi(7)'s kernel
 * document.  Averages in hundredths of a percent. */
struct cgroup_psi_line {
	uint64_t avg10, avg60, avg300;
	uint64_t total; /* microseconds */
};
struct cgroup_psi {
	bool set;
	struct cgroup_psi_line some, full;
};

struct cgroup_counter { /* one resource with a limit */
	bool set;
	uint64_t usage, limit, peak; /* limit: CGROUP_UNLIMITED; peak: 0 when the
				      * kernel has none */
	uint64_t failcnt;	     /* how often the limit was hit */
};

struct cgroup_key_value { const char *key; uint64_t value; };

struct cgroup_io_stat { /* one device */
	uint32_t major, minor;
	uint64_t rbytes, wbytes, dbytes, rios, wios, dios;
};

struct cgroup_hugetlb_stat {
	const char *page_size; /* "2MB" */
	struct cgroup_counter counter;
};

struct cgroup_rdma_stat {
	const char *device;
	uint64_t handles, objects, max_handles, max_objects;
};

struct cgroup_stats {
	struct { /* cpu.stat: there without the controller too */
		uint64_t usage, user, system; /* microseconds */
		bool throttling;	      /* the rest is known */
		uint64_t periods, throttled_periods, throttled_time; /* µs */
		uint64_t bursts, burst_time;
	} cpu;
	struct cgroup_counter memory, swap, pids; /* swap without memory */
	struct { /* memory.events, this cgroup and below */
		uint64_t low, high, max, oom, oom_kill, oom_group_kill;
	} memory_events;
	size_t n_memory_stat; /* all of memory.stat, in its order */
	struct cgroup_key_value *memory_stat;
	size_t n_io;
	struct cgroup_io_stat *io;
	size_t n_hugetlb;
	struct cgroup_hugetlb_stat *hugetlb;
	size_t n_rdma;
	struct cgroup_rdma_stat *rdma;
	struct cgroup_psi cpu_psi, memory_psi, io_psi;
};

/**
 * cgroup_stats_read - everything that the cgroup's controllers tell
 * @ret:	lists and strings in @a
 *
 * A file that is not there (controller not enabled, older kernel) leaves its
 * part zero and unset; that is no failure.
 */
int cgroup_stats_read(const struct cgroup *cg, struct arena *a,
		      struct cgroup_stats *ret, struct err *e);

/* cgroup_stats_memory - the value of a line of memory.stat, 0 without it. */
uint64_t cgroup_stats_memory(const struct cgroup_stats *s, const char *key);

/**
 * cgroup_stats_json - as `runc events --stats` prints it, without a newline
 *
 * {"type":"stats","id":"…","data":{"cpu":…,"memory":…,"pids":…,…}}; times in
 * nanoseconds, mem+swap under "swap", as containerd decodes it.
 */
void cgroup_stats_json(const struct cgroup_stats *s, const char *id,
		       struct buf *out);

#endif
