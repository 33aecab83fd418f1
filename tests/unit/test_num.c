/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <string.h>

#include "util/auto.h"
#include "util/num.h"

#define UNTOUCHED 4711

static void unsigned_numbers_are_whole_and_bounded(void **state)
{
	static const struct {
		const char *text;
		uint64_t max;
		int r;
		uint64_t v;
	} cases[] = {
		{ "0", 0, 0, 0 },
		{ "007", 7, 0, 7 },
		{ "18446744073709551615", UINT64_MAX, 0, UINT64_MAX },
		{ "18446744073709551616", UINT64_MAX, -ERANGE, UNTOUCHED },
		{ "99999999999999999999999999", UINT64_MAX, -ERANGE, UNTOUCHED },
		{ "8", 7, -ERANGE, UNTOUCHED },
		{ "", 7, -EINVAL, UNTOUCHED },
		{ " 1", 7, -EINVAL, UNTOUCHED },
		{ "1 ", 7, -EINVAL, UNTOUCHED },
		{ "+1", 7, -EINVAL, UNTOUCHED },
		{ "-1", 7, -EINVAL, UNTOUCHED },
		{ "0x1", 7, -EINVAL, UNTOUCHED },
		{ "1e3", 7, -EINVAL, UNTOUCHED },
		{ "1\n", 7, -EINVAL, UNTOUCHED },
		{ "99999999999999999999999999x", UINT64_MAX, -EINVAL, UNTOUCHED },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t v = UNTOUCHED;

		assert_int_equal(num_u64(cases[i].text, cases[i].max, &v),
				 cases[i].r);
		assert_true(v == cases[i].v);
	}
}

static void signed_numbers_reach_both_ends(void **state)
{
	static const struct {
		const char *text;
		int64_t min, max;
		int r;
		int64_t v;
	} cases[] = {
		{ "-9223372036854775808", INT64_MIN, INT64_MAX, 0, INT64_MIN },
		{ "9223372036854775807", INT64_MIN, INT64_MAX, 0, INT64_MAX },
		{ "9223372036854775808", INT64_MIN, INT64_MAX, -ERANGE,
		  UNTOUCHED },
		{ "-9223372036854775809", INT64_MIN, INT64_MAX, -ERANGE,
		  UNTOUCHED },
		{ "-0", 0, 0, 0, 0 },
		{ "-", -1, 1, -EINVAL, UNTOUCHED },
		{ "--1", -1, 1, -EINVAL, UNTOUCHED },
		{ "- 1", -1, 1, -EINVAL, UNTOUCHED },
		{ "-2", -1, 1, -ERANGE, UNTOUCHED },
		{ "2", -1, 1, -ERANGE, UNTOUCHED },
		{ "", -1, 1, -EINVAL, UNTOUCHED },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t v = UNTOUCHED;

		assert_int_equal(num_i64(cases[i].text, cases[i].min,
					 cases[i].max, &v),
				 cases[i].r);
		assert_true(v == cases[i].v);
	}
}

static void counted_text_needs_no_end(void **state)
{
	uint64_t u = 0;
	int64_t v = 0;

	assert_int_equal(num_u64n("123456", 3, 1000, &u), 0);
	assert_int_equal(u, 123);
	assert_int_equal(num_i64n("-12x", 3, -100, 100, &v), 0);
	assert_int_equal(v, -12);
	assert_int_equal(num_i64n("", 0, -100, 100, &v), -EINVAL);
}

