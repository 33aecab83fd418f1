/* SPDX-License-Identifier: Apache-2.0 */
/* util/base64.h - base64 as base64(1) writes it, strictly. */
#ifndef UTIL_BASE64_H
#define UTIL_BASE64_H

#include <stddef.h>

/* Room for what @len characters decode to, at most. */
#define BASE64_ROOM(len) ((len) / 4 * 3 + 3)

/**
 * base64_decode - the bytes behind @text
 * @ret:	BASE64_ROOM(strlen(@text)) bytes
 *
 * The standard alphabet with its padding; line ends may be anywhere, nothing
 * else may.  Bits that padding leaves over must be zero.
 *
 * Return: 0, -EINVAL: @ret_len is as it was.
 *
 * Source: RFC 4648, section 4.
 */
int base64_decode(const char *text, void *ret, size_t *ret_len);

#endif
