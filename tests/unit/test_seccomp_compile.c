/* SPDX-License-Identifier: Apache-2.0 */
/* The compiled filter, interpreted, against what the profile says. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "oci/spec.h"
#include "security/seccomp.h"
#include "security/seccomp_names.h"
#include "unit/bpf_run.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/err.h"

#define STR(s) ((char *)(uintptr_t)(s))
#define NAMES(...)                                                  \
	{ sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *), \
	  (char **)(uintptr_t)(const char *[]){ __VA_ARGS__, NULL } }
#define RULES(...)                                                            \
	.n_syscalls = sizeof((struct oci_seccomp_rule[]){ __VA_ARGS__ }) /    \
		      sizeof(struct oci_seccomp_rule),                        \
	.syscalls = (struct oci_seccomp_rule[]){ __VA_ARGS__ }
#define ERRNO(n) (SECCOMP_RET_ERRNO | (n))

static uint32_t native(void)
{
	return seccomp_arch_by_token(seccomp_arch_native())->audit;
}

static void compile(const struct oci_seccomp *s, struct arena *a,
		    struct seccomp_program *p)
{
	struct err e = { 0 };

	if (seccomp_compile(s, a, p, &e) < 0)
		fail_msg("%s", e.text);
	assert_true(p->n >= 1 && p->n <= BPF_MAXINSNS);
}

static uint32_t ask(const struct seccomp_program *p, uint32_t audit, int nr,
		    const uint64_t *args)
{
	struct seccomp_data d = { .arch = audit, .nr = nr };

	if (args)
		memcpy(d.args, args, sizeof(d.args));
	return bpf_run(p->filter, p->n, &d);
}

static int number(const char *name)
{
	return seccomp_syscall_resolve_name_arch(SCMP_ARCH_NATIVE, name);
}

/* --- what profiles say ------------------------------------------------------ */

static void each_action_returns_what_the_kernel_calls_it(void **state)
{
	static const struct {
		const char *action;
		struct oci_opt_u32 data;
		uint32_t want;
	} cases[] = {
		{ "SCMP_ACT_KILL", { 0 }, SECCOMP_RET_KILL_THREAD },
		{ "SCMP_ACT_KILL_THREAD", { 0 }, SECCOMP_RET_KILL_THREAD },
		{ "SCMP_ACT_KILL_PROCESS", { 0 }, SECCOMP_RET_KILL_PROCESS },
		{ "SCMP_ACT_TRAP", { 0 }, SECCOMP_RET_TRAP },
		{ "SCMP_ACT_ERRNO", { 0 }, ERRNO(EPERM) },
		{ "SCMP_ACT_ERRNO", { true, 38 }, ERRNO(38) },
		{ "SCMP_ACT_ERRNO", { true, 0 }, ERRNO(0) },
		{ "SCMP_ACT_ERRNO", { true, 4094 }, ERRNO(4094) },
		{ "SCMP_ACT_TRACE", { 0 }, SECCOMP_RET_TRACE | EPERM },
		{ "SCMP_ACT_TRACE", { true, 65535 }, SECCOMP_RET_TRACE | 65535 },
		{ "SCMP_ACT_LOG", { 0 }, SECCOMP_RET_LOG },
		{ "SCMP_ACT_NOTIFY", { 0 }, SECCOMP_RET_USER_NOTIF },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct oci_seccomp s = {
			.default_action = STR("SCMP_ACT_ALLOW"),
			.listener_path = STR("/agent"),
			RULES({ .names = NAMES("getcwd"),
				.action = STR(cases[i].action),
				.errno_ret = cases[i].data }),
		};
		struct seccomp_program p;
		auto_arena a = { 0 };

		compile(&s, &a, &p);
		assert_int_equal(ask(&p, native(), number("getcwd"), NULL),
				 cases[i].want);
		assert_int_equal(ask(&p, native(), number("getpid"), NULL),
				 SECCOMP_RET_ALLOW);
		assert_int_equal(p.notify,
				 cases[i].want == SECCOMP_RET_USER_NOTIF);
	}
}

