/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/utf8.h - UTF-8 as RFC 3629 has it: overlong forms, halves of surrogate pairs
 * and what is past U+10FFFF are none.
 */
#ifndef UTIL_UTF8_H
#define UTIL_UTF8_H

#include <stdbool.h>
#include <stddef.h>

/* utf8_length - of the valid sequence of two to four bytes at @s, of which @len
 * bytes (at least one) may be read; 0: it is none. */
size_t utf8_length(const unsigned char *s, size_t len);

/* utf8_is_valid - whether all @len bytes of @s are ASCII and such sequences. */
bool utf8_is_valid(const char *s, size_t len);

#endif
