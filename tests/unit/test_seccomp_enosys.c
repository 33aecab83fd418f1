/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <stdbool.h>

#include "security/seccomp_enosys.h"
#include "unit/bpf_run.h"
#include "util/auto.h"

#define ENOSYS_RET (SECCOMP_RET_ERRNO | ENOSYS)

/* The program in front of a filter that allows everything. */
static uint32_t ask(const struct enosys_range *r, size_t n, uint32_t audit,
		    uint32_t nr)
{
	struct sock_filter f[ENOSYS_ROOM(ENOSYS_MAX_RANGES) + 1];
	struct seccomp_data d = { .arch = audit, .nr = (int)nr };
	size_t len = enosys_build(r, n, f);

	assert_true(len <= (n ? (size_t)ENOSYS_ROOM(n) : 0));
	f[len++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						SECCOMP_RET_ALLOW);
	return bpf_run(f, len, &d);
}

static bool in_range(const struct enosys_range *r, size_t n, uint32_t audit,
		     uint32_t nr)
{
	for (size_t i = 0; i < n; i++)
		if (r[i].audit == audit && nr >= r[i].first && nr <= r[i].last)
			return true;
	return false;
}

static void check_around(const struct enosys_range *r, size_t n, uint32_t audit,
			 uint32_t nr)
{
	for (uint32_t d = 0; d < 3; d++) {
		uint32_t probe = nr - 1 + d;

		assert_int_equal(ask(r, n, audit, probe),
				 in_range(r, n, audit, probe) ?
					 ENOSYS_RET : SECCOMP_RET_ALLOW);
	}
}

static void no_range_is_no_program(void **state)
{
	struct sock_filter f[ENOSYS_ROOM(0)];

	assert_int_equal(enosys_build(NULL, 0, f), 0);
}

static void calls_inside_a_range_and_no_others_get_enosys(void **state)
{
	static const struct enosys_range ranges[] = {
		{ 1, 500, 0x3fffffff },	 { 1, 0x40000500, UINT32_MAX },
		{ 2, 0, 0 },		 { 2, 400, UINT32_MAX },
		{ 3, 440, 0x0effff },	 { 4, 7, 7 },
		{ 5, 0x80000000, 0x80000001 },
	};

	for (size_t n = 1; n <= ARRAY_LEN(ranges); n++)
		for (size_t i = 0; i < ARRAY_LEN(ranges); i++)
			for (uint32_t audit = 0; audit < 7; audit++) {
				check_around(ranges, n, audit, ranges[i].first);
				check_around(ranges, n, audit, ranges[i].last);
				check_around(ranges, n, audit, 1u << 30);
			}
}

static void as_many_ranges_as_allowed_are_within_reach(void **state)
{
	struct enosys_range r[ENOSYS_MAX_RANGES];

	for (uint32_t i = 0; i < ENOSYS_MAX_RANGES; i++)
		r[i] = (struct enosys_range){ 100 + i, 10 * i, 10 * i + 5 };
	for (uint32_t i = 0; i < ENOSYS_MAX_RANGES; i++) {
		check_around(r, ENOSYS_MAX_RANGES, 100 + i, r[i].first);
		check_around(r, ENOSYS_MAX_RANGES, 100 + i, r[i].last);
		check_around(r, ENOSYS_MAX_RANGES, 99, r[i].last);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_range_is_no_program),
		cmocka_unit_test(calls_inside_a_range_and_no_others_get_enosys),
		cmocka_unit_test(as_many_ranges_as_allowed_are_within_reach),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
