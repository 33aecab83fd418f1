/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Against a fake: no machine here has resctrl.  A directory stands for the file
 * system, and where the kernel would put files into a new group, or take them
 * away with it, mkdirat and unlinkat of this program do.  In a new group they
 * are fifos that are held open, so that every write can be read, in order.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <unistd.h>

#include "container/container.h"
#include "oci/intel_rdt.h"
#include "oci/spec.h"
#include "resctrl/resctrl.h"
#include "unit/unit.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/err.h"
#include "util/fs.h"
#include "util/log.h"

static struct fake {
	char path[40], mount[48];
	struct arena a;
	struct err e;
	bool no_schemata; /* new groups have none: a write fails */
	const char *tasks; /* who is in a new group; NULL: what is written to it
			    * is kept */
	int held[64];
	size_t n_held;
} fake;

/* --- the kernel's part --------------------------------------------------------- */

static void file(const char *dir, const char *name, const char *text)
{
	char path[256];
	int fd;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void fifo(const char *dir, const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_true(fake.n_held < ARRAY_LEN(fake.held));
	fake.held[fake.n_held] = open(path, O_RDWR | O_NONBLOCK | O_CLOEXEC);
	assert_true(fake.held[fake.n_held++] >= 0);
}

static bool is_fake(const char *path)
{
	return fake.mount[0] &&
	       strncmp(path, fake.mount, strlen(fake.mount)) == 0;
}

int mkdirat(int dirfd, const char *path, mode_t mode)
{
	char sub[256];
	long r = syscall(SYS_mkdirat, dirfd, path, mode);

	if (r < 0 || !is_fake(path))
		return (int)r;
	if (fake.tasks)
		file(path, "tasks", fake.tasks);
	else
		fifo(path, "tasks");
	if (strstr(path, "/mon_groups/"))
		return 0;
	if (!fake.no_schemata)
		fifo(path, "schemata");
	snprintf(sub, sizeof(sub), "%s/mon_groups", path);
	return (int)syscall(SYS_mkdirat, AT_FDCWD, sub, 0755);
}

int unlinkat(int dirfd, const char *path, int flags)
{
	static const struct { const char *name; int flags; } inside[] = {
		{ "tasks", 0 }, { "schemata", 0 }, { "mon_groups", AT_REMOVEDIR },
	};
	char sub[256];

	if ((flags & AT_REMOVEDIR) && is_fake(path))
		for (size_t i = 0; i < ARRAY_LEN(inside); i++) {
			snprintf(sub, sizeof(sub), "%s/%s", path, inside[i].name);
			syscall(SYS_unlinkat, AT_FDCWD, sub, inside[i].flags);
		}
	return (int)syscall(SYS_unlinkat, dirfd, path, flags);
}

/* What was written into a file so far. */
static const char *written(const char *group, const char *name)
{
	static char text[4096];
	char path[256];
	ssize_t n;
	int fd;

	snprintf(path, sizeof(path), "%s/%s/%s", fake.mount, group, name);
	fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
	assert_true(fd >= 0);
	n = read(fd, text, sizeof(text) - 1);
	close(fd);
	text[n > 0 ? n : 0] = '\0';
	return text;
}

static bool there(const char *group)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", fake.mount, group);
	return access(path, F_OK) == 0;
}

#define ROOT_SCHEMATA "    MB:0=100;1=100\n    L3:0=7ff;1=7FF\n"

static int setup(void **state)
{
	char path[128];

	memset(&fake, 0, sizeof(fake));
	strcpy(fake.path, "/tmp/berth-resctrl-XXXXXX");
	if (!mkdtemp(fake.path))
		return -1;
	snprintf(path, sizeof(path), "%s/resctrl", fake.path);
	mkdir(path, 0755);
	snprintf(path, sizeof(path), "%s/resctrl/info", fake.path);
	mkdir(path, 0755);
	file(path, "last_cmd_status", "ok\n");
	snprintf(path, sizeof(path), "%s/resctrl/mon_groups", fake.path);
	mkdir(path, 0755);
	snprintf(fake.mount, sizeof(fake.mount), "%s/resctrl", fake.path);
	fifo(fake.mount, "tasks");
	file(fake.mount, "schemata", ROOT_SCHEMATA);
	return 0;
}

