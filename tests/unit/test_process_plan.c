/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/plan.h"
#include "container/record.h"
#include "oci/spec.h"
#include "security/lsm.h"
#include "security/seccomp.h"
#include "unit/spec_build.h"
#include "util/arena.h"
#include "util/auto.h"
#include "wire/plan.h"

struct fixture {
	struct arena a;
	struct plan_builder b;
	unsigned char *bytes;
	struct plan p;
	struct oci_process process;
	struct process_request request;
	struct err e;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	plan_builder_init(&f->b);
	f->process.cwd = spec_str(&f->a, "/srv");
	f->process.args = spec_split(&f->a, "sh,-c,true");
	f->request.process = &f->process;
	f->request.socket = -1;
	unsetenv("LISTEN_FDS");
	unsetenv("LISTEN_PID");
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	plan_builder_done(&f->b);
	arena_free(&f->a);
	free(f->bytes);
	free(f);
	return 0;
}

/* The plan as berth-init will read it. */
static void make(struct fixture *f)
{
	size_t len;

	plan_builder_done(&f->b);
	free(f->bytes);
	f->bytes = NULL;
	if (process_plan(&f->b, &f->request, &f->a, &f->e) < 0)
		fail_msg("%s", f->e.text);
	assert_int_equal(plan_finish(&f->b, 0, &f->bytes, &len), 0);
	assert_int_equal(plan_open(f->bytes, len, &f->p), 0);
}

static const struct plan_op *find(const struct fixture *f, enum plan_code code)
{
	for (uint32_t i = 0; i < f->p.header->n_ops; i++)
		if (f->p.ops[i].code == code)
			return &f->p.ops[i];
	return NULL;
}

/* A vector as "a,b,c". */
static char *joined(struct fixture *f, uint32_t off)
{
	char *text = arena_strdup(&f->a, "");
	uint32_t n;
	const char *s = plan_get_vec(&f->p, off, &n);

	for (uint32_t i = 0; i < n; i++, s += strlen(s) + 1)
		text = arena_printf(&f->a, "%s%s%s", text, i ? "," : "", s);
	return text;
}

/* --- PLAN_FIND ---------------------------------------------------------------------- */

static void path_is_split_into_candidates(void **state)
{
	static const struct {
		const char *name, *env, *paths;
	} cases[] = {
		{ "sh", "PATH=/bin", "/bin/sh" },
		{ "sh", "PATH=/bin:/usr/bin", "/bin/sh,/usr/bin/sh" },
		/* an empty part is the working directory, wherever it stands */
		{ "sh", "PATH=", "./sh" },
		{ "sh", "PATH=:", "./sh,./sh" },
		{ "sh", "PATH=:/bin", "./sh,/bin/sh" },
		{ "sh", "PATH=/bin:", "/bin/sh,./sh" },
		{ "sh", "PATH=/bin::/sbin", "/bin/sh,./sh,/sbin/sh" },
		{ "sh", "PATH=relative:/bin/", "relative/sh,/bin//sh" },
		{ "sh", "PATH=/a=b:/c", "/a=b/sh,/c/sh" },
		/* without one, or with something that only looks like one */
		{ "sh", "", "/usr/local/sbin/sh,/usr/local/bin/sh,/usr/sbin/sh,"
			    "/usr/bin/sh,/sbin/sh,/bin/sh" },
		{ "sh", "XPATH=/x,PATHS=/y,path=/z",
		  "/usr/local/sbin/sh,/usr/local/bin/sh,/usr/sbin/sh,"
		  "/usr/bin/sh,/sbin/sh,/bin/sh" },
		{ "sh", "A=1,PATH=/one,PATH=/two", "/one/sh" },
		/* with a slash it is a path */
		{ "/bin/sh", "PATH=/usr/bin", "/bin/sh" },
		{ "./sh", "PATH=/usr/bin", "./sh" },
		{ "bin/sh", "PATH=/usr/bin", "bin/sh" },
		{ "sh/", "PATH=/usr/bin", "sh/" },
		{ "/", "PATH=/usr/bin", "/" },
		/* "%" and spaces are letters */
		{ "a %s", "PATH=/%d:/b c", "/%d/a %s,/b c/a %s" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct plan_op *op;

		f->process.args = spec_split(&f->a, cases[i].name);
		f->process.env = spec_split(&f->a, cases[i].env);
		make(f);
		op = find(f, PLAN_FIND);
		assert_string_equal(joined(f, op->str[0]), cases[i].paths);
		assert_string_equal(plan_get_str(&f->p, op->str[1]),
				    cases[i].name);
	}
}

static void an_empty_name_is_not_found(void **state)
{
	struct fixture *f = *state;

	f->process.args.v[0] = spec_str(&f->a, "");
	assert_int_equal(process_plan(&f->b, &f->request, &f->a, &f->e), -ENOENT);
	assert_non_null(strstr(f->e.text, "not found in $PATH"));
}

static void a_long_path_has_all_its_candidates(void **state)
{
	struct fixture *f = *state;
	char *path = arena_alloc(&f->a, 20000);
	uint32_t n;

	strcpy(path, "PATH=");
	memset(path + 5, ':', 9999);
	f->process.env = (struct oci_strv){ 1, &path };
	make(f);
	plan_get_vec(&f->p, find(f, PLAN_FIND)->str[0], &n);
	assert_int_equal(n, 10000);
}

/* --- arguments and environment ------------------------------------------------------ */

static void arguments_and_environment_are_the_configurations(void **state)
{
	struct fixture *f = *state;
	char *args[] = { spec_str(&f->a, "sh"), spec_str(&f->a, ""),
			 spec_str(&f->a, "a b"), NULL };
	const struct plan_op *op;

	f->process.args = (struct oci_strv){ 3, args };
	f->process.env = spec_split(&f->a, "A=1,HOME=/h,B=,A=2");
	make(f);
	op = find(f, PLAN_ARGS);
	assert_string_equal(joined(f, op->str[1]), "sh,,a b");
	assert_string_equal(joined(f, op->str[2]), "A=1,HOME=/h,B=,A=2");
	assert_int_equal(op->flags, 0);
}

static void home_is_looked_up_only_when_it_is_missing(void **state)
{
	static const struct { const char *env; bool home; } cases[] = {
		{ "", true },
		{ "A=1", true },
		{ "HOMER=/x,XHOME=/y,home=/z", true },
		{ "HOME", true },
		{ "HOME=", false },
		{ "A=1,HOME=/root", false },
	};
	struct fixture *f = *state;

	f->process.user.uid = 1234;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct plan_op *op;

		f->process.env = spec_split(&f->a, cases[i].env);
		make(f);
		op = find(f, PLAN_ARGS);
		assert_int_equal(op->flags, cases[i].home ? PLAN_F_HOME : 0);
		assert_int_equal(op->num[0], 1234);
		assert_string_equal(joined(f, op->str[2]), cases[i].env);
	}
}

