/* SPDX-License-Identifier: Apache-2.0 */
/*
 * libc/fortify.c - the checking functions that glibc has and musl has not.
 *
 * Called by our own code through libc/fortify.h, and by Debian's archives of
 * yajl and libseccomp, which were compiled with _FORTIFY_SOURCE.  The names and
 * arguments are those of the Linux Standard Base, "Interfaces for libc".
 */
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#undef memcpy
#undef memmove
#undef memset
#undef snprintf
#undef vsnprintf

#define EXPORT __attribute__((visibility("hidden"), used))

void *__memcpy_chk(void *to, const void *from, size_t n, size_t room);
void *__memmove_chk(void *to, const void *from, size_t n, size_t room);
void *__memset_chk(void *to, int c, size_t n, size_t room);
int __snprintf_chk(char *to, size_t n, int flag, size_t room, const char *fmt, ...);
int __vsnprintf_chk(char *to, size_t n, int flag, size_t room, const char *fmt,
		    va_list ap);
int __sprintf_chk(char *to, int flag, size_t room, const char *fmt, ...);
int __fprintf_chk(FILE *f, int flag, const char *fmt, ...);

EXPORT void *__memcpy_chk(void *to, const void *from, size_t n, size_t room)
{
	if (n > room)
		abort();
	return memcpy(to, from, n);
}

EXPORT void *__memmove_chk(void *to, const void *from, size_t n, size_t room)
{
	if (n > room)
		abort();
	return memmove(to, from, n);
}

EXPORT void *__memset_chk(void *to, int c, size_t n, size_t room)
{
	if (n > room)
		abort();
	return memset(to, c, n);
}

EXPORT int __vsnprintf_chk(char *to, size_t n, int flag, size_t room,
			   const char *fmt, va_list ap)
{
	if (n > room)
		abort();
	return vsnprintf(to, n, fmt, ap);
}

EXPORT int __snprintf_chk(char *to, size_t n, int flag, size_t room,
			  const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = __vsnprintf_chk(to, n, flag, room, fmt, ap);
	va_end(ap);
	return r;
}

/* The library promises that it fits in @room; where it does not, that is the
 * overflow that is caught here. */
EXPORT int __sprintf_chk(char *to, int flag, size_t room, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = vsnprintf(to, room, fmt, ap);
	va_end(ap);
	if (r >= 0 && (size_t)r >= room)
		abort();
	return r;
}

EXPORT int __fprintf_chk(FILE *f, int flag, const char *fmt, ...)
{
	va_list ap;
	int r;

	va_start(ap, fmt);
	r = vfprintf(f, fmt, ap);
	va_end(ap);
	return r;
}
