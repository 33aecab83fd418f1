/* SPDX-License-Identifier: Apache-2.0 */
#include "container/pidns.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>

#include "util/arena.h"
#include "util/auto.h"
#include "util/num.h"

static int namespace_of(int proc, const char *pid, struct stat *ret)
{
	char path[32];

	snprintf(path, sizeof(path), "%.11s/ns/pid", pid);
	return fstatat(proc, path, ret, 0) < 0 ? -errno : 0;
}

struct pid_list {
	pid_t *v; /* in the arena */
	size_t n, cap;
};

static int add(struct pid_list *l, struct arena *a, pid_t pid)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 64;
		pid_t *v = arena_grow(a, l->v, l->cap * sizeof(*v),
				      cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n++] = pid;
	return 0;
}

static int by_number(const void *a, const void *b)
{
	return *(const pid_t *)a - *(const pid_t *)b;
}

static int collect(DIR *dir, const struct stat *want, struct arena *a,
		   struct pid_list *l)
{
	struct dirent *d;
	int r = 0;

	while (r == 0 && (d = readdir(dir))) {
		struct stat st;
		uint64_t pid;

		if (num_u64(d->d_name, INT32_MAX, &pid) == 0 &&
		    namespace_of(dirfd(dir), d->d_name, &st) == 0 &&
		    st.st_ino == want->st_ino && st.st_dev == want->st_dev)
			r = add(l, a, (pid_t)pid);
	}
	return r;
}

int pidns_pids(pid_t pid, struct arena *a, pid_t **ret, size_t *ret_n,
	       struct err *e)
{
	auto_dir dir = opendir("/proc");
	struct pid_list l = { 0 };
	struct stat want;
	char name[16];
	int r;

	if (!dir)
		return err_sys(e, errno, "open /proc");
	snprintf(name, sizeof(name), "%d", (int)pid);
	r = namespace_of(dirfd(dir), name, &want);
	if (r == -ENOENT || r == -EACCES || r == -EPERM)
		return err_set(e, ESRCH, "process %d is gone, or hidden", (int)pid);
	if (r == 0)
		r = add(&l, a, pid);
	l.n = 0;
	if (r == 0)
		r = collect(dir, &want, a, &l);
	if (r < 0)
		return err_sys(e, r, "list the processes of a pid namespace");
	if (l.n)
		qsort(l.v, l.n, sizeof(*l.v), by_number);
	*ret = l.v;
	*ret_n = l.n;
	return 0;
}
