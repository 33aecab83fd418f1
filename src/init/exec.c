/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "init/init.h"
#include "util/weak.h"

/* Why @path cannot be executed: 0 and *@ret_why untouched when it can be. */
static int executable(const char *path, const char **ret_why)
{
	struct stat st;
	int r = (int)SYS4(SYS_newfstatat, AT_FDCWD, path, &st, 0);

	if (r < 0)
		return r;
	if (!S_ISREG(st.st_mode)) {
		*ret_why = " is not a file";
		return -EACCES;
	}
	/* As execve(2): even root needs one x bit. */
	if (!(st.st_mode & 0111)) {
		*ret_why = " has no x bit";
		return -EACCES;
	}
	return 0;
}

/* Engines look for the words of @what, in this case and with nothing between
 * them; first, because a long @path must not push them out of the note. */
static int cannot_execute(struct init *in, const char *what, const char *path,
			  const char *why)
{
	struct text t = { in->note, in->note + sizeof(in->note) };

	text_put(&t, what);
	text_put(&t, " \"");
	text_put(&t, path);
	text_put(&t, "\"");
	text_put(&t, why);
	return init_fail(in, -ECANCELED, NULL);
}

static bool has_slash(const char *s)
{
	while (*s && *s != '/')
		s++;
	return *s;
}

int op_find(struct init *in, const struct plan_op *op)
{
	uint32_t n;
	const char *path = plan_get_vec(&in->plan, op->str[0], &n);
	const char *name = plan_get_str(&in->plan, op->str[1]), *why = NULL;
	int r = -ENOENT;

	for (; n; n--, path += strlen(path) + 1) {
		int x = executable(path, &why);

		if (x == 0) {
			in->exec_path = path;
			return 0;
		}
		/* As execvp(3): go on, but remember that something was there. */
		if (x != -ENOENT && x != -ENOTDIR)
			r = x;
	}
	if (r == -EACCES)
		return cannot_execute(in, "permission denied: executable", name, why);
	if (r != -ENOENT)
		return init_fail(in, r, "open executable");
	return cannot_execute(in, has_slash(name) ?
			      "no such file or directory: executable" :
			      "executable file not found in $PATH:", name, NULL);
}

/* The socket that another berth connects to when the container is started.
 * Whoever connects and says nothing has only looked whether we still wait. */
static int wait_on_socket(struct init *in, int socket)
{
	for (;;) {
		int c = (int)SYS4(SYS_accept4, socket, NULL, NULL, SOCK_CLOEXEC);
		int r;

		if (c == -EINTR || c == -ECONNABORTED)
			continue;
		if (c < 0)
			return c;
		r = ladder_wait(c, LADDER_START, NULL);
		if (r == 0) {
			sys_close(in->ladder);
			in->ladder = c;
			return 0;
		}
		sys_close(c);
	}
}

static void close_between(unsigned int first, unsigned int last)
{
	if (first <= last)
		sys_close_range(first, last, 0);
}

/* What stays open over a wait, in ascending order. */
struct kept {
	int fd[8];
	unsigned int n;
};

static bool keep(struct kept *k, int fd)
{
	unsigned int i = k->n;

	if (fd < 0)
		return true;
	if (k->n == sizeof(k->fd) / sizeof(k->fd[0]))
		return false;
	for (; i > 0 && k->fd[i - 1] > fd; i--)
		k->fd[i] = k->fd[i - 1];
	k->fd[i] = fd;
	k->n++;
	return true;
}

/* What operations behind @op name: the hooks' output. */
static bool keep_for_later(const struct init *in, const struct plan_op *op,
			   struct kept *k)
{
	const struct plan_op *end = in->plan.ops + in->plan.header->n_ops;
	int last[2] = { PLAN_NO_FD, PLAN_NO_FD };

	for (op++; op < end; op++)
		for (int i = 0; i < 2; i++) {
			/* All hooks have the same ones. */
			if (op->fd[i] < 0 || op->fd[i] == last[i])
				continue;
			last[i] = op->fd[i];
			if (!keep(k, in->fds[op->fd[i]]))
				return false;
		}
	return true;
}

/* Closes what is behind @first but for @k. */
static void close_all_but(struct init *in, unsigned int first,
			  const struct kept *k)
{
	for (unsigned int i = 0; i < k->n; i++) {
		unsigned int fd = (unsigned int)k->fd[i];

		if (fd < first)
			continue;
		if (fd > first)
			close_between(first, fd - 1);
		first = fd + 1;
	}
	close_between(first, ~0u);
	in->root = in->host_null = in->empty_dir = in->proc = in->parent = -1;
}

