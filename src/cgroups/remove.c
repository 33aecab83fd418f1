// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/remove.c - removing a cgroup with what is below it.
 *
 * Nothing but directories is ever removed, and the kernel refuses to remove one
 * with processes, so the worst that a wrong path can do is nothing.
 */
#include <errno.h>
#include <string.h>

#include "cgroups/internal.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/sys.h"

#define LAST_PROCESS_MS 100  /* the last one may be on its way out */
#define REMOVE_TRIES 64	     /* a cgroup just emptied may be busy a moment */

static int rmdir_at(int dirfd, const char *name)
{
	int r = sys_unlinkat(dirfd, name, AT_REMOVEDIR);

	return r == -ENOENT || r == -ENODEV ? 0 : r;
}

/*
 * Remove the children of @dirfd that can be; one that cannot, since it has
 * children itself, is named in @busy.
 */
static int remove_children(int dirfd, char *busy, size_t size)
{
	auto_fd fd = sys_openat(dirfd, ".", O_RDONLY | O_DIRECTORY, 0);
	auto_dir dir = fd < 0 ? NULL : fdopendir(fd);
	const struct dirent *d;

	busy[0] = '\0';
	if (!dir)
		return fd < 0 ? fd : -errno;
	fd_take(&fd);
	while ((d = readdir(dir))) {
		int r;

		if (d->d_type != DT_DIR || !strcmp(d->d_name, ".") ||
		    !strcmp(d->d_name, ".."))
			continue;
		r = rmdir_at(dirfd, d->d_name);
		if (r == -EBUSY && strlen(d->d_name) < size)
			memcpy(busy, d->d_name, strlen(d->d_name) + 1);
		else if (r < 0)
			return r;
	}
	return 0;
}

/*
 * Everything below @top, however deep: only one directory is open at a time,
 * and ".." leads back, since a v2 cgroup cannot be moved.  A descent should end
 * in a directory that has children; where it has none, a process came in.
 */
static int remove_below(int top)
{
	auto_fd dir = sys_openat(top, ".", O_PATH | O_DIRECTORY, 0);
	unsigned int depth = 0, in_vain = 0;
	bool down = false;
	char busy[256];

	while (dir >= 0) {
		int r = remove_children(dir, busy, sizeof(busy));
		int next;

		if (r < 0)
			return r;
		if (!*busy && !depth)
			return 0;
		if (!*busy && down && ++in_vain > REMOVE_TRIES)
			return -EBUSY;
		down = *busy;
		depth += down ? 1 : -1u;
		next = sys_openat(dir, down ? busy : "..",
				  O_PATH | O_DIRECTORY | O_NOFOLLOW, 0);
		fd_close(&dir);
		dir = next;
	}
	return dir;
}

static int remove_tree(const char *path, struct err *e)
{
	auto_cgroup cg = CGROUP_NONE;
	int r = cgroup_open(path, &cg, e);

	if (r < 0)
		return r == -ENOENT ? 0 : r;
	for (int i = 0; i < REMOVE_TRIES; i++) {
		r = cgroup_wait_empty(&cg, LAST_PROCESS_MS, e);
		if (r == -ETIMEDOUT) {
			if (e)
				e->code = EBUSY;
			return -EBUSY;
		}
		if (r < 0)
			return r;
		r = remove_below(cg.fd);
		if (r == 0)
			r = rmdir_at(AT_FDCWD, path);
		if (r != -EBUSY)
			break;
	}
	return r < 0 ? err_sys(e, r, "remove cgroup %s", path) : 0;
}

/* Parents that berth made, as long as nobody else uses them. */
static void remove_parents(const char *path, unsigned int made)
{
	char parent[CGROUP_PATH_MAX];

	if (cgroup_copy_path(parent, path) < 0)
		return;
	for (; made > 1 && cgroup_parent(parent); made--)
		if (rmdir_at(AT_FDCWD, parent) < 0)
			return;
}

int cgroup_remove(const char *path, unsigned int made, struct err *e)
{
	int r = rmdir_at(AT_FDCWD, path);

	if (r == -EBUSY)
		r = remove_tree(path, e);
	else if (r < 0)
		err_sys(e, r, "remove cgroup %s", path);
	if (r == 0)
		remove_parents(path, made);
	return r;
}
