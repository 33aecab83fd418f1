// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/create.c - making a container's cgroup and opening one that is there.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/internal.h"
#include "cgroups/limits.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/sys.h"

#define CGROUP_MODE 0755
#define MAKE_TRIES 16 /* others may remove empty parents while we make ours */

void cgroup_done(struct cgroup *cg)
{
	fd_close(&cg->fd);
	if (!cg->lent)
		free(cg->path);
	cg->path = NULL;
}

static int open_dir(int dirfd, const char *path)
{
	return sys_openat(dirfd, path, O_RDONLY | O_DIRECTORY | O_NOFOLLOW, 0);
}

int cgroup_open(const char *path, struct cgroup *ret, struct err *e)
{
	struct cgroup cg = { .fd = open_dir(AT_FDCWD, path) };

	if (cg.fd < 0)
		return err_sys(e, cg.fd, "open cgroup %s", path);
	cg.path = strdup(path);
	if (!cg.path) {
		cgroup_done(&cg);
		return err_set(e, ENOMEM, "open cgroup: out of memory");
	}
	*ret = cg;
	return 0;
}

int cgroup_open_child(const struct cgroup *cg, const char *path,
		      struct cgroup *ret, struct err *e)
{
	auto_arena a = { 0 };
	char *full;
	auto_fd fd = -EBADF;

	path += strspn(path, "/");
	full = *path ? cgroup_join(&a, cg->path, path) : cg->path;
	if (!full)
		return err_set(e, ENOMEM, "open cgroup: out of memory");
	/* No ".." out of it, no link, no other file system. */
	fd = sys_openat2(cg->fd, *path ? path : ".", O_RDONLY | O_DIRECTORY, 0,
			 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS |
				 RESOLVE_NO_XDEV);
	if (fd == -EXDEV)
		return err_set(e, EXDEV, "it is not below %s", cg->path);
	if (fd < 0)
		return err_sys(e, fd, "open cgroup %s", full);
	full = strdup(full);
	if (!full)
		return err_set(e, ENOMEM, "open cgroup: out of memory");
	*ret = (struct cgroup){ .fd = fd_take(&fd), .path = full };
	return 0;
}

/* --- directories ------------------------------------------------------------ */

/* Take away the @made last components that exist. */
static void unmake(const char *made_path, unsigned int made)
{
	char path[CGROUP_PATH_MAX];

	if (!made || cgroup_copy_path(path, made_path) < 0)
		return;
	while (made) {
		int r = sys_unlinkat(AT_FDCWD, path, AT_REMOVEDIR);

		if (r == 0)
			made--;
		else if (r != -ENOENT)
			return;
		if (!cgroup_parent(path))
			return;
	}
}

/* The components of @path behind @start (its mount), from the top, that are
 * missing; how many of the last ones were made goes to @made. */
static int make_parents(char *path, size_t start, unsigned int *made)
{
	for (char *p = path + start; (p = strchr(p + 1, '/'));) {
		int r;

		*p = '\0';
		r = sys_mkdirat(AT_FDCWD, path, CGROUP_MODE);
		*p = '/';
		if (r == 0)
			(*made)++;
		else if (r != -EEXIST)
			return r;
		else
			*made = 0;
	}
	return 0;
}

/* Return: 0 (made) or -errno; -EEXIST: was there. */
static int make_leaf(char *path, size_t start, unsigned int *made)
{
	int r = sys_mkdirat(AT_FDCWD, path, CGROUP_MODE);

	for (int i = 0; r == -ENOENT && i < MAKE_TRIES; i++) {
		*made = 0;
		r = make_parents(path, start, made);
		if (r == 0)
			r = sys_mkdirat(AT_FDCWD, path, CGROUP_MODE);
	}
	if (r == 0)
		(*made)++;
	return r;
}

static int explain_mkdir(const char *path, int code, struct err *e)
{
	switch (code) {
	case -EAGAIN:
		return err_set(e, EAGAIN,
			       "create cgroup %s: a cgroup above it has reached its cgroup.max.descendants or cgroup.max.depth",
			       path);
	case -EROFS:
		return err_set(e, EROFS,
			       "create cgroup %s: the hierarchy is mounted read-only here; mount it writable, or use --cgroup-manager=disabled",
			       path);
	}
	return err_sys(e, code, "create cgroup %s", path);
}

/* A cgroup that was there already must be one that a container can have. */
static int check_existing(const struct cgroup *cg, struct err *e)
{
	char type[32];
	int r = cgroup_is_empty(cg, e);

	if (r < 0)
		return r;
	if (r == 0)
		return err_set(e, EBUSY,
			       "container's cgroup %s is not empty: process %d is in it",
			       cg->path, (int)cgroup_first_pid(cg->fd));
	r = cgroup_is_frozen(cg, e);
	if (r < 0)
		return r;
	if (r)
		return err_set(e, EBUSY,
			       "container's cgroup %s is frozen; write 0 to its cgroup.freeze, or remove it",
			       cg->path);
	if (cgroup_read_value(cg->fd, "cgroup.type", type, sizeof(type)) > 0 &&
	    strcmp(type, "domain") != 0)
		return err_set(e, EOPNOTSUPP,
			       "container's cgroup %s is of the type \"%s\"; only \"domain\" can hold a container",
			       cg->path, type);
	return 0;
}

