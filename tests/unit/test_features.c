/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What `features` lists against what is accepted: for each list there are the
 * specification's words and some that are none; a word is listed if and only if
 * a configuration with it is taken.
 */
#include "unit/unit.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oci/check.h"
#include "oci/decode.h"
#include "oci/features.h"
#include "oci/spec.h"
#include "process/memory_policy.h"
#include "rootfs/options.h"
#include "security/caps.h"
#include "security/seccomp.h"
#include "unit/spec_build.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/jsonw.h"
#include "wire/plan.h"

static struct arena a;

static int teardown(void **state)
{
	arena_free(&a);
	a = (struct arena){ 0 };
	return 0;
}

static bool listed(const char *const *list, const char *word)
{
	for (; *list; list++)
		if (strcmp(*list, word) == 0)
			return true;
	return false;
}

/* The whole document, as the command writes it. */
static const char *document(void)
{
	struct oci_strv options;
	const struct oci_features f = {
		.capabilities = cap_names,
		.seccomp_actions = seccomp_action_names,
		.memory_policy_modes = memory_policy_modes,
		.memory_policy_flags = memory_policy_flags,
	};
	auto_buf b = { 0 };

	assert_int_equal(rootfs_mount_options(&a, &options), 0);
	oci_features_write(&JSONW_COMPACT(&b), &f);
	return arena_strdup(&a, buf_str(&b));
}

/* Whether the array @name of the document has @word. */
static bool documented(const char *name, const char *word)
{
	const char *at = strstr(document(), arena_printf(&a, "\"%s\":[", name));
	const char *hit, *end;

	assert_non_null(at);
	end = strchr(at, ']');
	hit = strstr(at, arena_printf(&a, "\"%s\"", word));
	return hit && hit < end;
}

static void same(const char *what, const char *word, bool is_listed, bool taken)
{
	if (is_listed != taken)
		fail_msg("%s: %s is %slisted and %s", what, word,
			 is_listed ? "" : "not ", taken ? "taken" : "refused");
}

/* A configuration with these members of linux is decoded, checked or both. */
static bool linux_is_taken(const char *members, bool check)
{
	const char *text = arena_printf(&a,
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},"
		"\"linux\":{%s}}", members);
	struct oci_spec *s;
	struct err e = { 0 };

	if (oci_spec_decode(text, strlen(text), &a, &s, &e) < 0)
		return false;
	return !check || oci_spec_check(s, &e) == 0;
}

/* --- lists ---------------------------------------------------------------------- */

static void namespaces_are_those_that_are_decoded(void **state)
{
	static const char *const words[] = {
		"pid", "network", "mount", "ipc", "uts", "user", "cgroup", "time",
		"net", "mnt", "PID", "", "pid_for_children",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		same("linux.namespaces", words[i],
		     documented("namespaces", words[i]),
		     linux_is_taken(arena_printf(&a, "\"namespaces\":[{\"type\":"
						     "\"%s\"}]", words[i]),
				    false));
}

/* One that is known has to be a list; whatever is unknown is ignored. */
static void hooks_are_those_that_are_decoded(void **state)
{
	static const char *const words[] = {
		"prestart", "createRuntime", "createContainer",
		"startContainer", "poststart", "poststop", "poststopX",
		"stopContainer", "Prestart",
	};
	struct oci_spec *s;

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const char *text = arena_printf(&a, "{\"ociVersion\":\"1.3.0\","
			"\"hooks\":{\"%s\":0}}", words[i]);
		bool known = oci_spec_decode(text, strlen(text), &a, &s, NULL) < 0;

		same("hooks", words[i], documented("hooks", words[i]), known);
	}
}

