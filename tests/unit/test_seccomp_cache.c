/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "unit/unit.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oci/spec.h"
#include "security/seccomp.h"
#include "security/seccomp_cache.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/err.h"
#include "util/fs.h"

static const char profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"listenerPath\":\"/run/agent\","
	"\"listenerMetadata\":\"\",\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],"
	"\"syscalls\":[{\"names\":[\"read\",\"write\",\"exit_group\"],"
	"\"action\":\"SCMP_ACT_ALLOW\"},{\"names\":[\"mkdir\",\"mkdirat\"],"
	"\"action\":\"SCMP_ACT_NOTIFY\"}]}";

struct fixture {
	char path[64];
	int dir;
	char entry[SHA256_HEX];
	struct seccomp_key key;
	struct arena a;
};

static struct oci_raw raw(const char *text)
{
	return (struct oci_raw){ text, strlen(text) };
}

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));
	struct oci_raw r = raw(profile);
	const struct seccomp_source src = { .profile = &r, .cache_dirfd = -1 };

	strcpy(f->path, "/tmp/berth-test-XXXXXX");
	if (!mkdtemp(f->path))
		return -1;
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	seccomp_cache_key(&src, &f->key);
	sha256_hex(f->key.v, f->entry);
	*state = f;
	return f->dir < 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	close(f->dir);
	fs_remove_tree(AT_FDCWD, f->path, NULL);
	arena_free(&f->a);
	free(f);
	return 0;
}

static struct seccomp_program get(struct fixture *f, const char *text)
{
	struct oci_raw r = raw(text);
	const struct seccomp_source src = { .profile = &r,
					    .cache_dirfd = f->dir };
	struct seccomp_program p = { 0 };
	struct err e = { 0 };

	if (seccomp_program_get(&src, &f->a, &p, &e) < 0)
		fail_msg("%s", e.text);
	return p;
}

static void assert_same(const struct seccomp_program *a,
			const struct seccomp_program *b)
{
	assert_int_equal(a->n, b->n);
	assert_memory_equal(a->filter, b->filter, a->n * sizeof(*a->filter));
	assert_int_equal(a->flags, b->flags);
	assert_int_equal(a->notify, b->notify);
	assert_string_equal(a->listener_path, b->listener_path);
	assert_string_equal(a->listener_metadata, b->listener_metadata);
}

static size_t entries(const struct fixture *f)
{
	auto_dir d = opendir(f->path);
	size_t n = 0;

	while (readdir(d))
		n++;
	return n - 2;
}

/* The entry that is there cannot be used: compiled again, and replaced. */
static void assert_replaced(struct fixture *f)
{
	struct seccomp_program p = get(f, profile), again;

	assert_false(p.cached);
	again = get(f, profile);
	assert_true(again.cached);
	assert_same(&p, &again);
}

static void the_second_time_comes_from_the_cache(void **state)
{
	struct fixture *f = *state;
	struct seccomp_program cold = get(f, profile), hit = get(f, profile);
	struct stat st;

	assert_false(cold.cached);
	assert_true(hit.cached);
	assert_same(&cold, &hit);
	assert_int_equal(entries(f), 1);
	assert_int_equal(fstatat(f->dir, f->entry, &st, 0), 0);
	assert_int_equal(st.st_mode, S_IFREG | 0600);
}

