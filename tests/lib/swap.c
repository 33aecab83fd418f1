/* SPDX-License-Identifier: Apache-2.0 */
/*
 * swap - exchange two files again and again, until it is killed.
 *
 *	swap A B
 *
 * One is what a runtime may look at, the other a link to what it must not touch.
 * It rests for random moments, so that each of the two is met at any step, and
 * ends after ten minutes.
 */
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <unistd.h>

int main(int argc, char **argv)
{
	unsigned int rest = 1;

	if (argc != 3) {
		fputs("usage: swap A B\n", stderr);
		return 2;
	}
	/* Nothing goes on when the test that started it is gone. */
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	alarm(600);
	for (;;) {
		if (renameat2(AT_FDCWD, argv[1], AT_FDCWD, argv[2],
			      RENAME_EXCHANGE) < 0) {
			perror("swap");
			return 1;
		}
		rest = rest * 1103515245 + 12345;
		for (volatile unsigned int i = rest >> 22; i; i--)
			;
	}
}
