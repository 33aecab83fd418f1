/* SPDX-License-Identifier: Apache-2.0 */
/* linux.mountLabel in the plan; no machine of ours has SELinux to mount with it. */
#include "unit/unit.h"

#include "rootfs/planner.h"
#include "unit/rootfs_bench.h"

#define LABEL "u:object_r:container_file_t:s0:c1,c2"

static void each_kind_of_file_system_gets_it_in_its_way(void **state)
{
	static const struct {
		const char *type, *options, *want; /* options that are planned */
		bool xattr;
	} cases[] = {
		{ "tmpfs", "size=64k", "size=64k,context=" LABEL, false },
		{ "tmpfs", "", "context=" LABEL, false },
		{ "devpts", "newinstance", "newinstance,context=" LABEL, false },
		{ "ext4", "ro,noload", "noload,context=" LABEL ",ro", false },
		{ "overlay", "", "context=" LABEL, false },
		{ "proc", "", "", false },
		{ "sysfs", "", "", false },
		{ "mqueue", "", "", true },
		/* one of the configuration's own stays the only one */
		{ "tmpfs", "context=x:y:z", "context=x:y:z", false },
		{ "tmpfs", "fscontext=x:y:z,mode=0", "fscontext=x:y:z,mode=0",
		  false },
		{ "tmpfs", "rootcontext=x", "rootcontext=x", false },
		{ "tmpfs", "defcontext=x", "defcontext=x", false },
		/* a name that only ends, or begins, like it */
		{ "tmpfs", "mycontext=x", "mycontext=x,context=" LABEL, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct plan_op *label;
		struct bench *t;

		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
		t = *state;
		t->r.mount_label = LABEL;
		add_mount(t, "/t", cases[i].type, "s", cases[i].options);
		assert_int_equal(plan_it(t), 0);
		assert_string_equal(vec(t, at_target(t, PLAN_MOUNT_FS, "/t")->str[2]),
				    cases[i].want);
		label = nth(t, PLAN_LABEL, 0);
		assert_int_equal(label != NULL, cases[i].xattr);
		if (label) {
			assert_string_equal(str(t, label->str[0]), LABEL);
			assert_string_equal(str(t, label->str[3]), "/t");
			assert_true(label > at_target(t, PLAN_MOUNT_FS, "/t"));
		}
	}
}

static void binds_and_the_cgroup_tree_keep_their_labels(void **state)
{
	struct bench *t = *state;

	t->r.mount_label = LABEL;
	add_mount(t, "/b", "bind", "dir", "rbind");
	add_mount(t, "/sys/fs/cgroup", "cgroup", "cgroup", "ro");
	add_mount(t, "/c", "cgroup2", "cgroup", "");
	assert_int_equal(plan_it(t), 0);
	assert_null(nth(t, PLAN_LABEL, 0));
	assert_int_equal(at_target(t, PLAN_MOUNT_CGROUP, "/c")->str[2], 0);
	assert_int_equal(at_target(t, PLAN_MOUNT_TREE, "/b")->str[2], 0);
}

static void masks_have_it_too(void **state)
{
	struct bench *t = *state;

	t->r.mount_label = LABEL;
	t->linux_.masked_paths = spec_split(&t->a, "/proc/acpi,/proc/keys");
	t->linux_.readonly_paths = spec_split(&t->a, "/proc/sys");
	assert_int_equal(plan_it(t), 0);
	for (unsigned int i = 0; i < 2; i++)
		assert_string_equal(vec(t, nth(t, PLAN_MASK, i)->str[2]),
				    "context=" LABEL);
	assert_int_equal(nth(t, PLAN_READONLY, 0)->str[2], 0);
}

static void without_a_label_nothing_is_added(void **state)
{
	struct bench *t = *state;

	t->linux_.masked_paths = spec_split(&t->a, "/proc/acpi");
	add_mount(t, "/t", "tmpfs", "tmpfs", "");
	add_mount(t, "/m", "mqueue", "mqueue", "");
	assert_int_equal(plan_it(t), 0);
	assert_int_equal(at_target(t, PLAN_MOUNT_FS, "/t")->str[2], 0);
	assert_int_equal(nth(t, PLAN_MASK, 0)->str[2], 0);
	assert_null(nth(t, PLAN_LABEL, 0));
}

/* Engines write options for mount(8), which takes the quotes away. */
static void quotes_are_for_mount_alone(void **state)
{
	static const struct { const char *option, *want; } cases[] = {
		{ "context=\"a:b:c:s0\"", "context=a:b:c:s0" },
		{ "rootcontext=\"a\"", "rootcontext=a" },
		{ "fscontext=\"\"", "fscontext=" },
		{ "context=a:b", "context=a:b" },
		{ "context=\"", "context=\"" },
		{ "context=\"a", "context=\"a" },
		{ "context=a\"", "context=a\"" },
		{ "context=", "context=" },
		{ "lowerdir=\"a\"", "lowerdir=\"a\",context=" LABEL },
		{ "context", "context,context=" LABEL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bench *t;

		assert_int_equal(teardown(state), 0);
		assert_int_equal(setup(state), 0);
		t = *state;
		t->r.mount_label = LABEL;
		add_mount(t, "/t", "tmpfs", "s", cases[i].option);
		assert_int_equal(plan_it(t), 0);
		assert_string_equal(vec(t, at_target(t, PLAN_MOUNT_FS, "/t")->str[2]),
				    cases[i].want);
	}
}

static void an_annotation_chooses_the_kind_of_context(void **state)
{
	struct bench *t = *state;

	t->r.mount_label = LABEL;
	t->r.mount_context_type = "rootcontext";
	t->linux_.masked_paths = spec_split(&t->a, "/proc/acpi");
	add_mount(t, "/t", "tmpfs", "tmpfs", "");
	assert_int_equal(plan_it(t), 0);
	assert_string_equal(vec(t, at_target(t, PLAN_MOUNT_FS, "/t")->str[2]),
			    "rootcontext=" LABEL);
	assert_string_equal(vec(t, nth(t, PLAN_MASK, 0)->str[2]),
			    "rootcontext=" LABEL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BENCH(each_kind_of_file_system_gets_it_in_its_way),
		WITH_BENCH(binds_and_the_cgroup_tree_keep_their_labels),
		WITH_BENCH(masks_have_it_too),
		WITH_BENCH(without_a_label_nothing_is_added),
		WITH_BENCH(quotes_are_for_mount_alone),
		WITH_BENCH(an_annotation_chooses_the_kind_of_context),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
