/* SPDX-License-Identifier: Apache-2.0 */
/* util/clock.h - points in time as text, without libc's time zone machinery,
 * which opens /etc/localtime even for UTC. */
#ifndef UTIL_CLOCK_H
#define UTIL_CLOCK_H

#include <time.h>

#define CLOCK_TEXT 40 /* bytes: "2026-01-31T23:59:59.123456789Z" and the NUL */

/**
 * clock_rfc3339 - @t in UTC as RFC 3339 text with nanoseconds
 * @t:	CLOCK_REALTIME; years from 1970 to 9999, others are cut to these ends
 */
void clock_rfc3339(const struct timespec *t, char buf[CLOCK_TEXT]);

/* clock_now_text - the same for the present moment. */
void clock_now_text(char buf[CLOCK_TEXT]);

#endif
