/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

#include "util/auto.h"
#include "util/numlist.h"

#define BITS 8192

static unsigned long set[NUMLIST_WORDS(BITS)];

static bool has(size_t n)
{
	return set[n / NUMLIST_WORD_BITS] >> n % NUMLIST_WORD_BITS & 1;
}

/* The numbers of the set as "1 2 3 ". */
static const char *members(void)
{
	static char text[256];
	char *p = text;

	*p = '\0';
	for (size_t i = 0; i < BITS; i++)
		if (has(i))
			p += snprintf(p, (size_t)(text + sizeof(text) - p),
				      "%zu ", i);
	return text;
}

static void a_list_becomes_a_set(void **state)
{
	static const struct { const char *list, *set; } cases[] = {
		{ "0", "0 " },
		{ "7", "7 " },
		{ "0-3,7", "0 1 2 3 7 " },
		{ "3-3", "3 " },
		{ "2,1,2,1-2", "1 2 " },
		{ "0-1,4,1-2", "0 1 2 4 " },
		{ "63,64", "63 64 " },
		{ "62-65", "62 63 64 65 " },
		{ "1023,1024,1025,2047", "1023 1024 1025 2047 " },
		{ "8191", "8191 " },
		{ "8190-8191", "8190 8191 " },
		{ "007", "7 " },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		memset(set, 0xff, sizeof(set));
		assert_int_equal(numlist_parse(cases[i].list, set, BITS), 0);
		assert_string_equal(members(), cases[i].set);
	}
	assert_int_equal(numlist_parse("0-8191", set, BITS), 0);
	for (size_t i = 0; i < ARRAY_LEN(set); i++)
		assert_true(set[i] == ~0ul);
}

static void what_is_no_list_is_refused_and_changes_nothing(void **state)
{
	static const struct { const char *list; int error; } cases[] = {
		{ "", -EINVAL },	{ ",", -EINVAL },   { "1,", -EINVAL },
		{ ",1", -EINVAL },	{ "1,,2", -EINVAL }, { "-", -EINVAL },
		{ "1-", -EINVAL },	{ "-1", -EINVAL },  { "1-2-3", -EINVAL },
		{ "3-1", -EINVAL },	{ " 1", -EINVAL },  { "1 ", -EINVAL },
		{ "1, 2", -EINVAL },	{ "+1", -EINVAL },  { "0x1", -EINVAL },
		{ "all", -EINVAL },	{ "1\n", -EINVAL }, { "1.5", -EINVAL },
		{ "0-7:1/2", -EINVAL }, { "8192", -ERANGE },
		{ "0-8192", -ERANGE },	{ "0,8192", -ERANGE },
		{ "4294967296", -ERANGE },
		{ "18446744073709551616", -ERANGE },
		{ "0-99999999999999999999999", -ERANGE },
		{ "1,2,x", -EINVAL },
	};
	unsigned long before[ARRAY_LEN(set)];

	memset(set, 0xa5, sizeof(set));
	memcpy(before, set, sizeof(set));
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		if (numlist_parse(cases[i].list, set, BITS) != cases[i].error)
			fail_msg("\"%s\"", cases[i].list);
		assert_memory_equal(set, before, sizeof(set));
	}
}

static void the_bound_need_not_fill_a_word(void **state)
{
	unsigned long few[2] = { 0, 0x77 };

	assert_int_equal(numlist_parse("0-4", few, 5), 0);
	assert_int_equal(few[0], 0x1f);
	assert_int_equal(few[1], 0x77);
	assert_int_equal(numlist_parse("5", few, 5), -ERANGE);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_list_becomes_a_set),
		cmocka_unit_test(what_is_no_list_is_refused_and_changes_nothing),
		cmocka_unit_test(the_bound_need_not_fill_a_word),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
