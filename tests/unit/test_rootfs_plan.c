/* SPDX-License-Identifier: Apache-2.0 */
/* What a configuration becomes in the start plan.  Nothing is mounted here, and
 * no privilege is needed: without it binds stay paths. */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

#include "rootfs/planner.h"
#include "rootfs/rootfs.h"
#include "unit/spec_build.h"
#include "util/auto.h"
#include "wire/plan.h"

#define RO MOUNT_ATTR_RDONLY
#define NOSUID MOUNT_ATTR_NOSUID
#define NODEV MOUNT_ATTR_NODEV
#define NOATIME MOUNT_ATTR_NOATIME
#define ATIME MOUNT_ATTR__ATIME

/* A request with a bundle that has a directory "dir", a file "file" and the
 * symlink "link" to the file, and the plan that comes of it. */
struct bench {
	struct arena a;
	struct oci_spec spec;
	struct oci_linux linux_;
	struct oci_root root;
	struct rootfs_request r;
	struct plan_builder *b;
	struct plan plan;
	unsigned char *bytes;
	struct err e;
	char dir[64];
};

static int setup(void **state)
{
	struct bench *t = calloc(1, sizeof(*t));
	int fd;

	t->b = malloc(sizeof(*t->b));
	plan_builder_init(t->b);
	strcpy(t->dir, "/tmp/berth-rootfs-XXXXXX");
	if (!mkdtemp(t->dir))
		return -1;
	t->r.bundle_fd = open(t->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = openat(t->r.bundle_fd, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0 || close(fd) < 0 || mkdirat(t->r.bundle_fd, "dir", 0700) < 0 ||
	    symlinkat("file", t->r.bundle_fd, "link") < 0)
		return -1;
	t->spec.linux_ = &t->linux_;
	t->linux_.namespaces[OCI_NS_MOUNT].listed = true;
	t->r.spec = &t->spec;
	t->r.rootfs = "/some/root";
	t->r.has_cgroup_ns = true;
	*state = t;
	return 0;
}

static int teardown(void **state)
{
	struct bench *t = *state;

	unlinkat(t->r.bundle_fd, "file", 0);
	unlinkat(t->r.bundle_fd, "link", 0);
	unlinkat(t->r.bundle_fd, "dir", AT_REMOVEDIR);
	close(t->r.bundle_fd);
	rmdir(t->dir);
	plan_builder_done(t->b);
	free(t->b);
	free(t->bytes);
	arena_free(&t->a);
	free(t);
	return 0;
}

static void add_mount(struct bench *t, const char *dest, const char *type,
		      const char *source, const char *options)
{
	spec_add_mount(&t->a, &t->spec,
		       (const char *const[3]){ dest, type, source }, options);
}

static struct oci_device *add_device(struct bench *t, const char *path,
				     const char *type, int64_t major,
				     int64_t minor)
{
	const struct oci_device d = {
		.path = spec_str(&t->a, path),
		.type = spec_str(&t->a, type),
		.major = major,
		.minor = minor,
	};

	return spec_add_device(&t->a, &t->linux_, &d);
}

/* Both halves, and the whole through the reader's check. */
static int plan_it(struct bench *t)
{
	size_t len;
	int r = rootfs_plan_mounts(t->b, &t->r, &t->a, &t->e);

	if (r == 0)
		r = rootfs_plan_finish(t->b, &t->r, &t->a, &t->e);
	if (r < 0)
		return r;
	assert_int_equal(plan_finish(t->b, &t->bytes, &len), 0);
	assert_int_equal(plan_open(t->bytes, len, &t->plan), 0);
	return 0;
}

/* The @nth operation with this code; NULL past the last. */
static const struct plan_op *nth(const struct bench *t, enum plan_code code,
				 unsigned int n)
{
	for (uint32_t i = 0; i < t->plan.header->n_ops; i++)
		if (t->plan.ops[i].code == code && n-- == 0)
			return &t->plan.ops[i];
	return NULL;
}

static const struct plan_op *at_target(const struct bench *t,
				       enum plan_code code, const char *target)
{
	const struct plan_op *op;

	for (unsigned int i = 0; (op = nth(t, code, i)); i++)
		if (strcmp(plan_get_str(&t->plan, op->str[3]), target) == 0)
			return op;
	return NULL;
}

static const char *str(const struct bench *t, uint32_t off)
{
	const char *s = plan_get_str(&t->plan, off);

	return s ? s : "(none)";
}

/* A vector as "a,b,c", "" for none. */
static const char *vec(struct bench *t, uint32_t off)
{
	const char *out = "", *s;
	uint32_t n;

	if (!off)
		return "";
	s = plan_get_vec(&t->plan, off, &n);
	for (uint32_t i = 0; i < n; i++, s += strlen(s) + 1)
		out = arena_printf(&t->a, "%s%s%s", out, i ? "," : "", s);
	return out;
}

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
		print_message("skipped: cloning a mount takes root\n");
		skip();
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
		{ "runbindable", MS_REC | MS_PRIVATE, MS_UNBINDABLE,
		  MS_UNBINDABLE, MS_REC | MS_UNBINDABLE },
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
		{ "tmpfs", "ro,tmpcopyup", "", RO, 0, PLAN_F_TMPCOPYUP },
		{ "tmpfs", "rro,rw", "", 0, 0, 0 },
		{ "tmpfs", "rro,nosuid", "", RO | NOSUID, 0, 0 },
		{ "tmpfs", "sync,noatime,dest-nofollow", "sync", NOATIME, 0,
		  PLAN_F_NOFOLLOW },
		{ "tmpfs", "rprivate,nodev", "", NODEV, 0, 0 },
		{ "tmpfs", "rshared", "", 0, MS_SHARED, 0 },
		{ "tmpfs", "unbindable", "", 0, MS_UNBINDABLE, 0 },
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
		assert_int_equal(op->num[2], 0755);
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
			assert_null(bind);
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
		bool new_userns;
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
		t->r.new_userns = cases[i].new_userns;
		t->linux_.gid_mappings = (struct oci_id_mappings){ 1, &map };
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

/* --- devices ------------------------------------------------------------------------ */

static void the_default_devices_and_links_are_there(void **state)
{
	static const struct {
		const char *path;
		unsigned int major, minor;
	} nodes[] = {
		{ "/dev/null", 1, 3 },	 { "/dev/zero", 1, 5 },
		{ "/dev/full", 1, 7 },	 { "/dev/random", 1, 8 },
		{ "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
	};
	static const struct { const char *path, *to; uint16_t flags; } links[] = {
		{ "/dev/fd", "/proc/self/fd", 0 },
		{ "/dev/stdin", "/proc/self/fd/0", 0 },
		{ "/dev/stdout", "/proc/self/fd/1", 0 },
		{ "/dev/stderr", "/proc/self/fd/2", 0 },
		{ "/dev/core", "/proc/kcore", 0 },
		{ "/dev/ptmx", "pts/ptmx", PLAN_F_REPLACE },
	};
	struct bench *t = *state;

	assert_int_equal(plan_it(t), 0);
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		const struct plan_op *op =
			at_target(t, PLAN_DEV_NODE, nodes[i].path);

		assert_non_null(op);
		assert_int_equal(op->num[0], S_IFCHR | 0666);
		assert_int_equal(op->num[1],
				 makedev(nodes[i].major, nodes[i].minor));
		assert_int_equal(op->num[2], 0);
		assert_string_equal(str(t, op->str[0]), nodes[i].path);
	}
	assert_null(nth(t, PLAN_DEV_NODE, ARRAY_LEN(nodes)));
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		const struct plan_op *op =
			at_target(t, PLAN_SYMLINK, links[i].path);

		assert_non_null(op);
		assert_string_equal(str(t, op->str[0]), links[i].to);
		assert_int_equal(op->flags, links[i].flags);
	}
}

