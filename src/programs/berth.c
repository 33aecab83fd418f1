/* SPDX-License-Identifier: Apache-2.0 */
/* berth - the command line program. */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "util/sys.h"

/* A caller may start us with standard streams closed.  The next file that we
 * open would then become one, and a message end up in a container's state. */
static int open_standard_streams(void)
{
	struct pollfd p[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	if (poll(p, 3, 0) <= 0)
		return 0;
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if ((p[fd].revents & POLLNVAL) && open("/dev/null", O_RDWR) != fd)
			return -errno;
	return 0;
}

static int cannot(const char *what, int r)
{
	dprintf(STDERR_FILENO, "berth: %s: %s\n", what, strerror(-r));
	return CLI_FAILURE;
}

int main(int argc, char **argv)
{
	int r = open_standard_streams();

	if (r < 0)
		return cannot("open /dev/null for a standard stream that is closed",
			      r);
	/* A caller may have it ignored, and then the kernel forgets how a child
	 * ended before anybody has asked. */
	r = sys_signal_default(SIGCHLD);
	if (r < 0)
		return cannot("put SIGCHLD back to its default", r);
	return cli_main(argc, argv);
}
