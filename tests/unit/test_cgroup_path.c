/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/internal.h"
#include "util/arena.h"
#include "util/auto.h"

static void a_path_becomes_absolute_and_clean(void **state)
{
	static const struct {
		const char *given, *own, *want;
	} cases[] = {
		{ "/a/b", "/x", "/a/b" },
		{ "a/b", "/x", "/a/b" }, /* relative: below the mount */
		{ "//a///b//", "/x", "/a/b" },
		{ "/a/./b/.", "/x", "/a/b" },
		{ "...", "/x", "/..." },
		{ "a..b/..c/d..", "/x", "/a..b/..c/d.." },
		{ "/a:b:c", "/x", "/a:b:c" }, /* a slash: no systemd form */
		{ "a:b", "/x", "/a:b" },
		{ NULL, "/", "/berth-box" },
		{ "", "/", "/berth-box" },
		{ NULL, "/user.slice/x", "/user.slice/x/berth-box" },
		{ NULL, "/user.slice/", "/user.slice/berth-box" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		struct err e = { 0 };
		const char *got = NULL;

		assert_int_equal(cgroup_plan_path(cases[i].given, "box",
						  cases[i].own, &a, &got, &e),
				 0);
		assert_string_equal(got, cases[i].want);
	}
}

static void a_path_that_leads_nowhere_good_is_refused(void **state)
{
	static const struct {
		const char *given, *text;
	} cases[] = {
		{ "..", "contains \"..\"" },
		{ "/a/../b", "contains \"..\"" },
		{ "a/..", "contains \"..\"" },
		{ "/", "root of the hierarchy" },
		{ "///./", "root of the hierarchy" },
		{ "system.slice:berth:box", "slice:prefix:name" },
		{ ":berth:box", "slice:prefix:name" },
		{ "a:b:", "slice:prefix:name" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		struct err e = { 0 };
		const char *got = NULL;

		assert_int_equal(cgroup_plan_path(cases[i].given, "box", "/", &a,
						  &got, &e),
				 -EINVAL);
		assert_non_null(strstr(e.text, "linux.cgroupsPath: "));
		assert_non_null(strstr(e.text, cases[i].text));
		assert_null(got);
	}
}

static void lengths_are_bounded(void **state)
{
	auto_arena a = { 0 };
	struct err e = { 0 };
	const char *got = NULL;
	char text[CGROUP_PATH_MAX + 1];

	memset(text, 'a', 255);
	text[255] = '\0';
	assert_int_equal(cgroup_plan_path(text, "x", "/", &a, &got, &e), 0);
	text[255] = 'a';
	text[256] = '\0';
	assert_int_equal(cgroup_plan_path(text, "x", "/", &a, &got, &e), -EINVAL);
	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = i % 2 ? 'a' : '/';
	text[CGROUP_PATH_MAX - 1] = '\0';
	assert_int_equal(cgroup_plan_path(text, "x", "/", &a, &got, &e), 0);
	text[CGROUP_PATH_MAX - 1] = 'a';
	text[CGROUP_PATH_MAX] = '\0';
	assert_int_equal(cgroup_plan_path(text, "x", "/", &a, &got, &e), -EINVAL);
}

static void an_own_cgroup_is_read_in_all_its_forms(void **state)
{
	static const struct {
		const char *text, *path;
		bool deleted, outside;
	} cases[] = {
		{ "0::/\n", "/", false, false },
		{ "0::/a/b\n", "/a/b", false, false },
		{ "0::/a", "/a", false, false },
		{ "9:name=systemd:/x\n1:cpu:/y\n0::/z\n", "/z", false, false },
		{ "0::/z\n9:name=systemd:/x\n", "/z", false, false },
		{ "0::/a (deleted)\n", "/a", true, false },
		{ "0::/ (deleted)\n", "/", true, false },
		{ "0::/a (deleted) \n", "/a (deleted) ", false, false },
		{ "0::/..\n", "/..", false, true },
		{ "0::/../../a\n", "/../../a", false, true },
		{ "0::/..a\n", "/..a", false, false },
		{ "0::/a:b c\n", "/a:b c", false, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		struct cgroup_own own;

		assert_int_equal(cgroup_parse_own(cases[i].text, &a, &own), 0);
		assert_string_equal(own.path, cases[i].path);
		assert_int_equal(own.deleted, cases[i].deleted);
		assert_int_equal(own.outside, cases[i].outside);
	}
}

static void a_process_without_v2_cgroup_is_said_to_have_none(void **state)
{
	static const char *const cases[] = { "", "\n", "1:cpu:/\n", "10::/\n",
					     "0:x:/\n", "0::", "0::a\n" };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		struct cgroup_own own;

		assert_int_equal(cgroup_parse_own(cases[i], &a, &own), -ENOENT);
	}
}

static void the_mount_is_found_wherever_it_is(void **state)
{
	static const struct {
		const char *text, *mount, *root;
	} cases[] = {
		{ "41 31 0:38 / /sys/fs/cgroup/unified rw - cgroup2 cgroup2 rw\n",
		  "/sys/fs/cgroup/unified", "/" },
		{ "23 1 0:5 / /proc rw - proc proc rw\n"
		  "41 31 0:38 /../.. /mnt/a\\040b\\134c rw,relatime shared:1 - cgroup2 none rw,nsdelegate\n",
		  "/mnt/a b\\c", "/../.." },
		{ "32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n"
		  "41 31 0:38 /docker/1 /cg rw shared:5 master:2 - cgroup2 x rw",
		  "/cg", "/docker/1" },
		/* a name that only looks like it */
		{ "1 2 0:1 / /a\\040-\\040cgroup2 rw - tmpfs - cgroup2\n"
		  "41 31 0:38 / /b rw - cgroup2 x rw\n", "/b", "/" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		const char *mount, *root;

		assert_int_equal(cgroup_parse_mountinfo(cases[i].text, &a,
							&mount, &root),
				 0);
		assert_string_equal(mount, cases[i].mount);
		assert_string_equal(root, cases[i].root);
	}
}

static void no_mount_is_found_where_there_is_none(void **state)
{
	static const char *const cases[] = {
		"",
		"\n\n",
		"garbage",
		" - cgroup2 ",
		"1 2 - cgroup2 x",
		"1 2 3 - cgroup2 x",
		"1 2 3 / - cgroup2 x",
		"1 2 3 a b rw - cgroup2 x",
		"32 31 0:29 / /sys/fs/cgroup/cpu rw - cgroup cgroup rw,cpu\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		const char *mount = NULL, *root = NULL;

		assert_int_equal(cgroup_parse_mountinfo(cases[i], &a, &mount,
							&root),
				 -ENOENT);
	}
}

static void controllers_are_told_from_words(void **state)
{
	assert_int_equal(cgroup_controller_set(""), 0);
	assert_int_equal(cgroup_controller_set("cpu"), CGROUP_CPU);
	assert_int_equal(cgroup_controller_set("cpuset cpu io memory hugetlb pids rdma misc dmem\n"),
			 CGROUP_ALL_CONTROLLERS);
	assert_int_equal(cgroup_controller_set("cpus mem memoryx"), 0);
	assert_int_equal(cgroup_controller_of_file("memory.max"), CGROUP_MEMORY);
	assert_int_equal(cgroup_controller_of_file("cpuset.cpus"), CGROUP_CPUSET);
	assert_int_equal(cgroup_controller_of_file("hugetlb.2MB.max"),
			 CGROUP_HUGETLB);
	assert_int_equal(cgroup_controller_of_file("cgroup.max.depth"), 0);
	assert_int_equal(cgroup_controller_of_file("m"), 0);
	assert_int_equal(cgroup_controller_of_file(".x"), 0);
	for (uint32_t bit = 1; bit < CGROUP_ALL_CONTROLLERS; bit <<= 1)
		assert_int_equal(cgroup_controller_set(cgroup_controller_name(bit)),
				 bit);
}

static void a_flat_file_gives_the_value_of_a_whole_key(void **state)
{
	static const char text[] = "oom_kill 3\noom 7\nmax max\nbad x\nempty\nlast 9";
	uint64_t v = 42;

	assert_true(cgroup_flat_value(text, "oom", &v));
	assert_int_equal(v, 7);
	assert_true(cgroup_flat_value(text, "oom_kill", &v));
	assert_int_equal(v, 3);
	assert_true(cgroup_flat_value(text, "max", &v));
	assert_true(v == UINT64_MAX);
	assert_true(cgroup_flat_value(text, "last", &v));
	assert_int_equal(v, 9);
	assert_false(cgroup_flat_value(text, "bad", &v));
	assert_false(cgroup_flat_value(text, "empty", &v));
	assert_false(cgroup_flat_value(text, "oo", &v));
	assert_false(cgroup_flat_value("", "oom", &v));
	assert_int_equal(v, 9);
}

static void a_parent_is_cut_off_until_the_top(void **state)
{
	char path[] = "/a/b";

	assert_true(cgroup_parent(path));
	assert_string_equal(path, "/a");
	assert_false(cgroup_parent(path));
	assert_string_equal(path, "/a");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_path_becomes_absolute_and_clean),
		cmocka_unit_test(a_path_that_leads_nowhere_good_is_refused),
		cmocka_unit_test(lengths_are_bounded),
		cmocka_unit_test(an_own_cgroup_is_read_in_all_its_forms),
		cmocka_unit_test(a_process_without_v2_cgroup_is_said_to_have_none),
		cmocka_unit_test(the_mount_is_found_wherever_it_is),
		cmocka_unit_test(no_mount_is_found_where_there_is_none),
		cmocka_unit_test(controllers_are_told_from_words),
		cmocka_unit_test(a_flat_file_gives_the_value_of_a_whole_key),
		cmocka_unit_test(a_parent_is_cut_off_until_the_top),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
