/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"
#include "cli/table.h"
#include "util/auto.h"

struct state_options {
	unsigned int format;
};

static void print_table(struct arena *a, const struct container_info *c)
{
	const char *const cells[] = {
		"ID",	   c->id,
		"STATUS",  container_status_name(c->status),
		"PID",	   arena_printf(a, "%d", (int)c->pid),
		"BUNDLE",  c->bundle,
		"ROOTFS",  c->rootfs,
		"CREATED", c->created,
		"OWNER",   c->owner,
		"CGROUP",  c->cgroup,
		"SCOPE",   c->scope,
	};

	table_print(&(struct table){ .columns = 2,
				     .rows = ARRAY_LEN(cells) / 2 - !c->scope,
				     .cells = cells });
}

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	const struct state_options *o = options;
	struct container_info c;
	const char *json;
	int r = container_state(&cli->ctx, operands[0], &cli->arena, &c, e);

	if (r < 0)
		return r;
	if (o->format == FORMAT_TABLE) {
		print_table(&cli->arena, &c);
		return 0;
	}
	json = container_state_json(&c, true, &cli->arena);
	if (!json)
		return err_set(e, ENOMEM, "out of memory");
	puts(json);
	return 0;
}

static const struct opt options[] = {
	CHOICE(state_options, format, "format", 'f', "FORMAT",
	       "table or json (json)", format_words),
	OPTIONS_END,
};

static const struct state_options defaults = { .format = FORMAT_JSON };

const struct command cmd_state = {
	.name = "state",
	.operands = "ID",
	.summary = "show the state of a container",
	.description =
		"Show the state of the container ID: the JSON document of the OCI runtime\n"
		"specification, or a table.",
	.options = options,
	.defaults = &defaults,
	.size = sizeof(struct state_options),
	.min = 1,
	.max = 1,
	.run = run,
};