static void devices_are_what_the_configuration_says(void **state)
{
	struct bench *t = *state;
	struct oci_device *d = add_device(t, "/dev/fuse", "u", 10, 229);
	const struct plan_op *op;

	d->file_mode = (struct oci_opt_u32){ true, 0100640 };
	d->uid = (struct oci_opt_u32){ true, 1000 };
	d->gid = (struct oci_opt_u32){ true, 4294967294u };
	add_device(t, "/srv/disk", "b", 0xfff, 0xfffff);
	add_device(t, "/srv/./fifo", "p", 0, 0);
	assert_int_equal(plan_it(t), 0);

	op = at_target(t, PLAN_DEV_NODE, "/dev/fuse");
	assert_int_equal(op->num[0], S_IFCHR | 0640);
	assert_int_equal(op->num[1], makedev(10, 229));
	assert_true(op->num[2] == ((uint64_t)1000 << 32 | 4294967294u));
	assert_string_equal(str(t, op->what), "linux.devices[0]: /dev/fuse");
	op = at_target(t, PLAN_DEV_NODE, "/srv/disk");
	assert_int_equal(op->num[0], S_IFBLK | 0666);
	assert_int_equal(op->num[1], makedev(0xfff, 0xfffff));
	op = at_target(t, PLAN_DEV_NODE, "/srv/fifo");
	assert_int_equal(op->num[0], S_IFIFO | 0666);
	assert_int_equal(op->num[1], 0);
	assert_int_equal(op->str[0], 0);
}

