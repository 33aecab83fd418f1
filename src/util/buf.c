/* SPDX-License-Identifier: Apache-2.0 */
#include "util/buf.h"

#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Most texts fit: each size that malloc(3) is asked for costs memory of its own. */
#define FIRST_CAP 512

/* Room for @len more bytes and the NUL; false once the buffer has failed. */
static bool reserve(struct buf *b, size_t len)
{
	size_t want, cap = b->cap ? b->cap : FIRST_CAP;
	char *p;

	if (b->failed)
		return false;
	if (__builtin_add_overflow(b->len, len, &want) ||
	    __builtin_add_overflow(want, 1, &want) || want > SIZE_MAX / 2) {
		b->failed = true;
		return false;
	}
	if (want <= b->cap)
		return true;
	while (cap < want)
		cap *= 2;
	p = realloc(b->data == b->lent ? NULL : b->data, cap);
	if (!p) {
		b->failed = true;
		return false;
	}
	if (b->lent && b->data == b->lent)
		memcpy(p, b->data, b->len);
	b->data = p;
	b->cap = cap;
	return true;
}

void buf_put(struct buf *b, const void *data, size_t len)
{
	if (!reserve(b, len))
		return;
	if (len)
		memcpy(b->data + b->len, data, len);
	b->len += len;
	b->data[b->len] = '\0';
}

void buf_puts(struct buf *b, const char *s)
{
	buf_put(b, s, strlen(s));
}

void buf_printf(struct buf *b, const char *fmt, ...)
{
	va_list ap;
	int n;

	va_start(ap, fmt);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	if (n < 0)
		b->failed = true;
	if (n < 0 || !reserve(b, (size_t)n))
		return;
	va_start(ap, fmt);
	vsnprintf(b->data + b->len, (size_t)n + 1, fmt, ap);
	va_end(ap);
	b->len += (size_t)n;
}

void buf_done(struct buf *b)
{
	if (b->data != b->lent)
		free(b->data);
	*b = (struct buf){ 0 };
}

const char *buf_str(const struct buf *b)
{
	return b->len ? b->data : "";
}
