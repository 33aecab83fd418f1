/* SPDX-License-Identifier: Apache-2.0 */
/* The runtime's half of the start ladder against a peer that is the test. */
#include "unit/unit.h"

#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/ladder.h"
#include "util/auto.h"
#include "util/fdpass.h"
#include "util/sys.h"
#include "wire/plan.h"

struct world {
	struct ev ev;
	struct ladder l;
	struct ev_timer limit;
	int peer; /* berth-init's end */
	pid_t pid, sibling;
	int done, result, forked;
	char text[ERR_TEXT_MAX];
};

static void on_done(void *user, int r, struct err *e)
{
	struct world *w = user;

	w->done++;
	w->result = r;
	strcpy(w->text, e->text);
	ev_stop(&w->ev);
}

static int on_forked(void *user, struct err *e)
{
	struct world *w = user;

	w->forked++;
	return 0;
}

static int on_ready(void *user, struct err *e)
{
	return 0;
}

static const struct ladder_ops ops = {
	.done = on_done, .forked = on_forked, .ready = on_ready,
};

static pid_t sleeper(void)
{
	int ready[2], r = pipe(ready);
	pid_t pid = r < 0 ? -1 : fork();
	char c;

	assert_true(pid >= 0);
	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		close(ready[0]);
		close(ready[1]);
		for (;;)
			pause();
	}
	close(ready[1]);
	assert_int_equal(read(ready[0], &c, 1), 0);
	close(ready[0]);
	return pid;
}

static void open_world(struct world *w)
{
	struct err e = { 0 };
	int pair[2];

	memset(w, 0, sizeof(*w));
	ev_init(&w->ev);
	w->l = (struct ladder)LADDER_NONE;
	w->l.ev = &w->ev;
	w->l.ops = &ops;
	w->l.user = w;
	/* Before the socket, which they must not keep open. */
	w->pid = sleeper();
	w->sibling = sleeper();
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair), 0);
	w->peer = pair[1];
	assert_int_equal(ladder_adopt(&w->l, pair[0], w->pid, sys_pidfd_open(w->pid, 0), &e), 0);
	w->l.ours = true;
}

static bool is_gone(pid_t pid)
{
	return kill(pid, 0) < 0 && errno == ESRCH;
}

static void close_world(struct world *w)
{
	ladder_close(&w->l);
	for (int i = 0; i < 2; i++) {
		pid_t pid = i ? w->sibling : w->pid;

		if (!is_gone(pid)) {
			kill(pid, SIGKILL);
			waitpid(pid, NULL, 0);
		}
	}
	fd_close(&w->peer);
	ev_done(&w->ev);
}

/* What berth-init says; with LADDER_FORKED the sibling's pidfd goes along. */
static void say(struct world *w, enum ladder_step step)
{
	struct ladder_msg m = { .magic = LADDER_MAGIC, .version = PLAN_VERSION,
				.step = (uint16_t)step, .pid = w->sibling };
	auto_fd fd = step == LADDER_FORKED ? sys_pidfd_open(w->sibling, 0) : -1;
	struct fdpass p = { .data = &m, .len = sizeof(m), .fds = &fd,
			    .n_fds = fd >= 0 };
	struct err e = { 0 };

	assert_int_equal(fdpass_send(w->peer, &p, &e), 0);
}

static enum ladder_step heard(struct world *w)
{
	struct ladder_msg m;

	return recv(w->peer, &m, sizeof(m), MSG_DONTWAIT) == sizeof(m) ? m.step : 0;
}

static void turns(struct world *w)
{
	struct err e;

	while (ev_once(&w->ev, 500, &e) > 0 && !w->done)
		;
}

static void the_process_that_forked_may_take_its_time(void **state)
{
	struct world w;

	open_world(&w);
	alarm(20);
	kill(w.pid, SIGSTOP); /* as one in its pid namespace may do */
	say(&w, LADDER_FORKED);
	turns(&w);
	assert_int_equal(heard(&w), LADDER_FORKED);
	assert_int_equal(w.forked, 1);
	assert_int_equal(w.l.pid, w.sibling);
	say(&w, LADDER_READY);
	turns(&w);
	assert_int_equal(w.done, 0);
	/* It goes with the ladder at the latest. */
	ladder_close(&w.l);
	while (!is_gone(w.pid))
		waitpid(w.pid, NULL, 0);
	assert_false(is_gone(w.sibling));
	close_world(&w);
	alarm(0);
}

static void the_process_that_forked_is_reaped(void **state)
{
	struct world w;

	open_world(&w);
	alarm(20);
	say(&w, LADDER_FORKED);
	turns(&w);
	kill(w.pid, SIGKILL);
	turns(&w);
	assert_true(is_gone(w.pid));
	assert_int_equal(w.l.forker, -EBADF);
	assert_int_equal(w.done, 0);
	close_world(&w);
	alarm(0);
}

static void a_second_sibling_is_refused(void **state)
{
	struct world w;

	open_world(&w);
	alarm(20);
	say(&w, LADDER_FORKED);
	say(&w, LADDER_FORKED);
	turns(&w);
	assert_int_equal(w.result, -EPROTO);
	assert_true(is_gone(w.sibling)); /* killed and reaped */
	close_world(&w);
	alarm(0);
}

static void an_end_of_the_socket_is_not_yet_one_of_the_process(void **state)
{
	struct world w;

	open_world(&w);
	alarm(20);
	fd_close(&w.peer);
	turns(&w);
	assert_int_equal(w.done, 0);
	kill(w.pid, SIGTERM);
	turns(&w);
	assert_int_equal(w.done, 1);
	assert_int_equal(w.result, -ECHILD);
	assert_string_equal(w.text, "the container's first process died of signal "
				    "15 before the program ran");
	assert_true(is_gone(w.pid));
	close_world(&w);
	alarm(0);
}

static void a_failure_is_told_once_when_the_process_has_ended(void **state)
{
	struct err first = { 0 }, second = { 0 };
	struct world w;

	open_world(&w);
	alarm(20);
	ladder_fail(&w.l, err_set(&first, EINTR, "first"), &first);
	assert_int_equal(w.done, 0);
	ladder_fail(&w.l, err_set(&second, EPERM, "second"), &second);
	turns(&w);
	assert_int_equal(w.done, 1);
	assert_int_equal(w.result, -EINTR);
	assert_string_equal(w.text, "first");
	assert_true(is_gone(w.pid));
	close_world(&w);
	alarm(0);
}

static void what_is_no_step_ends_it(void **state)
{
	struct world w;

	open_world(&w);
	alarm(20);
	assert_int_equal(send(w.peer, "x", 1, 0), 1);
	turns(&w);
	assert_int_equal(w.result, -EPROTO);
	assert_string_equal(w.text, "start ladder: malformed message");
	assert_true(is_gone(w.pid));
	close_world(&w);
	alarm(0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_process_that_forked_may_take_its_time),
		cmocka_unit_test(the_process_that_forked_is_reaped),
		cmocka_unit_test(a_second_sibling_is_refused),
		cmocka_unit_test(an_end_of_the_socket_is_not_yet_one_of_the_process),
		cmocka_unit_test(a_failure_is_told_once_when_the_process_has_ended),
		cmocka_unit_test(what_is_no_step_ends_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
