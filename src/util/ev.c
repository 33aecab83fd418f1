/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A turn is: wait, call the descriptors that are ready, call the timers that
 * are due.  During a turn the arrays of descriptors only grow: a source that is
 * removed leaves a hole, which is closed after the turn, so that indices stay
 * what they are while callbacks run.
 */
#include "util/ev.h"

#include <errno.h>
#include <string.h>
#include <sys/signalfd.h>
#include <sys/wait.h>
#include <time.h>

#include "util/auto.h"

#define NS_PER_MS 1000000LL
#define NS_PER_S 1000000000LL
#define RETRY_MS 10 /* between looks at an ended process that a tracer holds */

/* --- descriptors ---------------------------------------------------------- */

static short poll_events(unsigned int events)
{
	return (short)((events & EV_READ ? POLLIN : 0) |
		       (events & EV_WRITE ? POLLOUT : 0));
}

/* What poll(2) says, as far as the source asked for it: an error condition comes
 * without asking. */
static unsigned int ev_events(short revents)
{
	return (revents & POLLIN ? EV_READ : 0) |
	       (revents & POLLOUT ? EV_WRITE : 0) |
	       (revents & (POLLHUP | POLLERR | POLLNVAL) ? EV_HUP : 0);
}

/* realloc(3) of an array that may still be the loop's own. */
static void *grow_array(void *old, const void *own, size_t n, size_t size)
{
	void *p;

	if (old != own)
		return reallocarray(old, n * 2, size);
	p = reallocarray(NULL, n * 2, size);
	return p ? memcpy(p, old, n * size) : NULL;
}

static void use_own(struct ev *ev)
{
	ev->polls = ev->own_polls;
	ev->ios = ev->own_ios;
	ev->cap_ios = EV_OWN;
}

static int grow(struct ev *ev)
{
	struct pollfd *polls;
	struct ev_io **ios;

	if (!ev->cap_ios) {
		use_own(ev);
		return 0;
	}
	polls = grow_array(ev->polls, ev->own_polls, ev->cap_ios, sizeof(*polls));
	if (!polls)
		return -ENOMEM;
	ev->polls = polls;
	ios = grow_array(ev->ios, ev->own_ios, ev->cap_ios,
			 sizeof(struct ev_io *));
	if (!ios)
		return -ENOMEM;
	ev->ios = ios;
	ev->cap_ios *= 2;
	return 0;
}

int ev_io_add(struct ev *ev, struct ev_io *io, int fd, unsigned int events,
	      ev_io_fn fn, void *user)
{
	int r;

	ev_io_remove(ev, io);
	if (ev->n_ios == ev->cap_ios) {
		r = grow(ev);
		if (r < 0)
			return r;
	}
	ev->polls[ev->n_ios] =
		(struct pollfd){ .fd = fd, .events = poll_events(events) };
	ev->ios[ev->n_ios] = io;
	*io = (struct ev_io){ .fn = fn, .user = user, .fd = fd,
			      .slot = ++ev->n_ios };
	return 0;
}

void ev_io_set(struct ev *ev, struct ev_io *io, unsigned int events)
{
	struct pollfd *p;

	if (!io->slot)
		return;
	p = &ev->polls[io->slot - 1];
	p->fd = io->fd;
	p->events = poll_events(events);
	/* What is ready in this turn but no longer asked for stays untold. */
	p->revents &= (short)(p->events | POLLHUP | POLLERR | POLLNVAL);
}

void ev_io_pause(struct ev *ev, struct ev_io *io)
{
	if (!io->slot)
		return;
	ev->polls[io->slot - 1].fd = -1; /* poll(2) skips a negative fd */
	ev->polls[io->slot - 1].revents = 0;
}

static void drop_last(struct ev *ev, size_t i)
{
	ev->n_ios--;
	if (i == ev->n_ios)
		return;
	ev->polls[i] = ev->polls[ev->n_ios];
	ev->ios[i] = ev->ios[ev->n_ios];
	ev->ios[i]->slot = i + 1;
}

