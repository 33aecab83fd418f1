/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/create_options.h"

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	struct create_options o = *(const struct create_options *)options;
	int status, r;

	o.id = operands[0];
	r = container_run(&cli->ctx, &o, &status, e);
	return r < 0 ? r : status;
}

static const struct opt options[] = {
	BUNDLE_OPTIONS,
	FLAG(create_options, detach, "detach", 'd',
	     "return once the process runs, and leave it running"),
	FLAG(create_options, keep, "keep", 0,
	     "do not delete the container at its end"),
	IMAGE_OPTIONS,
	OPTIONS_END,
};

static const struct create_options defaults = { .bundle = "." };

const struct command cmd_run = {
	.name = "run",
	.operands = "ID",
	.summary = "create a container, start it and wait for its end",
	.description =
		"Create the container ID from a bundle, start it, wait until its first process\n"
		"ends and delete it. Signals that berth gets go to that process. The exit\n"
		"status is that of the process, or 128 and the number of the signal that\n"
		"killed it.",
	.examples = "  berth run --bundle /srv/web web\n"
		    "  berth run -t -b /srv/shell shell",
	.options = options,
	.defaults = &defaults,
	.size = sizeof(struct create_options),
	.min = 1,
	.max = 1,
	.run = run,
};
