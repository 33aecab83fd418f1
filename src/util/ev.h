/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/ev.h - one thread waits for many things: descriptors, deadlines, signals
 * and the end of processes, each with a function that is called when it comes.
 *
 * A source is a struct inside the caller's own object; the loop only links to
 * it.  So watching one more thing allocates nothing of its own and costs no
 * system call: the wait is one ppoll(2) over an array, and a short run of a
 * container has too few descriptors to repay epoll_ctl(2).  poll also takes
 * regular files and the same descriptor twice, as a shell's redirections give.
 *
 * Rules that hold for every kind of source:
 *  - zero-initialise it once; "struct ev_io in = { 0 };" is a source at rest;
 *  - adding a source that is already added moves it to the new arguments;
 *  - removing one at rest does nothing;
 *  - inside a callback every source may be added, removed and its memory freed,
 *    the one being called included.  A source removed in a callback is not
 *    called any more, even when it was ready in the same turn; one added in a
 *    callback is first looked at in the next turn;
 *  - a callback does not run its own loop again (ev_run, ev_once);
 *  - the descriptors stay the caller's, who removes the source before closing.
 */
#ifndef UTIL_EV_H
#define UTIL_EV_H

#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct ev;
struct signalfd_siginfo;

/* What a descriptor is watched for, and what has happened to it. */
#define EV_READ 1  /* read(2) or accept(2) would not block */
#define EV_WRITE 2 /* write(2) would not block */
#define EV_HUP 4   /* the other end is gone or the descriptor has an error; always
		    * reported, with or without the other two */

typedef void (*ev_io_fn)(struct ev *ev, void *user, unsigned int events);
typedef void (*ev_timer_fn)(struct ev *ev, void *user);
typedef void (*ev_signal_fn)(struct ev *ev, void *user,
			     const struct signalfd_siginfo *info);
typedef void (*ev_child_fn)(struct ev *ev, void *user, const siginfo_t *info);

struct ev_io {
	ev_io_fn fn;
	void *user;
	int fd;
	size_t slot; /* index in the loop's arrays, plus one; 0: at rest */
};

struct ev_timer {
	ev_timer_fn fn;
	void *user;
	int64_t deadline; /* nanoseconds of CLOCK_MONOTONIC */
	struct ev_timer *next, **link; /* link NULL: at rest */
};

struct ev_signal {
	ev_signal_fn fn;
	void *user;
	sigset_t set;
	struct ev_signal *next, **link;
};

struct ev_child {
	ev_child_fn fn;
	void *user;
	int pidfd;
	struct ev_io io;
	struct ev_timer retry; /* a tracer has not let go of it yet */
};

#define EV_OWN 8 /* sources before anything is allocated */

struct ev {
	struct pollfd *polls; /* own_polls, or malloc'ed */
	struct ev_io **ios; /* beside polls; NULL: removed during a turn */
	size_t n_ios, cap_ios;
	struct ev_timer *timers; /* by deadline, earliest first */
	struct ev_signal *signals;
	struct ev_io signal_io;
	int signal_fd;	   /* -1 until the first ev_signal_add */
	sigset_t old_mask; /* valid while signal_fd >= 0 */
	bool stopped, holes, in_turn;
	struct ev_signal *next_signal; /* where dispatching goes on */
	struct pollfd own_polls[EV_OWN];
	struct ev_io *own_ios[EV_OWN];
};

/* ev_init - an empty loop; makes no system call and cannot fail. */
void ev_init(struct ev *ev);

/**
 * ev_done - release what the loop itself holds and put the signal mask back
 *
 * Sources that are still added are forgotten, not touched.  A signal that came
 * and was not yet seen by its callback takes its usual effect now.
 */
void ev_done(struct ev *ev);

/**
 * ev_run - call callbacks until one of them calls ev_stop
 *
 * Return: 0; -EDEADLK when no source is left that could ever wake the loop;
 *	   another -errno when waiting itself failed.
 */
int ev_run(struct ev *ev, struct err *e);

/**
 * ev_once - one turn: wait for something to be ready, then call what is
 * @timeout_ms:	longest wait; 0: only look; -1: until something happens
 *
 * A signal handler that runs during the wait ends the turn (EINTR is no error).
 *
 * Return: number of callbacks made, 0 when none, or -errno (as ev_run).
 */
