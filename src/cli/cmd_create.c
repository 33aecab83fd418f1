/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/create_options.h"

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	struct create_options o = *(const struct create_options *)options;

	o.id = operands[0];
	return container_create(&cli->ctx, &o, e);
}

static const struct opt options[] = {
	BUNDLE_OPTIONS,
	IMAGE_OPTIONS,
	OPTIONS_END,
};

static const struct create_options defaults = { .bundle = "." };

const struct command cmd_create = {
	.name = "create",
	.operands = "ID",
	.summary = "create a container from a bundle, without starting it",
	.description =
		"Create the container ID from a bundle: a directory with a config.json and,\n"
		"as a rule, the root filesystem that it names. Its process waits for\n"
		"`berth start ID`.",
	.examples = "  berth create --bundle /srv/web --pid-file /run/web.pid web\n"
		    "  berth start web",
	.options = options,
	.defaults = &defaults,
	.size = sizeof(struct create_options),
	.min = 1,
	.max = 1,
	.run = run,
};