/* --- controllers ------------------------------------------------------------ */

/* A parent that was there already has what its owner gave it, and asking it
 * would cost every container some calls: only a new one gets the optional ones. */
static int give_controllers(const struct cgroup_create_args *args,
			    const struct cgroup *cg, struct err *e)
{
	uint32_t needed = cgroup_controllers_needed(args->resources);
	uint32_t optional = cg->made > 1 ? args->optional : 0;
	char parent[CGROUP_PATH_MAX];
	int r;

	if (!(needed | optional) || cgroup_parent_enables(cg, needed | optional))
		return 0;
	if (cgroup_copy_path(parent, cg->path) < 0)
		return err_sys(e, ENAMETOOLONG, "%s", cg->path);
	cgroup_parent(parent);
	r = cgroup_enable(parent, needed, args->resources, e);
	if (r == 0)
		cgroup_enable(parent, optional & ~needed, NULL, NULL);
	return r;
}

/* --- where ------------------------------------------------------------------ */

/* When only part of the hierarchy is mounted, as in a container that shares
 * the host's cgroup namespace, the mount's own root is the part to cut off. */
static int own_below_mount(const char *mount, struct arena *a, const char **own,
			   struct err *e)
{
	char *dir = cgroup_join(a, mount, *own);
	const char *root, *m;
	size_t len;
	int r;

	if (!dir)
		return err_set(e, ENOMEM, "cgroup path: out of memory");
	if (access(dir, F_OK) == 0)
		return 0;
	r = cgroup_mountinfo(a, &m, &root, e);
	if (r < 0)
		return r;
	len = strlen(root);
	if (!strcmp(m, mount) && len > 1 && !strncmp(*own, root, len) &&
	    ((*own)[len] == '/' || !(*own)[len]))
		*own += len;
	if (!**own)
		*own = "/";
	return 0;
}

static int default_parent(const struct cgroup_create_args *args,
			  const char *mount, struct arena *a, const char **ret,
			  struct err *e)
{
	uint32_t needed = cgroup_controllers_needed(args->resources);
	struct cgroup_own own;
	int r = cgroup_read_own(0, a, &own, e);

	if (r < 0)
		return r;
	/* Nothing outside of the namespace can be named here; its top can. */
	if (own.outside)
		own.path = "/";
	if (needed || own.deleted)
		r = own_below_mount(mount, a, &own.path, e);
	if (r < 0)
		return r;
	return cgroup_place(mount, own.path, needed, a, ret, e);
}

int cgroup_plan(const struct cgroup_create_args *args, struct arena *a,
		struct cgroup_plan *ret, struct err *e)
{
	const char *mount = args->mount, *own = "/", *below;
	char *path;
	int r = 0;

	if (!mount)
		r = cgroup_locate(a, &mount, e);
	if (r == 0 && (!args->cgroups_path || !*args->cgroups_path))
		r = default_parent(args, mount, a, &own, e);
	if (r == 0)
		r = cgroup_plan_path(args->cgroups_path, args->id, own, a,
				     &below, e);
	if (r < 0)
		return r;
	path = cgroup_join(a, mount, below);
	if (!path)
		return err_set(e, ENOMEM, "cgroup path: out of memory");
	*ret = (struct cgroup_plan){ .path = path, .mount_len = strlen(mount) };
	return 0;
}

/* --- all together ------------------------------------------------------------ */

static int finish(const struct cgroup_create_args *args, struct cgroup *cg,
		  bool existed, struct err *e)
{
	int r = 0;

	if (existed)
		r = check_existing(cg, e);
	return r < 0 ? r : give_controllers(args, cg, e);
}

int cgroup_make(const struct cgroup_create_args *args,
		const struct cgroup_plan *plan, struct cgroup *ret,
		struct err *e)
{
	struct cgroup cg = { .fd = -1, .path = plan->path, .lent = true };
	int r = make_leaf(cg.path, plan->mount_len, &cg.made);
	bool existed = r == -EEXIST;

	if (r < 0 && !existed) {
		explain_mkdir(cg.path, r, e);
	} else {
		r = cg.fd = open_dir(AT_FDCWD, cg.path);
		r = r < 0 ? err_sys(e, r, "open cgroup %s", cg.path)
			  : finish(args, &cg, existed, e);
	}
	if (r < 0) {
		cgroup_done(&cg);
		unmake(plan->path, cg.made);
		return r;
	}
	*ret = cg;
	return 0;
}