static void the_later_device_of_one_path_is_made(void **state)
{
	struct bench *t = *state;

	add_device(t, "/dev/null", "c", 4, 4);
	add_device(t, "/dev//null", "c", 5, 5);
	add_device(t, "/dev/ptmx", "c", 5, 2);
	assert_int_equal(plan_it(t), 0);
	assert_int_equal(at_target(t, PLAN_DEV_NODE, "/dev/null")->num[1],
			 makedev(5, 5));
	assert_null(nth(t, PLAN_DEV_NODE, 6));
	assert_null(at_target(t, PLAN_DEV_NODE, "/dev/ptmx"));
}

static void a_bound_dev_is_left_alone(void **state)
{
	struct bench *t = *state;

	add_mount(t, "/dev/", "bind", "dir", "rbind");
	add_device(t, "/dev/x", "c", 1, 1);
	assert_int_equal(plan_it(t), 0);
	assert_null(nth(t, PLAN_DEV_NODE, 0));
	assert_null(nth(t, PLAN_SYMLINK, 0));
}

static void a_dev_over_a_bound_one_gets_devices(void **state)
{
	struct bench *t = *state;

	add_mount(t, "/dev", "bind", "dir", "rbind");
	add_mount(t, "/dev", "tmpfs", "tmpfs", "");
	assert_int_equal(plan_it(t), 0);
	assert_non_null(nth(t, PLAN_DEV_NODE, 0));
}

/* --- refusals ------------------------------------------------------------------------ */

