/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "oci/annotations.h"
#include "unit/unit.h"
#include "util/auto.h"

#define A "run.oci."

static int parse(const char *key, const char *value, struct oci_annotations *a,
		 struct err *e)
{
	struct oci_kv kv = { (char *)(uintptr_t)key, (char *)(uintptr_t)value };
	const struct oci_map m = { 1, &kv };

	return oci_annotations_parse(&m, a, e);
}

static void each_has_its_member(void **state)
{
	static const struct { const char *name; size_t at; } texts[] = {
		{ A "hooks.stdout", offsetof(struct oci_annotations, hooks_stdout) },
		{ A "hooks.stderr", offsetof(struct oci_annotations, hooks_stderr) },
		{ A "pidfd_receiver",
		  offsetof(struct oci_annotations, pidfd_receiver) },
		{ A "seccomp.receiver",
		  offsetof(struct oci_annotations, seccomp_receiver) },
	};
	static const char path[] = "/a path";
	struct oci_annotations a, want;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		memset(&want, 0, sizeof(want));
		*(const char **)((char *)&want + texts[i].at) = path;
		memset(&a, 0xff, sizeof(a));
		assert_int_equal(parse(texts[i].name, path, &a, NULL), 0);
		assert_memory_equal(&a, &want, sizeof(a));
	}
	assert_int_equal(parse(A "seccomp_bpf_data", "AAAA", &a, NULL), 0);
	assert_string_equal(a.seccomp_bpf_data, "AAAA");
	assert_int_equal(parse(A "mount_context_type", "rootcontext", &a, NULL), 0);
	assert_string_equal(a.mount_context_type, "rootcontext");
	assert_int_equal(parse(A "delegate-cgroup", "a/b", &a, NULL), 0);
	assert_string_equal(a.delegate_cgroup, "a/b");
	assert_int_equal(parse(A "systemd.subgroup", "", &a, NULL), 0);
	assert_string_equal(a.systemd_subgroup, "");
}

static void flags_are_on_or_off(void **state)
{
	static const struct { const char *value; bool on; } good[] = {
		{ "1", true }, { "true", true }, { "0", false },
		{ "false", false },
	};
	static const char *const bad[] = { "", "yes", "2", "01", "1 ", "TRUE" };

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct oci_annotations a = { 0 };

		assert_int_equal(parse(A "keep_original_groups", good[i].value,
				       &a, NULL), 0);
		assert_int_equal(a.keep_original_groups, good[i].on);
		assert_false(a.seccomp_fail_unknown_syscall);
		assert_int_equal(parse(A "seccomp_fail_unknown_syscall",
				       good[i].value, &a, NULL), 0);
		assert_int_equal(a.seccomp_fail_unknown_syscall, good[i].on);
		assert_false(a.keep_original_groups);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct oci_annotations a;
		struct err e = { 0 };

		assert_int_equal(parse(A "keep_original_groups", bad[i], &a, &e),
				 -EINVAL);
		assert_non_null(strstr(e.text, "annotations[\"run.oci."
					       "keep_original_groups\"]: "));
	}
}

