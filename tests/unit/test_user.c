/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <string.h>

#include "security/user.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/err.h"

static void numbers_are_taken_as_they_are(void **state)
{
	static const struct {
		const char *text;
		struct user_ids want;
	} cases[] = {
		{ "0", { 0, false, 0 } },
		{ "1000", { 1000, false, 0 } },
		{ "1000:100", { 1000, true, 100 } },
		{ "0:0", { 0, true, 0 } },
		{ "4294967294:4294967294", { 4294967294u, true, 4294967294u } },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct user_ids u = { 7, false, 7 };

		assert_int_equal(user_parse(cases[i].text, &u, NULL), 0);
		assert_int_equal(u.uid, cases[i].want.uid);
		assert_int_equal(u.has_gid, cases[i].want.has_gid);
		if (u.has_gid)
			assert_int_equal(u.gid, cases[i].want.gid);
	}
}

/* Each of these must not become a user, least of all root. */
static void anything_else_is_refused_and_changes_nothing(void **state)
{
	static const struct {
		const char *text;
		int code;
	} cases[] = {
		{ "", -EINVAL }, { ":", -EINVAL }, { "1:", -EINVAL },
		{ ":1", -EINVAL }, { "-1", -EINVAL }, { "+1", -EINVAL },
		{ " 1", -EINVAL }, { "1 ", -EINVAL }, { "1\n", -EINVAL },
		{ "1x", -EINVAL }, { "0x10", -EINVAL }, { "1e3", -EINVAL },
		{ "root", -EINVAL }, { "1:wheel", -EINVAL },
		{ "1:2:3", -EINVAL }, { "1:-1", -EINVAL }, { "1,2", -EINVAL },
		{ "1.5", -EINVAL }, { "\xd9\xa1", -EINVAL },
		{ "4294967295", -ERANGE }, { "4294967296", -ERANGE },
		{ "1:4294967295", -ERANGE }, { "1:4294967296", -ERANGE },
		{ "18446744073709551616", -ERANGE },
		{ "18446744073709552616:0", -ERANGE },
		{ "99999999999999999999999999999999999999999999", -ERANGE },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct user_ids u = { 7, true, 8 };
		struct err e = { 0 };

		assert_int_equal(user_parse(cases[i].text, &u, &e),
				 cases[i].code);
		assert_true(e.text[0]);
		assert_int_equal(u.uid, 7);
		assert_true(u.has_gid);
		assert_int_equal(u.gid, 8);
	}
}

static void the_error_says_which_number_and_shows_it(void **state)
{
	struct user_ids u;
	struct err e = { 0 };

	(void)user_parse("1000:staff", &u, &e);
	assert_string_equal(e.text, "gid: \"staff\" is not a number");
	(void)user_parse("4294967295:1", &u, &e);
	assert_string_equal(e.text, "uid: 4294967295 is above 4294967294");
}

static void group_lists_keep_their_order(void **state)
{
	static const uint32_t want[] = { 10, 0, 4294967294u, 10 };
	auto_arena a = { 0 };
	uint32_t *v;
	size_t n;

	assert_int_equal(user_parse_gids("10,0,4294967294,10", &a, &v, &n, NULL),
			 0);
	assert_int_equal(n, 4);
	assert_memory_equal(v, want, sizeof(want));
	assert_int_equal(user_parse_gids("5", &a, &v, &n, NULL), 0);
	assert_int_equal(n, 1);
	assert_int_equal(v[0], 5);
}

static void broken_group_lists_are_refused(void **state)
{
	static const char *const cases[] = { "", ",", "1,", ",1", "1,,2", "1, 2",
					     "1,x", "1;2", "1,-1",
					     "1,4294967295" };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		uint32_t *v = NULL;
		size_t n = 77;

		assert_true(user_parse_gids(cases[i], &a, &v, &n, NULL) < 0);
		assert_null(v);
		assert_int_equal(n, 77);
	}
}

static void a_single_id_names_its_option(void **state)
{
	struct err e = { 0 };
	uint32_t id = 3;

	assert_int_equal(user_parse_id("12", "--additional-gids", &id, &e), 0);
	assert_int_equal(id, 12);
	assert_int_equal(user_parse_id("x", "--additional-gids", &id, &e),
			 -EINVAL);
	assert_string_equal(e.text, "--additional-gids: \"x\" is not a number");
	assert_int_equal(id, 12);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_are_taken_as_they_are),
		cmocka_unit_test(anything_else_is_refused_and_changes_nothing),
		cmocka_unit_test(the_error_says_which_number_and_shows_it),
		cmocka_unit_test(group_lists_keep_their_order),
		cmocka_unit_test(broken_group_lists_are_refused),
		cmocka_unit_test(a_single_id_names_its_option),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
