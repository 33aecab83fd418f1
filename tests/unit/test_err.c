/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <string.h>

#include "util/err.h"

static void steps_read_from_the_outside_in(void **state)
{
	struct err e = { 0 };

	assert_int_equal(err_sys(&e, ENOENT, "open %s", "x"), -ENOENT);
	assert_string_equal(e.text, "open x: No such file or directory");
	assert_int_equal(err_wrap(&e, "step %d", 2), -ENOENT);
	assert_string_equal(e.text,
			    "step 2: open x: No such file or directory");
	assert_int_equal(e.code, ENOENT);
}

static void both_signs_of_a_code_mean_the_same(void **state)
{
	struct err e = { 0 };

	assert_int_equal(err_sys(&e, -EPERM, "x"), -EPERM);
	assert_int_equal(e.code, EPERM);
	assert_string_equal(e.text, "x: Operation not permitted");
}

static void nobody_need_listen(void **state)
{
	assert_int_equal(err_set(NULL, EINVAL, "x"), -EINVAL);
	assert_int_equal(err_sys(NULL, -EINVAL, "x"), -EINVAL);
	assert_int_equal(err_wrap(NULL, "x"), -EIO);
}

static void long_texts_are_cut_and_terminated(void **state)
{
	char name[2 * ERR_TEXT_MAX];
	struct err e = { 0 };

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	err_set(&e, EINVAL, "%s", name);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	err_wrap(&e, "outer");
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	assert_memory_equal(e.text, "outer: nnn", 10);
	err_sys(&e, EINVAL, "%s", name);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
	err_wrap(&e, "%s", name);
	assert_int_equal(strlen(e.text), ERR_TEXT_MAX - 1);
}

static void a_report_is_one_line_and_safe_to_print(void **state)
{
	struct err e = { 0 };

	err_set(&e, EINVAL, "name \"%s\"", "a\nb\x1b[2J\x7f\xc3\xa9");
	assert_string_equal(e.text, "name \"a?b?[2J?\xc3\xa9\"");
	err_wrap(&e, "in %s", "\r\t");
	assert_string_equal(e.text, "in ??: name \"a?b?[2J?\xc3\xa9\"");
	err_set(&e, EINVAL, "%s", "\xc2\x80\xc2\x9f\xc2\xa0\xc2");
	assert_string_equal(e.text, "????\xc2\xa0\xc2");
	err_sys(&e, EPERM, "open %s", "\x01");
	assert_string_equal(e.text, "open ?: Operation not permitted");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(steps_read_from_the_outside_in),
		cmocka_unit_test(both_signs_of_a_code_mean_the_same),
		cmocka_unit_test(nobody_need_listen),
		cmocka_unit_test(a_report_is_one_line_and_safe_to_print),
		cmocka_unit_test(long_texts_are_cut_and_terminated),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
