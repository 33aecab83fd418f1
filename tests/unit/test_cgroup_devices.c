/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/devices.h"
#include "oci/spec.h"
#include "unit/device_rules.h"
#include "unit/ebpf_run.h"
#include "util/auto.h"

enum { M = BPF_DEVCG_ACC_MKNOD, R = BPF_DEVCG_ACC_READ, W = BPF_DEVCG_ACC_WRITE };

#define TEXT(s) ((char *)(uintptr_t)(s))
#define NUM(n) { .set = true, .v = (n) }

static void make(const struct oci_device_rule *rules, size_t n, bool defaults,
		 struct bpf_insn **p, size_t *len)
{
	const struct cgroup_devices_args args = { .rules = rules, .n = n,
						  .defaults = defaults };
	struct err e = { 0 };

	assert_int_equal(cgroup_devices_program(&args, p, len, &e), 0);
	if (*p)
		assert_true(ebpf_is_valid(*p, *len));
	else
		assert_int_equal(*len, 0);
}

static bool asks(const struct bpf_insn *p, size_t n, char type, uint32_t major,
		 uint32_t minor, unsigned int what)
{
	const struct access a = { type, major, minor, what };
	int r = by_program(p, n, &a);

	assert_int_not_equal(r, EBPF_BROKEN);
	return r;
}

/* --- cases ------------------------------------------------------------------------ */

static void a_container_gets_the_default_devices_and_no_others(void **state)
{
	static const uint32_t yes[][2] = { { 1, 3 }, { 1, 5 }, { 1, 7 }, { 1, 8 },
					   { 1, 9 }, { 5, 0 }, { 5, 1 }, { 5, 2 },
					   { 136, 0 }, { 136, 1048575 } };
	static const uint32_t no[][2] = { { 1, 1 }, { 1, 2 }, { 1, 4 }, { 1, 6 },
					  { 1, 11 }, { 5, 3 }, { 4, 0 }, { 10, 200 },
					  { 137, 0 }, { 3, 1 } };
	const struct oci_device_rule none = { .allow = false };
	auto_mem struct bpf_insn *p = NULL;
	size_t n;

	make(&none, 1, true, &p, &n);
	assert_true(n <= 24);
	for (size_t i = 0; i < ARRAY_LEN(yes); i++) {
		assert_true(asks(p, n, 'c', yes[i][0], yes[i][1], R | W));
		assert_false(asks(p, n, 'b', yes[i][0], yes[i][1], R));
	}
	for (size_t i = 0; i < ARRAY_LEN(no); i++) {
		assert_false(asks(p, n, 'c', no[i][0], no[i][1], R));
		assert_true(asks(p, n, 'c', no[i][0], no[i][1], M));
		assert_true(asks(p, n, 'b', no[i][0], no[i][1], M));
		assert_false(asks(p, n, 'b', no[i][0], no[i][1], W));
	}
}

static void without_rules_nothing_but_the_defaults_is_allowed(void **state)
{
	auto_mem struct bpf_insn *p = NULL, *q = NULL;
	size_t n;

	make(NULL, 0, true, &p, &n);
	assert_true(asks(p, n, 'c', 1, 3, R | W));
	assert_false(asks(p, n, 'b', 8, 0, R));
	make(NULL, 0, false, &q, &n);
	assert_false(asks(q, n, 'c', 1, 3, R));
	assert_false(asks(q, n, 'c', 1, 3, M));
}

static void the_last_rule_wins(void **state)
{
	const struct oci_device_rule rules[] = {
		{ .allow = false },
		{ .allow = true, .type = TEXT("b"), .major = NUM(8) },
		{ .allow = false, .type = TEXT("b"), .major = NUM(8),
		  .minor = NUM(1) },
		{ .allow = true, .type = TEXT("b"), .major = NUM(8),
		  .minor = NUM(1), .access = TEXT("r") },
	};
	auto_mem struct bpf_insn *p = NULL;
	size_t n;

	make(rules, ARRAY_LEN(rules), false, &p, &n);
	assert_true(asks(p, n, 'b', 8, 0, R | W));
	assert_true(asks(p, n, 'b', 8, 1, R));
	assert_false(asks(p, n, 'b', 8, 1, R | W));
	assert_false(asks(p, n, 'b', 8, 1, W));
	assert_false(asks(p, n, 'c', 8, 0, R));
}

