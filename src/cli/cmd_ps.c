/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"
#include "cli/ps_proc.h"
#include "cli/table.h"

struct ps_options {
	unsigned int format;
};

static void print_json(const struct pids *pids)
{
	putchar('[');
	for (size_t i = 0; i < pids->n; i++)
		printf("%s%d", i ? "," : "", (int)pids->v[i]);
	puts("]");
}

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	const struct ps_options *o = options;
	struct pids pids;
	int r = container_pids(&cli->ctx, operands[0], &cli->arena, &pids.v,
			       &pids.n, e);

	if (r < 0)
		return r;
	if (o->format == FORMAT_JSON) {
		print_json(&pids);
		return 0;
	}
	r = ps_from_ps(&cli->arena, &pids, operands + 1, e);
	if (r == -ENOENT && !operands[1])
		return ps_from_proc(&cli->arena, &pids, e);
	if (r == -ENOENT)
		return err_set(e, ENOENT,
			       "ps(1) is not installed; leave its arguments out "
			       "for a table of berth's own");
	return r;
}

static const struct opt options[] = {
	CHOICE(ps_options, format, "format", 'f', "FORMAT",
	       "table or json, an array of process ids (table)", format_words),
	OPTIONS_END,
};

const struct command cmd_ps = {
	.name = "ps",
	.operands = "ID [PS-ARGUMENT...]",
	.summary = "list the processes of a container",
	.description =
		"List the processes of the container ID with their ids on the host, as ps(1)\n"
		"shows them: what follows ID goes to ps, -ef by default. Where ps is not\n"
		"installed berth prints a table of its own.",
	.examples = "  berth ps web\n"
		    "  berth ps web -o pid,rss,args\n"
		    "  berth ps --format json web",
	.options = options,
	.size = sizeof(struct ps_options),
	.min = 1,
	.max = -1,
	.run = run,
};
