/* SPDX-License-Identifier: Apache-2.0 */
#include "util/num.h"

#include <errno.h>
#include <string.h>

int num_u64n(const char *s, size_t len, uint64_t max, uint64_t *ret)
{
	bool range = false;
	uint64_t v = 0;

	if (len == 0)
		return -EINVAL;
	for (size_t i = 0; i < len; i++) {
		if (s[i] < '0' || s[i] > '9')
			return -EINVAL;
		if (__builtin_mul_overflow(v, 10, &v) ||
		    __builtin_add_overflow(v, (uint64_t)(s[i] - '0'), &v))
			range = true; /* go on: "99…9x" is no number at all */
	}
	if (range || v > max)
		return -ERANGE;
	*ret = v;
	return 0;
}

int num_u64(const char *s, uint64_t max, uint64_t *ret)
{
	return num_u64n(s, strlen(s), max, ret);
}

int num_i64n(const char *s, size_t len, int64_t min, int64_t max, int64_t *ret)
{
	bool negative = len > 0 && s[0] == '-';
	uint64_t v;
	int64_t n;
	int r;

	r = num_u64n(s + negative, len - negative,
		     (uint64_t)INT64_MAX + negative, &v);
	if (r < 0)
		return r;
	/* -v in unsigned arithmetic: INT64_MIN has no positive counterpart */
	n = (int64_t)(negative ? 0 - v : v);
	if (n < min || n > max)
		return -ERANGE;
	*ret = n;
	return 0;
}

int num_i64(const char *s, int64_t min, int64_t max, int64_t *ret)
{
	return num_i64n(s, strlen(s), min, max, ret);
}

int num_word(const char *s, size_t n, uint64_t max, uint64_t *ret)
{
	static const char between[] = " \t\n";

	for (s += strspn(s, between); n--; s += strspn(s, between))
		s += strcspn(s, between);
	return *s ? num_u64n(s, strcspn(s, between), max, ret) : -ENOENT;
}

int num_size(const char *s, int64_t *ret)
{
	static const char suffixes[] = "bkmgt"; /* powers of 1024, from 0 */
	size_t digits = strspn(s, "0123456789");
	const char *suffix = suffixes;
	uint64_t v;
	int r;

	if (strcmp(s, "-1") == 0) {
		*ret = -1;
		return 0;
	}
	if (s[digits]) {
		suffix = strchr(suffixes, s[digits] | 0x20);
		if (!suffix || s[digits + 1])
			return -EINVAL;
	}
	r = num_u64n(s, digits,
		     (uint64_t)INT64_MAX >> (10 * (suffix - suffixes)), &v);
	if (r < 0)
		return r;
	*ret = (int64_t)(v << (10 * (suffix - suffixes)));
	return 0;
}

int num_duration_ms(const char *s, int64_t *ret)
{
	static const struct {
		char suffix[3];
		uint32_t ms;
	} units[] = {
		{ "", 1000 }, { "ms", 1 }, { "s", 1000 },
		{ "m", 60000 }, { "h", 3600000 },
	};
	size_t digits = strspn(s, "0123456789");

	for (size_t i = 0; i < sizeof(units) / sizeof(units[0]); i++) {
		uint64_t v;
		int r;

		if (strcmp(s + digits, units[i].suffix) != 0)
			continue;
		r = num_u64n(s, digits, INT64_MAX / units[i].ms, &v);
		if (r == 0)
			*ret = (int64_t)(v * units[i].ms);
		return r;
	}
	return -EINVAL;
}
