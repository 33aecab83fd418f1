/* SPDX-License-Identifier: Apache-2.0 */
/* The frame of a root, file systems, user namespaces, cgroups. */
#include "unit/unit.h"

#include "rootfs/planner.h"
#include "unit/rootfs_bench.h"

/* --- the frame -------------------------------------------------------------- */

static void the_frame_is_in_order(void **state)
{
	struct bench *t = *state;
	static const enum plan_code order[] = {
		PLAN_PROPAGATION, PLAN_ROOT, PLAN_MOUNT_FS, PLAN_DEV_NODE,
		PLAN_SYMLINK, PLAN_DIR, PLAN_CONSOLE, PLAN_MASK, PLAN_READONLY,
		PLAN_ROOT_ATTR, PLAN_PIVOT,
	};
	struct oci_box box = { .height = 25, .width = 80 };
	char cwd[] = "/srv//./data/";
	struct oci_process proc = { .terminal = true, .console_size = &box,
				    .cwd = cwd, .user.uid = 1000 };
	const struct plan_op *last = NULL, *op;

	t->root.readonly = true;
	t->spec.root = &t->root;
	t->spec.process = &proc;
	add_mount(t, "/proc", "proc", "proc", "");
	t->linux_.masked_paths = spec_split(&t->a, "/proc/kcore,/proc/keys");
	t->linux_.readonly_paths = spec_split(&t->a, "/proc/sys");
	assert_int_equal(plan_it(t), 0);

	for (size_t i = 0; i < ARRAY_LEN(order); i++) {
		op = nth(t, order[i], 0);
		assert_non_null(op);
		assert_true(!last || op > last);
		last = op;
	}
	assert_string_equal(str(t, nth(t, PLAN_ROOT, 0)->str[0]), "/some/root");
	assert_string_equal(str(t, nth(t, PLAN_DIR, 0)->str[3]), "/srv/data");
	op = nth(t, PLAN_CONSOLE, 0);
	assert_int_equal(op->num[0], 25);
	assert_int_equal(op->num[1], 80);
	assert_int_equal(op->num[2], 1000);
	assert_int_equal(op->flags, PLAN_F_BIND);
	assert_string_equal(str(t, nth(t, PLAN_MASK, 1)->str[3]), "/proc/keys");
	assert_string_equal(str(t, nth(t, PLAN_MASK, 1)->what),
			    "linux.maskedPaths[1]: /proc/keys");
	assert_null(nth(t, PLAN_MASK, 2));
	assert_int_equal(nth(t, PLAN_ROOT_ATTR, 0)->num[0], RO);
}

static void what_is_not_asked_for_is_not_planned(void **state)
{
	struct bench *t = *state;
	char cwd[] = "/";
	struct oci_process proc = { .cwd = cwd };

	t->spec.process = &proc;
	assert_int_equal(plan_it(t), 0);
	assert_null(nth(t, PLAN_CONSOLE, 0));
	assert_null(nth(t, PLAN_DIR, 0));
	assert_null(nth(t, PLAN_ROOT_ATTR, 0));
	assert_int_equal(nth(t, PLAN_PIVOT, 0)->flags, 0);
	assert_int_equal(nth(t, PLAN_PIVOT, 0)->num[0], 0);
}

static void no_pivot_is_passed_on(void **state)
{
	struct bench *t = *state;

	t->r.no_pivot = true;
	assert_int_equal(plan_it(t), 0);
	assert_int_equal(nth(t, PLAN_PIVOT, 0)->flags, PLAN_F_NO_PIVOT);
}

static void a_joined_mount_namespace_is_not_pivoted(void **state)
{
	struct bench *t = *state;

	t->r.joined_mount_ns = true;
	t->r.privileged = true;
	t->r.rootfs = t->dir;
	if (plan_it(t) == -EPERM && geteuid() != 0) {
		skip_because("cloning a mount takes root");
	}
	assert_null(nth(t, PLAN_PROPAGATION, 0));
	assert_null(nth(t, PLAN_PIVOT, 0));
	assert_int_equal(nth(t, PLAN_CHROOT, 0)->fd[0],
			 nth(t, PLAN_ROOT, 0)->fd[0]);
}

