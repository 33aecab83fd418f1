/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ptrace.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "unit/unit.h"

#include "util/auto.h"
#include "util/ev.h"
#include "util/sys.h"

#define MS 1000000LL

/* What callbacks of all kinds leave behind. */
struct log {
	char text[64];
	unsigned int events;
};

static void note(struct log *l, char c)
{
	size_t len = strlen(l->text);

	assert_true(len + 1 < sizeof(l->text));
	l->text[len] = c;
	l->text[len + 1] = '\0';
}

struct io_case {
	struct ev_io io;
	struct log *log;
	char name;
	struct io_case *remove; /* on the first call */
	bool stay;
};

static void on_io(struct ev *ev, void *user, unsigned int events)
{
	struct io_case *c = user;

	note(c->log, c->name);
	c->log->events = events;
	if (c->remove)
		ev_io_remove(ev, &c->remove->io);
	if (!c->stay)
		ev_io_remove(ev, &c->io);
}

static void make_pipe(int p[2])
{
	assert_int_equal(pipe2(p, O_CLOEXEC | O_NONBLOCK), 0);
}

static void close_pipe(int p[2])
{
	close(p[0]);
	close(p[1]);
}

/* --- descriptors ---------------------------------------------------------- */

static void readable_and_writable_are_told_apart(void **state)
{
	struct log log = { 0 };
	struct io_case c = { .log = &log, .name = 'a', .stay = true };
	struct ev ev;
	int p[2];

	(void)state;
	ev_init(&ev);
	assert_int_equal(socketpair(AF_UNIX, SOCK_STREAM, 0, p), 0);
	assert_int_equal(ev_io_add(&ev, &c.io, p[0], EV_READ | EV_WRITE, on_io,
				   &c), 0);
	assert_int_equal(ev_once(&ev, 0, NULL), 1);
	assert_int_equal(log.events, EV_WRITE);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(ev_once(&ev, 0, NULL), 1);
	assert_int_equal(log.events, EV_READ | EV_WRITE);
	ev_io_set(&ev, &c.io, EV_READ);
	assert_int_equal(ev_once(&ev, 0, NULL), 1);
	assert_int_equal(log.events, EV_READ);
	ev_io_set(&ev, &c.io, 0);
	assert_int_equal(ev_once(&ev, 0, NULL), 0);
	ev_done(&ev);
	close_pipe(p);
}

static void a_hangup_comes_without_readable_and_without_asking(void **state)
{
	struct log log = { 0 };
	struct io_case c = { .log = &log, .name = 'a' };
	struct ev ev;
	int p[2];

	(void)state;
	ev_init(&ev);
	make_pipe(p);
	assert_int_equal(ev_io_add(&ev, &c.io, p[0], 0, on_io, &c), 0);
	assert_int_equal(ev_once(&ev, 0, NULL), 0);
	close(p[1]);
	assert_int_equal(ev_once(&ev, 0, NULL), 1);
	assert_int_equal(log.events, EV_HUP);
	assert_false(ev_io_active(&c.io));
	ev_done(&ev);
	close(p[0]);
}

static void a_pipe_without_readers_hangs_up_its_writer(void **state)
{
	struct log log = { 0 };
	struct io_case c = { .log = &log, .name = 'a' };
	struct ev ev;
	int p[2];

	(void)state;
	ev_init(&ev);
	make_pipe(p);
	assert_int_equal(ev_io_add(&ev, &c.io, p[1], 0, on_io, &c), 0);
	close(p[0]);
	assert_int_equal(ev_once(&ev, 0, NULL), 1);
	assert_int_equal(log.events, EV_HUP);
	ev_done(&ev);
	close(p[1]);
}

static void a_paused_source_is_silent_even_when_hung_up(void **state)
{
	struct log log = { 0 };
	struct io_case c = { .log = &log, .name = 'a', .stay = true };
	struct ev ev;
	int p[2];

	(void)state;
	ev_init(&ev);
	make_pipe(p);
	assert_int_equal(ev_io_add(&ev, &c.io, p[0], EV_READ, on_io, &c), 0);
	close(p[1]);
	ev_io_pause(&ev, &c.io);
	assert_int_equal(ev_once(&ev, 0, NULL), 0);
	assert_int_equal(ev_once(&ev, -1, NULL), -EDEADLK);
	ev_io_set(&ev, &c.io, EV_READ);
	assert_int_equal(ev_once(&ev, 0, NULL), 1);
	ev_done(&ev);
	close(p[0]);
}