static void bad_mounts_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *dest, *type, *source, *options;
		int r;
		const char *text;
	} cases[] = {
		{ NULL, "tmpfs", "t", "", -EINVAL,
		  "mounts[1].destination: missing" },
		{ "", "tmpfs", "t", "", -EINVAL,
		  "mounts[1].destination: missing" },
		{ "/", "tmpfs", "t", "", -EINVAL,
		  "mounts[1].destination: /: the root itself cannot be mounted on" },
		{ "/a/../.", "bind", "dir", "", -EINVAL,
		  "mounts[1].destination: /a/../.: the root itself cannot be mounted on" },
		{ "/x", NULL, "t", "ro", -EINVAL,
		  "mounts[1].type: missing: only a bind or a remount needs none" },
		{ "/x", "none", "t", "", -EINVAL,
		  "mounts[1].type: missing: only a bind or a remount needs none" },
		{ "/x", "bind", NULL, "", -EINVAL,
		  "mounts[1].source: missing: a bind needs one" },
		{ "/x", "bind", "", "", -EINVAL,
		  "mounts[1].source: missing: a bind needs one" },
		{ "/x", "bind", "gone", "", -ENOENT,
		  "mounts[1].source: gone: No such file or directory" },
		{ "/x", "bind", "file/x", "", -ENOTDIR,
		  "mounts[1].source: file/x: Not a directory" },
		{ "/x", "bind", "gone", "copy-symlink", -ENOENT,
		  "mounts[1].source: gone: No such file or directory" },
		{ "/x", "bind", "dir", "size=1", -EINVAL,
		  "mounts[1].options: size=1: not an option of a bind mount" },
		{ "/x", "bind", "dir", "sync", -EINVAL,
		  "mounts[1].options: sync: not an option of a bind mount" },
		{ "/x", "bind", "dir", "tmpcopyup", -EINVAL,
		  "mounts[1].options: tmpcopyup: only for a tmpfs" },
		{ "/x", "bind", "dir", "idmap", -ENOTSUP,
		  "mounts[1].options: idmap: not supported by this version" },
		{ "/x", "cgroup", "cgroup", "cpu", -EINVAL,
		  "mounts[1].options: cpu: not an option of a container's cgroup mount" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
		size_t c = i / 2;
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		t->r.privileged = i % 2 && geteuid() == 0;
		t->r.rootfs = t->dir;
		add_mount(t, "/proc", "proc", "proc", "");
		add_mount(t, cases[c].dest, cases[c].type, cases[c].source,
			  cases[c].options);
		assert_int_equal(plan_it(t), cases[c].r);
		assert_string_equal(t->e.text, cases[c].text);
		assert_int_equal(teardown(state), 0);
	}
}

static void a_symlink_itself_cannot_be_bound_by_path(void **state)
{
	struct bench *t = *state;

	add_mount(t, "/x", "bind", "link", "src-nofollow");
	assert_int_equal(plan_it(t), -EPERM);
	assert_non_null(strstr(t->e.text, "mounts[0].source: link: "));
}

static void an_id_mapped_mount_is_refused(void **state)
{
	struct bench *t = *state;
	struct oci_id_mapping map = { 0, 1, 1 };

	add_mount(t, "/x", "bind", "dir", "");
	t->spec.mounts[0].gid_mappings = (struct oci_id_mappings){ 1, &map };
	assert_int_equal(plan_it(t), -ENOTSUP);
	assert_string_equal(t->e.text,
			    "mounts[0].gidMappings: not supported by this version");
}

static void bad_devices_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *path, *type;
		int64_t major, minor;
		int r;
		const char *text;
	} cases[] = {
		{ "dev/x", "c", 1, 1, -EINVAL,
		  "linux.devices[0]: path: dev/x: must be absolute" },
		{ NULL, "c", 1, 1, -EINVAL,
		  "linux.devices[0]: path: missing: must be absolute" },
		{ "/", "c", 1, 1, -EINVAL,
		  "linux.devices[0]: path: /: is the root itself" },
		{ "/x", "cc", 1, 1, -EINVAL,
		  "linux.devices[0]: type: cc: not one of c, b, u, p" },
		{ "/x", "", 1, 1, -EINVAL,
		  "linux.devices[0]: type: : not one of c, b, u, p" },
		{ "/x", NULL, 1, 1, -EINVAL,
		  "linux.devices[0]: type: missing: not one of c, b, u, p" },
		{ "/x", "c", -1, 1, -ERANGE,
		  "linux.devices[0]: major: -1 is not between 0 and 4095" },
		{ "/x", "b", 4096, 1, -ERANGE,
		  "linux.devices[0]: major: 4096 is not between 0 and 4095" },
		{ "/x", "c", 1, 1048576, -ERANGE,
		  "linux.devices[0]: minor: 1048576 is not between 0 and 1048575" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		add_device(t, cases[i].path, cases[i].type, cases[i].major,
			   cases[i].minor);
		assert_int_equal(plan_it(t), cases[i].r);
		assert_string_equal(t->e.text, cases[i].text);
		assert_int_equal(teardown(state), 0);
	}
}

