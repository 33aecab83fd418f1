/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The cgroup mechanism on this machine's own hierarchy, below a cgroup of the
 * test's own that goes with it.  What this kernel, or who runs the test, does
 * not have is skipped; in the test machine nothing is.
 */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cgroups/devices.h"
#include "cgroups/events.h"
#include "cgroups/internal.h"
#include "cgroups/limits.h"
#include "cgroups/stats.h"
#include "oci/spec.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"

#define SET(n) { .set = true, .v = (n) }
#define TEXT(s) ((char *)(uintptr_t)(s))

struct place {
	struct arena a;
	const char *mount;
	char *base;	/* below the mount: "/berth-test-PID" */
	struct cgroup cg; /* the base, empty */
	uint32_t has;	/* controllers at the top */
};

static void say(const struct err *e, int r)
{
	if (r < 0)
		print_error("%s\n", e->text);
}

#define OK(call)                               \
	do {                                   \
		int r_ = (call);               \
		say(&e, r_);                   \
		assert_true(r_ >= 0);          \
	} while (0)

static int start(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct err e = { 0 };
	char list[512];
	int top;

	*state = NULL;
	if (geteuid() != 0 || cgroup_locate(&p->a, &p->mount, &e) < 0) {
		free(p);
		return 0;
	}
	p->base = arena_printf(&p->a, "/berth-test-%d", (int)getpid());
	const struct cgroup_create_args args = { .mount = p->mount,
						 .cgroups_path = p->base,
						 .id = "x" };
	if (cgroup_create(&args, &p->cg, &e) < 0) {
		arena_free(&p->a);
		free(p);
		return 0;
	}
	top = open(p->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup_read_value(top, "cgroup.controllers", list, sizeof(list)) >= 0)
		p->has = cgroup_controller_set(list);
	close(top);
	*state = p;
	return 0;
}

static int end(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int r;

	if (!p)
		return 0;
	cgroup_kill(&p->cg, SIGKILL, &e);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	r = cgroup_remove(p->cg.path, 1, &e);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	say(&e, r);
	cgroup_done(&p->cg);
	arena_free(&p->a);
	free(p);
	return r;
}

#define PLACE(p)                                                      \
	struct place *p = *state;                                     \
	struct err e __attribute__((unused)) = { 0 };                 \
	if (!p) {                                                     \
		print_message("no cgroup v2 hierarchy to write in\n"); \
		skip();                                               \
	}

#define NEED(p, set)                                                         \
	do {                                                                 \
		if (((p)->has & (set)) != (set)) {                           \
			print_message("no %s controller in the hierarchy\n", \
				      cgroup_controller_name((set) & ~(p)->has)); \
			skip();                                              \
		}                                                            \
	} while (0)

static void below(struct place *p, const char *name, struct cgroup *ret)
{
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/%s", p->base, name),
		.id = "x",
	};
	struct err e = { 0 };

	OK(cgroup_create(&args, ret, &e));
}

/* A process in @cg that runs @fn, or only waits. */
static pid_t run_in(const struct cgroup *cg, int (*fn)(void *), void *arg)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (cgroup_attach(cg, getpid(), NULL) < 0)
			_exit(99);
		if (!fn)
			(void)!write(ready[1], "x", 1);
		close(ready[1]);
		if (fn)
			_exit(fn(arg));
		for (;;)
			pause();
	}
	close(ready[1]);
	if (!fn)
		assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static int status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

/* --- making and removing ---------------------------------------------------------- */

static void a_path_is_made_and_removed_with_its_parents(void **state)
{
	PLACE(p)
	const struct cgroup_create_args args = {
		.cgroups_path = arena_printf(&p->a, "%s/a/b/c", p->base),
		.id = "x",
	};
	auto_cgroup cg = CGROUP_NONE;
	char *a = arena_printf(&p->a, "%s%s/a", p->mount, p->base);

	OK(cgroup_create(&args, &cg, &e));
	assert_int_equal(cg.made, 3);
	assert_string_equal(cg.path, arena_printf(&p->a, "%s/b/c", a));
	OK(cgroup_remove(cg.path, cg.made, &e));
	assert_false(exists(a));
	assert_true(exists(p->cg.path));
	OK(cgroup_remove(cg.path, cg.made, &e)); /* gone is fine */
}

static void parents_that_others_use_stay(void **state)
{
	PLACE(p)
	auto_cgroup one = CGROUP_NONE, two = CGROUP_NONE;
	char *a = arena_printf(&p->a, "%s/a", p->cg.path);

	below(p, "a/one", &one);
	below(p, "a/two", &two);
	assert_int_equal(one.made, 2);
	assert_int_equal(two.made, 1);
	OK(cgroup_remove(one.path, one.made, &e));
	assert_true(exists(a));
	OK(cgroup_remove(two.path, two.made, &e));
	OK(cgroup_remove(a, 1, &e));
}

/* Makes and removes cgroups whose parents another process removes as well. */
static int make_and_remove(void *arg)
{
	struct place *p = arg;
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/r/s/%d", p->base,
					     (int)getpid()),
		.id = "x",
	};

	for (int i = 0; i < 500; i++) {
		struct cgroup cg = CGROUP_NONE;
		struct err e = { 0 };

		if (cgroup_create(&args, &cg, &e) < 0 ||
		    cgroup_remove(cg.path, cg.made, &e) < 0) {
			fprintf(stderr, "round %d: %s\n", i, e.text);
			return 1;
		}
		cgroup_done(&cg);
	}
	return 0;
}

