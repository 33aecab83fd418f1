/* SPDX-License-Identifier: Apache-2.0 */
#include "util/numlist.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "util/num.h"

/* One entry of @len bytes, "7" or "0-3". */
static int parse_entry(const char *s, size_t len, size_t bits, uint64_t *first,
		       uint64_t *last)
{
	const char *dash = memchr(s, '-', len);
	size_t head = dash ? (size_t)(dash - s) : len;
	int r = num_u64n(s, head, bits - 1, first);

	if (r < 0)
		return r;
	*last = *first;
	if (dash)
		r = num_u64n(dash + 1, len - head - 1, bits - 1, last);
	if (r == 0 && *last < *first)
		r = -EINVAL;
	return r;
}

static void set_range(unsigned long *set, uint64_t first, uint64_t last)
{
	for (; first <= last; first++)
		set[first / NUMLIST_WORD_BITS] |=
			1ul << first % NUMLIST_WORD_BITS;
}

/* With a @set of NULL the list is only looked at. */
static int walk(const char *s, unsigned long *set, size_t bits)
{
	for (;;) {
		size_t len = strcspn(s, ",");
		uint64_t first, last;
		int r = parse_entry(s, len, bits, &first, &last);

		if (r < 0)
			return r;
		if (set)
			set_range(set, first, last);
		if (!s[len])
			return 0;
		s += len + 1;
	}
}

int numlist_parse(const char *s, unsigned long *set, size_t bits)
{
	int r = walk(s, NULL, bits);

	if (r < 0)
		return r;
	memset(set, 0, NUMLIST_WORDS(bits) * sizeof(*set));
	return walk(s, set, bits);
}
