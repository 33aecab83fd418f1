/* SPDX-License-Identifier: Apache-2.0 */
/* Which word was meant: the distance of Damerau and Levenshtein, restricted to
 * swaps of neighbours, over words that are short. */
#include <string.h>

#include "cli/opt.h"

#define WORD_MAX 40

static unsigned int min3(unsigned int a, unsigned int b, unsigned int c)
{
	unsigned int m = a < b ? a : b;

	return m < c ? m : c;
}

/* Slips between two words: a letter too many, too few, wrong or swapped. */
static unsigned int distance(const char *a, const char *b)
{
	unsigned int d[WORD_MAX + 1][WORD_MAX + 1];
	size_t n = strlen(a), m = strlen(b);

	if (n > WORD_MAX || m > WORD_MAX)
		return WORD_MAX;
	for (size_t i = 0; i <= n; i++)
		d[i][0] = (unsigned int)i;
	for (size_t j = 0; j <= m; j++)
		d[0][j] = (unsigned int)j;
	for (size_t i = 1; i <= n; i++)
		for (size_t j = 1; j <= m; j++) {
			unsigned int wrong = a[i - 1] != b[j - 1];

			d[i][j] = min3(d[i - 1][j] + 1, d[i][j - 1] + 1,
				       d[i - 1][j - 1] + wrong);
			if (i > 1 && j > 1 && a[i - 1] == b[j - 2] &&
			    a[i - 2] == b[j - 1])
				d[i][j] = min3(d[i][j], d[i - 2][j - 2] + 1,
					       d[i][j]);
		}
	return d[n][m];
}

const char *opt_near(const char *word, const char *best, const char *candidate)
{
	size_t len = strlen(word);
	unsigned int limit = len >= 6 ? 2 : len >= 3 ? 1 : 0;
	unsigned int d = distance(word, candidate);

	if (d > limit || (best && distance(word, best) <= d))
		return best;
	return candidate;
}
