/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/auto.h"
#include "util/ev.h"
#include "util/fdpass.h"
#include "util/usock.h"

static const int kinds[] = { SOCK_STREAM, SOCK_SEQPACKET, SOCK_DGRAM };

struct pair {
	int s[2];
};

static void open_pair(struct pair *p, int kind)
{
	assert_int_equal(socketpair(AF_UNIX, kind | SOCK_CLOEXEC, 0, p->s), 0);
}

static void close_pair(struct pair *p)
{
	close(p->s[0]);
	close(p->s[1]);
}

static size_t count_fds(void)
{
	size_t n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static bool same_file(int a, int b)
{
	struct stat x, y;

	assert_int_equal(fstat(a, &x), 0);
	assert_int_equal(fstat(b, &y), 0);
	return x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* --- messages --------------------------------------------------------------- */

static void payload_and_descriptors_arrive_close_on_exec(void **state)
{
	(void)state;
	for (size_t k = 0; k < ARRAY_LEN(kinds); k++) {
		int out[3] = { 0, 1, 2 }, in[3];
		char text[16] = "";
		struct fdpass tx = { (char[]){ "hello" }, 6, out, 3 };
		struct fdpass rx = { text, sizeof(text), in, 3 };
		struct pair p;

		open_pair(&p, kinds[k]);
		assert_int_equal(fdpass_send(p.s[0], &tx, NULL), 0);
		assert_int_equal(fdpass_recv(p.s[1], &rx, NULL), 0);
		assert_int_equal(rx.len, 6);
		assert_int_equal(rx.n_fds, 3);
		assert_string_equal(text, "hello");
		for (int i = 0; i < 3; i++) {
			assert_true(same_file(in[i], out[i]));
			assert_int_equal(fcntl(in[i], F_GETFD), FD_CLOEXEC);
			close(in[i]);
		}
		close_pair(&p);
	}
}

static void a_message_may_carry_no_descriptor(void **state)
{
	int in[2] = { -7, -7 };
	char text[4];
	struct fdpass tx = { (char[]){ "abc" }, 4, NULL, 0 };
	struct fdpass rx = { text, sizeof(text), in, 2 };
	struct pair p;

	(void)state;
	open_pair(&p, SOCK_SEQPACKET);
	assert_int_equal(fdpass_send(p.s[0], &tx, NULL), 0);
	assert_int_equal(fdpass_recv(p.s[1], &rx, NULL), 0);
	assert_int_equal(rx.len, 4);
	assert_int_equal(rx.n_fds, 0);
	assert_int_equal(in[0], -7);
	close_pair(&p);
}

static void the_most_descriptors_fit_in_one_message(void **state)
{
	int out[FDPASS_MAX], in[FDPASS_MAX];
	char byte = 'x';
	struct fdpass tx = { &byte, 1, out, FDPASS_MAX };
	struct fdpass rx = { &byte, 1, in, FDPASS_MAX };
	struct fdpass many = { &byte, 1, out, FDPASS_MAX + 1 };
	struct fdpass empty = { &byte, 0, out, 1 };
	size_t before = count_fds();
	struct pair p;

	(void)state;
	memset(out, 0, sizeof(out));
	open_pair(&p, SOCK_SEQPACKET);
	assert_int_equal(fdpass_send(p.s[0], &tx, NULL), 0);
	assert_int_equal(fdpass_recv(p.s[1], &rx, NULL), 0);
	assert_int_equal(rx.n_fds, FDPASS_MAX);
	for (int i = 0; i < FDPASS_MAX; i++)
		close(in[i]);
	assert_int_equal(fdpass_send(p.s[0], &many, NULL), -EINVAL);
	assert_int_equal(fdpass_recv(p.s[1], &many, NULL), -EINVAL);
	assert_int_equal(fdpass_send(p.s[0], &empty, NULL), -EINVAL);
	close_pair(&p);
	assert_int_equal(count_fds(), before);
}

/* Every room from none to seven against every number sent: what is too much
 * leaves nothing open, whatever padding the kernel found in the buffer. */
static void too_many_descriptors_are_refused_and_closed(void **state)
{
	(void)state;
	for (size_t room = 0; room < 8; room++)
		for (size_t n = 0; n < 10; n++) {
			int out[10] = { 0 }, in[10];
			char byte = 'x';
			struct fdpass tx = { &byte, 1, out, n };
			struct fdpass rx = { &byte, 1, in, room };
			size_t before = count_fds();
			struct pair p;
			int r;

			open_pair(&p, SOCK_STREAM);
			assert_int_equal(fdpass_send(p.s[0], &tx, NULL), 0);
			r = fdpass_recv(p.s[1], &rx, NULL);
			assert_int_equal(r, n > room ? -EMSGSIZE : 0);
			assert_int_equal(rx.n_fds, r ? room : n);
			for (size_t i = 0; r == 0 && i < rx.n_fds; i++)
				close(in[i]);
			close_pair(&p);
			assert_int_equal(count_fds(), before);
		}
}

static void a_datagram_that_is_too_long_is_refused_with_its_descriptors(
	void **state)
{
	int out[1] = { 0 }, in[1];
	char text[4];
	struct fdpass tx = { (char[]){ "abcdefg" }, 8, out, 1 };
	struct fdpass rx = { text, sizeof(text), in, 1 };
	size_t before = count_fds();
	struct pair p;

	(void)state;
	open_pair(&p, SOCK_SEQPACKET);
	assert_int_equal(fdpass_send(p.s[0], &tx, NULL), 0);
	assert_int_equal(fdpass_recv(p.s[1], &rx, NULL), -EMSGSIZE);
	close_pair(&p);
	assert_int_equal(count_fds(), before);
}

static void running_out_of_descriptors_is_told_from_sending_too_many(
	void **state)
{
	int out[4] = { 0 }, in[4];
	char byte = 'x';
	struct fdpass tx = { &byte, 1, out, 4 };
	struct fdpass rx = { &byte, 1, in, 4 };
	struct rlimit old, tight;
	size_t before;
	struct pair p;
	int r;

	(void)state;
	open_pair(&p, SOCK_SEQPACKET);
	before = count_fds();
	assert_int_equal(fdpass_send(p.s[0], &tx, NULL), 0);
	assert_int_equal(getrlimit(RLIMIT_NOFILE, &old), 0);
	tight = old;
	tight.rlim_cur = (rlim_t)(p.s[1] + 3); /* room for two of four */
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &tight), 0);
	r = fdpass_recv(p.s[1], &rx, NULL);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &old), 0);
	assert_int_equal(r, -EMFILE);
	assert_int_equal(count_fds(), before);
	close_pair(&p);
}

