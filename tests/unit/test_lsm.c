/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Labels, from the configuration to the file.  Neither AppArmor nor SELinux has
 * to be there: a tree of files stands for /sys, and what is written to the wrong
 * file is seen there.  That a label confines is for tests/machine/apparmor.bats.
 */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/init.h"
#include "oci/spec.h"
#include "security/lsm.h"
#include "unit/spec_build.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/sys.h"
#include "wire/plan.h"

struct fixture {
	struct arena a;
	char sys[64];
	struct plan_builder b;
	unsigned char *bytes;
	struct plan p;
	struct oci_process process;
	struct lsm lsm;
	struct err e;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->sys, "/tmp/berth-sys-XXXXXX");
	if (!mkdtemp(f->sys))
		return -1;
	plan_builder_init(&f->b);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fs_remove_tree(AT_FDCWD, f->sys, NULL);
	plan_builder_done(&f->b);
	free(f->bytes);
	arena_free(&f->a);
	free(f);
	return 0;
}

/* A file below the tree, with the directories above it. */
static const char *put(struct fixture *f, const char *name, const char *text)
{
	const char *path = arena_printf(&f->a, "%s/%s", f->sys, name);
	char *dir = arena_strdup(&f->a, path);

	*strrchr(dir, '/') = '\0';
	assert_int_equal(fs_mkdirs(AT_FDCWD, dir, 0755, NULL), 0);
	assert_int_equal(fs_replace(AT_FDCWD, path, text, strlen(text), 0644,
				    NULL), 0);
	return path;
}

static void enable_apparmor(struct fixture *f)
{
	put(f, "module/apparmor/parameters/enabled", "Y\n");
}

static void enable_selinux(struct fixture *f)
{
	put(f, "fs/selinux/enforce", "1");
}

static int prepare(struct fixture *f, const char *apparmor, const char *selinux)
{
	f->process.apparmor_profile = spec_str(&f->a, apparmor);
	f->process.selinux_label = spec_str(&f->a, selinux);
	f->lsm = (struct lsm)LSM_NONE;
	f->e = (struct err){ 0 };
	return lsm_prepare(&f->b, &f->process, f->sys, &f->lsm, &f->e);
}

/* --- what the host has -------------------------------------------------------- */

static void a_host_has_what_its_files_say(void **state)
{
	struct fixture *f = *state;

	assert_false(lsm_has_apparmor(f->sys));
	assert_false(lsm_has_selinux(f->sys));
	put(f, "module/apparmor/parameters/enabled", "N\n");
	/* The mount point is there, selinuxfs is not. */
	put(f, "fs/selinux/other", "");
	assert_false(lsm_has_apparmor(f->sys));
	assert_false(lsm_has_selinux(f->sys));
	enable_apparmor(f);
	enable_selinux(f);
	assert_true(lsm_has_apparmor(f->sys));
	assert_true(lsm_has_selinux(f->sys));
	put(f, "module/apparmor/parameters/enabled", "");
	assert_false(lsm_has_apparmor(f->sys));
	/* A path that is too long is not cut to one that is there. */
	assert_false(lsm_has_selinux(arena_printf(&f->a, "%s/%0300d/../x", f->sys,
						  0)));
}

