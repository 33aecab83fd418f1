/* SPDX-License-Identifier: Apache-2.0 */
/* berth - the command line program. */
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include "cli/cli.h"
#include "util/sys.h"

/* A caller may start us with standard streams closed.  The next file that we
 * open would then become one, and a message end up in a container's state. */
static int open_std_fds(void)
{
	struct pollfd p[3] = { { .fd = 0 }, { .fd = 1 }, { .fd = 2 } };

	if (poll(p, 3, 0) <= 0)
		return 0;
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if ((p[fd].revents & POLLNVAL) && open("/dev/null", O_RDWR) != fd)
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	/* A caller may have it ignored, and then the kernel forgets how a child
	 * ended before anybody has asked. */
	if (sys_signal_default(SIGCHLD) < 0 || open_std_fds() < 0)
		return CLI_FAILURE;
	return cli_main(argc, argv);
}