static void a_closed_descriptor_is_reported_as_hung_up(void **state)
{
	struct log log = { 0 };
	struct io_case c = { .log = &log, .name = 'a' };
	struct ev ev;

	(void)state;
	ev_init(&ev);
	assert_int_equal(ev_io_add(&ev, &c.io, 1 << 20, EV_READ, on_io, &c), 0);
	assert_int_equal(ev_once(&ev, 0, NULL), 1);
	assert_int_equal(log.events, EV_HUP);
	ev_done(&ev);
}

static void one_descriptor_may_have_two_sources(void **state)
{
	struct log log = { 0 };
	struct io_case a = { .log = &log, .name = 'a' };
	struct io_case b = { .log = &log, .name = 'b' };
	struct ev ev;
	int p[2];

	(void)state;
	ev_init(&ev);
	make_pipe(p);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(ev_io_add(&ev, &a.io, p[0], EV_READ, on_io, &a), 0);
	assert_int_equal(ev_io_add(&ev, &b.io, p[0], EV_READ, on_io, &b), 0);
	assert_int_equal(ev_once(&ev, 0, NULL), 2);
	assert_string_equal(log.text, "ab");
	ev_done(&ev);
	close_pipe(p);
}

/* One ready pipe, many sources on it: each callback removes another one. */
static void what_a_callback_removes_is_not_called_any_more(void **state)
{
	struct log log = { 0 };
	struct io_case c[4] = { 0 };
	struct ev ev;
	int p[2];

	(void)state;
	ev_init(&ev);
	make_pipe(p);
	assert_int_equal(write(p[1], "x", 1), 1);
	for (int i = 0; i < 4; i++) {
		c[i] = (struct io_case){ .log = &log, .name = (char)('0' + i),
					 .stay = true };
		assert_int_equal(ev_io_add(&ev, &c[i].io, p[0], EV_READ, on_io,
					   &c[i]), 0);
	}
	c[1].remove = &c[2]; /* a later one */
	c[3].remove = &c[0]; /* one that was called already */
	assert_int_equal(ev_once(&ev, 0, NULL), 3);
	assert_string_equal(log.text, "013");
	c[1].remove = &c[1]; /* itself */
	c[3].remove = NULL;
	assert_int_equal(ev_once(&ev, 0, NULL), 2);
	assert_int_equal(ev_once(&ev, 0, NULL), 1);
	assert_string_equal(log.text, "013133");
	ev_done(&ev);
	close_pipe(p);
}

static void on_io_free_all(struct ev *ev, void *user, unsigned int events)
{
	struct io_case **c = user;

	(void)events;
	for (int i = 0; i < 8; i++) {
		ev_io_remove(ev, &c[i]->io);
		free(c[i]);
		c[i] = NULL;
	}
}

/* Under AddressSanitizer this fails when the loop looks at freed memory. */
static void a_callback_may_free_every_source(void **state)
{
	struct io_case *c[8];
	struct ev ev;
	int p[2];

	(void)state;
	ev_init(&ev);
	make_pipe(p);
	assert_int_equal(write(p[1], "x", 1), 1);
	for (int i = 0; i < 8; i++) {
		c[i] = calloc(1, sizeof(*c[i]));
		assert_non_null(c[i]);
		assert_int_equal(ev_io_add(&ev, &c[i]->io, p[0], EV_READ,
					   on_io_free_all, c), 0);
	}
	assert_int_equal(ev_once(&ev, 0, NULL), 1);
	assert_int_equal(ev_once(&ev, 0, NULL), 0);
	ev_done(&ev);
	close_pipe(p);
}

struct adder {
	struct ev_io io, more[100];
	int fd, calls;
};

static void on_added(struct ev *ev, void *user, unsigned int events)
{
	(void)ev;
	(void)events;
	((struct adder *)user)->calls++;
}

static void on_io_add_many(struct ev *ev, void *user, unsigned int events)
{
	struct adder *a = user;

	(void)events;
	ev_io_remove(ev, &a->io);
	for (int i = 0; i < 100; i++)
		assert_int_equal(ev_io_add(ev, &a->more[i], a->fd, EV_READ,
					   on_added, a), 0);
}