static void the_end_of_a_stream_is_length_zero(void **state)
{
	char text[4];
	int in[1];
	struct pair p;

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct fdpass rx = { text, sizeof(text), in, 1 };

		open_pair(&p, kinds[k]);
		close(p.s[0]);
		assert_int_equal(fdpass_recv(p.s[1], &rx, NULL), 0);
		assert_int_equal(rx.len, 0);
		assert_int_equal(rx.n_fds, 0);
		close(p.s[1]);
	}
}

static void a_peer_that_is_gone_gives_epipe_and_no_signal(void **state)
{
	int out[1] = { 0 };
	char byte = 'x';
	struct fdpass tx = { &byte, 1, out, 1 };
	struct err e = { 0 };
	struct pair p;

	(void)state;
	open_pair(&p, SOCK_STREAM);
	close(p.s[1]);
	assert_int_equal(fdpass_send(p.s[0], &tx, &e), -EPIPE);
	assert_string_equal(e.text, "send 1 descriptors: Broken pipe");
	close(p.s[0]);
}

static void a_long_stream_message_is_continued(void **state)
{
	enum { BIG = 1 << 20 };
	auto_mem char *big = malloc(BIG), *got = malloc(BIG);
	int out[1] = { 0 }, in[1];
	struct fdpass tx = { big, BIG, out, 1 };
	size_t have = 0, fds = 0;
	struct pair p;
	pid_t pid;

	(void)state;
	for (int i = 0; i < BIG; i++)
		big[i] = (char)(i * 7 + i / 251);
	open_pair(&p, SOCK_STREAM);
	pid = fork();
	if (pid == 0)
		_exit(fdpass_send(p.s[0], &tx, NULL) ? 1 : 0);
	while (have < BIG) {
		struct fdpass rx = { got + have, BIG - have, in, 1 };

		assert_int_equal(fdpass_recv(p.s[1], &rx, NULL), 0);
		assert_true(rx.len > 0);
		have += rx.len;
		fds += rx.n_fds;
		if (rx.n_fds)
			close(in[0]);
	}
	assert_int_equal(fds, 1);
	assert_memory_equal(big, got, BIG);
	close_pair(&p);
}

