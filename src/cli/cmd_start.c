/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	return container_start(&cli->ctx, operands[0], e);
}

static const struct opt options[] = { OPTIONS_END };

const struct command cmd_start = {
	.name = "start",
	.operands = "ID",
	.summary = "start the process of a created container",
	.description = "Let the process of the container ID begin, which `berth create` prepared.",
	.options = options,
	.min = 1,
	.max = 1,
	.run = run,
};
