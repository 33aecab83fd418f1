/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <string.h>

#include "cli/opt.h"
#include "util/arena.h"
#include "util/auto.h"

struct sample {
	bool force, detach;
	const char *bundle;
	char *const *env;
	unsigned int fds, format;
	struct oci_opt_u64 shares;
	struct oci_opt_i64 quota, memory;
	int64_t interval;
};

static const char *const formats[] = { "table", "json", NULL };

static const struct opt table[] = {
	FLAG(sample, force, "force", 'f', "a flag"),
	FLAG(sample, detach, "no-detach", 'd', "another"),
	STRING(sample, bundle, "bundle", 'b', "DIR", "a string"),
	LIST(sample, env, "env", 'e', "NAME=VALUE", "a list"),
	UINT(sample, fds, "preserve-fds", 0, "N", "a count"),
	U64(sample, shares, "cpu-share", 0, "N", "an unsigned number"),
	I64(sample, quota, "cpu-quota", 0, "N", "a signed number"),
	SIZE(sample, memory, "memory", 'm', "SIZE", "a size"),
	DURATION(sample, interval, "interval", 0, "TIME", "a duration"),
	CHOICE(sample, format, "format", 'F', "FORMAT", "a choice", formats),
	REFUSED("kernel-memory", 'k', "is not there; use --memory"),
	REFUSED(NULL, 'w', "is for images only"),
	OPTIONS_END,
};

#define ARGS_MAX 12

struct result {
	struct arena arena;
	struct sample s;
	struct err e;
	int n; /* what opt_parse returned */
	bool help;
};

static void parse(const char *const *args, struct result *r)
{
	struct opt_input in = { .table = table,
				.out = &r->s,
				.arena = &r->arena,
				.argv = (char **)(uintptr_t)args };

	while (args[in.argc])
		in.argc++;
	r->n = opt_parse(&in, &r->help, &r->e);
}

static void done(struct result *r)
{
	arena_free(&r->arena);
}

/* --- every spelling of one option ----------------------------------------- */