static void rootfs_propagation_reaches_root_pivot_and_mounts(void **state)
{
	static const struct {
		const char *name;
		uint64_t root, pivot, fs, bind;
	} cases[] = {
		{ NULL, MS_REC | MS_PRIVATE, 0, 0, MS_REC | MS_PRIVATE },
		{ "private", MS_REC | MS_PRIVATE, 0, 0, MS_REC | MS_PRIVATE },
		{ "rslave", MS_REC | MS_SLAVE, 0, 0, MS_REC | MS_SLAVE },
		{ "slave", MS_REC | MS_SLAVE, 0, 0, MS_REC | MS_SLAVE },
		{ "shared", MS_REC | MS_SLAVE, MS_SHARED, 0,
		  MS_REC | MS_SHARED },
		{ "rshared", MS_REC | MS_SLAVE, MS_SHARED, MS_SHARED,
		  MS_REC | MS_SHARED },
		{ "runbindable", MS_REC | MS_PRIVATE, MS_UNBINDABLE, 0,
		  MS_REC | MS_PRIVATE },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		t->linux_.rootfs_propagation = spec_str(&t->a, cases[i].name);
		add_mount(t, "/t", "tmpfs", "tmpfs", "");
		add_mount(t, "/b", "bind", "dir", "");
		assert_int_equal(plan_it(t), 0);
		assert_int_equal(nth(t, PLAN_PROPAGATION, 0)->num[0],
				 MS_REC | MS_SLAVE);
		assert_int_equal(nth(t, PLAN_ROOT, 0)->num[0], cases[i].root);
		assert_int_equal(nth(t, PLAN_PIVOT, 0)->num[0], cases[i].pivot);
		assert_int_equal(nth(t, PLAN_MOUNT_FS, 0)->num[1], cases[i].fs);
		assert_int_equal(nth(t, PLAN_MOUNT_TREE, 0)->num[2],
				 cases[i].bind);
		assert_int_equal(teardown(state), 0);
	}
}

/* --- file systems ------------------------------------------------------------ */

