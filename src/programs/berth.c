/* SPDX-License-Identifier: Apache-2.0 */
/* berth - the command line program. */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/cli.h"

/* A caller may start us with standard streams closed.  The next file that we
 * open would then become one, and a message end up in a container's state. */
static int open_std_fds(void)
{
	for (int fd = 0; fd <= STDERR_FILENO; fd++)
		if (fcntl(fd, F_GETFD) < 0 && errno == EBADF &&
		    open("/dev/null", O_RDWR) != fd)
			return -1;
	return 0;
}

int main(int argc, char **argv)
{
	if (open_std_fds() < 0)
		return CLI_FAILURE;
	return cli_main(argc, argv);
}
