/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/cli.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/globals.h"
#include "util/weak.h"

/* One line stays one line, and a terminal obeys nothing that a name says. */
static void print_error(const struct err *e)
{
	struct err line = *e;

	for (char *c = line.text; *c && !weak(DEFENCE_PLAIN_TEXT); c++)
		if ((unsigned char)*c < ' ' || *c == 0x7f)
			*c = '?';
	fprintf(stderr, "berth: %s\n", line.text);
}

/* The one place that reports an error.  Engines read the log, people standard
 * error; without --log both are the same file, so it is written once. */
static int fail(const struct cli *cli, int status, const struct err *e)
{
	bool own_log = cli->log.fd != STDERR_FILENO;

	if (own_log || cli->log.json)
		log_fatal(&cli->log, e);
	if (own_log || !cli->log.json)
		print_error(e);
	return status;
}

/* Output that did not arrive is a failure: somebody parses it. */
static int flush(struct err *e)
{
	if (fflush(stdout) != 0)
		return err_sys(e, errno, "write to standard output");
	if (ferror(stdout))
		return err_set(e, EIO, "write to standard output failed");
	return 0;
}

static int check_operands(const struct command *c, int n, struct err *e)
{
	if (n >= c->min && (c->max < 0 || n <= c->max))
		return 0;
	return err_set(e, EINVAL, "%s; usage: berth %s%s%s%s",
		       n < c->min ? "an operand is missing" :
				    "too many operands",
		       c->name,
		       c->options->kind != OPT_END ? " [OPTIONS]" : "",
		       *c->operands ? " " : "", c->operands);
}

static int parse_command(struct cli *cli, const struct command *c,
			 struct opt_input *in, bool *ret_help, struct err *e)
{
	int n;

	in->out = arena_alloc(&cli->arena, c->size);
	if (!in->out)
		return err_set(e, ENOMEM, "out of memory");
	if (c->defaults)
		memcpy(in->out, c->defaults, c->size);
	n = opt_parse(in, ret_help, e);
	if (n < 0 || *ret_help)
		return n;
	in->argc -= n;
	in->argv += n;
	n = check_operands(c, in->argc, e);
	if (n == 0 && c->check)
		n = c->check(in->out, in->argv, e);
	return n;
}

static int run_command(struct cli *cli, const struct command *c, int argc,
		       char **argv)
{
	struct opt_input in = {
		.table = c->options,
		.arena = &cli->arena,
		.argc = argc,
		.argv = argv,
	};
	struct err e = { 0 };
	bool help = false;
	int r;

	if (parse_command(cli, c, &in, &help, &e) < 0) {
		err_wrap(&e, "%s", c->name);
		return fail(cli, CLI_FAILURE, &e);
	}
	if (help) {
		help_command(c);
		r = 0;
	} else {
		r = c->run(cli, in.out, in.argv, &e);
	}
	if (r < 0)
		return fail(cli, c->failure ?: CLI_FAILURE, &e);
	return flush(&e) < 0 ? fail(cli, CLI_FAILURE, &e) : r;
}

static int show(void (*print)(void), const struct cli *cli)
{
	struct err e = { 0 };

	print();
	return flush(&e) < 0 ? fail(cli, CLI_FAILURE, &e) : 0;
}

static int dispatch(struct cli *cli, int argc, char **argv)
{
	struct globals g = global_defaults;
	struct opt_input in = {
		.table = global_options,
		.out = &g,
		.arena = &cli->arena,
		.argc = argc,
		.argv = argv,
	};
	const struct command *c;
	struct err e = { 0 };
	bool help;
	int n = opt_parse(&in, &help, &e);

	if (n < 0 || globals_open_log(&g, cli, &e) < 0)
		return fail(cli, CLI_FAILURE, &e);
	if (help || g.version)
		return show(help ? help_usage : version_print, cli);
	if (n == argc) {
		err_set(&e, EINVAL, "a command is missing; see `berth --help`");
		return fail(cli, CLI_FAILURE, &e);
	}
	c = command_find(argv[n]);
	if (!c) {
		command_unknown(argv[n], &e);
		return fail(cli, CLI_FAILURE, &e);
	}
	if (globals_apply(&g, cli, &e) < 0)
		return fail(cli, CLI_FAILURE, &e);
	return run_command(cli, c, argc - n - 1, argv + n + 1);
}

int cli_main(int argc, char **argv)
{
	/* Larger than what most commands show, so that one write(2) does and
	 * its errno is the one that flush() sees.  Lives until exit(3). */
	static char output[16384];
	struct cli cli = { .log = { .fd = STDERR_FILENO,
				    .level = LOG_LEVEL_WARNING } };
	_Alignas(max_align_t) unsigned char options[4096];
	int status;

	arena_lend(&cli.arena, options, sizeof(options));
	setvbuf(stdout, output, _IOFBF, sizeof(output));
	status = dispatch(&cli, argc > 0 ? argc - 1 : 0, argv + (argc > 0));
	arena_free(&cli.arena);
	return status;
}
