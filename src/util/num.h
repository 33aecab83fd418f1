/* SPDX-License-Identifier: Apache-2.0 */
/* util/num.h - strict numbers from text: the whole string, no blanks, no sign
 * unless the type has one, an error instead of wrapping. */
#ifndef UTIL_NUM_H
#define UTIL_NUM_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* num_u64, num_i64 - decimal text to a number in [@min, @max]
 * Return: 0, -EINVAL (not a decimal number), -ERANGE. @ret only on success. */
int num_u64(const char *s, uint64_t max, uint64_t *ret);
int num_i64(const char *s, int64_t min, int64_t max, int64_t *ret);

/* num_u64n, num_i64n - the same for @len bytes that need no NUL behind them. */
int num_u64n(const char *s, size_t len, uint64_t max, uint64_t *ret);
int num_i64n(const char *s, size_t len, int64_t min, int64_t max, int64_t *ret);

/* num_word - of the @n-th word, from 0, of a text with blanks, tabs or newlines
 * between its words, as files in /proc are
 * Return: 0, -ENOENT (it has fewer words), else as num_u64. */
int num_word(const char *s, size_t n, uint64_t max, uint64_t *ret);

/* num_size - bytes with an optional suffix b, k, m, g, t (powers of 1024, either
 * case, "1.5g" is refused); "-1" gives -1 for unlimited. */
int num_size(const char *s, int64_t *ret);

/* num_duration_ms - "5s", "100ms", "2m", "1h" or bare seconds, to milliseconds. */
int num_duration_ms(const char *s, int64_t *ret);

#endif
