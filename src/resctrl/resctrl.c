/* SPDX-License-Identifier: Apache-2.0 */
#include "resctrl/resctrl.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "oci/spec.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"

#define GROUP_MODE 0755
#define SCHEMATA_MAX (1u << 20)	   /* bytes: some lines, each with some caches */
#define LINE_MAX_BYTES 4096	   /* the kernel takes a page */
#define WHERE "linux.intelRdt"

static bool has_text(const char *s)
{
	return s && s[0];
}

/* --- which group ------------------------------------------------------------ */

static bool sets_schemata(const struct oci_intel_rdt *rdt)
{
	return has_text(rdt->l3_cache_schema) ||
	       has_text(rdt->mem_bw_schema) || rdt->schemata.n;
}

/* enableCMT and enableMBM are what enableMonitoring was before 1.3. */
static bool monitors(const struct oci_intel_rdt *rdt)
{
	return rdt->enable_monitoring.v || rdt->enable_cmt.v ||
	       rdt->enable_mbm.v;
}

static bool is_directory(const char *path)
{
	struct stat st;

	return lstat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* These are the kernel's, in the place where groups are made. */
static int check_id(const char *id, struct err *e)
{
	static const char taken[][16] = { "info", "mon_groups", "mon_data" };

	for (size_t i = 0; i < ARRAY_LEN(taken); i++)
		if (strcmp(id, taken[i]) == 0)
			return err_set(e, EINVAL, WHERE ": a container with the "
				       "id %s cannot have a resctrl group of "
				       "its own; set closID", id);
	return 0;
}

static int own_group(const char *id, struct resctrl_group *g, struct err *e)
{
	int r = check_id(id, e);

	if (r < 0)
		return r;
	if (access(g->group, F_OK) == 0)
		return err_set(e, EEXIST, WHERE ": %s is there already, and not "
			       "this container's", g->group);
	g->make = g->own = true;
	return 0;
}

static int shared_group(const struct oci_intel_rdt *rdt, struct resctrl_group *g,
			struct err *e)
{
	g->make = !is_directory(g->group);
	if (g->make && !sets_schemata(rdt))
		return err_set(e, ENOENT, WHERE ".closID: %s does not exist, and "
			       "no schemata say what it should be", g->group);
	return 0;
}

int resctrl_choose(const char *mount, const char *id,
		   const struct oci_intel_rdt *rdt, struct arena *a,
		   struct resctrl_group *ret, struct err *e)
{
	bool shared = has_text(rdt->clos_id);
	bool root = shared && strcmp(rdt->clos_id, "/") == 0;
	struct resctrl_group g = { .mount = mount };
	int r = 0;

	g.group = root ? mount : arena_printf(a, "%s/%s", mount,
					      shared ? rdt->clos_id : id);
	if (g.group && monitors(rdt))
		g.monitor = arena_printf(a, "%s/mon_groups/%s", g.group, id);
	if (!g.group || (monitors(rdt) && !g.monitor))
		return err_set(e, ENOMEM, WHERE ": out of memory");
	if (!shared)
		r = own_group(id, &g, e);
	else if (!root)
		r = shared_group(rdt, &g, e);
	if (r == 0)
		*ret = g;
	return r;
}

/* --- schemata --------------------------------------------------------------- */

/* Why the kernel has refused a line: it tells in a file of its own. */
static int explain(const struct resctrl_group *g, const char *property,
		   const char *line, size_t len, int code, struct err *e)
{
	char path[512], status[256];
	ssize_t n;

	snprintf(path, sizeof(path), "%s/info/last_cmd_status", g->mount);
	n = fs_read_small(AT_FDCWD, path, status, sizeof(status));
	if (n <= 0 || strcmp(status, "ok") == 0)
		return err_sys(e, code, "%s: write \"%.*s\" to %s/schemata",
			       property, (int)len, line, g->group);
	return err_set(e, -code, "%s: \"%.*s\": %s", property, (int)len, line,
		       status);
}

/* One line a write, with the newline that the kernel insists on. */
static int put_line(const struct resctrl_group *g, const char *property,
		    const char *line, size_t len, struct err *e)
{
	char text[LINE_MAX_BYTES], path[LINE_MAX_BYTES];
	int r;

	if (len + 2 > sizeof(text) ||
	    (size_t)snprintf(path, sizeof(path), "%s/schemata", g->group) >=
		    sizeof(path))
		return err_set(e, ENAMETOOLONG, "%s: too long", property);
	memcpy(text, line, len);
	memcpy(text + len, "\n", 2);
	r = fs_write_text(AT_FDCWD, path, text);
	return r < 0 ? explain(g, property, line, len, r, e) : 0;
}

typedef int line_fn(const struct resctrl_group *g, const char *property,
		    const char *line, size_t len, const char *schemata,
		    struct err *e);

static int write_line(const struct resctrl_group *g, const char *property,
		      const char *line, size_t len, const char *schemata,
		      struct err *e)
{
	return put_line(g, property, line, len, e);
}

static int compare_line(const struct resctrl_group *g, const char *property,
			const char *line, size_t len, const char *schemata,
			struct err *e)
{
	if (!resctrl_differs(schemata, line))
		return 0;
	return err_set(e, EINVAL, "%s: \"%.*s\" is not what %s/schemata says, "
		       "and closID names a group that others may be in",
		       property, (int)len, line, g->group);
}

/* l3CacheSchema was allowed several lines once, of which those for bandwidth
 * belong into memBwSchema and count for nothing. */
static int each_l3_line(const struct resctrl_group *g, const char *text,
			line_fn *fn, const char *schemata, struct err *e)
{
	for (const char *s = text; s && *s; s += *s == '\n') {
		size_t len = strcspn(s, "\n");
		int r = len && strncmp(s, "MB:", 3) != 0
				? fn(g, WHERE ".l3CacheSchema", s, len,
				     schemata, e)
				: 0;

		if (r < 0)
			return r;
		s += len;
	}
	return 0;
}

static int each_line(const struct resctrl_group *g,
		     const struct oci_intel_rdt *rdt, line_fn *fn,
		     const char *schemata, struct err *e)
{
	int r = each_l3_line(g, rdt->l3_cache_schema, fn, schemata, e);

	if (r == 0 && has_text(rdt->mem_bw_schema))
		r = fn(g, WHERE ".memBwSchema", rdt->mem_bw_schema,
		       strlen(rdt->mem_bw_schema), schemata, e);
	return r;
}

int resctrl_write(const struct resctrl_group *g, const struct oci_intel_rdt *rdt,
		  struct err *e)
{
	int r = each_line(g, rdt, write_line, NULL, e);

	/* Last: the specification lets these win. */
	for (size_t i = 0; r == 0 && i < rdt->schemata.n; i++) {
		char property[48];

		snprintf(property, sizeof(property), WHERE ".schemata[%zu]", i);
		r = put_line(g, property, rdt->schemata.v[i],
			     strlen(rdt->schemata.v[i]), e);
	}
	return r;
}

/* A group that others may be in is not changed behind their backs. */
static int compare(const struct resctrl_group *g,
		   const struct oci_intel_rdt *rdt, struct err *e)
{
	auto_mem char *schemata = NULL;
	char path[LINE_MAX_BYTES];
	size_t len;
	int r;

	if (!has_text(rdt->l3_cache_schema) && !has_text(rdt->mem_bw_schema))
		return 0;
	if ((size_t)snprintf(path, sizeof(path), "%s/schemata", g->group) >=
	    sizeof(path))
		return err_set(e, ENAMETOOLONG, WHERE ".closID: too long");
	r = fs_read_all(AT_FDCWD, path, SCHEMATA_MAX, &schemata, &len, e);
	if (r < 0)
		return err_wrap(e, WHERE);
	return each_line(g, rdt, compare_line, schemata, e);
}

/* --- making and removing ------------------------------------------------------ */

static int make_directory(const char *property, const char *path, struct err *e)
{
	if (mkdirat(AT_FDCWD, path, GROUP_MODE) == 0)
		return 0;
	if (errno == ENOSPC)
		return err_set(e, ENOSPC, "%s: make %s: the processor has no "
			       "more groups", property, path);
	return err_sys(e, errno, "%s: make %s", property, path);
}

static int remove_directory(const char *path, struct err *e)
{
	if (!path || unlinkat(AT_FDCWD, path, AT_REMOVEDIR) == 0 ||
	    errno == ENOENT)
		return 0;
	return err_sys(e, errno, WHERE ": remove %s", path);
}

static int fill(const struct resctrl_group *g, const struct oci_intel_rdt *rdt,
		struct err *e)
{
	int r = g->make ? 0 : compare(g, rdt, e);

	if (r == 0)
		r = resctrl_write(g, rdt, e);
	if (r == 0 && g->monitor)
		r = make_directory(WHERE ".enableMonitoring", g->monitor, e);
	return r;
}

int resctrl_make(const struct resctrl_group *g, const struct oci_intel_rdt *rdt,
		 struct err *e)
{
	int r = g->make ? make_directory(WHERE, g->group, e) : 0;

	if (r < 0)
		return r;
	r = fill(g, rdt, e);
	/* It was made a moment ago: nobody is in it. */
	if (r < 0 && g->make)
		remove_directory(g->group, NULL);
	return r;
}

bool resctrl_is_empty(const struct resctrl_group *g)
{
	char path[LINE_MAX_BYTES], c;
	auto_fd fd = -EBADF;

	if ((size_t)snprintf(path, sizeof(path), "%s/tasks", g->group) >=
	    sizeof(path))
		return false;
	fd = open(path, O_RDONLY | O_CLOEXEC);
	return fd >= 0 && read(fd, &c, 1) == 0;
}

static int attach(const char *group, pid_t pid, struct err *e)
{
	char path[LINE_MAX_BYTES], text[16];
	int r = -ENAMETOOLONG;

	snprintf(text, sizeof(text), "%d", (int)pid);
	if ((size_t)snprintf(path, sizeof(path), "%s/tasks", group) <
	    sizeof(path))
		r = fs_write_text(AT_FDCWD, path, text);
	return r < 0 ? err_sys(e, r, WHERE ": write the process to %s/tasks",
			       group)
		     : 0;
}

int resctrl_attach(const struct resctrl_group *g, pid_t pid, struct err *e)
{
	int r = attach(g->group, pid, e);

	return r == 0 && g->monitor ? attach(g->monitor, pid, e) : r;
}

int resctrl_remove(const struct resctrl_group *g, struct err *e)
{
	int r = remove_directory(g->monitor, e);

	return r == 0 && g->own ? remove_directory(g->group, e) : r;
}