static void others_that_remove_our_parents_do_no_harm(void **state)
{
	PLACE(p)
	auto_cgroup cg = CGROUP_NONE;
	pid_t pids[3];

	below(p, "runner", &cg);
	for (size_t i = 0; i < ARRAY_LEN(pids); i++)
		pids[i] = run_in(&cg, make_and_remove, p);
	for (size_t i = 0; i < ARRAY_LEN(pids); i++)
		assert_int_equal(status_of(pids[i]), 0);
}

static void a_tree_is_removed_however_deep(void **state)
{
	PLACE(p)
	auto_cgroup cg = CGROUP_NONE;
	char path[8192] = "a";

	for (int i = 0; i < 200; i++)
		strcat(path, i % 10 ? "/.b" : "/c");
	below(p, path, &cg);
	for (int i = 0; i < 20; i++) {
		char name[16];

		snprintf(name, sizeof(name), "n%d", i);
		assert_int_equal(mkdirat(cg.fd, name, 0755), 0);
	}
	OK(cgroup_remove(arena_printf(&p->a, "%s/a", p->cg.path), 1, &e));
	assert_false(exists(arena_printf(&p->a, "%s/a", p->cg.path)));
}

static void what_was_made_goes_when_the_rest_cannot_be(void **state)
{
	PLACE(p)
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/a/b/c", p->base),
		.id = "x",
	};
	auto_cgroup cg = CGROUP_NONE;

	assert_int_equal(fs_write_text(p->cg.fd, "cgroup.max.depth", "2"), 0);
	assert_int_equal(cgroup_create(&args, &cg, &e), -EAGAIN);
	assert_non_null(strstr(e.text, "cgroup.max.depth"));
	assert_false(exists(arena_printf(&p->a, "%s/a", p->cg.path)));
	assert_int_equal(cg.fd, -1);
}

static void a_process_is_born_in_it(void **state)
{
	PLACE(p)
	struct clone_args args = { .flags = CLONE_INTO_CGROUP,
				   .exit_signal = SIGCHLD };
	auto_cgroup cg = CGROUP_NONE;
	pid_t pid, *got;
	size_t n;

	below(p, "a", &cg);
	args.cgroup = (uint64_t)cg.fd;
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		for (;;)
			pause();
	assert_true(pid > 0);
	OK(cgroup_pids(&cg, &p->a, &got, &n, &e));
	assert_int_equal(n, 1);
	assert_int_equal(got[0], pid);
	OK(cgroup_kill(&cg, SIGKILL, &e));
	assert_int_equal(status_of(pid), 128 + SIGKILL);
	OK(cgroup_remove(cg.path, 1, &e));
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	assert_int_equal(pid, -1);
	assert_int_equal(cgroup_explain(&cg, errno, &e), -ENOENT);
}

static void an_empty_cgroup_that_is_there_is_used(void **state)
{
	PLACE(p)
	auto_cgroup one = CGROUP_NONE, two = CGROUP_NONE;

	below(p, "a", &one);
	below(p, "a", &two);
	assert_int_equal(two.made, 0);
	assert_string_equal(one.path, two.path);
}

static void a_cgroup_with_processes_or_frozen_is_refused(void **state)
{
	PLACE(p)
	auto_cgroup one = CGROUP_NONE, two = CGROUP_NONE;
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/a", p->base),
		.id = "x",
	};
	pid_t pid;

	below(p, "a", &one);
	pid = run_in(&one, NULL, NULL);
	assert_int_equal(cgroup_create(&args, &two, &e), -EBUSY);
	assert_non_null(strstr(e.text, arena_printf(&p->a, "process %d", pid)));
	OK(cgroup_kill(&one, SIGKILL, &e));
	status_of(pid);
	OK(cgroup_freeze(&one, true, &e));
	assert_int_equal(cgroup_create(&args, &two, &e), -EBUSY);
	assert_non_null(strstr(e.text, "frozen"));
	assert_true(exists(one.path));
	OK(cgroup_freeze(&one, false, &e));
	OK(cgroup_create(&args, &two, &e));
}

static void a_child_is_opened_only_below(void **state)
{
	PLACE(p)
	auto_cgroup cg = CGROUP_NONE, child = CGROUP_NONE, none = CGROUP_NONE;

	below(p, "a/b", &cg);
	OK(cgroup_open_child(&p->cg, "/a/b", &child, &e));
	assert_string_equal(child.path, cg.path);
	cgroup_done(&child);
	OK(cgroup_open_child(&p->cg, "/", &child, &e));
	assert_string_equal(child.path, p->cg.path);
	assert_true(cgroup_open_child(&p->cg, "..", &none, &e) < 0);
	assert_true(cgroup_open_child(&p->cg, "a/../..", &none, &e) < 0);
	assert_int_equal(cgroup_open_child(&p->cg, "nope", &none, &e), -ENOENT);
}

/* --- processes ----------------------------------------------------------------------- */

static void processes_are_listed_with_those_below(void **state)
{
	PLACE(p)
	auto_cgroup one = CGROUP_NONE, two = CGROUP_NONE, three = CGROUP_NONE;
	pid_t pids[3], *got, first;
	size_t n;

	below(p, "a", &one);
	below(p, "a/b", &two);
	below(p, "a/.hidden/c", &three);
	OK(cgroup_pids(&one, &p->a, &got, &n, &e));
	assert_int_equal(n, 0);
	pids[0] = run_in(&three, NULL, NULL);
	pids[1] = run_in(&two, NULL, NULL);
	pids[2] = run_in(&one, NULL, NULL);
	OK(cgroup_pids(&one, &p->a, &got, &n, &e));
	assert_int_equal(n, 3);
	for (size_t i = 1; i < n; i++)
		assert_true(got[i - 1] < got[i]);
	first = cgroup_first_pid(one.fd);
	assert_int_equal(first, got[0]);
	assert_int_equal(cgroup_is_empty(&one, &e), 0);
	OK(cgroup_kill(&one, SIGKILL, &e));
	for (int i = 0; i < 3; i++)
		assert_int_equal(status_of(pids[i]), 128 + SIGKILL);
	OK(cgroup_wait_empty(&one, 5000, &e));
	assert_int_equal(cgroup_is_empty(&one, &e), 1);
}

