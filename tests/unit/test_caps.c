/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/capability.h>
#include <string.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oci/spec.h"
#include "security/caps.h"
#include "util/auto.h"
#include "util/err.h"

#define BIT(n) (1ULL << (n))
#define STRV(...)                                                    \
	{ sizeof((const char *[]){ __VA_ARGS__ }) / sizeof(char *),  \
	  (char **)(uintptr_t)(const char *[]){ __VA_ARGS__, NULL } }

static void names_are_the_kernels_numbers(void **state)
{
	static const struct {
		const char *name;
		int n;
	} cases[] = {
		{ "CAP_CHOWN", CAP_CHOWN },
		{ "CAP_SETPCAP", CAP_SETPCAP },
		{ "CAP_NET_RAW", CAP_NET_RAW },
		{ "CAP_SYS_ADMIN", CAP_SYS_ADMIN },
		{ "CAP_MKNOD", CAP_MKNOD },
		{ "CAP_SETFCAP", CAP_SETFCAP },
		{ "CAP_AUDIT_READ", CAP_AUDIT_READ },
		{ "CAP_BPF", CAP_BPF },
		{ "CAP_CHECKPOINT_RESTORE", CAP_CHECKPOINT_RESTORE },
		{ "cap_sys_time", CAP_SYS_TIME },
		{ "Cap_Kill", CAP_KILL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(cap_from_name(cases[i].name), cases[i].n);
	assert_int_equal(CAPS_COUNT, CAP_LAST_CAP + 1);
}

static void each_name_in_the_table_finds_itself(void **state)
{
	for (int i = 0; i < CAPS_COUNT; i++)
		assert_int_equal(cap_from_name(cap_names[i]), i);
	assert_null(cap_names[CAPS_COUNT]);
}

static void what_is_no_name_is_refused(void **state)
{
	static const char *const cases[] = {
		"", "CAP_", "CHOWN", "CAP_CHOWN ", " CAP_CHOWN", "CAP_CHOWNX",
		"CAP_CAP_CHOWN", "0", "CAP_0", "ALL", "CAP_ALL",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(cap_from_name(cases[i]), -EINVAL);
}

static void no_capabilities_object_means_no_capabilities(void **state)
{
	struct cap_sets s, none = { 0 };
	struct cap_report report;

	caps_decode(NULL, CAPS_ALL, &s, &report);
	assert_memory_equal(&s, &none, sizeof(s));
	assert_int_equal(report.ungranted | report.n_unknown, 0);
}

static void sets_are_decoded_each_on_its_own(void **state)
{
	const struct oci_capabilities c = {
		.bounding = STRV("CAP_KILL", "CAP_CHOWN", "CAP_BPF"),
		.effective = STRV("CAP_KILL"),
		.permitted = STRV("CAP_KILL", "CAP_CHOWN"),
		.inheritable = STRV("CAP_CHOWN"),
		.ambient = STRV("CAP_CHOWN"),
	};
	struct cap_report report;
	struct cap_sets s;

	caps_decode(&c, CAPS_ALL, &s, &report);
	assert_int_equal(s.bounding,
			 BIT(CAP_KILL) | BIT(CAP_CHOWN) | BIT(CAP_BPF));
	assert_int_equal(s.effective, BIT(CAP_KILL));
	assert_int_equal(s.permitted, BIT(CAP_KILL) | BIT(CAP_CHOWN));
	assert_int_equal(s.inheritable, BIT(CAP_CHOWN));
	assert_int_equal(s.ambient, BIT(CAP_CHOWN));
	assert_int_equal(report.ungranted | report.ambient_lost |
				 report.effective_lost | report.n_unknown, 0);
}

static void unknown_names_are_reported_with_their_path(void **state)
{
	const struct oci_capabilities c = {
		.bounding = STRV("CAP_KILL", "CAP_NEWER"),
		.permitted = STRV("CAP_OTHER", "CAP_KILL"),
	};
	struct cap_report report;
	struct cap_sets s;

	caps_decode(&c, CAPS_ALL, &s, &report);
	assert_int_equal(s.bounding, BIT(CAP_KILL));
	assert_int_equal(s.permitted, BIT(CAP_KILL));
	assert_int_equal(report.n_unknown, 2);
	assert_string_equal(report.unknown,
			    "process.capabilities.bounding[1]: CAP_NEWER");
}

static void an_endless_unknown_name_is_cut(void **state)
{
	char name[5000];
	const struct oci_capabilities c = { .ambient = STRV(name) };
	struct cap_report report;
	struct cap_sets s;

	memset(name, 'x', sizeof(name));
	name[sizeof(name) - 1] = '\0';
	caps_decode(&c, CAPS_ALL, &s, &report);
	assert_int_equal(report.n_unknown, 1);
	assert_true(strlen(report.unknown) < sizeof(report.unknown));
}

static void what_the_runtime_lacks_is_left_out_of_every_set(void **state)
{
	const struct oci_capabilities c = {
		.bounding = STRV("CAP_KILL", "CAP_SYS_RESOURCE"),
		.effective = STRV("CAP_KILL", "CAP_SYS_RESOURCE"),
		.permitted = STRV("CAP_KILL", "CAP_SYS_RESOURCE"),
		.inheritable = STRV("CAP_SYS_RESOURCE"),
		.ambient = STRV("CAP_SYS_RESOURCE"),
	};
	struct cap_report report;
	struct cap_sets s;

	caps_decode(&c, CAPS_ALL & ~BIT(CAP_SYS_RESOURCE), &s, &report);
	assert_int_equal(s.bounding | s.effective | s.permitted |
				 s.inheritable | s.ambient, BIT(CAP_KILL));
	assert_int_equal(report.ungranted, BIT(CAP_SYS_RESOURCE));
	assert_int_equal(report.ambient_lost | report.effective_lost, 0);
}

static void ambient_needs_permitted_and_inheritable(void **state)
{
	const struct oci_capabilities c = {
		.permitted = STRV("CAP_KILL", "CAP_CHOWN"),
		.inheritable = STRV("CAP_CHOWN", "CAP_FOWNER"),
		.ambient = STRV("CAP_KILL", "CAP_CHOWN", "CAP_FOWNER"),
	};
	struct cap_report report;
	struct cap_sets s;

	caps_decode(&c, CAPS_ALL, &s, &report);
	assert_int_equal(s.ambient, BIT(CAP_CHOWN));
	assert_int_equal(report.ambient_lost, BIT(CAP_KILL) | BIT(CAP_FOWNER));
}

static void effective_needs_permitted(void **state)
{
	const struct oci_capabilities c = {
		.effective = STRV("CAP_KILL", "CAP_CHOWN"),
		.permitted = STRV("CAP_CHOWN"),
	};
	struct cap_report report;
	struct cap_sets s;

	caps_decode(&c, CAPS_ALL, &s, &report);
	assert_int_equal(s.effective, BIT(CAP_CHOWN));
	assert_int_equal(report.effective_lost, BIT(CAP_KILL));
}

static void a_capability_from_the_command_line_is_never_inheritable(void **state)
{
	static const char *const names[] = { "CAP_NET_RAW", "net_raw",
					     "cap_NET_raw", "NET_RAW" };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		struct cap_sets s = { 0 };

		assert_int_equal(caps_add(&s, names[i], NULL), 0);
		assert_int_equal(s.inheritable | s.ambient, 0);
		assert_int_equal(s.bounding, BIT(CAP_NET_RAW));
		assert_int_equal(s.permitted, BIT(CAP_NET_RAW));
		assert_int_equal(s.effective, BIT(CAP_NET_RAW));
	}
}

static void one_that_is_inheritable_already_becomes_ambient(void **state)
{
	struct cap_sets s = { .inheritable = BIT(CAP_NET_RAW) };

	assert_int_equal(caps_add(&s, "CAP_NET_RAW", NULL), 0);
	assert_int_equal(caps_add(&s, "CAP_KILL", NULL), 0);
	assert_int_equal(s.inheritable, BIT(CAP_NET_RAW));
	assert_int_equal(s.ambient, BIT(CAP_NET_RAW));
}

static void an_unknown_one_from_the_command_line_is_an_error(void **state)
{
	struct cap_sets s = { 0 }, before = s;
	struct err e = { 0 };

	assert_int_equal(caps_add(&s, "CAP_NOPE", &e), -EINVAL);
	assert_string_equal(e.text, "unknown capability \"CAP_NOPE\"");
	assert_memory_equal(&s, &before, sizeof(s));
	assert_int_equal(caps_add(&s, "", NULL), -EINVAL);
	assert_int_equal(caps_add(&s, "CAP_", NULL), -EINVAL);
}

/* What the available set is for: capset(2) takes what comes out. */
static void the_kernel_accepts_every_set_that_comes_out(void **state)
{
	const struct oci_capabilities c = {
		.bounding = { CAPS_COUNT, (char **)(uintptr_t)cap_names },
		.effective = { CAPS_COUNT, (char **)(uintptr_t)cap_names },
		.permitted = { CAPS_COUNT, (char **)(uintptr_t)cap_names },
	};
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct cap_report report;
	uint64_t available;
	struct cap_sets s;
	int status;

	assert_int_equal(caps_available(&available), 0);
	caps_decode(&c, available, &s, &report);
	assert_int_equal(s.permitted, available);
	assert_int_equal(report.ungranted, CAPS_ALL & ~available);
	if (fork() == 0) {
		struct __user_cap_data_struct d[2] = {
			{ (uint32_t)s.effective, (uint32_t)s.permitted, 0 },
			{ (uint32_t)(s.effective >> 32),
			  (uint32_t)(s.permitted >> 32), 0 },
		};

		_exit(syscall(SYS_capset, &head, d) == 0 ? 0 : 1);
	}
	assert_true(wait(&status) > 0);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_are_the_kernels_numbers),
		cmocka_unit_test(each_name_in_the_table_finds_itself),
		cmocka_unit_test(what_is_no_name_is_refused),
		cmocka_unit_test(no_capabilities_object_means_no_capabilities),
		cmocka_unit_test(sets_are_decoded_each_on_its_own),
		cmocka_unit_test(unknown_names_are_reported_with_their_path),
		cmocka_unit_test(an_endless_unknown_name_is_cut),
		cmocka_unit_test(what_the_runtime_lacks_is_left_out_of_every_set),
		cmocka_unit_test(ambient_needs_permitted_and_inheritable),
		cmocka_unit_test(effective_needs_permitted),
		cmocka_unit_test(a_capability_from_the_command_line_is_never_inheritable),
		cmocka_unit_test(one_that_is_inheritable_already_becomes_ambient),
		cmocka_unit_test(an_unknown_one_from_the_command_line_is_an_error),
		cmocka_unit_test(the_kernel_accepts_every_set_that_comes_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
