/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/each.h"

#include "cli/cli.h"

int each_match(struct cli *cli, const char *regex,
	       int (*verb)(struct cli *cli, const char *id, const void *arg,
			   struct err *e),
	       const void *arg, struct err *e)
{
	char **ids;
	size_t n;
	int failure = container_match(&cli->ctx, regex, &cli->arena, &ids, &n,
				      e);

	if (failure < 0)
		return failure;
	for (size_t i = 0; i < n; i++) {
		struct err one = { 0 };

		if (verb(cli, ids[i], arg, &one) >= 0)
			continue;
		if (failure < 0)
			log_warning(&cli->log, "%s", e->text);
		*e = one;
		failure = err_wrap(e, "%s", ids[i]);
	}
	return failure;
}