static void any_signal_reaches_everyone_frozen_or_not(void **state)
{
	PLACE(p)
	auto_cgroup one = CGROUP_NONE, two = CGROUP_NONE;
	pid_t a, b;

	below(p, "a", &one);
	below(p, "a/b", &two);
	a = run_in(&one, NULL, NULL);
	b = run_in(&two, NULL, NULL);
	OK(cgroup_freeze(&one, true, &e));
	OK(cgroup_kill(&one, SIGTERM, &e));
	assert_int_equal(cgroup_is_frozen(&one, &e), 1);
	OK(cgroup_freeze(&one, false, &e));
	assert_int_equal(status_of(a), 128 + SIGTERM);
	assert_int_equal(status_of(b), 128 + SIGTERM);
	OK(cgroup_wait_empty(&one, 5000, &e));

	a = run_in(&two, NULL, NULL);
	OK(cgroup_kill(&one, SIGUSR1, &e));
	assert_int_equal(status_of(a), 128 + SIGUSR1);
	assert_int_equal(cgroup_is_frozen(&one, &e), 0);
	OK(cgroup_kill(&one, SIGTERM, &e)); /* nobody there: fine */
}

static void a_frozen_cgroup_can_be_killed(void **state)
{
	PLACE(p)
	auto_cgroup cg = CGROUP_NONE;
	pid_t pid;

	below(p, "a", &cg);
	pid = run_in(&cg, NULL, NULL);
	OK(cgroup_freeze(&cg, true, &e));
	OK(cgroup_kill(&cg, SIGKILL, &e));
	assert_int_equal(status_of(pid), 128 + SIGKILL);
	OK(cgroup_remove(cg.path, 1, &e));
	OK(cgroup_kill(&cg, SIGKILL, &e)); /* gone: fine */
	OK(cgroup_kill(&cg, SIGTERM, &e));
	OK(cgroup_wait_empty(&cg, 0, &e));
}

/* Forks for ever; each child is the next one's parent and ends. */
static int hare(void *arg)
{
	for (;;) {
		pid_t pid = fork();

		if (pid > 0)
			_exit(0);
	}
}

static void a_process_that_forks_without_end_is_killed(void **state)
{
	PLACE(p)
	auto_cgroup cg = CGROUP_NONE;

	below(p, "a", &cg);
	for (int i = 0; i < 20; i++) {
		pid_t pid = run_in(&cg, hare, NULL);

		assert_int_equal(status_of(pid), 0);
		OK(cgroup_kill(&cg, i % 2 ? SIGTERM : SIGKILL, &e));
		OK(cgroup_wait_empty(&cg, 10000, &e));
	}
}

static void who_is_left_is_named_with_his_state(void **state)
{
	PLACE(p)
	auto_cgroup cg = CGROUP_NONE;
	pid_t pid;

	below(p, "a/b", &cg);
	pid = run_in(&cg, NULL, NULL);
	assert_int_equal(cgroup_wait_empty(&cg, 20, &e), -ETIMEDOUT);
	assert_non_null(strstr(e.text, arena_printf(&p->a, ": %d (", pid)));
	assert_non_null(strstr(e.text, "in state S: it sleeps"));
	assert_int_equal(cgroup_remove(cg.path, 2, &e), -EBUSY);
	assert_non_null(strstr(e.text, arena_printf(&p->a, ": %d (", pid)));
	assert_true(exists(cg.path));
	OK(cgroup_kill(&cg, SIGKILL, &e));
	OK(cgroup_remove(cg.path, 2, &e)); /* a zombie does not hold it */
	status_of(pid);
}

/* --- where ------------------------------------------------------------------------------- */

struct default_case {
	struct place *p;
	const struct oci_resources *r;
	const char *want; /* parent, below the base; NULL: the top */
	bool ns;
};