static int teardown(void **state)
{
	char root[64];
	struct log log = { .fd = -1 };
	const struct context ctx = { .root = root, .log = &log };

	/* Of a test that failed: it would hold this program's streams. */
	snprintf(root, sizeof(root), "%s/state", fake.path);
	container_delete(&ctx, "web", true, NULL);
	fake.mount[0] = '\0';
	for (size_t i = 0; i < fake.n_held; i++)
		close(fake.held[i]);
	arena_free(&fake.a);
	return fs_remove_tree(AT_FDCWD, fake.path, NULL);
}

/* A group that somebody has made before. */
static void shared(const char *name)
{
	char path[256];

	snprintf(path, sizeof(path), "%s/%s", fake.mount, name);
	assert_int_equal(syscall(SYS_mkdirat, AT_FDCWD, path, 0755), 0);
	file(path, "schemata", ROOT_SCHEMATA);
	fifo(path, "tasks");
	snprintf(path, sizeof(path), "%s/%s/mon_groups", fake.mount, name);
	assert_int_equal(syscall(SYS_mkdirat, AT_FDCWD, path, 0755), 0);
}

/* --- the mechanism ---------------------------------------------------------------- */

#define TEXT(s) ((char *)(uintptr_t)(s))

static int place(const char *id, const struct oci_intel_rdt *rdt,
		 struct resctrl_group *g)
{
	int r = resctrl_choose(fake.mount, id, rdt, &fake.a, g, &fake.e);

	return r < 0 ? r : resctrl_make(g, rdt, &fake.e);
}

static void a_group_of_its_own_comes_and_goes(void **state)
{
	char *lines[] = { TEXT("L2:0=f"), TEXT("MB:0=30"), NULL };
	const struct oci_intel_rdt rdt = {
		.mem_bw_schema = TEXT("MB:0=20;1=70"),
		.l3_cache_schema = TEXT("L3:0=7f0;1=1f"),
		.schemata = { 2, lines },
		.enable_monitoring = { true, true },
	};
	struct resctrl_group g;

	assert_int_equal(place("web", &rdt, &g), 0);
	assert_string_equal(written("web", "schemata"),
			    "L3:0=7f0;1=1f\nMB:0=20;1=70\nL2:0=f\nMB:0=30\n");
	assert_int_equal(resctrl_attach(&g, 123, &fake.e), 0);
	assert_string_equal(written("web", "tasks"), "123");
	assert_string_equal(written("web/mon_groups/web", "tasks"), "123");
	assert_int_equal(resctrl_remove(&g, &fake.e), 0);
	assert_false(there("web"));
	/* Once more: it is gone, which is what was wanted. */
	assert_int_equal(resctrl_remove(&g, &fake.e), 0);
}

static void nothing_asked_is_a_group_without_schemata(void **state)
{
	const struct oci_intel_rdt rdt = { 0 };
	struct resctrl_group g;

	assert_int_equal(place("web", &rdt, &g), 0);
	assert_string_equal(written("web", "schemata"), "");
	assert_null(g.monitor);
	assert_int_equal(resctrl_remove(&g, &fake.e), 0);
	assert_false(there("web"));
}

static void a_group_that_is_there_is_not_taken_over(void **state)
{
	const struct oci_intel_rdt rdt = { 0 };
	struct resctrl_group g;

	shared("web");
	assert_int_equal(place("web", &rdt, &g), -EEXIST);
	assert_non_null(strstr(fake.e.text, "not this container's"));
	for (const char *const *id = (const char *const[]){ "info", "mon_groups",
							    "mon_data", NULL };
	     *id; id++)
		assert_int_equal(place(*id, &rdt, &g), -EINVAL);
}

static void somebody_may_be_faster(void **state)
{
	const struct oci_intel_rdt rdt = { 0 };
	struct resctrl_group g;

	assert_int_equal(resctrl_choose(fake.mount, "web", &rdt, &fake.a, &g,
					&fake.e), 0);
	shared("web");
	assert_int_equal(resctrl_make(&g, &rdt, &fake.e), -EEXIST);
	assert_true(there("web"));
}