void ev_io_remove(struct ev *ev, struct ev_io *io)
{
	size_t i = io->slot - 1;

	if (!io->slot)
		return;
	io->slot = 0;
	if (!ev->in_turn) {
		drop_last(ev, i);
		return;
	}
	ev->ios[i] = NULL;
	ev->polls[i] = (struct pollfd){ .fd = -1 };
	ev->holes = true;
}

static void close_holes(struct ev *ev)
{
	size_t to = 0;

	if (!ev->holes)
		return;
	for (size_t i = 0; i < ev->n_ios; i++) {
		if (!ev->ios[i])
			continue;
		ev->polls[to] = ev->polls[i];
		ev->ios[to] = ev->ios[i];
		ev->ios[to]->slot = to + 1;
		to++;
	}
	ev->n_ios = to;
	ev->holes = false;
}

static int call_ios(struct ev *ev, int n_ready)
{
	size_t n = ev->n_ios; /* what callbacks add is looked at next time */
	int calls = 0;

	for (size_t i = 0; i < n && n_ready > 0; i++) {
		short revents = ev->polls[i].revents;
		struct ev_io *io = ev->ios[i];

		if (!revents)
			continue;
		ev->polls[i].revents = 0;
		n_ready--;
		io->fn(ev, io->user, ev_events(revents));
		calls++;
	}
	return calls;
}

/* --- timers ---------------------------------------------------------------- */

int64_t ev_now(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return t.tv_sec * NS_PER_S + t.tv_nsec;
}

static void timer_link(struct ev_timer **at, struct ev_timer *t)
{
	t->next = *at;
	t->link = at;
	if (t->next)
		t->next->link = &t->next;
	*at = t;
}

void ev_timer_stop(struct ev *ev, struct ev_timer *t)
{
	(void)ev;
	if (!t->link)
		return;
	*t->link = t->next;
	if (t->next)
		t->next->link = t->link;
	t->link = NULL;
}

void ev_timer_start_at(struct ev *ev, struct ev_timer *t, int64_t deadline,
		       ev_timer_fn fn, void *user)
{
	struct ev_timer **at = &ev->timers;

	ev_timer_stop(ev, t);
	*t = (struct ev_timer){ .fn = fn, .user = user, .deadline = deadline };
	while (*at && (*at)->deadline <= deadline)
		at = &(*at)->next;
	timer_link(at, t);
}

void ev_timer_start(struct ev *ev, struct ev_timer *t, int64_t ms,
		    ev_timer_fn fn, void *user)
{
	int64_t now = ev_now(), delay, deadline;

	if (ms < 0)
		ms = 0;
	if (__builtin_mul_overflow(ms, NS_PER_MS, &delay) ||
	    __builtin_add_overflow(now, delay, &deadline))
		deadline = INT64_MAX; /* 292 years: for ever */
	ev_timer_start_at(ev, t, deadline, fn, user);
}

/* The due ones leave the list first: a timer that a callback starts with a
 * deadline that is past already must wait for the next turn, or it could keep
 * this one going for ever. */
static struct ev_timer *take_due(struct ev *ev)
{
	struct ev_timer *due = ev->timers, **end = &ev->timers;
	int64_t now = ev_now();

	while (*end && (*end)->deadline <= now)
		end = &(*end)->next;
	if (end == &ev->timers)
		return NULL;
	ev->timers = *end;
	if (ev->timers)
		ev->timers->link = &ev->timers;
	*end = NULL;
	return due;
}

static int call_timers(struct ev *ev)
{
	struct ev_timer *due;
	int calls = 0;

	if (!ev->timers)
		return 0;
	due = take_due(ev);
	if (due)
		due->link = &due;
	while (due) {
		struct ev_timer *t = due;

		ev_timer_stop(ev, t);
		t->fn(ev, t->user);
		calls++;
	}
	return calls;
}

/* --- signals ---------------------------------------------------------------- */

/* Every signal that a source wants. */
static void wanted_signals(const struct ev *ev, sigset_t *ret)
{
	sigemptyset(ret);
	for (const struct ev_signal *s = ev->signals; s; s = s->next)
		sigorset(ret, ret, &s->set);
}

