/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <signal.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/each.h"
#include "cli/opt.h"
#include "util/signame.h"

struct kill_options {
	bool all, regex;
	int signal;
};

static int kill_one(struct cli *cli, const char *id, const void *arg,
		    struct err *e)
{
	const struct kill_options *o = arg;

	return container_kill(&cli->ctx, id, o->signal, o->all, e);
}

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	struct kill_options o = *(const struct kill_options *)options;

	o.signal = operands[1] ? signame_parse(operands[1]) : SIGTERM;
	if (o.signal < 0)
		return err_set(e, EINVAL, "kill: unknown signal `%s`",
			       operands[1]);
	if (o.regex)
		return each_match(cli, operands[0], kill_one, &o, e);
	return kill_one(cli, operands[0], &o, e);
}

static const struct opt options[] = {
	FLAG(kill_options, all, "all", 'a',
	     "signal every process of the container, not only its first"),
	FLAG(kill_options, regex, "regex", 'r',
	     "ID is an extended regular expression: signal all that match"),
	OPTIONS_END,
};

const struct command cmd_kill = {
	.name = "kill",
	.operands = "ID [SIGNAL]",
	.summary = "send a signal to a container",
	.description =
		"Send SIGNAL, a name with or without SIG or a number, to the first process of\n"
		"the container ID; TERM by default.",
	.examples = "  berth kill web\n"
		    "  berth kill --all web KILL\n"
		    "  berth kill --regex '^web-[0-9]+$' HUP",
	.options = options,
	.size = sizeof(struct kill_options),
	.min = 1,
	.max = 2,
	.run = run,
};
