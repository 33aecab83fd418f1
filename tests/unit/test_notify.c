/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "util/auto.h"
#include "util/fdpass.h"
#include "util/notify.h"
#include "util/sys.h"
#include "util/usock.h"

struct world {
	char dir[64], host[128];
	int dirfd, host_socket;
	pid_t pid;
	int pidfd;
	struct ev ev;
	struct notify n;
	int calls, err;
	bool ready;
};

static void on_done(struct ev *ev, void *user, bool ready, int err)
{
	struct world *w = user;

	w->calls++;
	w->ready = ready;
	w->err = err;
	ev_stop(ev);
}

static void open_world(struct world *w, bool abstract)
{
	memset(w, 0, sizeof(*w));
	strcpy(w->dir, "/tmp/test_notify.XXXXXX");
	assert_non_null(mkdtemp(w->dir));
	w->dirfd = open(w->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	w->pid = fork();
	assert_true(w->pid >= 0);
	if (w->pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		pause();
		_exit(0);
	}
	w->pidfd = sys_pidfd_open(w->pid, 0);
	snprintf(w->host, sizeof(w->host), "%s%s-host", abstract ? "@" : "",
		 w->dir);
	w->host_socket = usock_bind(AT_FDCWD, w->host, SOCK_DGRAM, NULL);
	assert_true(w->host_socket >= 0);
	ev_init(&w->ev);
}

static int start(struct world *w)
{
	const struct notify_args a = { .dirfd = w->dirfd, .host = w->host,
				       .pid = w->pid, .pidfd = w->pidfd };

	return notify_start(&w->n, &w->ev, &a, on_done, w);
}

static void close_world(struct world *w)
{
	char command[256];

	kill(w->pid, SIGKILL);
	waitpid(w->pid, NULL, 0);
	notify_stop(&w->n, &w->ev);
	assert_int_equal(ev_once(&w->ev, -1, NULL), -EDEADLK);
	ev_done(&w->ev);
	close(w->dirfd);
	close(w->pidfd);
	if (w->host_socket >= 0)
		close(w->host_socket);
	snprintf(command, sizeof(command), "rm -rf %s %s-host", w->dir, w->dir);
	assert_int_equal(system(command), 0);
}

/* The container's side: a fresh socket for each message, as sd_notify does. */
static void say(struct world *w, const char *text, int fd)
{
	const struct fdpass m = { .data = (char[4096]){ 0 },
				  .len = strlen(text), .fds = &fd,
				  .n_fds = fd >= 0 };
	auto_fd s = usock_connect(w->dirfd, NOTIFY_NAME, SOCK_DGRAM, 1000,
				  NULL);

	assert_true(s >= 0);
	memcpy(m.data, text, m.len);
	assert_int_equal(fdpass_send(s, &m, NULL), 0);
}

static void check_host(struct world *w)
{
	char got[256] = "", want[64];

	snprintf(want, sizeof(want), "READY=1\nMAINPID=%d", w->pid);
	assert_true(recv(w->host_socket, got, sizeof(got) - 1,
			 MSG_DONTWAIT) > 0);
	assert_string_equal(got, want);
}

/* The barrier, taken and held: closing the result is what the host does. */
static int take_barrier(struct world *w)
{
	char got[64] = "";
	int fd = -1;
	struct fdpass m = { got, sizeof(got), &fd, 1 };

	assert_int_equal(fdpass_recv(w->host_socket, &m, NULL), 0);
	assert_string_equal(got, "BARRIER=1");
	assert_int_equal(m.n_fds, 1);
	return fd;
}

static size_t count_fds(void)
{
	size_t n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void readiness_is_passed_on_with_the_hosts_pid(void **state)
{
	for (int abstract = 0; abstract < 2; abstract++) {
		size_t before = count_fds();
		struct world w;
		int barrier;

		open_world(&w, abstract);
		assert_int_equal(start(&w), 0);
		assert_int_equal(ev_once(&w.ev, 20, NULL), 0);
		say(&w, "READY=1", -1);
		while (ev_once(&w.ev, 50, NULL) > 0)
			;
		check_host(&w);
		assert_int_equal(w.calls, 0); /* not before it was taken in */
		barrier = take_barrier(&w);
		close(barrier);
		assert_int_equal(ev_run(&w.ev, NULL), 0);
		assert_int_equal(w.calls, 1);
		assert_true(w.ready);
		assert_int_equal(w.err, 0);
		close_world(&w);
		assert_int_equal(count_fds(), before);
	}
}

static void only_readiness_counts(void **state)
{
	static const char *const not_ready[] = {
		"STATUS=Loading", "READY=0", "READY=1x", "XREADY=1", "READY=",
		"MAINPID=1\nSTATUS=READY=1", "\n\n", "WATCHDOG=1", "READY=1 ",
	};
	static const char *const ready[] = {
		"READY=1", "READY=1\n", "STATUS=up\nREADY=1", "\nREADY=1\nX=Y",
		"MAINPID=1\nREADY=1\nFDSTORE=1",
	};

	for (size_t i = 0; i < ARRAY_LEN(ready); i++) {
		struct world w;

		open_world(&w, false);
		assert_int_equal(start(&w), 0);
		for (size_t k = 0; k < ARRAY_LEN(not_ready); k++) {
			say(&w, not_ready[k], -1);
			ev_once(&w.ev, 100, NULL);
			assert_false(w.n.ready);
		}
		say(&w, ready[i], -1);
		while (ev_once(&w.ev, 50, NULL) > 0)
			;
		check_host(&w);
		close(take_barrier(&w));
		assert_int_equal(ev_run(&w.ev, NULL), 0);
		assert_true(w.ready);
		close_world(&w);
	}
}

static void the_containers_descriptors_are_not_kept(void **state)
{
	struct world w;
	size_t before;
	char byte;
	int p[2];

	open_world(&w, false);
	assert_int_equal(start(&w), 0);
	assert_int_equal(pipe(p), 0);
	before = count_fds();
	say(&w, "BARRIER=1", p[1]);
	close(p[1]);
	ev_once(&w.ev, 1000, NULL);
	assert_int_equal(count_fds(), before - 1);
	assert_int_equal(read(p[0], &byte, 1), 0); /* its barrier has fallen */
	close(p[0]);
	close_world(&w);
}

static void a_container_that_ends_before_ends_the_wait(void **state)
{
	struct world w;

	open_world(&w, false);
	assert_int_equal(start(&w), 0);
	kill(w.pid, SIGKILL);
	assert_int_equal(ev_run(&w.ev, NULL), 0);
	assert_int_equal(w.calls, 1);
	assert_false(w.ready);
	assert_int_equal(w.err, 0);
	close_world(&w);
}

/* Both are there when the loop looks, in whichever order the sources are. */
static void the_last_words_of_a_container_count(void **state)
{
	struct world w;

	open_world(&w, false);
	assert_int_equal(start(&w), 0);
	say(&w, "STATUS=1", -1);
	say(&w, "STATUS=2", -1);
	say(&w, "READY=1", -1);
	kill(w.pid, SIGKILL);
	waitid(P_PID, (id_t)w.pid, &(siginfo_t){ 0 }, WEXITED | WNOWAIT);
	while (!w.n.told)
		assert_true(ev_once(&w.ev, 1000, NULL) > 0);
	check_host(&w);
	close(take_barrier(&w));
	assert_int_equal(ev_run(&w.ev, NULL), 0);
	assert_true(w.ready);
	close_world(&w);
}

static void a_host_that_is_gone_is_named(void **state)
{
	struct world w;
	char want[512];

	open_world(&w, false);
	assert_int_equal(start(&w), 0);
	close(w.host_socket);
	w.host_socket = -1;
	say(&w, "READY=1", -1);
	assert_int_equal(ev_run(&w.ev, NULL), 0);
	assert_int_equal(w.err, -ECONNREFUSED);
	assert_true(w.ready);
	snprintf(want, sizeof(want), "tell `%s` that the container is ready: "
		 "connect to `%s`: Connection refused", w.host, w.host);
	assert_string_equal(w.n.err.text, want);
	close_world(&w);
}

static void a_full_queue_of_the_host_is_waited_for(void **state)
{
	struct world w;
	auto_fd s = -1;
	char text[64];
	int sent = 0;

	open_world(&w, false);
	assert_int_equal(start(&w), 0);
	s = usock_connect(AT_FDCWD, w.host, SOCK_DGRAM | SOCK_NONBLOCK, 0, NULL);
	assert_true(s >= 0);
	while (send(s, "noise", 5, 0) == 5)
		sent++;
	say(&w, "READY=1", -1);
	for (int i = 0; i < 5; i++)
		ev_once(&w.ev, 20, NULL);
	assert_false(w.n.told);
	while (sent--)
		assert_int_equal(recv(w.host_socket, text, sizeof(text), 0), 5);
	while (!w.n.told)
		assert_true(ev_once(&w.ev, 1000, NULL) > 0);
	assert_true(recv(w.host_socket, text, sizeof(text), 0) > 5);
	close(take_barrier(&w));
	assert_int_equal(ev_run(&w.ev, NULL), 0);
	assert_int_equal(w.err, 0);
	close_world(&w);
}

static void the_socket_is_for_every_user_and_replaces_an_old_one(void **state)
{
	struct world w;
	struct stat st;
	mode_t mask = umask(077);

	open_world(&w, false);
	close(usock_bind(w.dirfd, NOTIFY_NAME, SOCK_DGRAM, NULL));
	assert_int_equal(start(&w), 0);
	umask(mask);
	assert_int_equal(fstatat(w.dirfd, NOTIFY_NAME, &st, AT_SYMLINK_NOFOLLOW),
			 0);
	assert_int_equal(st.st_mode, S_IFSOCK | 0777);
	notify_stop(&w.n, &w.ev);
	notify_stop(&w.n, &w.ev);
	assert_int_equal(w.calls, 0);
	close_world(&w);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(readiness_is_passed_on_with_the_hosts_pid),
		cmocka_unit_test(only_readiness_counts),
		cmocka_unit_test(the_containers_descriptors_are_not_kept),
		cmocka_unit_test(a_container_that_ends_before_ends_the_wait),
		cmocka_unit_test(the_last_words_of_a_container_count),
		cmocka_unit_test(a_host_that_is_gone_is_named),
		cmocka_unit_test(a_full_queue_of_the_host_is_waited_for),
		cmocka_unit_test(the_socket_is_for_every_user_and_replaces_an_old_one),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
