/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libc/fortify.h - what -D_FORTIFY_SOURCE=2 does with glibc's headers, for a C
 * library whose headers do not: the compiler knows the size of many a buffer,
 * and a copy that does not fit ends the program instead of overwriting what is
 * behind.  Included first in every file of that build (see the Makefile).
 */
#ifndef LIBC_FORTIFY_H
#define LIBC_FORTIFY_H

#include <sched.h> /* musl's declares memcpy and memset once more */
#include <stdio.h>
#include <string.h>

#define FORTIFY_SIZE(p) __builtin_object_size(p, 0)

#define memcpy(to, from, n) \
	__builtin___memcpy_chk(to, from, n, FORTIFY_SIZE(to))
#define memmove(to, from, n) \
	__builtin___memmove_chk(to, from, n, FORTIFY_SIZE(to))
#define memset(to, c, n) __builtin___memset_chk(to, c, n, FORTIFY_SIZE(to))
#define snprintf(to, n, ...) \
	__builtin___snprintf_chk(to, n, 1, FORTIFY_SIZE(to), __VA_ARGS__)
#define vsnprintf(to, n, fmt, ap) \
	__builtin___vsnprintf_chk(to, n, 1, FORTIFY_SIZE(to), fmt, ap)

#endif
