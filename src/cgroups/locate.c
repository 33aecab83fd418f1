// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/locate.c - where the v2 hierarchy is, and where a process is in it.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <stdio.h>
#include <sys/vfs.h>

#include "cgroups/internal.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"

#define MOUNTINFO_MAX (64u << 20) /* hosts with 100,000 mounts exist */
#define PROC_CGROUP_MAX (256u << 10)

int cgroup_mountinfo(struct arena *a, const char **ret_mount,
		     const char **ret_root, struct err *e)
{
	auto_mem char *text = NULL;
	size_t len;
	int r = fs_read_all(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX,
			    &text, &len, e);

	if (r < 0)
		return r;
	r = cgroup_parse_mountinfo(text, a, ret_mount, ret_root);
	if (r == -ENOENT)
		return err_set(e, ENOENT,
			       "no cgroup v2 hierarchy is mounted; mount one with: mount -t cgroup2 none /sys/fs/cgroup");
	if (r < 0)
		return err_sys(e, r, "/proc/self/mountinfo");
	return 0;
}

int cgroup_locate(struct arena *a, const char **ret_mount, struct err *e)
{
	static const char *const usual[] = { "/sys/fs/cgroup",
					     "/sys/fs/cgroup/unified" };
	const char *root;
	struct statfs st;

	for (size_t i = 0; i < ARRAY_LEN(usual); i++) {
		if (statfs(usual[i], &st) == 0 &&
		    st.f_type == CGROUP2_SUPER_MAGIC) {
			*ret_mount = usual[i];
			return 0;
		}
	}
	return cgroup_mountinfo(a, ret_mount, &root, e);
}

/* Into @buf, or into *@ret_long when it does not fit. */
static int read_proc_cgroup(const char *name, char *buf, size_t size,
			    char **ret_long, struct err *e)
{
	ssize_t n = cgroup_read_value(AT_FDCWD, name, buf, size);
	size_t len;

	if (n == -EFBIG)
		return fs_read_all(AT_FDCWD, name, PROC_CGROUP_MAX, ret_long,
				   &len, e);
	if (n == -ENOENT)
		n = -ESRCH;
	return n < 0 ? err_sys(e, (int)n, "read %s", name) : 0;
}

int cgroup_read_own(pid_t pid, struct arena *a, struct cgroup_own *ret,
		    struct err *e)
{
	char name[32] = "/proc/self/cgroup", buf[2048];
	auto_mem char *more = NULL;
	int r;

	if (pid)
		snprintf(name, sizeof(name), "/proc/%d/cgroup", (int)pid);
	r = read_proc_cgroup(name, buf, sizeof(buf), &more, e);
	if (r < 0)
		return r;
	r = cgroup_parse_own(more ?: buf, a, ret);
	if (r == -ENOENT)
		return err_set(e, ENOENT, "%s: no line of a v2 hierarchy", name);
	return r < 0 ? err_sys(e, r, "%s", name) : 0;
}

int cgroup_of(pid_t pid, struct arena *a, const char **ret_path, struct err *e)
{
	struct cgroup_own own;
	int r = cgroup_read_own(pid, a, &own, e);

	if (r < 0)
		return r;
	if (own.deleted)
		return err_set(e, ENOENT, "cgroup \"%s\" was removed", own.path);
	if (own.outside)
		return err_set(e, ENOTSUP,
			       "cgroup \"%s\" is outside of this cgroup namespace",
			       own.path);
	*ret_path = own.path;
	return 0;
}
