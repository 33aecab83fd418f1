/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/container.h"
#include "util/arena.h"
#include "util/weak.h"

#define ID_MAX 255 /* NAME_MAX: the id names a directory */

static bool is_id_char(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
	       (c >= '0' && c <= '9') || (c && strchr("_+.-", c));
}

int container_check_id(const char *id, struct err *e)
{
	size_t len = strlen(id);

	if (weak(DEFENCE_ID_NAME))
		return 0;
	if (!len)
		return err_set(e, EINVAL, "container id must not be empty");
	if (len > ID_MAX)
		return err_set(e, EINVAL, "container id is longer than %d bytes",
			       ID_MAX);
	for (size_t i = 0; i < len; i++)
		if (!is_id_char(id[i]))
			return err_set(e, EINVAL, "container id `%s`: only letters, "
				       "digits and _ + . - may occur", id);
	if (id[0] == '.' || id[0] == '-')
		return err_set(e, EINVAL, "container id `%s` must not begin with "
			       "`%c`", id, id[0]);
	return 0;
}

const char *container_default_root(bool rootless, struct arena *a)
{
	const char *dir = getenv("XDG_RUNTIME_DIR");

	if (!rootless)
		return arena_strdup(a, "/run/berth");
	if (dir && *dir)
		return arena_printf(a, "%s/berth", dir);
	return arena_printf(a, "/run/user/%u/berth", geteuid());
}

const char *container_status_name(enum container_status s)
{
	static const char names[][12] = {
		[STATUS_CREATING] = "creating", [STATUS_CREATED] = "created",
		[STATUS_RUNNING] = "running",	[STATUS_PAUSED] = "paused",
		[STATUS_STOPPED] = "stopped",
	};

	return names[s];
}
