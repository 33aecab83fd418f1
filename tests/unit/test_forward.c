/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/forward.h"
#include "util/auto.h"
#include "util/sys.h"

/* A container that ends with the number of the first signal that it gets. */
static pid_t start_container(int *ret_pidfd)
{
	int ready[2];
	pid_t pid;
	char byte;

	assert_int_equal(pipe(ready), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		sigset_t all;
		int sig;

		sigfillset(&all);
		sigprocmask(SIG_SETMASK, &all, NULL);
		if (write(ready[1], "r", 1) != 1)
			_exit(255);
		sigwait(&all, &sig);
		_exit(sig);
	}
	assert_int_equal(read(ready[0], &byte, 1), 1);
	close(ready[0]);
	close(ready[1]);
	*ret_pidfd = sys_pidfd_open(pid, 0);
	assert_true(*ret_pidfd >= 0);
	return pid;
}

static int end_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static void what_berth_gets_the_container_gets(void **state)
{
	const int t[] = { SIGTERM, SIGINT,  SIGHUP,  SIGQUIT, SIGUSR1,
			  SIGUSR2, SIGALRM, SIGWINCH, SIGCONT, SIGTTIN,
			  SIGIO,   SIGPWR,  SIGRTMIN, SIGRTMAX };

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct forward f = { 0 };
		struct ev ev;
		int pidfd;
		pid_t pid = start_container(&pidfd);

		ev_init(&ev);
		assert_int_equal(forward_start(&f, &ev, pidfd, false, NULL), 0);
		raise(t[i]);
		assert_int_equal(ev_once(&ev, 1000, NULL), 1);
		assert_int_equal(end_of(pid), t[i]);
		/* Nobody is left to get it: no harm. */
		raise(t[i]);
		assert_int_equal(ev_once(&ev, 1000, NULL), 1);
		forward_stop(&f, &ev);
		forward_stop(&f, &ev);
		ev_done(&ev);
		close(pidfd);
	}
}

static void some_signals_are_berths_own_affair(void **state)
{
	static const int never[] = { SIGCHLD, SIGURG, SIGPIPE, SIGSEGV, SIGBUS,
				     SIGABRT, SIGFPE, SIGILL, SIGTRAP, SIGSYS };
	static const int job[] = { SIGTSTP, SIGTTIN, SIGTTOU, SIGCONT,
				   SIGWINCH };
	sigset_t plain, terminal;

	forward_set(false, &plain);
	forward_set(true, &terminal);
	for (size_t i = 0; i < ARRAY_LEN(never); i++) {
		assert_int_equal(sigismember(&plain, never[i]), 0);
		assert_int_equal(sigismember(&terminal, never[i]), 0);
	}
	for (size_t i = 0; i < ARRAY_LEN(job); i++) {
		assert_int_equal(sigismember(&plain, job[i]), 1);
		assert_int_equal(sigismember(&terminal, job[i]), 0);
	}
	assert_int_equal(sigismember(&terminal, SIGINT), 1);
}

static void what_comes_before_the_container_is_there_is_held_back(void **state)
{
	struct forward f = { 0 };
	struct ev ev;
	int pidfd;
	pid_t pid;

	ev_init(&ev);
	assert_int_equal(forward_start(&f, &ev, -1, false, NULL), 0);
	raise(SIGTERM);
	assert_int_equal(ev_once(&ev, 1000, NULL), 1);
	pid = start_container(&pidfd);
	forward_to(&f, pidfd);
	assert_int_equal(end_of(pid), SIGTERM);
	close(pidfd);

	pid = start_container(&pidfd);
	forward_to(&f, pidfd); /* once is enough */
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	close(pidfd);
	forward_stop(&f, &ev);
	ev_done(&ev);
}

/* nohup berth run …: what it was told to ignore does not reach the container. */
static void what_berth_was_told_to_ignore_stops_there(void **state)
{
	static const int t[] = { SIGHUP, SIGINT, SIGQUIT };

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct sigaction ign = { .sa_handler = SIG_IGN }, old;
		struct forward f = { 0 };
		struct ev ev;
		int pidfd;
		pid_t pid = start_container(&pidfd);

		assert_int_equal(sigaction(t[i], &ign, &old), 0);
		ev_init(&ev);
		assert_int_equal(forward_start(&f, &ev, pidfd, false, NULL), 0);
		raise(t[i]);
		assert_int_equal(ev_once(&ev, 50, NULL), 0);
		raise(SIGTERM);
		assert_int_equal(ev_once(&ev, 1000, NULL), 1);
		assert_int_equal(end_of(pid), SIGTERM);
		forward_stop(&f, &ev);
		ev_done(&ev);
		sigaction(t[i], &old, NULL);
		close(pidfd);
	}
}

struct watcher {
	struct forward f;
	int seen[4], n;
	bool stop;
};

static void on_seen(struct ev *ev, void *user, int signo)
{
	struct watcher *w = user;

	w->seen[w->n++] = signo;
	if (w->stop)
		forward_stop(&w->f, ev);
}

static void the_caller_sees_each_first_and_may_stop_it(void **state)
{
	struct watcher w = { 0 };
	struct ev ev;
	int pidfd;
	pid_t pid = start_container(&pidfd);

	w.f.seen = on_seen;
	w.f.user = &w;
	w.stop = true;
	ev_init(&ev);
	assert_int_equal(forward_start(&w.f, &ev, pidfd, false, NULL), 0);
	raise(SIGTERM);
	assert_int_equal(ev_once(&ev, 1000, NULL), 1);
	assert_int_equal(w.n, 1);
	assert_int_equal(w.seen[0], SIGTERM);
	usleep(50000);
	assert_int_equal(waitpid(pid, NULL, WNOHANG), 0);
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
	ev_done(&ev);
	close(pidfd);
}

/* ^Z without a terminal of the container's: both stop. */
static void a_terminal_stop_reaches_the_container_and_stops_berth(void **state)
{
	int pidfd, status;
	pid_t pid = start_container(&pidfd), berth;

	berth = fork();
	if (berth == 0) {
		struct forward f = { 0 };
		struct ev ev;

		/* A group of its own, whose parent can continue it. */
		setpgid(0, 0);
		ev_init(&ev);
		if (forward_start(&f, &ev, pidfd, false, NULL) < 0)
			_exit(90);
		raise(SIGTSTP);
		ev_once(&ev, 5000, NULL);
		_exit(5);
	}
	setpgid(berth, berth);
	assert_int_equal(waitpid(berth, &status, WUNTRACED), berth);
	assert_true(WIFSTOPPED(status));
	assert_int_equal(WSTOPSIG(status), SIGTSTP);
	assert_int_equal(end_of(pid), SIGTSTP);
	kill(berth, SIGCONT);
	assert_int_equal(end_of(berth), 5);
	close(pidfd);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_berth_gets_the_container_gets),
		cmocka_unit_test(some_signals_are_berths_own_affair),
		cmocka_unit_test(what_comes_before_the_container_is_there_is_held_back),
		cmocka_unit_test(what_berth_was_told_to_ignore_stops_there),
		cmocka_unit_test(the_caller_sees_each_first_and_may_stop_it),
		cmocka_unit_test(a_terminal_stop_reaches_the_container_and_stops_berth),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
