/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <string.h>

#include "util/auto.h"
#include "util/clock.h"

static void days_agree_with_the_c_library(void **state)
{
	for (time_t t = 0; t < 200ll * 366 * 86400; t += 86400 - 7) {
		char want[CLOCK_TEXT], got[CLOCK_TEXT];
		struct tm tm;

		gmtime_r(&t, &tm);
		strftime(want, sizeof(want), "%Y-%m-%dT%H:%M:%S.000000005Z",
			 &tm);
		clock_rfc3339(&(struct timespec){ t, 5 }, got);
		assert_string_equal(got, want);
	}
}

static void ends_of_time_have_a_text(void **state)
{
	static const struct {
		time_t t;
		const char *text;
	} cases[] = {
		{ 0, "1970-01-01T00:00:00.999999999Z" },
		{ -5, "1970-01-01T00:00:00.999999999Z" },
		{ 951782399, "2000-02-28T23:59:59.999999999Z" },
		{ 951782400, "2000-02-29T00:00:00.999999999Z" },
		{ 4107542400, "2100-03-01T00:00:00.999999999Z" },
		{ 253402300799, "9999-12-31T23:59:59.999999999Z" },
		{ INT64_MAX, "9999-12-31T23:59:59.999999999Z" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char got[CLOCK_TEXT];

		clock_rfc3339(&(struct timespec){ cases[i].t, 999999999 }, got);
		assert_string_equal(got, cases[i].text);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(days_agree_with_the_c_library),
		cmocka_unit_test(ends_of_time_have_a_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
