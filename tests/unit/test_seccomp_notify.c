/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "oci/spec.h"
#include "security/seccomp_notify.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/err.h"
#include "util/fdpass.h"
#include "util/fs.h"
#include "util/usock.h"

struct fixture {
	char dir[32];
	char path[512];
	int listener; /* the agent's */
	int fd;	      /* stands for the seccomp fd */
	struct arena a;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/berth-test-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->path, sizeof(f->path), "%s/agent", f->dir);
	f->listener = usock_bind(AT_FDCWD, f->path, SOCK_STREAM, NULL);
	f->fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
	*state = f;
	return f->listener < 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fd_close(&f->listener);
	close(f->fd);
	fs_remove_tree(AT_FDCWD, f->dir, NULL);
	arena_free(&f->a);
	free(f);
	return 0;
}

static void the_state_is_what_the_specification_says(void **state)
{
	static const struct {
		struct seccomp_notify_info info;
		const char *want;
	} cases[] = {
		{ { "{\"id\":\"c\"}", NULL, 4422 },
		  "{\"ociVersion\":\"" OCI_VERSION "\",\"fds\":[\"seccompFd\"],"
		  "\"pid\":4422,\"state\":{\"id\":\"c\"}}" },
		{ { "{}", "MKNOD=/dev/null;a\"b\\c\n", 1 },
		  "{\"ociVersion\":\"" OCI_VERSION "\",\"fds\":[\"seccompFd\"],"
		  "\"pid\":1,\"metadata\":\"MKNOD=/dev/null;a\\\"b\\\\c\\n\","
		  "\"state\":{}}" },
		{ { "{}", "", 1 },
		  "{\"ociVersion\":\"" OCI_VERSION "\",\"fds\":[\"seccompFd\"],"
		  "\"pid\":1,\"metadata\":\"\",\"state\":{}}" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };

		assert_string_equal(seccomp_notify_state(&cases[i].info, &a),
				    cases[i].want);
	}
}

/* One connection: the text with the fd, then the end. */
static void assert_received(struct fixture *f, const char *want)
{
	auto_fd conn = accept4(f->listener, NULL, NULL, SOCK_CLOEXEC);
	struct stat sent, got;
	char text[4096] = "", more;
	auto_fd fd = -1;
	struct fdpass m = { text, sizeof(text) - 1, &fd, 1 };

	assert_true(conn >= 0);
	assert_int_equal(fdpass_recv(conn, &m, NULL), 0);
	assert_int_equal(m.n_fds, 1);
	assert_int_equal(m.len, strlen(want));
	assert_memory_equal(text, want, m.len);
	assert_int_equal(fstat(f->fd, &sent) | fstat(fd, &got), 0);
	assert_true(sent.st_rdev == got.st_rdev && sent.st_ino == got.st_ino);
	assert_int_equal(read(conn, &more, 1), 0);
}

static void the_agent_gets_the_state_and_the_fd(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	assert_int_equal(seccomp_notify_send(f->path, f->fd, "{\"x\":1}", &e), 0);
	assert_received(f, "{\"x\":1}");
	assert_true(fcntl(f->fd, F_GETFD) >= 0); /* borrowed */
}

static void a_path_too_long_for_a_socket_address_works(void **state)
{
	struct fixture *f = *state;
	char dir[400], *end = dir + sprintf(dir, "%s/", f->dir);

	memset(end, 'd', 200);
	end[200] = '\0';
	assert_int_equal(mkdir(dir, 0700), 0);
	snprintf(f->path, sizeof(f->path), "%s/agent", dir);
	fd_close(&f->listener);
	f->listener = usock_bind(AT_FDCWD, f->path, SOCK_STREAM, NULL);
	assert_true(f->listener >= 0);
	assert_int_equal(seccomp_notify_send(f->path, f->fd, "{}", NULL), 0);
	assert_received(f, "{}");
}

static void nobody_listening_is_an_error_that_names_the_socket(void **state)
{
	struct fixture *f = *state;
	struct err e = { 0 };

	fd_close(&f->listener);
	assert_int_equal(seccomp_notify_send(f->path, f->fd, "{}", &e),
			 -ECONNREFUSED);
	assert_non_null(strstr(e.text, "linux.seccomp.listenerPath"));
	assert_non_null(strstr(e.text, f->path));
	assert_int_equal(seccomp_notify_send("/nonexistent/agent", f->fd, "{}",
					     &e), -ENOENT);
	assert_non_null(strstr(e.text, "/nonexistent/agent"));
}

static void an_agent_that_does_not_accept_costs_bounded_time(void **state)
{
	struct fixture *f = *state;
	time_t begin = time(NULL);
	int r = 0;

	assert_int_equal(listen(f->listener, 0), 0);
	for (int i = 0; i < 5 && r == 0; i++)
		r = seccomp_notify_send(f->path, f->fd, "{}", NULL);
	assert_int_equal(r, -ETIMEDOUT);
	assert_true(time(NULL) - begin <= 6);
}

static void an_agent_that_does_not_read_costs_bounded_time(void **state)
{
	struct fixture *f = *state;
	size_t len = 8 << 20;
	auto_mem char *big = malloc(len + 1);
	time_t begin = time(NULL);

	memset(big, 'x', len);
	big[len] = '\0';
	assert_true(seccomp_notify_send(f->path, f->fd, big, NULL) < 0);
	assert_true(time(NULL) - begin <= 6);
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_state_is_what_the_specification_says),
		CASE(the_agent_gets_the_state_and_the_fd),
		CASE(a_path_too_long_for_a_socket_address_works),
		CASE(nobody_listening_is_an_error_that_names_the_socket),
		CASE(an_agent_that_does_not_accept_costs_bounded_time),
		CASE(an_agent_that_does_not_read_costs_bounded_time),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