static void file_systems_get_their_options_sorted_out(void **state)
{
	static const struct {
		const char *type, *options, *vec;
		uint64_t attrs, propagation;
		uint16_t flags;
	} cases[] = {
		{ "tmpfs", "nosuid,nodev,mode=755,size=64k",
		  "mode=755,size=64k", NOSUID | NODEV, 0, 0 },
		{ "tmpfs", "ro,tmpcopyup", "", RO, 0,
		  PLAN_F_TMPCOPYUP | PLAN_F_KEEP_MODE },
		{ "tmpfs", "rro,rw", "", 0, 0,
		  PLAN_F_KEEP_MODE },
		{ "tmpfs", "rro,nosuid", "", RO | NOSUID, 0,
		  PLAN_F_KEEP_MODE },
		{ "tmpfs", "sync,noatime,dest-nofollow", "sync", NOATIME, 0,
		  PLAN_F_NOFOLLOW | PLAN_F_KEEP_MODE },
		{ "tmpfs", "rprivate,nodev", "", NODEV, 0,
		  PLAN_F_KEEP_MODE },
		{ "tmpfs", "rshared", "", 0, MS_SHARED,
		  PLAN_F_KEEP_MODE },
		{ "tmpfs", "unbindable", "", 0, MS_UNBINDABLE,
		  PLAN_F_KEEP_MODE },
		{ "proc", "nosuid", "", NOSUID, 0, PLAN_F_NOFOLLOW },
		{ "sysfs", "ro", "", RO, 0, PLAN_F_NOFOLLOW },
		{ "mqueue", "ro", "", RO, 0, 0 },
		{ "ext4", "ro,errors=continue", "errors=continue,ro", RO, 0, 0 },
		{ "ext4", "rw", "", 0, 0, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct plan_op *op;
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		add_mount(t, "/some/where", cases[i].type, "src",
			  cases[i].options);
		assert_int_equal(plan_it(t), 0);
		op = nth(t, PLAN_MOUNT_FS, 0);
		assert_non_null(op);
		assert_string_equal(str(t, op->str[0]), cases[i].type);
		assert_string_equal(str(t, op->str[1]), "src");
		assert_string_equal(vec(t, op->str[2]), cases[i].vec);
		assert_string_equal(str(t, op->str[3]), "/some/where");
		assert_string_equal(str(t, op->what), "mounts[0]: /some/where");
		assert_int_equal(op->num[0], cases[i].attrs);
		assert_int_equal(op->num[1], cases[i].propagation);
		assert_int_equal(op->num[2], op->flags & PLAN_F_KEEP_MODE
						     ? 01777 : 0755);
		assert_int_equal(op->flags, cases[i].flags);
		assert_int_equal(teardown(state), 0);
	}
}

static void destinations_are_made_clean_and_absolute(void **state)
{
	static const struct { const char *in, *out; } cases[] = {
		{ "/a", "/a" },		 { "a", "/a" },
		{ "a/b/", "/a/b" },	 { "//a//b", "/a/b" },
		{ "/a/./b", "/a/b" },	 { "/a/../b", "/b" },
		{ "../../b", "/b" },	 { "/a/..", "/" },
		{ "/", "/" },		 { "", "/" },
		{ ".", "/" },		 { "..", "/" },
		{ "/...", "/..." },	 { "/.a", "/.a" },
		{ "/a/b/../../..", "/" }, { "/..a/b", "/..a/b" },
	};
	struct bench *t = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(clean_path(&t->a, cases[i].in),
				    cases[i].out);
}

static void mounts_keep_their_order(void **state)
{
	struct bench *t = *state;

	add_mount(t, "/a/b", "tmpfs", NULL, "");
	add_mount(t, "/a", "tmpfs", NULL, "");
	add_mount(t, "/a/b", "bind", "dir", "");
	assert_int_equal(plan_it(t), 0);
	assert_string_equal(str(t, nth(t, PLAN_MOUNT_FS, 0)->str[3]), "/a/b");
	assert_string_equal(str(t, nth(t, PLAN_MOUNT_FS, 1)->str[3]), "/a");
	assert_true(nth(t, PLAN_MOUNT_TREE, 0) > nth(t, PLAN_MOUNT_FS, 1));
	assert_int_equal(nth(t, PLAN_MOUNT_FS, 0)->str[1], 0);
}

/* --- user namespaces ---------------------------------------------------------- */

static void a_user_namespace_binds_what_it_may_not_mount(void **state)
{
	static const struct {
		const char *type, *host;
		enum oci_ns ns;
	} cases[] = {
		{ "proc", "/proc", OCI_NS_PID },
		{ "sysfs", "/sys", OCI_NS_NETWORK },
	};
	enum { NOT_LISTED, CREATED, JOINED, HOW };

	for (size_t i = 0; i < ARRAY_LEN(cases) * HOW * 2; i++) {
		size_t c = i / HOW / 2;
		unsigned int how = i / 2 % HOW;
		bool new_userns = i % 2;
		char path[] = "/proc/1/ns/x";
		const struct plan_op *bind;
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		t->linux_.namespaces[OCI_NS_USER].listed = true;
		t->r.new_userns = new_userns;
		t->linux_.namespaces[cases[c].ns] = (struct oci_namespace){
			.listed = how != NOT_LISTED,
			.path = how == JOINED ? path : NULL,
		};
		add_mount(t, "/x", cases[c].type, "x", "ro,nosuid");
		assert_int_equal(plan_it(t), 0);
		bind = nth(t, PLAN_MOUNT_TREE, 0);
		if (how == CREATED || (how == JOINED && !new_userns)) {
			/* a new sysfs is refused to who sees only part of the old */
			if (c == 0)
				assert_null(bind);
			else
				assert_true(bind->flags & PLAN_F_INSTEAD);
			assert_non_null(nth(t, PLAN_MOUNT_FS, 0));
		} else {
			assert_null(nth(t, PLAN_MOUNT_FS, 0));
			assert_string_equal(str(t, bind->str[0]), cases[c].host);
			assert_int_equal(bind->flags, PLAN_F_RECURSIVE);
			assert_int_equal(bind->num[0], RO | NOSUID);
			assert_int_equal(bind->num[3], RO);
			assert_int_equal(bind->num[2], MS_REC | MS_PRIVATE);
		}
		assert_int_equal(teardown(state), 0);
	}
}

static void options_of_a_bound_proc_are_refused(void **state)
{
	struct bench *t = *state;

	t->r.new_userns = true;
	add_mount(t, "/proc", "proc", "proc", "nosuid,hidepid=2");
	assert_int_equal(plan_it(t), -EINVAL);
	assert_non_null(strstr(t->e.text, "mounts[0].options: hidepid=2: "));
}

static void an_unmapped_group_of_devpts_is_left_out(void **state)
{
	static const struct {
		bool gids;
		struct oci_id_mapping map;
		const char *vec;
	} cases[] = {
		{ false, { 0, 0, 1 }, "newinstance,gid=5,mode=0620" },
		{ true, { 0, 100000, 1 }, "newinstance,mode=0620" },
		{ true, { 0, 100000, 5 }, "newinstance,mode=0620" },
		{ true, { 0, 100000, 6 }, "newinstance,gid=5,mode=0620" },
		{ true, { 5, 100000, 1 }, "newinstance,gid=5,mode=0620" },
		{ true, { 6, 100000, 4294967289u }, "newinstance,mode=0620" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct oci_id_mapping map = cases[i].map;
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		t->linux_.gid_mappings = (struct oci_id_mappings){ 1, &map };
		t->r.gids = cases[i].gids ? &t->linux_.gid_mappings : NULL;
		add_mount(t, "/dev/pts", "devpts", "devpts",
			  "newinstance,gid=5,mode=0620");
		add_mount(t, "/t", "tmpfs", "tmpfs", "gid=5");
		assert_int_equal(plan_it(t), 0);
		assert_string_equal(vec(t, nth(t, PLAN_MOUNT_FS, 0)->str[2]),
				    cases[i].vec);
		assert_string_equal(vec(t, nth(t, PLAN_MOUNT_FS, 1)->str[2]),
				    "gid=5");
		assert_int_equal(teardown(state), 0);
	}
}

/* --- cgroups ------------------------------------------------------------------- */

static void cgroup_is_mounted_or_bound(void **state)
{
	static const struct {
		bool new_userns, cgroup_ns;
		bool own_dir;
		bool bound;
		uint64_t tree;
	} cases[] = {
		{ false, true, true, false, 0 },
		{ false, false, true, false, 0 },
		{ true, true, true, false, 0 },
		{ true, false, true, true, 0 },
		{ true, false, false, true, RO },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct plan_op *op;
		struct bench *t;

		if (cases[i].bound && !cases[i].own_dir &&
		    access("/sys/fs/cgroup", F_OK) != 0)
			continue;
		assert_int_equal(setup(state), 0);
		t = *state;
		t->r.new_userns = cases[i].new_userns;
		t->r.has_cgroup_ns = cases[i].cgroup_ns;
		t->r.cgroup_dir = cases[i].own_dir ? t->dir : NULL;
		add_mount(t, "/sys/fs/cgroup", i % 2 ? "cgroup" : "cgroup2",
			  "cgroup", "nosuid,rw,rprivate,relatime");
		assert_int_equal(plan_it(t), 0);
		op = nth(t, cases[i].bound ? PLAN_MOUNT_TREE : PLAN_MOUNT_CGROUP,
			 0);
		assert_non_null(op);
		assert_string_equal(str(t, op->str[3]), "/sys/fs/cgroup");
		if (cases[i].bound)
			assert_string_equal(str(t, op->str[0]),
					    cases[i].own_dir ? t->dir
							     : "/sys/fs/cgroup");
		assert_int_equal(op->num[0], NOSUID | cases[i].tree);
		assert_int_equal(op->num[3], cases[i].tree);
		assert_null(nth(t, PLAN_MOUNT_CHANGE, 0));
		assert_int_equal(teardown(state), 0);
	}
}

static void the_flags_of_the_cgroup_hierarchy_are_read(void **state)
{
	static const struct {
		const char *text, *want; /* with a blank behind each */
	} cases[] = {
		{ "", "" },
		{ "41 31 0:38 / /c rw - cgroup2 cgroup2 rw\n", "" },
		{ "41 31 0:38 / /c rw - cgroup2", "" },
		{ "41 31 0:38 / /c rw - cgroup2 cgroup2", "" },
		{ "41 31 0:38 / /a rw - cgroup none rw,nsdelegate\n", "" },
		{ "40 31 0:37 / /a rw - tmpfs tmpfs rw\n"
		  "41 31 0:38 / /c rw,nosuid shared:4 - cgroup2 a\\040b "
		  "rw,seclabel,nsdelegate,memory_recursiveprot\n"
		  "42 31 0:39 / /d rw - tmpfs tmpfs rw,pids_localevents\n",
		  "nsdelegate memory_recursiveprot " },
		{ "41 31 0:38 / /c rw - cgroup2 c rw,nsdelegate2,favordynmods",
		  "favordynmods " },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bench *t = *state;
		struct oci_strv v;
		char got[256] = "";

		assert_int_equal(cgroup_flags(cases[i].text, &t->a, &v), 0);
		for (size_t k = 0; k < v.n; k++)
			strcat(strcat(got, v.v[k]), " ");
		assert_string_equal(got, cases[i].want);
	}
}

static void only_a_user_without_privileges_gets_another_way(void **state)
{
	static const struct {
		const char *type, *options;
		bool in_userns, other_way;
	} cases[] = {
		{ "sysfs", "ro", true, true },
		{ "cgroup", "ro", true, true },
		{ "sysfs", "ro", false, false },
		{ "cgroup", "ro", false, false },
		{ "sysfs", "ro,sync", true, false },
		{ "tmpfs", "ro", true, false },
		{ "proc", "ro", true, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct plan_op *op;
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		t->r.in_userns = cases[i].in_userns;
		t->r.has_cgroup_ns = true;
		for (unsigned int k = 0; k < OCI_NS_COUNT; k++)
			t->linux_.namespaces[k].listed = k != OCI_NS_USER;
		add_mount(t, "/x", cases[i].type, "x", cases[i].options);
		assert_int_equal(plan_it(t), 0);
		op = nth(t, PLAN_MOUNT_TREE, 0);
		assert_int_equal(op != NULL, cases[i].other_way);
		if (op)
			assert_true(op->flags & PLAN_F_INSTEAD);
		assert_int_equal(teardown(state), 0);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BENCH(the_frame_is_in_order),
		WITH_BENCH(what_is_not_asked_for_is_not_planned),
		WITH_BENCH(no_pivot_is_passed_on),
		WITH_BENCH(a_joined_mount_namespace_is_not_pivoted),
		cmocka_unit_test(rootfs_propagation_reaches_root_pivot_and_mounts),
		cmocka_unit_test(file_systems_get_their_options_sorted_out),
		WITH_BENCH(destinations_are_made_clean_and_absolute),
		WITH_BENCH(mounts_keep_their_order),
		cmocka_unit_test(a_user_namespace_binds_what_it_may_not_mount),
		WITH_BENCH(options_of_a_bound_proc_are_refused),
		cmocka_unit_test(an_unmapped_group_of_devpts_is_left_out),
		cmocka_unit_test(cgroup_is_mounted_or_bound),
		WITH_BENCH(the_flags_of_the_cgroup_hierarchy_are_read),
		cmocka_unit_test(only_a_user_without_privileges_gets_another_way),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
