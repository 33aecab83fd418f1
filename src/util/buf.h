/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/buf.h - a growing byte string whose failure is sticky: append without
 * looking, check once at the end.
 */
#ifndef UTIL_BUF_H
#define UTIL_BUF_H

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

struct buf {
	char *data;  /* NUL-terminated once anything was appended */
	size_t len, cap;
	bool failed; /* out of memory: data stays what it was */
	char *lent;  /* room that is not to be freed; NULL: none */
};

/* BUF_LENT - an empty one that begins in the array @room, which outlives it. */
#define BUF_LENT(room) { .data = (room), .lent = (room), .cap = sizeof(room) }

#define auto_buf __attribute__((cleanup(buf_done))) struct buf

void buf_put(struct buf *b, const void *data, size_t len);
void buf_puts(struct buf *b, const char *s);
void buf_printf(struct buf *b, const char *fmt, ...) PRINTF_LIKE(2, 3);
void buf_done(struct buf *b);

/* buf_str - the text, "" while empty; valid until the next append. */
const char *buf_str(const struct buf *b);

#endif