/* --- fds that the program gets ------------------------------------------------------ */

/* Fds 3, 4 and 5 are open while a test runs. */
static int setup_fds(void **state)
{
	int null = open("/dev/null", O_RDWR);

	for (int fd = 3; fd < 6; fd++)
		if (fcntl(fd, F_GETFD) < 0)
			dup2(null, fd);
	return setup(state);
}

static void set_listen(const char *fds, const char *pid)
{
	char own[16];

	snprintf(own, sizeof(own), "%d", (int)getpid());
	setenv("LISTEN_FDS", fds, 1);
	setenv("LISTEN_PID", pid ? pid : own, 1);
}

static void sockets_are_handed_on_to_whom_they_are_for(void **state)
{
	static const struct {
		const char *fds, *pid; /* NULL: the own one */
		unsigned int n;
	} cases[] = {
		{ "1", NULL, 1 },   { "3", NULL, 3 },	{ "0", NULL, 0 },
		{ "4096", NULL, 4096 }, { "4097", NULL, 0 },
		{ "1", "1", 0 },    { "1", "", 0 },	{ "1", "x", 0 },
		{ "", NULL, 0 },    { "-1", NULL, 0 },	{ "x", NULL, 0 },
		{ "1 ", NULL, 0 },  { "1", "4294967297", 0 },
		{ "18446744073709551617", NULL, 0 },
	};

	assert_int_equal(process_listen_fds(), 0);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		set_listen(cases[i].fds, cases[i].pid);
		assert_int_equal(process_listen_fds(), cases[i].n);
	}
	unsetenv("LISTEN_PID");
	assert_int_equal(process_listen_fds(), 0);
}

static void listen_fds_and_preserved_ones_are_counted_together(void **state)
{
	struct fixture *f = *state;
	const struct plan_op *op;

	f->process.env = spec_split(&f->a, "HOME=/");
	f->request.preserve_fds = 1;
	set_listen("2", NULL);
	make(f);
	op = find(f, PLAN_ARGS);
	assert_string_equal(joined(f, op->str[2]), "HOME=/,LISTEN_FDS=2");
	assert_int_equal(op->flags, PLAN_F_LISTEN_PID);
	assert_int_equal(find(f, PLAN_CLOSE_FDS)->num[0], 6);
	assert_int_equal(find(f, PLAN_READY)->num[0], 6);
	/* The configuration's own word stands. */
	f->process.env = spec_split(&f->a, "LISTEN_FDS=7,HOME=/");
	make(f);
	op = find(f, PLAN_ARGS);
	assert_string_equal(joined(f, op->str[2]), "LISTEN_FDS=7,HOME=/");
}

