// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/stats.c - reading statistics: one table says which file fills what.
 */
#include "cgroups/stats.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/internal.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/num.h"
#include "util/sys.h"

#define STAT_FILE_MAX (4u << 20)
#define LINES_MAX 65536 /* of one file */

struct reader {
	const struct cgroup *cg;
	struct arena *a;
	struct cgroup_stats *s;
};

/* A row of the table: @into is an offset in struct cgroup_stats. */
struct source {
	const char *file;
	int (*parse)(struct reader *rd, const struct source *src, char *text);
	size_t into;
	const char *key; /* of a flat keyed file */
};

static void *at(struct reader *rd, size_t offset)
{
	return (char *)rd->s + offset;
}

/* --- formats --------------------------------------------------------------------- */

/* The next line of *@text, cut off; NULL at the end. */
static char *next_line(char **text)
{
	char *line = *text;
	size_t len = strcspn(line, "\n");

	if (!*line)
		return NULL;
	*text = line + len + (line[len] == '\n');
	line[len] = '\0';
	return line;
}

static size_t count_lines(const char *text)
{
	size_t n = *text != '\0';

	for (; *text; text++)
		n += *text == '\n' && text[1];
	return n < LINES_MAX ? n : LINES_MAX;
}

static bool number(const char *s, size_t len, uint64_t *ret)
{
	if (len == 3 && !memcmp(s, "max", 3)) {
		*ret = CGROUP_UNLIMITED;
		return true;
	}
	return num_u64n(s, len, UINT64_MAX, ret) == 0;
}

static int parse_value(struct reader *rd, const struct source *src, char *text)
{
	uint64_t *v = at(rd, src->into);

	number(text, strcspn(text, "\n"), v);
	return 0;
}

/* The usage of a counter: that it can be read says that the counter is there. */
static int parse_usage(struct reader *rd, const struct source *src, char *text)
{
	struct cgroup_counter *c = at(rd, src->into);

	c->set = number(text, strcspn(text, "\n"), &c->usage);
	if (c->set)
		c->limit = CGROUP_UNLIMITED;
	return 0;
}

static int parse_key(struct reader *rd, const struct source *src, char *text)
{
	cgroup_flat_value(text, src->key, at(rd, src->into));
	return 0;
}

static int parse_throttling(struct reader *rd, const struct source *src,
			    char *text)
{
	rd->s->cpu.throttling = cgroup_flat_value(text, "nr_periods",
						  &rd->s->cpu.periods);
	return 0;
}

static int parse_memory_stat(struct reader *rd, const struct source *src,
			     char *text)
{
	struct cgroup_key_value *v;
	size_t n = 0, max = count_lines(text);
	char *line;

	v = arena_array(rd->a, max, sizeof(*v));
	if (!v)
		return -ENOMEM;
	while (n < max && (line = next_line(&text))) {
		size_t len = strcspn(line, " ");

		if (!line[len] ||
		    !number(line + len + 1, strlen(line + len + 1), &v[n].value))
			continue;
		v[n].key = arena_dup(rd->a, line, len);
		if (!v[n++].key)
			return -ENOMEM;
	}
	rd->s->memory_stat = v;
	rd->s->n_memory_stat = n;
	return 0;
}

/* The number behind "@key=" in a line; @ret untouched without it. */
static bool nested_value(const char *line, const char *key, uint64_t *ret)
{
	size_t key_len = strlen(key);

	for (;; line += strcspn(line, " ")) {
		line += strspn(line, " ");
		if (!*line)
			return false;
		if (!strncmp(line, key, key_len) && line[key_len] == '=') {
			line += key_len + 1;
			return number(line, strcspn(line, " "), ret);
		}
	}
}

static bool device_number(const char *line, uint32_t *major, uint32_t *minor)
{
	size_t a = strcspn(line, ": "), b;
	uint64_t x, y;

	if (line[a] != ':')
		return false;
	b = strcspn(line + a + 1, " ");
	if (num_u64n(line, a, UINT32_MAX, &x) < 0 ||
	    num_u64n(line + a + 1, b, UINT32_MAX, &y) < 0)
		return false;
	*major = (uint32_t)x;
	*minor = (uint32_t)y;
	return true;
}