static void what_a_callback_adds_waits_for_the_next_turn(void **state)
{
	struct adder a = { 0 };
	struct ev ev;
	int p[2];

	(void)state;
	ev_init(&ev);
	make_pipe(p);
	a.fd = p[0];
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(ev_io_add(&ev, &a.io, p[0], EV_READ, on_io_add_many,
				   &a), 0);
	assert_int_equal(ev_once(&ev, 0, NULL), 1);
	assert_int_equal(a.calls, 0);
	assert_int_equal(ev_once(&ev, 0, NULL), 100);
	assert_int_equal(a.calls, 100);
	ev_done(&ev);
	close_pipe(p);
}

static void on_io_mute_other(struct ev *ev, void *user, unsigned int events)
{
	struct io_case *c = user;

	(void)events;
	note(c->log, c->name);
	ev_io_set(ev, &c->remove->io, EV_WRITE);
}

static void readiness_that_is_not_asked_for_any_more_is_dropped(void **state)
{
	struct log log = { 0 };
	struct io_case b = { .log = &log, .name = 'b', .stay = true };
	struct io_case a = { .log = &log, .name = 'a', .remove = &b };
	struct ev ev;
	int p[2];

	(void)state;
	ev_init(&ev);
	make_pipe(p);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(ev_io_add(&ev, &a.io, p[0], EV_READ, on_io_mute_other,
				   &a), 0);
	assert_int_equal(ev_io_add(&ev, &b.io, p[0], EV_READ, on_io, &b), 0);
	ev_once(&ev, 0, NULL);
	assert_string_equal(log.text, "a");
	ev_done(&ev);
	close_pipe(p);
}

static void adding_twice_moves_the_source(void **state)
{
	struct log log = { 0 };
	struct io_case c = { .log = &log, .name = 'a' };
	struct ev ev;
	int p[2], q[2];

	(void)state;
	ev_init(&ev);
	make_pipe(p);
	make_pipe(q);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(ev_io_add(&ev, &c.io, p[0], EV_READ, on_io, &c), 0);
	assert_int_equal(ev_io_add(&ev, &c.io, q[0], EV_READ, on_io, &c), 0);
	assert_int_equal(ev_once(&ev, 0, NULL), 0);
	assert_int_equal(write(q[1], "x", 1), 1);
	assert_int_equal(ev_once(&ev, 0, NULL), 1);
	ev_done(&ev);
	close_pipe(p);
	close_pipe(q);
}

static void removing_at_rest_does_nothing(void **state)
{
	struct ev_io io = { 0 };
	struct ev_timer t = { 0 };
	struct ev_signal s = { 0 };
	struct ev_child c = { 0 };
	struct ev ev;

	(void)state;
	ev_init(&ev);
	ev_io_remove(&ev, &io);
	ev_io_set(&ev, &io, EV_READ);
	ev_io_pause(&ev, &io);
	ev_timer_stop(&ev, &t);
	ev_signal_remove(&ev, &s);
	ev_child_remove(&ev, &c);
	assert_int_equal(ev_once(&ev, 0, NULL), 0);
	ev_done(&ev);
	ev_done(&ev);
}

/* A random walk over adding, removing, pausing and becoming ready, against a
 * model that knows which sources must be called. */
static void many_sources_stay_consistent(void **state)
{
	enum { N = 200 };
	struct log log;
	static struct io_case c[N];
	bool watched[N] = { 0 }, ready[N] = { 0 };
	unsigned int seed = 7;
	int p[N][2];
	struct ev ev;

	(void)state;
	memset(c, 0, sizeof(c));
	ev_init(&ev);
	for (int i = 0; i < N; i++) {
		make_pipe(p[i]);
		c[i] = (struct io_case){ .log = &log, .name = 'x' };
	}
	for (int round = 0; round < 2000; round++) {
		int i = rand_r(&seed) % N, expect = 0;
		char byte;

		memset(&log, 0, sizeof(log));
		switch (rand_r(&seed) % 3) {
		case 0:
			assert_int_equal(ev_io_add(&ev, &c[i].io, p[i][0],
						   EV_READ, on_io, &c[i]), 0);
			watched[i] = true;
			break;
		case 1:
			ev_io_remove(&ev, &c[i].io);
			watched[i] = false;
			break;
		default:
			if (ready[i])
				assert_int_equal(read(p[i][0], &byte, 1), 1);
			else
				assert_int_equal(write(p[i][1], "x", 1), 1);
			ready[i] = !ready[i];
		}
		for (int k = 0; k < N; k++)
			if (watched[k] && ready[k]) {
				expect++;
				watched[k] = false; /* on_io removes it */
			}
		assert_int_equal(ev_once(&ev, 0, NULL), expect);
	}
	ev_done(&ev);
	for (int i = 0; i < N; i++)
		close_pipe(p[i]);
}

