/* SPDX-License-Identifier: Apache-2.0 */
/* util/numlist.h - "0-3,7": lists of small numbers, as the kernel writes those
 * of processors and memory nodes, to sets of bits. */
#ifndef UTIL_NUMLIST_H
#define UTIL_NUMLIST_H

#include <stddef.h>

#define NUMLIST_WORD_BITS (8 * sizeof(unsigned long))
#define NUMLIST_WORDS(bits) (((bits) + NUMLIST_WORD_BITS - 1) / NUMLIST_WORD_BITS)

/**
 * numlist_parse - decimal numbers and ranges with commas between them
 * @set:	NUMLIST_WORDS(@bits) words, bit n of the set in bit n %
 *		NUMLIST_WORD_BITS of word n / NUMLIST_WORD_BITS, as system calls
 *		want it; untouched on failure
 * @bits:	numbers from here on are out of range
 *
 * An entry may repeat what another one has.  Blanks, signs, empty entries and
 * an empty list are refused, and so is a range that runs backwards.
 *
 * Return: 0, -EINVAL (no such list), -ERANGE.
 *
 * Source: cpuset(7) "List format", without its strides.
 */
int numlist_parse(const char *s, unsigned long *set, size_t bits);

#endif
