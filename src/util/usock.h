/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/usock.h - AF_UNIX sockets at paths of any length.
 *
 * sun_path has room for 107 bytes.  A longer path, or one below a directory
 * descriptor, is reached as /proc/self/fd/N/NAME of its directory; only the
 * last component is limited then.
 */
#ifndef UTIL_USOCK_H
#define UTIL_USOCK_H

#include <sys/socket.h>

#include "util/err.h"

/**
 * usock_connect - a connected socket
 * @dirfd:	AT_FDCWD or a directory for a relative @path
 * @path:	"@name" is the abstract socket "name" (a file whose name begins
 *		with @ is "./@name")
 * @type:	SOCK_STREAM, SOCK_SEQPACKET or SOCK_DGRAM, and SOCK_NONBLOCK
 * @timeout_ms:	how long connecting may wait for a listener whose queue is
 *		full, and sending later (SO_SNDTIMEO); 0: for ever
 *
 * Return: the socket, close-on-exec, owned by the caller; -ETIMEDOUT;
 *	   -ENAMETOOLONG; another -errno.  @e names @path.
 */
int usock_connect(int dirfd, const char *path, int type, int timeout_ms,
		  struct err *e);

/**
 * usock_bind - a socket bound to a new name
 *
 * Stream and sequenced types listen already.  Nothing that is there is removed:
 * a path in use is -EADDRINUSE.  The file's mode is 0777 & ~umask; who may
 * connect is a matter of its directory.
 *
 * Return: the socket, close-on-exec, owned by the caller, or -errno.
 */
int usock_bind(int dirfd, const char *path, int type, struct err *e);

#endif
