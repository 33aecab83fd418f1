/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/record.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"

struct fixture {
	struct arena a;
	char path[64];
	int dir;
	struct record r;
	struct err e;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	static const struct record full = {
		.version = RECORD_VERSION,
		.id = (char *)(uintptr_t)"web",
		.oci_version = (char *)(uintptr_t)"1.3.0",
		.bundle = (char *)(uintptr_t)"/srv/\"web\"\n\x01",
		.rootfs = (char *)(uintptr_t)"/srv/web/\xc3\xa4",
		.created = (char *)(uintptr_t)"2026-01-02T03:04:05.000000006Z",
		.boot_id = (char *)(uintptr_t)"boot",
		.owner = UINT32_MAX,
		.ready = true,
		.pid = INT32_MAX,
		.start_time = UINT64_MAX,
		.cgroup = (char *)(uintptr_t)"/sys/fs/cgroup/web",
		.cgroup_made = 3,
		.own_pid_ns = true,
		.keyring = true,
		.has_poststop = true,
	};

	strcpy(f->path, "/tmp/berth-record-XXXXXX");
	if (!mkdtemp(f->path))
		return -1;
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	f->r = full;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fs_remove_tree(AT_FDCWD, f->path, NULL);
	close(f->dir);
	arena_free(&f->a);
	free(f);
	return 0;
}

static void put(const struct fixture *f, const char *name, const char *text,
		size_t len)
{
	assert_int_equal(fs_replace(f->dir, name, text, len, 0600, NULL), 0);
}

static int get(struct fixture *f, struct record *ret)
{
	return record_read(f->dir, &f->a, ret, &f->e);
}

/* --- written and read ---------------------------------------------------------------- */

