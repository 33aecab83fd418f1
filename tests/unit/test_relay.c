/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <pty.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/relay.h"
#include "util/auto.h"
#include "util/sys.h"

/*
 * The container is a child with the terminal's other side as its streams.  What
 * it writes or expects is a sequence that differs at every place, so that a
 * lost, doubled or moved byte shows.
 */
static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 31 + i / 255 + i / 65521);
}

static bool write_sequence(int fd, size_t len)
{
	unsigned char data[3001];
	size_t at = 0;

	while (at < len) {
		size_t n = len - at < sizeof(data) ? len - at : sizeof(data);

		for (size_t i = 0; i < n; i++)
			data[i] = byte_at(at + i);
		for (size_t done = 0; done < n;) {
			ssize_t w = write(fd, data + done, n - done);

			if (w <= 0)
				return false;
			done += (size_t)w;
		}
		at += n;
	}
	return true;
}

/* Read until the end; how many bytes were as expected, -1 for a wrong one.
 * @dawdle: sleep that many microseconds now and then. */
static long check_sequence(int fd, size_t piece, useconds_t dawdle, size_t most)
{
	unsigned char data[4096];
	size_t at = 0, turn = 0;

	while (at < most) {
		ssize_t n = read(fd, data, piece);

		if (n <= 0)
			break;
		for (ssize_t i = 0; i < n; i++)
			if (data[i] != byte_at(at++))
				return -1;
		if (dawdle && turn++ % 64 == 0)
			usleep(dawdle);
	}
	return (long)at;
}

struct world {
	struct ev ev;
	struct relay relay;
	struct ev_child child;
	int master, slave;
	pid_t pid;
	int pidfd;
	int done, status;
};

static void on_done(struct ev *ev, void *user)
{
	struct world *w = user;

	w->done++;
	ev_stop(ev);
}

static void on_child(struct ev *ev, void *user, const siginfo_t *info)
{
	struct world *w = user;

	w->status = ev_exit_status(info);
	relay_finish(&w->relay, ev, on_done, w);
}

static void open_world(struct world *w, bool cooked)
{
	struct termios mode;

	memset(w, 0, sizeof(*w));
	ev_init(&w->ev);
	assert_int_equal(openpty(&w->master, &w->slave, NULL, NULL, NULL), 0);
	fcntl(w->master, F_SETFD, FD_CLOEXEC);
	assert_int_equal(tcgetattr(w->slave, &mode), 0);
	if (!cooked)
		cfmakeraw(&mode);
	mode.c_lflag &= ~(tcflag_t)ECHO;
	assert_int_equal(tcsetattr(w->slave, TCSANOW, &mode), 0);
}

/* The child's half returns true for the "container"; its descriptors are 0-2. */
static bool fork_container(struct world *w)
{
	w->pid = fork();
	assert_true(w->pid >= 0);
	if (w->pid == 0) {
		dup2(w->slave, 0);
		dup2(w->slave, 1);
		dup2(w->slave, 2);
		sys_close_range(3, ~0u, 0);
		return true;
	}
	close(w->slave);
	w->slave = -1;
	w->pidfd = sys_pidfd_open(w->pid, 0);
	assert_true(w->pidfd >= 0);
	return false;
}

static void start_relay(struct world *w, int in, int out)
{
	const struct relay_args a = { .master = w->master, .in = in,
				      .out = out };

	assert_int_equal(relay_start(&w->relay, &w->ev, &a, NULL), 0);
	assert_int_equal(ev_child_add(&w->ev, &w->child, w->pidfd, on_child, w),
			 0);
}

static void close_world(struct world *w)
{
	relay_stop(&w->relay, &w->ev);
	ev_done(&w->ev);
	close(w->master);
	close(w->pidfd);
	if (w->slave >= 0)
		close(w->slave);
}

/* A reader of @fd in a process of its own.  Its exit code: 0 when exactly @len
 * bytes came. */
static pid_t fork_reader(int fd, size_t len, useconds_t dawdle)
{
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid)
		return pid;
	/* Nothing else: a writing end left open here would be no end of file. */
	dup2(fd, 0);
	sys_close_range(3, ~0u, 0);
	_exit(check_sequence(0, 1000, dawdle, SIZE_MAX) == (long)len ? 0 : 1);
}

