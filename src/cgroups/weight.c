// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/weight.c - v1's shares and weights on v2's scale of 1 to 10000.  Pure.
 */
#include "cgroups/limits.h"

#define SHARES_MIN 2
#define SHARES_MAX 262144
#define WEIGHT_MAX 10000

#define LN2 0.69314718055994530942

/* log2 of @x >= 1: the exponent, then the series of atanh for what is left.
 * libm's own would cost berth four kilobytes of tables. */
static double log2_of(double x)
{
	double whole = 0, z, z2, term, sum;

	for (; x >= 2; x /= 2)
		whole++;
	z = (x - 1) / (x + 1); /* at most 1/3: each term is a ninth at most */
	z2 = z * z;
	sum = term = z;
	for (int i = 3; i < 40; i += 2) {
		term *= z2;
		sum += term / i;
	}
	return whole + 2 * sum / LN2;
}

/* 2 to the power of @x >= 0 */
static double exp2_of(double x)
{
	double sum = 1, term = 1, t;
	int whole = (int)x;

	t = (x - whole) * LN2;
	for (int i = 1; i < 24; i++) {
		term *= t / i;
		sum += term;
	}
	for (; whole; whole--)
		sum *= 2;
	return sum;
}

/*
 * The formula that runc and crun use since 2025: a quadratic in log2 through
 * the smallest (2 -> 1), the default (1024 -> 100) and the largest value
 * (262144 -> 10000) of both scales; the straight line used before gave the
 * default share a weight of 39.  Rounded up, but not for a rounding error.
 */
uint64_t cgroup_weight_from_shares(uint64_t shares)
{
	double l, exponent, weight;
	uint64_t w;

	if (!shares)
		return 0;
	if (shares <= SHARES_MIN)
		return 1;
	if (shares >= SHARES_MAX)
		return WEIGHT_MAX;
	l = log2_of((double)shares);
	exponent = (l * l + 125 * l) / 612.0 - 7.0 / 34.0;
	weight = exp2_of(exponent * 3.32192809488736234787 /* log2(10) */);
	w = (uint64_t)weight;
	return weight - (double)w > 1e-9 ? w + 1 : w;
}

uint64_t cgroup_io_weight(uint32_t w)
{
	if (!w)
		return 0;
	if (w < 10)
		return 1;
	if (w > 1000)
		return WEIGHT_MAX;
	return 1 + ((uint64_t)w - 10) * 9999 / 990;
}
