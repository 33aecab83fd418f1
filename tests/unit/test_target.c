/* SPDX-License-Identifier: Apache-2.0 */
/* Paths inside a root that somebody else fills, and changes all the time. */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/limits.h>
#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "init/init.h"
#include "util/auto.h"
#include "util/fs.h"

/* A directory with "root", which is the container's, and "outside", which must
 * stay as it is. */
struct fixture {
	char dir[64];
	int outer, root;
	struct init *in;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	umask(0);
	strcpy(f->dir, "/tmp/berth-target-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	f->outer = open(f->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(f->outer, "root", 0755) < 0 ||
	    mkdirat(f->outer, "outside", 0755) < 0)
		return -1;
	f->root = openat(f->outer, "root", O_PATH | O_DIRECTORY | O_CLOEXEC);
	f->in = calloc(1, sizeof(*f->in));
	f->in->parent = f->in->ladder = f->in->host_null = -1;
	f->in->empty_dir = f->in->proc = -1;
	f->in->root = f->root;
	*state = f;
	return 0;
}

/* init_close leaves low numbers open, for execve to close. */
static void forget_parent(struct fixture *f)
{
	if (f->in->parent >= 0)
		close(f->in->parent);
	f->in->parent = -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	forget_parent(f);
	close(f->root);
	close(f->outer);
	fs_remove_tree(AT_FDCWD, f->dir, NULL);
	free(f->in);
	free(f);
	return 0;
}

static void add_dir(struct fixture *f, const char *path)
{
	assert_int_equal(mkdirat(f->root, path, 0755), 0);
}

static void add_file(struct fixture *f, const char *path)
{
	int fd = openat(f->root, path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC,
			0644);

	assert_true(fd >= 0);
	close(fd);
}

static void add_link(struct fixture *f, const char *says, const char *path)
{
	assert_int_equal(symlinkat(says, f->root, path), 0);
}

/* Whether @fd is what is at @path of the root, no link followed. */
static bool is_at(struct fixture *f, int fd, const char *path)
{
	struct stat a, b;

	if (fd < 0 || fstat(fd, &a) < 0 ||
	    fstatat(f->root, *path ? path : ".", &b, AT_SYMLINK_NOFOLLOW) < 0)
		return false;
	return a.st_dev == b.st_dev && a.st_ino == b.st_ino;
}

static void assert_nothing_outside(struct fixture *f)
{
	char path[80];

	snprintf(path, sizeof(path), "%s/outside", f->dir);
	/* rmdir takes it only if it is empty. */
	assert_int_equal(rmdir(path), 0);
	assert_int_equal(mkdir(path, 0755), 0);
	snprintf(path, sizeof(path), "%s/escaped", f->dir);
	assert_int_equal(faccessat(AT_FDCWD, path, F_OK, AT_SYMLINK_NOFOLLOW), -1);
}

/* --- what is there ------------------------------------------------------------------ */

static void fill(struct fixture *f)
{
	char outside[96];

	snprintf(outside, sizeof(outside), "%s/outside", f->dir);
	add_dir(f, "a");
	add_dir(f, "a/b");
	add_dir(f, "outside"); /* as the outer one is called */
	add_file(f, "a/file");
	add_link(f, "/a/b", "absolute");
	add_link(f, "a/b", "relative");
	add_link(f, "../../../../a", "up");
	add_link(f, "../b", "a/sibling");
	add_link(f, "../outside", "sneaky");
	add_link(f, outside, "host");
	add_link(f, "chain-2", "chain-1");
	add_link(f, "/relative", "chain-2");
	add_link(f, "loop-2", "loop-1");
	add_link(f, "loop-1", "loop-2");
	add_link(f, "self", "self");
	add_link(f, "nowhere", "dangling");
}

