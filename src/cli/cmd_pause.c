/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"

static int run_pause(struct cli *cli, const void *options, char **operands,
		     struct err *e)
{
	return container_pause(&cli->ctx, operands[0], e);
}

static int run_resume(struct cli *cli, const void *options, char **operands,
		      struct err *e)
{
	return container_resume(&cli->ctx, operands[0], e);
}

static const struct opt options[] = { OPTIONS_END };

const struct command cmd_pause = {
	.name = "pause",
	.operands = "ID",
	.summary = "freeze every process of a container",
	.description = "Freeze every process of the container ID until `berth resume ID`.",
	.options = options,
	.min = 1,
	.max = 1,
	.run = run_pause,
};

const struct command cmd_resume = {
	.name = "resume",
	.operands = "ID",
	.summary = "let a paused container go on",
	.description = "Let the processes of the paused container ID go on.",
	.options = options,
	.min = 1,
	.max = 1,
	.run = run_resume,
};
