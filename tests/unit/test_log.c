/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/log.h"

#define TIME "20[0-9]{2}-[0-9]{2}-[0-9]{2}T[0-9:]{8}[.][0-9]{9}Z"

/* What everything that a log can be told leaves behind in @text. */
static void write_log(struct log l, const struct err *e, char *text, size_t size)
{
	ssize_t n;

	l.fd = memfd_create("log", MFD_CLOEXEC);
	assert_true(l.fd >= 0);
	log_warning(&l, "a %s", "warning");
	log_debug(&l, "a\nsecond\nline\033[31m");
	log_fatal(&l, e);
	n = pread(l.fd, text, size - 1, 0);
	assert_true(n >= 0);
	text[n] = '\0';
	close(l.fd);
}

static void assert_matches(const char *text, const char *pattern)
{
	regex_t re;

	assert_int_equal(regcomp(&re, pattern, REG_EXTENDED | REG_NOSUB), 0);
	if (regexec(&re, text, 0, NULL, 0) != 0)
		fail_msg("\"%s\" is not %s", text, pattern);
	regfree(&re);
}

static void a_json_log_holds_the_fatal_error_alone(void **state)
{
	struct err e = { .code = EINVAL, .text = "a \"b\"\n/\\\x01\xff" };
	char text[512];

	write_log((struct log){ .json = true, .level = LOG_LEVEL_DEBUG }, &e,
		  text, sizeof(text));
	assert_matches(text,
		       "^[{]\"msg\":\"a \\\\\"b\\\\\"\\\\n/\\\\\\\\\\\\u0001"
		       "\xef\xbf\xbd\",\"level\":\"error\",\"time\":\"" TIME
		       "\"[}]\n$");
}

static void a_text_log_obeys_its_level(void **state)
{
	struct err e = { .code = EINVAL, .text = "the end" };
	char text[512];

	write_log((struct log){ .level = LOG_LEVEL_ERROR }, &e, text,
		  sizeof(text));
	assert_matches(text, "^" TIME " error the end\n$");
	write_log((struct log){ .level = LOG_LEVEL_WARNING }, &e, text,
		  sizeof(text));
	assert_matches(text, "^" TIME " warning a warning\n"
			     TIME " error the end\n$");
	write_log((struct log){ .level = LOG_LEVEL_DEBUG }, &e, text,
		  sizeof(text));
	assert_matches(text, "^" TIME " warning a warning\n"
			     TIME " debug a second line[?]\\[31m\n"
			     TIME " error the end\n$");
}

static void without_an_fd_nothing_happens(void **state)
{
	struct log l = { .fd = -1, .level = LOG_LEVEL_DEBUG };
	struct err e = { .code = EINVAL, .text = "x" };

	log_warning(&l, "x");
	log_fatal(&l, &e);
	l.json = true;
	log_fatal(&l, &e);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_json_log_holds_the_fatal_error_alone),
		cmocka_unit_test(a_text_log_obeys_its_level),
		cmocka_unit_test(without_an_fd_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