static void an_fd_to_preserve_must_be_open(void **state)
{
	struct fixture *f = *state;

	f->request.preserve_fds = 1021;
	assert_int_equal(process_plan(&f->b, &f->request, &f->a, &f->e), -EBADF);
	assert_non_null(strstr(f->e.text, "is not open"));
}

/* --- the order ---------------------------------------------------------------------- */

static const struct sock_filter allow_all[] = {
	BPF_STMT(BPF_RET | BPF_K, 0x7fff0000),
};
static const struct seccomp_program filter = { .filter = allow_all, .n = 1 };

static char *codes(struct fixture *f)
{
	char *text = arena_strdup(&f->a, "");

	for (uint32_t i = 0; i < f->p.header->n_ops; i++)
		text = arena_printf(&f->a, "%s%s%s", text, i ? " " : "",
				    plan_codes[f->p.ops[i].code].name);
	return text;
}

static void the_order_is_the_one_that_works(void **state)
{
	char core[] = "RLIMIT_CORE", path[] = "/hook";
	struct oci_rlimit limit = { core, 0, 0 };
	struct oci_hook hook = { .path = path };
	struct oci_hook_list list = { 1, &hook };
	const struct plan_hooks hooks = { &list, "startContainer", "{}", 0,
					  PLAN_NO_FD, PLAN_NO_FD };
	struct fixture *f = *state;

	make(f);
	assert_string_equal(codes(f), "chdir find ready cap-bound user umask "
			    "chdir caps args close-fds exec");

	f->process.user.uid = 7;
	f->process.no_new_privileges = true;
	f->process.rlimits = &limit;
	f->process.n_rlimits = 1;
	f->request.seccomp = &filter;
	f->request.start_hooks = &hooks;
	make(f);
	assert_string_equal(codes(f), "stdio-owner chdir find ready hook "
			    "cap-bound user umask chdir caps no-new-privs args "
			    "rlimit close-fds seccomp exec");
	assert_int_equal(find(f, PLAN_STDIO_OWNER)->num[0], 7);
	assert_int_equal(find(f, PLAN_STDIO_OWNER)->num[1], UINT32_MAX);
}

static void labels_come_after_the_hooks(void **state)
{
	char domain[] = "LINUX32", mode[] = "MPOL_LOCAL", path[] = "/hook";
	struct oci_personality personality = { .domain = domain };
	struct oci_memory_policy policy = { .mode = mode };
	const struct oci_linux l = { .personality = &personality,
				     .memory_policy = &policy };
	struct oci_hook hook = { .path = path };
	struct oci_hook_list list = { 1, &hook };
	const struct plan_hooks hooks = { &list, "startContainer", "{}", 0,
					  PLAN_NO_FD, PLAN_NO_FD };
	struct fixture *f = *state;
	struct lsm lsm = { .apparmor = "p", .selinux = "l" };

	f->request.linux_ = &l;
	f->request.lsm = &lsm;
	f->request.seccomp = &filter;
	f->request.start_hooks = &hooks;
	plan_builder_done(&f->b);
	f->request.socket = open("/dev/null", O_RDWR | O_CLOEXEC);
	lsm.procfs = plan_fd(&f->b, open("/", O_RDONLY | O_CLOEXEC));
	assert_int_equal(process_plan(&f->b, &f->request, &f->a, &f->e), 0);
	{
		size_t len;

		assert_int_equal(plan_finish(&f->b, 0, &f->bytes, &len), 0);
		assert_int_equal(plan_open(f->bytes, len, &f->p), 0);
	}
	assert_string_equal(codes(f), "chdir find ready hook personality "
			    "memory-policy cap-bound user umask chdir lsm-exec "
			    "lsm-exec caps args close-fds seccomp exec");
	assert_int_equal(find(f, PLAN_READY)->fd[0], 1);
	assert_int_equal(find(f, PLAN_LSM_EXEC)->fd[0], 0);
}

