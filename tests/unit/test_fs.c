/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/auto.h"
#include "util/fs.h"

struct place {
	char path[32];
	int fd;
};

static int make_place(void **state)
{
	struct place *p = calloc(1, sizeof(*p));

	strcpy(p->path, "/tmp/berth-fs-XXXXXX");
	if (!mkdtemp(p->path))
		return -1;
	p->fd = open(p->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = p;
	return p->fd < 0 ? -1 : 0;
}

static int remove_place(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int r = fs_remove_tree(AT_FDCWD, p->path, &e);

	close(p->fd);
	free(p);
	return r;
}

static void put(int dir, const char *name, const void *data, size_t len)
{
	auto_fd fd = openat(dir, name, O_WRONLY | O_CREAT | O_CLOEXEC, 0644);

	assert_true(fd >= 0);
	assert_int_equal(fs_write_fully(fd, data, len), 0);
}

static void files_of_any_size_are_read_whole(void **state)
{
	static const size_t sizes[] = { 0, 1, 4094, 4095, 4096, 4097, 100000 };
	struct place *p = *state;
	char *data = malloc(100000);

	memset(data, 'd', 100000);
	for (size_t i = 0; i < ARRAY_LEN(sizes); i++) {
		auto_mem char *got = NULL;
		size_t len = 1;

		(void)unlinkat(p->fd, "f", 0);
		put(p->fd, "f", data, sizes[i]);
		assert_int_equal(fs_read_all(p->fd, "f", sizes[i], &got, &len,
					     NULL),
				 0);
		assert_int_equal(len, sizes[i]);
		assert_memory_equal(got, data, len);
		assert_int_equal(got[len], '\0');
	}
	free(data);
}

static void a_limit_is_exact_and_its_error_names_the_file(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	char *got = NULL;
	size_t len = 99;

	put(p->fd, "f", "12345678", 8);
	assert_int_equal(fs_read_all(p->fd, "f", 7, &got, &len, &e), -EFBIG);
	assert_string_equal(e.text, "read f: more than 7 bytes");
	assert_null(got);
	assert_int_equal(len, 99);
	assert_int_equal(fs_read_all(p->fd, "none", 7, &got, &len, &e),
			 -ENOENT);
	assert_string_equal(e.text, "open none: No such file or directory");
	assert_int_equal(fs_read_all(p->fd, ".", 7, &got, &len, &e), -EISDIR);
	assert_string_equal(e.text, "read .: Is a directory");
}

static void files_without_a_size_are_read_too(void **state)
{
	auto_mem char *got = NULL;
	char *data = malloc(60000);
	int fds[2];
	size_t len;

	assert_int_equal(fs_read_all(AT_FDCWD, "/proc/self/status", 1 << 20,
				     &got, &len, NULL),
			 0);
	assert_non_null(strstr(got, "\nPid:"));
	free(mem_take(&got));

	memset(data, 'p', 60000);
	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	assert_int_equal(write(fds[1], data, 60000), 60000);
	close(fds[1]);
	assert_int_equal(fs_read_fd(fds[0], "pipe", 60000, &got, &len, NULL),
			 0);
	assert_int_equal(len, 60000);
	close(fds[0]);
	free(data);
}

static void what_is_no_file_is_refused_and_holds_nobody_up(void **state)
{
	struct place *p = *state;
	auto_mem char *got = NULL;
	struct err e = { 0 };
	size_t len;

	alarm(20);
	assert_int_equal(mkfifoat(p->fd, "fifo", 0600), 0);
	assert_int_equal(fs_read_all(p->fd, "fifo", 99, &got, &len, &e), -EINVAL);
	assert_string_equal(e.text, "open fifo: not a regular file");
	assert_int_equal(symlinkat("/dev/full", p->fd, "device"), 0);
	assert_int_equal(fs_read_all(p->fd, "device", 99, &got, &len, &e),
			 -EINVAL);
	assert_string_equal(e.text, "open device: not a regular file");
	assert_null(got);
	alarm(0);
}

/* As with a shell's <(command), whose pipe is empty at first. */
static void a_pipe_that_is_open_is_read_by_its_name(void **state)
{
	auto_mem char *got = NULL;
	char name[32];
	int fds[2];
	size_t len;
	pid_t pid;

	assert_int_equal(pipe2(fds, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0) {
		usleep(50000);
		_exit(write(fds[1], "late", 4) != 4);
	}
	close(fds[1]);
	snprintf(name, sizeof(name), "/dev/fd/%d", fds[0]);
	assert_int_equal(fs_read_all(AT_FDCWD, name, 99, &got, &len, NULL), 0);
	assert_string_equal(got, "late");
	close(fds[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
}

static void small_reads_drop_the_newline_and_know_their_room(void **state)
{
	struct place *p = *state;
	char buf[6];

	put(p->fd, "f", "12345\n", 6);
	assert_int_equal(fs_read_small(p->fd, "f", buf, sizeof(buf)), -EFBIG);
	put(p->fd, "g", "1234\n", 5);
	memset(buf, 'x', sizeof(buf));
	assert_int_equal(fs_read_small(p->fd, "g", buf, sizeof(buf)), 4);
	assert_string_equal(buf, "1234");
	put(p->fd, "h", "", 0);
	assert_int_equal(fs_read_small(p->fd, "h", buf, sizeof(buf)), 0);
	assert_string_equal(buf, "");
	assert_int_equal(fs_read_small(p->fd, "i", buf, sizeof(buf)), -ENOENT);
}

static void text_goes_into_existing_files_only(void **state)
{
	struct place *p = *state;
	char buf[16];

	assert_int_equal(fs_write_text(p->fd, "f", "x"), -ENOENT);
	put(p->fd, "f", "", 0);
	assert_int_equal(fs_write_text(p->fd, "f", "max"), 0);
	assert_int_equal(fs_read_small(p->fd, "f", buf, sizeof(buf)), 3);
	assert_string_equal(buf, "max");
	assert_int_equal(fs_write_text(AT_FDCWD, "/dev/full", "x"), -ENOSPC);
}

static size_t entries(int dir)
{
	DIR *d = fdopendir(openat(dir, ".", O_RDONLY | O_DIRECTORY | O_CLOEXEC));
	size_t n = 0;

	while (readdir(d))
		n++;
	closedir(d);
	return n - 2;
}

static void replacing_leaves_one_file_of_the_wanted_mode(void **state)
{
	struct place *p = *state;
	mode_t old = umask(027);
	struct stat st;
	char buf[16];

	assert_int_equal(fs_replace(p->fd, "f", "one", 3, 0600, NULL), 0);
	assert_int_equal(fs_replace(p->fd, "f", "two!", 4, 0664, NULL), 0);
	umask(old);
	assert_int_equal(fs_read_small(p->fd, "f", buf, sizeof(buf)), 4);
	assert_string_equal(buf, "two!");
	assert_int_equal(fstatat(p->fd, "f", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0640);
	assert_int_equal(entries(p->fd), 1);
	assert_int_equal(mkdirat(p->fd, "d", 0755), 0);
	assert_int_equal(fs_replace(p->fd, "d/g", "x", 1, 0600, NULL), 0);
	assert_int_equal(fs_read_small(p->fd, "d/g", buf, sizeof(buf)), 1);
}

/* What a writer that was killed left behind does not stop the next one. */
static void a_temporary_file_in_the_way_is_no_obstacle(void **state)
{
	struct place *p = *state;
	char name[32], buf[16];

	for (int i = 0; i < 3; i++) {
		snprintf(name, sizeof(name), ".f.%d.%d", (int)getpid(), i);
		put(p->fd, name, "old", 3);
	}
	assert_int_equal(fs_replace(p->fd, "f", "new", 3, 0600, NULL), 0);
	assert_int_equal(fs_read_small(p->fd, "f", buf, sizeof(buf)), 3);
	assert_string_equal(buf, "new");
	assert_int_equal(entries(p->fd), 4);
}

static void a_failed_replacement_leaves_nothing(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };

	assert_int_equal(mkdirat(p->fd, "d", 0755), 0);
	assert_int_equal(fs_replace(p->fd, "d", "x", 1, 0600, &e), -EISDIR);
	assert_string_equal(e.text, "write d: Is a directory");
	assert_int_equal(entries(p->fd), 1);
	assert_int_equal(fs_replace(p->fd, "no/f", "x", 1, 0600, &e), -ENOENT);
	assert_string_equal(e.text, "write no/f: make a temporary file: "
				    "No such file or directory");
}

/* Readers of a file that is replaced all the time see one content whole. */
static void readers_never_see_half_a_file(void **state)
{
	struct place *p = *state;
	char a[5000], b[9000];
	unsigned int seen_a = 0, seen_b = 0;
	int stop[2], status;
	pid_t writer;

	memset(a, 'a', sizeof(a));
	memset(b, 'b', sizeof(b));
	assert_int_equal(fs_replace(p->fd, "f", a, sizeof(a), 0644, NULL), 0);
	assert_int_equal(pipe2(stop, O_NONBLOCK), 0);
	writer = fork();
	if (writer == 0) {
		char byte;

		close(stop[1]);
		while (read(stop[0], &byte, 1) < 0)
			if (fs_replace(p->fd, "f", b, sizeof(b), 0644, NULL) ||
			    fs_replace(p->fd, "f", a, sizeof(a), 0644, NULL))
				_exit(1);
		_exit(0);
	}
	close(stop[0]);
	while (seen_a + seen_b < 300 || !seen_a || !seen_b) {
		auto_mem char *got = NULL;
		size_t len;

		assert_int_equal(fs_read_all(p->fd, "f", sizeof(b), &got, &len,
					     NULL),
				 0);
		if (got[0] == 'a')
			assert_int_equal(len, sizeof(a));
		else
			assert_int_equal(len, sizeof(b));
		assert_int_equal(got[len - 1], got[0]);
		*(got[0] == 'a' ? &seen_a : &seen_b) += 1;
		assert_int_equal(waitpid(writer, &status, WNOHANG), 0);
	}
	close(stop[1]);
	assert_int_equal(waitpid(writer, &status, 0), writer);
	assert_int_equal(status, 0);
	assert_int_equal(entries(p->fd), 1);
}

static void directories_are_made_with_their_parents(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	struct stat st;

	assert_int_equal(fs_mkdirs(p->fd, "a/b//c/", 0700, NULL), 0);
	assert_int_equal(fs_mkdirs(p->fd, "a/b/c", 0700, NULL), 0);
	assert_int_equal(fstatat(p->fd, "a/b/c", &st, 0), 0);
	put(p->fd, "a/file", "", 0);
	assert_int_equal(fs_mkdirs(p->fd, "a/file", 0700, &e), -ENOTDIR);
	assert_string_equal(e.text, "make directory a/file: Not a directory");
	assert_int_equal(fs_mkdirs(p->fd, "a/file/x", 0700, &e), -ENOTDIR);
	assert_int_equal(fs_mkdirs(p->fd, "", 0700, &e), -ENOENT);
	assert_int_equal(fs_mkdirs(AT_FDCWD, p->path, 0700, &e), 0);
	assert_int_equal(fs_mkdirs(AT_FDCWD, "/proc/none", 0700, &e), -ENOENT);
}

static void trees_go_away_and_what_they_point_to_stays(void **state)
{
	struct place *p = *state;

	assert_int_equal(fs_mkdirs(p->fd, "keep/sub", 0700, NULL), 0);
	put(p->fd, "keep/sub/file", "x", 1);
	assert_int_equal(fs_mkdirs(p->fd, "t/a/b", 0700, NULL), 0);
	for (int i = 0; i < 500; i++) {
		char name[32];

		snprintf(name, sizeof(name), "t/a/file-%d", i);
		put(p->fd, name, "x", 1);
	}
	assert_int_equal(symlinkat("../keep", p->fd, "t/link"), 0);
	assert_int_equal(fs_remove_tree(p->fd, "t", NULL), 0);
	assert_int_equal(faccessat(p->fd, "t", F_OK, 0), -1);
	assert_int_equal(faccessat(p->fd, "keep/sub/file", F_OK, 0), 0);
	assert_int_equal(symlinkat("keep", p->fd, "link"), 0);
	assert_int_equal(fs_remove_tree(p->fd, "link", NULL), 0);
	assert_int_equal(faccessat(p->fd, "keep/sub/file", F_OK, 0), 0);
	assert_int_equal(fs_remove_tree(p->fd, "keep/sub/file", NULL), 0);
	assert_int_equal(fs_remove_tree(p->fd, "keep/sub/file", NULL), 0);
	assert_int_equal(fs_remove_tree(p->fd, "gone/for/good", NULL), 0);
}

static void too_deep_a_tree_is_an_error(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	auto_fd fd = dup(p->fd);
	char command[64];

	for (int i = 0; i < 300; i++) {
		int next;

		assert_int_equal(mkdirat(fd, "d", 0700), 0);
		next = openat(fd, "d", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		close(fd);
		fd = next;
	}
	assert_int_equal(fs_remove_tree(p->fd, "d", &e), -ELOOP);
	snprintf(command, sizeof(command), "rm -rf %s/d", p->path);
	assert_int_equal(system(command), 0);
}

/* Exit status of the child: what fs_remove_tree said, or 255 without a mount. */
static int remove_with_mount(struct place *p, const char *where)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/%s", p->path, where);
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    mount(p->path, path, NULL, MS_BIND, NULL) < 0)
		return 255;
	return -fs_remove_tree(AT_FDCWD, path, NULL);
}

static void a_mount_in_the_tree_is_not_entered(void **state)
{
	struct place *p = *state;
	int status;
	pid_t pid;

	put(p->fd, "precious", "x", 1);
	assert_int_equal(fs_mkdirs(p->fd, "t/m", 0700, NULL), 0);
	pid = fork();
	if (pid == 0)
		_exit(remove_with_mount(p, "t/m"));
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WEXITSTATUS(status) == 255)
		skip_because("no right to mount");
	assert_int_equal(WEXITSTATUS(status), EBUSY);
	assert_int_equal(faccessat(p->fd, "precious", F_OK, 0), 0);
}

static void the_place_itself_is_no_name(void **state)
{
	static const char *const names[] = { "", ".", "..", "a/..", "a/", "/" };
	struct place *p = *state;

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		assert_int_equal(fs_remove_tree(p->fd, names[i], NULL),
				 -EINVAL);
}

#define IN_PLACE(f) cmocka_unit_test_setup_teardown(f, make_place, remove_place)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_PLACE(files_of_any_size_are_read_whole),
		IN_PLACE(a_limit_is_exact_and_its_error_names_the_file),
		IN_PLACE(what_is_no_file_is_refused_and_holds_nobody_up),
		cmocka_unit_test(a_pipe_that_is_open_is_read_by_its_name),
		cmocka_unit_test(files_without_a_size_are_read_too),
		IN_PLACE(small_reads_drop_the_newline_and_know_their_room),
		IN_PLACE(text_goes_into_existing_files_only),
		IN_PLACE(replacing_leaves_one_file_of_the_wanted_mode),
		IN_PLACE(a_temporary_file_in_the_way_is_no_obstacle),
		IN_PLACE(a_failed_replacement_leaves_nothing),
		IN_PLACE(readers_never_see_half_a_file),
		IN_PLACE(directories_are_made_with_their_parents),
		IN_PLACE(trees_go_away_and_what_they_point_to_stays),
		IN_PLACE(too_deep_a_tree_is_an_error),
		IN_PLACE(a_mount_in_the_tree_is_not_entered),
		IN_PLACE(the_place_itself_is_no_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