/* Makes a cgroup from the process's own one and compares where it went. */
static int create_here(void *arg)
{
	const struct default_case *c = arg;
	const struct cgroup_create_args args = {
		.mount = c->p->mount,
		.id = arena_printf(&c->p->a, "test-d-%d", (int)getpid()),
		.resources = c->r,
	};
	struct cgroup cg = CGROUP_NONE;
	struct err e = { 0 };
	char want[4096];
	int r, ret;

	if (c->ns && unshare(CLONE_NEWCGROUP) < 0)
		return 3;
	r = cgroup_create(&args, &cg, &e);
	if (r < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	snprintf(want, sizeof(want), "%s%s%s/berth-%s", c->p->mount,
		 c->want ? c->p->base : "", c->want ?: "", args.id);
	ret = strcmp(cg.path, want) ? 2 : 0;
	if (ret)
		fprintf(stderr, "%s instead of %s\n", cg.path, want);
	if (cgroup_remove(cg.path, cg.made, &e) < 0)
		ret = 4;
	return ret;
}

static void without_limits_it_goes_below_the_own_cgroup(void **state)
{
	PLACE(p)
	auto_cgroup cg = CGROUP_NONE;
	struct default_case c = { .p = p, .want = "/a/b" };

	below(p, "a/b", &cg);
	assert_int_equal(status_of(run_in(&cg, create_here, &c)), 0);
}

static void with_limits_it_goes_where_they_can_be_had(void **state)
{
	PLACE(p)
	struct oci_hugepage_limit page = { TEXT("2MB"), 2097152 };
	const struct oci_resources r = { .hugepage_limits = &page,
					 .n_hugepage_limits = 1 };
	struct default_case c = { .p = p, .r = &r, .want = "/a" };
	auto_cgroup cg = CGROUP_NONE, top = CGROUP_NONE;

	NEED(p, CGROUP_HUGETLB);
	below(p, "a/b", &cg);
	assert_int_equal(status_of(run_in(&cg, create_here, &c)), 0);
	/* with a process in a too, and then in the base */
	OK(cgroup_open_child(&p->cg, "a", &top, &e));
	/* a gives hugetlb now, so it cannot hold processes any more */
	assert_int_equal(fs_write_text(top.fd, "cgroup.subtree_control",
				       "-hugetlb"), 0);
	run_in(&top, NULL, NULL);
	c.want = "";
	assert_int_equal(status_of(run_in(&cg, create_here, &c)), 0);
}

static void a_threaded_cgroup_is_left_for_one_that_is_not(void **state)
{
	PLACE(p)
	struct default_case c = { .p = p, .want = "" };
	auto_cgroup d = CGROUP_NONE, t = CGROUP_NONE, x = CGROUP_NONE;
	pid_t pid;
	int type;

	below(p, "d", &d);
	below(p, "d/t", &t);
	assert_int_equal(fs_write_text(t.fd, "cgroup.type", "threaded"), 0);
	assert_int_equal(status_of(run_in(&d, create_here, &c)), 0);
	pid = fork();
	if (pid == 0) {
		if (cgroup_attach(&d, getpid(), NULL) < 0 ||
		    cgroup_attach(&t, getpid(), NULL) < 0)
			_exit(98);
		_exit(create_here(&c));
	}
	assert_int_equal(status_of(pid), 0);

	/* by name, under a threaded one: made, but it cannot hold processes */
	below(p, "d/t/x", &x);
	pid = fork();
	if (pid == 0)
		_exit(cgroup_attach(&x, getpid(), NULL) == -EOPNOTSUPP ? 0 : 1);
	assert_int_equal(status_of(pid), 0);
	type = cgroup_explain(&x, EOPNOTSUPP, &e);
	assert_int_equal(type, -EOPNOTSUPP);
	assert_non_null(strstr(e.text, "domain invalid"));
}

static void processes_of_threaded_cgroups_are_listed_once(void **state)
{
	PLACE(p)
	auto_cgroup d = CGROUP_NONE, t = CGROUP_NONE;
	pid_t pid, *got;
	size_t n;

	below(p, "d", &d);
	below(p, "d/t", &t);
	assert_int_equal(fs_write_text(t.fd, "cgroup.type", "threaded"), 0);
	pid = run_in(&d, NULL, NULL);
	OK(cgroup_attach(&t, pid, &e));
	OK(cgroup_pids(&p->cg, &p->a, &got, &n, &e));
	assert_int_equal(n, 1);
	assert_int_equal(got[0], pid);
	OK(cgroup_kill(&p->cg, SIGTERM, &e));
	assert_int_equal(status_of(pid), 128 + SIGTERM);
}

static void in_a_cgroup_namespace_it_goes_to_its_top(void **state)
{
	PLACE(p)
	auto_cgroup cg = CGROUP_NONE;
	struct default_case c = { .p = p, .ns = true };

	/* the mount is still the host's, whose top is what "/" names there */
	below(p, "a", &cg);
	assert_int_equal(status_of(run_in(&cg, create_here, &c)), 0);
}

/* Like a container's start: a hierarchy of its own, whose top is @arg's own
 * cgroup; "limits" needs more than that one is given. */
static int in_a_container(void *arg)
{
	const struct default_case *c = arg;
	struct cgroup_create_args args = { .id = "test-inner" };
	struct cgroup cg = CGROUP_NONE;
	struct err e = { 0 };
	char dir[] = "/tmp/berth-mnt-XXXXXX";
	int r;

	if (unshare(CLONE_NEWCGROUP | CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0 ||
	    !mkdtemp(dir) || mount("none", dir, "cgroup2", 0, NULL) < 0)
		return 77;
	args.mount = dir;
	r = cgroup_create(&args, &cg, &e);
	if (r < 0 || strcmp(cg.path + strlen(dir), "/berth-test-inner") ||
	    cgroup_remove(cg.path, cg.made, &e) < 0)
		return 1;
	cgroup_done(&cg);
	args.resources = c->r;
	r = cgroup_create(&args, &cg, &e);
	umount2(dir, MNT_DETACH);
	rmdir(dir);
	if (r == 0)
		return 2;
	return strstr(e.text, c->want) ? 0 : (fprintf(stderr, "%s\n", e.text), 3);
}

static void inside_a_container_it_works_and_limits_are_explained(void **state)
{
	PLACE(p)
	struct oci_hugepage_limit page = { TEXT("2MB"), 2097152 };
	const struct oci_resources r = { .hugepage_limits = &page,
					 .n_hugepage_limits = 1 };
	struct default_case c = { .p = p, .r = &r };
	auto_cgroup cg = CGROUP_NONE;
	int status;

	NEED(p, CGROUP_HUGETLB);
	below(p, "a/b", &cg);
	c.want = "hugetlb controller is not given to";
	status = status_of(run_in(&cg, in_a_container, &c));
	if (status == 77)
		skip();
	assert_int_equal(status, 0);
	/* given, but the top of what is seen has processes */
	OK(cgroup_enable(arena_printf(&p->a, "%s/a", p->cg.path), CGROUP_HUGETLB,
			 &r, &e));
	c.want = "has processes of its own";
	assert_int_equal(status_of(run_in(&cg, in_a_container, &c)), 0);
}

/* Stops for the parent to move it above the top of its namespace. */
static int be_moved_outside(void *arg)
{
	const char *own;
	struct arena a = { 0 };
	struct err e = { 0 };

	if (unshare(CLONE_NEWCGROUP) < 0)
		return 1;
	raise(SIGSTOP);
	return cgroup_of(0, &a, &own, &e) == -ENOTSUP &&
			       strstr(e.text, "\"/..\"") ?
		       create_here(arg) : 2;
}

static void outside_of_the_namespace_it_goes_to_the_top(void **state)
{
	PLACE(p)
	auto_cgroup cg = CGROUP_NONE;
	struct default_case c = { .p = p };
	int status;
	pid_t pid;

	below(p, "a", &cg);
	pid = run_in(&cg, be_moved_outside, &c);
	assert_int_equal(waitpid(pid, &status, WUNTRACED), pid);
	assert_true(WIFSTOPPED(status));
	OK(cgroup_attach(&p->cg, pid, &e));
	kill(pid, SIGCONT);
	assert_int_equal(status_of(pid), 0);
}

static void the_own_cgroup_is_known(void **state)
{
	PLACE(p)
	auto_cgroup cg = CGROUP_NONE;
	const char *own = NULL;
	pid_t pid;

	below(p, "a", &cg);
	pid = run_in(&cg, NULL, NULL);
	OK(cgroup_of(pid, &p->a, &own, &e));
	assert_string_equal(own, arena_printf(&p->a, "%s/a", p->base));
	kill(pid, SIGKILL);
	status_of(pid);
	assert_int_equal(cgroup_of(pid, &p->a, &own, &e), -ESRCH);
}

/* --- controllers ------------------------------------------------------------------------- */

static void a_controller_that_is_not_here_is_explained(void **state)
{
	PLACE(p)
	struct oci_memory m = { .limit = SET(1 << 20) };
	const struct oci_resources r = { .memory = &m };
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/a/b", p->base),
		.id = "x",
		.resources = &r,
	};
	auto_cgroup cg = CGROUP_NONE;

	if (p->has & CGROUP_MEMORY)
		skip();
	assert_int_equal(cgroup_create(&args, &cg, &e), -ENOTSUP);
	assert_true(!strncmp(e.text, "linux.resources.memory.limit: ", 30));
	assert_non_null(strstr(e.text, p->mount));
	assert_non_null(strstr(e.text, "boot with"));
	assert_false(exists(arena_printf(&p->a, "%s/a", p->cg.path)));
}

static void a_populated_parent_is_explained_and_left_as_it_is(void **state)
{
	PLACE(p)
	struct oci_hugepage_limit page = { TEXT("2MB"), 0 };
	struct oci_pids pids = { .limit = SET(10) };
	struct oci_resources r = { .hugepage_limits = &page,
				   .n_hugepage_limits = 1 };
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/a/b", p->base),
		.id = "x",
		.resources = &r,
	};
	auto_cgroup cg = CGROUP_NONE, a = CGROUP_NONE;
	char type[32];
	pid_t pid;

	NEED(p, CGROUP_HUGETLB);
	below(p, "a", &a);
	pid = run_in(&a, NULL, NULL);
	if (p->has & CGROUP_PIDS) { /* a threaded controller: see enable.c */
		r = (struct oci_resources){ .pids = &pids };
	}
	assert_int_equal(cgroup_create(&args, &cg, &e), -EBUSY);
	assert_non_null(strstr(e.text, arena_printf(&p->a, "(pid %d)", pid)));
	assert_false(exists(arena_printf(&p->a, "%s/b", a.path)));
	assert_true(cgroup_read_value(a.fd, "cgroup.type", type, sizeof(type)) > 0);
	assert_string_equal(type, "domain");
}