static void a_session_keyring_is_named_after_one_container_only(void **state)
{
	char id[] = "web", created[] = "2026-11-22T05:44:16.000000001Z";
	const struct record record = { .id = id, .created = created };
	struct fixture *f = *state;
	size_t len;

	process_plan_keyring(&f->b, &record, KEYRING_OF_HOST);
	process_plan_keyring(&f->b, &record, KEYRING_AS_IT_IS);
	assert_int_equal(plan_finish(&f->b, 0, &f->bytes, &len), 0);
	assert_int_equal(plan_open(f->bytes, len, &f->p), 0);
	for (int i = 0; i < 2; i++)
		assert_string_equal(plan_get_str(&f->p, f->p.ops[i].str[0]),
				    "web.2026-11-22T05:44:16.000000001Z");
	assert_int_equal(f->p.ops[0].num[0], 0x3f1b0000);
	assert_int_equal(f->p.ops[1].num[0], 0);
}

static void only_the_first_change_of_directory_may_fail(void **state)
{
	struct fixture *f = *state;
	const struct plan_op *first, *second = NULL;

	make(f);
	first = find(f, PLAN_CHDIR);
	for (uint32_t i = 0; i < f->p.header->n_ops; i++)
		if (f->p.ops[i].code == PLAN_CHDIR)
			second = &f->p.ops[i];
	assert_ptr_not_equal(first, second);
	assert_int_equal(first->flags, PLAN_F_OPTIONAL);
	assert_int_equal(second->flags, 0);
	assert_string_equal(plan_get_str(&f->p, first->str[0]), "/srv");
	assert_string_equal(plan_get_str(&f->p, second->str[0]), "/srv");
}

static void what_is_left_out_has_its_usual_value(void **state)
{
	struct fixture *f = *state;
	const struct plan_caps none = { 0 }, *caps;
	uint32_t len;

	make(f);
	assert_int_equal(find(f, PLAN_UMASK)->num[0], 0022);
	assert_int_equal(find(f, PLAN_CLOSE_FDS)->num[0], 3);
	assert_int_equal(find(f, PLAN_READY)->fd[0], PLAN_NO_FD);
	assert_int_equal(find(f, PLAN_CAP_BOUND)->num[0], 0);
	assert_int_equal(find(f, PLAN_USER)->str[0], 0);
	caps = plan_get_blob(&f->p, find(f, PLAN_CAPS)->str[0], &len);
	assert_int_equal(len, sizeof(none));
	assert_memory_equal(caps, &none, len);
	f->process.user.umask.set = true;
	make(f);
	assert_int_equal(find(f, PLAN_UMASK)->num[0], 0);
}

static void the_socket_goes_along(void **state)
{
	struct fixture *f = *state;

	f->request.socket = open("/dev/null", O_RDWR | O_CLOEXEC);
	make(f);
	assert_int_equal(find(f, PLAN_READY)->fd[0], 0);
	assert_int_equal(f->p.header->n_fds, 1);
}

static void groups_may_stay_where_setgroups_is_denied(void **state)
{
	struct fixture *f = *state;
	uint32_t gids[] = { 5, 6 }, len;
	const uint32_t *sent;

	f->process.user.additional_gids = (struct oci_u32v){ 2, gids };
	make(f);
	sent = plan_get_blob(&f->p, find(f, PLAN_USER)->str[0], &len);
	assert_int_equal(len, sizeof(gids));
	assert_memory_equal(sent, gids, sizeof(gids));
	assert_int_equal(find(f, PLAN_USER)->flags, PLAN_F_KEEP_CAPS);
	assert_int_equal(find(f, PLAN_USER)->num[2], 0);
	f->request.try_groups = true;
	make(f);
	assert_int_equal(find(f, PLAN_USER)->num[2], 1);
	f->request.keep_groups = true;
	make(f);
	assert_int_equal(find(f, PLAN_USER)->num[2], 0);
	assert_int_equal(find(f, PLAN_USER)->str[0], 0);
	assert_int_equal(find(f, PLAN_USER)->flags,
			 PLAN_F_KEEP_CAPS | PLAN_F_KEEP_GROUPS);
}

static void a_user_that_is_none_is_refused(void **state)
{
	struct fixture *f = *state;

	f->process.user.gid = UINT32_MAX;
	assert_int_equal(process_plan(&f->b, &f->request, &f->a, &f->e), -EINVAL);
	assert_non_null(strstr(f->e.text, "process.user.gid"));
}

