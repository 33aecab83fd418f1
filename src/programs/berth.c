/* SPDX-License-Identifier: Apache-2.0 */
/* berth - the command line program. */
#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include "cli/cli.h"

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
	if (open_std_fds() < 0)
		return CLI_FAILURE;
	return cli_main(argc, argv);
}
