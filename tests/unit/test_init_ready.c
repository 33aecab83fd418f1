/* SPDX-License-Identifier: Apache-2.0 */
/* What berth-init keeps open while it waits for its start. */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/init.h"
#include "util/auto.h"

#define LAST 40 /* fds that a case is about: 3 to LAST */

static bool is_open(int fd)
{
	return fcntl(fd, F_GETFD) >= 0;
}

struct layout {
	unsigned int first; /* of the program's own fds */
	int ladder, procfs; /* -1: none */
};

/* In a child: the fds that are open afterwards, with those below @first and the
 * two that are needed left out, must be none. */
static int wait_and_look(const struct layout *l)
{
	/* The second operation is the one that needs the fd later on. */
	struct plan_op ops[] = {
		{ .code = PLAN_READY, .fd = { -1, -1 }, .num = { l->first } },
		{ .code = PLAN_LSM_EXEC, .fd = { -1, -1 } },
	};
	const struct plan_header header = { .n_ops = 2 };
	struct init in = { .proc = -1, .plan = { .header = &header, .ops = ops } };
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET, 0, pair) < 0)
		return 100;
	dup2(pair[0], 200);
	dup2(pair[1], 201);
	for (int fd = 3; fd <= LAST; fd++)
		dup2(2, fd);
	dup2(201, l->ladder);
	close(201);
	in.ladder = l->ladder;
	if (l->procfs >= 0) {
		in.fds[0] = l->procfs;
		ops[1].fd[0] = 0;
	}
	/* Nobody answers: the wait ends with the other end. */
	if (fork() == 0) {
		struct ladder_msg m;

		recv(200, &m, sizeof(m), 0);
		_exit(m.step == LADDER_READY ? 0 : 1);
	}
	close(200);
	r = op_ready(&in, &ops[0]);
	if (r != -EPIPE && r != -ECONNRESET)
		return 101;
	for (int fd = 3; fd <= LAST + 200; fd++) {
		bool wanted = fd < (int)l->first || fd == l->ladder ||
			      fd == l->procfs;

		if (fd <= LAST && wanted && !is_open(fd))
			return fd;
		if ((fd > LAST || !wanted) && is_open(fd))
			return fd;
	}
	return 0;
}

static void all_but_what_is_needed_is_closed(void **state)
{
	static const struct layout cases[] = {
		{ 3, 10, -1 },	{ 3, 3, -1 },	{ 3, LAST, -1 },
		{ 3, 10, 20 },	{ 3, 20, 10 },	{ 3, 10, 11 },
		{ 3, 3, 4 },	{ 3, 4, 3 },	{ 3, LAST, LAST - 1 },
		{ 5, 10, 20 },	{ 12, 30, 11 }, { 12, 10, 30 },
		{ 12, 12, 13 }, { 3, 9, 9 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int status;
		pid_t pid = fork();

		if (pid == 0)
			_exit(wait_and_look(&cases[i]));
		waitpid(pid, &status, 0);
		assert_true(WIFEXITED(status));
		if (WEXITSTATUS(status))
			fail_msg("case %zu: fd %d", i, WEXITSTATUS(status));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(all_but_what_is_needed_is_closed),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