static void a_closid_stays(void **state)
{
	const struct oci_intel_rdt rdt = {
		.clos_id = TEXT("gold"),
		.l3_cache_schema = TEXT("L3:0=f"),
		.enable_cmt = { true, true },
	};
	struct resctrl_group g;

	assert_int_equal(place("web", &rdt, &g), 0);
	assert_string_equal(written("gold", "schemata"), "L3:0=f\n");
	assert_true(there("gold/mon_groups/web"));
	assert_false(there("web"));
	assert_int_equal(resctrl_attach(&g, 7, &fake.e), 0);
	assert_string_equal(written("gold", "tasks"), "7");
	assert_int_equal(resctrl_remove(&g, &fake.e), 0);
	assert_true(there("gold"));
	assert_false(there("gold/mon_groups/web"));
}

static void a_closid_without_schemata_has_to_be_there(void **state)
{
	const struct oci_intel_rdt rdt = { .clos_id = TEXT("gold") };
	struct resctrl_group g;

	assert_int_equal(place("web", &rdt, &g), -ENOENT);
	assert_non_null(strstr(fake.e.text, "linux.intelRdt.closID: "));
	shared("gold");
	assert_int_equal(place("web", &rdt, &g), 0);
	assert_string_equal(written("gold", "schemata"), ROOT_SCHEMATA);
}

static void the_root_group_is_a_closid_too(void **state)
{
	const struct oci_intel_rdt rdt = { .clos_id = TEXT("/"),
					   .enable_monitoring = { true, true } };
	struct resctrl_group g;

	assert_int_equal(place("web", &rdt, &g), 0);
	assert_true(there("mon_groups/web"));
	assert_int_equal(resctrl_attach(&g, 9, &fake.e), 0);
	assert_string_equal(written(".", "tasks"), "9");
	assert_int_equal(resctrl_remove(&g, &fake.e), 0);
	assert_true(there("schemata"));
	assert_false(there("mon_groups/web"));
}

static void a_closid_that_says_something_else_is_refused(void **state)
{
	const struct oci_intel_rdt same = { .clos_id = TEXT("gold"),
					    .l3_cache_schema = TEXT("L3:1=7ff"),
					    .mem_bw_schema = TEXT("MB:0=100") },
		l3 = { .clos_id = TEXT("gold"), .l3_cache_schema = TEXT("L3:0=f") },
		mb = { .clos_id = TEXT("gold"), .mem_bw_schema = TEXT("MB:0=10") };
	struct resctrl_group g;

	shared("gold");
	assert_int_equal(place("web", &same, &g), 0);
	assert_int_equal(place("web", &l3, &g), -EINVAL);
	assert_non_null(strstr(fake.e.text, "linux.intelRdt.l3CacheSchema: "
					    "\"L3:0=f\" is not what"));
	assert_int_equal(place("web", &mb, &g), -EINVAL);
	assert_non_null(strstr(fake.e.text, "memBwSchema"));
	assert_true(there("gold"));
}

static void bandwidth_in_the_l3_schema_counts_for_nothing(void **state)
{
	const struct oci_intel_rdt rdt = {
		.l3_cache_schema = TEXT("MB:0=10\nL3:0=f\n\nL3CODE:0=3\nMB:1=2"),
	};
	struct resctrl_group g;

	assert_int_equal(place("web", &rdt, &g), 0);
	assert_string_equal(written("web", "schemata"), "L3:0=f\nL3CODE:0=3\n");
}

static void what_the_kernel_says_is_in_the_message(void **state)
{
	char *lines[] = { TEXT("L9:0=f"), NULL }, info[64];
	const struct oci_intel_rdt rdt = { .schemata = { 1, lines } };
	struct resctrl_group g;

	fake.no_schemata = true;
	snprintf(info, sizeof(info), "%s/info", fake.mount);
	file(info, "last_cmd_status", "Unknown or unsupported resource name 'L9'\n");
	assert_true(place("web", &rdt, &g) < 0);
	assert_string_equal(fake.e.text, "linux.intelRdt.schemata[0]: \"L9:0=f\": "
			    "Unknown or unsupported resource name 'L9'");
	assert_false(there("web")); /* nothing is left */
	file(info, "last_cmd_status", "ok\n");
	assert_int_equal(place("web", &rdt, &g), -ENOENT);
	assert_non_null(strstr(fake.e.text, "write \"L9:0=f\" to"));
}

