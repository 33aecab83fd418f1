// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/stats_json.c - statistics as the JSON document that engines decode.
 *
 * Its members come from cgroup v1, so some are put together here: times in
 * nanoseconds, "swap" as memory and swap, "cache" as the page cache.  A limit
 * that there is not is the largest number.
 */
#include <stdio.h>

#include "cgroups/stats.h"
#include "util/buf.h"
#include "util/jsonw.h"

#define NS_PER_US 1000

static void add_psi_line(struct jsonw *w, const char *name,
			 const struct cgroup_psi_line *l)
{
	const struct {
		const char *name;
		uint64_t hundredths;
	} averages[] = {
		{ "avg10", l->avg10 },
		{ "avg60", l->avg60 },
		{ "avg300", l->avg300 },
	};

	jsonw_object_member(w, name);
	for (size_t i = 0; i < sizeof(averages) / sizeof(averages[0]); i++) {
		char text[32];
		int len = snprintf(text, sizeof(text), "%llu.%02llu",
				   (unsigned long long)averages[i].hundredths / 100,
				   (unsigned long long)averages[i].hundredths % 100);

		jsonw_key(w, averages[i].name);
		jsonw_raw(w, text, (size_t)len);
	}
	jsonw_u64_member(w, "total", l->total);
	jsonw_object_end(w);
}

static void add_psi(struct jsonw *w, const struct cgroup_psi *psi)
{
	if (!psi->set)
		return;
	jsonw_object_member(w, "psi");
	add_psi_line(w, "some", &psi->some);
	add_psi_line(w, "full", &psi->full);
	jsonw_object_end(w);
}

static void add_cpu(struct jsonw *w, const struct cgroup_stats *s)
{
	jsonw_object_member(w, "cpu");
	jsonw_object_member(w, "usage");
	jsonw_u64_member(w, "total", s->cpu.usage * NS_PER_US);
	jsonw_u64_member(w, "kernel", s->cpu.system * NS_PER_US);
	jsonw_u64_member(w, "user", s->cpu.user * NS_PER_US);
	jsonw_object_end(w);
	jsonw_object_member(w, "throttling");
	if (s->cpu.throttling) {
		jsonw_u64_member(w, "periods", s->cpu.periods);
		jsonw_u64_member(w, "throttledPeriods", s->cpu.throttled_periods);
		jsonw_u64_member(w, "throttledTime",
				 s->cpu.throttled_time * NS_PER_US);
	}
	jsonw_object_end(w);
	add_psi(w, &s->cpu_psi);
	jsonw_object_end(w);
}

static void add_counter(struct jsonw *w, const char *name,
			const struct cgroup_counter *c)
{
	jsonw_object_member(w, name);
	jsonw_u64_member(w, "limit", c->limit);
	jsonw_u64_member(w, "usage", c->usage);
	jsonw_u64_member(w, "max", c->peak);
	jsonw_u64_member(w, "failcnt", c->failcnt);
	jsonw_object_end(w);
}

static struct cgroup_counter memory_and_swap(const struct cgroup_stats *s)
{
	struct cgroup_counter c = s->swap;

	if (!c.set)
		return c;
	c.usage += s->memory.usage;
	if (c.limit == CGROUP_UNLIMITED || s->memory.limit == CGROUP_UNLIMITED ||
	    __builtin_add_overflow(c.limit, s->memory.limit, &c.limit))
		c.limit = CGROUP_UNLIMITED;
	c.peak = 0; /* the two peaks need not have been at one time */
	return c;
}

static void add_memory(struct jsonw *w, const struct cgroup_stats *s)
{
	const struct cgroup_counter none = { 0 };
	struct cgroup_counter swap = memory_and_swap(s);

	jsonw_object_member(w, "memory");
	jsonw_u64_member(w, "cache", cgroup_stats_memory(s, "file"));
	add_counter(w, "usage", &s->memory);
	add_counter(w, "swap", &swap);
	add_counter(w, "kernel", &none);
	add_counter(w, "kernelTCP", &none);
	jsonw_object_member(w, "raw");
	for (size_t i = 0; i < s->n_memory_stat; i++)
		jsonw_u64_member(w, s->memory_stat[i].key,
				 s->memory_stat[i].value);
	jsonw_object_end(w);
	add_psi(w, &s->memory_psi);
	jsonw_object_end(w);
}

/* A pids limit that there is not is 0 here. */
static void add_pids(struct jsonw *w, const struct cgroup_stats *s)
{
	jsonw_object_member(w, "pids");
	jsonw_u64_member(w, "current", s->pids.usage);
	if (s->pids.limit != CGROUP_UNLIMITED)
		jsonw_u64_member(w, "limit", s->pids.limit);
	jsonw_object_end(w);
}

static void add_io_entry(struct jsonw *w, const struct cgroup_io_stat *io,
			 const char *op, uint64_t value)
{
	jsonw_object(w);
	jsonw_u64_member(w, "major", io->major);
	jsonw_u64_member(w, "minor", io->minor);
	jsonw_str_member(w, "op", op);
	jsonw_u64_member(w, "value", value);
	jsonw_object_end(w);
}

static void add_io(struct jsonw *w, const struct cgroup_stats *s)
{
	jsonw_object_member(w, "blkio");
	jsonw_array_member(w, "ioServiceBytesRecursive");
	for (size_t i = 0; i < s->n_io; i++) {
		add_io_entry(w, &s->io[i], "Read", s->io[i].rbytes);
		add_io_entry(w, &s->io[i], "Write", s->io[i].wbytes);
		add_io_entry(w, &s->io[i], "Discard", s->io[i].dbytes);
	}
	jsonw_array_end(w);
	jsonw_array_member(w, "ioServicedRecursive");
	for (size_t i = 0; i < s->n_io; i++) {
		add_io_entry(w, &s->io[i], "Read", s->io[i].rios);
		add_io_entry(w, &s->io[i], "Write", s->io[i].wios);
		add_io_entry(w, &s->io[i], "Discard", s->io[i].dios);
	}
	jsonw_array_end(w);
	add_psi(w, &s->io_psi);
	jsonw_object_end(w);
}

static void add_hugetlb(struct jsonw *w, const struct cgroup_stats *s)
{
	jsonw_object_member(w, "hugetlb");
	for (size_t i = 0; i < s->n_hugetlb; i++) {
		const struct cgroup_counter *c = &s->hugetlb[i].counter;

		jsonw_object_member(w, s->hugetlb[i].page_size);
		jsonw_u64_member(w, "usage", c->usage);
		jsonw_u64_member(w, "failcnt", c->failcnt);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

void cgroup_stats_json(const struct cgroup_stats *s, const char *id,
		       struct buf *out)
{
	struct jsonw w = JSONW_COMPACT(out);

	jsonw_object(&w);
	jsonw_str_member(&w, "type", "stats");
	jsonw_str_member(&w, "id", id);
	jsonw_object_member(&w, "data");
	add_cpu(&w, s);
	add_memory(&w, s);
	add_pids(&w, s);
	add_io(&w, s);
	add_hugetlb(&w, s);
	jsonw_object_end(&w);
	jsonw_object_end(&w);
}
