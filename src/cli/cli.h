/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/cli.h - the command line: one row per command, one file per command.
 * Dispatch, usage, --help, the completions and the check of the manual pages
 * all come from the rows.
 */
#ifndef CLI_CLI_H
#define CLI_CLI_H

#include <stdbool.h>
#include <stddef.h>

#include "container/container.h"
#include "util/arena.h"
#include "util/err.h"
#include "util/log.h"

struct opt;

/* One invocation. */
struct cli {
	struct context ctx; /* what the verbs get */
	struct arena arena; /* freed at the end of the invocation */
	struct log log;
};

struct command {
	const char *name;
	const char *operands;	 /* "ID [SIGNAL]"; "" for none */
	const char *summary;	 /* for the list of commands */
	const char *description; /* sentences, lines of at most 78 columns */
	const char *examples;	 /* lines, or NULL */
	const struct opt *options;
	const void *defaults; /* @size bytes; NULL: all zero */
	size_t size;	      /* of the struct that @options fill */
	int min, max;	      /* operands; max < 0: any number */
	int failure;	      /* exit status when @run fails */

	/* Return: -EINVAL when options or operands do not fit together, which
	 * is wrong usage; NULL: nothing to check. */
	int (*check)(const void *options, char **operands, struct err *e);

	/* @options: filled, of @size bytes; @operands: NULL-terminated.
	 * Return: the exit status, or -errno with @e filled. */
	int (*run)(struct cli *cli, const void *options, char **operands,
		   struct err *e);
};

/* The command table; NULL-terminated. */
extern const struct command *const commands[];

/* command_find - the row of a command, or NULL. */
const struct command *command_find(const char *name);

/* command_unknown - -EINVAL with a text that names the closest command. */
int command_unknown(const char *name, struct err *e);

/* help_usage - the list of commands and global options, to standard output. */
void help_usage(void);

/* help_command - the whole help of one command, to standard output. */
void help_command(const struct command *c);

extern const char version_commit[]; /* "" where berth was built from no checkout */

/* version_print - name, commit, specification and features. */
void version_print(void);

/**
 * cli_main - what berth's main() calls
 *
 * Return: the exit status: the container's own for run and exec, 1 for a
 *	   failure of berth's own or wrong usage, 255 when exec fails.
 */
int cli_main(int argc, char **argv);

#define CLI_FAILURE 1	     /* a failure of berth's own, wrong usage */
#define CLI_EXEC_FAILURE 255 /* exec: tells it from the command's own status */

#endif