int ev_once(struct ev *ev, int timeout_ms, struct err *e);

/* ev_stop - make the ev_run that is under way return at the end of this turn. */
void ev_stop(struct ev *ev);

/* ev_now - nanoseconds of CLOCK_MONOTONIC (no system call: vDSO). */
int64_t ev_now(void);

/**
 * ev_io_add - watch a descriptor
 * @events:	EV_READ and EV_WRITE, either, or 0 (only EV_HUP is reported)
 *
 * Level triggered: @fn is called each turn for as long as the state lasts.  So a
 * callback that gets EV_HUP removes the source or ev_io_pause()s it.
 *
 * Return: 0 or -ENOMEM.
 */
int ev_io_add(struct ev *ev, struct ev_io *io, int fd, unsigned int events,
	      ev_io_fn fn, void *user);

/* ev_io_set - change the events of an added source; also ends a pause. */
void ev_io_set(struct ev *ev, struct ev_io *io, unsigned int events);

/* ev_io_pause - look at nothing, not even EV_HUP, until the next ev_io_set. */
void ev_io_pause(struct ev *ev, struct ev_io *io);

void ev_io_remove(struct ev *ev, struct ev_io *io);

static inline bool ev_io_active(const struct ev_io *io)
{
	return io->slot != 0;
}

/**
 * ev_timer_start - call @fn once, @ms milliseconds from now
 * @ms:		0 or less: in the next turn
 *
 * Timers that are due in one turn are called in the order of their deadlines;
 * equal deadlines in the order of starting.  At rest again before @fn is
 * called, so it may start itself anew.
 */
void ev_timer_start(struct ev *ev, struct ev_timer *t, int64_t ms,
		    ev_timer_fn fn, void *user);

/* ev_timer_start_at - the same with an absolute deadline, as ev_now counts. */
void ev_timer_start_at(struct ev *ev, struct ev_timer *t, int64_t deadline,
		       ev_timer_fn fn, void *user);

void ev_timer_stop(struct ev *ev, struct ev_timer *t);

static inline bool ev_timer_active(const struct ev_timer *t)
{
	return t->link != NULL;
}

/**
 * ev_signal_add - receive a signal as an event
 *
 * The signal is blocked in this thread and read from a signalfd, which exists
 * only from the first call of this on.  Several sources may share a signal; all
 * are called.  ev_signal_remove of the last one unblocks it again, unless it
 * was blocked before.  Each call costs two system calls, so many signals with
 * one purpose are better one set.
 *
 * Return: 0 or -errno of sigprocmask(2), signalfd(2); -ENOMEM.
 */
int ev_signal_add(struct ev *ev, struct ev_signal *s, int signo,
		  ev_signal_fn fn, void *user);

/* ev_signal_add_set - the same for each signal of @set; ssi_signo tells which. */
int ev_signal_add_set(struct ev *ev, struct ev_signal *s, const sigset_t *set,
		      ev_signal_fn fn, void *user);

void ev_signal_remove(struct ev *ev, struct ev_signal *s);

/**
 * ev_signal_mask - the mask that the loop found: what a child has to be given
 * @ret:	the mask from before the first ev_signal_add, or the current one
 */
void ev_signal_mask(const struct ev *ev, sigset_t *ret);

/**
 * ev_child_add - reap a process once it has ended
 * @pidfd:	as clone3(2) or pidfd_open(2) give it; borrowed
 *
 * The callback comes once, the source is at rest by then.  Its siginfo is that
 * of waitid(2): si_code CLD_EXITED, CLD_KILLED or CLD_DUMPED, si_status; si_pid
 * is 0 when the process was not this one's child, so that nothing but its end is
 * known.
 *
 * Return: 0 or -ENOMEM.
 */
int ev_child_add(struct ev *ev, struct ev_child *c, int pidfd, ev_child_fn fn,
		 void *user);

void ev_child_remove(struct ev *ev, struct ev_child *c);

/* ev_exit_status - as a shell counts: the exit code, or 128 + signal. */
static inline int ev_exit_status(const siginfo_t *info)
{
	return info->si_code == CLD_EXITED ? info->si_status
					   : 128 + info->si_status;
}

#endif
