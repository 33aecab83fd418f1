// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/enable.c - having ancestors hand controllers down.
 *
 * A controller is there for a cgroup when its parent names it in
 * cgroup.subtree_control, for which the parent itself must have it, and so on
 * up to the top of the hierarchy.  A cgroup that has processes of its own
 * cannot name any, except the one real root.  The kernel refuses most of that
 * with EBUSY; but it lets a populated cgroup name cpu, cpuset and pids, turns
 * it into a threaded one thereby and makes its children unusable for
 * processes.  So processes are looked for before anything is written.
 */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "cgroups/internal.h"
#include "cgroups/limits.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/num.h"
#include "util/sys.h"

#define LIST_MAX 512	  /* bytes of a list of controllers */
#define PROC_CGROUPS_MAX 2048

struct enable {
	const struct oci_resources *r; /* NULL: optional */
	struct err *e;
};

static bool is_optional(const struct enable *en)
{
	return !en->r;
}

/* A set that a file of @dir names. */
static int read_set(int dirfd, const char *file, uint32_t *ret)
{
	char list[LIST_MAX];
	ssize_t n = cgroup_read_value(dirfd, file, list, sizeof(list));

	if (n < 0)
		return (int)n;
	*ret = cgroup_controller_set(list);
	return 0;
}

/* Why a kernel has no v2 controller @name, from /proc/cgroups. */
static const char *missing_because(const char *name)
{
	char text[PROC_CGROUPS_MAX], *line;
	size_t len = strlen(name);
	uint64_t hierarchy, enabled;

	if (cgroup_read_value(AT_FDCWD, "/proc/cgroups", text, sizeof(text)) < 0)
		return "it is attached to a v1 hierarchy or not in this kernel";
	for (line = text; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, name, len) != 0 || line[len] != '\t')
			continue;
		/* Its hierarchy, its number of cgroups, whether it is enabled. */
		if (num_word(line + len, 0, UINT_MAX, &hierarchy) < 0 ||
		    num_word(line + len, 2, UINT_MAX, &enabled) < 0)
			break;
		if (!enabled)
			return "it is switched off on the kernel's command line";
		if (hierarchy)
			return "it is attached to a v1 hierarchy";
	}
	return "this kernel does not offer it";
}

int cgroup_missing(const char *top, uint32_t missing,
		   const struct oci_resources *r, struct err *e)
{
	const char *limit = cgroup_limit_name(r, missing);
	const char *name = cgroup_controller_name(missing);
	auto_fd dir = sys_openat(AT_FDCWD, top, O_PATH | O_DIRECTORY, 0);

	/* Only the real root has no type. */
	if (dir >= 0 && faccessat(dir, "cgroup.type", F_OK, 0) == 0)
		return err_set(e, ENOTSUP,
			       "%s: the %s controller is not given to %s, the top of the hierarchy that is seen here, so the limit cannot be applied; enable it in cgroup.subtree_control above, outside",
			       limit, name, top);
	return err_set(e, ENOTSUP,
		       "%s: the %s controller is not in the cgroup v2 hierarchy at %s (%s), so the limit cannot be applied; boot with cgroup_no_v1=%s or systemd.unified_cgroup_hierarchy=1",
		       limit, name, top, missing_because(name), name);
}

static int explain_write(const struct enable *en, const char *dir, int dirfd,
			 int code, uint32_t set)
{
	const char *limit = cgroup_limit_name(en->r, set);
	const char *name = cgroup_controller_name(set);

	switch (code) {
	case -EBUSY:
		return err_set(en->e, EBUSY,
			       "%s: %s has processes of its own (pid %d), and such a cgroup cannot give the %s controller to cgroups in it; move them into a cgroup below, or give the container a linux.cgroupsPath elsewhere",
			       limit, dir, (int)cgroup_first_pid(dirfd), name);
	case -EOPNOTSUPP:
		return err_set(en->e, EOPNOTSUPP,
			       "%s: %s is a threaded cgroup, which cannot give the %s controller to cgroups in it; use a linux.cgroupsPath elsewhere",
			       limit, dir, name);
	case -EACCES:
	case -EPERM:
	case -EROFS:
		return err_sys(en->e, code,
			       "%s: enable the %s controller in %s/cgroup.subtree_control",
			       limit, name, dir);
	case -EINVAL:
		return err_set(en->e, EINVAL,
			       "%s: the kernel refuses the %s controller in %s; with cpu this means that real-time processes run outside of the root cgroup",
			       limit, name, dir);
	}
	return err_sys(en->e, code, "%s: enable the %s controller in %s", limit,
		       name, dir);
}

