/* SPDX-License-Identifier: Apache-2.0 */
#include "console/tty.h"

#include <errno.h>
#include <signal.h>
#include <sys/ioctl.h>
#include <unistd.h>

/* tcsetattr(3) is interrupted when a stop and a continue come in between. */
static int set_mode(int fd, const struct termios *mode)
{
	int r;

	/* Not TCSADRAIN: a terminal stopped with ^S never drains.  Not
	 * TCSAFLUSH: what was typed ahead is meant for the container. */
	do
		r = tcsetattr(fd, TCSANOW, mode);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

int tty_make_raw(struct tty *t, int fd, struct err *e)
{
	struct termios mode;
	int r;

	if (tcgetattr(fd, &mode) < 0)
		return err_sys(e, errno, "read the terminal's mode");
	if (!t->raw)
		t->saved = mode;
	cfmakeraw(&mode);
	mode.c_cc[VMIN] = 1;
	mode.c_cc[VTIME] = 0;
	r = set_mode(fd, &mode);
	if (r < 0)
		return err_sys(e, r, "set the terminal to raw mode");
	t->fd = fd;
	t->raw = true;
	return 0;
}

bool tty_is_foreground(int fd)
{
	pid_t group = tcgetpgrp(fd);

	return group < 0 || group == getpgrp();
}

void tty_restore(struct tty *t)
{
	sigset_t ttou, before;

	if (!t->raw)
		return;
	t->raw = false;
	if (!tty_is_foreground(t->fd))
		return;
	/* The foreground can change hands after that look: then the kernel would
	 * stop us here for good. */
	sigemptyset(&ttou);
	sigaddset(&ttou, SIGTTOU);
	sigprocmask(SIG_BLOCK, &ttou, &before);
	set_mode(t->fd, &t->saved);
	sigprocmask(SIG_SETMASK, &before, NULL);
}

int tty_of(int in, int out)
{
	if (in >= 0 && isatty(in))
		return in;
	return out >= 0 && isatty(out) ? out : -1;
}

int tty_size(int fd, unsigned int *ret_rows, unsigned int *ret_columns)
{
	struct winsize size;

	if (ioctl(fd, TIOCGWINSZ, &size) < 0)
		return -errno;
	if (!size.ws_row && !size.ws_col)
		return -ENODATA;
	*ret_rows = size.ws_row;
	*ret_columns = size.ws_col;
	return 0;
}

int tty_copy_size(int from, int to)
{
	struct winsize size;

	if (ioctl(from, TIOCGWINSZ, &size) < 0)
		return -errno;
	if (!size.ws_row && !size.ws_col)
		return 0;
	return ioctl(to, TIOCSWINSZ, &size) < 0 ? -errno : 0;
}

void tty_stop_self(void)
{
	sigset_t tstp, before;

	sigemptyset(&tstp);
	sigaddset(&tstp, SIGTSTP);
	sigprocmask(SIG_BLOCK, &tstp, &before);
	raise(SIGTSTP);
	/* It takes effect here, and this returns once we are continued. */
	sigprocmask(SIG_UNBLOCK, &tstp, NULL);
	sigprocmask(SIG_SETMASK, &before, NULL);
}
