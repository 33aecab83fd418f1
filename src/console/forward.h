/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console/forward.h - signals that reach a foreground berth belong to its
 * container.
 *
 * The container is in a session of its own, so ^C on the caller's terminal
 * reaches berth alone, and what berth gets it passes on.  Not passed on:
 *
 *	SIGKILL, SIGSTOP	cannot be caught
 *	SIGCHLD, SIGURG		are about berth's own children and sockets
 *	SIGPIPE			is about berth's own output
 *	SIGSEGV, SIGBUS, SIGFPE, SIGILL, SIGTRAP, SIGSYS, SIGABRT
 *				are faults of berth's own
 *	SIGWINCH, SIGTSTP, SIGCONT, SIGTTIN, SIGTTOU with a terminal
 *				are job control: console/terminal.h
 *
 *	SIGHUP, SIGINT, SIGQUIT	that berth was told to ignore by whoever started it:
 *				nohup(1), and a script's "berth run … &"
 *
 * Without a terminal SIGTSTP is passed on and then stops berth too, so that a
 * shell gets its prompt back after ^Z; SIGCONT is passed on after it.
 */
#ifndef CONSOLE_FORWARD_H
#define CONSOLE_FORWARD_H

#include <signal.h>
#include <stdbool.h>

#include "util/err.h"
#include "util/ev.h"

struct forward {
	struct ev_signal signals;
	int pidfd;
	sigset_t held; /* came while there was no container yet */
	/* Called before each signal is passed on, if not NULL. */
	void (*seen)(struct ev *ev, void *user, int signo);
	void *user;
	const sigset_t *ignored; /* forward_ignored's, if that was asked before */
};

/* forward_set - the signals that are passed on */
void forward_set(bool terminal, sigset_t *ret);

/* forward_ignored - which of HUP, INT and QUIT are ignored now. */
void forward_ignored(sigset_t *ret);

/* forward_leave - take these out of @set: blocked signals reach a signalfd even
 * when they are ignored. */
void forward_leave(sigset_t *set, const sigset_t *ignored);

/**
 * forward_start - from now on pass signals on
 * @f:		zero-initialised, with @f->seen, @f->user and @f->ignored if
 *		wanted
 * @pidfd:	the container; borrowed.  -1: hold signals back until
 *		forward_to() names it, so that none is lost during the start
 *
 * Return: 0 or -errno with a text.
 */
int forward_start(struct forward *f, struct ev *ev, int pidfd, bool terminal,
		  struct err *e);

/* forward_to - the container is there: what came in between is passed on now. */
void forward_to(struct forward *f, int pidfd);

void forward_stop(struct forward *f, struct ev *ev);

#endif