static void links_are_followed_inside_the_root(void **state)
{
	static const struct {
		const char *path, *is; /* is: where, NULL: r */
		int r;
	} cases[] = {
		{ "/", "", 0 },		   { ".", "", 0 },
		{ "..", "", 0 },	   { "/../../..", "", 0 },
		{ "/a", "a", 0 },	   { "a", "a", 0 },
		{ "//a//b/", "a/b", 0 },   { "/a/./b/../b", "a/b", 0 },
		{ "/../../a", "a", 0 },	   { "/absolute", "a/b", 0 },
		{ "/absolute/..", "a", 0 }, { "/relative", "a/b", 0 },
		{ "/up/b", "a/b", 0 },	   { "/a/../a/file", "a/file", 0 },
		{ "/sneaky", "outside", 0 }, { "/chain-1", "a/b", 0 },
		{ "/host", NULL, -ENOENT }, { "/dangling", NULL, -ENOENT },
		{ "/a/sibling", NULL, -ENOENT }, { "/nothing", NULL, -ENOENT },
		{ "", NULL, -ENOENT },	   { "/loop-1", NULL, -ELOOP },
		{ "/self", NULL, -ELOOP }, { "/a/file/x", NULL, -ENOTDIR },
		{ "/a/file/", NULL, -ENOTDIR },
		{ "/a/file/..", NULL, -ENOTDIR },
	};
	struct fixture *f = *state;

	fill(f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int fd = target_find(f->in, cases[i].path, false);

		if (cases[i].is ? !is_at(f, fd, cases[i].is) : fd != cases[i].r)
			fail_msg("%s: %d", cases[i].path, fd);
		fd_close(&fd);
	}
}

static void no_link_is_followed_where_none_may_be(void **state)
{
	static const char *const cases[] = {
		"/absolute", "/relative", "/up/b", "/sneaky", "/dangling",
		"/dangling/x", "/loop-1", "/a/sibling", "/host",
		"/absolute/new", "/a/sibling/new",
	};
	struct fixture *f = *state;
	int fd;

	fill(f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		forget_parent(f);
		assert_int_equal(target_find(f->in, cases[i], true), -ELOOP);
		assert_int_equal(target_make(f->in, cases[i], TARGET_DIR, 0755,
					     true), -ELOOP);
		assert_int_equal(target_make(f->in, cases[i], TARGET_FILE, 0644,
					     true), -ELOOP);
	}
	fd = target_make(f->in, "/a/new/one", TARGET_DIR, 0755, true);
	assert_true(is_at(f, fd, "a/new/one"));
	close(fd);
	assert_int_equal(faccessat(f->root, "nowhere", F_OK, 0), -1);
	assert_nothing_outside(f);
}

static void magic_links_are_not_followed(void **state)
{
	static const char *const cases[] = {
		"/self/root", "/self/cwd", "/self/exe", "/self/fd/0",
		"/self/root/etc/passwd", "/self/ns/net", "/thread-self/root",
	};
	struct fixture *f = *state;
	int proc = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);

	f->in->root = proc;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		assert_int_equal(target_find(f->in, cases[i], false), -ELOOP);
		forget_parent(f);
		assert_int_equal(target_make(f->in, cases[i], TARGET_FILE, 0644,
					     false), -ELOOP);
	}
	close(proc);
}

/* --- what is made ------------------------------------------------------------------- */

