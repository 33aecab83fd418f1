/* SPDX-License-Identifier: Apache-2.0 */
/* libc/memcpy.c - memcpy(3) and memmove(3), which is one with it in musl. */
#include "libc/copy.h"

#include <string.h>

#undef memcpy
#undef memmove

#define EXPORT __attribute__((visibility("hidden"), used))

EXPORT void *memcpy(void *restrict to, const void *restrict from, size_t n)
{
	copy_forward(to, from, n);
	return to;
}

EXPORT void *memmove(void *to, const void *from, size_t n)
{
	if ((uintptr_t)to - (uintptr_t)from >= n)
		copy_forward(to, from, n);
	else
		copy_backward(to, from, n);
	return to;
}
