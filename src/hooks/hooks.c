/* SPDX-License-Identifier: Apache-2.0 */
#include "hooks/hooks.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <string.h>
#include <sys/wait.h>

#include "hooks/spawn.h"
#include "oci/spec.h"
#include "util/auto.h"
#include "util/signame.h"
#include "util/sys.h"
#include "util/weak.h"

#define KILL_GRACE_MS 1000 /* for a killed hook to be gone */
#define READ_CHUNK 4096
#define DRAIN_READS 32 /* what a pipe can hold, and then some */

static void next(struct hooks *h, struct ev *ev);

static const struct oci_hook *current(const struct hooks *h)
{
	return &h->args.list->v[h->index];
}

/* --- what a hook prints ------------------------------------------------------- */

static void keep_tail(struct hooks *h, const char *data, size_t len)
{
	size_t keep;

	if (len > HOOKS_TAIL) {
		data += len - HOOKS_TAIL;
		len = HOOKS_TAIL;
	}
	keep = HOOKS_TAIL - len;
	if (keep > h->tail_len)
		keep = h->tail_len;
	memmove(h->tail, h->tail + h->tail_len - keep, keep);
	memcpy(h->tail + keep, data, len);
	h->tail_len = keep + len;
}

/* One read.  Return: whether there may be more now. */
static bool read_output(struct hooks *h, struct ev *ev)
{
	char data[READ_CHUNK];
	ssize_t n = read(h->out, data, sizeof(data));

	if (n > 0) {
		keep_tail(h, data, (size_t)n);
		return true;
	}
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return false;
	ev_io_remove(ev, &h->out_io);
	fd_close(&h->out);
	return false;
}

static void on_output(struct ev *ev, void *user, unsigned int events)
{
	read_output(user, ev);
}

/*
 * The last line that has something in it, without control characters: it goes
 * to a terminal or a log, and whoever wrote the hook's input may have chosen it.
 */
static const char *last_line(struct hooks *h, char line[static HOOKS_TAIL + 1])
{
	size_t end = h->tail_len, start;

	while (end > 0 && strchr("\n\r\t ", h->tail[end - 1]))
		end--;
	start = end;
	while (start > 0 && h->tail[start - 1] != '\n')
		start--;
	for (size_t i = start; i < end; i++) {
		unsigned char c = (unsigned char)h->tail[i];

		bool plain = c >= ' ' && c != 0x7f;

		line[i - start] = plain || weak(DEFENCE_PLAIN_TEXT) ? (char)c : '?';
	}
	line[end - start] = '\0';
	return line;
}

/* --- the state on its standard input -------------------------------------------- */

/*
 * The reading end stays open here too while there is something to write: so the
 * kernel never sends SIGPIPE for a hook that has closed its input, and how much
 * it reads is its own affair.
 */
static void write_state(struct hooks *h, struct ev *ev)
{
	size_t left = h->args.state_len - h->written;
	ssize_t n = left ? write(h->in, h->args.state + h->written, left) : 0;

	if (n > 0)
		h->written += (size_t)n;
	if (n < 0 && (errno == EAGAIN || errno == EINTR))
		return;
	if (n >= 0 && h->written < h->args.state_len)
		return;
	ev_io_remove(ev, &h->in_io);
	fd_close(&h->in);
}

static void on_writable(struct ev *ev, void *user, unsigned int events)
{
	struct hooks *h = user;

	write_state(h, ev);
	if (h->in < 0)
		fd_close(&h->in_peer);
}

static int open_pipe(int *ret_read, int *ret_write, int *nonblock_end)
{
	int p[2];

	if (pipe2(p, O_CLOEXEC) < 0)
		return -errno;
	*ret_read = p[0];
	*ret_write = p[1];
	/* Our end only: the two are separate open file descriptions. */
	return fcntl(*nonblock_end, F_SETFL, O_NONBLOCK) < 0 ? -errno : 0;
}

/* --- one hook -------------------------------------------------------------------- */

static void release(struct hooks *h, struct ev *ev)
{
	ev_child_remove(ev, &h->child);
	ev_io_remove(ev, &h->in_io);
	ev_io_remove(ev, &h->out_io);
	ev_timer_stop(ev, &h->timer);
	fd_close(&h->pidfd);
	fd_close(&h->in);
	fd_close(&h->in_peer);
	fd_close(&h->out);
}

static void name_failure(struct hooks *h, struct err *e)
{
	if (h->args.title)
		err_wrap(e, "%s: %s", h->args.title, current(h)->path);
	else
		err_wrap(e, "hook `%s` (%s[%zu])", current(h)->path,
			 h->args.name, h->index);
	if (h->failed)
		return;
	h->failed = -e->code;
	h->err = *e;
}

static void describe_exit(struct hooks *h, const siginfo_t *info, struct err *e)
{
	char name[SIGNAME_MAX], line[HOOKS_TAIL + 1];
	const char *said = last_line(h, line), *colon = *said ? ": " : "";

	if (h->timed_out)
		err_set(e, ETIMEDOUT, "timed out after %d s",
			current(h)->timeout.v);
	else if (info->si_code == CLD_EXITED)
		err_set(e, ECHILD, "exit status %d%s%s", info->si_status, colon,
			said);
	else
		err_set(e, ECHILD, "killed by %s%s%s",
			signame_of(info->si_status, name), colon, said);
}

