/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit/cgroup_fake.h - a directory of plain files that stands for a cgroup, for
 * what this machine's kernel does not offer (rdma, hugetlb, BFQ, limits on a
 * hybrid hierarchy).  A write replaces nothing, so each file takes one value.
 */
#ifndef UNIT_CGROUP_FAKE_H
#define UNIT_CGROUP_FAKE_H

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups/cgroup.h"
#include "unit/unit.h"
#include "util/fs.h"

static inline void fake_file(const struct cgroup *cg, const char *name,
			     const char *text)
{
	int fd = openat(cg->fd, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static inline const char *fake_text(const struct cgroup *cg, const char *name)
{
	static char text[4096];
	ssize_t n = fs_read_small(cg->fd, name, text, sizeof(text));

	return n < 0 ? NULL : text;
}

#define FAKE_CONTROLLERS "cpuset cpu io memory hugetlb pids rdma misc\n"

/* A hierarchy of two: its top, which gives all controllers, and the cgroup. */
static inline int fake_make(void **state)
{
	struct cgroup *cg = calloc(1, sizeof(*cg)), top = CGROUP_NONE;
	char path[] = "/tmp/berth-cgroup-XXXXXX";
	int r;

	if (!cg || !mkdtemp(path))
		return -1;
	if (cgroup_open(path, &top, NULL) < 0 || mkdirat(top.fd, "c", 0755) < 0)
		return -1;
	fake_file(&top, "cgroup.controllers", FAKE_CONTROLLERS);
	fake_file(&top, "cgroup.subtree_control", FAKE_CONTROLLERS);
	r = cgroup_open_child(&top, "c", cg, NULL);
	cgroup_done(&top);
	*state = cg;
	return r;
}

static inline int fake_remove(void **state)
{
	struct cgroup *cg = *state;
	int r;

	*strrchr(cg->path, '/') = '\0';
	r = fs_remove_tree(AT_FDCWD, cg->path, NULL);
	cgroup_done(cg);
	free(cg);
	return r;
}

#endif