static void each_operator_compares_whole_registers(void **state)
{
	static const struct {
		const char *op;
		uint64_t value, two, arg;
		bool match;
	} cases[] = {
		{ "SCMP_CMP_EQ", 5, 0, 5, true },
		{ "SCMP_CMP_EQ", 5, 0, 5 | 1ULL << 32, false },
		{ "SCMP_CMP_EQ", UINT64_MAX, 0, UINT64_MAX, true },
		{ "SCMP_CMP_NE", 5, 0, 5 | 1ULL << 32, true },
		{ "SCMP_CMP_NE", 5, 0, 5, false },
		{ "SCMP_CMP_LT", 1ULL << 32, 0, (1ULL << 32) - 1, true },
		{ "SCMP_CMP_LT", 1ULL << 32, 0, 1ULL << 32, false },
		{ "SCMP_CMP_LE", 1ULL << 32, 0, 1ULL << 32, true },
		{ "SCMP_CMP_LE", 1ULL << 32, 0, (1ULL << 32) + 1, false },
		{ "SCMP_CMP_GE", 7, 0, 7, true },
		{ "SCMP_CMP_GE", 7, 0, 6, false },
		{ "SCMP_CMP_GE", 7, 0, 1ULL << 63, true },
		{ "SCMP_CMP_GT", 7, 0, 7, false },
		{ "SCMP_CMP_GT", 7, 0, 8, true },
		{ "SCMP_CMP_MASKED_EQ", 0xf0, 0x20, 0x2f, true },
		{ "SCMP_CMP_MASKED_EQ", 0xf0, 0x20, 0x3f, false },
		{ "SCMP_CMP_MASKED_EQ", 1ULL << 40, 0, 1, true },
		{ "SCMP_CMP_MASKED_EQ", 1ULL << 40, 0, 1ULL << 40, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct oci_seccomp_arg arg = { 2, cases[i].value, cases[i].two,
					       STR(cases[i].op) };
		const struct oci_seccomp s = {
			.default_action = STR("SCMP_ACT_ALLOW"),
			RULES({ .names = NAMES("read"),
				.action = STR("SCMP_ACT_ERRNO"),
				.n_args = 1, .args = &arg }),
		};
		const uint64_t args[6] = { 0, 0, cases[i].arg };
		struct seccomp_program p;
		auto_arena a = { 0 };

		compile(&s, &a, &p);
		assert_int_equal(ask(&p, native(), number("read"), args),
				 cases[i].match ? ERRNO(EPERM) :
						  SECCOMP_RET_ALLOW);
	}
}

static void conditions_on_several_registers_must_all_hold(void **state)
{
	struct oci_seccomp_arg conds[] = {
		{ 0, 16, 0, STR("SCMP_CMP_EQ") },
		{ 5, 9, 0, STR("SCMP_CMP_EQ") },
	};
	const struct oci_seccomp s = {
		.default_action = STR("SCMP_ACT_ALLOW"),
		RULES({ .names = NAMES("mmap"), .action = STR("SCMP_ACT_ERRNO"),
			.n_args = 2, .args = conds }),
	};
	struct seccomp_program p;
	auto_arena a = { 0 };

	compile(&s, &a, &p);
	for (uint64_t first = 15; first < 18; first++)
		for (uint64_t last = 8; last < 11; last++) {
			const uint64_t args[6] = { first, 0, 0, 0, 0, last };

			assert_int_equal(ask(&p, native(), number("mmap"), args),
					 first == 16 && last == 9 ?
						 ERRNO(EPERM) :
						 SECCOMP_RET_ALLOW);
		}
}

static void conditions_on_one_register_are_alternatives(void **state)
{
	struct oci_seccomp_arg conds[] = {
		{ 0, 1, 0, STR("SCMP_CMP_EQ") },
		{ 0, 3, 0, STR("SCMP_CMP_EQ") },
	};
	const struct oci_seccomp s = {
		.default_action = STR("SCMP_ACT_ERRNO"),
		RULES({ .names = NAMES("close"), .action = STR("SCMP_ACT_ALLOW"),
			.n_args = 2, .args = conds }),
	};
	struct seccomp_program p;
	auto_arena a = { 0 };

	compile(&s, &a, &p);
	for (uint64_t v = 0; v < 5; v++) {
		const uint64_t args[6] = { v };

		assert_int_equal(ask(&p, native(), number("close"), args),
				 v == 1 || v == 3 ? SECCOMP_RET_ALLOW :
						    ERRNO(EPERM));
	}
}

static void unknown_calls_and_needless_rules_are_skipped(void **state)
{
	const struct oci_seccomp s = {
		.default_action = STR("SCMP_ACT_ERRNO"),
		RULES({ .names = NAMES("not_a_call", "read", "also_none"),
			.action = STR("SCMP_ACT_ALLOW") },
		      { .names = NAMES("read"), .action = STR("SCMP_ACT_ALLOW") },
		      { .names = NAMES("write"), .action = STR("SCMP_ACT_ERRNO") }),
	};
	struct seccomp_program p;
	auto_arena a = { 0 };

	compile(&s, &a, &p);
	assert_int_equal(ask(&p, native(), number("read"), NULL),
			 SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&p, native(), number("write"), NULL), ERRNO(EPERM));
}