static void lines_differ_or_they_do_not(void **state)
{
	static const char schemata[] = "    MB:0=100;1=50\n  L3:0=7ff;1=0ff\n";
	static const char *const same[] = {
		"L3:0=7ff;1=ff", "L3:1=0FF", "L3:0=007ff", "L3:", "MB:1=50",
		"MB:0=100;1=50;", "MB:0=100\nL3:0=1",
	};
	static const char *const other[] = {
		"L3:0=7fe", "L3:2=7ff", "MB:0=64", "MB:0=0x64", "L2:0=f", "L3",
		"", "L3:0", "L3:0=", "L3:=7ff", "L3:0=7ff;x", "L3:0=7ff;;1=ff",
		"3:0=7ff", "L3:0=10000000000000000", "L3:-1=f",
		"MB:4294967296=100",
	};

	for (size_t i = 0; i < ARRAY_LEN(same); i++)
		if (resctrl_differs(schemata, same[i]))
			fail_msg("%s", same[i]);
	for (size_t i = 0; i < ARRAY_LEN(other); i++)
		if (!resctrl_differs(schemata, other[i]))
			fail_msg("%s", other[i]);
	assert_true(resctrl_differs("", "L3:0=1"));
	assert_true(resctrl_differs("\n\n  ", "L3:0=1"));
}