static void what_is_missing_is_made_with_its_parents(void **state)
{
	static const struct {
		const char *path;
		enum target_kind kind;
		const char *is;
	} cases[] = {
		{ "/new", TARGET_DIR, "new" },
		{ "new-2", TARGET_DIR, "new-2" },
		{ "/file", TARGET_FILE, "file" },
		{ "/x/y/z", TARGET_DIR, "x/y/z" },
		{ "/x/y/file", TARGET_FILE, "x/y/file" },
		{ "/x/y/file-2", TARGET_FILE, "x/y/file-2" },
		{ "/x//w///v//", TARGET_DIR, "x/w/v" },
		{ "/made/slash/", TARGET_FILE, "made/slash" },
		{ "/a/.hidden", TARGET_FILE, "a/.hidden" },
		{ "/a/..also", TARGET_DIR, "a/..also" },
		{ "/m/../n", TARGET_DIR, "n" },
		{ "/o/p/../../q/r", TARGET_DIR, "q/r" },
		{ "/../../escaped", TARGET_DIR, "escaped" },
		{ "../escaped-2", TARGET_FILE, "escaped-2" },
		/* through links, also into nothing, which they name inside */
		{ "/absolute/in", TARGET_FILE, "a/b/in" },
		{ "/up/in", TARGET_DIR, "a/in" },
		{ "/chain-1/c", TARGET_FILE, "a/b/c" },
		{ "/sneaky/s", TARGET_FILE, "outside/s" },
		{ "/dangling", TARGET_DIR, "nowhere" },
		{ "/a/sibling/deep", TARGET_FILE, "b/deep" },
		/* what is there stays what it is */
		{ "/a/b", TARGET_FILE, "a/b" },
		{ "/a/file", TARGET_DIR, "a/file" },
		{ "/", TARGET_DIR, "" },
		{ "/.", TARGET_FILE, "" },
	};
	struct fixture *f = *state;

	fill(f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int fd = target_make(f->in, cases[i].path, cases[i].kind, 0700,
				     false);
		struct stat st;

		if (!is_at(f, fd, cases[i].is))
			fail_msg("%s: %d", cases[i].path, fd);
		assert_int_equal(fstat(fd, &st), 0);
		close(fd);
		if (i >= 19)
			continue;
		assert_int_equal(S_ISDIR(st.st_mode),
				 cases[i].kind == TARGET_DIR);
		assert_int_equal(st.st_mode & 07777, 0700);
	}
	assert_nothing_outside(f);
}

