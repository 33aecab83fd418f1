/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console/relay.h - bytes between the caller's standard streams and the master
 * of the container's terminal, in both directions, on the event loop.
 *
 * Each direction has one bounded buffer.  A full one stops reading, so whoever
 * produces is slowed down by the kernel and nothing is lost or piles up; the
 * other direction goes on.
 *
 * The caller's descriptors are shared: a shell has the same open file
 * description of the terminal, and O_NONBLOCK on it would break that shell.  So
 * their flags are never touched.  A terminal, pipe or fifo is opened again
 * through /proc/self/fd, which gives a description of our own with its own
 * flags; a socket takes MSG_DONTWAIT; a regular file never makes one wait.  Where
 * opening again is refused (a terminal of another user, after su) each read
 * and write follows a poll(2) and moves no more than that promises.
 */
#ifndef CONSOLE_RELAY_H
#define CONSOLE_RELAY_H

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"
#include "util/ev.h"

/* The last byte is out, or cannot get out any more. */
typedef void (*relay_fn)(struct ev *ev, void *user);

#define RELAY_BUFFER 16384 /* bytes in each direction */

enum stream_kind {
	STREAM_NONBLOCK, /* a description of our own with O_NONBLOCK */
	STREAM_SOCKET,	 /* MSG_DONTWAIT */
	STREAM_FILE,	 /* never waits */
	STREAM_POLLED,	 /* shared and blocking */
};

struct stream {
	int fd;
	bool owned; /* opened again: closed at the end */
	enum stream_kind kind;
	size_t chunk; /* most bytes of one write */
};

struct relay_way {
	struct stream from, to;
	struct ev_io from_io, to_io;
	size_t start, len; /* what waits in data */
	bool from_ended, to_ended;
	char data[RELAY_BUFFER];
};

struct relay {
	struct relay_way in, out; /* to and from the container */
	int master;		  /* borrowed */
	struct ev_signal sigpipe;
	struct ev_timer idle;
	bool finishing;
	unsigned char mid_line; /* the last byte sent was no end of a line */
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
 * that "echo ls | berth run -t" ends as it does without a terminal.  When
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
