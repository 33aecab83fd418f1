/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/stats_table.h"

#include <inttypes.h>
#include <stdio.h>

#include "cgroups/stats.h"
#include "cli/table.h"
#include "util/arena.h"

#define COLUMNS 6
#define ROWS_MAX 8

struct rows {
	struct arena *arena;
	const char *cells[ROWS_MAX * COLUMNS];
	size_t n;
};

const char *size_text(uint64_t bytes, char buf[SIZE_TEXT])
{
	static const char units[] = "KMGTPE";
	uint64_t unit = 1024;
	size_t i = 0;

	if (bytes < 1024) {
		snprintf(buf, SIZE_TEXT, "%" PRIu64 "B", bytes);
		return buf;
	}
	while (bytes / unit >= 1024) {
		unit *= 1024;
		i++;
	}
	/* cut, not rounded: 1023.96 stays below 1024 */
	snprintf(buf, SIZE_TEXT, "%" PRIu64 ".%" PRIu64 "%ciB", bytes / unit,
		 bytes % unit / (unit / 1024) * 10 / 1024, units[i]);
	return buf;
}

static const char *size_cell(struct rows *r, uint64_t bytes)
{
	char text[SIZE_TEXT];

	if (bytes == CGROUP_UNLIMITED)
		return "max";
	return arena_strdup(r->arena, size_text(bytes, text));
}

static const char *count_cell(struct rows *r, uint64_t n)
{
	if (n == CGROUP_UNLIMITED)
		return "max";
	return arena_printf(r->arena, "%" PRIu64, n);
}

static const char *seconds_cell(struct rows *r, uint64_t us)
{
	return arena_printf(r->arena, "%" PRIu64 ".%03" PRIu64 "s",
			    us / 1000000, us / 1000 % 1000);
}

static const char *waited_cell(struct rows *r, const struct cgroup_psi *p)
{
	if (!p || !p->set)
		return NULL;
	return arena_printf(r->arena, "%" PRIu64 ".%02" PRIu64 "%%",
			    p->some.avg10 / 100, p->some.avg10 % 100);
}

static void add(struct rows *r, const char *const cells[COLUMNS])
{
	for (size_t i = 0; i < COLUMNS; i++)
		r->cells[r->n * COLUMNS + i] = cells[i];
	r->n++;
}

static void add_cpu(struct rows *r, const struct cgroup_stats *s)
{
	add(r, (const char *const[COLUMNS]){
		       "cpu", seconds_cell(r, s->cpu.usage), NULL, NULL,
		       s->cpu.throttling ?
			       count_cell(r, s->cpu.throttled_periods) :
			       NULL,
		       waited_cell(r, &s->cpu_psi) });
}

static void add_counter(struct rows *r, const char *name,
			const struct cgroup_counter *c,
			const struct cgroup_psi *psi,
			const char *(*cell)(struct rows *r, uint64_t v))
{
	if (!c->set)
		return;
	add(r, (const char *const[COLUMNS]){
		       name, cell(r, c->usage), cell(r, c->limit),
		       c->peak ? cell(r, c->peak) : NULL,
		       count_cell(r, c->failcnt), waited_cell(r, psi) });
}

static void add_io(struct rows *r, const struct cgroup_stats *s)
{
	uint64_t rbytes = 0, wbytes = 0;

	for (size_t i = 0; i < s->n_io; i++) {
		rbytes += s->io[i].rbytes;
		wbytes += s->io[i].wbytes;
	}
	if (!s->n_io && !s->io_psi.set)
		return;
	add(r, (const char *const[COLUMNS]){ "read", size_cell(r, rbytes), NULL,
					     NULL, NULL,
					     waited_cell(r, &s->io_psi) });
	add(r, (const char *const[COLUMNS]){ "written", size_cell(r, wbytes) });
}

void stats_table(const struct cgroup_stats *s, struct arena *a)
{
	struct rows r = { .arena = a };

	add(&r, (const char *const[COLUMNS]){ "RESOURCE", "USED", "LIMIT",
					      "PEAK", "HIT", "WAITED" });
	add_cpu(&r, s);
	add_counter(&r, "memory", &s->memory, &s->memory_psi, size_cell);
	add_counter(&r, "swap", &s->swap, NULL, size_cell);
	add_counter(&r, "pids", &s->pids, NULL, count_cell);
	add_io(&r, s);
	table_print(&(struct table){
		.columns = COLUMNS, .rows = r.n, .cells = r.cells });
}
