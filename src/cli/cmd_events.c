/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>

#include "cgroups/cgroup.h"
#include "cgroups/events.h"
#include "cgroups/stats.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"
#include "cli/stats_table.h"
#include "cli/table.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/ev.h"
#include "util/jsonw.h"

struct events_options {
	int64_t interval; /* milliseconds */
	unsigned int format;
	bool stats;
};

struct watch {
	const struct events_options *o;
	const char *id;
	struct cgroup cg;
	struct cgroup_events ev;
};

static void watch_done(struct watch *w)
{
	cgroup_events_close(&w->ev);
	cgroup_done(&w->cg);
}

/* A watcher wants each line when it happens; nobody reads on when it fails. */
static int flush(struct err *e)
{
	if (fflush(stdout) == 0 && !ferror(stdout))
		return 0;
	return err_sys(e, errno, "write to standard output");
}

static int print_stats(const struct watch *w, struct err *e)
{
	auto_arena a = { 0 };
	auto_buf line = { 0 };
	struct cgroup_stats s = { 0 };
	int r = cgroup_stats_read(&w->cg, &a, &s, e);

	if (r < 0)
		return r;
	if (w->o->format == FORMAT_TABLE) {
		stats_table(&s, &a);
		return flush(e);
	}
	cgroup_stats_json(&s, w->id, &line);
	if (line.failed)
		return err_set(e, ENOMEM, "out of memory");
	puts(buf_str(&line));
	return flush(e);
}

static int print_oom(const struct watch *w, struct err *e)
{
	auto_buf line = { 0 };
	struct jsonw json = JSONW_COMPACT(&line);

	if (w->o->format == FORMAT_TABLE) {
		puts("out of memory");
		return flush(e);
	}
	jsonw_object(&json);
	jsonw_str_member(&json, "type", "oom");
	jsonw_str_member(&json, "id", w->id);
	jsonw_object_end(&json);
	puts(buf_str(&line));
	return flush(e);
}

/* Return: 1 when nothing more will come, 0 or -errno. */
static int report_changes(struct watch *w, struct err *e)
{
	struct cgroup_events_change c = { 0 };
	int r = cgroup_events_read(&w->ev, &c, e);

	if (r < 0)
		return r;
	if (c.oom || c.oom_kill) {
		r = print_oom(w, e);
		if (r < 0)
			return r;
	}
	return c.emptied || c.removed;
}

/* Waits for a change or until @deadline (ev_now).  Return: as above. */
static int wait_until(struct watch *w, int64_t deadline, struct err *e)
{
	struct pollfd p = { .fd = w->ev.fd, .events = POLLIN };
	int64_t left;

	while ((left = deadline - ev_now()) > 0) {
		const struct timespec ts = { .tv_sec = left / 1000000000,
					     .tv_nsec = left % 1000000000 };
		int r = ppoll(&p, 1, &ts, NULL);

		if (r < 0 && errno != EINTR)
			return err_sys(e, errno, "wait for events");
		if (r <= 0)
			continue;
		r = report_changes(w, e);
		if (r != 0)
			return r;
	}
	return 0;
}

static int watch_loop(struct watch *w, struct err *e)
{
	int64_t next = ev_now();
	int r = cgroup_events_open(&w->cg, &w->ev, e);

	while (r == 0) {
		r = print_stats(w, e);
		if (r < 0 || !w->ev.populated)
			break; /* its last process went before we looked */
		next += w->o->interval * 1000000;
		r = wait_until(w, next, e);
	}
	return r < 0 ? r : 0;
}

static int open_cgroup(struct cli *cli, const char *id, struct cgroup *ret,
		       struct err *e)
{
	struct container_info c;
	int r = container_state(&cli->ctx, id, &cli->arena, &c, e);

	if (r < 0)
		return r;
	if (c.status == STATUS_STOPPED)
		return err_set(e, ESRCH, "container not running: %s is stopped",
			       id);
	if (!c.cgroup)
		return err_set(e, ENOENT,
			       "container `%s` has no cgroup, so no statistics",
			       id);
	return cgroup_open(c.cgroup, ret, e);
}

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	struct watch w = {
		.o = options,
		.id = operands[0],
		.cg = CGROUP_NONE,
		.ev = CGROUP_EVENTS_NONE,
	};
	int r = open_cgroup(cli, w.id, &w.cg, e);

	if (r == 0)
		r = w.o->stats ? print_stats(&w, e) : watch_loop(&w, e);
	watch_done(&w);
	return r;
}

static const struct opt options[] = {
	FLAG(events_options, stats, "stats", 0,
	     "show the statistics once and end"),
	DURATION(events_options, interval, "interval", 0, "TIME",
		 "between two statistics, as 500ms, 5s or 1m (5s)"),
	CHOICE(events_options, format, "format", 'f', "FORMAT",
	       "table or json, one object a line (json)", format_words),
	OPTIONS_END,
};

static const struct events_options defaults = {
	.interval = 5000,
	.format = FORMAT_JSON,
};

const struct command cmd_events = {
	.name = "events",
	.operands = "ID",
	.summary = "show what a container uses, and when it lacks memory",
	.description =
		"Show statistics of the container ID at once and then at every interval, and an\n"
		"event whenever it runs out of memory, until its last process ends. They tell\n"
		"the use and limits of CPU, memory, processes, I/O, huge pages and RDMA, and the\n"
		"time lost waiting for them (PSI).",
	.examples = "  berth events --stats --format table web\n"
		    "  berth events --interval 1s web",
	.options = options,
	.defaults = &defaults,
	.size = sizeof(struct events_options),
	.min = 1,
	.max = 1,
	.run = run,
};
