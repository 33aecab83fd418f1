/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/container.h"
#include "util/arena.h"
#include "util/auto.h"

static void ids_name_one_directory_and_nothing_else(void **state)
{
	static const struct { const char *id; bool good; } cases[] = {
		{ "a", true },	     { "web-1", true },	  { "Web_1.2+x", true },
		{ "0", true },	     { "_", true },	  { "+", true },
		{ "a..b", true },    { "a.", true },	  { "a-", true },
		{ "", false },	     { ".", false },	  { "..", false },
		{ ".hidden", false }, { "-rf", false },	  { "--", false },
		{ "a/b", false },    { "/", false },	  { "../a", false },
		{ "a b", false },    { "a\n", false },	  { "a\tb", false },
		{ "a:b", false },    { "a@b", false },	  { "a%s", false },
		{ "a*", false },     { "a\\b", false },	  { "a\"b", false },
		{ "\xc3\xa4", false }, { "a\x7f", false }, { "a\x80", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		int r = container_check_id(cases[i].id, &e);

		if (r != (cases[i].good ? 0 : -EINVAL))
			fail_msg("\"%s\": %d", cases[i].id, r);
		assert_int_equal(!e.text[0], cases[i].good);
	}
}

static void every_byte_is_allowed_or_not(void **state)
{
	static const char allowed[] =
		"abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_+.-";

	for (int c = 1; c < 256; c++) {
		const char id[] = { 'x', (char)c, '\0' };

		assert_int_equal(container_check_id(id, NULL),
				 strchr(allowed, c) ? 0 : -EINVAL);
	}
}

static void an_id_is_as_long_as_a_name_may_be(void **state)
{
	char id[1024];
	struct err e = { 0 };

	memset(id, 'x', sizeof(id));
	id[255] = '\0';
	assert_int_equal(container_check_id(id, &e), 0);
	id[255] = 'x';
	id[256] = '\0';
	assert_int_equal(container_check_id(id, &e), -EINVAL);
	assert_non_null(strstr(e.text, "255"));
}

static void root_keeps_its_state_in_run_whatever_the_environment(void **state)
{
	struct arena a = { 0 };

	setenv("XDG_RUNTIME_DIR", "/elsewhere", 1);
	assert_string_equal(container_default_root(false, &a), "/run/berth");
	arena_free(&a);
}

static void an_empty_runtime_directory_counts_as_unset(void **state)
{
	struct arena a = { 0 };

	setenv("XDG_RUNTIME_DIR", "/some/dir", 1);
	assert_string_equal(container_default_root(true, &a), "/some/dir/berth");
	setenv("XDG_RUNTIME_DIR", "", 1);
	assert_non_null(strstr(container_default_root(true, &a), "/run/user/"));
	unsetenv("XDG_RUNTIME_DIR");
	assert_non_null(strstr(container_default_root(true, &a), "/run/user/"));
	arena_free(&a);
}

static void statuses_have_the_specifications_names(void **state)
{
	assert_string_equal(container_status_name(STATUS_CREATING), "creating");
	assert_string_equal(container_status_name(STATUS_CREATED), "created");
	assert_string_equal(container_status_name(STATUS_RUNNING), "running");
	assert_string_equal(container_status_name(STATUS_PAUSED), "paused");
	assert_string_equal(container_status_name(STATUS_STOPPED), "stopped");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(ids_name_one_directory_and_nothing_else),
		cmocka_unit_test(every_byte_is_allowed_or_not),
		cmocka_unit_test(an_id_is_as_long_as_a_name_may_be),
		cmocka_unit_test(root_keeps_its_state_in_run_whatever_the_environment),
		cmocka_unit_test(an_empty_runtime_directory_counts_as_unset),
		cmocka_unit_test(statuses_have_the_specifications_names),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
