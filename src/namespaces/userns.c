/* SPDX-License-Identifier: Apache-2.0 */
/* A user namespace for its maps alone, as id-mapped mounts want one. */
#include <errno.h>
#include <fcntl.h>
#include <linux/sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "namespaces/idmap.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/num.h"
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

/* Reap whoever held it: it ends with @pipe's last writer. */
static void let_go(pid_t pid, int writer)
{
	close(writer);
	while (pid > 0 && waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
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
	let_go(pid, pipe[1]);
	return fd;
}

/* --- the maps of one that is there ------------------------------------------------ */

#define MAP_TEXT_MAX (NS_MAP_LINES * 40)

static bool has_range(const char *text, const struct oci_id_mapping *want)
{
	for (const char *s = text; *s; s += strcspn(s, "\n"), s += *s == '\n') {
		uint64_t inside, outside, size;

		if (num_word(s, 0, UINT32_MAX, &inside) == 0 &&
		    num_word(s, 1, UINT32_MAX, &outside) == 0 &&
		    num_word(s, 2, UINT32_MAX, &size) == 0 &&
		    inside == want->container_id && outside == want->host_id &&
		    size == want->size)
			return true;
	}
	return false;
}

/* The kernel may keep the ranges in another order. */
static int compare(pid_t pid, enum ns_ids ids, const struct oci_id_mappings *m,
		   struct err *e)
{
	static const char *const files[] = { "uid_map", "gid_map" };
	static const char *const names[] = { "uidMappings", "gidMappings" };
	auto_mem char *text = NULL;
	char path[40];
	size_t len, lines = 0;
	int r;

	snprintf(path, sizeof(path), "/proc/%d/%s", (int)pid, files[ids]);
	r = fs_read_all(AT_FDCWD, path, MAP_TEXT_MAX, &text, &len, e);
	if (r < 0)
		return r;
	for (size_t i = 0; i < len; i++)
		lines += text[i] == '\n';
	for (size_t i = 0; i < m->n && lines == m->n; i++)
		if (!has_range(text, &m->v[i]))
			lines = SIZE_MAX;
	if (m->n && lines != m->n)
		return err_set(e, EINVAL, "linux.%s: not those of the user namespace "
			       "that is joined (linux.namespaces)", names[ids]);
	return 0;
}

/* Only a process in it shows its maps, as numbers of whoever reads them. */
int ns_check_joined(int fd, const struct oci_id_mappings *uids,
		    const struct oci_id_mappings *gids, struct err *e)
{
	struct clone_args args = { .exit_signal = SIGCHLD };
	int pipe[2], ready[2], r = 0;
	pid_t pid;
	char c;

	if (pipe2(pipe, O_CLOEXEC) < 0)
		return err_sys(e, errno, "join a user namespace: pipe");
	if (pipe2(ready, O_CLOEXEC) < 0) {
		close(pipe[0]);
		close(pipe[1]);
		return err_sys(e, errno, "join a user namespace: pipe");
	}
	pid = (pid_t)SYS2(SYS_clone3, &args, sizeof(args));
	if (pid == 0) {
		if (sys_setns(fd, CLONE_NEWUSER) < 0 ||
		    sys_write(ready[1], "j", 1) != 1)
			_exit(1);
		hold(pipe);
	}
	close(pipe[0]);
	close(ready[1]);
	if (pid < 0)
		r = err_sys(e, pid, "join a user namespace");
	else if (read(ready[0], &c, 1) != 1)
		r = err_set(e, EPERM, "linux.namespaces: user: it cannot be joined");
	if (r == 0)
		r = compare(pid, NS_UIDS, uids, e);
	if (r == 0)
		r = compare(pid, NS_GIDS, gids, e);
	close(ready[0]);
	let_go(pid, pipe[1]);
	return r;
}
