/* SPDX-License-Identifier: Apache-2.0 */
/* cli/each.h - one verb on every container whose id matches. */
#ifndef CLI_EACH_H
#define CLI_EACH_H

struct cli;
struct err;

/**
 * each_match - call @verb for every container whose id matches @regex
 *
 * The others are still visited when one fails; each failure but the last goes
 * to the log as a warning.
 *
 * Return: 0 (also when none matches), or the last failure with its text.
 */
int each_match(struct cli *cli, const char *regex,
	       int (*verb)(struct cli *cli, const char *id, const void *arg,
			   struct err *e),
	       const void *arg, struct err *e);

#endif
