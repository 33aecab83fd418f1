/* SPDX-License-Identifier: Apache-2.0 */
#include "container/handover.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "console/console_socket.h"
#include "security/seccomp.h"
#include "security/seccomp_notify.h"
#include "util/auto.h"
#include "util/fdpass.h"
#include "util/fs.h"
#include "util/usock.h"

#define PIDFD_TIMEOUT_MS 5000

int handover_terminal(const char *console_socket, int fd, int *keep,
		      struct err *e)
{
	auto_fd master = fd;

	if (console_socket)
		return console_socket_send(console_socket, master, e);
	fd_close(keep);
	*keep = fd_take(&master);
	return 0;
}

/* @asked: what asks for it, for the message. */
static int send_pidfd(const char *asked, const char *path, int pidfd,
		      struct err *e)
{
	char name[] = "pidfd";
	struct fdpass m = { .data = name, .len = sizeof(name) - 1, .fds = &pidfd,
			    .n_fds = 1 };
	auto_fd sock = usock_connect(AT_FDCWD, path, SOCK_STREAM,
				     PIDFD_TIMEOUT_MS, e);

	if (sock < 0)
		return err_wrap(e, "%s", asked);
	if (fdpass_send(sock, &m, e) < 0)
		return err_wrap(e, "%s %s", asked, path);
	return 0;
}

int handover_pid(const struct handover_pid *h, struct err *e)
{
	char text[16];
	int len = snprintf(text, sizeof(text), "%d", (int)h->pid), r = 0;

	if (h->pid_file && fs_replace(AT_FDCWD, h->pid_file, text, (size_t)len,
				      0644, e) < 0)
		return err_wrap(e, "--pid-file");
	if (h->pidfd_socket)
		r = send_pidfd("--pidfd-socket", h->pidfd_socket, h->pidfd, e);
	if (r == 0 && h->receiver)
		r = send_pidfd("annotations[\"run.oci.pidfd_receiver\"]",
			       h->receiver, h->pidfd, e);
	if (r < 0 && h->pid_file)
		unlink(h->pid_file);
	return r;
}

int handover_listener(const struct seccomp_program *p, int fd, pid_t pid,
		      const char *state, struct arena *a, struct err *e)
{
	struct seccomp_notify_info info = {
		.state = state,
		.metadata = p->listener_metadata,
		.pid = pid,
	};
	auto_fd listener = fd;
	const char *doc = state ? seccomp_notify_state(&info, a) : NULL;

	if (!doc)
		return err_set(e, ENOMEM, "linux.seccomp: out of memory");
	if (!p->listener_path)
		return err_set(e, EINVAL, "linux.seccomp.listenerPath: missing, "
			       "but a rule says SCMP_ACT_NOTIFY");
	return seccomp_notify_send(p->listener_path, listener, doc, e);
}
