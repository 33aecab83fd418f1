/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "hooks/hooks.h"
#include "oci/spec.h"
#include "util/auto.h"

static char dir[] = "/tmp/test_hooks.XXXXXX";

/* A hook that is a shell script of ours, in a directory of its own. */
struct script {
	char path[128];
	struct oci_hook hook;
};

static void write_script(struct script *s, const char *name, const char *body)
{
	FILE *f;

	snprintf(s->path, sizeof(s->path), "%s/%s", dir, name);
	f = fopen(s->path, "we");
	assert_non_null(f);
	fprintf(f, "#!/bin/sh\ncd %s || exit 99\n%s\n", dir, body);
	assert_int_equal(fclose(f), 0);
	assert_int_equal(chmod(s->path, 0755), 0);
	s->hook = (struct oci_hook){ .path = s->path };
}

static void set_timeout(struct oci_hook *h, int seconds)
{
	h->timeout = (struct oci_opt_i32){ .set = true, .v = seconds };
}

static char *slurp(const char *name)
{
	static char text[8192];
	char path[128];
	size_t n;
	FILE *f;

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	f = fopen(path, "re");
	if (!f)
		return NULL;
	n = fread(text, 1, sizeof(text) - 1, f);
	text[n] = '\0';
	fclose(f);
	return text;
}

static void forget(const char *name)
{
	char path[128];

	snprintf(path, sizeof(path), "%s/%s", dir, name);
	unlink(path);
}

static int run_list(struct oci_hook *v, size_t n, struct err *e)
{
	const struct oci_hook_list list = { n, v };
	const struct hooks_args a = { .list = &list, .name = "prestart",
				      .state = "{\"id\":\"x\"}",
				      .state_len = 10, .cwd = -1 };

	return hooks_run(&a, e);
}

static void check_text(const struct err *e, const char *path, const char *text)
{
	char want[512];

	snprintf(want, sizeof(want), "hook `%s` (prestart[0]): %s", path, text);
	assert_string_equal(e->text, want);
}

static void no_zombies(void)
{
	assert_int_equal(waitpid(-1, NULL, WNOHANG), -1);
	assert_int_equal(errno, ECHILD);
}

/* --- what they get -------------------------------------------------------------- */

static void hooks_run_in_order_with_the_state_on_their_input(void **state)
{
	struct script a, b;
	struct oci_hook v[3];

	forget("log");
	write_script(&a, "a", "sleep 0.1; cat >> log; echo -n A >> log");
	write_script(&b, "b", "echo -n B >> log");
	v[0] = a.hook;
	v[1] = b.hook;
	v[2] = a.hook;
	assert_int_equal(run_list(v, 3, NULL), 0);
	assert_string_equal(slurp("log"), "{\"id\":\"x\"}AB{\"id\":\"x\"}A");
	no_zombies();
}

static void an_empty_list_is_done_at_once(void **state)
{
	assert_int_equal(run_list(NULL, 0, NULL), 0);
}

static void arguments_and_environment_are_exactly_the_configured_ones(
	void **state)
{
	char *args[] = { (char[]){ "zero" }, (char[]){ "one two" },
			 (char[]){ "" }, NULL };
	char *env[] = { (char[]){ "A=1" }, (char[]){ "B=x y=z" }, NULL };
	struct oci_hook h = { .path = (char[]){ "/bin/sh" } };
	char script[256];

	setenv("MUST_NOT_BE_SEEN", "1", 1);
	snprintf(script, sizeof(script),
		 "tr '\\0' '|' < /proc/$$/environ > %s/env;"
		 "tr '\\0' '|' < /proc/$$/cmdline > %s/args", dir, dir);
	args[1] = (char[]){ "-c" };
	args[2] = script;
	h.args = (struct oci_strv){ 3, args };
	h.env = (struct oci_strv){ 2, env };
	assert_int_equal(run_list(&h, 1, NULL), 0);
	assert_string_equal(slurp("env"), "A=1|B=x y=z|");
	assert_memory_equal(slurp("args"), "zero|-c|tr ", 11);

	h.env = (struct oci_strv){ 0, NULL };
	assert_int_equal(run_list(&h, 1, NULL), 0);
	assert_string_equal(slurp("env"), "");
}

