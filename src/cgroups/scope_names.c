/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "cgroups/scope.h"
#include "util/auto.h"

#define UNIT_NAME_MAX 255 /* bytes; systemd.unit(5) */
#define SLICE ".slice"

static bool is_unit_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr(":-_.\\@", c));
}

static bool ends_with(const char *s, const char *suffix)
{
	size_t len = strlen(s), n = strlen(suffix);

	return len >= n && strcmp(s + len - n, suffix) == 0;
}

static int bad_slice(const char *slice, struct err *e)
{
	return err_set(e, EINVAL, "linux.cgroupsPath: \"%.200s\" is no name of a "
		       "slice (such as system.slice or a-b.slice)", slice);
}

int scope_slice_path(const char *slice, struct arena *a, const char **ret,
		     struct err *e)
{
	size_t len = strlen(slice) - (ends_with(slice, SLICE) ? strlen(SLICE) : 0);
	char *path;

	if (!slice[len] || !len || len + strlen(SLICE) > UNIT_NAME_MAX)
		return bad_slice(slice, e);
	if (len == 1 && *slice == '-') {
		*ret = "";
		return 0;
	}
	path = arena_strdup(a, "");
	for (size_t i = 0; i <= len && path; i++) {
		bool end = i == len || slice[i] == '-';

		/* No part between two dashes is empty. */
		if (i < len && !is_unit_char(slice[i]))
			return bad_slice(slice, e);
		if (end && (!i || slice[i - 1] == '-'))
			return bad_slice(slice, e);
		if (end)
			path = arena_printf(a, "%s/%.*s" SLICE, path, (int)i,
					    slice);
	}
	if (!path)
		return err_set(e, ENOMEM, "linux.cgroupsPath: out of memory");
	*ret = path;
	return 0;
}

/* An id may have characters that a unit's name has not: \xXX stands for them. */
static const char *escape(const char *id, struct arena *a)
{
	static const char hex[] = "0123456789abcdef";
	char *out = arena_alloc(a, 4 * strlen(id) + 1), *w = out;

	for (; out && *id; id++) {
		if (is_unit_char(*id)) {
			*w++ = *id;
			continue;
		}
		*w++ = '\\';
		*w++ = 'x';
		*w++ = hex[(unsigned char)*id >> 4];
		*w++ = hex[*id & 15];
	}
	return out;
}

/* The parts of "slice:prefix:name", cut in place; NULL where there are others. */
static bool split(char *path, char *part[3])
{
	for (int i = 0; i < 3; i++) {
		part[i] = path;
		path = strchr(path, ':');
		if (!path)
			return i == 2;
		*path++ = '\0';
	}
	return false;
}

static int check_unit(const char *unit, const char *name, struct err *e)
{
	if (strlen(unit) > UNIT_NAME_MAX)
		return err_set(e, EINVAL, "linux.cgroupsPath: \"%.200s…\" is too "
			       "long for the name of a unit", unit);
	if (ends_with(name, SLICE))
		return err_set(e, EINVAL, "linux.cgroupsPath: \"%.200s\" is a "
			       "slice, which cannot hold processes: a container "
			       "is a scope in one", name);
	for (const char *c = unit; *c; c++)
		if (!is_unit_char(*c))
			return err_set(e, EINVAL, "linux.cgroupsPath: \"%.200s\" "
				       "is no name of a unit: it may have letters, "
				       "digits and :-_.\\@", unit);
	return 0;
}

int scope_names(const char *cgroups_path, const char *id, bool user,
		struct arena *a, struct scope_names *ret, struct err *e)
{
	const char *slice = "", *name = "", *prefix = "berth", *path;
	struct scope_names n;
	char *part[3];
	int r;

	if (cgroups_path && *cgroups_path) {
		char *copy = arena_strdup(a, cgroups_path);

		if (!copy)
			return err_set(e, ENOMEM, "linux.cgroupsPath: out of memory");
		if (!split(copy, part))
			return err_set(e, EINVAL, "linux.cgroupsPath: \"%.200s\" is not "
				       "of the form slice:prefix:name, as the systemd "
				       "cgroup manager wants it", cgroups_path);
		slice = part[0];
		prefix = part[1];
		name = part[2];
	}
	n.slice = *slice ? slice : user ? "user.slice" : "system.slice";
	n.unit = arena_printf(a, "%s-%s.scope", prefix,
			      *name ? name : escape(id, a) ?: "");
	if (!n.unit)
		return err_set(e, ENOMEM, "linux.cgroupsPath: out of memory");
	r = scope_slice_path(n.slice, a, &path, e);
	if (r == 0)
		r = check_unit(n.unit, name, e);
	if (r == 0)
		*ret = n;
	return r;
}
