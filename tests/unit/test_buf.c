/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <string.h>

#include "util/buf.h"

static void text_grows_and_stays_terminated(void **state)
{
	auto_buf b = { 0 };

	assert_string_equal(buf_str(&b), "");
	for (int i = 0; i < 1000; i++)
		buf_printf(&b, "%03d,", i);
	assert_false(b.failed);
	assert_int_equal(b.len, 4000);
	assert_int_equal(b.data[4000], '\0');
	assert_memory_equal(b.data + 3996, "999,", 4);
	buf_puts(&b, "end");
	assert_string_equal(b.data + 4000, "end");
}

static void empty_appends_still_give_a_string(void **state)
{
	auto_buf b = { 0 };

	buf_put(&b, NULL, 0);
	assert_non_null(b.data);
	assert_string_equal(b.data, "");
	buf_puts(&b, "");
	buf_printf(&b, "%s", "");
	assert_int_equal(b.len, 0);
}

static void bytes_may_be_zero(void **state)
{
	auto_buf b = { 0 };

	buf_put(&b, "a\0b", 3);
	assert_int_equal(b.len, 3);
	assert_memory_equal(b.data, "a\0b", 4);
}

static void a_failure_sticks_and_keeps_what_was_there(void **state)
{
	auto_buf b = { 0 };

	buf_puts(&b, "kept");
	buf_put(&b, "x", SIZE_MAX - 2);
	assert_true(b.failed);
	buf_puts(&b, "lost");
	assert_string_equal(buf_str(&b), "kept");
	assert_int_equal(b.len, 4);
	buf_done(&b);
	assert_false(b.failed);
	assert_null(b.data);
}

static void long_formats_are_not_cut(void **state)
{
	auto_buf b = { 0 };

	buf_printf(&b, "%0*d", 5000, 7);
	assert_int_equal(b.len, 5000);
	assert_int_equal(b.data[4999], '7');
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(text_grows_and_stays_terminated),
		cmocka_unit_test(empty_appends_still_give_a_string),
		cmocka_unit_test(bytes_may_be_zero),
		cmocka_unit_test(a_failure_sticks_and_keeps_what_was_there),
		cmocka_unit_test(long_formats_are_not_cut),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