static void a_profile_without_rules_has_only_its_default(void **state)
{
	const struct oci_seccomp s = { .default_action = STR("SCMP_ACT_ERRNO"),
				       .default_errno_ret = { true, 13 } };
	struct seccomp_program p;
	auto_arena a = { 0 };

	compile(&s, &a, &p);
	assert_int_equal(ask(&p, native(), number("read"), NULL), ERRNO(13));
	assert_int_equal(ask(&p, native(), 100000, NULL), ERRNO(13));
}

static void another_architecture_is_killed(void **state)
{
	const struct oci_seccomp s = { .default_action = STR("SCMP_ACT_ALLOW") };
	struct seccomp_program p;
	auto_arena a = { 0 };

	compile(&s, &a, &p);
	assert_int_equal(ask(&p, 0x1234, 1, NULL), SECCOMP_RET_KILL_THREAD);
}

/* --- calls newer than the profile ----------------------------------------------- */

static void newer_calls_get_enosys_unless_the_default_lets_them_through(void **state)
{
	static const struct {
		const char *action;
		struct oci_opt_u32 data;
		uint32_t newer;
	} cases[] = {
		{ "SCMP_ACT_ERRNO", { 0 }, ERRNO(ENOSYS) },
		{ "SCMP_ACT_ERRNO", { true, ENOSYS }, ERRNO(ENOSYS) },
		{ "SCMP_ACT_KILL", { 0 }, ERRNO(ENOSYS) },
		{ "SCMP_ACT_KILL_PROCESS", { 0 }, ERRNO(ENOSYS) },
		{ "SCMP_ACT_TRAP", { 0 }, ERRNO(ENOSYS) },
		{ "SCMP_ACT_ALLOW", { 0 }, SECCOMP_RET_ALLOW },
		{ "SCMP_ACT_LOG", { 0 }, SECCOMP_RET_LOG },
		{ "SCMP_ACT_TRACE", { true, 3 }, SECCOMP_RET_TRACE | 3 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct oci_seccomp s = {
			.default_action = STR(cases[i].action),
			.default_errno_ret = cases[i].data,
			RULES({ .names = NAMES("getpid", "openat2"),
				.action = STR("SCMP_ACT_ERRNO"),
				.errno_ret = { true, 77 } }),
		};
		int last = number("openat2");
		struct seccomp_program p;
		auto_arena a = { 0 };

		compile(&s, &a, &p);
		assert_int_equal(ask(&p, native(), last, NULL), ERRNO(77));
		assert_int_equal(ask(&p, native(), last + 1, NULL),
				 cases[i].newer);
		assert_int_equal(ask(&p, native(), 0x3fffffff, NULL),
				 cases[i].newer);
		if (cases[i].newer == ERRNO(ENOSYS) && !cases[i].data.set)
			assert_int_not_equal(ask(&p, native(), last - 1, NULL),
					     ERRNO(ENOSYS));
	}
}

#ifdef __x86_64__
#define X32 0x40000000

static void x32_calls_are_their_own_architecture(void **state)
{
	struct oci_seccomp s = {
		.default_action = STR("SCMP_ACT_ERRNO"),
		RULES({ .names = NAMES("read", "openat2"),
			.action = STR("SCMP_ACT_ALLOW") }),
	};
	const struct oci_strv both = NAMES("SCMP_ARCH_X32", "SCMP_ARCH_X86_64",
					   "SCMP_ARCH_X86");
	int last = number("openat2");
	struct seccomp_program p;
	auto_arena a = { 0 };

	compile(&s, &a, &p);
	assert_int_equal(ask(&p, native(), X32 | 0, NULL),
			 SECCOMP_RET_KILL_THREAD);
	assert_int_equal(ask(&p, native(), X32 | (last + 1), NULL),
			 SECCOMP_RET_KILL_THREAD);
	s.architectures = both;
	compile(&s, &a, &p);
	assert_int_equal(ask(&p, native(), X32 | 0, NULL), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&p, native(), X32 | last, NULL), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&p, native(), X32 | 1, NULL), ERRNO(EPERM));
	assert_int_equal(ask(&p, native(), last + 1, NULL), ERRNO(ENOSYS));
	assert_int_equal(ask(&p, AUDIT_ARCH_I386, 437, NULL), SECCOMP_RET_ALLOW);
	assert_int_equal(ask(&p, AUDIT_ARCH_I386, 438, NULL), ERRNO(ENOSYS));
	assert_int_equal(ask(&p, AUDIT_ARCH_I386, 436, NULL), ERRNO(EPERM));
}
#endif

