/* SPDX-License-Identifier: Apache-2.0 */
/* config-linux.md "IntelRdt": what the kernel would take for something else. */
#include <errno.h>
#include <limits.h>
#include <string.h>

#include "oci/intel_rdt.h"
#include "oci/spec.h"

#define WHERE "linux.intelRdt"

static bool has_newline(const char *s)
{
	return strchr(s, '\n') != NULL;
}

/* Directories that the kernel makes beside the groups. */
static bool is_taken(const char *name)
{
	return strcmp(name, "info") == 0 || strcmp(name, "mon_groups") == 0 ||
	       strcmp(name, "mon_data") == 0;
}

static int check_clos_id(const char *id, struct err *e)
{
	if (!id || !id[0] || strcmp(id, "/") == 0)
		return 0;
	if (strchr(id, '/') || has_newline(id) || strlen(id) > NAME_MAX ||
	    strcmp(id, ".") == 0 || strcmp(id, "..") == 0 || is_taken(id))
		return err_set(e, EINVAL, WHERE ".closID: \"%.60s\" is no name "
			       "of a resctrl group", id);
	return 0;
}

int oci_intel_rdt_check(const struct oci_intel_rdt *r, struct err *e)
{
	const char *mb = r->mem_bw_schema;
	int n = check_clos_id(r->clos_id, e);

	if (n < 0)
		return n;
	if (mb && mb[0] && (strncmp(mb, "MB:", 3) != 0 || has_newline(mb)))
		return err_set(e, EINVAL, WHERE ".memBwSchema: \"%.60s\" is not "
			       "one line that begins with \"MB:\"", mb);
	for (size_t i = 0; i < r->schemata.n; i++) {
		const char *line = r->schemata.v[i];

		if (!line[0] || has_newline(line))
			return err_set(e, EINVAL, WHERE ".schemata[%zu]: "
				       "\"%.60s\" is not one line", i, line);
	}
	return 0;
}