static void sizes_take_one_suffix_and_do_not_wrap(void **state)
{
	static const struct {
		const char *text;
		int r;
		int64_t v;
	} cases[] = {
		{ "0", 0, 0 },
		{ "5b", 0, 5 },
		{ "1k", 0, 1024 },
		{ "64M", 0, 64 << 20 },
		{ "2G", 0, 2ll << 30 },
		{ "1t", 0, 1ll << 40 },
		{ "-1", 0, -1 },
		{ "8388607t", 0, 8388607ll << 40 },
		{ "8388608t", -ERANGE, UNTOUCHED },
		{ "9223372036854775807", 0, INT64_MAX },
		{ "9223372036854775808", -ERANGE, UNTOUCHED },
		{ "1.5g", -EINVAL, UNTOUCHED },
		{ "1kb", -EINVAL, UNTOUCHED },
		{ "1p", -EINVAL, UNTOUCHED },
		{ "k", -EINVAL, UNTOUCHED },
		{ "", -EINVAL, UNTOUCHED },
		{ "-2", -EINVAL, UNTOUCHED },
		{ "-1k", -EINVAL, UNTOUCHED },
		{ "1 k", -EINVAL, UNTOUCHED },
		{ "1\v", -EINVAL, UNTOUCHED }, /* '\v' | 0x20 is '+' */
		{ "1\x0b""k", -EINVAL, UNTOUCHED },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t v = UNTOUCHED;

		assert_int_equal(num_size(cases[i].text, &v), cases[i].r);
		assert_true(v == cases[i].v);
	}
}

static void a_word_of_a_line_is_a_number(void **state)
{
	static const struct {
		const char *text;
		size_t word;
		int r;
		int64_t v;
	} cases[] = {
		{ "7", 0, 0, 7 },
		{ " S 12 -1\n", 1, 0, 12 },
		{ " S 12 -1\n", 0, -EINVAL, UNTOUCHED },
		{ " S 12 -1\n", 2, -EINVAL, UNTOUCHED },
		{ " S 12 -1\n", 3, -ENOENT, UNTOUCHED },
		{ "\t10\t 3\t1\nnext", 2, 0, 1 },
		{ "", 0, -ENOENT, UNTOUCHED },
		{ " \n", 0, -ENOENT, UNTOUCHED },
		{ "1 2", 1000, -ENOENT, UNTOUCHED },
		{ "1 999 2", 1, 0, 999 },
		{ "1 1000 2", 1, -ERANGE, UNTOUCHED },
		{ "1 18446744073709551616", 1, -ERANGE, UNTOUCHED },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		uint64_t v = (uint64_t)UNTOUCHED;

		assert_int_equal(num_word(cases[i].text, cases[i].word, 999, &v),
				 cases[i].r);
		assert_true(v == (uint64_t)cases[i].v);
	}
}

static void durations_become_milliseconds(void **state)
{
	static const struct {
		const char *text;
		int r;
		int64_t v;
	} cases[] = {
		{ "5", 0, 5000 },
		{ "5s", 0, 5000 },
		{ "100ms", 0, 100 },
		{ "2m", 0, 120000 },
		{ "1h", 0, 3600000 },
		{ "0ms", 0, 0 },
		{ "9223372036854775807ms", 0, INT64_MAX },
		{ "9223372036854775807", -ERANGE, UNTOUCHED },
		{ "2562047788016h", -ERANGE, UNTOUCHED },
		{ "1d", -EINVAL, UNTOUCHED },
		{ "", -EINVAL, UNTOUCHED },
		{ "ms", -EINVAL, UNTOUCHED },
		{ "-1s", -EINVAL, UNTOUCHED },
		{ "1m30s", -EINVAL, UNTOUCHED },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int64_t v = UNTOUCHED;

		assert_int_equal(num_duration_ms(cases[i].text, &v),
				 cases[i].r);
		assert_true(v == cases[i].v);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(unsigned_numbers_are_whole_and_bounded),
		cmocka_unit_test(signed_numbers_reach_both_ends),
		cmocka_unit_test(counted_text_needs_no_end),
		cmocka_unit_test(sizes_take_one_suffix_and_do_not_wrap),
		cmocka_unit_test(a_word_of_a_line_is_a_number),
		cmocka_unit_test(durations_become_milliseconds),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