static void private_calls_of_arm_do_not_hide_newer_ones(void **state)
{
	const struct seccomp_arch *arm = seccomp_arch_find("SCMP_ARCH_ARM");

	assert_true(arm->last < 0x0f0000);
	assert_true(seccomp_syscall_resolve_name_arch(arm->token, "set_tls") >
		    (int)arm->last);
	assert_true(seccomp_arch_find("SCMP_ARCH_S390X")->zero);
}

/* --- flags and the listener -------------------------------------------------------- */

static uint32_t flags_of(struct oci_strv flags, bool notify)
{
	const struct oci_seccomp s = {
		.default_action = STR("SCMP_ACT_ALLOW"),
		.flags = flags,
		.listener_path = STR("/agent"),
		RULES({ .names = NAMES("mkdir"),
			.action = notify ? STR("SCMP_ACT_NOTIFY") :
					   STR("SCMP_ACT_ERRNO") }),
	};
	struct seccomp_program p;
	auto_arena a = { 0 };

	compile(&s, &a, &p);
	return p.flags;
}

static void flags_become_those_of_the_system_call(void **state)
{
	const uint32_t listener = SECCOMP_FILTER_FLAG_NEW_LISTENER;
	const struct oci_strv tsync = NAMES("SECCOMP_FILTER_FLAG_TSYNC");
	const struct oci_strv wait =
		NAMES("SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV");
	const struct oci_strv two = NAMES("SECCOMP_FILTER_FLAG_LOG",
					  "SECCOMP_FILTER_FLAG_SPEC_ALLOW");
	const struct oci_strv none = { 0 };

	assert_int_equal(flags_of(none, false), SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	assert_int_equal(flags_of(none, true),
			 SECCOMP_FILTER_FLAG_SPEC_ALLOW | listener);
	assert_int_equal(flags_of(tsync, true), listener);
	assert_int_equal(flags_of(two, false), SECCOMP_FILTER_FLAG_LOG |
						SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	assert_int_equal(flags_of(wait, false), 0);
	assert_int_equal(flags_of(wait, true),
			 listener | SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV);
}

/* Each is older than the oldest kernel that berth runs on, but the last. */
static void the_kernel_is_asked_for_flags(void **state)
{
	for (size_t i = 0; i < 3; i++)
		assert_true(seccomp_flag_supported(seccomp_flag_names[i]));
	assert_false(seccomp_flag_supported("SECCOMP_FILTER_FLAG_NEW_LISTENER"));
	assert_false(seccomp_flag_supported(""));
}

static void the_listener_is_kept_only_for_a_rule_that_notifies(void **state)
{
	struct oci_seccomp s = {
		.default_action = STR("SCMP_ACT_ALLOW"),
		.listener_path = STR("/agent"),
		.listener_metadata = STR("about"),
		RULES({ .names = NAMES("mkdir"), .action = STR("SCMP_ACT_NOTIFY") }),
	};
	struct seccomp_program p;
	auto_arena a = { 0 };

	compile(&s, &a, &p);
	assert_string_equal(p.listener_path, "/agent");
	assert_string_equal(p.listener_metadata, "about");
	s.syscalls[0].action = STR("SCMP_ACT_ERRNO");
	compile(&s, &a, &p);
	assert_null(p.listener_path);
	assert_null(p.listener_metadata);
}

static void a_default_may_notify(void **state)
{
	const struct oci_seccomp s = {
		.default_action = STR("SCMP_ACT_NOTIFY"),
		.listener_path = STR("/agent"),
	};
	struct seccomp_program p;
	auto_arena a = { 0 };

	compile(&s, &a, &p);
	assert_true(p.notify);
	assert_int_equal(ask(&p, native(), number("read"), NULL),
			 SECCOMP_RET_USER_NOTIF);
}

/* --- mistakes -------------------------------------------------------------------------- */

#define NO_RULE { .action = NULL }

static void mistakes_are_named_with_their_path(void **state)
{
	struct oci_seccomp_arg good = { 0, 0, 0, STR("SCMP_CMP_EQ") };
	struct oci_seccomp_arg bad_op[] = { good, { 1, 0, 0, STR("EQ") } };
	struct oci_seccomp_arg no_op = { 0 };
	struct oci_seccomp_arg bad_index = { 6, 0, 0, STR("SCMP_CMP_EQ") };
	struct oci_seccomp_arg seven[7] = { good, good, good, good, good, good,
					    good };
	struct oci_seccomp base = { .default_action = STR("SCMP_ACT_ALLOW") };
	const struct {
		struct oci_seccomp s;
		struct oci_seccomp_rule rule;
		const char *text;
	} cases[] = {
		{ { .default_action = NULL }, NO_RULE,
		  "linux.seccomp.defaultAction: unknown action \"\"" },
		{ { .default_action = STR("ALLOW") }, NO_RULE,
		  "linux.seccomp.defaultAction: unknown action \"ALLOW\"" },
		{ { .default_action = STR("SCMP_ACT_NOTIFY") }, NO_RULE,
		  "linux.seccomp.listenerPath: is missing, and the profile has "
		  "SCMP_ACT_NOTIFY" },
		{ { .default_action = STR("SCMP_ACT_ALLOW"),
		    .default_errno_ret = { true, 1 } }, NO_RULE,
		  "linux.seccomp.defaultAction: SCMP_ACT_ALLOW returns no errno, "
		  "but one is given" },
		{ { .default_action = STR("SCMP_ACT_ERRNO"),
		    .default_errno_ret = { true, 4095 } }, NO_RULE,
		  "linux.seccomp.defaultAction: errno 4095 is above 4094, the "
		  "largest for SCMP_ACT_ERRNO" },
		{ { .default_action = STR("SCMP_ACT_ALLOW"),
		    .architectures = NAMES("SCMP_ARCH_X86_64", "SCMP_ARCH_VAX") },
		  NO_RULE,
		  "linux.seccomp.architectures[1]: unknown architecture "
		  "\"SCMP_ARCH_VAX\"" },
		{ { .default_action = STR("SCMP_ACT_ALLOW"),
		    .flags = NAMES("SECCOMP_FILTER_FLAG_LOG", "LOG") }, NO_RULE,
		  "linux.seccomp.flags[1]: unknown flag \"LOG\"" },
		{ { .default_action = STR("SCMP_ACT_ALLOW"),
		    .listener_metadata = STR("x") }, NO_RULE,
		  "linux.seccomp.listenerMetadata: listenerPath is missing" },
		{ base, { .names = NAMES("read"), .action = STR("DENY") },
		  "linux.seccomp.syscalls[1].action: unknown action \"DENY\"" },
		{ base, { .names = NAMES("read"), .action = STR("SCMP_ACT_TRAP"),
			  .errno_ret = { true, 1 } },
		  "linux.seccomp.syscalls[1].action: SCMP_ACT_TRAP returns no "
		  "errno, but one is given" },
		{ base, { .action = STR("SCMP_ACT_ERRNO") },
		  "linux.seccomp.syscalls[1].names: is empty" },
		{ base, { .names = NAMES("read"), .action = STR("SCMP_ACT_ERRNO"),
			  .n_args = 2, .args = bad_op },
		  "linux.seccomp.syscalls[1].args[1].op: unknown operator "
		  "\"EQ\"" },
		{ base, { .names = NAMES("read"), .action = STR("SCMP_ACT_ERRNO"),
			  .n_args = 1, .args = &no_op },
		  "linux.seccomp.syscalls[1].args[0].op: unknown operator \"\"" },
		{ base, { .names = NAMES("read"), .action = STR("SCMP_ACT_ERRNO"),
			  .n_args = 1, .args = &bad_index },
		  "linux.seccomp.syscalls[1].args[0].index: 6 is not from 0 to "
		  "5" },
		{ base, { .names = NAMES("read"), .action = STR("SCMP_ACT_ERRNO"),
			  .n_args = 7, .args = seven },
		  "linux.seccomp.syscalls[1].args: more than 6" },
		{ base, { .names = NAMES("read"), .action = STR("SCMP_ACT_NOTIFY") },
		  "linux.seccomp.listenerPath: is missing, and the profile has "
		  "SCMP_ACT_NOTIFY" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct oci_seccomp_rule rules[] = {
			{ .names = NAMES("getpid"),
			  .action = STR("SCMP_ACT_ERRNO") },
			cases[i].rule,
		};
		struct oci_seccomp s = cases[i].s;
		struct seccomp_program p = { .n = 99 };
		auto_arena a = { 0 };
		struct err e = { 0 };

		s.syscalls = rules;
		s.n_syscalls = cases[i].rule.action ? 2 : 1;
		assert_int_equal(seccomp_compile(&s, &a, &p, &e), -EINVAL);
		assert_string_equal(e.text, cases[i].text);
		assert_int_equal(p.n, 99);
	}
}

/* libseccomp's rule, which profiles rely on. */
static void the_first_of_two_actions_for_one_call_counts(void **state)
{
	const struct oci_seccomp s = {
		.default_action = STR("SCMP_ACT_ALLOW"),
		RULES({ .names = NAMES("read"), .action = STR("SCMP_ACT_ERRNO") },
		      { .names = NAMES("write", "read"),
			.action = STR("SCMP_ACT_TRAP") }),
	};
	struct seccomp_program p;
	auto_arena a = { 0 };

	compile(&s, &a, &p);
	assert_int_equal(ask(&p, native(), number("read"), NULL), ERRNO(EPERM));
	assert_int_equal(ask(&p, native(), number("write"), NULL),
			 SECCOMP_RET_TRAP);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_action_returns_what_the_kernel_calls_it),
		cmocka_unit_test(each_operator_compares_whole_registers),
		cmocka_unit_test(conditions_on_several_registers_must_all_hold),
		cmocka_unit_test(conditions_on_one_register_are_alternatives),
		cmocka_unit_test(unknown_calls_and_needless_rules_are_skipped),
		cmocka_unit_test(a_profile_without_rules_has_only_its_default),
		cmocka_unit_test(another_architecture_is_killed),
		cmocka_unit_test(newer_calls_get_enosys_unless_the_default_lets_them_through),
#ifdef __x86_64__
		cmocka_unit_test(x32_calls_are_their_own_architecture),
#endif
		cmocka_unit_test(private_calls_of_arm_do_not_hide_newer_ones),
		cmocka_unit_test(flags_become_those_of_the_system_call),
		cmocka_unit_test(the_kernel_is_asked_for_flags),
		cmocka_unit_test(the_listener_is_kept_only_for_a_rule_that_notifies),
		cmocka_unit_test(a_default_may_notify),
		cmocka_unit_test(mistakes_are_named_with_their_path),
		cmocka_unit_test(the_first_of_two_actions_for_one_call_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
