/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "namespaces/namespaces.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/fs.h"

/* The kernel takes a whole map in one write(2), and only once. */
static int write_map(pid_t pid, const char *file, const char *property,
		     const struct oci_id_mappings *m, struct err *e)
{
	auto_buf text = { 0 };
	char path[64];
	int r;

	for (size_t i = 0; i < m->n; i++)
		buf_printf(&text, "%u %u %u\n", m->v[i].container_id,
			   m->v[i].host_id, m->v[i].size);
	if (text.failed)
		return err_set(e, ENOMEM, "linux.%s: out of memory", property);
	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, file);
	r = fs_write_text(AT_FDCWD, path, buf_str(&text));
	if (r < 0)
		return err_sys(e, r, "linux.%s: write %zu ranges to %s", property,
			       m->n, file);
	return 0;
}

int ns_write_maps(pid_t pid, const struct oci_linux *l, struct err *e)
{
	int r = write_map(pid, "uid_map", "uidMappings", &l->uid_mappings, e);

	if (r < 0)
		return r;
	return write_map(pid, "gid_map", "gidMappings", &l->gid_mappings, e);
}