static int wait_for(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static size_t count_fds(void)
{
	size_t n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

/* --- from the container ------------------------------------------------------------- */

static void open_out(int kind, int p[2])
{
	if (kind)
		assert_int_equal(socketpair(AF_UNIX, kind, 0, p), 0);
	else
		assert_int_equal(pipe(p), 0);
}

static void every_byte_comes_out_however_slow_the_reader(void **state)
{
	static const struct { int kind; size_t len; useconds_t dawdle; } t[] = {
		{ 0, 4 << 20, 0 },
		{ 0, 1 << 20, 3000 },
		{ SOCK_STREAM, 4 << 20, 0 },
		{ SOCK_STREAM, 1 << 20, 3000 },
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		size_t before = count_fds();
		struct world w;
		pid_t reader;
		int p[2];

		open_world(&w, false);
		open_out(t[i].kind, p);
		reader = fork_reader(p[0], t[i].len, t[i].dawdle);
		close(p[0]);
		if (fork_container(&w))
			_exit(write_sequence(1, t[i].len) ? 0 : 1);
		start_relay(&w, -1, p[1]);
		assert_int_equal(ev_run(&w.ev, NULL), 0);
		assert_int_equal(w.status, 0);
		/* A shell's descriptors stay as they were. */
		assert_int_equal(fcntl(p[1], F_GETFL) & O_NONBLOCK, 0);
		close(p[1]);
		assert_int_equal(wait_for(reader), 0);
		close_world(&w);
		assert_int_equal(count_fds(), before);
	}
}

/* The end of the container overtakes its last bytes here, again and again. */
static void the_last_bytes_of_a_short_life_are_not_lost(void **state)
{
	for (int i = 0; i < 60; i++) {
		size_t len = (size_t)(1 + i * 67);
		struct world w;
		int p[2];

		open_world(&w, false);
		assert_int_equal(pipe(p), 0);
		if (fork_container(&w))
			_exit(write_sequence(1, len) ? 0 : 1);
		if (i % 2) /* it has ended before anybody looks */
			assert_int_equal(waitid(P_PID, (id_t)w.pid,
						&(siginfo_t){ 0 },
						WEXITED | WNOWAIT), 0);
		start_relay(&w, -1, p[1]);
		assert_int_equal(ev_run(&w.ev, NULL), 0);
		close(p[1]);
		assert_int_equal(check_sequence(p[0], 4096, 0, SIZE_MAX), len);
		close(p[0]);
		close_world(&w);
	}
}

static void a_reader_that_stops_halts_nothing_and_gets_the_rest_later(
	void **state)
{
	enum { LEN = 20000 }; /* the pipe's 4096 and the relay's buffer */
	struct world w;
	int p[2], in[2];
	pid_t reader;
	char byte;

	open_world(&w, false);
	assert_int_equal(pipe(p), 0);
	assert_int_equal(fcntl(p[1], F_SETPIPE_SZ, 4096), 4096);
	assert_int_equal(pipe(in), 0);
	if (fork_container(&w)) {
		/* Prints more than the pipe takes, then waits for a key. */
		if (!write_sequence(1, LEN) || read(0, &byte, 1) != 1)
			_exit(1);
		_exit(byte == 'k' ? 0 : 2);
	}
	start_relay(&w, in[0], p[1]);
	for (int i = 0; i < 20; i++)
		ev_once(&w.ev, 20, NULL); /* stalled: 4096 bytes are in the pipe */
	assert_int_equal(write(in[1], "k", 1), 1);
	for (int i = 0; i < 400 && !w.relay.finishing; i++)
		ev_once(&w.ev, 10, NULL);
	assert_true(w.relay.finishing); /* it got the key all the same */
	assert_int_equal(w.status, 0);
	for (int i = 0; i < 5; i++)
		ev_once(&w.ev, 10, NULL);
	assert_int_equal(w.done, 0);

	reader = fork_reader(p[0], LEN, 100);
	while (!w.done)
		assert_true(ev_once(&w.ev, -1, NULL) >= 0);
	close(p[1]);
	assert_int_equal(wait_for(reader), 0);
	close(p[0]);
	close(in[0]);
	close(in[1]);
	close_world(&w);
}

static void a_reader_that_never_reads_is_left_by_stopping(void **state)
{
	size_t before = count_fds();
	struct world w;
	int p[2];

	open_world(&w, false);
	assert_int_equal(pipe(p), 0);
	assert_int_equal(fcntl(p[1], F_SETPIPE_SZ, 4096), 4096);
	if (fork_container(&w))
		_exit(write_sequence(1, 12000) ? 0 : 1);
	start_relay(&w, -1, p[1]);
	for (int i = 0; i < 400 && !w.relay.finishing; i++)
		ev_once(&w.ev, 10, NULL);
	assert_true(w.relay.finishing);
	assert_int_equal(ev_once(&w.ev, 50, NULL) >= 0, 1);
	assert_int_equal(w.done, 0);
	relay_stop(&w.relay, &w.ev);
	relay_stop(&w.relay, &w.ev);
	assert_int_equal(ev_once(&w.ev, -1, NULL), -EDEADLK);
	close(p[0]);
	close(p[1]);
	close_world(&w);
	assert_int_equal(count_fds(), before);
}

static void a_reader_that_has_seen_enough_does_not_stop_the_container(
	void **state)
{
	static const int kinds[] = { 0, SOCK_STREAM };

	for (size_t i = 0; i < ARRAY_LEN(kinds); i++) {
		struct world w;
		int p[2];

		open_world(&w, false);
		open_out(kinds[i], p);
		close(p[0]);
		if (fork_container(&w))
			_exit(write_sequence(1, 1 << 20) ? 0 : 1);
		start_relay(&w, -1, p[1]);
		assert_int_equal(ev_run(&w.ev, NULL), 0);
		assert_int_equal(w.status, 0);
		assert_int_equal(w.relay.error, 0);
		close(p[1]);
		close_world(&w);
	}
}

static void output_goes_to_files_and_a_full_one_is_reported(void **state)
{
	char name[] = "/tmp/test_relay.XXXXXX";
	int fd = mkstemp(name), full = open("/dev/full", O_WRONLY | O_CLOEXEC);
	struct world w;

	assert_true(fd >= 0);
	unlink(name);
	open_world(&w, false);
	if (fork_container(&w))
		_exit(write_sequence(1, 100000) ? 0 : 1);
	start_relay(&w, -1, fd);
	assert_int_equal(ev_run(&w.ev, NULL), 0);
	lseek(fd, 0, SEEK_SET);
	assert_int_equal(check_sequence(fd, 4096, 0, SIZE_MAX), 100000);
	close(fd);
	close_world(&w);

	assert_true(full >= 0);
	open_world(&w, false);
	if (fork_container(&w))
		_exit(write_sequence(1, 100000) ? 0 : 1);
	start_relay(&w, -1, full);
	assert_int_equal(ev_run(&w.ev, NULL), 0);
	assert_int_equal(w.relay.error, -ENOSPC);
	close(full);
	close_world(&w);
}

/* A pseudo-terminal's master cannot be opened again, so it stays shared and
 * blocking: the relay must not wait in write(2) for the one who reads there. */
static void a_shared_terminal_that_stalls_does_not_block_the_loop(void **state)
{
	enum { LEN = 200000 };
	struct termios raw;
	struct world w;
	int outer, screen;
	pid_t reader;
	int64_t start;

	assert_int_equal(openpty(&outer, &screen, NULL, NULL, NULL), 0);
	tcgetattr(screen, &raw);
	cfmakeraw(&raw);
	tcsetattr(screen, TCSANOW, &raw);
	open_world(&w, false);
	if (fork_container(&w)) {
		signal(SIGHUP, SIG_IGN);
		_exit(write_sequence(1, LEN) ? 0 : 1);
	}
	start_relay(&w, -1, outer); /* "the caller's terminal" */
	assert_int_equal(w.relay.out.to.kind, STREAM_POLLED);
	start = ev_now();
	while (ev_now() - start < 1000000000LL)
		assert_true(ev_once(&w.ev, 100, NULL) >= 0);
	assert_int_equal(w.done, 0); /* stalled, and the loop has come back */

	reader = fork();
	if (reader == 0)
		_exit(check_sequence(screen, 4096, 0, LEN) == LEN ? 0 : 1);
	while (!w.done)
		assert_true(ev_once(&w.ev, -1, NULL) >= 0);
	assert_int_equal(wait_for(reader), 0);
	close(outer);
	close(screen);
	close_world(&w);
}

static void an_init_may_close_the_terminal_and_open_it_again(void **state)
{
	char name[64], got[16] = "";
	struct world w;
	int p[2], fd;

	open_world(&w, false);
	assert_int_equal(ttyname_r(w.slave, name, sizeof(name)), 0);
	assert_int_equal(pipe(p), 0);
	if (fork_container(&w)) {
		close(0);
		close(1);
		close(2);
		usleep(300000);
		fd = open(name, O_RDWR | O_NOCTTY);
		if (fd < 0 || write(fd, "back", 4) != 4)
			_exit(1);
		usleep(200000);
		_exit(0);
	}
	start_relay(&w, -1, p[1]);
	while (!w.relay.finishing)
		assert_true(ev_once(&w.ev, -1, NULL) >= 0);
	assert_int_equal(w.status, 0);
	/* Not only at the end: it came while the container ran. */
	assert_int_equal(read(p[0], got, sizeof(got)), 4);
	assert_string_equal(got, "back");
	while (!w.done)
		assert_true(ev_once(&w.ev, -1, NULL) >= 0);
	close(p[0]);
	close(p[1]);
	close_world(&w);
}

static void a_terminal_that_nobody_has_open_costs_no_time(void **state)
{
	struct world w;
	int p[2], in[2], turns = 0;
	int64_t start;

	open_world(&w, false);
	assert_int_equal(pipe(p), 0);
	assert_int_equal(pipe(in), 0);
	if (fork_container(&w)) {
		close(0);
		close(1);
		close(2);
		usleep(600000);
		_exit(0);
	}
	/* More than the terminal takes. */
	if (fork() == 0) {
		close(in[0]);
		_exit(write_sequence(in[1], 300000) ? 0 : 1);
	}
	close(in[1]);
	start_relay(&w, in[0], p[1]);
	start = ev_now();
	while (ev_now() - start < 500000000LL)
		turns += ev_once(&w.ev, 50, NULL) > 0;
	assert_in_range(turns, 1, 400);
	while (!w.done)
		assert_true(ev_once(&w.ev, -1, NULL) >= 0);
	close(in[0]);
	while (waitpid(-1, NULL, 0) > 0)
		;
	close(p[0]);
	close(p[1]);
	close_world(&w);
}

static void processes_that_keep_the_terminal_open_are_not_waited_for(
	void **state)
{
	struct world w;
	int64_t start = ev_now();
	char got[16] = "";
	int p[2];

	open_world(&w, false);
	assert_int_equal(pipe(p), 0);
	if (fork_container(&w)) {
		if (fork() == 0) {
			sleep(20);
			_exit(0);
		}
		_exit(write(1, "bye", 3) == 3 ? 0 : 1);
	}
	start_relay(&w, -1, p[1]);
	assert_int_equal(ev_run(&w.ev, NULL), 0);
	assert_true(ev_now() - start < 5000000000LL);
	assert_int_equal(read(p[0], got, sizeof(got)), 3);
	assert_string_equal(got, "bye");
	close(p[0]);
	close(p[1]);
	close_world(&w); /* hangs up: the one left behind gets no more */
}

/* --- to the container ---------------------------------------------------------------- */

static void every_byte_comes_in_however_slow_the_container(void **state)
{
	static const useconds_t dawdle[] = { 0, 2000 };

	for (size_t i = 0; i < ARRAY_LEN(dawdle); i++) {
		size_t len = dawdle[i] ? 500000 : 4000000;
		struct world w;
		pid_t writer;
		int p[2];

		open_world(&w, false);
		assert_int_equal(pipe(p), 0);
		writer = fork();
		if (writer == 0)
			_exit(write_sequence(p[1], len) ? 0 : 1);
		close(p[1]);
		if (fork_container(&w))
			_exit(check_sequence(0, 3000, dawdle[i], len) ==
			      (long)len ? 0 : 1);
		start_relay(&w, p[0], -1);
		assert_int_equal(ev_run(&w.ev, NULL), 0);
		assert_int_equal(w.status, 0);
		assert_int_equal(wait_for(writer), 0);
		assert_int_equal(fcntl(p[0], F_GETFL) & O_NONBLOCK, 0);
		close(p[0]);
		close_world(&w);
	}
}

static void both_ways_at_once_lose_nothing(void **state)
{
	enum { LEN = 2000000 };
	pid_t writer, reader;
	int in[2], out[2];
	struct world w;

	open_world(&w, false);
	assert_int_equal(pipe(in), 0);
	assert_int_equal(pipe(out), 0);
	writer = fork();
	if (writer == 0)
		_exit(write_sequence(in[1], LEN) ? 0 : 1);
	close(in[1]);
	reader = fork_reader(out[0], LEN, 500);
	close(out[0]);
	if (fork_container(&w)) {
		char data[777];
		size_t left = LEN;

		while (left) { /* an echo */
			ssize_t n = read(0, data, sizeof(data));

			if (n <= 0 || write(1, data, (size_t)n) != n)
				_exit(1);
			left -= (size_t)n;
		}
		_exit(0);
	}
	start_relay(&w, in[0], out[1]);
	assert_int_equal(ev_run(&w.ev, NULL), 0);
	assert_int_equal(w.status, 0);
	assert_int_equal(wait_for(writer), 0);
	close(out[1]);
	assert_int_equal(wait_for(reader), 0);
	close(in[0]);
	close_world(&w);
}

/* What a reader in line mode gets when the caller's input ends. */
static void the_end_of_the_input_reaches_a_reader_in_line_mode(void **state)
{
	static const char *const t[] = {
		"", "a line\n", "no end of line", "two\nlines", "\n",
	};

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		struct world w;
		int p[2];

		open_world(&w, true);
		assert_int_equal(pipe(p), 0);
		if (fork_container(&w)) {
			char got[256] = "";
			size_t len = 0;
			ssize_t n;

			alarm(10);
			while ((n = read(0, got + len, sizeof(got) - 1 - len)) > 0)
				len += (size_t)n;
			_exit(n == 0 && strcmp(got, t[i]) == 0 ? 0 : 1);
		}
		start_relay(&w, p[0], -1);
		if (i % 2)
			ev_once(&w.ev, 20, NULL);
		assert_int_equal(write(p[1], t[i], strlen(t[i])), strlen(t[i]));
		if (i % 2) /* the data is through before the end comes */
			while (ev_once(&w.ev, 50, NULL) > 0)
				;
		close(p[1]);
		assert_int_equal(ev_run(&w.ev, NULL), 0);
		assert_int_equal(w.status, 0);
		close(p[0]);
		close_world(&w);
	}
}

static void the_input_may_be_a_file_or_nothing(void **state)
{
	static const char *const t[] = { "/dev/null", "/proc/self/comm", "/" };

	for (size_t i = 0; i < ARRAY_LEN(t); i++) {
		auto_fd in = open(t[i], O_RDONLY | O_CLOEXEC);
		struct world w;

		assert_true(in >= 0);
		open_world(&w, true);
		if (fork_container(&w)) {
			char got[64];

			alarm(10);
			while (read(0, got, sizeof(got)) > 0)
				;
			_exit(0);
		}
		start_relay(&w, in, -1);
		assert_int_equal(ev_run(&w.ev, NULL), 0);
		assert_int_equal(w.status, 0);
		close_world(&w);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_byte_comes_out_however_slow_the_reader),
		cmocka_unit_test(the_last_bytes_of_a_short_life_are_not_lost),
		cmocka_unit_test(a_reader_that_stops_halts_nothing_and_gets_the_rest_later),
		cmocka_unit_test(a_reader_that_never_reads_is_left_by_stopping),
		cmocka_unit_test(a_reader_that_has_seen_enough_does_not_stop_the_container),
		cmocka_unit_test(output_goes_to_files_and_a_full_one_is_reported),
		cmocka_unit_test(a_shared_terminal_that_stalls_does_not_block_the_loop),
		cmocka_unit_test(an_init_may_close_the_terminal_and_open_it_again),
		cmocka_unit_test(a_terminal_that_nobody_has_open_costs_no_time),
		cmocka_unit_test(processes_that_keep_the_terminal_open_are_not_waited_for),
		cmocka_unit_test(every_byte_comes_in_however_slow_the_container),
		cmocka_unit_test(both_ways_at_once_lose_nothing),
		cmocka_unit_test(the_end_of_the_input_reaches_a_reader_in_line_mode),
		cmocka_unit_test(the_input_may_be_a_file_or_nothing),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