static void hooks_have_what_they_are_told(void **state)
{
	char a[] = "/a", b[] = "/b";
	struct oci_hook list[] = {
		{ .path = a },
		{ .path = b, .timeout = { true, 9 } },
	};
	struct oci_hook_list hooks = { 2, list };
	const struct plan_hooks h = { &hooks, "startContainer", "{\"pid\":  }", 7,
				PLAN_NO_FD, PLAN_NO_FD };
	struct fixture *f = *state;
	const struct plan_op *op;
	uint32_t len;

	list[1].args = spec_split(&f->a, "b,-x");
	list[1].env = spec_split(&f->a, "K=V");
	f->request.start_hooks = &h;
	make(f);
	op = find(f, PLAN_HOOK);
	assert_int_equal(op->fd[0], PLAN_NO_FD);
	assert_string_equal(plan_get_str(&f->p, op->what),
			    "hook `/a` (startContainer[0])");
	assert_string_equal(joined(f, op->str[1]), "/a");
	assert_string_equal(joined(f, op->str[2]), "");
	assert_int_equal(op->num[0], 0);
	assert_int_equal(op->num[1], 7);
	op++;
	assert_int_equal(op->code, PLAN_HOOK);
	assert_string_equal(joined(f, op->str[1]), "b,-x");
	assert_string_equal(joined(f, op->str[2]), "K=V");
	assert_int_equal(op->num[0], 9);
	assert_memory_equal(plan_get_blob(&f->p, op->str[3], &len), h.state, 10);
	assert_int_equal(len, 10);
}

static void all_hooks_print_to_the_same_place(void **state)
{
	char path[] = "/a";
	struct oci_hook list[] = { { .path = path }, { .path = path } };
	struct oci_hook_list hooks = { 2, list };
	struct plan_hooks h = { &hooks, "startContainer", "{}", 0, PLAN_NO_FD,
				PLAN_NO_FD };
	struct fixture *f = *state;

	h.err = plan_fd(&f->b, dup(2));
	h.out = plan_fd(&f->b, dup(2));
	process_plan_hooks(&f->b, &h);
	assert_int_equal(f->b.n_ops, 2);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(f->b.ops[i].fd[0], h.out);
		assert_int_equal(f->b.ops[i].fd[1], h.err);
	}
}

static void the_score_comes_early(void **state)
{
	struct fixture *f = *state;

	assert_int_equal(process_plan_early(&f->b, &f->request, &f->e), 0);
	assert_int_equal(f->b.n_ops, 0);
	f->process.oom_score_adj = (struct oci_opt_i32){ true, -500 };
	assert_int_equal(process_plan_early(&f->b, &f->request, &f->e), 0);
	assert_int_equal(f->b.n_ops, 1);
	assert_int_equal(f->b.ops[0].code, PLAN_OOM_SCORE);
	assert_true((int64_t)f->b.ops[0].num[0] == -500);
}

static void running_out_of_memory_is_an_error(void **state)
{
	struct fixture *f = *state;
	unsigned int failed = 0;
	int r = -1;

	f->process.env = spec_split(&f->a, "PATH=/a:/b:/c:/d");
	set_listen("1", NULL);
	/* Each byte less that the arena has fails one step earlier. */
	for (size_t room = 0; r < 0 && room < 4096; room += 8) {
		struct arena small = { .limit = room ? room : 1 };
		unsigned char *bytes = NULL;
		size_t len;

		plan_builder_done(&f->b);
		r = process_plan(&f->b, &f->request, &small, &f->e);
		if (r == 0)
			r = plan_finish(&f->b, 0, &bytes, &len);
		if (r < 0)
			assert_int_equal(r, -ENOMEM);
		failed += r < 0;
		free(bytes);
		arena_free(&small);
	}
	assert_int_equal(r, 0);
	assert_in_range(failed, 2, 500);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
#define TEST_FDS(fn) cmocka_unit_test_setup_teardown(fn, setup_fds, teardown)
	const struct CMUnitTest tests[] = {
		TEST(path_is_split_into_candidates),
		TEST(an_empty_name_is_not_found),
		TEST(a_long_path_has_all_its_candidates),
		TEST(arguments_and_environment_are_the_configurations),
		TEST(home_is_looked_up_only_when_it_is_missing),
		TEST_FDS(sockets_are_handed_on_to_whom_they_are_for),
		TEST_FDS(listen_fds_and_preserved_ones_are_counted_together),
		TEST(an_fd_to_preserve_must_be_open),
		TEST(the_order_is_the_one_that_works),
		TEST(labels_come_after_the_hooks),
		TEST(a_session_keyring_is_named_after_one_container_only),
		TEST(only_the_first_change_of_directory_may_fail),
		TEST(what_is_left_out_has_its_usual_value),
		TEST(the_socket_goes_along),
		TEST(groups_may_stay_where_setgroups_is_denied),
		TEST(a_user_that_is_none_is_refused),
		TEST(hooks_have_what_they_are_told),
		TEST(all_hooks_print_to_the_same_place),
		TEST(the_score_comes_early),
		TEST_FDS(running_out_of_memory_is_an_error),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
