/* SPDX-License-Identifier: Apache-2.0 */
#include "util/base64.h"

#include <errno.h>
#include <stdint.h>

#define PADDING 64
#define OTHER 65

static unsigned int value(char c)
{
	if (c >= 'A' && c <= 'Z')
		return (unsigned int)(c - 'A');
	if (c >= 'a' && c <= 'z')
		return (unsigned int)(c - 'a') + 26;
	if (c >= '0' && c <= '9')
		return (unsigned int)(c - '0') + 52;
	switch (c) {
	case '+': return 62;
	case '/': return 63;
	case '=': return PADDING;
	default: return OTHER;
	}
}

/* Four characters, of which the last two may be padding: 1 to 3 bytes. */
static int quantum(const unsigned int v[4], uint8_t *out)
{
	uint32_t bits = v[0] << 18 | v[1] << 12 |
			(v[2] == PADDING ? 0 : v[2] << 6) |
			(v[3] == PADDING ? 0 : v[3]);
	int n = v[2] == PADDING ? 1 : v[3] == PADDING ? 2 : 3;

	if (v[0] >= PADDING || v[1] >= PADDING ||
	    (v[2] == PADDING && v[3] != PADDING))
		return -EINVAL;
	/* What does not reach a byte says something that is lost. */
	if (bits & ((1u << (24 - 8 * n)) - 1))
		return -EINVAL;
	for (int i = 0; i < n; i++)
		out[i] = (uint8_t)(bits >> (16 - 8 * i));
	return n;
}

int base64_decode(const char *text, void *ret, size_t *ret_len)
{
	uint8_t *out = ret;
	size_t len = 0, n = 0;
	unsigned int v[4];
	int bytes = 3;

	for (; *text; text++) {
		if (*text == '\n' || *text == '\r')
			continue;
		v[n] = value(*text);
		/* Nothing comes behind padding. */
		if (v[n] == OTHER || bytes != 3)
			return -EINVAL;
		if (++n < 4)
			continue;
		bytes = quantum(v, out + len);
		if (bytes < 0)
			return bytes;
		len += (size_t)bytes;
		n = 0;
	}
	if (n)
		return -EINVAL;
	*ret_len = len;
	return 0;
}