static void a_refused_access_cannot_hide_behind_an_allowed_one(void **state)
{
	const struct oci_device_rule rules[] = {
		{ .allow = true },
		{ .allow = false, .access = TEXT("w") },
	};
	auto_mem struct bpf_insn *p = NULL;
	size_t n;

	make(rules, ARRAY_LEN(rules), false, &p, &n);
	assert_true(asks(p, n, 'c', 9, 9, R));
	assert_false(asks(p, n, 'c', 9, 9, W));
	assert_false(asks(p, n, 'c', 9, 9, R | W));
}

static void rules_that_allow_everything_need_no_program(void **state)
{
	const struct oci_device_rule all[] = { { .allow = true } };
	const struct oci_device_rule late[] = {
		{ .allow = false }, { .allow = true, .type = TEXT("a"),
				      .access = TEXT("mwr"), .major = NUM(-1),
				      .minor = NUM(-1) } };
	const struct oci_device_rule parts[] = {
		{ .allow = false },
		{ .allow = true, .type = TEXT("c"), .access = TEXT("r") },
		{ .allow = true, .type = TEXT("c"), .access = TEXT("wm") },
		{ .allow = true, .type = TEXT("b") },
	};
	const struct oci_device_rule but[] = {
		{ .allow = true },
		{ .allow = false, .type = TEXT("c"), .major = NUM(1),
		  .minor = NUM(1) } };
	const struct oci_device_rule harmless[] = {
		{ .allow = true },
		{ .allow = false, .type = TEXT("c"), .major = NUM(1),
		  .minor = NUM(3) } };
	struct bpf_insn *p;
	size_t n;

	make(all, 1, false, &p, &n);
	assert_null(p);
	make(all, 1, true, &p, &n);
	assert_null(p);
	make(late, 2, true, &p, &n);
	assert_null(p);
	make(parts, 4, false, &p, &n);
	assert_null(p);
	make(but, 2, true, &p, &n);
	assert_non_null(p);
	assert_false(asks(p, n, 'c', 1, 1, R));
	assert_true(asks(p, n, 'c', 1, 2, R));
	free(p);
	make(harmless, 2, true, &p, &n); /* a default, later, allows it again */
	assert_true(asks(p, n, 'c', 1, 3, R));
	free(p);
}

static void numbers_use_all_their_32_bits(void **state)
{
	const struct oci_device_rule rule = { .allow = true, .type = TEXT("c"),
					      .major = NUM(0xffffffff),
					      .minor = NUM(0x80000000) };
	auto_mem struct bpf_insn *p = NULL;
	size_t n;

	make(&rule, 1, false, &p, &n);
	assert_true(asks(p, n, 'c', 0xffffffff, 0x80000000, R));
	assert_false(asks(p, n, 'c', 0x7fffffff, 0x80000000, R));
	assert_false(asks(p, n, 'c', 0xffffffff, 0, R));
}