static void a_full_queue_gives_eagain(void **state)
{
	int out[1] = { 0 }, r = 0;
	char text[1000] = "";
	struct fdpass tx = { text, sizeof(text), out, 1 };
	struct pair p;

	(void)state;
	open_pair(&p, SOCK_SEQPACKET | SOCK_NONBLOCK);
	for (int i = 0; i < 10000 && r == 0; i++)
		r = fdpass_send(p.s[0], &tx, NULL);
	assert_int_equal(r, -EAGAIN);
	close_pair(&p);
}

/* --- names -------------------------------------------------------------------- */

struct place {
	char root[64];	 /* a fresh directory */
	char path[1200]; /* a directory below it, far deeper than sun_path */
	int dir;
};

static int setup(void **state)
{
	static struct place p;
	size_t len;

	strcpy(p.root, "/tmp/test_fdpass.XXXXXX");
	if (!mkdtemp(p.root))
		return -1;
	strcpy(p.path, p.root);
	while ((len = strlen(p.path)) < 1000) {
		strcpy(p.path + len, "/a-directory-with-quite-a-long-name");
		if (mkdir(p.path, 0700) < 0)
			return -1;
	}
	p.dir = open(p.path, O_PATH | O_DIRECTORY | O_CLOEXEC);
	*state = &p;
	return p.dir < 0;
}

static int teardown(void **state)
{
	struct place *p = *state;
	char command[128];

	close(p->dir);
	snprintf(command, sizeof(command), "rm -rf %s", p->root);
	return system(command);
}

static void check_connected(int listener, int client)
{
	auto_fd server = accept(listener, NULL, NULL);
	char byte = 0;

	assert_true(server >= 0);
	assert_int_equal(write(client, "y", 1), 1);
	assert_int_equal(read(server, &byte, 1), 1);
	assert_int_equal(byte, 'y');
	assert_int_equal(fcntl(client, F_GETFD), FD_CLOEXEC);
}

static void sockets_work_at_paths_of_any_length(void **state)
{
	struct place *p = *state;
	char path[1300];
	size_t before = count_fds();

	for (size_t k = 0; k < 2; k++) {
		struct err e = { 0 };
		auto_fd l = -1;
		auto_fd c = -1;

		snprintf(path, sizeof(path), "%s/socket-%zu", p->path, k);
		l = usock_bind(AT_FDCWD, path, kinds[k], &e);
		assert_string_equal(e.text, "");
		assert_true(l >= 0);
		assert_int_equal(access(path, F_OK), 0);
		c = usock_connect(AT_FDCWD, path, kinds[k], 1000, &e);
		assert_true(c >= 0);
		check_connected(l, c);
	}
	assert_int_equal(count_fds(), before);
}

static void sockets_work_below_a_directory_descriptor(void **state)
{
	struct place *p = *state;
	auto_fd l = usock_bind(p->dir, "here", SOCK_STREAM, NULL);
	auto_fd c = usock_connect(p->dir, "here", SOCK_STREAM, 1000, NULL);

	assert_true(l >= 0);
	assert_true(c >= 0);
	check_connected(l, c);
	assert_int_equal(faccessat(p->dir, "here", F_OK, 0), 0);
	assert_int_equal(access("here", F_OK), -1);
}

