/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/each.h"
#include "cli/opt.h"

struct delete_options {
	bool force, regex;
};

static int delete_one(struct cli *cli, const char *id, const void *arg,
		      struct err *e)
{
	const struct delete_options *o = arg;

	return container_delete(&cli->ctx, id, o->force, e);
}

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	const struct delete_options *o = options;

	if (o->regex)
		return each_match(cli, operands[0], delete_one, o, e);
	return delete_one(cli, operands[0], o, e);
}

static const struct opt options[] = {
	FLAG(delete_options, force, "force", 'f',
	     "kill it if it runs; no error if there is none"),
	FLAG(delete_options, regex, "regex", 'r',
	     "ID is an extended regular expression: delete all that match"),
	OPTIONS_END,
};

const struct command cmd_delete = {
	.name = "delete",
	.operands = "ID",
	.summary = "delete a container and whatever is left of it",
	.description =
		"Delete the stopped or created container ID: its cgroup and its state. With\n"
		"--force also one that runs, or whose creation was interrupted.",
	.examples = "  berth delete web\n"
		    "  berth delete --force --regex '^test-'",
	.options = options,
	.size = sizeof(struct delete_options),
	.min = 1,
	.max = 1,
	.run = run,
};