static void a_value_without_meaning_is_an_error_with_its_path(void **state)
{
	static const struct { const char *name, *value, *text; int r; } bad[] = {
		{ A "hooks.stdout", "log", "not an absolute path", -EINVAL },
		{ A "hooks.stderr", "", "not an absolute path", -EINVAL },
		{ A "pidfd_receiver", "./s", "not an absolute path", -EINVAL },
		{ A "seccomp.receiver", "@x", "not an absolute path", -EINVAL },
		{ A "seccomp_bpf_data", "", "no filter", -EINVAL },
		{ A "mount_context_type", "", "mount(8)", -EINVAL },
		{ A "mount_context_type", "contex", "mount(8)", -EINVAL },
		{ A "mount_context_type", "context,x", "mount(8)", -EINVAL },
		{ A "delegate-cgroup", "/a", "relative", -EINVAL },
		{ A "delegate-cgroup", "a/../b", "\"..\"", -EINVAL },
		{ A "delegate-cgroup", "..", "\"..\"", -EINVAL },
		{ A "delegate-cgroup", "a/.", "\"..\"", -EINVAL },
		{ A "systemd.subgroup", "a//b", "empty component", -EINVAL },
		{ A "handler", "krun", "\"krun\": not supported", -ENOTSUP },
		{ A "handler", "runc", "not supported", -ENOTSUP },
		{ A "seccomp.plugins", "/x.so", "not supported", -ENOTSUP },
		{ A "systemd.force_cgroup_v1", "/sys/fs/cgroup/systemd",
		  "cgroup v2 only", -ENOTSUP },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct oci_annotations a;
		struct err e = { 0 };
		char path[100];

		memset(&a, 0x5a, sizeof(a));
		assert_int_equal(parse(bad[i].name, bad[i].value, &a, &e),
				 bad[i].r);
		snprintf(path, sizeof(path), "annotations[\"%s\"]: ", bad[i].name);
		if (strncmp(e.text, path, strlen(path)) != 0 ||
		    !strstr(e.text, bad[i].text))
			fail_msg("%s: %s", bad[i].name, e.text);
		assert_int_equal(*(unsigned char *)&a, 0x5a);
	}
}

static void a_refused_one_may_be_empty(void **state)
{
	struct oci_annotations a;

	assert_int_equal(parse(A "handler", "", &a, NULL), 0);
	assert_int_equal(parse(A "systemd.force_cgroup_v1", "", &a, NULL), 0);
}

static void a_pods_sandbox_may_have_its_handler(void **state)
{
	char type[] = "io.kubernetes.cri.container-type", sandbox[] = "sandbox",
	     container[] = "container", handler[] = A "handler", wasm[] = "wasm";
	struct oci_kv kv[] = { { handler, wasm }, { type, sandbox } };
	const struct oci_map m = { 2, kv };
	struct oci_annotations a;

	assert_int_equal(oci_annotations_parse(&m, &a, NULL), 0);
	kv[1].value = container;
	assert_int_equal(oci_annotations_parse(&m, &a, NULL), -ENOTSUP);
}

static void what_is_not_ours_is_left_alone(void **state)
{
	static const char *const others[] = {
		"", "run.oci", "run.ocihandler", "org.x", "Run.oci.handler",
		"io.podman.annotations.init",
	};
	static const char *const unknown[] = {
		A, A "handlers", A "keep_original_group", A "timens_offset",
	};
	const struct oci_map none = { 0 };
	struct oci_annotations a, zero;

	memset(&zero, 0, sizeof(zero));
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		assert_int_equal(parse(others[i], "krun", &a, NULL), 0);
		assert_memory_equal(&a, &zero, sizeof(a));
		assert_false(oci_annotation_ignored(others[i]));
	}
	for (size_t i = 0; i < ARRAY_LEN(unknown); i++) {
		assert_int_equal(parse(unknown[i], "krun", &a, NULL), 0);
		assert_memory_equal(&a, &zero, sizeof(a));
		assert_true(oci_annotation_ignored(unknown[i]));
	}
	assert_false(oci_annotation_ignored(A "handler"));
	assert_int_equal(oci_annotations_parse(&none, &a, NULL), 0);
}

static void the_unsafe_ones_are_those_that_do_something(void **state)
{
	size_t n = 0;

	for (const char *const *s = oci_annotations_unsafe; *s; s++, n++) {
		assert_false(oci_annotation_ignored(*s));
		if (n)
			assert_true(strcmp(s[-1], *s) < 0);
		assert_string_not_equal(*s, A "handler");
	}
	assert_int_equal(n, 11);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_has_its_member),
		cmocka_unit_test(flags_are_on_or_off),
		cmocka_unit_test(a_value_without_meaning_is_an_error_with_its_path),
		cmocka_unit_test(a_refused_one_may_be_empty),
		cmocka_unit_test(a_pods_sandbox_may_have_its_handler),
		cmocka_unit_test(what_is_not_ours_is_left_alone),
		cmocka_unit_test(the_unsafe_ones_are_those_that_do_something),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
