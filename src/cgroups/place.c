// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/place.c - under which cgroup a container goes when its configuration
 * does not say.
 *
 * Without limits: the caller's own cgroup, or its nearest ancestor that can
 * have children with processes (a threaded cgroup and a threaded domain
 * cannot).
 *
 * With limits: the nearest of them that also can give its children every
 * controller that is needed: where they are enabled already, or where they
 * can be, since it has no processes of its own or is the real root.  If there
 * is none, the own cgroup is taken and enabling the controllers there then
 * fails with the reason.
 */
#include <errno.h>
#include <string.h>

#include "cgroups/internal.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/sys.h"

#define DEPTH_MAX 256 /* ancestors that are looked at */
#define LIST_MAX 512

struct candidate {
	bool domain;	   /* children can have processes */
	uint32_t can_give; /* to children, as it is or after enabling */
};

static uint32_t read_set(int dirfd, const char *file)
{
	char list[LIST_MAX];

	if (cgroup_read_value(dirfd, file, list, sizeof(list)) < 0)
		return 0;
	return cgroup_controller_set(list);
}

/* "domain", "domain threaded", "domain invalid", "threaded"; the real root
 * has no type and is a domain. */
static bool is_domain(int dirfd, bool *ret_root)
{
	char type[32];
	ssize_t n = cgroup_read_value(dirfd, "cgroup.type", type, sizeof(type));

	*ret_root = n == -ENOENT;
	return n == -ENOENT || (n > 0 && !strcmp(type, "domain"));
}

static void look_at(int dirfd, uint32_t needed, struct candidate *above,
		    struct candidate *ret)
{
	bool root;
	uint32_t enabled;

	ret->domain = is_domain(dirfd, &root) &&
		      faccessat(dirfd, ".", W_OK, AT_EACCESS) == 0;
	ret->can_give = 0;
	if (!ret->domain || !needed)
		return;
	enabled = read_set(dirfd, "cgroup.subtree_control");
	ret->can_give = enabled;
	if ((needed & ~enabled) &&
	    (root || cgroup_holds_processes(dirfd) == 0))
		ret->can_give |= read_set(dirfd, "cgroup.controllers") |
				 above->can_give;
}

/*
 * Top down, since what a cgroup can give depends on the ones above.  @path is
 * cut off and put together again on the way; the length of the best is given.
 */
static size_t walk(const char *mount, const char *own, uint32_t needed,
		   struct arena *a)
{
	struct candidate above = { 0 }, c;
	size_t len = 0, best = SIZE_MAX;

	for (int i = 0; i < DEPTH_MAX; i++) {
		char *part = arena_printf(a, "%s%.*s", mount, (int)len, own);
		auto_fd fd = part ? sys_openat(AT_FDCWD, part,
					       O_PATH | O_DIRECTORY, 0) :
				    -ENOMEM;

		if (fd < 0)
			break;
		look_at(fd, needed, &above, &c);
		if (c.domain && !(needed & ~c.can_give))
			best = len;
		above = c;
		len += strspn(own + len, "/");
		if (!own[len])
			break;
		len += strcspn(own + len, "/");
	}
	return best;
}

/* Without limits one look at the own cgroup is enough in the usual case. */
static bool own_is_domain(const char *mount, const char *own, struct arena *a)
{
	char *dir = cgroup_join(a, mount, own);
	char *type = dir ? cgroup_join(a, dir, "cgroup.type") : NULL;
	char text[32];

	return type &&
	       cgroup_read_value(AT_FDCWD, type, text, sizeof(text)) > 0 &&
	       !strcmp(text, "domain");
}

int cgroup_place(const char *mount, const char *own, uint32_t needed,
		 struct arena *a, const char **ret, struct err *e)
{
	size_t len;

	if (!strcmp(own, "/") || (!needed && own_is_domain(mount, own, a))) {
		*ret = own;
		return 0;
	}
	len = walk(mount, own, needed, a);
	if (len == SIZE_MAX) {
		*ret = own;
		return 0;
	}
	*ret = len ? arena_dup(a, own, len) : "/";
	return *ret ? 0 : err_set(e, ENOMEM, "cgroup path: out of memory");
}