static void nothing_is_enabled_that_is_not_needed(void **state)
{
	PLACE(p)
	auto_cgroup cg = CGROUP_NONE;
	char list[512];

	below(p, "a/b", &cg);
	assert_true(cgroup_read_value(p->cg.fd, "cgroup.subtree_control", list,
				      sizeof(list)) >= 0);
	assert_string_equal(list, "");
}

static void optional_controllers_are_enabled_as_far_as_possible(void **state)
{
	PLACE(p)
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/a/b", p->base),
		.id = "x",
		.optional = CGROUP_ALL_CONTROLLERS,
	};
	auto_cgroup cg = CGROUP_NONE;
	char list[512];

	OK(cgroup_create(&args, &cg, &e));
	assert_true(cgroup_read_value(cg.fd, "cgroup.controllers", list,
				      sizeof(list)) >= 0);
	assert_int_equal(cgroup_controller_set(list), p->has);
}

/* --- limits ------------------------------------------------------------------------------ */

static void assert_value(const struct cgroup *cg, const char *file,
			 const char *want)
{
	char text[256];

	assert_true(cgroup_read_value(cg->fd, file, text, sizeof(text)) >= 0);
	assert_string_equal(text, want);
}

static void huge_pages_are_limited(void **state)
{
	PLACE(p)
	struct oci_hugepage_limit page = { TEXT("2MB"), 4194304 };
	const struct oci_resources r = { .hugepage_limits = &page,
					 .n_hugepage_limits = 1 };
	auto_cgroup cg = CGROUP_NONE;

	NEED(p, CGROUP_HUGETLB);
	/* made without, so the update has to enable the controller */
	below(p, "a/b", &cg);
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "hugetlb.2MB.max", "4194304");
	assert_value(&cg, "hugetlb.2MB.rsvd.max", "4194304");
}

