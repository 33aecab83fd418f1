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
#include <sys/ioctl.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include <cmocka.h>

#include "console/terminal.h"
#include "util/auto.h"

/* Two pseudo-terminals: the caller's, and the container's. */
struct pts {
	int screen, caller; /* master and slave of the caller's */
	int master, slave;  /* of the container's */
};

static void open_pts(struct pts *p)
{
	const struct winsize size = { .ws_row = 33, .ws_col = 101 };

	assert_int_equal(openpty(&p->screen, &p->caller, NULL, NULL, &size), 0);
	assert_int_equal(openpty(&p->master, &p->slave, NULL, NULL, NULL), 0);
}

static void close_pts(struct pts *p)
{
	close(p->screen);
	close(p->caller);
	close(p->master);
	close(p->slave);
}

static void get_mode(int fd, struct termios *t)
{
	memset(t, 0, sizeof(*t)); /* it has holes */
	assert_int_equal(tcgetattr(fd, t), 0);
}

static bool is_raw(int fd)
{
	struct termios t;

	assert_int_equal(tcgetattr(fd, &t), 0);
	return !(t.c_lflag & (ICANON | ECHO | ISIG)) && !(t.c_oflag & OPOST);
}

static void mode_and_size_are_taken_and_put_back(void **state)
{
	struct termios before, after;
	static struct terminal t;
	struct winsize size;
	struct pts p;
	struct ev ev;

	open_pts(&p);
	ev_init(&ev);
	get_mode(p.caller, &before);
	const struct relay_args a = { p.master, p.caller, p.caller };

	assert_int_equal(terminal_attach(&t, &ev, &a, NULL), 0);
	assert_true(is_raw(p.caller));
	assert_int_equal(ioctl(p.slave, TIOCGWINSZ, &size), 0);
	assert_int_equal(size.ws_row, 33);
	assert_int_equal(size.ws_col, 101);

	size.ws_row = 7;
	assert_int_equal(ioctl(p.screen, TIOCSWINSZ, &size), 0);
	raise(SIGWINCH);
	ev_once(&ev, 1000, NULL);
	assert_int_equal(ioctl(p.slave, TIOCGWINSZ, &size), 0);
	assert_int_equal(size.ws_row, 7);

	terminal_detach(&t, &ev);
	get_mode(p.caller, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	terminal_detach(&t, &ev);
	assert_int_equal(ev_once(&ev, -1, NULL), -EDEADLK);
	ev_done(&ev);
	close_pts(&p);
}

/* What is typed at the screen reaches the container, and its answer the screen. */
static void bytes_pass_in_both_directions_as_they_are(void **state)
{
	static const char typed[] = "a\003b\004\032\r";
	static struct terminal t;
	struct termios raw;
	char got[32] = "";
	struct pts p;
	struct ev ev;

	open_pts(&p);
	ev_init(&ev);
	tcgetattr(p.slave, &raw);
	cfmakeraw(&raw);
	tcsetattr(p.slave, TCSANOW, &raw);
	const struct relay_args a = { p.master, p.caller, p.caller };

	assert_int_equal(terminal_attach(&t, &ev, &a, NULL), 0);
	assert_int_equal(write(p.screen, typed, sizeof(typed)), sizeof(typed));
	while (ev_once(&ev, 100, NULL) > 0)
		;
	assert_int_equal(read(p.slave, got, sizeof(got)), sizeof(typed));
	assert_memory_equal(got, typed, sizeof(typed));
	assert_int_equal(write(p.slave, "x\ny", 3), 3);
	while (ev_once(&ev, 100, NULL) > 0)
		;
	assert_int_equal(read(p.screen, got, sizeof(got)), 3);
	assert_memory_equal(got, "x\ny", 3);
	terminal_detach(&t, &ev);
	ev_done(&ev);
	close_pts(&p);
}

static void a_pipe_before_it_leaves_the_terminals_mode_alone(void **state)
{
	static struct terminal t;
	struct winsize size;
	struct pts p;
	struct ev ev;
	int in[2];

	open_pts(&p);
	ev_init(&ev);
	assert_int_equal(pipe(in), 0);
	const struct relay_args a = { p.master, in[0], p.caller };

	assert_int_equal(terminal_attach(&t, &ev, &a, NULL), 0);
	assert_false(is_raw(p.caller));
	assert_int_equal(ioctl(p.slave, TIOCGWINSZ, &size), 0);
	assert_int_equal(size.ws_col, 101); /* the size is the screen's still */
	terminal_detach(&t, &ev);

	const struct relay_args b = { p.master, in[0], in[1] };

	assert_int_equal(terminal_attach(&t, &ev, &b, NULL), 0);
	terminal_detach(&t, &ev);
	ev_done(&ev);
	close(in[0]);
	close(in[1]);
	close_pts(&p);
}

static void a_size_of_zero_is_not_copied(void **state)
{
	struct winsize size = { .ws_row = 24, .ws_col = 80 }, zero = { 0 };
	struct pts p;

	open_pts(&p);
	assert_int_equal(ioctl(p.slave, TIOCSWINSZ, &size), 0);
	assert_int_equal(ioctl(p.caller, TIOCSWINSZ, &zero), 0);
	assert_int_equal(tty_copy_size(p.caller, p.master), 0);
	assert_int_equal(ioctl(p.slave, TIOCGWINSZ, &size), 0);
	assert_int_equal(size.ws_row, 24);
	assert_int_equal(tty_copy_size(-1, p.master), -EBADF);
	close_pts(&p);
}

static void what_is_no_terminal_is_refused(void **state)
{
	struct tty t = { 0 };
	struct err e = { 0 };
	int p[2];

	assert_int_equal(pipe(p), 0);
	assert_int_equal(tty_make_raw(&t, p[0], &e), -ENOTTY);
	assert_string_equal(e.text, "read the terminal's mode: Inappropriate "
				    "ioctl for device");
	assert_false(t.raw);
	tty_restore(&t);
	close(p[0]);
	close(p[1]);
}

static void setting_raw_twice_keeps_the_first_mode(void **state)
{
	struct termios before, after;
	struct tty t = { 0 };
	struct pts p;

	open_pts(&p);
	get_mode(p.caller, &before);
	assert_int_equal(tty_make_raw(&t, p.caller, NULL), 0);
	assert_int_equal(tty_make_raw(&t, p.caller, NULL), 0);
	tty_restore(&t);
	get_mode(p.caller, &after);
	assert_memory_equal(&before, &after, sizeof(before));
	close_pts(&p);
}

/* --- job control: a shell (us in a session of its own) and berth as its job ------- */

struct job {
	struct pts p;
	pid_t pid;
	int report; /* a byte for each thing that the job has done */
};

static void on_stop_asked(struct ev *ev, void *user,
			  const struct signalfd_siginfo *info)
{
	ev_stop(ev);
}

/* berth's part: relays until SIGUSR1, then puts everything back. */
static void be_berth(struct pts *p, int report)
{
	const struct relay_args a = { p->master, p->caller, p->caller };
	static struct terminal t;
	struct ev_signal stop = { 0 };
	struct ev ev;

	ev_init(&ev);
	ev_signal_add(&ev, &stop, SIGUSR1, on_stop_asked, NULL);
	if (terminal_attach(&t, &ev, &a, NULL) < 0)
		_exit(90);
	if (write(report, "r", 1) != 1)
		_exit(91);
	ev_run(&ev, NULL);
	terminal_detach(&t, &ev);
	ev_done(&ev);
	_exit(7);
}

static void expect(bool ok, int line)
{
	if (!ok) {
		fprintf(stderr, "shell: line %d\n", line);
		_exit(1);
	}
}
#define EXPECT(x) expect(x, __LINE__)

static void start_job(struct job *j, bool foreground)
{
	int report[2];

	EXPECT(pipe(report) == 0);
	j->pid = fork();
	EXPECT(j->pid >= 0);
	if (j->pid == 0) {
		signal(SIGTTOU, SIG_DFL);
		setpgid(0, 0);
		while (foreground && tcgetpgrp(j->p.caller) != getpid())
			usleep(1000);
		be_berth(&j->p, report[1]);
	}
	setpgid(j->pid, j->pid);
	if (foreground)
		EXPECT(tcsetpgrp(j->p.caller, j->pid) == 0);
	close(report[1]);
	j->report = report[0];
}

static void await_raw(struct job *j)
{
	char c;

	EXPECT(read(j->report, &c, 1) == 1);
	EXPECT(is_raw(j->p.caller));
}

static void await_stop(struct job *j, int sig)
{
	int status;

	EXPECT(waitpid(j->pid, &status, WUNTRACED) == j->pid);
	EXPECT(WIFSTOPPED(status) && WSTOPSIG(status) == sig);
}

static void await_exit(struct job *j)
{
	int status;

	EXPECT(waitpid(j->pid, &status, 0) == j->pid);
	EXPECT(WIFEXITED(status) && WEXITSTATUS(status) == 7);
}

static void await_mode(struct job *j, bool raw)
{
	for (int i = 0; i < 500 && is_raw(j->p.caller) != raw; i++)
		usleep(10000);
	EXPECT(is_raw(j->p.caller) == raw);
}

static void to_foreground(struct job *j, pid_t group)
{
	EXPECT(tcsetpgrp(j->p.caller, group) == 0);
}

static void stop_and_continue(struct job *j)
{
	start_job(j, true);
	await_raw(j);
	kill(j->pid, SIGTSTP);
	await_stop(j, SIGTSTP);
	EXPECT(!is_raw(j->p.caller));
	to_foreground(j, getpgrp());
	to_foreground(j, j->pid);
	kill(j->pid, SIGCONT);
	await_mode(j, true);
	kill(j->pid, SIGUSR1);
	await_exit(j);
	EXPECT(!is_raw(j->p.caller));
}

/* SIGSTOP cannot be seen; the shell puts its own mode back. */
static void stop_by_force(struct job *j)
{
	struct termios sane;

	tcgetattr(j->p.caller, &sane);
	start_job(j, true);
	await_raw(j);
	kill(j->pid, SIGSTOP);
	await_stop(j, SIGSTOP);
	to_foreground(j, getpgrp());
	tcsetattr(j->p.caller, TCSANOW, &sane);
	to_foreground(j, j->pid);
	kill(j->pid, SIGCONT);
	await_mode(j, true);
	kill(j->pid, SIGUSR1);
	await_exit(j);
	EXPECT(!is_raw(j->p.caller));
}

static void start_in_the_background(struct job *j)
{
	start_job(j, false);
	await_stop(j, SIGTTOU);
	EXPECT(!is_raw(j->p.caller));
	to_foreground(j, j->pid);
	kill(j->pid, SIGCONT);
	await_raw(j);
	kill(j->pid, SIGUSR1);
	await_exit(j);
	EXPECT(!is_raw(j->p.caller));
}

/* Continued in the background it leaves the terminal alone, and its end too. */
static void continue_in_the_background(struct job *j)
{
	start_job(j, true);
	await_raw(j);
	kill(j->pid, SIGTSTP);
	await_stop(j, SIGTSTP);
	to_foreground(j, getpgrp());
	kill(j->pid, SIGCONT);
	usleep(200000);
	EXPECT(!is_raw(j->p.caller));
	EXPECT(write(j->p.screen, "x\n", 2) == 2);
	await_stop(j, SIGTTIN); /* it would have read what is the shell's */
	to_foreground(j, j->pid);
	kill(j->pid, SIGCONT);
	await_mode(j, true);
	to_foreground(j, getpgrp());
	kill(j->pid, SIGUSR1); /* its end in the background */
	await_exit(j);
	EXPECT(is_raw(j->p.caller));
}

static void run_as_shell(void (*scene)(struct job *j))
{
	pid_t pid = fork();
	int status;

	assert_true(pid >= 0);
	if (pid == 0) {
		struct job j = { 0 };

		alarm(20);
		setsid();
		open_pts(&j.p);
		EXPECT(ioctl(j.p.caller, TIOCSCTTY, 0) == 0);
		signal(SIGTTOU, SIG_IGN);
		scene(&j);
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_stop_gives_the_terminal_back_until_it_is_continued(void **state)
{
	run_as_shell(stop_and_continue);
}

static void an_unseen_stop_is_made_good_when_it_is_continued(void **state)
{
	run_as_shell(stop_by_force);
}

static void in_the_background_it_waits_for_the_terminal(void **state)
{
	run_as_shell(start_in_the_background);
}

static void continued_in_the_background_it_does_not_touch_it(void **state)
{
	run_as_shell(continue_in_the_background);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mode_and_size_are_taken_and_put_back),
		cmocka_unit_test(bytes_pass_in_both_directions_as_they_are),
		cmocka_unit_test(a_pipe_before_it_leaves_the_terminals_mode_alone),
		cmocka_unit_test(a_size_of_zero_is_not_copied),
		cmocka_unit_test(what_is_no_terminal_is_refused),
		cmocka_unit_test(setting_raw_twice_keeps_the_first_mode),
		cmocka_unit_test(a_stop_gives_the_terminal_back_until_it_is_continued),
		cmocka_unit_test(an_unseen_stop_is_made_good_when_it_is_continued),
		cmocka_unit_test(in_the_background_it_waits_for_the_terminal),
		cmocka_unit_test(continued_in_the_background_it_does_not_touch_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
