/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"
#include "cli/table.h"

struct list_options {
	unsigned int format;
	bool quiet;
};

struct list {
	struct container_info *v;
	size_t n;
};

static int print_ids(struct arena *a, const struct list *l, struct err *e)
{
	for (size_t i = 0; i < l->n; i++)
		puts(l->v[i].id);
	return 0;
}

static int print_json(struct arena *a, const struct list *l, struct err *e)
{
	putchar('[');
	for (size_t i = 0; i < l->n; i++) {
		const char *json = container_state_json(&l->v[i], false, a);

		if (!json)
			return err_set(e, ENOMEM, "out of memory");
		printf("%s%s", i ? "," : "", json);
	}
	puts("]");
	return 0;
}

static int print_table(struct arena *a, const struct list *l, struct err *e)
{
	static const char *const heading[] = { "ID",	 "PID",	    "STATUS",
					       "BUNDLE", "CREATED", "OWNER" };
	const size_t columns = sizeof(heading) / sizeof(heading[0]);
	const char **cells = arena_array(a, (l->n + 1) * columns,
					 sizeof(char *));
	const char **c = cells;

	if (!cells)
		return err_set(e, ENOMEM, "out of memory");
	for (size_t i = 0; i < columns; i++)
		*c++ = heading[i];
	for (size_t i = 0; i < l->n; i++) {
		*c++ = l->v[i].id;
		*c++ = arena_printf(a, "%d", (int)l->v[i].pid);
		*c++ = container_status_name(l->v[i].status);
		*c++ = l->v[i].bundle;
		*c++ = l->v[i].created;
		*c++ = l->v[i].owner;
	}
	table_print(&(struct table){
		.columns = columns, .rows = l->n + 1, .cells = cells });
	return 0;
}

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	const struct list_options *o = options;
	struct list l;
	int r = container_list(&cli->ctx, &cli->arena, &l.v, &l.n, e);

	if (r < 0)
		return r;
	if (o->quiet)
		return print_ids(&cli->arena, &l, e);
	if (o->format == FORMAT_JSON)
		return print_json(&cli->arena, &l, e);
	return print_table(&cli->arena, &l, e);
}

static const struct opt options[] = {
	CHOICE(list_options, format, "format", 'f', "FORMAT",
	       "table or json (table)", format_words),
	FLAG(list_options, quiet, "quiet", 'q', "show ids only"),
	OPTIONS_END,
};

const struct command cmd_list = {
	.name = "list",
	.operands = "",
	.summary = "list the containers",
	.description = "List the containers whose state is below the --root directory.",
	.examples = "  berth list\n"
		    "  berth list --format json",
	.options = options,
	.size = sizeof(struct list_options),
	.run = run,
};