static void without_arguments_the_path_is_the_only_one(void **state)
{
	struct script s;
	char want[256];

	write_script(&s, "argv", "tr '\\0' '|' < /proc/$$/cmdline > args");
	assert_int_equal(run_list(&s.hook, 1, NULL), 0);
	/* The kernel puts the interpreter in front. */
	snprintf(want, sizeof(want), "/bin/sh|%s|", s.path);
	assert_string_equal(slurp("args"), want);
}

static void signals_are_as_after_login_and_the_group_is_its_own(void **state)
{
	const struct sigaction ign = { .sa_handler = SIG_IGN };
	struct sigaction old;
	sigset_t set, before;
	struct script s;

	sigfillset(&set);
	sigprocmask(SIG_BLOCK, &set, &before);
	sigaction(SIGPIPE, &ign, &old);
	write_script(&s, "signals",
		     "while read a b; do case $a in Sig[BI]*) echo $a $b;; esac\n"
		     "done < /proc/$$/status > sig\n"
		     "read a b c d pgrp rest < /proc/$$/stat\n"
		     "[ $pgrp -eq $$ ] || exit 5");
	assert_int_equal(run_list(&s.hook, 1, NULL), 0);
	sigaction(SIGPIPE, &old, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
	/* Read by the shell itself: it blocks signals around each fork. */
	assert_string_equal(slurp("sig"), "SigBlk: 0000000000000000\n"
					  "SigIgn: 0000000000000000\n");
}

static void no_descriptor_above_two_is_open(void **state)
{
	char script[128];
	char *args[] = { (char[]){ "sh" }, (char[]){ "-c" }, script, NULL };
	struct oci_hook h = { .path = (char[]){ "/bin/sh" },
			      .args = { 3, args } };
	int fds[40];

	/* Plain descriptors, without close-on-exec. */
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		fds[i] = open("/dev/null", O_RDONLY);
	snprintf(script, sizeof(script), "exec /bin/ls /proc/self/fd > %s/ls",
		 dir);
	assert_int_equal(run_list(&h, 1, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(fds); i++)
		close(fds[i]);
	assert_string_equal(slurp("ls"), "0\n1\n2\n3\n"); /* 3: its directory */
}

static void hooks_start_in_the_given_directory(void **state)
{
	char *args[] = { (char[]){ "sh" }, (char[]){ "-c" },
			 (char[]){ "pwd > here" }, NULL };
	struct oci_hook h = { .path = (char[]){ "/bin/sh" },
			      .args = { 3, args } };
	const struct oci_hook_list list = { 1, &h };
	auto_fd cwd = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	const struct hooks_args a = { .list = &list, .name = "prestart",
				      .state = "", .cwd = cwd };

	assert_int_equal(hooks_run(&a, NULL), 0);
	assert_non_null(strstr(slurp("here"), dir));
}

/* --- a big state -------------------------------------------------------------------- */

static int run_big(struct script *s, const char *big, size_t len)
{
	const struct oci_hook_list list = { 1, &s->hook };
	const struct hooks_args a = { .list = &list, .name = "prestart",
				      .state = big, .state_len = len,
				      .cwd = -1 };

	return hooks_run(&a, NULL);
}

static void a_state_of_any_length_arrives_whole_or_not_at_all(void **state)
{
	enum { LEN = 1 << 20 };
	auto_mem char *big = malloc(LEN);
	struct script s;

	memset(big, 'j', LEN);
	write_script(&s, "count", "wc -c > n");
	assert_int_equal(run_big(&s, big, LEN), 0);
	assert_int_equal(atoi(slurp("n")), LEN);
	write_script(&s, "slow", "sleep 0.1; wc -c > n");
	assert_int_equal(run_big(&s, big, 65537), 0);
	assert_int_equal(atoi(slurp("n")), 65537);
	write_script(&s, "never", "exit 0");
	assert_int_equal(run_big(&s, big, LEN), 0);
	write_script(&s, "closes", "exec <&-; sleep 0.1");
	assert_int_equal(run_big(&s, big, LEN), 0);
	write_script(&s, "some", "head -c 10 > ten");
	assert_int_equal(run_big(&s, big, LEN), 0);
	no_zombies();
}

/* --- failures ------------------------------------------------------------------------ */

static void each_way_of_failing_has_its_text(void **state)
{
	static const struct {
		const char *name, *body, *text;
		int code;
	} t[] = {
		{ "f1", "exit 3", "exit status 3", ECHILD },
		{ "f2", "echo first; echo the reason >&2; exit 255",
		  "exit status 255: the reason", ECHILD },
		{ "f3", "printf 'no newline' >&2; exit 1",
		  "exit status 1: no newline", ECHILD },
		{ "f4", "printf 'a\\n\\nlast\\n  \\n\\n'; exit 1",
		  "exit status 1: last", ECHILD },
		{ "f5", "printf '\\033[31mred\\007' >&2; exit 1",
		  "exit status 1: ?[31mred?", ECHILD },
		{ "f6", "kill -9 $$", "killed by SIGKILL", ECHILD },
		{ "f7", "echo dying; kill -SEGV $$", "killed by SIGSEGV: dying",
		  ECHILD },
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct err e = { 0 };
		struct script s;

		write_script(&s, t[i].name, t[i].body);
		assert_int_equal(run_list(&s.hook, 1, &e), -t[i].code);
		check_text(&e, s.path, t[i].text);
	}
	no_zombies();
}

static void what_cannot_be_started_says_why(void **state)
{
	struct script s;
	struct oci_hook h = { .path = (char[]){ "/no/such/hook" } };
	struct err e = { 0 };

	assert_int_equal(run_list(&h, 1, &e), -ENOENT);
	check_text(&e, h.path, "No such file or directory");
	write_script(&s, "plain", "exit 0");
	assert_int_equal(chmod(s.path, 0644), 0);
	assert_int_equal(run_list(&s.hook, 1, &e), -EACCES);
	check_text(&e, s.path, "Permission denied");
	h.path = dir;
	assert_int_equal(run_list(&h, 1, &e), -EACCES);
	no_zombies();
}

static void a_failure_ends_the_list_unless_it_should_go_on(void **state)
{
	struct script bad, good;
	struct oci_hook v[4];
	const struct oci_hook_list list = { 4, v };
	struct hooks_args a = { .list = &list, .name = "poststop",
				.state = "", .cwd = -1 };
	struct err e = { 0 };
	char want[256];

	forget("log");
	write_script(&bad, "bad", "echo -n b >> log; exit 4");
	write_script(&good, "good", "echo -n g >> log");
	v[0] = v[3] = good.hook;
	v[1] = bad.hook;
	v[2] = (struct oci_hook){ .path = (char[]){ "/no/such/hook" } };
	snprintf(want, sizeof(want), "hook `%s` (poststop[1]): exit status 4",
		 bad.path);

	assert_int_equal(hooks_run(&a, &e), -ECHILD);
	assert_string_equal(slurp("log"), "gb");
	assert_string_equal(e.text, want);

	forget("log");
	a.keep_going = true;
	memset(&e, 0, sizeof(e));
	assert_int_equal(hooks_run(&a, &e), -ECHILD);
	assert_string_equal(slurp("log"), "gbg");
	assert_string_equal(e.text, want);
	no_zombies();
}

static void a_timeout_kills_the_hook_and_its_children(void **state)
{
	struct script s;
	struct err e = { 0 };
	int64_t start = ev_now();
	char *pid;

	write_script(&s, "slow", "trap '' TERM INT HUP\n"
				 "sleep 100 & echo $! > pid; wait");
	set_timeout(&s.hook, 1);
	assert_int_equal(run_list(&s.hook, 1, &e), -ETIMEDOUT);
	check_text(&e, s.path, "timed out after 1 s");
	assert_in_range((ev_now() - start) / 1000000, 1000, 10000);
	no_zombies();
	pid = slurp("pid");
	for (int i = 0; i < 100 && kill(atoi(pid), 0) == 0; i++)
		usleep(20000); /* its new parent reaps it */
	assert_int_equal(kill(atoi(pid), 0), -1);
}

static void a_hook_that_ends_in_time_is_not_touched_by_its_timeout(void **state)
{
	struct script s;

	write_script(&s, "quick", "exit 0");
	set_timeout(&s.hook, INT32_MAX);
	assert_int_equal(run_list(&s.hook, 1, NULL), 0);
}

/* --- output ---------------------------------------------------------------------------- */

static void endless_output_is_read_and_forgotten(void **state)
{
	struct script s;
	struct err e = { 0 };

	write_script(&s, "flood",
		     "head -c 30000000 /dev/zero | tr '\\0' x; echo; echo end\n"
		     "exit 7");
	assert_int_equal(run_list(&s.hook, 1, &e), -ECHILD);
	check_text(&e, s.path, "exit status 7: end");
	write_script(&s, "long", "head -c 100000 /dev/zero | tr '\\0' y; exit 8");
	assert_int_equal(run_list(&s.hook, 1, &e), -ECHILD);
	assert_non_null(strstr(e.text, "exit status 8: yyyy"));
}

static void a_daemon_that_keeps_the_output_open_is_not_waited_for(void **state)
{
	struct script s;
	int64_t start = ev_now();

	write_script(&s, "daemon", "(while :; do echo noise; done) &\n"
				   "echo $! > pid; exit 0");
	assert_int_equal(run_list(&s.hook, 1, NULL), 0);
	assert_true(ev_now() - start < 5000000000LL);
	/* Its output is gone, so it ends by itself; or we end it. */
	kill(atoi(slurp("pid")), SIGKILL);
}

/* --- on a loop of the caller's ------------------------------------------------------------ */

struct result {
	int calls, err;
};

static void on_done(struct ev *ev, void *user, int err)
{
	struct result *r = user;

	r->calls++;
	r->err = err;
}

static size_t count_fds(void)
{
	size_t n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void two_lists_run_side_by_side(void **state)
{
	struct script s;
	struct oci_hook v[2];
	const struct oci_hook_list list = { 2, v };
	const struct hooks_args a = { .list = &list, .name = "poststart",
				      .state = "", .cwd = -1 };
	struct result r[2] = { 0 };
	size_t before = count_fds();
	static struct hooks h[2];
	int64_t start = ev_now();
	struct ev ev;

	write_script(&s, "nap", "sleep 0.5");
	v[0] = v[1] = s.hook;
	ev_init(&ev);
	hooks_start(&h[0], &ev, &a, on_done, &r[0]);
	hooks_start(&h[1], &ev, &a, on_done, &r[1]);
	assert_int_equal(r[0].calls, 0);
	while (!r[0].calls || !r[1].calls)
		assert_true(ev_once(&ev, -1, NULL) >= 0);
	assert_true(ev_now() - start < 1900000000LL);
	assert_int_equal(ev_once(&ev, -1, NULL), -EDEADLK);
	assert_int_equal(r[0].err | r[1].err, 0);
	ev_done(&ev);
	assert_int_equal(count_fds(), before);
}

static void a_cancelled_hook_is_gone_and_says_nothing(void **state)
{
	struct script s;
	const struct oci_hook_list list = { 1, &s.hook };
	const struct hooks_args a = { .list = &list, .name = "poststart",
				      .state = "", .cwd = -1 };
	size_t before = count_fds();
	struct result r = { 0 };
	struct hooks h;
	struct ev ev;

	write_script(&s, "forever", "echo up; sleep 100");
	ev_init(&ev);
	hooks_start(&h, &ev, &a, on_done, &r);
	while (h.tail_len == 0)
		assert_true(ev_once(&ev, -1, NULL) >= 0);
	hooks_cancel(&h, &ev);
	hooks_cancel(&h, &ev);
	no_zombies();
	assert_int_equal(ev_once(&ev, -1, NULL), -EDEADLK);
	assert_int_equal(r.calls, 0);
	ev_done(&ev);
	assert_int_equal(count_fds(), before);
}

static int setup(void **state)
{
	return mkdtemp(dir) ? 0 : -1;
}

static int teardown(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(hooks_run_in_order_with_the_state_on_their_input),
		cmocka_unit_test(an_empty_list_is_done_at_once),
		cmocka_unit_test(arguments_and_environment_are_exactly_the_configured_ones),
		cmocka_unit_test(without_arguments_the_path_is_the_only_one),
		cmocka_unit_test(signals_are_as_after_login_and_the_group_is_its_own),
		cmocka_unit_test(no_descriptor_above_two_is_open),
		cmocka_unit_test(hooks_start_in_the_given_directory),
		cmocka_unit_test(a_state_of_any_length_arrives_whole_or_not_at_all),
		cmocka_unit_test(each_way_of_failing_has_its_text),
		cmocka_unit_test(what_cannot_be_started_says_why),
		cmocka_unit_test(a_failure_ends_the_list_unless_it_should_go_on),
		cmocka_unit_test(a_timeout_kills_the_hook_and_its_children),
		cmocka_unit_test(a_hook_that_ends_in_time_is_not_touched_by_its_timeout),
		cmocka_unit_test(endless_output_is_read_and_forgotten),
		cmocka_unit_test(a_daemon_that_keeps_the_output_open_is_not_waited_for),
		cmocka_unit_test(two_lists_run_side_by_side),
		cmocka_unit_test(a_cancelled_hook_is_gone_and_says_nothing),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