/* One signal can be several sources' business, each of which may remove any. */
static int call_signal(struct ev *ev, const struct signalfd_siginfo *info)
{
	int calls = 0;

	ev->next_signal = ev->signals;
	while (ev->next_signal) {
		struct ev_signal *s = ev->next_signal;

		ev->next_signal = s->next;
		if (sigismember(&s->set, (int)info->ssi_signo) != 1)
			continue;
		s->fn(ev, s->user, info);
		calls++;
	}
	return calls;
}

static void on_signalfd(struct ev *ev, void *user, unsigned int events)
{
	struct signalfd_siginfo info;

	(void)user;
	(void)events;
	if (read(ev->signal_fd, &info, sizeof(info)) == sizeof(info))
		call_signal(ev, &info);
}

static int open_signalfd(struct ev *ev, const sigset_t *set)
{
	auto_fd fd = signalfd(-1, set, SFD_CLOEXEC | SFD_NONBLOCK);
	int r;

	if (fd < 0)
		return -errno;
	r = ev_io_add(ev, &ev->signal_io, fd, EV_READ, on_signalfd, NULL);
	if (r < 0)
		return r;
	ev->signal_fd = fd_take(&fd);
	return 0;
}

static int update_signalfd(struct ev *ev, const sigset_t *set)
{
	if (ev->signal_fd < 0)
		return open_signalfd(ev, set);
	if (signalfd(ev->signal_fd, set, 0) < 0)
		return -errno;
	return 0;
}

int ev_signal_add_set(struct ev *ev, struct ev_signal *s, const sigset_t *set,
		      ev_signal_fn fn, void *user)
{
	sigset_t wanted, before;
	int r;

	ev_signal_remove(ev, s);
	wanted_signals(ev, &wanted);
	sigorset(&wanted, &wanted, set);
	/* Blocked before the signalfd takes it: no instant in between in which
	 * the signal would take its default effect. */
	if (sigprocmask(SIG_BLOCK, &wanted, &before) < 0)
		return -errno;
	if (ev->signal_fd < 0)
		ev->old_mask = before;
	r = update_signalfd(ev, &wanted);
	if (r < 0) {
		sigprocmask(SIG_SETMASK, &before, NULL);
		return r;
	}
	*s = (struct ev_signal){ .fn = fn, .user = user, .set = *set,
				 .next = ev->signals, .link = &ev->signals };
	if (s->next)
		s->next->link = &s->next;
	ev->signals = s;
	return 0;
}

int ev_signal_add(struct ev *ev, struct ev_signal *s, int signo,
		  ev_signal_fn fn, void *user)
{
	sigset_t set;

	sigemptyset(&set);
	if (sigaddset(&set, signo) < 0)
		return -errno;
	return ev_signal_add_set(ev, s, &set, fn, user);
}

void ev_signal_remove(struct ev *ev, struct ev_signal *s)
{
	sigset_t wanted, kept, unblock;

	if (!s->link)
		return;
	if (ev->next_signal == s)
		ev->next_signal = s->next;
	*s->link = s->next;
	if (s->next)
		s->next->link = s->link;
	s->link = NULL;

	wanted_signals(ev, &wanted);
	signalfd(ev->signal_fd, &wanted, 0);
	sigorset(&kept, &ev->old_mask, &wanted);
	sigemptyset(&unblock);
	for (int sig = 1; sig <= SIGRTMAX; sig++)
		if (sigismember(&s->set, sig) == 1 &&
		    sigismember(&kept, sig) == 0)
			sigaddset(&unblock, sig);
	sigprocmask(SIG_UNBLOCK, &unblock, NULL);
}

void ev_signal_mask(const struct ev *ev, sigset_t *ret)
{
	if (ev->signal_fd >= 0)
		*ret = ev->old_mask;
	else
		sigprocmask(SIG_BLOCK, NULL, ret);
}

/* --- processes --------------------------------------------------------------- */

static void reap(struct ev *ev, struct ev_child *c);

static void on_retry(struct ev *ev, void *user)
{
	reap(ev, user);
}

/*
 * A pidfd is readable as soon as the process has ended, which can be a moment
 * before its parent may reap it: a tracer comes first.  Waiting in waitid would
 * give that tracer the whole loop.
 */
