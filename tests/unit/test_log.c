/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <regex.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
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

/* One datagram a message: the socket of a daemon. */
static void assert_datagrams(struct log l, const char *const *want, size_t n)
{
	struct err e = { .code = EINVAL, .text = "the\nend" };
	char text[512];
	int s[2];
	ssize_t len;

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM | SOCK_NONBLOCK, 0, s), 0);
	l.fd = s[0];
	log_warning(&l, "a %s", "warning");
	log_debug(&l, "x\nPRIORITY=0");
	log_fatal(&l, &e);
	for (size_t i = 0; i < n; i++) {
		len = recv(s[1], text, sizeof(text) - 1, 0);
		assert_true(len > 0);
		text[len] = '\0';
		assert_matches(text, want[i]);
	}
	assert_int_equal(recv(s[1], text, sizeof(text), 0), -1);
	close(s[0]);
	close(s[1]);
}

static void syslog_gets_priority_name_and_pid(void **state)
{
	const char *const want[] = { "^<12>web\\[[0-9]+\\]: a warning$",
				     "^<15>web\\[[0-9]+\\]: x PRIORITY=0$",
				     "^<11>web\\[[0-9]+\\]: the end$" };
	const char *const json[] = { "^<11>web\\[[0-9]+\\]: [{]\"msg\":\"the" };
	struct log l = { .to = LOG_TO_SYSLOG, .ident = "web",
			 .level = LOG_LEVEL_DEBUG };

	assert_datagrams(l, want, 3);
	l.level = LOG_LEVEL_ERROR;
	assert_datagrams(l, want + 2, 1);
	l.json = true;
	assert_datagrams(l, json, 1);
}

/* A message cannot add fields of its own. */
static void the_journal_gets_fields(void **state)
{
	const char *const want[] = {
		"^PRIORITY=4\nSYSLOG_IDENTIFIER=web\nMESSAGE=a warning\n$",
		"^PRIORITY=7\nSYSLOG_IDENTIFIER=web\nMESSAGE=x PRIORITY=0\n$",
		"^PRIORITY=3\nSYSLOG_IDENTIFIER=web\nMESSAGE=the end\n$",
	};

	assert_datagrams((struct log){ .to = LOG_TO_JOURNAL, .ident = "web",
				       .level = LOG_LEVEL_DEBUG }, want, 3);
}

/* Nor does what cannot be delivered turn up on standard error. */
static void assert_unheard(struct log l)
{
	struct err e = { .code = EINVAL, .text = "x" };
	int saved = dup(2), p[2];
	char byte;

	assert_int_equal(pipe2(p, O_NONBLOCK | O_CLOEXEC), 0);
	assert_int_equal(dup2(p[1], 2), 2);
	log_warning(&l, "x");
	log_debug(&l, "x");
	log_fatal(&l, &e);
	l.json = true;
	log_fatal(&l, &e);
	dup2(saved, 2);
	close(saved);
	assert_int_equal(read(p[0], &byte, 1), -1);
	assert_int_equal(errno, EAGAIN);
	close(p[0]);
	close(p[1]);
}

static void a_daemon_that_is_gone_is_no_signal(void **state)
{
	struct log l = { .to = LOG_TO_SYSLOG, .ident = "web",
			 .level = LOG_LEVEL_DEBUG };
	int s[2];

	assert_int_equal(socketpair(AF_UNIX, SOCK_DGRAM, 0, s), 0);
	close(s[1]);
	l.fd = s[0];
	assert_unheard(l);
	close(s[0]);
}

static void without_an_fd_nothing_happens(void **state)
{
	assert_unheard((struct log){ .fd = -1, .level = LOG_LEVEL_DEBUG });
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_json_log_holds_the_fatal_error_alone),
		cmocka_unit_test(a_text_log_obeys_its_level),
		cmocka_unit_test(syslog_gets_priority_name_and_pid),
		cmocka_unit_test(the_journal_gets_fields),
		cmocka_unit_test(a_daemon_that_is_gone_is_no_signal),
		cmocka_unit_test(without_an_fd_nothing_happens),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
