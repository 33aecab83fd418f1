/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>

#include "oci/spec.h"
#include "security/rlimits.h"
#include "util/auto.h"
#include "util/err.h"

static char *text(const char *s)
{
	return (char *)(uintptr_t)s;
}

static int decode(const char *const *types, size_t n, uint64_t soft,
		  uint64_t hard, struct rlimit_list *l, struct err *e)
{
	struct oci_rlimit v[4] = { 0 };
	struct oci_process p = { .n_rlimits = n, .rlimits = v };

	for (size_t i = 0; i < n; i++)
		v[i] = (struct oci_rlimit){ text(types[i]), soft, hard };
	return rlimits_decode(&p, l, e);
}

static void each_limit_of_the_kernel_has_a_name(void **state)
{
	for (int i = 0; i < (int)RLIM_NLIMITS; i++) {
		assert_non_null(rlimit_name(i));
		assert_int_equal(rlimit_from_name(rlimit_name(i)), i);
	}
	assert_null(rlimit_name(-1));
	assert_null(rlimit_name((int)RLIM_NLIMITS));
	assert_int_equal(rlimit_from_name("RLIMIT_NOFILE"), RLIMIT_NOFILE);
	assert_int_equal(rlimit_from_name("RLIMIT_NPROC"), RLIMIT_NPROC);
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const cases[] = { "", "NOFILE", "rlimit_nofile",
					     "RLIMIT_", "RLIMIT_NOFILE ",
					     "RLIMIT_NLIMITS", "7" };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(rlimit_from_name(cases[i]), -EINVAL);
}

static void values_reach_the_list_unchanged(void **state)
{
	static const struct {
		uint64_t soft, hard;
	} cases[] = { { 0, 0 }, { 1, 2 }, { UINT64_MAX, UINT64_MAX },
		      { 0, UINT64_MAX }, { 1ULL << 40, 1ULL << 41 } };
	const char *type = "RLIMIT_CORE";
	struct rlimit_list l;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(decode(&type, 1, cases[i].soft, cases[i].hard,
					&l, NULL), 0);
		assert_int_equal(l.n, 1);
		assert_int_equal(l.v[0].resource, RLIMIT_CORE);
		assert_true(l.v[0].soft == cases[i].soft);
		assert_true(l.v[0].hard == cases[i].hard);
	}
	assert_int_equal(decode(NULL, 0, 0, 0, &l, NULL), 0);
	assert_int_equal(l.n, 0);
}

static void mistakes_are_named_with_their_path(void **state)
{
	static const struct {
		const char *types[2];
		uint64_t soft, hard;
		const char *text;
	} cases[] = {
		{ { "RLIMIT_CPU", "RLIMIT_X" }, 1, 1,
		  "process.rlimits[1].type: unknown limit \"RLIMIT_X\"" },
		{ { "RLIMIT_CPU", NULL }, 1, 1,
		  "process.rlimits[1].type: unknown limit \"\"" },
		{ { "RLIMIT_CPU", "RLIMIT_CPU" }, 1, 1,
		  "process.rlimits[1].type: RLIMIT_CPU is there already, in "
		  "process.rlimits[0]" },
		{ { "RLIMIT_CPU", "RLIMIT_AS" }, 3, 2,
		  "process.rlimits[0].soft: 3 is above the hard limit, 2" },
		{ { "RLIMIT_CPU", "RLIMIT_AS" }, UINT64_MAX, 2,
		  "process.rlimits[0].soft: 18446744073709551615 is above the "
		  "hard limit, 2" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct rlimit_list l = { .n = 99 };
		struct err e = { 0 };

		assert_int_equal(decode(cases[i].types, 2, cases[i].soft,
					cases[i].hard, &l, &e), -EINVAL);
		assert_string_equal(e.text, cases[i].text);
		assert_int_equal(l.n, 99);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_limit_of_the_kernel_has_a_name),
		cmocka_unit_test(what_is_no_name_is_refused),
		cmocka_unit_test(values_reach_the_list_unchanged),
		cmocka_unit_test(mistakes_are_named_with_their_path),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
