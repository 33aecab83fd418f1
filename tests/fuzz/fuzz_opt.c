/* SPDX-License-Identifier: Apache-2.0 */
/* The option parser with every command's table: the first byte chooses the
 * command, the rest is its arguments, each ended by a NUL. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/opt.h"

#define ARGS_MAX 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const struct command *choose(uint8_t byte)
{
	size_t n = 0;

	while (commands[n])
		n++;
	return commands[byte % n];
}

static int split(char *text, size_t len, char **argv)
{
	char *end = text + len;
	int n = 0;

	while (text < end && n < ARGS_MAX) {
		argv[n++] = text;
		text += strlen(text) + 1;
	}
	argv[n] = NULL;
	return n;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct command *c = choose(len ? data[0] : 0);
	auto_arena a = { 0 };
	char *text = arena_dup(&a, len ? (const char *)data + 1 : "",
			       len ? len - 1 : 0);
	void *out = arena_alloc(&a, c->size);
	char *argv[ARGS_MAX + 1];
	struct err e = { 0 };
	bool help;
	int argc, n;

	if (!text || !out)
		abort();
	argc = split(text, len ? len - 1 : 0, argv);
	n = opt_parse(&(struct opt_input){ .table = c->options,
					   .out = out,
					   .arena = &a,
					   .argc = argc,
					   .argv = argv },
		      &help, &e);
	if (n > argc || (n < 0 && (!e.code || !e.text[0])))
		abort();
	if (argc)
		command_unknown(argv[0], &e);
	return 0;
}