static void a_record_comes_back_as_it_was(void **state)
{
	struct fixture *f = *state;
	char key[] = "a.b/c", value[] = "{\"x\": [1]}", empty[] = "";
	struct oci_kv notes[] = { { key, value }, { empty, empty } };
	struct record r;
	struct stat st;
	char mount[] = "/r", group[] = "/r/web",
	     monitor[] = "/r/web/mon_groups/web";

	f->r.annotations = (struct oci_map){ 2, notes };
	f->r.resctrl_mount = mount;
	f->r.resctrl_group = group;
	f->r.resctrl_monitor = monitor;
	f->r.resctrl_own = true;
	assert_int_equal(record_write(f->dir, &f->r, &f->e), 0);
	assert_int_equal(get(f, &r), 0);
	assert_string_equal(r.id, "web");
	assert_string_equal(r.oci_version, "1.3.0");
	assert_string_equal(r.bundle, f->r.bundle);
	assert_string_equal(r.rootfs, f->r.rootfs);
	assert_string_equal(r.created, f->r.created);
	assert_string_equal(r.boot_id, "boot");
	assert_int_equal(r.owner, UINT32_MAX);
	assert_true(r.ready && r.own_pid_ns && r.keyring && r.has_poststop);
	assert_false(r.has_poststart);
	assert_int_equal(r.pid, INT32_MAX);
	assert_true(r.start_time == UINT64_MAX);
	assert_string_equal(r.cgroup, "/sys/fs/cgroup/web");
	assert_int_equal(r.cgroup_made, 3);
	assert_string_equal(r.resctrl_mount, "/r");
	assert_string_equal(r.resctrl_group, "/r/web");
	assert_string_equal(r.resctrl_monitor, "/r/web/mon_groups/web");
	assert_true(r.resctrl_own);
	assert_int_equal(r.annotations.n, 2);
	assert_string_equal(r.annotations.v[0].key, key);
	assert_string_equal(r.annotations.v[0].value, value);
	assert_string_equal(r.annotations.v[1].value, "");
	assert_int_equal(fstatat(f->dir, RECORD_FILE, &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0600);
}

static void what_is_none_stays_none(void **state)
{
	struct fixture *f = *state;
	struct record r;

	f->r.cgroup = NULL;
	f->r.ready = f->r.own_pid_ns = f->r.keyring = false;
	f->r.pid = 0;
	assert_int_equal(record_write(f->dir, &f->r, &f->e), 0);
	assert_int_equal(get(f, &r), 0);
	assert_null(r.cgroup);
	assert_null(r.resctrl_group);
	assert_int_equal(r.cgroup_made, 0);
	assert_int_equal(r.annotations.n, 0);
	assert_false(r.ready || r.own_pid_ns || r.keyring);
	assert_int_equal(r.pid, 0);
}

static void nothing_there_is_told_from_damage(void **state)
{
	struct fixture *f = *state;
	struct record r = { .pid = 7 };

	assert_int_equal(get(f, &r), -ENOENT);
	assert_int_equal(r.pid, 7);
	/* A next one alone is none: it counts only beside the first. */
	assert_int_equal(record_prepare(f->dir, &f->r, &f->e), 0);
	assert_int_equal(get(f, &r), -ENOENT);
	assert_int_equal(record_commit(f->dir, &f->r, &f->e), 0);
	assert_int_equal(get(f, &r), 0);
	assert_int_equal(record_commit(f->dir, &f->r, &f->e), -ENOENT);
}

static void a_record_under_way_has_the_pid_of_the_next(void **state)
{
	struct fixture *f = *state;
	struct record r, next = f->r;

	f->r.ready = false;
	f->r.pid = 0;
	f->r.start_time = 0;
	assert_int_equal(record_write(f->dir, &f->r, &f->e), 0);
	next.pid = 4711;
	next.start_time = 99;
	assert_int_equal(record_prepare(f->dir, &next, &f->e), 0);
	assert_int_equal(get(f, &r), 0);
	assert_false(r.ready);
	assert_int_equal(r.pid, 4711);
	assert_int_equal(r.start_time, 99);
	/* Half of it written is as good as none. */
	put(f, RECORD_NEXT, "{\"version\":1,\"pid\":5", 20);
	assert_int_equal(get(f, &r), 0);
	assert_int_equal(r.pid, 0);
	/* A record that is done needs no next one. */
	assert_int_equal(record_prepare(f->dir, &f->r, &f->e), 0);
	assert_int_equal(record_commit(f->dir, &f->r, &f->e), 0);
	f->r.ready = true;
	f->r.pid = 1;
	assert_int_equal(record_write(f->dir, &f->r, &f->e), 0);
	assert_int_equal(record_prepare(f->dir, &next, &f->e), 0);
	assert_int_equal(get(f, &r), 0);
	assert_int_equal(r.pid, 1);
}

static void a_symlink_in_the_place_of_the_next_is_not_followed(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(symlinkat("elsewhere", f->dir, RECORD_NEXT), 0);
	assert_int_equal(record_write(f->dir, &f->r, &f->e), -ELOOP);
	assert_int_equal(faccessat(f->dir, "elsewhere", F_OK, 0), -1);
}

/* --- damage ------------------------------------------------------------------------- */

static void a_record_cut_anywhere_is_damaged(void **state)
{
	struct fixture *f = *state;
	auto_mem char *text = NULL;
	size_t len;

	assert_int_equal(record_write(f->dir, &f->r, &f->e), 0);
	assert_int_equal(fs_read_all(f->dir, RECORD_FILE, 1 << 20, &text, &len,
				     &f->e), 0);
	assert_int_equal(text[len - 1], '\n');
	for (size_t cut = 0; cut < len - 1; cut++) {
		struct record r = { .pid = 7 };

		put(f, RECORD_FILE, text, cut);
		if (get(f, &r) != -EPROTO)
			fail_msg("cut at %zu of %zu is taken", cut, len);
		assert_int_equal(f->e.code, EPROTO);
		assert_int_equal(r.pid, 7);
	}
}

static void no_damage_is_worse_than_an_error(void **state)
{
	struct fixture *f = *state;
	auto_mem char *text = NULL;
	unsigned int seed = 7;
	size_t len;

	assert_int_equal(record_write(f->dir, &f->r, &f->e), 0);
	assert_int_equal(fs_read_all(f->dir, RECORD_FILE, 1 << 20, &text, &len,
				     &f->e), 0);
	for (int i = 0; i < 3000; i++) {
		size_t at = (unsigned int)rand_r(&seed) % len;
		char good = text[at];
		struct record r;
		int n;

		text[at] = (char)(rand_r(&seed) % 256);
		put(f, RECORD_FILE, text, len);
		n = get(f, &r);
		assert_true(n == 0 || n == -EPROTO);
		if (n == 0)
			assert_true(r.id && r.bundle && r.boot_id);
		text[at] = good;
		arena_free(&f->a);
	}
}

static void what_is_no_record_is_refused(void **state)
{
	static const char *const cases[] = {
		"", "{}", "[]", "null", "\"\"", "0", "{\"version\":1}",
		"{\"version\":1}{\"version\":1}",
	};
	struct fixture *f = *state;
	struct record r;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		put(f, RECORD_FILE, cases[i], strlen(cases[i]));
		assert_int_equal(get(f, &r), -EPROTO);
	}
	assert_int_equal(unlinkat(f->dir, RECORD_FILE, 0), 0);
	assert_int_equal(mkdirat(f->dir, RECORD_FILE, 0700), 0);
	assert_true(get(f, &r) < 0);
}

