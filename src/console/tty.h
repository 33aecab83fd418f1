/* SPDX-License-Identifier: Apache-2.0 */
/* console/tty.h - the mode and the size of a terminal (termios(3), tty_ioctl(4)). */
#ifndef CONSOLE_TTY_H
#define CONSOLE_TTY_H

#include <stdbool.h>
#include <termios.h>

#include "util/err.h"

/* Zero-initialise.  @saved is what tty_restore puts back. */
struct tty {
	int fd; /* borrowed */
	bool raw;
	struct termios saved;
};

/**
 * tty_make_raw - pass every byte through as it is, in both directions
 * @fd:		a terminal; borrowed until tty_restore
 *
 * Called again without tty_restore in between (somebody else has changed the
 * mode) it keeps what was saved first.
 *
 * A caller in the background is stopped by the kernel here (SIGTTOU), as any
 * full-screen program would be, and goes on in the foreground.
 *
 * Return: 0, -ENOTTY, -EIO (in the background of an orphaned process group).
 */
int tty_make_raw(struct tty *t, int fd, struct err *e);

/**
 * tty_restore - put back what tty_make_raw found
 *
 * Never waits, not for output either, and never stops the caller: in the
 * background the terminal is somebody else's and is left alone.  At rest it
 * does nothing.
 */
void tty_restore(struct tty *t);

/* tty_is_foreground - whether this process may use the terminal now.  True also
 * for a terminal that is not the controlling one: no job control there. */
bool tty_is_foreground(int fd);

/* tty_of - which of a caller's two streams is a terminal, @in first; -1: none. */
int tty_of(int in, int out);

/* tty_size - rows and columns; 0 or -errno, -ENODATA where they are unknown (0). */
int tty_size(int fd, unsigned int *ret_rows, unsigned int *ret_columns);

/* tty_copy_size - rows and columns of one terminal for another; 0 or -errno.  A
 * size of 0×0 (unknown) is not copied. */
int tty_copy_size(int from, int to);

/* tty_stop_self - stop this process as SIGTSTP would if it were not blocked:
 * until SIGCONT; not at all where nobody could send that (orphaned group). */
void tty_stop_self(void);

#endif