static void capabilities_are_those_that_are_known(void **state)
{
	static const char *const others[] = {
		"CAP_BERTH", "CAP_", "CAP_CHOWN2", "CAP_ALL", "CAP_SYS",
	};
	struct cap_sets sets = { 0 };
	size_t n = 0;

	for (; cap_names[n]; n++)
		same("capabilities", cap_names[n], true,
		     caps_add(&sets, cap_names[n], NULL) == 0);
	/* linux/capability.h: CAP_CHECKPOINT_RESTORE is the last */
	assert_int_equal(n, 41);
	assert_true(sets.bounding == (1ull << 41) - 1);
	for (size_t i = 0; i < ARRAY_LEN(others); i++)
		same("capabilities", others[i], false,
		     caps_add(&sets, others[i], NULL) == 0);
}

/* One that is not known belongs to the file system. */
static void mount_options_are_those_that_are_understood(void **state)
{
	/* config.md "Linux mount options", and what others have besides */
	static const char words[][16] = {
		"async", "atime", "bind", "defaults", "dev", "diratime",
		"dirsync", "exec", "idmap", "iversion", "lazytime", "loud",
		"mand", "noatime", "nodev", "nodiratime", "noexec",
		"noiversion", "nolazytime", "nomand", "norelatime",
		"nostrictatime", "nosuid", "nosymfollow", "private", "ratime",
		"rbind", "rdev", "rdiratime", "relatime", "remount", "rexec",
		"ridmap", "rnoatime", "rnodev", "rnodiratime", "rnoexec",
		"rnorelatime", "rnostrictatime", "rnosuid", "rnosymfollow",
		"ro", "rprivate", "rrelatime", "rro", "rrw", "rshared",
		"rslave", "rstrictatime", "rsuid", "rsymfollow", "runbindable",
		"rw", "shared", "silent", "slave", "strictatime", "suid",
		"symfollow", "sync", "tmpcopyup", "unbindable",
		"copy-symlink", "src-nofollow", "dest-nofollow",
		/* of file systems, or nobody's */
		"acl", "noacl", "size", "mode", "user", "noauto", "norecover",
		"newinstance", "rnosync", "RO", "r", "rrbind",
	};
	struct oci_strv known;

	assert_int_equal(rootfs_mount_options(&a, &known), 0);
	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		const struct oci_strv in = spec_split(&a, words[i]);
		struct mount_options o;
		bool taken = mount_options_parse(&in, &a, &o, NULL) == 0 &&
			     o.data.n == 0;

		same("mountOptions", words[i],
		     listed((const char *const *)known.v, words[i]), taken);
	}
	/* None is listed that the words above do not have. */
	for (size_t i = 0; i < known.n; i++) {
		size_t k = 0;

		while (k < ARRAY_LEN(words) && strcmp(words[k], known.v[i]) != 0)
			k++;
		if (k == ARRAY_LEN(words))
			fail_msg("%s is listed and no word of this test",
				 known.v[i]);
	}
}

/* --- seccomp ----------------------------------------------------------------------- */

static bool profile_is_taken(const char *json)
{
	const struct oci_raw raw = { json, strlen(json) };
	struct seccomp_program p;
	struct oci_seccomp *s;
	struct err e = { 0 };

	if (oci_seccomp_decode(&raw, &a, &s, &e) < 0)
		return false;
	/* A processor of the other byte order is known, but needs a filter, and
	 * so a machine, of its own. */
	return seccomp_compile(s, &a, &p, &e) == 0 ||
	       strstr(e.text, "cannot be in one filter");
}

