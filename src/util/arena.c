/* SPDX-License-Identifier: Apache-2.0 */
#include "util/arena.h"

#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define ARENA_ALIGN _Alignof(max_align_t)
#define ARENA_BLOCK 16384 /* a configuration of podman fits into two */

/* Aligned memory is taken from the front of a block and strings, which need no
 * alignment, from its end. */
struct arena_block {
	struct arena_block *next;
	size_t size, used; /* bytes in data[]: where the strings begin; what
			    * the rest takes at the front */
	bool lent;
	_Alignas(max_align_t) unsigned char data[];
};

static struct arena_block *grow(struct arena *a, size_t size)
{
	size_t room = size > ARENA_BLOCK ? size : ARENA_BLOCK;
	struct arena_block *b;

	if (room > SIZE_MAX - sizeof(*b))
		return NULL;
	b = malloc(sizeof(*b) + room);
	if (!b)
		return NULL;
	*b = (struct arena_block){ .size = room, .next = a->head };
	a->head = b;
	return b;
}

void arena_lend(struct arena *a, void *mem, size_t size)
{
	struct arena_block *b = mem;

	*b = (struct arena_block){ .size = size - sizeof(*b), .lent = true,
				   .next = a->head };
	a->head = b;
}

static bool within_limit(const struct arena *a, size_t size)
{
	return !a->limit || size <= a->limit - a->used;
}

/* The block that @size bytes, counted from here on, are taken from. */
static struct arena_block *block_for(struct arena *a, size_t size)
{
	struct arena_block *b = a->head;

	if (!within_limit(a, size))
		return NULL;
	if (!b || b->size - b->used < size)
		b = grow(a, size);
	if (b)
		a->used += size;
	return b;
}

void *arena_alloc(struct arena *a, size_t size)
{
	struct arena_block *b;
	void *p;

	if (size > SIZE_MAX - ARENA_ALIGN)
		return NULL;
	size = (size + ARENA_ALIGN - 1) & ~(ARENA_ALIGN - 1);
	b = block_for(a, size);
	if (!b)
		return NULL;
	p = b->data + b->used;
	b->used += size;
	return memset(p, 0, size);
}

void *arena_grow(struct arena *a, void *p, size_t old, size_t size)
{
	struct arena_block *b = a->head;
	size_t more = size - old;
	void *copy;

	if (p && b && old % ARENA_ALIGN == 0 && more % ARENA_ALIGN == 0 &&
	    (unsigned char *)p + old == b->data + b->used &&
	    more <= b->size - b->used && within_limit(a, more)) {
		memset(b->data + b->used, 0, more);
		a->used += more;
		b->used += more;
		return p;
	}
	copy = arena_alloc(a, size);
	if (copy && old)
		memcpy(copy, p, old);
	return copy;
}

void *arena_array(struct arena *a, size_t n, size_t size)
{
	size_t bytes;

	if (__builtin_mul_overflow(n, size, &bytes))
		return NULL;
	return arena_alloc(a, bytes);
}

/* Room for a string, NUL included, which is there already. */
static char *string_room(struct arena *a, size_t size)
{
	struct arena_block *b = block_for(a, size);

	if (!b)
		return NULL;
	b->data[b->size - 1] = '\0';
	b->size -= size;
	return (char *)b->data + b->size;
}

char *arena_dup(struct arena *a, const char *s, size_t len)
{
	char *p;

	if (len == SIZE_MAX)
		return NULL;
	p = string_room(a, len + 1);
	if (p && len)
		memcpy(p, s, len);
	return p;
}

char *arena_strdup(struct arena *a, const char *s)
{
	return arena_dup(a, s, strlen(s));
}

char *arena_printf(struct arena *a, const char *fmt, ...)
{
	va_list ap, again;
	char *p;
	int n;

	va_start(ap, fmt);
	va_copy(again, ap);
	n = vsnprintf(NULL, 0, fmt, ap);
	va_end(ap);
	p = n < 0 ? NULL : string_room(a, (size_t)n + 1);
	if (p)
		vsnprintf(p, (size_t)n + 1, fmt, again);
	va_end(again);
	return p;
}

void arena_free(struct arena *a)
{
	while (a->head) {
		struct arena_block *b = a->head;

		a->head = b->next;
		if (!b->lent)
			free(b);
	}
	a->used = 0;
}