int op_ready(struct init *in, const struct plan_op *op)
{
	int socket = op->fd[0] < 0 ? -1 : in->fds[op->fd[0]], r = -EAGAIN;
	struct kept k = { .n = 0 };

	/* A run that has nothing left to do has sent the start ahead. */
	if (socket < 0)
		r = ladder_look(in->ladder, LADDER_START);
	if (r != -EAGAIN)
		return init_fail(in, r, "wait for the start");
	/* The wait may be long, and an open fd keeps the host's mounts busy. */
	if (!keep(&k, in->ladder) || !keep(&k, socket) ||
	    !keep_for_later(in, op, &k))
		return init_fail(in, -EPROTO, "too many fds for after the start");
	if (!weak(DEFENCE_CLOSE_FDS))
		close_all_but(in, (unsigned int)op->num[0], &k);
	r = ladder_send(in->ladder, LADDER_READY, 0, -1);
	if (r == 0 && socket < 0) {
		r = ladder_wait(in->ladder, LADDER_START, NULL);
	} else if (r == 0) {
		r = ladder_wait(in->ladder, LADDER_COMMIT, NULL);
		if (r == 0)
			r = wait_on_socket(in, socket);
	}
	return init_fail(in, r, "wait for the start");
}

/* --- the environment --------------------------------------------------------- */

/* "HOME=…" in @text; "/" when the image has no word on it.  The image's file
 * may be a fifo or a device: it is opened without blocking, and looked at. */
static void home_variable(uint64_t uid, char *text, size_t size)
{
	struct text t = { text, text + size };
	struct stat st;
	int fd;

	text_put(&t, "HOME=");
	if (weak(DEFENCE_PASSWD_FILE))
		fd = sys_openat(AT_FDCWD, "/etc/passwd", O_RDONLY, 0);
	else
		fd = sys_openat2(AT_FDCWD, "/etc/passwd",
				 O_RDONLY | O_NONBLOCK | O_NOCTTY, 0,
				 RESOLVE_NO_MAGICLINKS);
	if (fd < 0 || sys_fstat(fd, &st) < 0 || !S_ISREG(st.st_mode) ||
	    !passwd_home(fd, uid, t.at, (size_t)(t.end - t.at)))
		text_put(&t, "/");
	if (fd >= 0)
		sys_close(fd);
}

/* --- execve ---------------------------------------------------------------- */

/* Most argument lists fit into what init has anyway. */
static char **pointer_space(struct init *in, size_t bytes)
{
	char **v = in->pointers + in->n_pointers;
	long m;

	if (bytes <= sizeof(in->pointers) - in->n_pointers * sizeof(char *)) {
		in->n_pointers += (uint32_t)(bytes / sizeof(char *));
		return v;
	}
	m = sys_call6(SYS_mmap, 0, (long)bytes, PROT_READ | PROT_WRITE,
		      MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	return m < 0 && m > -4096 ? NULL : (char **)m;
}

char **vector_pointers(struct init *in, uint32_t vec, uint32_t extra,
		       char *const *front)
{
	uint32_t n;
	const char *s = plan_get_vec(&in->plan, vec, &n);
	size_t bytes = ((size_t)n + extra + 1) * sizeof(char *);
	char **v = pointer_space(in, bytes);

	if (!v)
		return NULL;
	for (uint32_t i = 0; i < extra; i++)
		v[i] = front[i];
	for (uint32_t i = 0; i < n; i++, s += strlen(s) + 1)
		v[extra + i] = (char *)(uintptr_t)s;
	v[extra + n] = NULL;
	return v;
}

static int make_env(struct init *in, const struct plan_op *op)
{
	char *front[2];
	uint32_t extra = 0;

	if (op->flags & PLAN_F_HOME) {
		home_variable(op->num[0], in->home, sizeof(in->home));
		front[extra++] = in->home;
	}
	if (op->flags & PLAN_F_LISTEN_PID) {
		struct text t = { in->listen_pid,
				  in->listen_pid + sizeof(in->listen_pid) };

		text_put(&t, "LISTEN_PID=");
		text_number(&t, SYS0(SYS_getpid));
		front[extra++] = in->listen_pid;
	}
	in->env = vector_pointers(in, op->str[2], extra, front);
	return in->env ? 0 : -ENOMEM;
}

int op_args(struct init *in, const struct plan_op *op)
{
	in->args = vector_pointers(in, op->str[1], 0, NULL);
	return init_fail(in, in->args ? make_env(in, op) : -ENOMEM,
			 "make the argument list");
}

int op_exec(struct init *in, const struct plan_op *op)
{
	int r;

	if (!in->exec_path || !in->args)
		return init_fail(in, -EPROTO, "no program was found before");
	r = (int)SYS3(SYS_execve, in->exec_path, in->args, in->env);
	switch (r) {
	case -ENOENT:
		return cannot_execute(in, "no such file or directory: what",
				      in->exec_path, " names as its interpreter");
	case -EACCES:
		return cannot_execute(in, "permission denied: executable",
				      in->exec_path, NULL);
	default:
		return init_fail(in, r, in->exec_path);
	}
}