static int parse_io_stat(struct reader *rd, const struct source *src, char *text)
{
	size_t n = 0, max = count_lines(text);
	struct cgroup_io_stat *v = arena_array(rd->a, max, sizeof(*v));
	char *line;

	if (!v)
		return -ENOMEM;
	while (n < max && (line = next_line(&text))) {
		struct cgroup_io_stat *io = &v[n];

		if (!device_number(line, &io->major, &io->minor) ||
		    !nested_value(line, "rbytes", &io->rbytes))
			continue; /* a device without I/O has its number alone */
		nested_value(line, "wbytes", &io->wbytes);
		nested_value(line, "dbytes", &io->dbytes);
		nested_value(line, "rios", &io->rios);
		nested_value(line, "wios", &io->wios);
		nested_value(line, "dios", &io->dios);
		n++;
	}
	rd->s->io = v;
	rd->s->n_io = n;
	return 0;
}

/* "0.00" to hundredths */
static bool hundredths(const char *line, const char *key, uint64_t *ret)
{
	const char *p = strstr(line, key);
	size_t whole_len;
	uint64_t whole;

	if (!p)
		return false;
	p += strlen(key);
	whole_len = strcspn(p, ". \n");
	if (num_u64n(p, whole_len, UINT32_MAX, &whole) < 0)
		return false;
	p += whole_len;
	whole *= 100;
	if (*p == '.' && p[1] >= '0' && p[1] <= '9') {
		whole += (uint64_t)(p[1] - '0') * 10;
		if (p[2] >= '0' && p[2] <= '9')
			whole += (uint64_t)(p[2] - '0');
	}
	*ret = whole;
	return true;
}

static int parse_psi(struct reader *rd, const struct source *src, char *text)
{
	struct cgroup_psi *psi = at(rd, src->into);
	char *line;

	while ((line = next_line(&text))) {
		struct cgroup_psi_line *l;

		if (!strncmp(line, "some ", 5))
			l = &psi->some;
		else if (!strncmp(line, "full ", 5))
			l = &psi->full;
		else
			continue;
		psi->set = true;
		hundredths(line, "avg10=", &l->avg10);
		hundredths(line, "avg60=", &l->avg60);
		hundredths(line, "avg300=", &l->avg300);
		nested_value(line, "total", &l->total);
	}
	return 0;
}

static struct cgroup_rdma_stat *rdma_of(struct cgroup_stats *s, const char *line,
					size_t len)
{
	for (size_t i = 0; i < s->n_rdma; i++)
		if (!strncmp(s->rdma[i].device, line, len) &&
		    !s->rdma[i].device[len])
			return &s->rdma[i];
	return NULL;
}

static int parse_rdma_usage(struct reader *rd, const struct source *src,
			    char *text)
{
	size_t n = 0, max = count_lines(text);
	struct cgroup_rdma_stat *v = arena_array(rd->a, max, sizeof(*v));
	char *line;

	if (!v)
		return -ENOMEM;
	while (n < max && (line = next_line(&text))) {
		v[n].device = arena_dup(rd->a, line, strcspn(line, " "));
		if (!v[n].device)
			return -ENOMEM;
		v[n].max_handles = v[n].max_objects = CGROUP_UNLIMITED;
		nested_value(line, "hca_handle", &v[n].handles);
		nested_value(line, "hca_object", &v[n].objects);
		n++;
	}
	rd->s->rdma = v;
	rd->s->n_rdma = n;
	return 0;
}

static int parse_rdma_max(struct reader *rd, const struct source *src,
			  char *text)
{
	char *line;

	while ((line = next_line(&text))) {
		struct cgroup_rdma_stat *d =
			rdma_of(rd->s, line, strcspn(line, " "));

		if (!d)
			continue;
		nested_value(line, "hca_handle", &d->max_handles);
		nested_value(line, "hca_object", &d->max_objects);
	}
	return 0;
}

