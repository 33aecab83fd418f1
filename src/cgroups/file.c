// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/file.c - single files of one cgroup: reading them, waiting on them.
 */
#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cgroups/internal.h"
#include "util/auto.h"
#include "util/sys.h"

#define EVENTS_MAX 256 /* cgroup.events has two lines */

ssize_t cgroup_read_value(int dirfd, const char *file, char *buf, size_t size)
{
	auto_fd fd = sys_openat(dirfd, file, O_RDONLY, 0);
	long n;

	if (fd < 0)
		return fd;
	do
		n = sys_read(fd, buf, size - 1);
	while (n == -EINTR);
	if (n < 0)
		return n;
	if ((size_t)n == size - 1)
		return -EFBIG;
	if (n && buf[n - 1] == '\n')
		n--;
	buf[n] = '\0';
	return n;
}

int cgroup_holds_processes(int dirfd)
{
	char pid[32];
	ssize_t n = cgroup_read_value(dirfd, "cgroup.procs", pid, sizeof(pid));

	if (n == -EFBIG)
		return 1;
	return n < 0 ? (int)n : n > 0;
}

static int64_t now_ms(void)
{
	struct timespec t;

	clock_gettime(CLOCK_MONOTONIC, &t);
	return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Whether @key has the value @want; reading also arms the next poll(2). */
static int event_is(int fd, const char *key, uint64_t want)
{
	char text[EVENTS_MAX];
	ssize_t n = pread(fd, text, sizeof(text) - 1, 0);
	uint64_t v;

	if (n < 0)
		return -errno;
	text[n] = '\0';
	if (!cgroup_flat_value(text, key, &v))
		return -ENOENT;
	return v == want;
}

/* What is left until @deadline in a form that poll(2) takes; -1: for ever. */
static int time_left(int64_t deadline)
{
	int64_t left;

	if (deadline < 0)
		return -1;
	left = deadline - now_ms();
	return left < 0 ? 0 : (int)left;
}

int cgroup_wait_event(int dirfd, const char *key, uint64_t want, int timeout_ms)
{
	auto_fd fd = sys_openat(dirfd, "cgroup.events", O_RDONLY, 0);
	int64_t deadline = timeout_ms < 0 ? -1 : now_ms() + timeout_ms;
	struct pollfd p = { .fd = fd, .events = POLLPRI };

	if (fd < 0)
		return fd;
	for (;;) {
		int r = event_is(fd, key, want);

		if (r)
			return r < 0 ? r : 0;
		r = poll(&p, 1, time_left(deadline));
		if (r == 0)
			return -ETIMEDOUT;
		if (r < 0 && errno != EINTR)
			return -errno;
	}
}
