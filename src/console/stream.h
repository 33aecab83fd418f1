/* SPDX-License-Identifier: Apache-2.0 */
/*
 * console/stream.h - reading and writing without waiting on descriptors that
 * others share.
 *
 * A shell has the same open file description of the terminal as its children,
 * and O_NONBLOCK on it would break that shell.  So the flags of a caller's
 * descriptor are never touched.  A terminal, pipe or fifo is opened again
 * through /proc/self/fd, which gives a description of our own with its own
 * flags; a socket takes MSG_DONTWAIT; a regular file never makes one wait.  Where
 * opening again is refused (a terminal of another user, after su) each read
 * and write follows a poll(2) and moves no more than that promises.
 */
#ifndef CONSOLE_STREAM_H
#define CONSOLE_STREAM_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum stream_kind {
	STREAM_NONBLOCK, /* its description has O_NONBLOCK: ours, or it had */
	STREAM_SOCKET,	 /* MSG_DONTWAIT */
	STREAM_FILE,	 /* never waits */
	STREAM_POLLED,	 /* shared and blocking */
};

struct stream {
	int fd;		 /* -1: none */
	bool owned;	 /* opened again: closed by stream_close */
	bool pipe;	 /* writing may raise SIGPIPE */
	enum stream_kind kind;
	size_t chunk;	 /* most bytes of one write */
};

/* stream_open - @fd is borrowed until stream_close; always gives a stream, at
 * worst one of the kind STREAM_POLLED. */
void stream_open(struct stream *s, int fd, bool writing);

/* stream_close - closes only what stream_open has opened. */
void stream_close(struct stream *s);

/* stream_once - whether a further read or write now, without a look by poll(2),
 * could wait: then one per look is all. */
static inline bool stream_once(const struct stream *s)
{
	return s->kind == STREAM_POLLED;
}

/* Like read(2) and write(2), as bytes or -errno; -EAGAIN instead of waiting,
 * never EINTR. */
ssize_t stream_read(const struct stream *s, void *buf, size_t size);
ssize_t stream_write(const struct stream *s, const void *data, size_t len);

#endif