static void seccomp_actions_are_those_that_compile(void **state)
{
	static const char *const words[] = {
		"SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
		"SCMP_ACT_TRAP", "SCMP_ACT_ERRNO", "SCMP_ACT_TRACE",
		"SCMP_ACT_ALLOW", "SCMP_ACT_LOG", "SCMP_ACT_NOTIFY",
		"SCMP_ACT_", "SCMP_ACT_DENY", "ALLOW", "",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		same("seccomp.actions", words[i],
		     listed(seccomp_action_names, words[i]),
		     profile_is_taken(arena_printf(&a,
			"{\"defaultAction\":\"SCMP_ACT_ERRNO\","
			"\"listenerPath\":\"/x\",\"syscalls\":[{\"names\":"
			"[\"getpid\"],\"action\":\"%s\"}]}", words[i])));
	assert_int_equal(listed(seccomp_action_names, "SCMP_ACT_KILL"),
			 documented("actions", "SCMP_ACT_KILL"));
}

static void seccomp_operators_are_those_that_compile(void **state)
{
	static const char *const words[] = {
		"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ",
		"SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ",
		"SCMP_CMP_", "EQ", "SCMP_CMP_MASKED", "",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		same("seccomp.operators", words[i],
		     listed(seccomp_operator_names, words[i]),
		     profile_is_taken(arena_printf(&a,
			"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":"
			"[{\"names\":[\"close\"],\"action\":\"SCMP_ACT_ERRNO\","
			"\"args\":[{\"index\":0,\"value\":1,\"valueTwo\":1,"
			"\"op\":\"%s\"}]}]}", words[i])));
}

static void seccomp_architectures_are_those_that_compile(void **state)
{
	/* config-linux.md "Seccomp" */
	static const char *const words[] = {
		"SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32",
		"SCMP_ARCH_ARM", "SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS",
		"SCMP_ARCH_MIPS64", "SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL",
		"SCMP_ARCH_MIPSEL64", "SCMP_ARCH_MIPSEL64N32",
		"SCMP_ARCH_PPC", "SCMP_ARCH_PPC64", "SCMP_ARCH_PPC64LE",
		"SCMP_ARCH_S390", "SCMP_ARCH_S390X", "SCMP_ARCH_PARISC",
		"SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",
		"SCMP_ARCH_LOONGARCH64", "SCMP_ARCH_M68K", "SCMP_ARCH_SH",
		"SCMP_ARCH_SHEB", "SCMP_ARCH_VAX", "x86_64", "SCMP_ARCH_", "",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		same("seccomp.archs", words[i],
		     listed(seccomp_arch_names, words[i]),
		     profile_is_taken(arena_printf(&a,
			"{\"defaultAction\":\"SCMP_ACT_ALLOW\","
			"\"architectures\":[\"%s\"],\"syscalls\":[{\"names\":"
			"[\"close\"],\"action\":\"SCMP_ACT_ERRNO\"}]}",
			words[i])));
}

static void seccomp_flags_are_those_that_compile(void **state)
{
	static const char *const words[] = {
		"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
		"SECCOMP_FILTER_FLAG_SPEC_ALLOW",
		"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV",
		"SECCOMP_FILTER_FLAG_NEW_LISTENER", "SECCOMP_FILTER_FLAG_X", "",
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++) {
		bool known = listed(seccomp_flag_names, words[i]);

		same("seccomp.supportedFlags", words[i],
		     known && seccomp_flag_supported(words[i]),
		     profile_is_taken(arena_printf(&a,
			"{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":"
			"[\"%s\"],\"listenerPath\":\"/x\",\"syscalls\":"
			"[{\"names\":[\"getpid\"],\"action\":"
			"\"SCMP_ACT_NOTIFY\"}]}", words[i])));
	}
}

/* --- memory policy ----------------------------------------------------------------- */

static bool policy_is_taken(const char *mode, const char *flag)
{
	struct plan_builder *b = malloc(sizeof(*b));
	struct oci_memory_policy p = {
		.mode = spec_str(&a, mode),
		.flags = spec_split(&a, flag),
	};
	bool taken = false;

	plan_builder_init(b);
	for (int with = 0; with < 2; with++) {
		p.nodes = with ? spec_str(&a, "0") : NULL;
		taken = taken || memory_policy_plan(b, &p, NULL) == 0;
	}
	plan_builder_done(b);
	free(b);
	return taken;
}

static void memory_policies_are_those_that_are_planned(void **state)
{
	static const char *const modes[] = {
		"MPOL_DEFAULT", "MPOL_BIND", "MPOL_INTERLEAVE",
		"MPOL_WEIGHTED_INTERLEAVE", "MPOL_PREFERRED",
		"MPOL_PREFERRED_MANY", "MPOL_LOCAL", "MPOL_", "bind", "MPOL_MAX",
	};
	static const char *const flags[] = {
		"MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES",
		"MPOL_F_STATIC_NODES", "MPOL_F_", "MPOL_F_NODE",
	};

	for (size_t i = 0; i < ARRAY_LEN(modes); i++)
		same("memoryPolicy.modes", modes[i],
		     documented("modes", modes[i]),
		     policy_is_taken(modes[i], ""));
	for (size_t i = 0; i < ARRAY_LEN(flags); i++)
		same("memoryPolicy.flags", flags[i],
		     documented("flags", flags[i]),
		     policy_is_taken("MPOL_BIND", flags[i]));
}

/* --- what is there or not -------------------------------------------------------------- */

static bool process_is_taken(const char *members)
{
	const char *text = arena_printf(&a, "{\"cwd\":\"/\",\"args\":[\"a\"],%s}",
					members);
	struct oci_process *p;
	struct err e = { 0 };

	return oci_process_decode(text, strlen(text), &a, &p, &e) == 0 &&
	       oci_process_check(p, &e) == 0;
}

static bool mount_is_taken(const char *members)
{
	const char *text = arena_printf(&a,
		"{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"mounts\":"
		"[{\"destination\":\"/x\",%s}],\"linux\":{\"namespaces\":"
		"[{\"type\":\"mount\"}]}}", members);
	struct oci_spec *s;
	struct err e = { 0 };

	return oci_spec_decode(text, strlen(text), &a, &s, &e) == 0 &&
	       oci_spec_check(s, &e) == 0;
}

static void sections_are_enabled_that_are_accepted(void **state)
{
	const struct { const char *name; bool taken; } sections[] = {
		{ "apparmor", process_is_taken("\"apparmorProfile\":\"p\"") },
		{ "selinux", process_is_taken("\"selinuxLabel\":\"l\"") },
		{ "selinux", linux_is_taken("\"mountLabel\":\"l\"", true) },
		{ "intelRdt", linux_is_taken("\"intelRdt\":{\"closID\":\"x\"}",
					     true) },
		{ "idmap", mount_is_taken(
			"\"type\":\"bind\",\"source\":\"/x\",\"options\":"
			"[\"bind\"],\"uidMappings\":[{\"containerID\":0,"
			"\"hostID\":0,\"size\":1}],\"gidMappings\":"
			"[{\"containerID\":0,\"hostID\":0,\"size\":1}]") },
		{ "netDevices", linux_is_taken(
			"\"namespaces\":[{\"type\":\"network\"}],"
			"\"netDevices\":{\"eth0\":{}}", true) },
	};

	for (size_t i = 0; i < ARRAY_LEN(sections); i++) {
		const char *on = arena_printf(&a, "\"%s\":{\"enabled\":true",
					      sections[i].name);
		const char *off = arena_printf(&a, "\"%s\":{\"enabled\":false",
					       sections[i].name);
		bool enabled = strstr(document(), on);

		assert_true(enabled || strstr(document(), off));
		same("linux", sections[i].name, enabled, sections[i].taken);
	}
}

#define TEST(f) cmocka_unit_test_teardown(f, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(namespaces_are_those_that_are_decoded),
		TEST(hooks_are_those_that_are_decoded),
		TEST(capabilities_are_those_that_are_known),
		TEST(mount_options_are_those_that_are_understood),
		TEST(seccomp_actions_are_those_that_compile),
		TEST(seccomp_operators_are_those_that_compile),
		TEST(seccomp_architectures_are_those_that_compile),
		TEST(seccomp_flags_are_those_that_compile),
		TEST(memory_policies_are_those_that_are_planned),
		TEST(sections_are_enabled_that_are_accepted),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