static void parents_have_an_ordinary_mode(void **state)
{
	struct fixture *f = *state;
	struct stat st;
	int fd = target_make(f->in, "/p/q/last", TARGET_DIR, 01777, false);

	assert_true(fd >= 0);
	close(fd);
	assert_int_equal(fstatat(f->root, "p", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(fstatat(f->root, "p/q", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 0755);
	assert_int_equal(fstatat(f->root, "p/q/last", &st, 0), 0);
	assert_int_equal(st.st_mode & 07777, 01777);
}

static void a_link_to_the_host_names_a_place_inside(void **state)
{
	struct fixture *f = *state;
	char inside[96];
	int fd;

	fill(f);
	fd = target_make(f->in, "/host/file", TARGET_FILE, 0644, false);
	snprintf(inside, sizeof(inside), "%s/outside/file", f->dir + 1);
	assert_true(is_at(f, fd, inside));
	close(fd);
	assert_nothing_outside(f);
}

static void what_cannot_be_made_is_an_error(void **state)
{
	static const struct { const char *path; int r; } cases[] = {
		{ "/a/file/x", -ENOTDIR },  { "/a/file/x/y", -ENOTDIR },
		{ "/loop-1", -ELOOP },	    { "/loop-1/x", -ELOOP },
		{ "/self/x", -ELOOP },
	};
	struct fixture *f = *state;

	fill(f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		forget_parent(f);
		assert_int_equal(target_make(f->in, cases[i].path, TARGET_DIR,
					     0755, false), cases[i].r);
	}
}

static void names_have_their_limits(void **state)
{
	struct fixture *f = *state;
	char path[2 * PATH_MAX];
	char link[PATH_MAX];
	int fd;

	memset(path, 'n', sizeof(path));
	path[0] = '/';
	path[1 + NAME_MAX] = '\0';
	fd = target_make(f->in, path, TARGET_FILE, 0644, false);
	assert_true(is_at(f, fd, path + 1));
	close(fd);
	path[1 + NAME_MAX] = 'n';
	path[2 + NAME_MAX] = '\0';
	assert_int_equal(target_make(f->in, path, TARGET_FILE, 0644, false),
			 -ENAMETOOLONG);
	memcpy(path, "/x/", 3);
	path[2 + NAME_MAX] = 'n';
	path[4 + NAME_MAX] = '\0';
	assert_int_equal(target_make(f->in, path, TARGET_DIR, 0755, false),
			 -ENAMETOOLONG);

	/* PATH_MAX counts the NUL. */
	for (size_t i = 0; i < sizeof(path) - 1; i++)
		path[i] = i % 2 ? 'd' : '/';
	path[PATH_MAX] = '\0';
	assert_int_equal(target_make(f->in, path, TARGET_DIR, 0755, false),
			 -ENAMETOOLONG);
	path[sizeof(path) - 1] = '\0';
	assert_int_equal(target_make(f->in, path, TARGET_DIR, 0755, false),
			 -ENAMETOOLONG);

	/* A link that makes the path too long once it is put in. */
	memset(link, '/', sizeof(link));
	memcpy(link + sizeof(link) - 3, "zz", 3);
	add_link(f, link, "lon");
	memcpy(path, "/lon", 4);
	path[1000] = '\0';
	assert_int_equal(target_make(f->in, path, TARGET_DIR, 0755, false),
			 -ENAMETOOLONG);
	assert_nothing_outside(f);
}

/* Each link leads to the next, the last one to nothing. */
static void a_long_chain_of_links_ends(void **state)
{
	struct fixture *f = *state;
	char name[16], next[16];
	int fd;

	for (int i = 0; i < 60; i++) {
		snprintf(name, sizeof(name), "l%d", i);
		snprintf(next, sizeof(next), "l%d", i + 1);
		add_link(f, next, name);
	}
	fd = target_make(f->in, "/l50", TARGET_DIR, 0755, false);
	assert_true(is_at(f, fd, "l60"));
	close(fd);
	assert_int_equal(unlinkat(f->root, "l60", AT_REMOVEDIR), 0);
	assert_int_equal(target_make(f->in, "/l0", TARGET_DIR, 0755, false),
			 -ELOOP);
	assert_int_equal(faccessat(f->root, "l60", F_OK, 0), -1);
}

static void the_parent_is_found_once_and_kept(void **state)
{
	static const struct { const char *path, *dir, *name; } cases[] = {
		{ "/dev/null", "dev", "null" },
		{ "/dev/zero", "dev", "zero" },
		{ "/dev/../b/x", "b", "x" },
		{ "/top", "", "top" },
		{ "bare", "", "bare" },
		{ "/absolute/x", "a/b", "x" },
	};
	static const char *const bad[] = {
		"/", "", ".", "..", "/dev/.", "/dev/..", "/dev/", "//",
	};
	struct fixture *f = *state;
	const char *name;
	int fd;

	fill(f);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		fd = target_parent(f->in, cases[i].path, &name);
		if (!is_at(f, fd, cases[i].dir))
			fail_msg("%s: %d", cases[i].path, fd);
		assert_string_equal(name, cases[i].name);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		assert_int_equal(target_parent(f->in, bad[i], &name), -EINVAL);
	fd = target_parent(f->in, "/dev/a", &name);
	assert_int_equal(target_parent(f->in, "/dev/b", &name), fd);
	/* Whoever mounts something there says so. */
	target_forget_parent(f->in);
	assert_int_equal(f->in->parent, -1);
	close(fd);
}

/* --- a tree that changes meanwhile -------------------------------------------------- */

#define ROUNDS 10000
#define TURNS 2000	/* of the other thread, which may get less time … */
#define PATIENCE 100000 /* … but so many rounds are enough */

struct attacker {
	struct fixture *f;
	atomic_bool stop;
	atomic_uint turns;
};

/* "d" is in turn a directory, a link to the outside by three ways, gone. */
static void *swap(void *user)
{
	struct attacker *at = user;
	int root = at->f->root;
	char outside[96];

	snprintf(outside, sizeof(outside), "%s/outside", at->f->dir);
	add_dir(at->f, "real");
	add_dir(at->f, "real/sub");
	add_link(at->f, "../outside", "relative");
	add_link(at->f, outside, "absolute");
	while (!atomic_load(&at->stop)) {
		static const char *const turns[] = { "real", "relative",
						     "absolute" };

		for (size_t i = 0; i < ARRAY_LEN(turns); i++) {
			renameat(root, turns[i], root, "d");
			renameat(root, "d", root, turns[i]);
		}
		atomic_fetch_add(&at->turns, 1);
	}
	return NULL;
}

/* Directories move out of their parents, and so out of the way to "..". */
static void *move(void *user)
{
	struct attacker *at = user;
	int root = at->f->root;

	mkdirat(root, "away", 0755);
	while (!atomic_load(&at->stop)) {
		renameat(root, "d/e", root, "away/e");
		renameat(root, "away/e", root, "d/e");
		renameat(root, "d", root, "away/d");
		renameat(root, "away/d", root, "d");
		renameat2(root, "d", root, "away", 2 /* RENAME_EXCHANGE */);
		atomic_fetch_add(&at->turns, 1);
	}
	return NULL;
}

/* Things appear, as links, in the moment in which they are to be made. */
static void *plant(void *user)
{
	struct attacker *at = user;
	int root = at->f->root;

	while (!atomic_load(&at->stop)) {
		(void)!symlinkat("../../outside/escaped", root, "d/new");
		(void)!symlinkat("../outside", root, "d");
		unlinkat(root, "d/new", 0);
		unlinkat(root, "d/new", AT_REMOVEDIR);
		unlinkat(root, "d/e", AT_REMOVEDIR);
		unlinkat(root, "d", 0);
		unlinkat(root, "d", AT_REMOVEDIR);
		atomic_fetch_add(&at->turns, 1);
	}
	return NULL;
}

/* Whether the directory entry of @fd is below the root's own path. */
static bool is_inside(const struct fixture *f, int fd)
{
	char link[64], path[PATH_MAX], root[96];
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	snprintf(root, sizeof(root), "%s/root", f->dir);
	n = readlink(link, path, sizeof(path) - 1);
	if (n < 0)
		return false;
	path[n] = '\0';
	return strncmp(path, root, strlen(root)) == 0 &&
	       (path[strlen(root)] == '/' || !path[strlen(root)] ||
		path[strlen(root)] == ' ' /* " (deleted)" */);
}

static void attack(struct fixture *f, void *(*fn)(void *))
{
	static const char *const paths[] = {
		"/d/new", "/d/e/new", "/d/e/../new", "/d/e/../../d/new/x",
		"/d/new/deep/er", "/d/../new", "/d/sub/new",
	};
	struct attacker at = { .f = f };
	unsigned int made = 0, i;
	pthread_t thread;

	assert_int_equal(pthread_create(&thread, NULL, fn, &at), 0);
	while (!atomic_load(&at.turns))
		sched_yield();
	for (i = 0; i < ROUNDS ||
		    (i < PATIENCE && atomic_load(&at.turns) < TURNS); i++) {
		const char *path = paths[i % ARRAY_LEN(paths)];
		enum target_kind kind = i % 9 ? TARGET_DIR : TARGET_FILE;
		int fd = target_make(f->in, path, kind, 0755, i % 5 == 0);

		if (fd >= 0) {
			assert_true(is_inside(f, fd));
			made++;
			close(fd);
		}
		if (i % 4 == 0) {
			fd = target_find(f->in, path, false);
			assert_true(fd < 0 || is_inside(f, fd));
			fd_close(&fd);
		}
		forget_parent(f);
	}
	atomic_store(&at.stop, true);
	pthread_join(thread, NULL);
	assert_in_range(made, i / 100, i);
	assert_nothing_outside(f);
}

static void a_directory_swapped_for_a_link_leads_nowhere_else(void **state)
{
	attack(*state, swap);
}

static void a_directory_that_moves_away_leads_nowhere_else(void **state)
{
	attack(*state, move);
}

static void a_link_planted_in_the_way_leads_nowhere_else(void **state)
{
	attack(*state, plant);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(links_are_followed_inside_the_root),
		TEST(no_link_is_followed_where_none_may_be),
		TEST(magic_links_are_not_followed),
		TEST(what_is_missing_is_made_with_its_parents),
		TEST(parents_have_an_ordinary_mode),
		TEST(a_link_to_the_host_names_a_place_inside),
		TEST(what_cannot_be_made_is_an_error),
		TEST(names_have_their_limits),
		TEST(a_long_chain_of_links_ends),
		TEST(the_parent_is_found_once_and_kept),
		TEST(a_directory_swapped_for_a_link_leads_nowhere_else),
		TEST(a_directory_that_moves_away_leads_nowhere_else),
		TEST(a_link_planted_in_the_way_leads_nowhere_else),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
