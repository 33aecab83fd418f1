/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console/relay.h - bytes between the caller's standard streams and the master
 * of the container's terminal, in both directions, on the event loop.
 *
 * Each direction has one bounded buffer.  A full one stops reading, so whoever
 * produces is slowed down by the kernel and nothing is lost or piles up; the
 * other direction goes on.
 *
 * The caller's descriptors keep their flags: console/stream.h says how.
 */
#ifndef CONSOLE_RELAY_H
#define CONSOLE_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "console/stream.h"
#include "util/err.h"
#include "util/ev.h"

/* The last byte is out, or cannot get out any more. */
typedef void (*relay_fn)(struct ev *ev, void *user);

#define RELAY_BUFFER 16384 /* bytes in each direction */

struct relay_way {
	struct stream from, to;
	struct ev_io from_io, to_io;
	size_t start, len; /* what waits in data */
	bool from_ended, to_ended;
	char data[RELAY_BUFFER];
};

struct relay {
	struct relay_way in, out; /* to and from the container */
	struct ev_signal sigpipe;
	struct ev_timer timer;
	int error; /* -errno of the first failed write to the caller's stream,
		    * other than that nobody reads there any more */
	bool finishing, hung_up;
	bool mid_line; /* the last byte that came in was no end of a line */
	relay_fn fn;
	void *user;
};

struct relay_args {
	int master;	/* borrowed; becomes non-blocking */
	int in, out;	/* the caller's streams, borrowed; -1: none */
};

/**
 * relay_start - begin to pass bytes
 * @r:		any content; initialised here; stays where it is until relay_stop
 *
 * When @a->in ends, the container's terminal gets its end-of-file character, so
 * that "echo ls | berth run -t" ends as it does without a terminal (a terminal
 * in raw mode gets none, and a line editor in the middle of a line takes no
 * notice of it).  When
 * @a->out is closed early (EPIPE), the rest of the output is read and dropped:
 * the container is not stopped by a reader that has seen enough.  SIGPIPE is
 * taken by the loop for as long as the relay lasts.
 *
 * Return: 0 or -errno with a text.
 */
int relay_start(struct relay *r, struct ev *ev, const struct relay_args *a,
		struct err *e);

/**
 * relay_finish - the container has ended: deliver what is left, then call @fn
 *
 * Reads what is in the terminal until it is empty or hung up; processes that
 * still hold it open are not waited for.  Then waits for as long as @a->out
 * takes bytes, however slowly; a signal (relay_stop in its callback) is what
 * ends the wait for a reader that never reads.  @fn comes from the loop, once.
 */
void relay_finish(struct relay *r, struct ev *ev, relay_fn fn, void *user);

/* relay_stop - no more bytes; releases everything.  Twice does nothing. */
void relay_stop(struct relay *r, struct ev *ev);

#endif
