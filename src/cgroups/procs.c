// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/procs.c - the processes of a cgroup and of those below it.
 */
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

#define PROCS_MAX (64u << 20) /* bytes of one cgroup.procs */
#define TREE_MAX 100000	      /* cgroups below one container's */

/* Directories yet to be looked at, paths below the one asked for. */
struct pending {
	char **path;
	size_t n, cap, seen;
};

struct pid_list {
	pid_t *v;
	size_t n, cap;
};

static void pending_done(struct pending *p)
{
	while (p->n)
		free(p->path[--p->n]);
	free(p->path);
}

static int pending_add(struct pending *p, const char *dir, const char *name)
{
	char *path;

	if (++p->seen > TREE_MAX)
		return -E2BIG;
	if (p->n == p->cap) {
		size_t cap = p->cap ? p->cap * 2 : 16;
		char **v = reallocarray(p->path, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		p->path = v;
		p->cap = cap;
	}
	if (asprintf(&path, "%s/%s", dir, name) < 0)
		return -ENOMEM;
	p->path[p->n++] = path;
	return 0;
}

static int pid_add(struct pid_list *l, pid_t pid)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 64;
		pid_t *v = reallocarray(l->v, cap, sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = pid;
	return 0;
}

/* One pid a line; the kernel writes 0 for one of another pid namespace. */
static int add_pids(struct pid_list *l, const char *text)
{
	while (*text) {
		size_t len = strcspn(text, "\n");
		uint64_t pid;
		int r = num_u64n(text, len, INT32_MAX, &pid);

		if (r == 0 && pid)
			r = pid_add(l, (pid_t)pid);
		if (r < 0)
			return r;
		text += len;
		text += *text == '\n';
	}
	return 0;
}

/* A threaded cgroup's processes are listed by its domain above, so it is no
 * loss that it cannot list them; nor are those of one that is gone. */
static int read_pids(int dirfd, struct pid_list *l)
{
	auto_mem char *text = NULL;
	auto_fd fd = sys_openat(dirfd, "cgroup.procs", O_RDONLY, 0);
	struct err e;
	size_t len;
	int r = fd;

	if (fd >= 0)
		r = fs_read_fd(fd, "cgroup.procs", PROCS_MAX, &text, &len, &e);
	if (r == -EOPNOTSUPP || r == -ENOENT || r == -ENODEV)
		return 0;
	return r < 0 ? r : add_pids(l, text);
}

/* A cgroup may be called ".x". */
static bool is_dot(const char *name)
{
	return !strcmp(name, ".") || !strcmp(name, "..");
}

static int add_children(int dirfd, const char *path, struct pending *p)
{
	auto_fd fd = sys_openat(dirfd, ".", O_RDONLY | O_DIRECTORY, 0);
	auto_dir dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;

	if (!dir)
		return fd == -ENOENT ? 0 : fd < 0 ? fd : -errno;
	fd_take(&fd);
	while ((d = readdir(dir))) {
		int r;

		if (d->d_type != DT_DIR || is_dot(d->d_name))
			continue;
		r = pending_add(p, path, d->d_name);
		if (r < 0)
			return r;
	}
	return 0;
}

static int visit(int base, const char *path, struct pending *p,
		 struct pid_list *l)
{
	auto_fd dir = sys_openat(base, path, O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
	int r;

	if (dir == -ENOENT || dir == -ENODEV)
		return 0;
	if (dir < 0)
		return dir;
	r = read_pids(dir, l);
	return r < 0 ? r : add_children(dir, path, p);
}

static int walk(int base, struct pid_list *l)
{
	struct pending p = { 0 };
	int r = visit(base, ".", &p, l);

	while (r == 0 && p.n) {
		auto_mem char *path = p.path[--p.n];

		r = visit(base, path, &p, l);
	}
	pending_done(&p);
	return r;
}

static int compare_pids(const void *a, const void *b)
{
	pid_t x = *(const pid_t *)a, y = *(const pid_t *)b;

	return (x > y) - (x < y);
}

/* A process that moved meanwhile may have been met twice. */
static void sort_unique(struct pid_list *l)
{
	size_t n = 0;

	if (!l->n)
		return;
	qsort(l->v, l->n, sizeof(*l->v), compare_pids);
	for (size_t i = 0; i < l->n; i++)
		if (!i || l->v[i] != l->v[i - 1])
			l->v[n++] = l->v[i];
	l->n = n;
}

int cgroup_pids(const struct cgroup *cg, struct arena *a, pid_t **ret,
		size_t *ret_n, struct err *e)
{
	struct pid_list l = { 0 };
	int r = walk(cg->fd, &l);
	pid_t *v;

	sort_unique(&l);
	v = arena_array(a, l.n, sizeof(*v));
	if (r == 0 && !v)
		r = -ENOMEM;
	if (r == 0) {
		if (l.n)
			memcpy(v, l.v, l.n * sizeof(*v));
		*ret = v;
		*ret_n = l.n;
	}
	free(l.v);
	return r < 0 ? err_sys(e, r, "list the processes of %s", cg->path) : 0;
}

pid_t cgroup_first_pid(int dirfd)
{
	struct pid_list l = { 0 };
	pid_t pid = 0;

	walk(dirfd, &l);
	sort_unique(&l);
	if (l.n)
		pid = l.v[0];
	free(l.v);
	return pid;
}