static void limits_go_up_and_down(void **state)
{
	PLACE(p)
	struct oci_memory m = { .limit = SET(64 << 20), .swap = SET(96 << 20),
				.reservation = SET(8 << 20) };
	struct oci_cpu c = { .shares = SET(512), .quota = SET(50000),
			     .period = SET(100000), .burst = SET(40000),
			     .cpus = TEXT("0"), .mems = TEXT("0") };
	struct oci_pids pids = { .limit = SET(5) };
	struct oci_resources r = { .memory = &m, .cpu = &c, .pids = &pids };
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/a/b", p->base),
		.id = "x",
		.resources = &r,
	};
	auto_cgroup cg = CGROUP_NONE;

	NEED(p, CGROUP_MEMORY | CGROUP_CPU | CGROUP_CPUSET | CGROUP_PIDS);
	OK(cgroup_create(&args, &cg, &e));
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "memory.max", "67108864");
	assert_value(&cg, "memory.low", "8388608");
	assert_value(&cg, "cpu.weight", "59");
	assert_value(&cg, "cpu.max", "50000 100000");
	assert_value(&cg, "cpu.max.burst", "40000");
	assert_value(&cg, "cpuset.cpus", "0");
	assert_value(&cg, "pids.max", "5");

	m = (struct oci_memory){ .limit = SET(32 << 20), .swap = SET(32 << 20) };
	c = (struct oci_cpu){ .quota = SET(20000), .burst = SET(10000) };
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "memory.max", "33554432");
	assert_value(&cg, "cpu.max", "20000 100000");
	assert_value(&cg, "cpu.max.burst", "10000");

	m = (struct oci_memory){ .limit = SET(-1) };
	c = (struct oci_cpu){ .quota = SET(90000), .burst = SET(90000),
			      .idle = SET(1) };
	pids.limit.v = -1;
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "memory.max", "max");
	assert_value(&cg, "cpu.max.burst", "90000");
	assert_value(&cg, "cpu.idle", "1");
	assert_value(&cg, "pids.max", "max");

	m = (struct oci_memory){ .limit = SET(0) };
	c = (struct oci_cpu){ .quota = SET(-1), .idle = SET(0), .shares = SET(1024) };
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "cpu.max", "max 100000");
	assert_value(&cg, "cpu.weight", "100");
}

static void a_limit_that_the_kernel_refuses_is_named(void **state)
{
	PLACE(p)
	struct oci_cpu c = { .cpus = TEXT("4096-4099") };
	struct oci_kv kv = { TEXT("memory.nonsense"), TEXT("1") };
	struct oci_resources r = { .cpu = &c };
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/a", p->base),
		.id = "x",
		.resources = &r,
	};
	auto_cgroup cg = CGROUP_NONE;

	NEED(p, CGROUP_CPUSET | CGROUP_MEMORY);
	OK(cgroup_create(&args, &cg, &e));
	assert_true(cgroup_apply(&cg, &r, &e) < 0);
	assert_true(!strncmp(e.text, "linux.resources.cpu.cpus: ", 26));
	r = (struct oci_resources){ .unified = { 1, &kv } };
	assert_int_equal(cgroup_apply(&cg, &r, &e), -ENOENT);
	assert_non_null(strstr(e.text, "memory.nonsense"));
}

/* The first whole disk's number, of the test machine. */
static bool find_disk(struct oci_throttle_device *ret)
{
	char text[32];
	long long major, minor;

	if (fs_read_small(AT_FDCWD, "/sys/block/vda/dev", text, sizeof(text)) < 0 ||
	    sscanf(text, "%lld:%lld", &major, &minor) != 2)
		return false;
	*ret = (struct oci_throttle_device){ major, minor, 1048576 };
	return true;
}

static void io_is_limited(void **state)
{
	PLACE(p)
	struct oci_throttle_device disk, none;
	struct oci_block_io b = { 0 };
	const struct oci_resources r = { .block_io = &b };
	auto_cgroup cg = CGROUP_NONE;

	NEED(p, CGROUP_IO);
	if (!find_disk(&disk))
		skip();
	none = disk;
	none.rate = 0;
	b.throttle_read_bps_device = (struct oci_throttle_devices){ 1, &disk };
	b.throttle_write_iops_device = (struct oci_throttle_devices){ 1, &disk };
	below(p, "a/b", &cg);
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "io.max",
		     arena_printf(&p->a, "%d:%d rbps=1048576 wbps=max riops=max wiops=1048576",
				  (int)disk.major, (int)disk.minor));
	b.throttle_read_bps_device.v = b.throttle_write_iops_device.v = &none;
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "io.max", "");
}

static int eat(void *arg)
{
	char *m = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(m, 1, 64 << 20);
	return 0;
}

static void running_out_of_memory_is_noticed(void **state)
{
	PLACE(p)
	struct oci_memory m = { .limit = SET(8 << 20), .swap = SET(8 << 20) };
	const struct oci_resources r = { .memory = &m };
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/a", p->base),
		.id = "x",
		.resources = &r,
	};
	struct cgroup_events ev = CGROUP_EVENTS_NONE;
	struct cgroup_events_change c;
	struct cgroup_stats s;
	struct pollfd fd;
	auto_cgroup cg = CGROUP_NONE;
	uint64_t kills = 0;

	NEED(p, CGROUP_MEMORY);
	OK(cgroup_create(&args, &cg, &e));
	OK(cgroup_apply(&cg, &r, &e));
	OK(cgroup_events_open(&cg, &ev, &e));
	fd = (struct pollfd){ .fd = ev.fd, .events = POLLIN };
	assert_int_equal(status_of(run_in(&cg, eat, NULL)), 128 + SIGKILL);
	while (!kills) {
		assert_int_equal(poll(&fd, 1, 10000), 1);
		OK(cgroup_events_read(&ev, &c, &e));
		kills += c.oom_kill;
	}
	assert_int_equal(kills, 1);
	OK(cgroup_stats_read(&cg, &p->a, &s, &e));
	assert_int_equal(s.memory_events.oom_kill, 1);
	assert_int_equal(s.memory.limit, 8 << 20);
	assert_true(s.memory.failcnt > 0);
	assert_true(s.n_memory_stat > 10);
	assert_true(s.cpu.usage > 0);
	cgroup_events_close(&ev);
}