/* --- the table --------------------------------------------------------------------- */

#define INTO(member) offsetof(struct cgroup_stats, member)

static const struct source sources[] = {
	{ "cpu.stat", parse_key, INTO(cpu.usage), "usage_usec" },
	{ "cpu.stat", parse_key, INTO(cpu.user), "user_usec" },
	{ "cpu.stat", parse_key, INTO(cpu.system), "system_usec" },
	{ "cpu.stat", parse_throttling, 0, NULL },
	{ "cpu.stat", parse_key, INTO(cpu.throttled_periods), "nr_throttled" },
	{ "cpu.stat", parse_key, INTO(cpu.throttled_time), "throttled_usec" },
	{ "cpu.stat", parse_key, INTO(cpu.bursts), "nr_bursts" },
	{ "cpu.stat", parse_key, INTO(cpu.burst_time), "burst_usec" },
	{ "cpu.pressure", parse_psi, INTO(cpu_psi), NULL },
	{ "memory.current", parse_usage, INTO(memory), NULL },
	{ "memory.max", parse_value, INTO(memory.limit), NULL },
	{ "memory.peak", parse_value, INTO(memory.peak), NULL },
	{ "memory.events", parse_key, INTO(memory.failcnt), "max" },
	{ "memory.events", parse_key, INTO(memory_events.low), "low" },
	{ "memory.events", parse_key, INTO(memory_events.high), "high" },
	{ "memory.events", parse_key, INTO(memory_events.max), "max" },
	{ "memory.events", parse_key, INTO(memory_events.oom), "oom" },
	{ "memory.events", parse_key, INTO(memory_events.oom_kill), "oom_kill" },
	{ "memory.events", parse_key, INTO(memory_events.oom_group_kill),
	  "oom_group_kill" },
	{ "memory.swap.current", parse_usage, INTO(swap), NULL },
	{ "memory.swap.max", parse_value, INTO(swap.limit), NULL },
	{ "memory.swap.peak", parse_value, INTO(swap.peak), NULL },
	{ "memory.swap.events", parse_key, INTO(swap.failcnt), "fail" },
	{ "memory.stat", parse_memory_stat, 0, NULL },
	{ "memory.pressure", parse_psi, INTO(memory_psi), NULL },
	{ "pids.current", parse_usage, INTO(pids), NULL },
	{ "pids.max", parse_value, INTO(pids.limit), NULL },
	{ "pids.peak", parse_value, INTO(pids.peak), NULL },
	{ "pids.events", parse_key, INTO(pids.failcnt), "max" },
	{ "io.stat", parse_io_stat, 0, NULL },
	{ "io.pressure", parse_psi, INTO(io_psi), NULL },
	{ "rdma.current", parse_rdma_usage, 0, NULL },
	{ "rdma.max", parse_rdma_max, 0, NULL },
};

/* A file that is not there, or that a threaded cgroup does not offer, is no
 * failure: *@ret is NULL then. */
static int read_text(int dirfd, const char *file, char **ret, struct err *e)
{
	auto_fd fd = sys_openat(dirfd, file, O_RDONLY, 0);
	size_t len;
	int r = fd;

	*ret = NULL;
	if (fd >= 0)
		r = fs_read_fd(fd, file, STAT_FILE_MAX, ret, &len, e);
	if (r == -ENOENT || r == -EOPNOTSUPP)
		return 0;
	return r < 0 ? err_sys(e, r, "read %s", file) : 0;
}

/* One file for all its rows, which stand together. */
static int read_source(struct reader *rd, size_t first, size_t n, struct err *e)
{
	auto_mem char *text = NULL;
	int r = read_text(rd->cg->fd, sources[first].file, &text, e);

	for (size_t i = first; text && r == 0 && i < first + n; i++) {
		r = sources[i].parse(rd, &sources[i], text);
		if (r < 0)
			return err_sys(e, r, "%s", sources[i].file);
	}
	return r;
}

