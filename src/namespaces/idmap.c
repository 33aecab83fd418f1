/* SPDX-License-Identifier: Apache-2.0 */
#include "namespaces/idmap.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "util/arena.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/fs.h"

struct id_kind {
	char file[8], property[12], helper[10];
};

static const struct id_kind kinds[] = {
	[NS_UIDS] = { "uid_map", "uidMappings", "newuidmap" },
	[NS_GIDS] = { "gid_map", "gidMappings", "newgidmap" },
};

enum ns_map_way ns_map_way(const struct oci_id_mappings *m, uint32_t own,
			   bool privileged)
{
	if (privileged)
		return NS_MAP_DIRECT;
	return m->n == 1 && m->v[0].size == 1 && m->v[0].host_id == own
		       ? NS_MAP_OWN
		       : NS_MAP_HELPER;
}

/* --- writing ---------------------------------------------------------------- */

static int write_proc(pid_t pid, const char *file, const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	return fs_write_text(AT_FDCWD, path, text);
}

/* @len: bytes of the @n ranges as text, which the kernel takes in one page. */
static int explain(const struct id_kind *k, size_t n, size_t len, int code,
		   struct err *e)
{
	if (code == -EINVAL && len >= (size_t)sysconf(_SC_PAGESIZE))
		return err_set(e, EINVAL, "linux.%s: %zu ranges make %zu bytes of "
			       "text, and the kernel takes %ld at most", k->property,
			       n, len, sysconf(_SC_PAGESIZE) - 1);
	if (code == -EPERM)
		return err_set(e, EPERM, "linux.%s: write %zu ranges to %s: "
			       "Operation not permitted: not all of these host ids "
			       "are berth's own to map", k->property, n, k->file);
	return err_sys(e, code, "linux.%s: write %zu ranges to %s", k->property,
		       n, k->file);
}

/* The kernel takes a whole map in one write(2), and only once. */
int ns_write_map(pid_t pid, enum ns_ids ids, const struct oci_id_mappings *m,
		 enum ns_map_way way, struct err *e)
{
	const struct id_kind *k = &kinds[ids];
	auto_buf text = { 0 };
	int r = 0;

	for (size_t i = 0; i < m->n; i++)
		buf_printf(&text, "%u %u %u\n", m->v[i].container_id,
			   m->v[i].host_id, m->v[i].size);
	if (text.failed)
		return err_set(e, ENOMEM, "linux.%s: out of memory", k->property);
	if (way == NS_MAP_OWN && ids == NS_GIDS)
		r = write_proc(pid, "setgroups", "deny");
	if (r < 0)
		return err_sys(e, r, "linux.%s: deny setgroups", k->property);
	r = write_proc(pid, k->file, buf_str(&text));
	return r < 0 ? explain(k, m->n, text.len, r, e) : 0;
}

/* --- the helpers -------------------------------------------------------------- */

static const char *const paths[][3] = {
	[NS_UIDS] = { "/usr/bin/newuidmap", "/usr/local/bin/newuidmap",
		      "/run/wrappers/bin/newuidmap" },
	[NS_GIDS] = { "/usr/bin/newgidmap", "/usr/local/bin/newgidmap",
		      "/run/wrappers/bin/newgidmap" },
};

int ns_map_helper(enum ns_ids ids, const char **ret, struct err *e)
{
	for (size_t i = 0; i < ARRAY_LEN(paths[ids]); i++) {
		if (access(paths[ids][i], X_OK) < 0)
			continue;
		*ret = paths[ids][i];
		return 0;
	}
	return err_set(e, ENOENT, "linux.%s: a user may map only one id, the own "
		       "one, without %s, which is not installed (package uidmap)",
		       kinds[ids].property, kinds[ids].helper);
}

char **ns_map_args(enum ns_ids ids, const struct oci_id_mappings *m, pid_t pid,
		   struct arena *a, size_t *ret_n)
{
	size_t n = 2 + 3 * m->n;
	char **v = arena_array(a, n + 1, sizeof(*v)), **at = v;

	if (!v)
		return NULL;
	*at++ = arena_strdup(a, kinds[ids].helper);
	*at++ = arena_printf(a, "%d", (int)pid);
	for (size_t i = 0; i < m->n; i++) {
		*at++ = arena_printf(a, "%u", m->v[i].container_id);
		*at++ = arena_printf(a, "%u", m->v[i].host_id);
		*at++ = arena_printf(a, "%u", m->v[i].size);
	}
	for (size_t i = 0; i < n; i++)
		if (!v[i])
			return NULL;
	*ret_n = n;
	return v;
}
