/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <string.h>

#include "util/arena.h"

static void memory_is_zeroed_and_aligned(void **state)
{
	auto_arena a = { 0 };

	for (size_t size = 0; size < 300; size++) {
		unsigned char *p = arena_alloc(&a, size);

		assert_non_null(p);
		assert_int_equal((uintptr_t)p % _Alignof(max_align_t), 0);
		for (size_t i = 0; i < size; i++)
			assert_int_equal(p[i], 0);
		memset(p, 0xff, size);
	}
}

static void large_and_small_pieces_do_not_overlap(void **state)
{
	auto_arena a = { 0 };
	char *small = arena_strdup(&a, "small");
	char *large = arena_alloc(&a, 1 << 20);
	char *after = arena_strdup(&a, "after");

	memset(large, 'x', 1 << 20);
	assert_string_equal(small, "small");
	assert_string_equal(after, "after");
}

static void a_last_array_grows_where_it_is(void **state)
{
	auto_arena a = { 0 };
	char *p = arena_grow(&a, NULL, 0, 32);
	char *other, *q;

	memcpy(p, "0123456789abcdef0123456789ABCDEF", 32);
	arena_strdup(&a, "strings do not stand in its way");
	q = arena_grow(&a, p, 32, 64);
	assert_ptr_equal(p, q);
	other = arena_alloc(&a, 16);
	q = arena_grow(&a, p, 64, 128);
	assert_ptr_not_equal(p, q);
	assert_memory_equal(q, "0123456789abcdef0123456789ABCDEF\0\0", 34);
	memset(q, 'x', 128);
	for (int i = 0; i < 16; i++)
		assert_int_equal(other[i], 0);
	q = arena_grow(&a, q, 128, 1 << 20);
	assert_int_equal(q[127], 'x');
	assert_int_equal(q[128], 0);
	assert_int_equal(q[(1 << 20) - 1], 0);
}

static void the_limit_holds(void **state)
{
	auto_arena a = { .limit = 1024 };
	size_t n = 0;

	while (arena_alloc(&a, 100))
		n++;
	assert_true(n >= 9 && n <= 10);
	assert_null(arena_alloc(&a, 1024));
	assert_non_null(arena_alloc(&a, 0));
	arena_free(&a);
	assert_non_null(arena_alloc(&a, 1024));
	assert_null(arena_alloc(&a, 1));
	assert_null(arena_dup(&a, "", 0));
	assert_null(arena_grow(&a, NULL, 0, 16));
}

static void impossible_sizes_are_refused(void **state)
{
	auto_arena a = { 0 };

	assert_null(arena_alloc(&a, SIZE_MAX));
	assert_null(arena_alloc(&a, SIZE_MAX - 40));
	assert_null(arena_array(&a, SIZE_MAX / 2, 3));
	assert_null(arena_dup(&a, "", SIZE_MAX));
	assert_null(arena_grow(&a, NULL, 0, SIZE_MAX));
	assert_int_equal(a.used, 0);
}

static void copies_and_formats_are_strings(void **state)
{
	auto_arena a = { 0 };
	char *first = arena_strdup(&a, "first");

	assert_string_equal(arena_printf(&a, "%s", "abc"), "abc");
	assert_string_equal(first, "first");
	assert_string_equal(arena_printf(&a, "%s", ""), "");
	assert_string_equal(arena_dup(&a, "abcdef", 3), "abc");
	assert_string_equal(arena_dup(&a, NULL, 0), "");
	assert_non_null(arena_array(&a, 3, 5));
	assert_string_equal(arena_printf(&a, "%s-%d", "x", 42), "x-42");
	assert_int_equal(strlen(arena_printf(&a, "%0*d", 40000, 1)), 40000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(memory_is_zeroed_and_aligned),
		cmocka_unit_test(large_and_small_pieces_do_not_overlap),
		cmocka_unit_test(a_last_array_grows_where_it_is),
		cmocka_unit_test(the_limit_holds),
		cmocka_unit_test(impossible_sizes_are_refused),
		cmocka_unit_test(copies_and_formats_are_strings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