static void another_byte_in_the_profile_is_another_entry(void **state)
{
	struct fixture *f = *state;
	struct seccomp_program p;

	get(f, "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
	p = get(f, "{\"defaultAction\": \"SCMP_ACT_ALLOW\"}");
	assert_false(p.cached);
	assert_int_equal(entries(f), 2);
}

static void absent_strings_stay_absent(void **state)
{
	struct fixture *f = *state;
	struct seccomp_program p;

	get(f, "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
	p = get(f, "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
	assert_true(p.cached);
	assert_null(p.listener_path);
	assert_null(p.listener_metadata);
	assert_false(p.notify);
}

static void a_broken_profile_leaves_no_entry(void **state)
{
	struct fixture *f = *state;
	const char *const broken[] = { "{", "{\"defaultAction\":\"X\"}", "[]",
				       "" };

	for (size_t i = 0; i < ARRAY_LEN(broken); i++) {
		struct oci_raw r = raw(broken[i]);
		const struct seccomp_source src = { .profile = &r,
						    .cache_dirfd = f->dir };
		struct seccomp_program p;
		struct err e = { 0 };

		assert_int_equal(seccomp_program_get(&src, &f->a, &p, &e),
				 -EINVAL);
		assert_true(e.text[0]);
	}
	assert_int_equal(entries(f), 0);
}

static void every_damaged_byte_is_noticed(void **state)
{
	struct fixture *f = *state;
	auto_mem char *bytes = NULL;
	struct seccomp_program p;
	size_t len;

	get(f, profile);
	assert_int_equal(fs_read_all(f->dir, f->entry, 1 << 20, &bytes, &len,
				     NULL), 0);
	assert_int_equal(seccomp_cache_parse(bytes, len, &f->key, &p), 0);
	for (size_t i = 0; i < len; i++) {
		bytes[i] ^= 0x10;
		assert_int_equal(seccomp_cache_parse(bytes, len, &f->key, &p),
				 -EBADMSG);
		bytes[i] ^= 0x10;
	}
	for (size_t cut = 0; cut < len; cut++)
		assert_int_equal(seccomp_cache_parse(bytes, cut, &f->key, &p),
				 -EBADMSG);
}

static void a_truncated_entry_is_replaced(void **state)
{
	struct fixture *f = *state;
	const off_t lengths[] = { 0, 1, 100, 200 };

	get(f, profile);
	for (size_t i = 0; i < ARRAY_LEN(lengths); i++) {
		auto_fd fd = openat(f->dir, f->entry, O_WRONLY | O_CLOEXEC);

		assert_int_equal(ftruncate(fd, lengths[i]), 0);
		assert_replaced(f);
	}
}

static void an_entry_that_grew_is_replaced(void **state)
{
	struct fixture *f = *state;
	auto_fd fd = -1;

	get(f, profile);
	fd = openat(f->dir, f->entry, O_WRONLY | O_APPEND | O_CLOEXEC);
	assert_int_equal(write(fd, "x", 1), 1);
	assert_replaced(f);
	fd_close(&fd);
	fd = openat(f->dir, f->entry, O_WRONLY | O_CLOEXEC);
	assert_int_equal(ftruncate(fd, 1LL << 40), 0);
	assert_replaced(f);
}

static void the_entry_of_another_profile_is_not_taken(void **state)
{
	struct fixture *f = *state;
	struct oci_raw other = raw("{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
	const struct seccomp_source src = { .profile = &other };
	struct seccomp_key key;
	char name[SHA256_HEX];

	get(f, other.data);
	seccomp_cache_key(&src, &key);
	sha256_hex(key.v, name);
	assert_int_equal(renameat(f->dir, name, f->dir, f->entry), 0);
	assert_replaced(f);
}

static void an_entry_that_others_can_write_is_not_trusted(void **state)
{
	static const mode_t modes[] = { 0620, 0602, 0666 };
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(modes); i++) {
		get(f, profile);
		assert_int_equal(fchmodat(f->dir, f->entry, modes[i], 0), 0);
		assert_replaced(f);
	}
}

static void an_entry_of_another_user_is_not_trusted(void **state)
{
	struct fixture *f = *state;

	if (geteuid() != 0)
		skip_because("takes root");
	get(f, profile);
	assert_int_equal(fchownat(f->dir, f->entry, 4711, 4711, 0), 0);
	assert_replaced(f);
}

static void a_symlink_in_the_entrys_place_is_not_followed(void **state)
{
	struct fixture *f = *state;
	struct seccomp_program p;

	get(f, profile);
	assert_int_equal(renameat(f->dir, f->entry, f->dir, "elsewhere"), 0);
	assert_int_equal(symlinkat("elsewhere", f->dir, f->entry), 0);
	assert_int_equal(seccomp_cache_load(f->dir, &f->key, &f->a, &p), -ELOOP);
	assert_replaced(f);
}

static void a_fifo_or_directory_in_its_place_stops_nobody(void **state)
{
	struct fixture *f = *state;
	struct seccomp_program p;

	assert_int_equal(mkfifoat(f->dir, f->entry, 0600), 0);
	assert_int_equal(seccomp_cache_load(f->dir, &f->key, &f->a, &p), -EPERM);
	assert_replaced(f);
	assert_int_equal(unlinkat(f->dir, f->entry, 0), 0);
	assert_int_equal(mkdirat(f->dir, f->entry, 0700), 0);
	p = get(f, profile);
	assert_false(p.cached);
	p = get(f, profile);
	assert_false(p.cached); /* cannot be replaced, and does not matter */
}

static void the_number_of_entries_is_bounded(void **state)
{
	struct fixture *f = *state;
	char text[100];

	for (int i = 0; i < SECCOMP_CACHE_ENTRIES + 20; i++) {
		snprintf(text, sizeof(text),
			 "{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"x\":%d}", i);
		get(f, text);
	}
	assert_int_equal(entries(f), SECCOMP_CACHE_ENTRIES);
	assert_true(get(f, text).cached);
}

/* @prepare makes the directory hostile, in a mount namespace of its own. */
static void start_succeeds_uncached(struct fixture *f, int (*prepare)(struct fixture *))
{
	struct oci_raw r = raw(profile);
	pid_t pid = fork();
	int status;

	if (pid == 0) {
		struct seccomp_program p = { .cached = true };
		struct seccomp_source src = { .profile = &r };
		struct arena a = { 0 };

		if (unshare(CLONE_NEWNS) < 0 ||
		    mount(NULL, "/", NULL, MS_PRIVATE | MS_REC, NULL) < 0 ||
		    prepare(f) < 0)
			_exit(77);
		src.cache_dirfd = f->dir;
		for (int i = 0; i < 2; i++)
			if (seccomp_program_get(&src, &a, &p, NULL) < 0 ||
			    p.cached || !p.n)
				_exit(1);
		if (entries(f) > 1) /* nothing half-written stays */
			_exit(2);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip_because("what it needs is refused here");
	assert_int_equal(status, 0);
}

static int mount_on(struct fixture *f, unsigned long flags, const char *options)
{
	if (mount("tmpfs", f->path, "tmpfs", flags, options) < 0)
		return -1;
	f->dir = open(f->path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	return f->dir;
}

static int make_read_only(struct fixture *f)
{
	return mount_on(f, MS_RDONLY, NULL);
}

static int fill_the_disk(struct fixture *f)
{
	int fd, r = mount_on(f, 0, "size=4k");

	if (r < 0)
		return r;
	fd = openat(f->dir, "filler", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	return write(fd, profile, sizeof(profile)) > 0 ? 0 : -1;
}

static int use_up_the_inodes(struct fixture *f)
{
	return mount_on(f, 0, "nr_inodes=1");
}

static void a_read_only_directory_costs_only_time(void **state)
{
	start_succeeds_uncached(*state, make_read_only);
}

static void a_full_disk_costs_only_time(void **state)
{
	start_succeeds_uncached(*state, fill_the_disk);
}

static void a_disk_without_inodes_costs_only_time(void **state)
{
	start_succeeds_uncached(*state, use_up_the_inodes);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(the_second_time_comes_from_the_cache),
		CASE(another_byte_in_the_profile_is_another_entry),
		CASE(absent_strings_stay_absent),
		CASE(a_broken_profile_leaves_no_entry),
		CASE(every_damaged_byte_is_noticed),
		CASE(a_truncated_entry_is_replaced),
		CASE(an_entry_that_grew_is_replaced),
		CASE(the_entry_of_another_profile_is_not_taken),
		CASE(an_entry_that_others_can_write_is_not_trusted),
		CASE(an_entry_of_another_user_is_not_trusted),
		CASE(a_symlink_in_the_entrys_place_is_not_followed),
		CASE(a_fifo_or_directory_in_its_place_stops_nobody),
		CASE(the_number_of_entries_is_bounded),
		CASE(a_read_only_directory_costs_only_time),
		CASE(a_full_disk_costs_only_time),
		CASE(a_disk_without_inodes_costs_only_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