/* --- timers ---------------------------------------------------------------- */

struct timer_case {
	struct ev_timer t;
	struct log *log;
	char name;
	struct timer_case *stop;
	bool again, end;
};

static void on_timer(struct ev *ev, void *user)
{
	struct timer_case *c = user;

	note(c->log, c->name);
	assert_false(ev_timer_active(&c->t));
	if (c->stop)
		ev_timer_stop(ev, &c->stop->t);
	if (c->again)
		ev_timer_start_at(ev, &c->t, 0, on_timer, c);
	if (c->end)
		ev_stop(ev);
}

static void timers_come_in_the_order_of_their_deadlines(void **state)
{
	struct log log = { 0 };
	struct timer_case a = { .log = &log, .name = 'a', .end = true };
	struct timer_case b = { .log = &log, .name = 'b' };
	struct timer_case c = { .log = &log, .name = 'c' };
	struct timer_case d = { .log = &log, .name = 'd' };
	struct ev ev;
	int64_t start = ev_now();

	(void)state;
	ev_init(&ev);
	ev_timer_start(&ev, &a.t, 30, on_timer, &a);
	ev_timer_start(&ev, &b.t, 10, on_timer, &b);
	ev_timer_start_at(&ev, &c.t, start, on_timer, &c);
	ev_timer_start_at(&ev, &d.t, start, on_timer, &d);
	assert_int_equal(ev_run(&ev, NULL), 0);
	assert_string_equal(log.text, "cdba");
	assert_true(ev_now() - start >= 30 * MS);
	ev_done(&ev);
}

static void a_timer_of_the_past_comes_once_in_a_turn(void **state)
{
	struct log log = { 0 };
	struct timer_case a = { .log = &log, .name = 'a', .again = true };
	struct timer_case b = { .log = &log, .name = 'b' };
	struct ev ev;

	(void)state;
	ev_init(&ev);
	ev_timer_start(&ev, &a.t, -5, on_timer, &a);
	ev_timer_start(&ev, &b.t, INT64_MIN, on_timer, &b);
	assert_int_equal(ev_once(&ev, -1, NULL), 2);
	assert_string_equal(log.text, "ab");
	assert_int_equal(ev_once(&ev, -1, NULL), 1);
	assert_int_equal(ev_once(&ev, 1000, NULL), 1);
	assert_string_equal(log.text, "abaa");
	ev_done(&ev);
}

static void a_timer_stops_another_that_is_due_as_well(void **state)
{
	struct log log = { 0 };
	struct timer_case c = { .log = &log, .name = 'c' };
	struct timer_case b = { .log = &log, .name = 'b' };
	struct timer_case a = { .log = &log, .name = 'a', .stop = &b };
	struct ev ev;

	(void)state;
	ev_init(&ev);
	ev_timer_start_at(&ev, &a.t, 1, on_timer, &a);
	ev_timer_start_at(&ev, &b.t, 2, on_timer, &b);
	ev_timer_start_at(&ev, &c.t, 3, on_timer, &c);
	assert_int_equal(ev_once(&ev, 0, NULL), 2);
	assert_string_equal(log.text, "ac");
	ev_done(&ev);
}

static void starting_again_moves_the_deadline(void **state)
{
	struct log log = { 0 };
	struct timer_case a = { .log = &log, .name = 'a' };
	struct ev ev;

	(void)state;
	ev_init(&ev);
	ev_timer_start_at(&ev, &a.t, 0, on_timer, &a);
	ev_timer_start(&ev, &a.t, INT64_MAX, on_timer, &a);
	assert_int_equal(ev_once(&ev, 20, NULL), 0);
	ev_timer_stop(&ev, &a.t);
	assert_int_equal(ev_once(&ev, -1, NULL), -EDEADLK);
	ev_done(&ev);
}

static void the_callers_timeout_ends_a_turn_before_the_timer(void **state)
{
	struct log log = { 0 };
	struct timer_case a = { .log = &log, .name = 'a' };
	struct ev ev;
	int64_t start = ev_now();

	(void)state;
	ev_init(&ev);
	ev_timer_start(&ev, &a.t, 10000, on_timer, &a);
	assert_int_equal(ev_once(&ev, 20, NULL), 0);
	assert_true(ev_now() - start >= 20 * MS);
	assert_true(ev_now() - start < 5000 * MS);
	ev_done(&ev);
}

