/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/globals.h"

void help_usage(void)
{
	puts("usage: berth [GLOBAL OPTIONS] COMMAND [OPTIONS] [OPERANDS]\n\n"
	     "Run containers from bundles of the OCI runtime specification.\n\n"
	     "commands:");
	for (const struct command *const *c = commands; *c; c++)
		printf("  %-9s %s\n", (*c)->name, (*c)->summary);
	puts("\nglobal options:");
	opt_print(global_options);
	puts("\n`berth COMMAND --help` describes a command and its options.");
}

void help_command(const struct command *c)
{
	printf("usage: berth %s%s%s%s\n\n%s\n\noptions:\n", c->name,
	       c->options->kind != OPT_END ? " [OPTIONS]" : "",
	       *c->operands ? " " : "", c->operands, c->description);
	opt_print(c->options);
	if (c->examples)
		printf("\nexamples:\n%s\n", c->examples);
}

static int run_help(struct cli *cli, const void *options, char **operands,
		    struct err *e)
{
	const struct command *c;

	if (!operands[0]) {
		help_usage();
		return 0;
	}
	c = command_find(operands[0]);
	if (!c)
		return command_unknown(operands[0], e);
	help_command(c);
	return 0;
}

static const struct opt options[] = { OPTIONS_END };

const struct command cmd_help = {
	.name = "help",
	.operands = "[COMMAND]",
	.summary = "show this help, or that of a command",
	.description = "Show the list of commands, or what one of them does.",
	.options = options,
	.max = 1,
	.run = run_help,
};