/* --- events ------------------------------------------------------------------------------ */

static void emptiness_and_removal_are_noticed(void **state)
{
	PLACE(p)
	struct cgroup_events ev = CGROUP_EVENTS_NONE;
	struct cgroup_events_change c;
	struct pollfd fd;
	auto_cgroup cg = CGROUP_NONE;
	bool emptied = false;
	pid_t pid;

	below(p, "a", &cg);
	pid = run_in(&cg, NULL, NULL);
	OK(cgroup_events_open(&cg, &ev, &e));
	fd = (struct pollfd){ .fd = ev.fd, .events = POLLIN };
	OK(cgroup_events_read(&ev, &c, &e));
	assert_false(c.emptied || c.removed || c.oom || c.oom_kill);
	kill(pid, SIGKILL);
	status_of(pid);
	while (!emptied) {
		assert_int_equal(poll(&fd, 1, 10000), 1);
		OK(cgroup_events_read(&ev, &c, &e));
		emptied = c.emptied;
	}
	OK(cgroup_remove(cg.path, 1, &e));
	OK(cgroup_events_read(&ev, &c, &e));
	assert_true(c.removed);
	assert_false(c.emptied);
	cgroup_events_close(&ev);
}

static void pressure_can_be_watched(void **state)
{
	PLACE(p)
	const struct cgroup_pressure_trigger t = { .stall_us = 100000,
						   .window_us = 2000000 };
	const struct cgroup_pressure_trigger bad = { .stall_us = 2,
						     .window_us = 1 };
	auto_fd fd = cgroup_pressure_open(&p->cg, CGROUP_PRESSURE_CPU, &t, &e);

	if (fd == -ENOTSUP)
		skip();
	say(&e, fd);
	assert_true(fd >= 0);
	assert_int_equal(cgroup_pressure_open(&p->cg, CGROUP_PRESSURE_CPU, &bad, &e),
			 -EINVAL);
	assert_non_null(strstr(e.text, "cpu.pressure"));
}

/* --- devices ------------------------------------------------------------------------------ */

static int query(int cgroup, uint32_t ids[64])
{
	union bpf_attr attr = { 0 };

	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = 64;
	if (syscall(SYS_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)) < 0)
		return -errno;
	return (int)attr.query.prog_cnt;
}

/* Bit 0: /dev/null opens, bit 1: /dev/kmsg does. */
static int try_devices(void *arg)
{
	int null = open("/dev/null", O_RDWR), kmsg = open("/dev/kmsg", O_RDONLY);

	return (null >= 0) | (kmsg >= 0) << 1;
}

static void devices_are_refused_and_allowed_by_updates(void **state)
{
	PLACE(p)
	const struct oci_device_rule deny = { .allow = false };
	const struct oci_device_rule kmsg[] = {
		{ .allow = false },
		{ .allow = true, .type = TEXT("c"), .major = SET(1),
		  .minor = SET(11), .access = TEXT("r") },
	};
	const struct oci_device_rule all = { .allow = true };
	struct cgroup_devices_args args = { .rules = &deny, .n = 1,
					    .defaults = true };
	auto_cgroup cg = CGROUP_NONE;
	uint32_t ids[64], first;

	below(p, "a", &cg);
	if (status_of(run_in(&cg, try_devices, NULL)) != 3)
		skip(); /* an outer program is in the way */
	OK(cgroup_devices_apply(&cg, &args, false, &e));
	assert_int_equal(query(cg.fd, ids), 1);
	assert_int_equal(status_of(run_in(&cg, try_devices, NULL)), 1);

	args.rules = kmsg;
	args.n = 2;
	first = ids[0];
	for (int i = 0; i < 100; i++)
		OK(cgroup_devices_apply(&cg, &args, true, &e));
	assert_int_equal(query(cg.fd, ids), 1);
	assert_int_not_equal(ids[0], first);
	assert_int_equal(status_of(run_in(&cg, try_devices, NULL)), 3);

	args.rules = &deny;
	args.n = 1;
	args.defaults = false;
	OK(cgroup_devices_apply(&cg, &args, true, &e));
	assert_int_equal(status_of(run_in(&cg, try_devices, NULL)), 0);

	args.rules = &all;
	OK(cgroup_devices_apply(&cg, &args, true, &e));
	assert_int_equal(query(cg.fd, ids), 0);
	OK(cgroup_devices_apply(&cg, &args, false, &e));
	assert_int_equal(query(cg.fd, ids), 0);
}

static void programs_of_others_are_left_alone(void **state)
{
	PLACE(p)
	const struct bpf_insn allow[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const struct oci_device_rule deny = { .allow = false };
	const struct cgroup_devices_args args = { .rules = &deny, .n = 1 };
	union bpf_attr attr = { 0 };
	auto_cgroup cg = CGROUP_NONE;
	auto_fd prog = -EBADF;
	uint32_t ids[64];

	below(p, "a", &cg);
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uintptr_t)allow;
	attr.insn_cnt = 2;
	attr.license = (uintptr_t)"x";
	prog = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (prog < 0)
		skip();
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cg.fd;
	attr.attach_bpf_fd = (uint32_t)prog;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	assert_int_equal(syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)), 0);
	OK(cgroup_devices_apply(&cg, &args, true, &e));
	OK(cgroup_devices_apply(&cg, &args, true, &e));
	assert_int_equal(query(cg.fd, ids), 2);
	assert_int_equal(status_of(run_in(&cg, try_devices, NULL)), 0);
}

