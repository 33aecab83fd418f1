/* SPDX-License-Identifier: Apache-2.0 */
/* A user namespace for its maps alone, as id-mapped mounts want one. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespaces/idmap.h"
#include "util/auto.h"
#include "util/sys.h"

/* Whoever holds the namespace until it is open: does nothing but wait for the end
 * of @pipe's writers, of which berth is the only one. */
static _Noreturn void hold(const int pipe[2])
{
	char c;

	sys_close(pipe[1]);
	while (sys_read(pipe[0], &c, 1) == -EINTR)
		;
	_exit(0);
}

static int open_mapped(pid_t pid, const struct oci_id_mappings *uids,
		       const struct oci_id_mappings *gids, struct err *e)
{
	char path[40];
	int r = ns_write_map(pid, NS_UIDS, uids, NS_MAP_DIRECT, e);

	if (r == 0)
		r = ns_write_map(pid, NS_GIDS, gids, NS_MAP_DIRECT, e);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	r = sys_openat(AT_FDCWD, path, O_RDONLY, 0);
	return r < 0 ? err_sys(e, r, "open a user namespace") : r;
}

int ns_userns_fd(const struct oci_id_mappings *uids,
		 const struct oci_id_mappings *gids, struct err *e)
{
	struct clone_args args = { .flags = CLONE_NEWUSER,
				   .exit_signal = SIGCHLD };
	int pipe[2], fd;
	pid_t pid;

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return err_sys(e, errno, "make a user namespace: pipe");
	pid = (pid_t)SYS2(SYS_clone3, &args, sizeof(args));
	if (pid == 0)
		hold(pipe);
	close(pipe[0]);
	if (pid < 0)
		fd = err_sys(e, pid, "make a user namespace");
	else
		fd = open_mapped(pid, uids, gids, e);
	close(pipe[1]);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
	return fd;
}