static void a_newer_version_says_so(void **state)
{
	struct fixture *f = *state;
	auto_mem char *text = NULL;
	struct record r;
	size_t len;

	assert_int_equal(record_write(f->dir, &f->r, &f->e), 0);
	assert_int_equal(fs_read_all(f->dir, RECORD_FILE, 1 << 20, &text, &len,
				     &f->e), 0);
	assert_memory_equal(text, "{\"version\":1,", 13);
	text[11] = '2';
	put(f, RECORD_FILE, text, len);
	assert_int_equal(get(f, &r), -EPROTO);
	assert_non_null(strstr(f->e.text, "version 2"));
	/* Whatever such a one leaves out or has instead. */
	put(f, RECORD_FILE, "{\"version\":3,\"pid\":\"x\"}", 23);
	assert_int_equal(get(f, &r), -EPROTO);
	assert_non_null(strstr(f->e.text, "version 3"));
}

/* --- the process -------------------------------------------------------------------- */

static void a_record_of_another_boot_is_not_current(void **state)
{
	struct fixture *f = *state;
	char *now = record_boot_id(&f->a);

	assert_non_null(now);
	assert_int_equal(strlen(now), 36);
	assert_false(record_is_current(&f->r, &f->a));
	f->r.boot_id = now;
	assert_true(record_is_current(&f->r, &f->a));
	now = arena_strdup(&f->a, now);
	now[35] ^= 1;
	f->r.boot_id = now;
	assert_false(record_is_current(&f->r, &f->a));
}

/* A child of that name, which waits to be killed. */
static pid_t named_child(const char *name)
{
	int ready[2];
	pid_t pid;
	char c;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		prctl(PR_SET_NAME, name);
		(void)!write(ready[1], "x", 1);
		for (;;)
			pause();
	}
	assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	close(ready[1]);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void no_name_of_a_process_confuses(void **state)
{
	static const char *const names[] = {
		"plain", "", " ", ")", "(", "x) Z 1 1 1", ") R 1 (", "a\nb",
		"\n) S\n", "1 2 3 4 5 6 7 8", "%d %s", "))))))))))))))",
	};
	uint64_t own = process_start_time(getpid());

	assert_int_not_equal(own, 0);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		pid_t pid = named_child(names[i]);
		uint64_t start = process_start_time(pid);

		end(pid);
		/* Born after this one, and within the minute. */
		assert_in_range(start, own,
				own + 60 * (uint64_t)sysconf(_SC_CLK_TCK));
		assert_int_equal(process_start_time(pid), 0);
	}
}

static void a_process_that_is_none_has_no_start(void **state)
{
	assert_int_equal(process_start_time(0), 0);
	assert_int_equal(process_start_time(-1), 0);
	assert_int_equal(process_start_time(INT32_MAX), 0);
}

static void a_zombie_has_ended(void **state)
{
	siginfo_t info;
	struct fixture *f = *state;
	pid_t pid = named_child("zombie");

	f->r.pid = pid;
	f->r.start_time = process_start_time(pid);
	kill(pid, SIGKILL);
	assert_int_equal(waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT), 0);
	assert_int_equal(process_start_time(pid), 0);
	assert_int_equal(record_pidfd(&f->r), -ESRCH);
	/* Not even when it was one as the record was written. */
	f->r.start_time = 0;
	assert_int_equal(record_pidfd(&f->r), -ESRCH);
	waitpid(pid, NULL, 0);
	assert_int_equal(record_pidfd(&f->r), -ESRCH);
}

static void a_pid_that_was_reused_is_not_the_container(void **state)
{
	struct fixture *f = *state;
	pid_t pid = named_child("other");
	int fd;

	f->r.pid = pid;
	f->r.start_time = process_start_time(pid);
	fd = record_pidfd(&f->r);
	assert_true(fd >= 0);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	f->r.start_time--;
	assert_int_equal(record_pidfd(&f->r), -ESRCH);
	f->r.start_time += 2;
	assert_int_equal(record_pidfd(&f->r), -ESRCH);
	f->r.start_time = 0;
	assert_int_equal(record_pidfd(&f->r), -ESRCH);
	end(pid);
	f->r.pid = 0;
	assert_int_equal(record_pidfd(&f->r), -ESRCH);
	f->r.pid = -1;
	assert_int_equal(record_pidfd(&f->r), -ESRCH);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(a_record_comes_back_as_it_was),
		TEST(what_is_none_stays_none),
		TEST(nothing_there_is_told_from_damage),
		TEST(a_record_under_way_has_the_pid_of_the_next),
		TEST(a_symlink_in_the_place_of_the_next_is_not_followed),
		TEST(a_record_cut_anywhere_is_damaged),
		TEST(no_damage_is_worse_than_an_error),
		TEST(what_is_no_record_is_refused),
		TEST(a_newer_version_says_so),
		TEST(a_record_of_another_boot_is_not_current),
		TEST(no_name_of_a_process_confuses),
		TEST(a_process_that_is_none_has_no_start),
		TEST(a_zombie_has_ended),
		TEST(a_pid_that_was_reused_is_not_the_container),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
