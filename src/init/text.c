/* SPDX-License-Identifier: Apache-2.0 */
#include "init/init.h"

void text_put(struct text *t, const char *s)
{
	while (s && *s && t->at + 1 < t->end)
		*t->at++ = *s++;
	if (t->at < t->end)
		*t->at = '\0';
}

void text_number(struct text *t, int64_t n)
{
	char digits[24];
	char *p = digits + sizeof(digits);
	uint64_t u = n < 0 ? 0 - (uint64_t)n : (uint64_t)n;

	*--p = '\0';
	do
		*--p = (char)('0' + u % 10);
	while (u /= 10);
	if (n < 0)
		*--p = '-';
	text_put(t, p);
}
