/* SPDX-License-Identifier: Apache-2.0 */
#include "container/kin.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <sys/stat.h>

#include "container/record.h"
#include "util/auto.h"
#include "util/num.h"
#include "util/sys.h"

#define ROUNDS_MAX 100 /* of one that forks faster than it is killed */

bool kin_known(const struct record *r)
{
	return !r->cgroup && !r->own_pid_ns && r->own_mount_ns;
}

static bool is_in(const struct stat *ns, pid_t pid)
{
	char path[40];
	struct stat st;

	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)pid);
	return stat(path, &st) == 0 && st.st_ino == ns->st_ino &&
	       st.st_dev == ns->st_dev;
}

/* The pidfd pins the process before it is looked at again. */
static bool signal_one(const struct stat *ns, pid_t pid, int sig)
{
	auto_fd pidfd = -EBADF;

	if (!is_in(ns, pid))
		return false;
	pidfd = sys_pidfd_open(pid, 0);
	return pidfd >= 0 && is_in(ns, pid) &&
	       sys_pidfd_send_signal(pidfd, sig) == 0;
}

/* Return: how many, or -errno. */
static int signal_all(const struct stat *ns, int sig)
{
	auto_dir proc = opendir("/proc");
	struct dirent *d;
	uint64_t pid;
	int n = 0;

	if (!proc)
		return -errno;
	while ((d = readdir(proc)))
		if (num_u64(d->d_name, INT32_MAX, &pid) == 0)
			n += signal_one(ns, (pid_t)pid, sig);
	return n;
}

int kin_kill(const struct record *r, int sig, struct err *e)
{
	auto_fd pidfd = record_pidfd(r), ns = -EBADF;
	char path[40];
	struct stat st;
	int n;

	if (pidfd < 0)
		return pidfd;
	snprintf(path, sizeof(path), "/proc/%d/ns/mnt", (int)r->pid);
	/* As long as it is open its number is nobody else's. */
	ns = open(path, O_RDONLY | O_CLOEXEC);
	if (ns < 0 || fstat(ns, &st) < 0)
		return errno == ENOENT ? -ESRCH
				       : err_sys(e, errno, "open %s", path);
	/* Never everything that there is, whatever the record says. */
	if (is_in(&st, getpid()) || !is_in(&st, r->pid) ||
	    sys_pidfd_send_signal(pidfd, 0) < 0)
		return -ESRCH;
	n = signal_all(&st, sig);
	for (int i = 0; sig == SIGKILL && n > 0 && i < ROUNDS_MAX; i++)
		n = signal_all(&st, sig);
	return n < 0 ? err_sys(e, n, "look for the processes of container %s", r->id) : 0;
}