static void a_name_in_use_and_a_missing_one_are_named(void **state)
{
	struct place *p = *state;
	auto_fd l = usock_bind(p->dir, "used", SOCK_STREAM, NULL);
	struct err e = { 0 };

	assert_true(l >= 0);
	assert_int_equal(usock_bind(p->dir, "used", SOCK_STREAM, &e),
			 -EADDRINUSE);
	assert_string_equal(e.text, "bind a socket to `used`: Address already "
				    "in use");
	assert_int_equal(usock_connect(p->dir, "none", SOCK_STREAM, 0, &e),
			 -ENOENT);
	assert_string_equal(e.text,
			    "connect to `none`: No such file or directory");
	assert_int_equal(usock_connect(p->dir, "no/such/dir", SOCK_STREAM, 0,
				       &e), -ENOENT);
	assert_int_equal(usock_connect(p->dir, "", SOCK_STREAM, 0, &e),
			 -ENOENT);
	assert_int_equal(usock_connect(p->dir, "dir/", SOCK_STREAM, 0, &e),
			 -EISDIR);
}

static void names_that_no_socket_can_have_are_refused(void **state)
{
	struct place *p = *state;
	char name[256];

	memset(name, 'n', sizeof(name) - 1);
	name[sizeof(name) - 1] = '\0';
	assert_int_equal(usock_bind(p->dir, name, SOCK_STREAM, NULL),
			 -ENAMETOOLONG);
	name[0] = '@';
	assert_int_equal(usock_connect(p->dir, name, SOCK_STREAM, 0, NULL),
			 -ENAMETOOLONG);
}

static void abstract_names_work(void **state)
{
	char name[64];
	auto_fd l = -1;
	auto_fd c = -1;

	(void)state;
	snprintf(name, sizeof(name), "@test_fdpass-%d", getpid());
	l = usock_bind(AT_FDCWD, name, SOCK_STREAM, NULL);
	assert_true(l >= 0);
	assert_int_equal(access(name, F_OK), -1);
	c = usock_connect(AT_FDCWD, name, SOCK_STREAM, 0, NULL);
	assert_true(c >= 0);
	check_connected(l, c);
}

static void a_listener_that_never_accepts_ends_in_a_timeout(void **state)
{
	struct place *p = *state;
	auto_fd l = usock_bind(p->dir, "stalled", SOCK_STREAM, NULL);
	int64_t start = ev_now();
	int fds[200], n = 0, r;

	assert_true(l >= 0);
	do {
		r = usock_connect(p->dir, "stalled", SOCK_STREAM, 50, NULL);
		fds[n++] = r;
	} while (r >= 0 && n < 200);
	assert_int_equal(r, -ETIMEDOUT);
	assert_true(ev_now() - start < 5000000000LL);
	while (--n)
		close(fds[n - 1]);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(payload_and_descriptors_arrive_close_on_exec),
		cmocka_unit_test(a_message_may_carry_no_descriptor),
		cmocka_unit_test(the_most_descriptors_fit_in_one_message),
		cmocka_unit_test(too_many_descriptors_are_refused_and_closed),
		cmocka_unit_test(a_datagram_that_is_too_long_is_refused_with_its_descriptors),
		cmocka_unit_test(running_out_of_descriptors_is_told_from_sending_too_many),
		cmocka_unit_test(the_end_of_a_stream_is_length_zero),
		cmocka_unit_test(a_peer_that_is_gone_gives_epipe_and_no_signal),
		cmocka_unit_test(a_long_stream_message_is_continued),
		cmocka_unit_test(a_full_queue_gives_eagain),
		cmocka_unit_test(sockets_work_at_paths_of_any_length),
		cmocka_unit_test(sockets_work_below_a_directory_descriptor),
		cmocka_unit_test(a_name_in_use_and_a_missing_one_are_named),
		cmocka_unit_test(names_that_no_socket_can_have_are_refused),
		cmocka_unit_test(abstract_names_work),
		cmocka_unit_test(a_listener_that_never_accepts_ends_in_a_timeout),
	};

	return cmocka_run_group_tests(tests, setup, teardown);
}
