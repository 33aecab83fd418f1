/* SPDX-License-Identifier: Apache-2.0 */
#include "console/console_socket.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/ioctl.h>

#include "util/auto.h"
#include "util/fdpass.h"
#include "util/usock.h"

#define TIMEOUT_MS 5000

int console_socket_send(const char *path, int master, struct err *e)
{
	unsigned int number;
	char name[32];
	struct fdpass m = { .data = name, .fds = &master, .n_fds = 1 };
	auto_fd sock = -1;
	int r;

	if (ioctl(master, TIOCGPTN, &number) < 0)
		return err_sys(e, errno, "name the container's terminal");
	m.len = (size_t)snprintf(name, sizeof(name), "/dev/pts/%u", number);

	sock = usock_connect(AT_FDCWD, path, SOCK_STREAM, TIMEOUT_MS, e);
	if (sock < 0)
		return err_wrap(e, "console socket");
	r = fdpass_send(sock, &m, e);
	if (r == -EAGAIN)
		return err_set(e, ETIMEDOUT, "console socket `%s`: nobody took "
			       "the terminal within %d s", path,
			       TIMEOUT_MS / 1000);
	return r < 0 ? err_wrap(e, "console socket `%s`", path) : 0;
}
