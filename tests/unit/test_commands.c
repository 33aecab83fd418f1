/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/globals.h"
#include "cli/opt.h"
#include "util/auto.h"

#define WIDTH 100 /* columns of a line of help */

#define EACH_COMMAND(c) \
	(const struct command *const *c = commands; *c; c++)
#define EACH_OPTION(o, table) \
	(const struct opt *o = (table); o->kind != OPT_END; o++)

static void table_is_sound(const struct opt *table)
{
	for EACH_OPTION(o, table) {
		assert_true(o->name || o->letter);
		assert_true(o->help && *o->help);
		assert_true((o->kind == OPT_CHOICE) == (o->choices != NULL));
		if (o->kind == OPT_FLAG || o->kind == OPT_REFUSED)
			assert_null(o->value);
		else
			assert_non_null(o->value);
		assert_false(o->name && strcmp(o->name, "help") == 0);
		assert_false(o->letter == 'h' || o->letter == '?');
		for EACH_OPTION(p, o + 1) {
			assert_false(o->name && p->name &&
				     strcmp(o->name, p->name) == 0);
			assert_false(o->letter && o->letter == p->letter);
		}
	}
}

static void options_of_a_command_are_unique_and_complete(void **state)
{
	for EACH_COMMAND(c)
		table_is_sound((*c)->options);
	table_is_sound(global_options);
}

static void every_row_is_complete(void **state)
{
	for EACH_COMMAND(c) {
		assert_non_null((*c)->name);
		assert_non_null((*c)->operands);
		assert_non_null((*c)->summary);
		assert_non_null((*c)->description);
		assert_non_null((*c)->run);
		assert_true((*c)->max < 0 || (*c)->min <= (*c)->max);
		assert_ptr_equal(command_find((*c)->name), *c);
	}
}

static void only_exec_fails_with_255(void **state)
{
	for EACH_COMMAND(c) {
		int want = strcmp((*c)->name, "exec") == 0 ? 255 : 0;

		assert_int_equal((*c)->failure, want);
	}
}

/* What print() writes to standard output. */
static void capture(void (*print)(const struct command *c),
		    const struct command *c, char *text, size_t size)
{
	auto_fd saved = dup(STDOUT_FILENO);
	FILE *f = tmpfile();
	size_t n;

	assert_non_null(f);
	fflush(stdout);
	dup2(fileno(f), STDOUT_FILENO);
	print(c);
	fflush(stdout);
	dup2(saved, STDOUT_FILENO);
	rewind(f);
	n = fread(text, 1, size - 1, f);
	text[n] = '\0';
	fclose(f);
}

static void lines_fit(const char *text)
{
	assert_null(strchr(text, '\t'));
	while (*text) {
		size_t len = strcspn(text, "\n");

		assert_true(len <= WIDTH);
		assert_true(len == 0 || text[len - 1] != ' ');
		assert_true(text[len] == '\n');
		text += len + 1;
	}
}

static void help_fits_on_a_line_without_tabs(void **state)
{
	char text[16384];

	for EACH_COMMAND(c) {
		capture(help_command, *c, text, sizeof(text));
		assert_memory_equal(text, "usage: berth ", 13);
		lines_fit(text);
		for EACH_OPTION(o, (*c)->options)
			assert_true(o->kind == OPT_REFUSED ||
				    strstr(text, o->help));
	}
}

static void usage(const struct command *c)
{
	help_usage();
}

static void usage_names_every_command_and_global_option(void **state)
{
	char text[16384];

	capture(usage, NULL, text, sizeof(text));
	lines_fit(text);
	for EACH_COMMAND(c)
		assert_non_null(strstr(text, (*c)->summary));
	for EACH_OPTION(o, global_options)
		assert_non_null(strstr(text, o->name));
}

static void an_unknown_command_is_told_with_the_closest(void **state)
{
	static const struct { const char *name, *text; } cases[] = {
		{ "strat", "unknown command `strat`; did you mean `start`?" },
		{ "kil", "unknown command `kil`; did you mean `kill`?" },
		{ "checkpoint", "unknown command `checkpoint`; see `berth --help`" },
		{ "restore", "unknown command `restore`; see `berth --help`" },
		{ "", "unknown command ``; see `berth --help`" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };

		assert_null(command_find(cases[i].name));
		assert_int_equal(command_unknown(cases[i].name, &e), -EINVAL);
		assert_string_equal(e.text, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(options_of_a_command_are_unique_and_complete),
		cmocka_unit_test(every_row_is_complete),
		cmocka_unit_test(only_exec_fails_with_255),
		cmocka_unit_test(help_fits_on_a_line_without_tabs),
		cmocka_unit_test(usage_names_every_command_and_global_option),
		cmocka_unit_test(an_unknown_command_is_told_with_the_closest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