/* --- signals ---------------------------------------------------------------- */

struct signal_case {
	struct ev_signal s;
	struct log *log;
	char name;
	struct signal_case *remove;
	int last;
};

static void on_signal(struct ev *ev, void *user,
		      const struct signalfd_siginfo *info)
{
	struct signal_case *c = user;

	note(c->log, c->name);
	c->last = (int)info->ssi_signo;
	if (c->remove)
		ev_signal_remove(ev, &c->remove->s);
}

static bool is_blocked(int sig)
{
	sigset_t set;

	assert_int_equal(sigprocmask(SIG_BLOCK, NULL, &set), 0);
	return sigismember(&set, sig) == 1;
}

static void signals_become_events_and_the_mask_comes_back(void **state)
{
	struct log log = { 0 };
	struct signal_case a = { .log = &log, .name = 'a' };
	struct signal_case b = { .log = &log, .name = 'b' };
	sigset_t before;
	struct ev ev;

	(void)state;
	ev_init(&ev);
	assert_false(is_blocked(SIGUSR1));
	assert_int_equal(ev_signal_add(&ev, &a.s, SIGUSR1, on_signal, &a), 0);
	assert_int_equal(ev_signal_add(&ev, &b.s, SIGUSR2, on_signal, &b), 0);
	assert_true(is_blocked(SIGUSR1));
	ev_signal_mask(&ev, &before);
	assert_int_equal(sigismember(&before, SIGUSR1), 0);
	raise(SIGUSR1);
	raise(SIGUSR2);
	while (ev_once(&ev, 0, NULL))
		;
	assert_string_equal(log.text, "ab");
	ev_signal_remove(&ev, &a.s);
	assert_false(is_blocked(SIGUSR1));
	assert_true(is_blocked(SIGUSR2));
	ev_done(&ev);
	assert_false(is_blocked(SIGUSR2));
}

static void a_signal_blocked_before_stays_blocked(void **state)
{
	struct log log = { 0 };
	struct signal_case a = { .log = &log, .name = 'a' };
	sigset_t set;
	struct ev ev;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigprocmask(SIG_BLOCK, &set, NULL);
	ev_init(&ev);
	assert_int_equal(ev_signal_add(&ev, &a.s, SIGUSR1, on_signal, &a), 0);
	ev_signal_remove(&ev, &a.s);
	assert_true(is_blocked(SIGUSR1));
	ev_done(&ev);
	assert_true(is_blocked(SIGUSR1));
	sigprocmask(SIG_UNBLOCK, &set, NULL);
}

static void sources_share_a_signal_and_may_remove_each_other(void **state)
{
	struct log log = { 0 };
	struct signal_case a = { .log = &log, .name = 'a' };
	struct signal_case b = { .log = &log, .name = 'b', .remove = &a };
	struct signal_case c = { .log = &log, .name = 'c', .remove = &c };
	sigset_t set;
	struct ev ev;

	(void)state;
	sigemptyset(&set);
	sigaddset(&set, SIGUSR1);
	sigaddset(&set, SIGRTMAX);
	ev_init(&ev);
	assert_int_equal(ev_signal_add(&ev, &a.s, SIGUSR1, on_signal, &a), 0);
	assert_int_equal(ev_signal_add(&ev, &b.s, SIGUSR1, on_signal, &b), 0);
	assert_int_equal(ev_signal_add_set(&ev, &c.s, &set, on_signal, &c), 0);
	raise(SIGUSR1);
	assert_int_equal(ev_once(&ev, 0, NULL), 1); /* the signalfd */
	assert_string_equal(log.text, "cb");
	assert_false(is_blocked(SIGRTMAX));
	assert_true(is_blocked(SIGUSR1));
	raise(SIGUSR1);
	ev_once(&ev, 0, NULL);
	assert_string_equal(log.text, "cbb");
	assert_int_equal(b.last, SIGUSR1);
	ev_signal_remove(&ev, &b.s);
	assert_int_equal(ev_once(&ev, -1, NULL), -EDEADLK);
	ev_done(&ev);
}

