// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/mark.c - whose a cgroup is, in an extended attribute of its directory,
 * which goes when the directory goes.
 */
#include <string.h>
#include <sys/xattr.h>

#include "cgroups/cgroup.h"
#include "util/auto.h"

/* The first one takes CAP_SYS_ADMIN, so that a container that may write to its
 * cgroup cannot pass it off as somebody else's; the other one anybody may set. */
static const char *const names[] = { "trusted.berth", "user.berth" };

void cgroup_mark(const struct cgroup *cg, const char *owner)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (fsetxattr(cg->fd, names[i], owner, strlen(owner), 0) == 0)
			return;
}

bool cgroup_is_marked(const struct cgroup *cg, const char *owner)
{
	char text[CGROUP_MARK_MAX];
	ssize_t n = -1;

	for (size_t i = 0; n < 0 && i < ARRAY_LEN(names); i++)
		n = fgetxattr(cg->fd, names[i], text, sizeof(text));
	return n >= 0 && (size_t)n == strlen(owner) &&
	       memcmp(text, owner, (size_t)n) == 0;
}
