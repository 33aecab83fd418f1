// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/path.c - names of cgroups: from the configuration and from the
 * kernel's tables.  Pure.
 */
#include <errno.h>
#include <string.h>

#include "cgroups/internal.h"
#include "util/arena.h"
#include "util/weak.h"

#define NAME_LEN_MAX 255 /* NAME_MAX of kernfs */

char *cgroup_join(struct arena *a, const char *dir, const char *name)
{
	size_t len = strlen(dir);

	while (len && dir[len - 1] == '/')
		len--;
	while (*name == '/')
		name++;
	return arena_printf(a, "%.*s/%s", (int)len, dir, name);
}

bool cgroup_parent(char *path)
{
	char *slash = strrchr(path, '/');

	if (!slash || slash == path)
		return false;
	*slash = '\0';
	return true;
}

/* Next component of @p, its length in @len; NULL at the end. */
static const char *next_component(const char *p, size_t *len)
{
	while (*p == '/')
		p++;
	*len = strcspn(p, "/");
	return *len ? p : NULL;
}

static int check_component(const char *given, const char *c, size_t len,
			   struct err *e)
{
	if (len == 2 && !memcmp(c, "..", 2) && !weak(DEFENCE_CGROUP_PATH))
		return err_set(e, EINVAL,
			       "linux.cgroupsPath: \"%.300s\" contains \"..\"",
			       given);
	if (len > NAME_LEN_MAX)
		return err_set(e, EINVAL,
			       "linux.cgroupsPath: a component of \"%.200s…\" is longer than %d bytes",
			       given, NAME_LEN_MAX);
	return 0;
}

/* slice:prefix:name is what engines send for the systemd manager. */
static bool is_systemd_form(const char *path)
{
	const char *first = strchr(path, ':');

	return first && strchr(first + 1, ':') && !strchr(path, '/');
}

static int clean_path(const char *given, struct arena *a, const char **ret,
		      struct err *e)
{
	size_t len = strlen(given), used = 0;
	char *out;

	if (len >= CGROUP_PATH_MAX)
		return err_set(e, EINVAL,
			       "linux.cgroupsPath: longer than %d bytes",
			       CGROUP_PATH_MAX - 1);
	out = arena_alloc(a, len + 2);
	if (!out)
		return err_set(e, ENOMEM, "linux.cgroupsPath: out of memory");
	for (const char *c = given; (c = next_component(c, &len)); c += len) {
		int r = check_component(given, c, len, e);

		if (r < 0)
			return r;
		if (len == 1 && *c == '.')
			continue;
		out[used++] = '/';
		memcpy(out + used, c, len);
		used += len;
	}
	if (!used)
		return err_set(e, EINVAL,
			       "linux.cgroupsPath: \"%s\" is the root of the hierarchy, which cannot be a container's cgroup",
			       given);
	*ret = out;
	return 0;
}

int cgroup_plan_path(const char *cgroups_path, const char *id, const char *own,
		     struct arena *a, const char **ret, struct err *e)
{
	if (!cgroups_path || !*cgroups_path) {
		*ret = cgroup_join(a, own, arena_printf(a, "berth-%s", id) ?: "");
		return *ret ? 0 : err_set(e, ENOMEM, "cgroup path: out of memory");
	}
	if (is_systemd_form(cgroups_path))
		return err_set(e, EINVAL,
			       "linux.cgroupsPath: \"%.300s\" has the form slice:prefix:name of the systemd cgroup manager; with cgroupfs it is a path",
			       cgroups_path);
	return clean_path(cgroups_path, a, ret, e);
}

int cgroup_parse_own(const char *text, struct arena *a, struct cgroup_own *ret)
{
	static const char suffix[] = " (deleted)";
	const size_t suffix_len = sizeof(suffix) - 1;
	struct cgroup_own own = { 0 };
	size_t len;

	while (text && strncmp(text, "0::/", 4) != 0) {
		text = strchr(text, '\n');
		text = text ? text + 1 : NULL;
	}
	if (!text)
		return -ENOENT;
	text += 3;
	len = strcspn(text, "\n");
	if (len > suffix_len &&
	    !memcmp(text + len - suffix_len, suffix, suffix_len)) {
		own.deleted = true;
		len -= suffix_len;
	}
	own.outside = len >= 3 && !memcmp(text, "/..", 3) &&
		      (len == 3 || text[3] == '/');
	own.path = arena_dup(a, text, len);
	if (!own.path)
		return -ENOMEM;
	*ret = own;
	return 0;
}

/* Blank, tab, newline and backslash come as \ooo in mountinfo. */
static char *unescape(struct arena *a, const char *s, size_t len)
{
	char *out = arena_dup(a, s, len), *w = out;

	for (char *p = out; p && *p; p++) {
		if (p[0] == '\\' && p[1] >= '0' && p[1] <= '3' && p[2] >= '0' &&
		    p[2] <= '7' && p[3] >= '0' && p[3] <= '7') {
			*w++ = (char)((p[1] - '0') << 6 | (p[2] - '0') << 3 |
				      (p[3] - '0'));
			p += 3;
		} else {
			*w++ = *p;
		}
	}
	if (w)
		*w = '\0';
	return out;
}

/* The fields that matter of one line: "36 25 0:32 ROOT MOUNT OPTS … - TYPE …". */
struct mount_line { const char *root, *mount; size_t root_len, mount_len; };

static bool parse_mount_line(const char *line, size_t len, struct mount_line *m)
{
	static const char type[] = " - cgroup2 ";
	const char *field = line, *end = line + len;
	const char *sep = memmem(line, len, type, sizeof(type) - 1);

	for (int i = 0; i < 3 && field; i++) {
		field = memchr(field, ' ', (size_t)(end - field));
		field = field ? field + 1 : NULL;
	}
	if (!sep || !field || field >= sep)
		return false;
	m->root = field;
	m->root_len = strcspn(field, " ");
	m->mount = field + m->root_len + 1;
	if (m->mount >= sep)
		return false;
	m->mount_len = strcspn(m->mount, " ");
	return *m->root == '/' && *m->mount == '/';
}

int cgroup_parse_mountinfo(const char *text, struct arena *a,
			   const char **ret_mount, const char **ret_root)
{
	struct mount_line m;
	const char *mount, *root;

	for (;; text++) {
		size_t len = strcspn(text, "\n");

		if (parse_mount_line(text, len, &m))
			break;
		text += len;
		if (!*text)
			return -ENOENT;
	}
	mount = unescape(a, m.mount, m.mount_len);
	root = unescape(a, m.root, m.root_len);
	if (!mount || !root)
		return -ENOMEM;
	*ret_mount = mount;
	*ret_root = root;
	return 0;
}

int cgroup_copy_path(char to[CGROUP_PATH_MAX], const char *path)
{
	size_t size = strlen(path) + 1;

	if (size > CGROUP_PATH_MAX)
		return -ENAMETOOLONG;
	memcpy(to, path, size);
	return 0;
}
