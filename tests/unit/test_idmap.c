/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "namespaces/idmap.h"
#include "util/arena.h"
#include "util/auto.h"

/* "inside outside size, inside outside size" */
static const char *show(const struct oci_id_mappings *m, struct arena *a)
{
	char *s = arena_strdup(a, "");

	for (size_t i = 0; i < m->n; i++)
		s = arena_printf(a, "%s%s%u %u %u", s, i ? ", " : "",
				 m->v[i].container_id, m->v[i].host_id,
				 m->v[i].size);
	return s;
}

static void one_own_id_is_the_callers_to_write_and_no_more(void **state)
{
	static const struct {
		struct oci_id_mapping v[2];
		size_t n;
		bool privileged;
		enum ns_map_way way;
	} cases[] = {
		{ { { 0, 1000, 1 } }, 1, false, NS_MAP_OWN },
		{ { { 77, 1000, 1 } }, 1, false, NS_MAP_OWN },
		{ { { 0, 1000, 2 } }, 1, false, NS_MAP_HELPER },
		{ { { 0, 1001, 1 } }, 1, false, NS_MAP_HELPER },
		{ { { 0, 1000, 1 }, { 1, 100000, 1 } }, 2, false, NS_MAP_HELPER },
		{ { { 0, 1000, 1 } }, 1, true, NS_MAP_DIRECT },
		{ { { 0, 100000, 65536 } }, 1, true, NS_MAP_DIRECT },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct oci_id_mappings m = {
			cases[i].n,
			(struct oci_id_mapping *)(uintptr_t)cases[i].v
		};

		assert_int_equal(ns_map_way(&m, 1000, cases[i].privileged),
				 cases[i].way);
	}
}

static void the_helpers_arguments_are_the_map(void **state)
{
	struct oci_id_mapping v[] = { { 0, 1000, 1 }, { 1, 100000, 65535 } };
	const struct oci_id_mappings m = { 2, v };
	static const char *const want[] = {
		"newgidmap", "4711", "0", "1000", "1", "1", "100000", "65535",
	};
	auto_arena a = { 0 };
	size_t n;
	char **args = ns_map_args(NS_GIDS, &m, 4711, &a, &n);

	assert_int_equal(n, ARRAY_LEN(want));
	for (size_t i = 0; i < n; i++)
		assert_string_equal(args[i], want[i]);
	assert_null(args[n]);
	args = ns_map_args(NS_UIDS, &m, 1, &a, &n);
	assert_string_equal(args[0], "newuidmap");
}

static void a_users_name_is_found_by_the_number(void **state)
{
	static const struct {
		const char *passwd, *name;
	} cases[] = {
		{ "", NULL },
		{ "\n\n", NULL },
		{ "u:x:1000:1000::/:/bin/sh\n", "u" },
		{ "root:x:0:0::/:\nu:x:1000", "u" },
		{ "first:x:1000:1::/:\nsecond:x:1000:1::/:\n", "first" },
		{ "u:x:10000:1000::/:\n", NULL },
		{ "u:x:+1000:1000::/:\n", NULL },
		{ "u:x: 1000:1000::/:\n", NULL },
		{ ":x:1000:1000::/:\n", NULL },
		{ "u:1000\n", NULL },
		{ "a:x:99999999999999999999:0\nu:x:1000:0\n", "u" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		const char *name = subid_name(cases[i].passwd, 1000, &a);

		if (cases[i].name)
			assert_string_equal(name, cases[i].name);
		else
			assert_null(name);
	}
}

static void ranges_are_those_of_the_users_name_and_number(void **state)
{
	static const struct {
		const char *text, *want;
	} cases[] = {
		{ "", "" },
		{ "u:100000:65536\n", "0 100000 65536" },
		{ "u:100000:65536", "0 100000 65536" },
		{ "1000:100000:65536\n", "0 100000 65536" },
		{ "other:5:5\nu:1:2\nuu:7:7\n1000:3:4\n", "0 1 2, 0 3 4" },
		/* what is no range is left out */
		{ "u:100000\nu::5\nu:5:\nu:-1:5\nu:x:5\nu:5:0\n", "" },
		{ "u:4294967294:1\n", "0 4294967294 1" },
		{ "u:4294967294:2\nu:4294967295:1\nu:1:4294967295\n", "" },
		{ "u:1:5 \nu: 1:5\nu:0x1:5\n", "" },
		{ "u:1:5:more\n", "0 1 5" },
	};
	const struct subid_user u = { 1000, "u" };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		struct oci_id_mappings m;

		assert_int_equal(subid_ranges(cases[i].text, &u, &a, &m), 0);
		assert_string_equal(show(&m, &a), cases[i].want);
	}
}

