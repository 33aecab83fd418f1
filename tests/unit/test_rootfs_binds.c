/* SPDX-License-Identifier: Apache-2.0 */
/* Binds and remounts in the start plan. */
#include "unit/unit.h"

#include "unit/rootfs_bench.h"

/* --- binds ----------------------------------------------------------------------- */

static void binds_are_planned_from_their_options(void **state)
{
	static const struct {
		const char *type, *source, *options;
		uint64_t set, clear, propagation, tree;
		uint16_t flags;
	} cases[] = {
		{ "bind", "dir", "", 0, 0, MS_REC | MS_PRIVATE, 0, 0 },
		{ NULL, "dir", "bind", 0, 0, MS_REC | MS_PRIVATE, 0, 0 },
		{ "none", "dir", "rbind", 0, 0, MS_REC | MS_PRIVATE, 0,
		  PLAN_F_RECURSIVE },
		{ "whatever", "dir", "rbind,ro", RO, 0, MS_REC | MS_PRIVATE, 0,
		  PLAN_F_RECURSIVE },
		{ "bind", "file", "rbind,rw", 0, RO, MS_REC | MS_PRIVATE, 0,
		  PLAN_F_RECURSIVE | PLAN_F_FILE },
		{ "bind", "link", "", 0, 0, MS_REC | MS_PRIVATE, 0, PLAN_F_FILE },
		{ "bind", "dir", "noatime", NOATIME, ATIME, MS_REC | MS_PRIVATE,
		  0, 0 },
		{ "bind", "dir", "ro,rnosuid", RO, 0, MS_REC | MS_PRIVATE,
		  NOSUID, 0 },
		{ "bind", "dir", "rbind,rro", 0, 0, MS_REC | MS_PRIVATE, RO,
		  PLAN_F_RECURSIVE },
		{ "bind", "dir", "rbind,rrw", 0, RO, MS_REC | MS_PRIVATE, 0,
		  PLAN_F_RECURSIVE | PLAN_F_CLEAR_TREE },
		{ "bind", "dir", "rnoatime", 0, ATIME, MS_REC | MS_PRIVATE,
		  NOATIME, PLAN_F_CLEAR_TREE },
		{ "bind", "dir", "dest-nofollow", 0, 0, MS_REC | MS_PRIVATE, 0,
		  PLAN_F_NOFOLLOW },
		{ "bind", "dir", "rslave", 0, 0, MS_REC | MS_SLAVE, 0, 0 },
		{ "bind", "dir", "slave", 0, 0, MS_SLAVE, 0, 0 },
		{ "bind", "dir", "rbind,slave", 0, 0, MS_REC | MS_SLAVE, 0,
		  PLAN_F_RECURSIVE },
		{ "bind", "dir", "rbind,rshared", 0, 0, MS_REC | MS_SHARED, 0,
		  PLAN_F_RECURSIVE },
		{ "bind", "dir", "rbind,private", 0, 0, MS_REC | MS_PRIVATE, 0,
		  PLAN_F_RECURSIVE },
		{ "bind", "dir", "async,nolazytime", 0, 0, MS_REC | MS_PRIVATE,
		  0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct plan_op *op;
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		add_mount(t, "/x", cases[i].type, cases[i].source,
			  cases[i].options);
		assert_int_equal(plan_it(t), 0);
		op = nth(t, PLAN_MOUNT_TREE, 0);
		assert_non_null(op);
		assert_null(nth(t, PLAN_MOUNT_CHANGE, 0));
		assert_string_equal(str(t, op->str[0]),
				    arena_printf(&t->a, "%s/%s", t->dir,
						 cases[i].source));
		assert_string_equal(str(t, op->what), "mounts[0]: /x");
		if (op->num[0] != cases[i].set || op->num[1] != cases[i].clear ||
		    op->num[2] != cases[i].propagation ||
		    op->num[3] != cases[i].tree || op->flags != cases[i].flags)
			fail_msg("%s: other than expected", cases[i].options);
		assert_int_equal(teardown(state), 0);
	}
}

static void what_one_operation_cannot_say_takes_two(void **state)
{
	static const struct {
		const char *options;
		uint64_t first[4], second[4];
		uint16_t flags;
	} cases[] = {
		{ "rbind,rrw,ro", { 0, RO, MS_REC | MS_PRIVATE, 0 },
		  { RO, 0, 0, 0 }, PLAN_F_RECURSIVE | PLAN_F_CLEAR_TREE },
		{ "rbind,rro,rw", { 0, 0, MS_REC | MS_PRIVATE, RO },
		  { 0, RO, 0, 0 }, PLAN_F_RECURSIVE },
		{ "rbind,rnoatime,nosuid",
		  { 0, ATIME, MS_REC | MS_PRIVATE, NOATIME },
		  { NOSUID, 0, 0, 0 }, PLAN_F_RECURSIVE | PLAN_F_CLEAR_TREE },
		{ "rbind,shared", { 0, 0, MS_REC | MS_SLAVE, 0 },
		  { 0, 0, MS_SHARED, 0 }, PLAN_F_RECURSIVE },
		{ "rbind,unbindable,ro", { RO, 0, MS_REC | MS_PRIVATE, 0 },
		  { 0, 0, MS_UNBINDABLE, 0 }, PLAN_F_RECURSIVE },
		{ "rbind,shared,rro,rw", { 0, 0, MS_REC | MS_SLAVE, RO },
		  { 0, RO, MS_SHARED, 0 }, PLAN_F_RECURSIVE },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct plan_op *tree, *change;
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		add_mount(t, "/x", "bind", "dir", cases[i].options);
		assert_int_equal(plan_it(t), 0);
		tree = nth(t, PLAN_MOUNT_TREE, 0);
		change = nth(t, PLAN_MOUNT_CHANGE, 0);
		assert_non_null(tree);
		assert_ptr_equal(change, tree + 1);
		assert_string_equal(str(t, change->str[3]), "/x");
		if (memcmp(tree->num, cases[i].first, sizeof(tree->num)) ||
		    memcmp(change->num, cases[i].second, sizeof(change->num)) ||
		    tree->flags != cases[i].flags || change->flags)
			fail_msg("%s: other than expected", cases[i].options);
		assert_int_equal(teardown(state), 0);
	}
}

static void a_bind_on_proc_or_sys_follows_no_link(void **state)
{
	struct bench *t = *state;

	add_mount(t, "proc/", "bind", "dir", "");
	add_mount(t, "//sys", "bind", "dir", "");
	add_mount(t, "/sys/x", "bind", "dir", "");
	assert_int_equal(plan_it(t), 0);
	assert_int_equal(nth(t, PLAN_MOUNT_TREE, 0)->flags, PLAN_F_NOFOLLOW);
	assert_int_equal(nth(t, PLAN_MOUNT_TREE, 1)->flags, PLAN_F_NOFOLLOW);
	assert_int_equal(nth(t, PLAN_MOUNT_TREE, 2)->flags, 0);
}

static void copy_symlink_makes_the_link_again(void **state)
{
	struct bench *t = *state;

	add_mount(t, "/l", "bind", "link", "copy-symlink");
	add_mount(t, "/f", "bind", "file", "copy-symlink");
	assert_int_equal(plan_it(t), 0);
	assert_string_equal(str(t, at_target(t, PLAN_SYMLINK, "/l")->str[0]),
			    "file");
	assert_null(at_target(t, PLAN_MOUNT_TREE, "/l"));
	assert_non_null(at_target(t, PLAN_MOUNT_TREE, "/f"));
}

/* --- changes --------------------------------------------------------------------- */

static void a_remount_changes_what_is_there(void **state)
{
	static const struct {
		const char *type, *options, *vec;
		uint64_t set, clear, propagation, tree;
		uint16_t flags;
	} cases[] = {
		{ NULL, "remount,ro", "", RO, 0, 0, 0, 0 },
		{ "bind", "bind,remount,rw,nosuid", "", NOSUID, RO, 0, 0, 0 },
		{ "tmpfs", "remount,size=1m,sync", "sync,size=1m", 0, 0, 0, 0, 0 },
		{ "tmpfs", "remount,async", "async", 0, 0, 0, 0, 0 },
		{ "none", "rslave", "", 0, 0, MS_REC | MS_SLAVE, 0, 0 },
		{ "none", "remount,rro", "", 0, 0, 0, RO, 0 },
		{ "none", "remount,rrw", "", 0, RO, 0, 0, PLAN_F_CLEAR_TREE },
		{ "none", "nodev", "", NODEV, 0, 0, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct plan_op *op;
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		add_mount(t, "/x", cases[i].type, NULL, cases[i].options);
		assert_int_equal(plan_it(t), 0);
		op = nth(t, PLAN_MOUNT_CHANGE, 0);
		assert_non_null(op);
		if (op->num[0] != cases[i].set || op->num[1] != cases[i].clear ||
		    op->num[2] != cases[i].propagation ||
		    op->num[3] != cases[i].tree || op->flags != cases[i].flags)
			fail_msg("%s: other than expected", cases[i].options);
		assert_string_equal(vec(t, op->str[2]), cases[i].vec);
		assert_int_equal(teardown(state), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(binds_are_planned_from_their_options),
		cmocka_unit_test(what_one_operation_cannot_say_takes_two),
		WITH_BENCH(a_bind_on_proc_or_sys_follows_no_link),
		WITH_BENCH(copy_symlink_makes_the_link_again),
		cmocka_unit_test(a_remount_changes_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
