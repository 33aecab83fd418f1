/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "util/auto.h"
#include "util/signame.h"

static void names_and_numbers_in_every_spelling(void **state)
{
	const struct { const char *text; int sig; } t[] = {
		{ "TERM", SIGTERM }, { "SIGTERM", SIGTERM },
		{ "term", SIGTERM }, { "sigTerm", SIGTERM }, { "15", SIGTERM },
		{ "0", 0 }, { "1", SIGHUP }, { "KILL", SIGKILL },
		{ "CLD", SIGCHLD }, { "IOT", SIGABRT }, { "POLL", SIGIO },
		{ "WINCH", SIGWINCH }, { "RTMIN", SIGRTMIN },
		{ "SIGRTMIN", SIGRTMIN }, { "RTMIN+3", SIGRTMIN + 3 },
		{ "rtmin+0", SIGRTMIN }, { "SIGRTMAX-2", SIGRTMAX - 2 },
		{ "RTMAX", SIGRTMAX }, { "64", 64 }, { "34", 34 },
		{ "RTMIN+30", SIGRTMAX }, { "RTMAX-30", SIGRTMIN },
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		assert_int_equal(signame_parse(t[i].text), t[i].sig);
}

static void what_is_no_signal_is_refused(void **state)
{
	static const char *const t[] = {
		"", " ", "SIG", "SIGSIGTERM", "TERMX", "TER", "-1", "+15", "15 ",
		" 15", "65", "4294967311", "18446744073709551631", "0x0f", "RT",
		"RTMIN-1", "RTMAX+1", "RTMIN+", "RTMIN+31", "RTMAX-31",
		"RTMIN+-1", "RTMIN+99999999999999999999", "RTMIN3", "RTMIN+3x",
		"SIG15", "SIG9",
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++)
		assert_int_equal(signame_parse(t[i]), -EINVAL);
}

static void every_signal_has_a_name_that_leads_back_to_it(void **state)
{
	char buf[SIGNAME_MAX];

	for (int sig = 1; sig <= SIGRTMAX; sig++)
		assert_int_equal(signame_parse(signame_of(sig, buf)), sig);
	assert_string_equal(signame_of(SIGABRT, buf), "SIGABRT");
	assert_string_equal(signame_of(SIGCHLD, buf), "SIGCHLD");
	assert_string_equal(signame_of(SIGIO, buf), "SIGIO");
	assert_string_equal(signame_of(SIGRTMIN + 1, buf), "SIGRTMIN+1");
	assert_string_equal(signame_of(32, buf), "32");
	assert_string_equal(signame_of(-5, buf), "-5");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_and_numbers_in_every_spelling),
		cmocka_unit_test(what_is_no_signal_is_refused),
		cmocka_unit_test(every_signal_has_a_name_that_leads_back_to_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