static void a_wrong_signal_number_is_refused(void **state)
{
	struct log log = { 0 };
	struct signal_case a = { .log = &log, .name = 'a' };
	struct ev ev;

	(void)state;
	ev_init(&ev);
	assert_int_equal(ev_signal_add(&ev, &a.s, 4711, on_signal, &a),
			 -EINVAL);
	ev_done(&ev);
}

static void on_alarm(int sig)
{
	(void)sig;
}

/* A handler that interrupts the wait must not make ready what was ready in the
 * turn before. */
static void an_interrupted_wait_is_no_error_and_calls_nothing(void **state)
{
	const struct sigaction sa = { .sa_handler = on_alarm };
	const struct itimerspec when = { .it_value.tv_nsec = 20 * MS };
	struct sigevent how = { .sigev_notify = SIGEV_SIGNAL,
				.sigev_signo = SIGALRM };
	struct log log = { 0 };
	struct io_case c = { .log = &log, .name = 'a', .stay = true };
	struct sigaction old;
	struct ev ev;
	timer_t timer;
	int p[2];
	char byte;

	(void)state;
	make_pipe(p);
	ev_init(&ev);
	assert_int_equal(ev_io_add(&ev, &c.io, p[0], EV_READ, on_io, &c), 0);
	assert_int_equal(write(p[1], "x", 1), 1);
	assert_int_equal(ev_once(&ev, 0, NULL), 1);
	assert_int_equal(read(p[0], &byte, 1), 1);

	assert_int_equal(sigaction(SIGALRM, &sa, &old), 0);
	assert_int_equal(timer_create(CLOCK_MONOTONIC, &how, &timer), 0);
	assert_int_equal(timer_settime(timer, 0, &when, NULL), 0);
	assert_int_equal(ev_once(&ev, 5000, NULL), 0);
	assert_string_equal(log.text, "a");
	timer_delete(timer);
	sigaction(SIGALRM, &old, NULL);
	ev_done(&ev);
	close_pipe(p);
}

/* --- processes --------------------------------------------------------------- */

struct child_case {
	struct ev_child c;
	siginfo_t info;
	int calls;
};

static void on_child(struct ev *ev, void *user, const siginfo_t *info)
{
	struct child_case *c = user;

	c->info = *info;
	c->calls++;
	ev_stop(ev);
}

/* A child that ends as told: by @sig, or with @code. */
static pid_t start_child(int sig, int code)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	if (sig) {
		raise(sig);
		pause();
	}
	_exit(code);
}

static int pidfd_of(pid_t pid)
{
	int fd = sys_pidfd_open(pid, 0);

	assert_true(fd >= 0);
	return fd;
}