static void without_a_label_nothing_is_opened(void **state)
{
	static const char *const none[][2] = {
		{ NULL, NULL }, { "", "" }, { "unconfined", NULL },
		{ "unconfined", "" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(none); i++) {
		assert_int_equal(prepare(f, none[i][0], none[i][1]), 0);
		assert_null(f->lsm.apparmor);
		assert_null(f->lsm.selinux);
		assert_int_equal(f->lsm.procfs, PLAN_NO_FD);
		assert_int_equal(f->b.n_fds, 0);
		lsm_plan_exec(&f->b, &f->lsm);
		lsm_plan_keyring(&f->b, &f->lsm);
		assert_int_equal(f->b.n_ops, 0);
	}
}

static void a_label_that_nobody_enforces_is_refused(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(prepare(f, "berth-web", NULL), -EINVAL);
	assert_string_equal(f->e.text, "process.apparmorProfile: berth-web: "
			    "AppArmor is not enabled on this host");
	assert_int_equal(prepare(f, NULL, "a:b:c:s0:c1,c2"), -EINVAL);
	assert_string_equal(f->e.text, "process.selinuxLabel: a:b:c:s0:c1,c2: "
			    "SELinux is not enabled on this host");
	/* One does not stand in for the other. */
	enable_apparmor(f);
	assert_int_equal(prepare(f, NULL, "l"), -EINVAL);
	enable_selinux(f);
	put(f, "module/apparmor/parameters/enabled", "N");
	assert_int_equal(prepare(f, "p", "l"), -EINVAL);
	assert_int_equal(f->lsm.procfs, PLAN_NO_FD);
	assert_int_equal(f->b.n_fds, 0);
}

static void what_no_file_would_take_is_refused(void **state)
{
	struct fixture *f = *state;

	enable_apparmor(f);
	enable_selinux(f);
	assert_int_equal(prepare(f, arena_printf(&f->a, "%04001d", 0), NULL),
			 -EINVAL);
	assert_string_equal(f->e.text,
			    "process.apparmorProfile: longer than 4000 bytes");
	assert_int_equal(prepare(f, NULL, arena_printf(&f->a, "%04001d", 0)),
			 -EINVAL);
	assert_string_equal(f->e.text,
			    "process.selinuxLabel: longer than 4000 bytes");
	assert_int_equal(prepare(f, arena_printf(&f->a, "%04000d", 0), NULL), 0);
}

/* --- the plan ------------------------------------------------------------------- */

static void read_plan(struct fixture *f)
{
	size_t len;

	assert_int_equal(plan_finish(&f->b, 0, &f->bytes, &len), 0);
	assert_int_equal(plan_open(f->bytes, len, &f->p), 0);
}

static void assert_writes(const struct fixture *f, unsigned int i,
			  const char *file, const char *text)
{
	const struct plan_op *op = &f->p.ops[i];

	assert_int_equal(op->code, PLAN_LSM_EXEC);
	assert_string_equal(plan_get_str(&f->p, op->str[0]), file);
	assert_string_equal(plan_get_str(&f->p, op->str[1]), text);
	assert_int_equal(op->fd[0], f->lsm.procfs);
	assert_int_equal(op->flags, 0);
}

static void labels_become_texts_for_files(void **state)
{
	struct fixture *f = *state;

	enable_apparmor(f);
	enable_selinux(f);
	assert_int_equal(prepare(f, "unconfined", "u:r:t:s0:c1,c2"), 0);
	assert_int_equal(f->lsm.procfs, 0);
	lsm_plan_keyring(&f->b, &f->lsm);
	lsm_plan_exec(&f->b, &f->lsm);
	read_plan(f);
	assert_int_equal(f->p.header->n_ops, 3);
	assert_int_equal(f->p.header->n_fds, 1);
	assert_writes(f, 0, "keycreate", "u:r:t:s0:c1,c2");
	assert_writes(f, 1, "apparmor/exec", "exec unconfined");
	assert_writes(f, 2, "exec", "u:r:t:s0:c1,c2");
	assert_string_equal(plan_get_str(&f->p, f->p.ops[1].what),
			    "process.apparmorProfile: unconfined");
}

/* The fd is a procfs, and one that hides all but processes where that is allowed. */
static void the_procfs_is_one_of_our_own(void **state)
{
	struct fixture *f = *state;
	struct stat st;

	enable_selinux(f);
	assert_int_equal(prepare(f, NULL, "l"), 0);
	assert_int_equal(fstatat(f->b.fds[0], "thread-self", &st, 0), 0);
	if (geteuid() != 0)
		skip_because("mounting a procfs takes root");
	assert_int_equal(fstatat(f->b.fds[0], "sys", &st, 0), -1);
	assert_int_equal(fstatat(f->b.fds[0], "cmdline", &st, 0), -1);
}

/* --- berth-init writes ------------------------------------------------------------ */

/* berth-init's part for @file of @procfs; the report is in @in. */
static int write_label(struct fixture *f, int procfs, const char *file,
		       struct init *in)
{
	struct plan_op *op;

	op = plan_add(&f->b, PLAN_LSM_EXEC, NULL);
	op->fd[0] = plan_fd(&f->b, procfs);
	op->str[0] = plan_str(&f->b, file);
	op->str[1] = plan_str(&f->b, "nobody's label");
	read_plan(f);
	*in = (struct init){ .plan = f->p };
	in->fds[op->fd[0]] = procfs;
	return op_lsm_exec(in, &f->p.ops[0]);
}

/* An image's /proc is whatever the image wants. */
static void a_tree_that_only_looks_like_proc_gets_nothing(void **state)
{
	struct fixture *f = *state;
	const char *file = put(f, "thread-self/attr/exec", "untouched");
	auto_mem char *text = NULL;
	struct init in;
	size_t len;

	assert_int_equal(write_label(f, open(f->sys, O_PATH | O_CLOEXEC), "exec",
				     &in), -EXDEV);
	assert_string_equal(in.step, "open the file for the label");
	assert_string_equal(in.note, "`/proc/thread-self/attr/exec`");
	assert_int_equal(fs_read_all(AT_FDCWD, file, 100, &text, &len, NULL), 0);
	assert_string_equal(text, "untouched");
}

/* A real procfs with a file of the attacker's over the one that counts: one of
 * another file system, or of the same kind, which looks right (CVE-2025-52881). */
static int write_below_a_mount(struct fixture *f, bool of_proc)
{
	const char *file = put(f, "fake", "untouched"), *proc, *attr;
	auto_mem char *text = NULL;
	char before[32], after[32];
	struct init in;
	size_t len;
	int r;

	proc = arena_printf(&f->a, "%s/proc", f->sys);
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return 77;
	attr = arena_printf(&f->a, "%s/%d/task/%d/attr/exec", proc, getpid(),
			    getpid());
	if (mkdir(proc, 0755) < 0 || mount("proc", proc, "proc", 0, NULL) < 0)
		return 77;
	if (mount(of_proc ? arena_printf(&f->a, "%s/%d/comm", proc, getpid())
			  : file, attr, NULL, MS_BIND, NULL) < 0)
		return 78;
	fs_read_small(AT_FDCWD, "/proc/self/comm", before, sizeof(before));
	r = write_label(f, open(proc, O_PATH | O_CLOEXEC), "exec", &in);
	if (r != -EXDEV)
		return 1;
	fs_read_small(AT_FDCWD, "/proc/self/comm", after, sizeof(after));
	if (strcmp(before, after) != 0)
		return 3;
	if (fs_read_all(AT_FDCWD, file, 100, &text, &len, NULL) < 0 ||
	    strcmp(text, "untouched") != 0)
		return 2;
	return 0;
}

static void a_mount_over_the_file_is_not_entered(void **state)
{
	struct fixture *f = *state;

	for (int of_proc = 0; of_proc < 2; of_proc++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			_exit(write_below_a_mount(f, of_proc));
		waitpid(pid, &status, 0);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status) == 77)
			skip_because("mounting a procfs takes root");
		assert_int_equal(WEXITSTATUS(status), 0);
		rmdir(arena_printf(&f->a, "%s/proc", f->sys));
	}
}