static void on_exit_(struct ev *ev, void *user, const siginfo_t *info)
{
	struct hooks *h = user;
	bool ok = info->si_code == CLD_EXITED && info->si_status == 0;

	/* Not until the end of the file: a process that the hook has left behind
	 * may hold it open for ever. */
	for (int i = 0; h->out >= 0 && i < DRAIN_READS; i++)
		if (!read_output(h, ev))
			break;
	if (!ok || h->timed_out) {
		struct err e = { 0 };

		describe_exit(h, info, &e);
		name_failure(h, &e);
	}
	release(h, ev);
	h->index++;
	next(h, ev);
}

static void kill_hook(const struct hooks *h)
{
	kill(-h->pid, SIGKILL); /* its group, if it is still the leader of one */
	sys_pidfd_send_signal(h->pidfd, SIGKILL);
}

static void on_unkillable(struct ev *ev, void *user)
{
	struct hooks *h = user;
	struct err e = { 0 };

	err_set(&e, ETIMEDOUT, "timed out after %d s, and is still there after "
		"SIGKILL", current(h)->timeout.v);
	name_failure(h, &e);
	release(h, ev);
	h->index++;
	next(h, ev);
}

static void on_timeout(struct ev *ev, void *user)
{
	struct hooks *h = user;

	h->timed_out = true;
	kill_hook(h);
	ev_timer_start(ev, &h->timer, KILL_GRACE_MS, on_unkillable, h);
}

/* @pipe where the caller has no place for it. */
static int output_of(const struct hooks *h, int stream, int pipe)
{
	const int *given = h->args.output;

	return given && given[stream] >= 0 ? given[stream] : pipe;
}

static int start_process(struct hooks *h, int pipe)
{
	const struct oci_hook *hook = current(h);
	char *none[] = { NULL }, *path_only[] = { hook->path, NULL };
	const struct spawn_args a = {
		.path = hook->path,
		.argv = hook->args.n ? hook->args.v : path_only,
		.envp = hook->env.n ? hook->env.v : none,
		.cwd = h->args.cwd,
		.in = h->in_peer,
		.out = output_of(h, 0, pipe),
		.err = output_of(h, 1, pipe),
	};

	h->pid = spawn(&a, &h->pidfd);
	return h->pid < 0 ? h->pid : 0;
}

static int watch(struct hooks *h, struct ev *ev)
{
	const struct oci_opt_i32 *timeout = &current(h)->timeout;
	int r = ev_child_add(ev, &h->child, h->pidfd, on_exit_, h);

	if (r == 0)
		r = ev_io_add(ev, &h->out_io, h->out, EV_READ, on_output, h);
	if (r == 0 && h->in >= 0)
		r = ev_io_add(ev, &h->in_io, h->in, EV_WRITE, on_writable, h);
	if (r == 0 && timeout->set)
		ev_timer_start(ev, &h->timer, timeout->v * 1000LL, on_timeout,
			       h);
	return r;
}

static int start_hook(struct hooks *h, struct ev *ev)
{
	auto_fd out = -1;
	int r;

	h->written = 0;
	h->tail_len = 0;
	h->timed_out = false;
	r = open_pipe(&h->in_peer, &h->in, &h->in);
	if (r == 0)
		r = open_pipe(&h->out, &out, &h->out);
	if (r < 0)
		return r;
	write_state(h, ev); /* all of it, as a rule: a pipe takes 64 KiB */
	r = start_process(h, out);
	if (r < 0)
		return r;
	if (h->in < 0)
		fd_close(&h->in_peer);
	return watch(h, ev);
}

/* --- the list ---------------------------------------------------------------------- */

static void next(struct hooks *h, struct ev *ev)
{
	size_t n = h->args.list->n;
	struct err e = { 0 };
	int r;

	while (h->index < n && (!h->failed || h->args.keep_going)) {
		r = start_hook(h, ev);
		if (r == 0)
			return;
		hooks_cancel(h, ev);
		/* The text of the errno alone: name_failure says whose it is. */
		err_set(&e, -r, "%s", strerror(-r));
		name_failure(h, &e);
		h->index++;
	}
	h->fn(ev, h->user, h->failed);
}

static void on_start(struct ev *ev, void *user)
{
	next(user, ev);
}

void hooks_start(struct hooks *h, struct ev *ev, const struct hooks_args *a,
		 hooks_fn fn, void *user)
{
	memset(h, 0, sizeof(*h));
	h->args = *a;
	h->fn = fn;
	h->user = user;
	h->pidfd = h->in = h->in_peer = h->out = -1;
	ev_timer_start(ev, &h->timer, 0, on_start, h);
}

void hooks_cancel(struct hooks *h, struct ev *ev)
{
	if (h->pidfd >= 0) {
		struct pollfd p = { .fd = h->pidfd, .events = POLLIN };

		kill_hook(h);
		poll(&p, 1, KILL_GRACE_MS);
		waitid(P_PIDFD, (id_t)h->pidfd, &(siginfo_t){ 0 },
		       WEXITED | WNOHANG);
	}
	release(h, ev);
}

static void on_all_done(struct ev *ev, void *user, int err)
{
	(void)err;
	ev_stop(ev);
}

int hooks_run(const struct hooks_args *a, struct err *e)
{
	struct hooks h;
	struct ev ev;
	int r;

	if (!a->list->n)
		return 0;
	ev_init(&ev);
	hooks_start(&h, &ev, a, on_all_done, NULL);
	r = ev_run(&ev, e);
	if (r < 0) {
		hooks_cancel(&h, &ev);
	} else {
		r = h.failed;
		if (r < 0 && e)
			*e = h.err;
	}
	ev_done(&ev);
	return r;
}
