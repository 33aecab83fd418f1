/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/arena.h - memory that is freed all at once.  A decoded configuration,
 * a start plan and what is derived from them live in one arena each; nothing
 * inside is freed on its own, so there is nothing to forget.
 */
#ifndef UTIL_ARENA_H
#define UTIL_ARENA_H

#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct arena_block;

/* Zero-initialise: "struct arena a = { 0 };" is an empty arena. */
struct arena {
	struct arena_block *head;
	size_t used;  /* bytes handed out, over all blocks */
	size_t limit; /* refuse to grow past this many bytes; 0: no limit */
};

/* What one container takes: a configuration of podman, and what comes of it. */
#define ARENA_ROOM 32768

#define auto_arena __attribute__((cleanup(arena_free))) struct arena

/**
 * arena_lend - memory for the first allocations of an empty arena
 * @mem:	aligned for any type; not freed, and used until arena_free
 *
 * Most commands need so little that it fits into their stack frame: no memory
 * to be mapped, and none to be unmapped.
 */
void arena_lend(struct arena *a, void *mem, size_t size);

/**
 * arena_alloc - @size zeroed bytes, aligned for any type
 *
 * Return: memory owned by the arena, or NULL (out of memory or past @limit).
 *	   A @size of 0 gives a valid pointer.
 */
void *arena_alloc(struct arena *a, size_t size);

/* arena_array - @n zeroed elements of @size bytes; NULL also on overflow. */
void *arena_array(struct arena *a, size_t n, size_t size);

/**
 * arena_grow - a larger array with the content of the old one
 * @p:	@old bytes from this arena, or NULL
 *
 * In place when nothing but strings was handed out since, so that an array
 * that doubles again and again leaves no copies of itself behind.
 */
void *arena_grow(struct arena *a, void *p, size_t old, size_t size);

/* arena_dup - a copy of @len bytes with a NUL behind it; NULL as above. */
char *arena_dup(struct arena *a, const char *s, size_t len);

/* arena_strdup - a copy of a string; NULL as above. */
char *arena_strdup(struct arena *a, const char *s);

/* arena_printf - a formatted string; NULL as above. */
char *arena_printf(struct arena *a, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* arena_free - release everything; the arena is empty and usable again. */
void arena_free(struct arena *a);

#endif