static void a_childs_end_is_reported_with_its_status(void **state)
{
	static const struct { int sig, code, status; } t[] = {
		{ 0, 0, 0 }, { 0, 255, 255 }, { SIGKILL, 0, 137 },
		{ SIGTERM, 0, 143 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		pid_t pid = start_child(t[i].sig, t[i].code);
		auto_fd fd = pidfd_of(pid);
		struct child_case c = { 0 };
		struct ev ev;

		ev_init(&ev);
		assert_int_equal(ev_child_add(&ev, &c.c, fd, on_child, &c), 0);
		assert_int_equal(ev_run(&ev, NULL), 0);
		assert_int_equal(c.info.si_pid, pid);
		assert_int_equal(ev_exit_status(&c.info), t[i].status);
		assert_int_equal(waitpid(pid, NULL, WNOHANG), -1);
		assert_int_equal(ev_once(&ev, -1, NULL), -EDEADLK);
		assert_int_equal(c.calls, 1);
		ev_done(&ev);
	}
}

static void the_end_of_a_strangers_process_is_seen(void **state)
{
	pid_t pid = start_child(0, 3);
	auto_fd fd = pidfd_of(pid);
	struct child_case c = { 0 };
	struct ev ev;

	(void)state;
	assert_int_equal(waitpid(pid, NULL, 0), pid); /* reaped by another */
	ev_init(&ev);
	assert_int_equal(ev_child_add(&ev, &c.c, fd, on_child, &c), 0);
	assert_int_equal(ev_run(&ev, NULL), 0);
	assert_int_equal(c.info.si_pid, 0);
	ev_done(&ev);
}

static void a_removed_child_is_left_to_the_caller(void **state)
{
	pid_t pid = start_child(0, 0);
	auto_fd fd = pidfd_of(pid);
	struct child_case c = { 0 };
	struct ev ev;

	(void)state;
	ev_init(&ev);
	assert_int_equal(ev_child_add(&ev, &c.c, fd, on_child, &c), 0);
	ev_child_remove(&ev, &c.c);
	assert_int_equal(ev_once(&ev, 20, NULL), 0);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	ev_done(&ev);
}

/* Traces @pid, lets it end, tells through @out and reaps it a while later. */
static void trace_and_dawdle(pid_t pid, int ready, int out)
{
	const struct timespec pause_ = { .tv_nsec = 100 * MS };

	if (ptrace(PTRACE_SEIZE, pid, 0, 0) < 0)
		_exit(1);
	if (write(ready, "x", 1) != 1)
		_exit(2);
	if (waitid(P_PID, (id_t)pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT) < 0)
		_exit(3);
	nanosleep(&pause_, NULL);
	waitpid(pid, NULL, 0);
	close(out);
	_exit(0);
}

static void a_child_held_by_a_tracer_does_not_hold_the_loop(void **state)
{
	int go[2], ready[2], turns = 0;
	struct child_case c = { 0 };
	pid_t pid, tracer;
	auto_fd fd = -1;
	struct ev ev;
	char byte;

	(void)state;
	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(ready), 0);
	pid = fork();
	if (pid == 0) {
		assert_int_equal(read(go[0], &byte, 1), 1);
		_exit(7);
	}
	tracer = fork();
	if (tracer == 0)
		trace_and_dawdle(pid, ready[1], ready[1]);
	close(ready[1]);
	if (read(ready[0], &byte, 1) != 1) {
		assert_int_equal(write(go[1], "x", 1), 1);
		waitpid(pid, NULL, 0);
		waitpid(tracer, NULL, 0);
		skip_because("tracing a sibling is not allowed here");
	}
	fd = pidfd_of(pid);
	ev_init(&ev);
	assert_int_equal(ev_child_add(&ev, &c.c, fd, on_child, &c), 0);
	assert_int_equal(write(go[1], "x", 1), 1);
	while (!c.calls) {
		assert_true(ev_once(&ev, -1, NULL) >= 0);
		turns++;
	}
	assert_int_equal(ev_exit_status(&c.info), 7);
	assert_in_range(turns, 3, 30); /* it looked again, and not in a spin */
	assert_int_equal(waitpid(tracer, NULL, 0), tracer);
	ev_done(&ev);
	close_pipe(go);
	close(ready[0]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readable_and_writable_are_told_apart),
		cmocka_unit_test(a_hangup_comes_without_readable_and_without_asking),
		cmocka_unit_test(a_pipe_without_readers_hangs_up_its_writer),
		cmocka_unit_test(a_paused_source_is_silent_even_when_hung_up),
		cmocka_unit_test(a_closed_descriptor_is_reported_as_hung_up),
		cmocka_unit_test(one_descriptor_may_have_two_sources),
		cmocka_unit_test(what_a_callback_removes_is_not_called_any_more),
		cmocka_unit_test(a_callback_may_free_every_source),
		cmocka_unit_test(what_a_callback_adds_waits_for_the_next_turn),
		cmocka_unit_test(readiness_that_is_not_asked_for_any_more_is_dropped),
		cmocka_unit_test(adding_twice_moves_the_source),
		cmocka_unit_test(removing_at_rest_does_nothing),
		cmocka_unit_test(many_sources_stay_consistent),
		cmocka_unit_test(timers_come_in_the_order_of_their_deadlines),
		cmocka_unit_test(a_timer_of_the_past_comes_once_in_a_turn),
		cmocka_unit_test(a_timer_stops_another_that_is_due_as_well),
		cmocka_unit_test(starting_again_moves_the_deadline),
		cmocka_unit_test(the_callers_timeout_ends_a_turn_before_the_timer),
		cmocka_unit_test(signals_become_events_and_the_mask_comes_back),
		cmocka_unit_test(a_signal_blocked_before_stays_blocked),
		cmocka_unit_test(sources_share_a_signal_and_may_remove_each_other),
		cmocka_unit_test(a_wrong_signal_number_is_refused),
		cmocka_unit_test(an_interrupted_wait_is_no_error_and_calls_nothing),
		cmocka_unit_test(a_childs_end_is_reported_with_its_status),
		cmocka_unit_test(the_end_of_a_strangers_process_is_seen),
		cmocka_unit_test(a_removed_child_is_left_to_the_caller),
		cmocka_unit_test(a_child_held_by_a_tracer_does_not_hold_the_loop),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
