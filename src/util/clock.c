/* SPDX-License-Identifier: Apache-2.0 */
#include "util/clock.h"

#include <stdbool.h>
#include <stdio.h>

#define DAY 86400
#define YEAR_9999_END 253402300799 /* 9999-12-31T23:59:59Z */

static bool leap(unsigned int year)
{
	return year % 4 == 0 && (year % 100 != 0 || year % 400 == 0);
}

static unsigned int month_days(unsigned int year, unsigned int month)
{
	static const unsigned char days[12] = {
		31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31,
	};

	return days[month] + (month == 1 && leap(year));
}

void clock_rfc3339(const struct timespec *t, char buf[CLOCK_TEXT])
{
	long long secs = t->tv_sec < 0 ? 0 : t->tv_sec;
	unsigned int year = 1970, month = 0, days, rest;

	if (secs > YEAR_9999_END)
		secs = YEAR_9999_END;
	days = (unsigned int)(secs / DAY);
	rest = (unsigned int)(secs % DAY);
	for (; days >= 365u + leap(year); year++)
		days -= 365u + leap(year);
	for (; days >= month_days(year, month); month++)
		days -= month_days(year, month);
	snprintf(buf, CLOCK_TEXT, "%04u-%02u-%02uT%02u:%02u:%02u.%09uZ",
		 year % 10000, (month + 1) % 13, (days + 1) % 32, rest / 3600,
		 rest / 60 % 60, rest % 60,
		 (unsigned int)t->tv_nsec % 1000000000u);
}

void clock_now_text(char buf[CLOCK_TEXT])
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	clock_rfc3339(&now, buf);
}
