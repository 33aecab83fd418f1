/* SPDX-License-Identifier: Apache-2.0 */
/* Where a container's cgroup goes, and which controllers it gets there. */
#include "unit/cgroup_live.h"

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
		skip_because("the namespaces of a container are refused");
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
		skip_because("the hierarchy here has a memory controller");
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

int main(void)
{
	const struct CMUnitTest tests[] = {
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
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