static void reap(struct ev *ev, struct ev_child *c)
{
	siginfo_t info = { 0 };
	int r;

	do
		r = waitid(P_PIDFD, (id_t)c->pidfd, &info,
			   WEXITED | WNOHANG | __WALL);
	while (r < 0 && errno == EINTR);

	if (r == 0 && info.si_pid == 0) {
		ev_io_pause(ev, &c->io);
		ev_timer_start(ev, &c->retry, RETRY_MS, on_retry, c);
		return;
	}
	if (r < 0)
		memset(&info, 0, sizeof(info)); /* somebody else's child */
	ev_child_remove(ev, c);
	c->fn(ev, c->user, &info);
}

static void on_pidfd(struct ev *ev, void *user, unsigned int events)
{
	(void)events;
	reap(ev, user);
}

int ev_child_add(struct ev *ev, struct ev_child *c, int pidfd, ev_child_fn fn,
		 void *user)
{
	ev_child_remove(ev, c);
	c->fn = fn;
	c->user = user;
	c->pidfd = pidfd;
	return ev_io_add(ev, &c->io, pidfd, EV_READ, on_pidfd, c);
}

void ev_child_remove(struct ev *ev, struct ev_child *c)
{
	ev_io_remove(ev, &c->io);
	ev_timer_stop(ev, &c->retry);
}

/* --- the loop ------------------------------------------------------------------ */

void ev_init(struct ev *ev)
{
	*ev = (struct ev){ .signal_fd = -1 };
}

void ev_done(struct ev *ev)
{
	if (ev->signal_fd >= 0) {
		fd_close(&ev->signal_fd);
		sigprocmask(SIG_SETMASK, &ev->old_mask, NULL);
	}
	if (ev->polls != ev->own_polls)
		free(ev->polls);
	if (ev->ios != ev->own_ios)
		free(ev->ios);
	ev_init(ev);
}

/* Something that could end a wait without limit.  The signalfd counts only while
 * a source wants a signal; a paused descriptor does not count. */
static bool can_wake(const struct ev *ev)
{
	if (ev->timers)
		return true;
	for (size_t i = 0; i < ev->n_ios; i++)
		if (ev->polls[i].fd >= 0 &&
		    (ev->ios[i] != &ev->signal_io || ev->signals))
			return true;
	return false;
}

/* The wait in nanoseconds, -1 without end. */
static int64_t wait_ns(const struct ev *ev, int timeout_ms)
{
	int64_t ns = timeout_ms < 0 ? -1 : timeout_ms * NS_PER_MS;
	int64_t left;

	if (!ev->timers || ns == 0)
		return ns;
	left = ev->timers->deadline - ev_now();
	if (left < 0)
		left = 0;
	return ns < 0 || left < ns ? left : ns;
}

static int wait_ready(struct ev *ev, int timeout_ms)
{
	int64_t ns = wait_ns(ev, timeout_ms);
	struct timespec t = { .tv_sec = ns / NS_PER_S,
			      .tv_nsec = ns % NS_PER_S };
	int n = ppoll(ev->polls, ev->n_ios, ns < 0 ? NULL : &t, NULL);

	if (n >= 0)
		return n;
	/* The results are not written on failure: none of them may be read. */
	return errno == EINTR ? 0 : -errno;
}

int ev_once(struct ev *ev, int timeout_ms, struct err *e)
{
	int n, calls;

	if (timeout_ms < 0 && !can_wake(ev))
		return err_set(e, EDEADLK, "nothing is left to wait for");
	n = wait_ready(ev, timeout_ms);
	if (n < 0)
		return err_sys(e, n, "wait for events");
	ev->in_turn = true;
	calls = call_ios(ev, n);
	calls += call_timers(ev);
	ev->in_turn = false;
	close_holes(ev);
	return calls;
}

int ev_run(struct ev *ev, struct err *e)
{
	int r;

	ev->stopped = false;
	do {
		r = ev_once(ev, -1, e);
		if (r < 0)
			return r;
	} while (!ev->stopped);
	return 0;
}

void ev_stop(struct ev *ev)
{
	ev->stopped = true;
}
