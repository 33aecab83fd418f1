/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/ps_proc.h"

#include <errno.h>
#include <fcntl.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cli/table.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"

#define COLUMNS 6
#define COMMAND_MAX 256 /* bytes of a command line that are shown */

/* The first word behind "KEY:" in /proc/PID/status, "" without it. */
static const char *status_word(struct arena *a, const char *status,
			       const char *key)
{
	size_t len = strlen(key);

	for (const char *line = status; line; line = strchr(line, '\n')) {
		line += *line == '\n';
		if (strncmp(line, key, len) != 0 || line[len] != ':')
			continue;
		line += len + 1;
		line += strspn(line, " \t");
		return arena_dup(a, line, strcspn(line, " \t\n"));
	}
	return "";
}

/* The arguments, blanks between them; a kernel thread, or a process that is
 * being born or has ended, has none: then its name in brackets. */
static const char *command(struct arena *a, pid_t pid, const char *status)
{
	char path[32], text[COMMAND_MAX];
	auto_fd fd = -EBADF;
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/cmdline", (int)pid);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	n = read(fd, text, sizeof(text));
	if (n <= 0)
		return arena_printf(a, "[%s]", status_word(a, status, "Name"));
	for (ssize_t i = 0; i < n - 1; i++)
		if (text[i] == '\0')
			text[i] = ' ';
	return arena_dup(a, text, (size_t)n);
}

/* One row, or false when the process is gone. */
static bool fill_row(struct arena *a, pid_t pid, const char **cells)
{
	char path[32], status[4096];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/%d/status", (int)pid);
	n = fs_read_small(AT_FDCWD, path, status, sizeof(status));
	if (n < 0)
		return false;
	cells[0] = status_word(a, status, "Uid");
	cells[1] = arena_printf(a, "%d", (int)pid);
	cells[2] = status_word(a, status, "PPid");
	cells[3] = status_word(a, status, "State");
	cells[4] = status_word(a, status, "VmRSS");
	cells[5] = command(a, pid, status);
	return true;
}

int ps_from_proc(struct arena *a, const struct pids *pids, struct err *e)
{
	static const char *const heading[COLUMNS] = { "UID",   "PID", "PPID",
						      "STATE", "RSS", "COMMAND" };
	const char **cells = arena_array(a, (pids->n + 1) * COLUMNS,
					 sizeof(char *));
	size_t rows = 1;

	if (!cells)
		return err_set(e, ENOMEM, "out of memory");
	memcpy(cells, heading, sizeof(heading));
	for (size_t i = 0; i < pids->n; i++)
		rows += fill_row(a, pids->v[i], cells + rows * COLUMNS);
	table_print(&(struct table){
		.columns = COLUMNS, .rows = rows, .cells = cells });
	return 0;
}