/* "+cpu +io" in one write. */
static int write_set(int dirfd, uint32_t set)
{
	char text[LIST_MAX];
	size_t len = 0;

	for (uint32_t bit = 1; bit <= set; bit <<= 1)
		if (set & bit)
			len += (size_t)snprintf(text + len, sizeof(text) - len,
						"+%s ",
						cgroup_controller_name(bit));
	return fs_write_text(dirfd, "cgroup.subtree_control", text);
}

/* Optional controllers one by one: those that work are worth having. */
static int write_optional(int dirfd, uint32_t set)
{
	if (write_set(dirfd, set) == 0)
		return 0;
	for (uint32_t bit = 1; bit <= set; bit <<= 1)
		if (set & bit)
			write_set(dirfd, bit);
	return 0;
}

/* The real root may have processes and name controllers; it has no type. */
static bool may_hold_both(int dirfd)
{
	return faccessat(dirfd, "cgroup.type", F_OK, 0) < 0 && errno == ENOENT;
}

static int name_in_subtree(const struct enable *en, const char *dir, int dirfd,
			   uint32_t set)
{
	int r = 0;

	if (!may_hold_both(dirfd))
		r = cgroup_holds_processes(dirfd);
	if (r > 0)
		r = -EBUSY;
	if (is_optional(en))
		return r < 0 ? 0 : write_optional(dirfd, set);
	if (r == 0)
		r = write_set(dirfd, set);
	return r < 0 ? explain_write(en, dir, dirfd, r, set) : 0;
}

static int enable_in(const struct enable *en, char *dir, uint32_t want);

/* @dir does not have @lacking itself: its parent has to give them. */
static int enable_above(const struct enable *en, char *dir, int dirfd,
			uint32_t lacking)
{
	char *slash = strrchr(dir, '/');
	int r;

	if (slash == dir || faccessat(dirfd, "../cgroup.controllers", F_OK, 0) < 0)
		return is_optional(en) ? 0 :
					 cgroup_missing(dir, lacking, en->r, en->e);
	*slash = '\0';
	r = enable_in(en, dir, lacking);
	*slash = '/';
	return r;
}

static int enable_in(const struct enable *en, char *dir, uint32_t want)
{
	auto_fd fd = sys_openat(AT_FDCWD, dir, O_PATH | O_DIRECTORY, 0);
	uint32_t enabled, has;
	int r = fd < 0 ? fd : read_set(fd, "cgroup.subtree_control", &enabled);

	if (r == 0) {
		want &= ~enabled;
		if (!want)
			return 0;
		r = read_set(fd, "cgroup.controllers", &has);
	}
	if (r < 0)
		return is_optional(en) ? 0 :
					 err_sys(en->e, r,
						 "%s: look for the %s controller in %s",
						 cgroup_limit_name(en->r, want),
						 cgroup_controller_name(want), dir);
	if (want & ~has) {
		r = enable_above(en, dir, fd, want & ~has);
		if (r == 0 && is_optional(en))
			r = read_set(fd, "cgroup.controllers", &has);
		if (r < 0)
			return is_optional(en) ? 0 : r;
	}
	if (is_optional(en))
		want &= has;
	return want ? name_in_subtree(en, dir, fd, want) : 0;
}

bool cgroup_parent_enables(const struct cgroup *cg, uint32_t want)
{
	uint32_t enabled = 0;

	return read_set(cg->fd, "../cgroup.subtree_control", &enabled) == 0 &&
	       !(want & ~enabled);
}

int cgroup_enable(const char *dir, uint32_t want, const struct oci_resources *r,
		  struct err *e)
{
	const struct enable en = { .r = r, .e = e };
	char path[CGROUP_PATH_MAX];

	if (!want)
		return 0;
	if (cgroup_copy_path(path, dir) < 0)
		return r ? err_sys(e, ENAMETOOLONG, "%s", dir) : 0;
	return enable_in(&en, path, want);
}
