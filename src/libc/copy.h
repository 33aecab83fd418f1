/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libc/copy.h - copying memory, for many short copies.
 *
 * musl's memcpy for x86-64 starts a string instruction for every eight bytes and more;
 * where that is slow to begin, in a virtual machine above all, a quarter of all
 * the time that berth itself takes for a start goes there: into words of a
 * configuration.  Two overlapping moves do for each length up to 32, and what is
 * longer is moved by 32 bytes at a time.
 */
#ifndef LIBC_COPY_H
#define LIBC_COPY_H

#include <stddef.h>
#include <stdint.h>

/* Of any alignment, and an alias of everything. */
typedef uint16_t u16 __attribute__((aligned(1), may_alias));
typedef uint32_t u32 __attribute__((aligned(1), may_alias));
typedef uint64_t u64 __attribute__((aligned(1), may_alias));
typedef uint64_t u128 __attribute__((vector_size(16), aligned(1), may_alias));

#define ENDS(type)                                                            \
	do {                                                                  \
		type first = *(const type *)s;                                \
		type last = *(const type *)(s + n - sizeof(type));            \
									      \
		*(type *)d = first;                                           \
		*(type *)(d + n - sizeof(type)) = last;                       \
	} while (0)

static inline void copy_short(unsigned char *d, const unsigned char *s, size_t n)
{
	if (n >= 16)
		ENDS(u128);
	else if (n >= 8)
		ENDS(u64);
	else if (n >= 4)
		ENDS(u32);
	else if (n >= 2)
		ENDS(u16);
	else if (n)
		*d = *s;
}

static inline void copy_block(unsigned char *d, const unsigned char *s)
{
	u128 a = *(const u128 *)s, b = *(const u128 *)(s + 16);

	*(u128 *)d = a;
	*(u128 *)(d + 16) = b;
}

/* Also right where @d lies before @s and they overlap. */
static inline void copy_forward(unsigned char *d, const unsigned char *s, size_t n)
{
	for (; n > 32; n -= 32, d += 32, s += 32)
		copy_block(d, s);
	copy_short(d, s, n);
}

/* Also right where they overlap the other way round. */
static inline void copy_backward(unsigned char *d, const unsigned char *s, size_t n)
{
	for (; n > 32; n -= 32)
		copy_block(d + n - 32, s + n - 32);
	copy_short(d, s, n);
}

#endif