static void the_kernel_takes_any_program_that_rules_make(void **state)
{
	PLACE(p)
	enum { ROUNDS = 300, RULES = 40 };
	static const char *const types[] = { "a", "b", "c" };
	static const char *const access[] = { "rwm", "r", "w", "m", "rw", "wm" };
	uint64_t seed = 4711;
	auto_cgroup cg = CGROUP_NONE;

	below(p, "a", &cg);
	for (int round = 0; round < ROUNDS; round++) {
		struct oci_device_rule rules[RULES];
		const struct cgroup_devices_args args = {
			.rules = rules, .n = (size_t)round % RULES,
			.defaults = round % 2,
		};

		for (size_t i = 0; i < RULES; i++) {
			uint32_t x;

			seed = seed * 6364136223846793005u + 1442695040888963407u;
			x = (uint32_t)(seed >> 33);
			rules[i] = (struct oci_device_rule){
				.allow = x & 1,
				.type = TEXT(types[x / 2 % 3]),
				.access = TEXT(access[x / 8 % 6]),
				.major = SET((int64_t)(x / 64 % 4) - 1),
				.minor = SET((int64_t)(x / 256 % 4) - 1),
			};
		}
		OK(cgroup_devices_apply(&cg, &args, true, &e));
	}
}

/* --- what it costs -------------------------------------------------------------------------- */

static void one_run(const char *mount, const char *path)
{
	const struct oci_device_rule deny = { .allow = false };
	const struct cgroup_devices_args devices = { .rules = &deny, .n = 1,
						     .defaults = true };
	const struct cgroup_create_args args = { .mount = mount,
						 .cgroups_path = path,
						 .id = "test-cost" };
	struct cgroup cg = CGROUP_NONE;
	struct err e;

	if (cgroup_create(&args, &cg, &e) < 0 ||
	    cgroup_devices_apply(&cg, &devices, false, &e) < 0 ||
	    cgroup_remove(cg.path, cg.made, &e) < 0)
		_exit(1);
	cgroup_done(&cg);
}

/* System calls of the second of two runs, counted from outside. */
static int count_calls(const char *path)
{
	int status, calls = -1;
	pid_t pid = fork();

	if (pid == 0) {
		if (ptrace(PTRACE_TRACEME, 0, 0, 0) < 0)
			_exit(1); /* somebody else looks on already */
		one_run(NULL, path);
		raise(SIGSTOP);
		one_run(NULL, path);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSTOPPED(status) || WSTOPSIG(status) != SIGSTOP)
		return -1;
	do { /* two stops a call; the last is exit_group, which has one */
		ptrace(PTRACE_SYSCALL, pid, 0, 0);
		assert_int_equal(waitpid(pid, &status, 0), pid);
		calls++;
	} while (WIFSTOPPED(status));
	return WIFEXITED(status) && !WEXITSTATUS(status) ? calls / 2 : -1;
}

static void a_run_without_limits_is_cheap(void **state)
{
	PLACE(p)
	int calls = count_calls(arena_printf(&p->a, "%s/cost", p->base));

	if (calls < 0)
		skip();
	print_message("%d system calls with a path\n", calls);
	assert_in_range(calls, 5, 12);
	calls = count_calls(NULL);
	print_message("%d system calls without one\n", calls);
	assert_in_range(calls, 5, 15);
}

#define LIVE(f) cmocka_unit_test_setup_teardown(f, start, end)

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE(a_path_is_made_and_removed_with_its_parents),
		LIVE(parents_that_others_use_stay),
		LIVE(others_that_remove_our_parents_do_no_harm),
		LIVE(a_tree_is_removed_however_deep),
		LIVE(what_was_made_goes_when_the_rest_cannot_be),
		LIVE(a_process_is_born_in_it),
		LIVE(an_empty_cgroup_that_is_there_is_used),
		LIVE(a_cgroup_with_processes_or_frozen_is_refused),
		LIVE(a_child_is_opened_only_below),
		LIVE(processes_are_listed_with_those_below),
		LIVE(any_signal_reaches_everyone_frozen_or_not),
		LIVE(a_frozen_cgroup_can_be_killed),
		LIVE(a_process_that_forks_without_end_is_killed),
		LIVE(who_is_left_is_named_with_his_state),
		LIVE(without_limits_it_goes_below_the_own_cgroup),
		LIVE(with_limits_it_goes_where_they_can_be_had),
		LIVE(a_threaded_cgroup_is_left_for_one_that_is_not),
		LIVE(processes_of_threaded_cgroups_are_listed_once),
		LIVE(in_a_cgroup_namespace_it_goes_to_its_top),
		LIVE(inside_a_container_it_works_and_limits_are_explained),
		LIVE(outside_of_the_namespace_it_goes_to_the_top),
		LIVE(the_own_cgroup_is_known),
		LIVE(a_controller_that_is_not_here_is_explained),
		LIVE(a_populated_parent_is_explained_and_left_as_it_is),
		LIVE(nothing_is_enabled_that_is_not_needed),
		LIVE(optional_controllers_are_enabled_as_far_as_possible),
		LIVE(huge_pages_are_limited),
		LIVE(limits_go_up_and_down),
		LIVE(a_limit_that_the_kernel_refuses_is_named),
		LIVE(io_is_limited),
		LIVE(running_out_of_memory_is_noticed),
		LIVE(emptiness_and_removal_are_noticed),
		LIVE(pressure_can_be_watched),
		LIVE(devices_are_refused_and_allowed_by_updates),
		LIVE(programs_of_others_are_left_alone),
		LIVE(the_kernel_takes_any_program_that_rules_make),
		LIVE(a_run_without_limits_is_cheap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
