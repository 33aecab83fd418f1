/* SPDX-License-Identifier: Apache-2.0 */
/* libc/copy.h: every length, alignment and overlap. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <string.h>

#include "libc/copy.h"

#define ROOM 256
#define LONGEST 140

static void fill(unsigned char *p)
{
	for (int i = 0; i < ROOM; i++)
		p[i] = (unsigned char)(i * 7 + 1);
}

/* Byte by byte, through a third place: what every copy has to come to. */
static void expected(unsigned char *want, size_t to, size_t from, size_t n)
{
	unsigned char between[ROOM];

	fill(want);
	for (size_t i = 0; i < n; i++)
		between[i] = want[from + i];
	for (size_t i = 0; i < n; i++)
		want[to + i] = between[i];
}

static void check(size_t to, size_t from, size_t n,
		  void (*copy)(unsigned char *, const unsigned char *, size_t))
{
	unsigned char want[ROOM], got[ROOM];

	expected(want, to, from, n);
	fill(got);
	copy(got + to, got + from, n);
	if (memcmp(want, got, ROOM) != 0)
		fail_msg("%zu bytes from %zu to %zu", n, from, to);
}

static void every_length_and_alignment_is_copied_and_nothing_else(void **state)
{
	for (size_t n = 0; n <= 100; n++)
		for (size_t to = 0; to < 17; to++)
			for (size_t from = 128; from < 145; from++) {
				check(to, from, n, copy_forward);
				check(from, to, n, copy_backward);
			}
}

static void overlapping_bytes_are_copied_as_if_through_a_third_place(void **state)
{
	for (size_t n = 0; n <= LONGEST; n++)
		for (size_t by = 0; by < 40; by++) {
			check(3, 3 + by, n, copy_forward);
			check(3 + by, 3, n, copy_backward);
		}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_length_and_alignment_is_copied_and_nothing_else),
		cmocka_unit_test(overlapping_bytes_are_copied_as_if_through_a_third_place),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