/* --- hugetlb: the page sizes are in the names of the files ------------------------- */

static uint64_t read_number(int dirfd, const char *size, const char *what,
			    uint64_t otherwise)
{
	char file[320], text[64];
	uint64_t v = otherwise;

	snprintf(file, sizeof(file), "hugetlb.%s.%s", size, what);
	if (cgroup_read_value(dirfd, file, text, sizeof(text)) > 0)
		number(text, strlen(text), &v);
	return v;
}

static uint64_t read_hugetlb_failures(int dirfd, const char *size)
{
	char file[320], text[256];
	uint64_t v = 0;

	snprintf(file, sizeof(file), "hugetlb.%s.events", size);
	if (cgroup_read_value(dirfd, file, text, sizeof(text)) > 0)
		cgroup_flat_value(text, "max", &v);
	return v;
}

/* "2MB" of "hugetlb.2MB.current", in @a; NULL for any other file. */
static char *page_size_of(struct arena *a, const char *file)
{
	static const char head[] = "hugetlb.", tail[] = ".current";
	size_t h = sizeof(head) - 1, t = sizeof(tail) - 1, len = strlen(file);

	if (len <= h + t || memcmp(file, head, h) ||
	    memcmp(file + len - t, tail, t) ||
	    memchr(file + h, '.', len - h - t))
		return NULL;
	return arena_dup(a, file + h, len - h - t);
}

static void read_hugetlb_size(struct reader *rd, const char *size)
{
	struct cgroup_hugetlb_stat *h = &rd->s->hugetlb[rd->s->n_hugetlb++];
	int dir = rd->cg->fd;

	h->page_size = size;
	h->counter = (struct cgroup_counter){
		.set = true,
		.usage = read_number(dir, size, "current", 0),
		.limit = read_number(dir, size, "max", CGROUP_UNLIMITED),
		.failcnt = read_hugetlb_failures(dir, size),
	};
}

#define PAGE_SIZES_MAX 16

/* The kernel's own list of page sizes would need another file system; the
 * cgroup's directory has it too. */
static int read_hugetlb(struct reader *rd, struct err *e)
{
	auto_fd fd = sys_openat(rd->cg->fd, ".", O_RDONLY | O_DIRECTORY, 0);
	auto_dir dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;

	if (!dir)
		return err_sys(e, fd < 0 ? fd : errno, "read %s", rd->cg->path);
	fd_take(&fd);
	rd->s->hugetlb = arena_array(rd->a, PAGE_SIZES_MAX,
				     sizeof(*rd->s->hugetlb));
	if (!rd->s->hugetlb)
		return err_set(e, ENOMEM, "statistics: out of memory");
	while ((d = readdir(dir)) && rd->s->n_hugetlb < PAGE_SIZES_MAX) {
		const char *size = page_size_of(rd->a, d->d_name);

		if (size)
			read_hugetlb_size(rd, size);
	}
	return 0;
}

int cgroup_stats_read(const struct cgroup *cg, struct arena *a,
		      struct cgroup_stats *ret, struct err *e)
{
	struct cgroup_stats s = { 0 };
	struct reader rd = { .cg = cg, .a = a, .s = &s };
	int r = 0;

	for (size_t i = 0, n; i < ARRAY_LEN(sources) && r == 0; i += n) {
		for (n = 1; i + n < ARRAY_LEN(sources) &&
			    !strcmp(sources[i].file, sources[i + n].file);)
			n++;
		r = read_source(&rd, i, n, e);
	}
	if (r == 0)
		r = read_hugetlb(&rd, e);
	if (r < 0)
		return err_wrap(e, "statistics of %s", cg->path);
	*ret = s;
	return 0;
}

uint64_t cgroup_stats_memory(const struct cgroup_stats *s, const char *key)
{
	for (size_t i = 0; i < s->n_memory_stat; i++)
		if (!strcmp(s->memory_stat[i].key, key))
			return s->memory_stat[i].value;
	return 0;
}