static void without_a_name_only_the_number_counts(void **state)
{
	const struct subid_user u = { .uid = 1000 };
	auto_arena a = { 0 };
	struct oci_id_mappings m;

	assert_int_equal(subid_ranges("u:1:2\n1000:3:4\n:5:6\n", &u, &a, &m), 0);
	assert_string_equal(show(&m, &a), "0 3 4");
}

static void no_more_ranges_than_the_kernel_takes(void **state)
{
	const struct subid_user u = { .uid = 7 };
	auto_arena a = { 0 };
	struct oci_id_mappings ranges, m;
	size_t lines = 1000;
	char *text = calloc(lines, 16), *at = text;

	for (size_t i = 0; i < lines; i++)
		at += sprintf(at, "7:%zu:2\n", 100 + 2 * i);
	assert_int_equal(subid_ranges(text, &u, &a, &ranges), 0);
	assert_int_equal(ranges.n, NS_MAP_LINES);
	assert_int_equal(subid_mappings(1, 7, &ranges, &a, &m), 0);
	assert_true(m.n <= NS_MAP_LINES);
	free(text);
}

static void the_own_id_is_the_processs_and_the_rest_fills_up(void **state)
{
	static const struct {
		uint32_t inside;
		struct oci_id_mapping v[2];
		size_t n;
		const char *want;
	} cases[] = {
		{ 0, { { 0 } }, 0, "0 1000 1" },
		{ 5, { { 0 } }, 0, "5 1000 1" },
		{ 0, { { 0, 100000, 65536 } }, 1, "0 1000 1, 1 100000 65536" },
		{ 1000, { { 0, 100000, 65536 } }, 1,
		  "1000 1000 1, 0 100000 1000, 1001 101000 64536" },
		/* the gap lies at the end of a range, between two, behind all */
		{ 10, { { 0, 100000, 10 } }, 1, "10 1000 1, 0 100000 10" },
		{ 10, { { 0, 100000, 10 }, { 0, 200000, 5 } }, 2,
		  "10 1000 1, 0 100000 10, 11 200000 5" },
		{ 10, { { 0, 100000, 4 }, { 0, 200000, 20 } }, 2,
		  "10 1000 1, 0 100000 4, 4 200000 6, 11 200006 14" },
		{ 100, { { 0, 100000, 4 } }, 1, "100 1000 1, 0 100000 4" },
		{ 1, { { 0, 100000, 1 } }, 1, "1 1000 1, 0 100000 1" },
		/* never past the last id */
		{ 0, { { 0, 5, 4294967290u }, { 0, 1, 1000 } }, 2,
		  "0 1000 1, 1 5 4294967290, 4294967291 1 3" },
		{ 4294967294u, { { 0, 5, 4294967290u }, { 0, 1, 1000 } }, 2,
		  "4294967294 1000 1, 0 5 4294967290, 4294967290 1 4" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct oci_id_mappings ranges = {
			cases[i].n,
			(struct oci_id_mapping *)(uintptr_t)cases[i].v
		};
		auto_arena a = { 0 };
		struct oci_id_mappings m;

		assert_int_equal(subid_mappings(cases[i].inside, 1000, &ranges,
						&a, &m), 0);
		assert_string_equal(show(&m, &a), cases[i].want);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(one_own_id_is_the_callers_to_write_and_no_more),
		cmocka_unit_test(the_helpers_arguments_are_the_map),
		cmocka_unit_test(a_users_name_is_found_by_the_number),
		cmocka_unit_test(ranges_are_those_of_the_users_name_and_number),
		cmocka_unit_test(without_a_name_only_the_number_counts),
		cmocka_unit_test(no_more_ranges_than_the_kernel_takes),
		cmocka_unit_test(the_own_id_is_the_processs_and_the_rest_fills_up),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