static void relative_masks_and_unknown_propagation_are_refused(void **state)
{
	struct bench *t = *state;
	char bad[] = "sometimes";

	t->linux_.masked_paths = spec_split(&t->a, "/ok,proc/kcore");
	assert_int_equal(plan_it(t), -EINVAL);
	assert_string_equal(t->e.text,
			    "linux.maskedPaths[1]: proc/kcore: must be absolute");
	t->linux_.masked_paths.n = 0;
	t->linux_.readonly_paths = spec_split(&t->a, "x");
	assert_int_equal(plan_it(t), -EINVAL);
	assert_string_equal(t->e.text,
			    "linux.readonlyPaths[0]: x: must be absolute");
	t->linux_.rootfs_propagation = bad;
	assert_int_equal(plan_it(t), -EINVAL);
	assert_string_equal(t->e.text,
			    "linux.rootfsPropagation: sometimes: unknown");
}

static void without_a_mount_namespace_nothing_is_planned(void **state)
{
	struct bench *t = *state;

	t->linux_.namespaces[OCI_NS_MOUNT].listed = false;
	assert_int_equal(plan_it(t), -EINVAL);
	assert_int_equal(t->b->n_ops, 0);
}

static void every_lack_of_memory_is_reported(void **state)
{
	size_t need = 0;

	/* The first round finds out how much one run takes. */
	for (size_t limit = 0; limit <= need; limit = limit ? limit + 16 : 1) {
		struct bench *t;
		int r;

		assert_int_equal(setup(state), 0);
		t = *state;
		add_mount(t, "/x", "bind", "dir", "rrw,ro");
		add_mount(t, "/t", "tmpfs", "tmpfs", "size=1k");
		add_device(t, "/dev/x", "c", 1, 1);
		if (limit)
			t->a.limit = t->a.used + limit;
		else
			need = t->a.used;
		r = rootfs_plan_mounts(t->b, &t->r, &t->a, &t->e);
		if (!limit) {
			assert_int_equal(r, 0);
			need = t->a.used - need;
		} else if (limit < need) {
			assert_true(r == -ENOMEM || r == -EIO ||
				    t->b->failed == ENOMEM);
		}
		assert_int_equal(teardown(state), 0);
	}
	assert_true(need > 0);
}

#define WITH_BENCH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

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
		cmocka_unit_test(binds_are_planned_from_their_options),
		cmocka_unit_test(what_one_operation_cannot_say_takes_two),
		WITH_BENCH(a_bind_on_proc_or_sys_follows_no_link),
		WITH_BENCH(copy_symlink_makes_the_link_again),
		cmocka_unit_test(a_remount_changes_what_is_there),
		WITH_BENCH(the_default_devices_and_links_are_there),
		WITH_BENCH(devices_are_what_the_configuration_says),
		WITH_BENCH(the_later_device_of_one_path_is_made),
		WITH_BENCH(a_bound_dev_is_left_alone),
		WITH_BENCH(a_dev_over_a_bound_one_gets_devices),
		cmocka_unit_test(bad_mounts_are_refused_with_their_place),
		WITH_BENCH(a_symlink_itself_cannot_be_bound_by_path),
		WITH_BENCH(an_id_mapped_mount_is_refused),
		cmocka_unit_test(bad_devices_are_refused_with_their_place),
		WITH_BENCH(relative_masks_and_unknown_propagation_are_refused),
		WITH_BENCH(without_a_mount_namespace_nothing_is_planned),
		cmocka_unit_test(every_lack_of_memory_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
