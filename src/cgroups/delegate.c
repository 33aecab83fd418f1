// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/delegate.c - a cgroup that belongs to those inside.
 *
 * Whoever may write to its directory and to a few of its files can make cgroups
 * below it and move processes among them; the limits of the cgroup itself stay
 * the host's.  cgroups(7) "Cgroups v2 delegation".
 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "cgroups/internal.h"
#include "util/auto.h"
#include "util/sys.h"

#define CHILD_MODE 0755
#define LIST_MAX 1024

/* Which files these are, says the kernel (4.15). */
static void delegate_files(char list[LIST_MAX])
{
	static const char always[] =
		"cgroup.procs\ncgroup.threads\ncgroup.subtree_control";

	if (cgroup_read_value(AT_FDCWD, "/sys/kernel/cgroup/delegate", list,
			      LIST_MAX) <= 0)
		memcpy(list, always, sizeof(always));
}

int cgroup_give(const struct cgroup *cg, uint32_t uid, struct err *e)
{
	char list[LIST_MAX], *rest = list;
	int r = sys_fchown(cg->fd, uid, (uint32_t)-1);

	delegate_files(list);
	for (char *name; r == 0 && (name = strtok_r(rest, "\n", &rest));) {
		if (strchr(name, '/'))
			continue;
		r = sys_fchownat(cg->fd, name, uid, (uint32_t)-1,
				 AT_SYMLINK_NOFOLLOW);
		if (r == -ENOENT) /* of a controller that is not there */
			r = 0;
	}
	return r < 0 ? err_sys(e, r, "give cgroup %s to user %u", cg->path, uid)
		     : 0;
}

/* What a cgroup has it can give now, being without processes. */
static void hand_on(const struct cgroup *cg)
{
	char list[LIST_MAX];

	if (cgroup_read_value(cg->fd, "cgroup.controllers", list, sizeof(list)) > 0)
		cgroup_enable(cg->path, cgroup_controller_set(list), NULL, NULL);
}

/* The cgroups from @parent's child on, down to the last component of @path, which
 * is cut up meanwhile. */
static int make_path(const struct cgroup *parent, char *path, struct cgroup *ret,
		     struct err *e)
{
	unsigned int made = 0;
	int r;

	for (char *end = path; end; made++) {
		end = strchr(end, '/');
		if (end)
			*end = '\0';
		r = sys_mkdirat(parent->fd, path, CHILD_MODE);
		if (r < 0 && r != -EEXIST)
			return err_sys(e, r, "create cgroup %s/%s", parent->path,
				       path);
		if (end)
			*end++ = '/';
	}
	r = cgroup_open_child(parent, path, ret, e);
	if (r == 0)
		ret->made = made;
	return r;
}

int cgroup_add_child(const struct cgroup *parent, const char *path, pid_t pid,
		     struct cgroup *ret, struct err *e)
{
	struct cgroup cg = CGROUP_NONE;
	auto_mem char *copy = strdup(path);
	int r;

	if (!copy)
		return err_set(e, ENOMEM, "create cgroup: out of memory");
	r = make_path(parent, copy, &cg, e);
	if (r == 0)
		r = cgroup_attach(&cg, pid, e);
	if (r < 0) {
		cgroup_done(&cg);
		return r;
	}
	hand_on(parent);
	for (char *end = copy; (end = strchr(end, '/')); *end++ = '/') {
		auto_cgroup between = CGROUP_NONE;

		*end = '\0';
		if (cgroup_open_child(parent, copy, &between, NULL) == 0)
			hand_on(&between);
	}
	*ret = cg;
	return 0;
}