static void the_mount_is_found_by_its_type(void **state)
{
	static const struct { const char *text, *mount; } cases[] = {
		{ "36 35 0:32 / /sys/fs/resctrl rw,relatime shared:9 - resctrl resctrl rw\n",
		  "/sys/fs/resctrl" },
		{ "1 2 0:3 / / rw - ext4 /dev/sda rw\n"
		  "36 35 0:32 / /a\\040b\\134 rw - resctrl none rw", "/a b\\" },
		{ "1 2 0:3 / /resctrl rw - tmpfs resctrl rw\n", NULL },
		{ "1 2 0:3 / /x rw - resctrlfs none rw\n", NULL },
		{ "- resctrl \n - resctrl x\n", NULL },
		{ "", NULL }, { "\n\n", NULL }, { "1 2", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const char *mount = NULL;
		int r = resctrl_parse_mountinfo(cases[i].text, &fake.a, &mount);

		assert_int_equal(r, cases[i].mount ? 0 : -ENOENT);
		if (mount)
			assert_string_equal(mount, cases[i].mount);
	}
}

static void where_there_is_none_the_message_says_so(void **state)
{
	const char *mount;

	if (resctrl_find(&fake.a, &mount, &fake.e) == 0)
		skip_because("this machine has resctrl");
	assert_non_null(strstr(fake.e.text, "no resctrl file system is mounted"));
}

static void what_cannot_be_meant_is_refused(void **state)
{
	char *empty[] = { TEXT(""), NULL },
	     *two[] = { TEXT("a"), TEXT("a\nb"), NULL };
	const struct { struct oci_intel_rdt rdt; const char *text; } bad[] = {
		{ { .clos_id = TEXT("a/b") }, "closID" },
		{ { .clos_id = TEXT("..") }, "closID" },
		{ { .clos_id = TEXT(".") }, "closID" },
		{ { .clos_id = TEXT("//") }, "closID" },
		{ { .clos_id = TEXT("info") }, "closID" },
		{ { .clos_id = TEXT("a\nb") }, "closID" },
		{ { .mem_bw_schema = TEXT("L3:0=f") }, "memBwSchema" },
		{ { .mem_bw_schema = TEXT("MB:0=1\nL3:0=f") }, "memBwSchema" },
		{ { .schemata = { 1, empty } }, "schemata[0]" },
		{ { .schemata = { 2, two } }, "schemata[1]" },
	};
	static const struct oci_intel_rdt good[] = {
		{ .clos_id = TEXT("/") }, { .clos_id = TEXT("") },
		{ .clos_id = TEXT("a.b") }, { .mem_bw_schema = TEXT("") },
		{ .l3_cache_schema = TEXT("L3:0=f\nMB:0=1") },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct err e = { 0 };

		assert_int_equal(oci_intel_rdt_check(&bad[i].rdt, &e), -EINVAL);
		if (strncmp(e.text, "linux.intelRdt.", 15) != 0 ||
		    !strstr(e.text, bad[i].text))
			fail_msg("%s", e.text);
	}
	for (size_t i = 0; i < ARRAY_LEN(good); i++)
		assert_int_equal(oci_intel_rdt_check(&good[i], NULL), 0);
}

/* --- a container -------------------------------------------------------------------- */

#define CONFIG "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"rootfs\"}," \
	       "\"process\":{\"cwd\":\"/\",\"args\":[\"/busybox\",\"sleep\",\"100\"]}," \
	       "\"linux\":{\"namespaces\":[{\"type\":\"mount\"},{\"type\":\"pid\"}%s]," \
	       "\"uidMappings\":[%s],\"gidMappings\":[%s],\"intelRdt\":{%s}}}"

static void make_bundle(const char *bundle, const char *rdt, bool userns)
{
	const char *map = "{\"containerID\":0,\"hostID\":0,\"size\":65536}";
	char path[128], text[2048], command[300];

	snprintf(path, sizeof(path), "%s/rootfs", bundle);
	if (access(path, F_OK) < 0) {
		assert_int_equal(mkdir(bundle, 0755), 0);
		assert_int_equal(mkdir(path, 0755), 0);
		snprintf(command, sizeof(command),
			 "cp \"$(command -v busybox)\" %s/busybox", path);
		assert_int_equal(system(command), 0); /* NOLINT: a test */
	}
	snprintf(text, sizeof(text), CONFIG, userns ? ",{\"type\":\"user\"}" : "",
		 userns ? map : "", userns ? map : "", rdt);
	file(bundle, "config.json", text);
}

static void need_root(void)
{
	if (geteuid() != 0)
		skip_because("takes root");
	if (system("command -v busybox >/dev/null") != 0) /* NOLINT */
		skip_because("busybox is not installed");
}

/* The numbers that a group was given, one after the other without a gap. */
static void assert_last_task(const char *group, pid_t pid)
{
	char number[16];
	const char *tasks = written(group, "tasks");
	size_t len;

	snprintf(number, sizeof(number), "%d", pid);
	len = strlen(number);
	if (strlen(tasks) < len || strcmp(tasks + strlen(tasks) - len, number) != 0)
		fail_msg("%s: %s instead of %s", group, tasks, number);
}

struct world {
	char root[64], bundle[64];
	struct log log;
	struct context ctx;
	struct create_options o;
};

static void make_world(struct world *w)
{
	*w = (struct world){ .log = { .fd = -1 } };
	snprintf(w->root, sizeof(w->root), "%s/state", fake.path);
	snprintf(w->bundle, sizeof(w->bundle), "%s/bundle", fake.path);
	w->ctx = (struct context){ .root = w->root, .log = &w->log,
				   .cgroup_manager = CGROUP_MANAGER_DISABLED,
				   .resctrl = fake.mount };
	w->o = (struct create_options){ .id = "web", .bundle = w->bundle };
}

static void a_container_is_born_into_its_group(void **state)
{
	char *args[] = { TEXT("/busybox"), TEXT("true"), NULL };
	const struct exec_options x = { .id = "web", .args = args };
	const struct oci_intel_rdt change = { .mem_bw_schema = TEXT("MB:0=40") };
	struct container_info info;
	struct world w;
	int status;

	need_root();
	make_world(&w);
	for (int userns = 0; userns < 2; userns++) {
		make_bundle(w.bundle, "\"l3CacheSchema\":\"L3:0=f\","
			    "\"enableMonitoring\":true", userns);
		if (container_create(&w.ctx, &w.o, &fake.e) < 0)
			fail_msg("%s", fake.e.text);
		assert_int_equal(container_state(&w.ctx, "web", &fake.a, &info,
						 &fake.e), 0);
		assert_string_equal(written("web", "schemata"), "L3:0=f\n");
		assert_last_task("web", info.pid);
		assert_last_task("web/mon_groups/web", info.pid);
		assert_int_equal(container_start(&w.ctx, "web", &fake.e), 0);
		/* exec's process joins it: somebody new, of whom we know no more. */
		assert_int_equal(container_exec(&w.ctx, &x, &status, &fake.e), 0);
		assert_int_equal(status, 0);
		assert_true(written("web", "tasks")[0]);
		assert_int_equal(container_update_rdt(&w.ctx, "web", &change,
						      &fake.e), 0);
		assert_string_equal(written("web", "schemata"), "MB:0=40\n");
		if (container_delete(&w.ctx, "web", true, &fake.e) < 0)
			fail_msg("%s", fake.e.text);
		assert_false(there("web"));
	}
}

static void a_container_that_does_not_start_leaves_no_group(void **state)
{
	struct world w;
	char path[128];

	need_root();
	make_world(&w);
	make_bundle(w.bundle, "\"enableMonitoring\":true", false);
	snprintf(path, sizeof(path), "%s/rootfs/busybox", w.bundle);
	assert_int_equal(chmod(path, 0600), 0);
	assert_true(container_create(&w.ctx, &w.o, &fake.e) < 0);
	assert_false(there("web"));
	/* What is somebody else's stays. */
	shared("web");
	assert_int_equal(container_create(&w.ctx, &w.o, &fake.e), -EEXIST);
	assert_true(there("web"));
	assert_true(there("web/mon_groups"));
	snprintf(path, sizeof(path), "%s/web", w.root);
	assert_int_equal(access(path, F_OK), -1);
}

/* A source that is missing: what fails when the group is there and before anybody of
 * the container is in it. */
static void a_closid_that_was_made_goes_with_a_failure(void **state)
{
	struct world w;
	char path[128];

	need_root();
	make_world(&w);
	make_bundle(w.bundle, "\"closID\":\"gold\",\"l3CacheSchema\":\"L3:0=f\"},"
		    "\"mountLabel\":\"\"},\"mounts\":[{\"destination\":\"/mnt\","
		    "\"type\":\"bind\",\"source\":\"/none/such\"}],"
		    "\"unknown\":{\"it\":{", false);
	fake.tasks = "";
	assert_true(container_create(&w.ctx, &w.o, &fake.e) < 0);
	assert_non_null(strstr(fake.e.text, "/none/such"));
	assert_false(there("gold"));
	/* Somebody else's process has come in meanwhile. */
	fake.tasks = "1\n";
	assert_true(container_create(&w.ctx, &w.o, &fake.e) < 0);
	assert_true(there("gold"));
	/* One that was there before stays as well. */
	snprintf(path, sizeof(path), "%s/gold", fake.mount);
	assert_int_equal(unlinkat(AT_FDCWD, path, AT_REMOVEDIR), 0);
	assert_int_equal(syscall(SYS_mkdirat, AT_FDCWD, path, 0755), 0);
	file(path, "schemata", "L3:0=f\n");
	file(path, "tasks", "");
	assert_true(container_create(&w.ctx, &w.o, &fake.e) < 0);
	assert_true(there("gold"));
}

static void update_wants_a_container_with_a_group(void **state)
{
	const struct oci_intel_rdt change = { .mem_bw_schema = TEXT("MB:0=40") },
		wrong = { .mem_bw_schema = TEXT("L3:0=40") };
	struct world w;

	need_root();
	make_world(&w);
	make_bundle(w.bundle, "", false);
	assert_int_equal(container_create(&w.ctx, &w.o, &fake.e), 0);
	assert_int_equal(container_update_rdt(&w.ctx, "web", &wrong, &fake.e),
			 -EINVAL);
	assert_int_equal(container_update_rdt(&w.ctx, "web", &change, &fake.e), 0);
	assert_int_equal(container_update_rdt(&w.ctx, "none", &change, &fake.e),
			 -ENOENT);
	assert_int_equal(container_delete(&w.ctx, "web", true, &fake.e), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_group_of_its_own_comes_and_goes),
		T(nothing_asked_is_a_group_without_schemata),
		T(a_group_that_is_there_is_not_taken_over),
		T(somebody_may_be_faster),
		T(a_closid_stays),
		T(a_closid_without_schemata_has_to_be_there),
		T(the_root_group_is_a_closid_too),
		T(a_closid_that_says_something_else_is_refused),
		T(bandwidth_in_the_l3_schema_counts_for_nothing),
		T(what_the_kernel_says_is_in_the_message),
		T(lines_differ_or_they_do_not),
		T(the_mount_is_found_by_its_type),
		T(where_there_is_none_the_message_says_so),
		T(what_cannot_be_meant_is_refused),
		T(a_container_is_born_into_its_group),
		T(a_container_that_does_not_start_leaves_no_group),
		T(a_closid_that_was_made_goes_with_a_failure),
		T(update_wants_a_container_with_a_group),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
