/* SPDX-License-Identifier: Apache-2.0 */
/* cli/create_options.h - the options that create and run share. */
#ifndef CLI_CREATE_OPTIONS_H
#define CLI_CREATE_OPTIONS_H

#include "cli/opt.h"
#include "container/container.h"

#define BUNDLE_OPTIONS                                                       \
	STRING(create_options, bundle, "bundle", 'b', "DIR",                 \
	       "directory of the bundle (.)"),                               \
	STRING(create_options, config, "config", 'f', "FILE",                \
	       "configuration to use instead of DIR/config.json"),           \
	STRING(create_options, console_socket, "console-socket", 0, "SOCKET", \
	       "Unix socket that is sent the container's terminal"),         \
	STRING(create_options, pid_file, "pid-file", 0, "FILE",              \
	       "write the process id of the container to FILE"),             \
	STRING(create_options, pidfd_socket, "pidfd-socket", 0, "SOCKET",    \
	       "Unix socket that is sent a pidfd of the container"),         \
	UINT(create_options, preserve_fds, "preserve-fds", 0, "N",           \
	     "pass N more file descriptors, from 3 on"),                     \
	FLAG(create_options, terminal, "terminal", 't',                      \
	     "give it a terminal, as process.terminal does"),                \
	FLAG(create_options, no_pivot, "no-pivot", 0,                        \
	     "do not use pivot_root; for a root on the initial ramfs"),      \
	FLAG(create_options, no_new_keyring, "no-new-keyring", 0,            \
	     "keep the caller's session keyring"),                           \
	FLAG(create_options, no_subreaper, "no-subreaper", 0,                \
	     "do not adopt the processes that the container leaves")

/* Letters that people know from running images. */
#define IMAGE_ONLY(ch, where) \
	REFUSED(NULL, ch, "is for images only; a bundle has " where)
#define IMAGE_OPTIONS                                                  \
	IMAGE_ONLY('e', "process.env in its config.json"),             \
	IMAGE_ONLY('w', "process.cwd in its config.json"),             \
	IMAGE_ONLY('u', "process.user in its config.json"),            \
	IMAGE_ONLY('v', "mounts in its config.json"),                  \
	IMAGE_ONLY('m', "linux.resources.memory in its config.json"),  \
	IMAGE_ONLY('p', "the network of the namespace that it joins")

#endif