/* What engines look for, see their regular expressions for attributes. */
static void a_refusal_of_the_kernel_has_the_path_in_backquotes(void **state)
{
	struct fixture *f = *state;
	struct init in;
	int r = write_label(f, open("/proc", O_PATH | O_CLOEXEC), "exec", &in);

	assert_true(r < 0);
	assert_string_equal(in.note, "`/proc/thread-self/attr/exec`");
}

/* --- PLAN_LABEL --------------------------------------------------------------------- */

static int label_dir(struct fixture *f, const char *path, struct init *in)
{
	struct plan_op *op = plan_add(&f->b, PLAN_LABEL, NULL);

	op->str[0] = plan_str(&f->b, "u:object_r:t:s0");
	op->str[3] = plan_str(&f->b, path);
	read_plan(f);
	*in = (struct init){ .plan = f->p, .ladder = -1, .host_null = -1,
			     .empty_dir = -1, .proc = -1, .parent = -1 };
	in->root = open(f->sys, O_PATH | O_DIRECTORY | O_CLOEXEC);
	return op_label(in, &f->p.ops[0]);
}

static void a_directory_is_labelled_if_it_can_be(void **state)
{
	struct fixture *f = *state;
	struct init in;
	char now[64];
	ssize_t n;
	int r;

	put(f, "dir/x", "");
	r = label_dir(f, "/dir", &in);
	close(in.root);
	if (r == -EPERM)
		skip_because("labels take root");
	assert_int_equal(r, 0);
	n = (ssize_t)SYS4(SYS_getxattr, arena_printf(&f->a, "%s/dir", f->sys),
			  "security.selinux", now, sizeof(now));
	if (n == -EOPNOTSUPP || n == -ENODATA)
		skip_because("a file system without labels");
	assert_int_equal(n, strlen("u:object_r:t:s0"));
	assert_memory_equal(now, "u:object_r:t:s0", (size_t)n);
}

static void a_link_is_not_followed_to_be_labelled(void **state)
{
	struct fixture *f = *state;
	struct init in;

	put(f, "dir/x", "");
	assert_int_equal(symlink("dir", arena_printf(&f->a, "%s/link", f->sys)), 0);
	assert_int_equal(label_dir(f, "/link", &in), -ELOOP);
	close(in.root);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_host_has_what_its_files_say),
		TEST(without_a_label_nothing_is_opened),
		TEST(a_label_that_nobody_enforces_is_refused),
		TEST(what_no_file_would_take_is_refused),
		TEST(labels_become_texts_for_files),
		TEST(the_procfs_is_one_of_our_own),
		TEST(a_tree_that_only_looks_like_proc_gets_nothing),
		TEST(a_mount_over_the_file_is_not_entered),
		TEST(a_refusal_of_the_kernel_has_the_path_in_backquotes),
		TEST(a_directory_is_labelled_if_it_can_be),
		TEST(a_link_is_not_followed_to_be_labelled),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
