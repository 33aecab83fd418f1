/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console/terminal.h - a container's terminal in the foreground: the caller's
 * terminal in raw mode, its size followed, bytes relayed, job control kept.
 *
 *	SIGWINCH	the new size goes to the container's terminal
 *	SIGTSTP		(from kill(1): in raw mode ^Z is the container's) the
 *			terminal is put back, berth stops, and takes it again
 *			when it is continued in the foreground
 *	SIGCONT		the same after a stop that could not be seen (SIGSTOP)
 *	SIGTTIN, SIGTTOU keep their effect: berth in the background stops as soon
 *			as it would read, like any program
 *
 * Standard streams that are no terminal work as well, without raw mode.
 */
#ifndef CONSOLE_TERMINAL_H
#define CONSOLE_TERMINAL_H

#include "console/relay.h"
#include "console/tty.h"
#include "util/err.h"
#include "util/ev.h"

struct terminal {
	struct tty tty;
	struct relay relay;
	struct ev_signal signals;
	int master;	 /* borrowed */
	int caller;	 /* the stream that is a terminal, -1: none */
	bool raw_wanted, attached;
};

/**
 * terminal_attach - connect the caller's streams with the container's terminal
 * @t:		zero-initialised; stays where it is until terminal_detach
 * @a:		the master and the streams, usually 0 and 1
 *
 * Order matters to the caller: forward_start (console/forward.h) first, so
 * that no signal can end berth while the terminal is raw.
 *
 * Return: 0 or -errno with a text; then nothing is changed.
 */
int terminal_attach(struct terminal *t, struct ev *ev,
		    const struct relay_args *a, struct err *e);

/* terminal_finish - as relay_finish: the container has ended. */
void terminal_finish(struct terminal *t, struct ev *ev, relay_fn fn,
		     void *user);

/* terminal_detach - put everything back.  Twice, or at rest, does nothing. */
void terminal_detach(struct terminal *t, struct ev *ev);

#endif
