/* SPDX-License-Identifier: Apache-2.0 */
/* Making and removing cgroups, their processes, and what a run costs. */
#include "unit/cgroup_live.h"

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
		skip_because("system calls cannot be counted here (ptrace)");
	print_message("%d system calls with a path\n", calls);
	assert_in_range(calls, 5, 12);
	calls = count_calls(NULL);
	print_message("%d system calls without one\n", calls);
	assert_in_range(calls, 5, 15);
}

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
		LIVE(a_run_without_limits_is_cheap),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
