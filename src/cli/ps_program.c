/* SPDX-License-Identifier: Apache-2.0 */
/* ps(1) knows more columns than we ever will: call it, keep our lines. */
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "cli/ps_proc.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/num.h"

#define OUTPUT_MAX (16 << 20) /* bytes that ps may print */

/* Starts ps with its output in a pipe. */
static int start_ps(char *const *argv, pid_t *ret_pid, int *ret_fd)
{
	posix_spawn_file_actions_t actions;
	auto_fd in = -EBADF, out = -EBADF;
	int fds[2], r;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return -errno;
	in = fds[1];
	out = fds[0];
	r = posix_spawn_file_actions_init(&actions);
	if (r != 0)
		return -r;
	r = posix_spawn_file_actions_adddup2(&actions, in, STDOUT_FILENO);
	if (r == 0)
		r = posix_spawnp(ret_pid, argv[0], &actions, NULL, argv,
				 environ);
	posix_spawn_file_actions_destroy(&actions);
	if (r != 0)
		return -r;
	*ret_fd = fd_take(&out);
	return 0;
}

static int wait_for(pid_t pid, struct err *e)
{
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return err_sys(e, errno, "wait for ps");
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return 0;
	return err_set(e, EIO, "ps: it failed with status %d",
		       WIFEXITED(status) ? WEXITSTATUS(status) :
					   128 + WTERMSIG(status));
}

static int read_ps(char *const *argv, char **ret, struct err *e)
{
	auto_mem char *text = NULL;
	auto_fd fd = -EBADF;
	size_t len;
	pid_t pid;
	int r = start_ps(argv, &pid, &fd);

	if (r < 0)
		return err_sys(e, r, "start ps");
	r = fs_read_fd(fd, "the output of ps", OUTPUT_MAX, &text, &len, e);
	fd_close(&fd); /* a ps that still writes ends with SIGPIPE */
	if (r < 0) {
		wait_for(pid, NULL);
		return r;
	}
	r = wait_for(pid, e);
	if (r < 0)
		return r;
	*ret = mem_take(&text);
	return 0;
}

/* The word at @index of a line; its length, 0 when there are fewer words. */
static size_t word_at(const char *line, size_t index, const char **ret)
{
	for (size_t i = 0;; i++) {
		size_t len;

		line += strspn(line, " \t");
		len = strcspn(line, " \t\n");
		if (len == 0 || i == index) {
			*ret = line;
			return len;
		}
		line += len;
	}
}

/* Which column of the heading is called PID. */
static int pid_column(const char *heading, size_t *ret, struct err *e)
{
	const char *word;
	size_t len;

	for (size_t i = 0; (len = word_at(heading, i, &word)) > 0; i++)
		if (len == 3 && memcmp(word, "PID", 3) == 0) {
			*ret = i;
			return 0;
		}
	return err_set(e, EINVAL,
		       "ps: no column PID in its output; let it print one");
}

static bool is_ours(const char *line, size_t column, const struct pids *pids)
{
	const char *word;
	size_t len = word_at(line, column, &word);
	uint64_t pid;

	if (num_u64n(word, len, INT32_MAX, &pid) < 0)
		return false;
	for (size_t i = 0; i < pids->n; i++)
		if ((uint64_t)pids->v[i] == pid)
			return true;
	return false;
}

int ps_from_ps(struct arena *a, const struct pids *pids, char **args,
	       struct err *e)
{
	auto_mem char *text = NULL;
	size_t n = 0, column = 0;
	char **argv;
	int r;

	while (args[n])
		n++;
	argv = arena_array(a, n + 3, sizeof(*argv));
	if (!argv)
		return err_set(e, ENOMEM, "out of memory");
	argv[0] = arena_strdup(a, "ps");
	argv[1] = arena_strdup(a, "-ef");
	if (n)
		memcpy(argv + 1, args, n * sizeof(*argv));
	r = read_ps(argv, &text, e);
	if (r == 0)
		r = pid_column(text, &column, e);
	if (r < 0)
		return r;
	for (char *line = text, *next; *line; line = next) {
		next = line + strcspn(line, "\n");
		next += *next == '\n';
		if (line == text || is_ours(line, column, pids))
			fwrite(line, 1, (size_t)(next - line), stdout);
	}
	return 0;
}