static void a_bad_rule_is_refused_by_its_path(void **state)
{
	static const struct {
		struct oci_device_rule rule;
		const char *text;
	} cases[] = {
		{ { .type = TEXT("u") }, "devices[1].type" },
		{ { .type = TEXT("p") }, "devices[1].type" },
		{ { .type = TEXT("cc") }, "devices[1].type" },
		{ { .access = TEXT("rwx") }, "devices[1].access" },
		{ { .major = NUM(-2) }, "devices[1].major" },
		{ { .minor = NUM(4294967296) }, "devices[1].minor" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct oci_device_rule rules[] = { { .allow = false },
							 cases[i].rule };
		const struct cgroup_devices_args args = { .rules = rules, .n = 2 };
		struct err e = { 0 };
		struct bpf_insn *p = NULL;
		size_t n = 0;

		assert_int_equal(cgroup_devices_check(rules, 2, &e), -EINVAL);
		assert_non_null(strstr(e.text, cases[i].text));
		assert_int_equal(cgroup_devices_program(&args, &p, &n, &e), -EINVAL);
		assert_null(p);
	}
}

static void the_number_of_rules_is_bounded(void **state)
{
	enum { MAX = 4000 };
	auto_mem struct oci_device_rule *rules = calloc(MAX + 1, sizeof(*rules));
	auto_mem struct bpf_insn *p = NULL;
	struct err e = { 0 };
	size_t n;

	for (size_t i = 0; i <= MAX; i++)
		rules[i] = (struct oci_device_rule){
			.allow = i % 2, .type = TEXT(i % 2 ? "c" : "b"),
			.major = NUM((int64_t)i), .minor = NUM((int64_t)i),
			.access = TEXT(i % 3 ? "r" : "rwm"),
		};
	make(rules, MAX, true, &p, &n);
	assert_true(n < 32768);
	assert_true(asks(p, n, 'c', 1, 1, R));
	assert_true(asks(p, n, 'c', 3999, 3999, R));
	assert_false(asks(p, n, 'b', 3998, 3998, R));
	assert_int_equal(cgroup_devices_check(rules, MAX + 1, &e), -EINVAL);
}

/* --- random rules against the reading above ---------------------------------------- */

static uint32_t next(uint64_t *seed)
{
	*seed = *seed * 6364136223846793005u + 1442695040888963407u;
	return (uint32_t)(*seed >> 33);
}

static char some_types[][2] = { "", "a", "c", "b" };
static char some_access[][4] = { "", "rwm", "r", "w", "m", "rw", "rm", "wm", "mr" };

static struct oci_opt_i64 some_number(uint64_t *seed)
{
	uint32_t n = next(seed) % 5;

	return (struct oci_opt_i64){ .set = n != 4, .v = (int64_t)n - 1 };
}

static void random_rule(uint64_t *seed, struct oci_device_rule *r)
{
	*r = (struct oci_device_rule){
		.allow = next(seed) % 2,
		.type = some_types[next(seed) % ARRAY_LEN(some_types)],
		.access = some_access[next(seed) % ARRAY_LEN(some_access)],
		.major = some_number(seed),
		.minor = some_number(seed),
	};
}

/* All accesses to devices whose numbers the rules can name, and one more. */
static void compare(const struct oci_device_rule *rules, size_t n,
		    const struct bpf_insn *p, size_t len)
{
	for (uint32_t i = 0; i < 2 * 4 * 4 * 7; i++) {
		const struct access a = { i % 2 ? 'c' : 'b', i / 2 % 4, i / 8 % 4,
					  1 + i / 32 };

		assert_int_equal(by_program(p, len, &a), by_the_book(rules, n, &a));
	}
}

static void any_rules_mean_what_they_say(void **state)
{
	enum { ROUNDS = 20000, RULES = 9 };
	uint64_t seed = 20240229;

	for (int round = 0; round < ROUNDS; round++) {
		struct oci_device_rule rules[RULES];
		auto_mem struct bpf_insn *p = NULL;
		size_t n = next(&seed) % (RULES + 1), len;

		for (size_t i = 0; i < n; i++)
			random_rule(&seed, &rules[i]);
		make(rules, n, false, &p, &len);
		compare(rules, n, p, len);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_container_gets_the_default_devices_and_no_others),
		cmocka_unit_test(without_rules_nothing_but_the_defaults_is_allowed),
		cmocka_unit_test(the_last_rule_wins),
		cmocka_unit_test(a_refused_access_cannot_hide_behind_an_allowed_one),
		cmocka_unit_test(rules_that_allow_everything_need_no_program),
		cmocka_unit_test(numbers_use_all_their_32_bits),
		cmocka_unit_test(a_bad_rule_is_refused_by_its_path),
		cmocka_unit_test(the_number_of_rules_is_bounded),
		cmocka_unit_test(any_rules_mean_what_they_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