static void a_string_may_be_spelled_in_all_ways(void **state)
{
	static const struct { const char *args[ARGS_MAX]; const char *want; } cases[] = {
		{ { "--bundle", "x" }, "x" },
		{ { "--bundle=x" }, "x" },
		{ { "-bundle", "x" }, "x" },
		{ { "-bundle=x" }, "x" },
		{ { "-b", "x" }, "x" },
		{ { "-bx" }, "x" },
		{ { "-b=x" }, "x" },
		{ { "-fbx" }, "x" },
		{ { "-fb", "x" }, "x" },
		{ { "--bundle=" }, "" },
		{ { "-b=" }, "" },
		{ { "--bundle", "" }, "" },
		{ { "--bundle", "--force" }, "--force" },
		{ { "--bundle", "--" }, "--" },
		{ { "--bundle=a=b" }, "a=b" },
		{ { "-b", "-" }, "-" },
		{ { "--bundle", "a", "--bundle", "b" }, "b" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct result r = { 0 };
		int n = 0;

		while (cases[i].args[n])
			n++;
		parse(cases[i].args, &r);
		assert_int_equal(r.n, n);
		assert_string_equal(r.s.bundle, cases[i].want);
		done(&r);
	}
}

static void a_flag_may_be_spelled_in_all_ways(void **state)
{
	static const struct { const char *args[ARGS_MAX]; bool want; } cases[] = {
		{ { "--force" }, true },       { { "-force" }, true },
		{ { "-f" }, true },	       { { "-f=true" }, true },
		{ { "--force=true" }, true },  { { "--force=1" }, true },
		{ { "--force=false" }, false }, { { "-force=false" }, false },
		{ { "--force=0" }, false },    { { "-f=false" }, false },
		{ { "-df" }, true },	       { { "-df=false" }, false },
		{ { "--force", "--force=false" }, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct result r = { 0 };

		parse(cases[i].args, &r);
		assert_true(r.n > 0);
		assert_int_equal(r.s.force, cases[i].want);
		done(&r);
	}
}

static void a_flag_never_takes_the_next_argument(void **state)
{
	const char *const args[] = { "--force", "false", NULL };
	struct result r = { 0 };

	parse(args, &r);
	assert_int_equal(r.n, 1);
	assert_true(r.s.force);
}

/* --- where options end ----------------------------------------------------- */

static void options_end_at_the_first_operand(void **state)
{
	static const struct { const char *args[ARGS_MAX]; int want; } cases[] = {
		{ { NULL }, 0 },
		{ { "id" }, 0 },
		{ { "id", "--force" }, 0 },
		{ { "--force", "id", "--bundle" }, 1 },
		{ { "--", "--force" }, 1 },
		{ { "--force", "--", "-x" }, 2 },
		{ { "-", "--force" }, 0 },
		{ { "", "--force" }, 0 },
		{ { "--bundle", "x", "id", "ls", "--nope" }, 2 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct result r = { 0 };

		parse(cases[i].args, &r);
		assert_int_equal(r.n, cases[i].want);
		done(&r);
	}
}

static void help_stops_the_parser(void **state)
{
	static const char *const cases[][ARGS_MAX] = {
		{ "--help" },
		{ "-h" },
		{ "-?" },
		{ "-help" },
		{ "-fh" },
		{ "--help", "--no-such-option" },
		{ "--force", "--help" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct result r = { 0 };

		parse(cases[i], &r);
		assert_true(r.n > 0);
		assert_true(r.help);
		done(&r);
	}
}

static void help_of_the_command_behind_the_id_is_not_ours(void **state)
{
	const char *const args[] = { "--force", "id", "ls", "--help", NULL };
	struct result r = { 0 };

	parse(args, &r);
	assert_int_equal(r.n, 1);
	assert_false(r.help);
}

/* --- values ------------------------------------------------------------------ */

static void a_list_keeps_every_value_in_order(void **state)
{
	const char *const args[] = { "-e", "A=1", "--env=B=2=3", "-eC=",
				     "--env", "", NULL };
	static const char *const want[] = { "A=1", "B=2=3", "C=", "" };
	struct result r = { 0 };

	parse(args, &r);
	assert_int_equal(r.n, 6);
	for (size_t i = 0; i < ARRAY_LEN(want); i++)
		assert_string_equal(r.s.env[i], want[i]);
	assert_null(r.s.env[ARRAY_LEN(want)]);
	done(&r);
}

static void a_list_as_long_as_the_arguments_fits(void **state)
{
	const char *const args[] = { "-ea", "-eb", "-ec", "-ed", "-ee", "-ef",
				     "-eg", "-eh", "-ei", "-ej", NULL };
	struct result r = { 0 };
	size_t n = 0;

	parse(args, &r);
	assert_int_equal(r.n, 10);
	while (r.s.env[n])
		n++;
	assert_int_equal(n, 10);
	done(&r);
}

static void numbers_at_their_limits_are_taken(void **state)
{
	const char *const args[] = {
		"--preserve-fds=2147483647",
		"--cpu-share=18446744073709551615",
		"--cpu-quota=-9223372036854775808",
		"--memory=512k",
		"--interval=100ms",
		"--format=json",
		NULL,
	};
	struct result r = { 0 };

	parse(args, &r);
	assert_int_equal(r.n, 6);
	assert_int_equal(r.s.fds, 2147483647);
	assert_true(r.s.shares.set && r.s.shares.v == UINT64_MAX);
	assert_true(r.s.quota.set && r.s.quota.v == INT64_MIN);
	assert_true(r.s.memory.set && r.s.memory.v == 512 * 1024);
	assert_true(r.s.interval == 100);
	assert_int_equal(r.s.format, 1);
}

static void minus_one_is_a_value_and_no_option(void **state)
{
	const char *const args[] = { "--memory", "-1", "--cpu-quota", "-1", NULL };
	struct result r = { 0 };

	parse(args, &r);
	assert_int_equal(r.n, 4);
	assert_true(r.s.memory.v == -1 && r.s.quota.v == -1);
}

static void absent_numbers_stay_unset(void **state)
{
	const char *const args[] = { "--force", NULL };
	struct result r = { 0 };

	parse(args, &r);
	assert_false(r.s.shares.set || r.s.quota.set || r.s.memory.set);
	assert_null(r.s.env);
	assert_null(r.s.bundle);
}

/* --- errors -------------------------------------------------------------------- */

static void errors_say_what_is_wrong(void **state)
{
	static const struct { const char *args[ARGS_MAX]; int code; const char *text; } cases[] = {
		{ { "--bundle" }, EINVAL, "option requires an argument: --bundle DIR" },
		{ { "-bundle" }, EINVAL, "option requires an argument: --bundle DIR" },
		{ { "-b" }, EINVAL, "option requires an argument: -b DIR" },
		{ { "-fb" }, EINVAL, "option requires an argument: -b DIR" },
		{ { "--env" }, EINVAL, "option requires an argument: --env NAME=VALUE" },
		{ { "--froce" }, EINVAL, "unknown option `--froce`; did you mean `--force`?" },
		{ { "--bundl=x" }, EINVAL, "unknown option `--bundl`; did you mean `--bundle`?" },
		{ { "-froce" }, EINVAL, "unknown option `-r` in `-froce`" },
		{ { "--hepl" }, EINVAL, "unknown option `--hepl`; did you mean `--help`?" },
		{ { "--zzz" }, EINVAL, "unknown option `--zzz`" },
		{ { "-z" }, EINVAL, "unknown option `-z`" },
		{ { "-fz" }, EINVAL, "unknown option `-z` in `-fz`" },
		{ { "---force" }, EINVAL, "unknown option `---force`; did you mean `--force`?" },
		{ { "--=x" }, EINVAL, "unknown option `--`" },
		{ { "-=x" }, EINVAL, "unknown option `-`" },
		{ { "--b" }, EINVAL, "unknown option `--b`" },
		{ { "--f" }, EINVAL, "unknown option `--f`" },
		{ { "--force=" }, EINVAL, "--force: `` is neither true nor false" },
		{ { "--force=yes" }, EINVAL, "--force: `yes` is neither true nor false" },
		{ { "-f=maybe" }, EINVAL, "-f: `maybe` is neither true nor false" },
		{ { "--preserve-fds=-1" }, EINVAL, "--preserve-fds: `-1` is not a number" },
		{ { "--preserve-fds=+1" }, EINVAL, "--preserve-fds: `+1` is not a number" },
		{ { "--preserve-fds=1 " }, EINVAL, "--preserve-fds: `1 ` is not a number" },
		{ { "--preserve-fds=0x10" }, EINVAL, "--preserve-fds: `0x10` is not a number" },
		{ { "--preserve-fds", "" }, EINVAL, "--preserve-fds: `` is not a number" },
		{ { "--preserve-fds=2147483648" }, ERANGE, "--preserve-fds: `2147483648` is out of range" },
		{ { "--cpu-share=18446744073709551616" }, ERANGE, "--cpu-share: `18446744073709551616` is out of range" },
		{ { "--cpu-quota=9223372036854775808" }, ERANGE, "--cpu-quota: `9223372036854775808` is out of range" },
		{ { "--memory=5x" }, EINVAL, "--memory: `5x` is not a size such as 64m or -1" },
		{ { "--memory=-2" }, EINVAL, "--memory: `-2` is not a size such as 64m or -1" },
		{ { "--memory=99999999999999g" }, ERANGE, "--memory: `99999999999999g` is out of range" },
		{ { "--interval=0s" }, ERANGE, "--interval: `0s` is out of range" },
		{ { "--interval=277778h" }, ERANGE, "--interval: `277778h` is out of range" },
		{ { "--interval=soon" }, EINVAL, "--interval: `soon` is not a duration such as 5s or 100ms" },
		{ { "--format=xml" }, EINVAL, "--format: `xml` is none of: table, json" },
		{ { "--format=" }, EINVAL, "--format: `` is none of: table, json" },
		{ { "--kernel-memory=1" }, EINVAL, "--kernel-memory is not there; use --memory" },
		{ { "-w" }, EINVAL, "-w is for images only" },
		{ { "-w/dir" }, EINVAL, "-w is for images only" },
		{ { "-fw" }, EINVAL, "-w is for images only" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct result r = { 0 };

		parse(cases[i].args, &r);
		assert_string_equal(r.e.text, cases[i].text);
		assert_int_equal(r.n, -cases[i].code);
		done(&r);
	}
}

static void a_number_that_is_refused_leaves_the_old_one(void **state)
{
	const char *const args[] = { "--cpu-share=7", "--cpu-share=x", NULL };
	struct result r = { 0 };

	parse(args, &r);
	assert_true(r.n < 0);
	assert_true(r.s.shares.set && r.s.shares.v == 7);
}

static void an_endless_option_gives_a_bounded_message(void **state)
{
	char word[4096];
	const char *args[] = { word, NULL };
	struct result r = { 0 };

	memset(word, 'x', sizeof(word) - 1);
	word[0] = word[1] = '-';
	word[sizeof(word) - 1] = '\0';
	parse(args, &r);
	assert_int_equal(r.n, -EINVAL);
	assert_true(strlen(r.e.text) < ERR_TEXT_MAX);
}

static void a_full_arena_is_an_error(void **state)
{
	const char *const args[] = { "-e", "A=1", NULL };
	struct result r = { .arena = { .limit = 1 } };

	parse(args, &r);
	assert_int_equal(r.n, -ENOMEM);
	done(&r);
}

/* --- the word that was meant ------------------------------------------------------ */

static void the_closest_word_wins(void **state)
{
	static const struct { const char *word, *best, *candidate, *want; } cases[] = {
		{ "delte", NULL, "delete", "delete" },
		{ "dleete", NULL, "delete", "delete" },
		{ "delete", NULL, "delete", "delete" },
		{ "remove", NULL, "delete", NULL },
		{ "statr", "state", "start", "state" },
		{ "statr", "start", "state", "start" },
		{ "ru", NULL, "run", NULL },
		{ "rum", NULL, "run", "run" },
		{ "", NULL, "run", NULL },
		{ "run", NULL, "", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *got = opt_near(cases[i].word, cases[i].best,
					   cases[i].candidate);

		if (cases[i].want)
			assert_string_equal(got, cases[i].want);
		else
			assert_null(got);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_string_may_be_spelled_in_all_ways),
		cmocka_unit_test(a_flag_may_be_spelled_in_all_ways),
		cmocka_unit_test(a_flag_never_takes_the_next_argument),
		cmocka_unit_test(options_end_at_the_first_operand),
		cmocka_unit_test(help_stops_the_parser),
		cmocka_unit_test(help_of_the_command_behind_the_id_is_not_ours),
		cmocka_unit_test(a_list_keeps_every_value_in_order),
		cmocka_unit_test(a_list_as_long_as_the_arguments_fits),
		cmocka_unit_test(numbers_at_their_limits_are_taken),
		cmocka_unit_test(minus_one_is_a_value_and_no_option),
		cmocka_unit_test(absent_numbers_stay_unset),
		cmocka_unit_test(errors_say_what_is_wrong),
		cmocka_unit_test(a_number_that_is_refused_leaves_the_old_one),
		cmocka_unit_test(an_endless_option_gives_a_bounded_message),
		cmocka_unit_test(a_full_arena_is_an_error),
		cmocka_unit_test(the_closest_word_wins),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
