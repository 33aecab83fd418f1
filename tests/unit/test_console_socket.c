/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/console_socket.h"
#include "util/auto.h"
#include "util/fdpass.h"
#include "util/usock.h"

static char root[] = "/tmp/test_console.XXXXXX";
static char deep[400]; /* longer than sun_path */

static void the_master_arrives_with_its_name(void **state)
{
	const char *dirs[] = { root, deep };

	for (size_t i = 0; i < ARRAY_LEN(dirs); i++) {
		char path[500], name[64] = "", want[64];
		int got = -1, master, slave;
		struct fdpass m = { name, sizeof(name) - 1, &got, 1 };
		unsigned int a = 0, b = 1;
		auto_fd l = -1;
		auto_fd c = -1;

		snprintf(path, sizeof(path), "%s/socket", dirs[i]);
		l = usock_bind(AT_FDCWD, path, SOCK_STREAM, NULL);
		assert_true(l >= 0);
		assert_int_equal(openpty(&master, &slave, want, NULL, NULL), 0);
		assert_int_equal(console_socket_send(path, master, NULL), 0);
		c = accept(l, NULL, NULL);
		assert_int_equal(fdpass_recv(c, &m, NULL), 0);
		assert_int_equal(m.n_fds, 1);
		assert_string_equal(name, want);
		assert_int_equal(ioctl(master, TIOCGPTN, &a), 0);
		assert_int_equal(ioctl(got, TIOCGPTN, &b), 0);
		assert_int_equal(a, b);
		/* One message, then the end. */
		assert_int_equal(recv(c, name, 1, 0), 0);
		close(got);
		close(master);
		close(slave);
	}
}

static void each_failure_names_the_socket(void **state)
{
	struct err e = { 0 };
	char path[100], want[200];
	int master, slave, p[2];

	assert_int_equal(openpty(&master, &slave, NULL, NULL, NULL), 0);
	snprintf(path, sizeof(path), "%s/missing", root);
	snprintf(want, sizeof(want), "console socket: connect to `%s`: "
		 "No such file or directory", path);
	assert_int_equal(console_socket_send(path, master, &e), -ENOENT);
	assert_string_equal(e.text, want);

	snprintf(path, sizeof(path), "%s/left-behind", root);
	close(usock_bind(AT_FDCWD, path, SOCK_STREAM, NULL));
	assert_int_equal(console_socket_send(path, master, &e), -ECONNREFUSED);

	assert_int_equal(console_socket_send(path, slave, &e), -ENOTTY);
	assert_int_equal(pipe(p), 0);
	assert_int_equal(console_socket_send(path, p[0], &e), -ENOTTY);
	close(p[0]);
	close(p[1]);
	close(master);
	close(slave);
}

static int setup(void **state)
{
	if (!mkdtemp(root))
		return -1;
	strcpy(deep, root);
	while (strlen(deep) < 300) {
		strcat(deep, "/a-directory-with-quite-a-long-name");
		if (mkdir(deep, 0700) < 0)
			return -1;
	}
	return 0;
}

static int teardown(void **state)
{
	char command[64];

	snprintf(command, sizeof(command), "rm -rf %s", root);
	return system(command);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_master_arrives_with_its_name),
		cmocka_unit_test(each_failure_names_the_socket),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
