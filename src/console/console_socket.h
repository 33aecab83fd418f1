/* SPDX-License-Identifier: Apache-2.0 */
/* console/console_socket.h - handing the terminal to whoever asked for it with
 * --console-socket (conmon, containerd's shim). */
#ifndef CONSOLE_CONSOLE_SOCKET_H
#define CONSOLE_CONSOLE_SOCKET_H

#include "util/err.h"

/**
 * console_socket_send - one message with the master of a pseudo-terminal
 * @path:	AF_UNIX stream socket; may be longer than sun_path
 * @master:	borrowed
 *
 * The message's bytes are the name of the terminal's other side ("/dev/pts/0"
 * as the container sees it), which receivers use in their messages.
 * Connecting and sending take five seconds at most.
 *
 * Return: 0 or -errno; -ETIMEDOUT; -ENOTTY when @master is no such master.
 */
int console_socket_send(const char *path, int master, struct err *e);

#endif
