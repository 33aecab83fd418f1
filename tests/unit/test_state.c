/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <string.h>

#include "oci/features.h"
#include "oci/spec.h"
#include "oci/state.h"
#include "oci/unsupported.h"
#include "util/buf.h"
#include "util/jsonw.h"
#include "wire/plan.h"

_Static_assert(OCI_STATE_PID_WIDTH == PLAN_PID_WIDTH,
	       "berth-init writes the pid into the document");

static void a_state_has_all_that_engines_read(void **state)
{
	static char quoted[] = "k\"", broken[] = "v\n", org[] = "org.x";
	struct oci_kv kv[] = { { quoted, broken }, { org, org + 5 } };
	const struct oci_map map = { 2, kv };
	const struct oci_state s = {
		.oci_version = "1.0.2", .id = "c1", .status = "running",
		.pid = 4194304, .bundle = "/b", .rootfs = "/b/rootfs",
		.created = "2026-01-31T23:59:59.000000001Z", .owner = "root",
		.annotations = &map,
	};
	auto_buf b = { 0 };

	oci_state_write(&JSONW_COMPACT(&b), &s, NULL);
	assert_string_equal(buf_str(&b),
		"{\"ociVersion\":\"1.0.2\",\"id\":\"c1\",\"pid\":4194304,"
		"\"status\":\"running\",\"bundle\":\"/b\",\"rootfs\":"
		"\"/b/rootfs\",\"created\":\"2026-01-31T23:59:59.000000001Z\","
		"\"annotations\":{\"k\\\"\":\"v\\n\",\"org.x\":\"\"},"
		"\"owner\":\"root\"}");
}

static void what_is_not_known_is_left_out(void **state)
{
	const struct oci_map none = { 0 };
	const struct oci_state s = {
		.id = "c1", .status = "stopped", .bundle = "/b",
		.annotations = &none,
	};
	auto_buf b = { 0 };

	oci_state_write(&JSONW_INDENTED(&b), &s, NULL);
	assert_string_equal(buf_str(&b),
		"{\n  \"ociVersion\": \"" OCI_VERSION "\",\n  \"id\": \"c1\",\n"
		"  \"pid\": 0,\n  \"status\": \"stopped\",\n"
		"  \"bundle\": \"/b\"\n}");
}

static void a_pid_can_be_put_in_later(void **state)
{
	const struct oci_state s = { .id = "c1", .status = "creating",
				     .bundle = "/b" };
	auto_buf b = { 0 };
	size_t at = 0;

	oci_state_write(&JSONW_COMPACT(&b), &s, &at);
	assert_memory_equal(b.data + at, "         0,", 11);
	memcpy(b.data + at, "4194304   ", PLAN_PID_WIDTH);
	assert_string_equal(buf_str(&b),
		"{\"ociVersion\":\"" OCI_VERSION "\",\"id\":\"c1\",\"pid\":"
		"4194304   ,\"status\":\"creating\",\"bundle\":\"/b\"}");
}

static void features_say_what_the_tables_say(void **state)
{
	static const char *const options[] = { "bind", "ro", NULL };
	static const char *const caps[] = { "CAP_CHOWN", NULL };
	static const char *const actions[] = { "SCMP_ACT_ALLOW", NULL };
	static const char *const none[] = { NULL };
	static const char *const modes[] = { "MPOL_BIND", NULL };
	static char key[] = "k", value[] = "v";
	struct oci_kv kv[] = { { key, value } };
	const struct oci_map map = { 1, kv };
	const struct oci_features f = {
		.mount_options = options, .capabilities = caps,
		.seccomp_actions = actions, .seccomp_known_flags = none,
		.memory_policy_modes = modes, .memory_policy_flags = none,
		.unsafe_annotations = none, .annotations = &map,
	};
	auto_buf b = { 0 };

	oci_features_write(&JSONW_COMPACT(&b), &f);
	assert_string_equal(buf_str(&b),
		"{\"ociVersionMin\":\"1.0.0\",\"ociVersionMax\":\"1.3.0\","
		"\"hooks\":[\"prestart\",\"createRuntime\",\"createContainer\","
		"\"startContainer\",\"poststart\",\"poststop\"],"
		"\"mountOptions\":[\"bind\",\"ro\"],"
		"\"linux\":{\"namespaces\":[\"user\",\"pid\",\"network\","
		"\"mount\",\"ipc\",\"uts\",\"cgroup\",\"time\"],"
		"\"capabilities\":[\"CAP_CHOWN\"],"
		"\"cgroup\":{\"v1\":false,\"v2\":true,\"systemd\":false,"
		"\"systemdUser\":false,\"rdma\":true},"
		"\"seccomp\":{\"enabled\":true,\"actions\":[\"SCMP_ACT_ALLOW\"],"
		"\"knownFlags\":[]},\"apparmor\":{\"enabled\":true},"
		"\"selinux\":{\"enabled\":true},\"intelRdt\":{\"enabled\":"
		"true,\"schemata\":true,\"monitoring\":true},"
		"\"memoryPolicy\":{\"modes\":[\"MPOL_BIND\"],\"flags\":[]},"
		"\"mountExtensions\":{\"idmap\":{\"enabled\":true}},"
		"\"netDevices\":{\"enabled\":true}},"
		"\"annotations\":{\"k\":\"v\"},"
		"\"potentiallyUnsafeConfigAnnotations\":[]}");
}

static void a_refused_property_is_not_honoured(void **state)
{
	assert_true(oci_honours("scheduler"));
	assert_false(oci_honours("kernelTCP"));
	assert_true(oci_honours("hostname"));
	assert_true(oci_honours(""));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_state_has_all_that_engines_read),
		cmocka_unit_test(what_is_not_known_is_left_out),
		cmocka_unit_test(a_pid_can_be_put_in_later),
		cmocka_unit_test(a_refused_property_is_not_honoured),
		cmocka_unit_test(features_say_what_the_tables_say),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
