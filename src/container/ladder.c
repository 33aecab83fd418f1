/* SPDX-License-Identifier: Apache-2.0 */
#include "container/ladder.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/init_image.h"
#include "util/auto.h"
#include "util/fdpass.h"
#include "util/fs.h"
#include "util/sys.h"
#include "wire/plan.h"

static const char step_names[][20] = {
	[LADDER_PLAN] = "plan",
	[LADDER_USERNS] = "user namespace",
	[LADDER_MAPPED] = "mapped",
	[LADDER_FORKED] = "forked",
	[LADDER_NAMESPACES] = "namespaces",
	[LADDER_HOST_READY] = "host ready",
	[LADDER_CONSOLE] = "console",
	[LADDER_READY] = "ready",
	[LADDER_COMMIT] = "commit",
	[LADDER_START] = "start",
	[LADDER_LISTENER] = "listener",
	[LADDER_FAILED] = "failed",
};

static struct ladder_msg message(enum ladder_step step)
{
	struct ladder_msg m = { .magic = LADDER_MAGIC, .version = PLAN_VERSION,
				.step = (uint16_t)step };

	return m;
}

static int send_message(int sock, const struct ladder_msg *m, int *fds,
			size_t n_fds, struct err *e)
{
	struct fdpass p = { .data = (void *)(uintptr_t)m, .len = sizeof(*m),
			    .fds = fds, .n_fds = n_fds };
	int r = fdpass_send(sock, &p, e);

	return r < 0 ? err_wrap(e, "start ladder, step \"%s\"",
				step_names[m->step])
		     : 0;
}

/* The peer has gone: what it said last, or else how it ended, comes out as soon
 * as its end of the socket is read. */
static bool has_gone(struct ladder *l, int r)
{
	if (r != -EPIPE && r != -ECONNRESET)
		return false;
	l->unread = true;
	return true;
}

int ladder_step(struct ladder *l, enum ladder_step step, struct err *e)
{
	struct ladder_msg m = message(step);
	int r;

	m.pid = l->pid;
	r = send_message(l->sock, &m, NULL, 0, e);
	if (has_gone(l, r))
		return 0;
	if (r < 0)
		return r;
	if (step == LADDER_START)
		l->started = true;
	if (step == LADDER_COMMIT)
		l->committed = true;
	return 0;
}

#define KILL_TIMEOUT_MS 10000 /* it may be stuck in a mount that never answers */

static void kill_and_reap(struct ladder *l)
{
	struct pollfd p = { .fd = l->pidfd, .events = POLLIN };
	siginfo_t info;

	sys_pidfd_send_signal(l->pidfd, SIGKILL);
	/* Whoever is told of the failure finds a stopped container. */
	while (poll(&p, 1, KILL_TIMEOUT_MS) < 0 && errno == EINTR)
		;
	if (l->ours)
		waitid(P_PIDFD, (id_t)l->pidfd, &info, WEXITED | WNOHANG);
}

/* The process that forked its sibling has nothing left to do, but somebody in
 * the container may hold it up. */
static void drop_forker(struct ladder *l)
{
	if (l->forker < 0)
		return;
	if (l->ev)
		ev_io_remove(l->ev, &l->forker_io);
	sys_pidfd_send_signal(l->forker, SIGKILL);
	waitid(P_PIDFD, (id_t)l->forker, NULL, WEXITED | WNOHANG);
	fd_close(&l->forker);
}

static void stop_watching(struct ladder *l)
{
	if (l->ev) {
		ev_io_remove(l->ev, &l->io);
		ev_io_remove(l->ev, &l->exit_io);
		ev_timer_stop(l->ev, &l->retry);
	}
	drop_forker(l);
	fd_close(&l->sock);
	fd_close(&l->flag_fd);
	/* Whoever closes the last fd of a detached mount waits in the kernel for
	 * all processors: not berth-init at its execve or while it unmounts the
	 * host's tree, but this process, when there is nothing else to do. */
	fd_close(&l->image);
}

void ladder_close(struct ladder *l)
{
	stop_watching(l);
	fd_close(&l->pidfd);
	l->listener = -1;
}

void ladder_abort(struct ladder *l)
{
	if (l->pidfd >= 0)
		kill_and_reap(l);
	ladder_close(l);
}

static void finish(struct ladder *l, int r, struct err *e)
{
	stop_watching(l);
	l->ops->done(l->user, r, e);
}

/* --- its end ------------------------------------------------------------------ */

/* The process ended without a word: how, if that can be told. */
static int explain_death(const siginfo_t *info, struct err *e)
{
	if (info->si_code == CLD_KILLED && info->si_status == SIGKILL)
		return err_set(e, ECHILD, "the container's first process was "
			       "killed before the program ran (a memory limit "
			       "that is too small for starting does this)");
	if (info->si_code == CLD_KILLED || info->si_code == CLD_DUMPED)
		return err_set(e, ECHILD, "the container's first process died of "
			       "signal %d before the program ran",
			       info->si_status);
	return err_set(e, ECHILD, "the container's first process ended before "
		       "the program ran");
}

static void ended(struct ladder *l)
{
	siginfo_t info = { 0 };
	struct err e = l->why;

	if (l->ours)
		waitid(P_PIDFD, (id_t)l->pidfd, &info, WEXITED | WNOHANG);
	if (!e.code)
		explain_death(&info, &e);
	finish(l, -e.code, &e);
}

static void on_end(struct ev *ev, void *user, unsigned int events)
{
	ended(user);
}

/* Killed already, or about to end: not so one that is stuck in a mount which
 * never answers, or that is not as dead as its end of the socket. */
static void on_no_end(struct ev *ev, void *user)
{
	struct ladder *l = user;

	sys_pidfd_send_signal(l->pidfd, SIGKILL);
	ended(l);
}

/* Whoever is told of the failure finds a stopped container.  @e: why, or NULL:
 * it will be seen how the process died. */
static void await_end(struct ladder *l, const struct err *e)
{
	if (l->ending)
		return;
	l->ending = true;
	if (e)
		l->why = *e;
	ev_io_remove(l->ev, &l->io);
	ev_io_remove(l->ev, &l->exit_io);
	if (ev_io_add(l->ev, &l->exit_io, l->pidfd, EV_READ, on_end, l) < 0)
		ev_timer_start(l->ev, &l->retry, 0, on_no_end, l);
	else
		ev_timer_start(l->ev, &l->retry, KILL_TIMEOUT_MS, on_no_end, l);
}

void ladder_fail(struct ladder *l, int r, struct err *e)
{
	sys_pidfd_send_signal(l->pidfd, SIGKILL);
	e->code = -r;
	await_end(l, e);
}

static void on_forker_exit(struct ev *ev, void *user, unsigned int events)
{
	drop_forker(user);
}

static int take_sibling(struct ladder *l, const struct ladder_msg *m, int fd,
			struct err *e)
{
	int r;

	/* A process that waited on its socket has forked long ago: what it would
	 * name now is not what this one is to kill when something fails. */
	if (fd < 0 || !l->ours || l->forker >= 0) {
		fd_close(&fd);
		return err_set(e, EPROTO, "start ladder: unexpected sibling");
	}
	ev_io_remove(l->ev, &l->exit_io);
	l->forker = l->pidfd;
	l->pidfd = fd;
	l->pid = m->pid;
	r = ev_io_add(l->ev, &l->forker_io, l->forker, EV_READ, on_forker_exit, l);
	if (r < 0)
		return err_sys(e, r, "start ladder");
	if (l->ops->forked && l->ops->forked(l->user, e) < 0)
		return -e->code;
	return ladder_step(l, LADDER_FORKED, e);
}

/* --- the listener of a seccomp filter ----------------------------------------
 * berth-init says which number it will have and can then make no system call;
 * it is fetched as soon as it is there, and a word in shared memory set. */

#define LISTENER_TRIES 5000 /* one millisecond apart */

static bool is_listener(int fd)
{
	char path[40], target[64];
	ssize_t n;

	snprintf(path, sizeof(path), "/proc/self/fd/%d", fd);
	n = readlink(path, target, sizeof(target) - 1);
	if (n < 0)
		return false;
	target[n] = '\0';
	return strcmp(target, "anon_inode:seccomp notify") == 0;
}

static int raise_flag(int mem)
{
	uint32_t *flag = mmap(NULL, sizeof(*flag), PROT_READ | PROT_WRITE,
			      MAP_SHARED, mem, 0);

	if (flag == MAP_FAILED)
		return -errno;
	__atomic_store_n(flag, 1, __ATOMIC_RELEASE);
	munmap(flag, sizeof(*flag));
	return 0;
}

static void fetch_listener(struct ev *ev, void *user)
{
	struct ladder *l = user;
	struct err e = { 0 };
	int fd = sys_pidfd_getfd(l->pidfd, l->listener), r;

	if (fd >= 0 && !is_listener(fd))
		fd_close(&fd);
	if (fd < 0 && ++l->tries < LISTENER_TRIES) {
		ev_timer_start(ev, &l->retry, 1, fetch_listener, l);
		return;
	}
	if (fd < 0) {
		r = err_set(&e, ETIMEDOUT, "fetch the seccomp listener: it did "
			    "not appear");
		ladder_fail(l, r, &e);
		return;
	}
	r = l->ops->listener(l->user, fd, &e);
	if (r == 0) {
		r = raise_flag(l->flag_fd);
		if (r < 0)
			err_sys(&e, r, "hand the seccomp listener over");
	}
	if (r < 0)
		ladder_fail(l, r, &e);
	fd_close(&l->flag_fd);
}

static int expect_listener(struct ladder *l, const struct ladder_msg *m, int fd,
			   struct err *e)
{
	if (fd < 0 || m->pid < 0 || !l->ops->listener || l->listener >= 0) {
		fd_close(&fd);
		return err_set(e, EPROTO, "start ladder: unexpected listener");
	}
	l->flag_fd = fd;
	l->listener = m->pid;
	l->tries = 0;
	ev_timer_start(l->ev, &l->retry, 0, fetch_listener, l);
	return 0;
}

/* --- steps ------------------------------------------------------------------ */

static int report(const struct ladder_msg *m, struct err *e)
{
	int code = m->code > 0 && m->code < 4096 ? m->code : EPROTO;

	/* The text is the peer's; it has no NUL that we can rely on.  ECANCELED is
	 * no failed system call: the text says it all (a hook's exit status). */
	if (code == ECANCELED)
		return err_set(e, code, "%.*s", (int)sizeof(m->text) - 1, m->text);
	if (code == ENOSYS)
		return err_set(e, code, "%.*s: this kernel lacks the system call "
			       "(berth needs Linux 5.14)",
			       (int)sizeof(m->text) - 1, m->text);
	return err_sys(e, code, "%.*s", (int)sizeof(m->text) - 1, m->text);
}

static int handle(struct ladder *l, const struct ladder_msg *m, int *fd,
		  struct err *e)
{
	const struct ladder_ops *ops = l->ops;

	switch (m->step) {
	case LADDER_USERNS:
		if (!ops->userns)
			break;
		return ops->userns(l->user, e);
	case LADDER_FORKED:
		return take_sibling(l, m, fd_take(fd), e);
	case LADDER_NAMESPACES:
		if (ops->namespaces)
			return ops->namespaces(l->user, e);
		return ladder_step(l, LADDER_HOST_READY, e);
	case LADDER_CONSOLE:
		if (*fd < 0 || !ops->console)
			break;
		return ops->console(l->user, fd_take(fd), e);
	case LADDER_READY:
		/* It may have said so just before the start came in. */
		return l->started ? 0 : ops->ready(l->user, e);
	case LADDER_LISTENER:
		return expect_listener(l, m, fd_take(fd), e);
	case LADDER_FAILED:
		return report(m, e);
	default:
		break;
	}
	return err_set(e, EPROTO, "start ladder: unexpected step %u", m->step);
}

static int receive(struct ladder *l, struct ladder_msg *m, int *ret_fd,
		   struct err *e)
{
	int fd = -EBADF, r;
	struct fdpass p = { .data = m, .len = sizeof(*m), .fds = &fd,
			    .n_fds = 1 };

	r = fdpass_recv(l->sock, &p, e);
	/* The peer went without having read all that it was sent.  The kernel says
	 * so first, and only then what the peer said before. */
	if (r == -ECONNRESET) {
		l->unread = true;
		r = fdpass_recv(l->sock, &p, e);
	}
	if (r == -ECONNRESET)
		return 0;
	if (r < 0)
		return err_wrap(e, "start ladder");
	if (p.len == 0)
		return 0;
	*ret_fd = p.n_fds ? fd : -EBADF;
	if (p.len == sizeof(*m) && m->magic == LADDER_MAGIC &&
	    m->version == PLAN_VERSION)
		return 1;
	fd_close(ret_fd);
	return err_set(e, EPROTO, "start ladder: malformed message");
}

static void on_readable(struct ev *ev, void *user, unsigned int events)
{
	struct ladder *l = user;
	auto_fd fd = -EBADF;
	struct ladder_msg m;
	struct err e = { 0 };
	int r = receive(l, &m, &fd, &e);

	if (r == 0) {
		if (l->started && !l->unread)
			finish(l, 0, &e);
		else
			await_end(l, NULL);
		return;
	}
	if (r > 0)
		r = handle(l, &m, &fd, &e);
	if (r < 0)
		ladder_fail(l, r, &e);
	else if (l->committed)
		finish(l, 0, &e);
}

/* --- beginning ---------------------------------------------------------------- */

/*
 * A process that dies between forking the sibling and telling about it leaves
 * its end of the socket open: in the sibling, which waits for an answer.
 */
static void on_process_exit(struct ev *ev, void *user, unsigned int events)
{
	struct ladder *l = user;
	struct pollfd p = { .fd = l->sock, .events = POLLIN };

	ev_io_remove(ev, &l->exit_io);
	if (poll(&p, 1, 0) == 0)
		await_end(l, NULL);
}

static int watch(struct ladder *l, struct err *e)
{
	int r = ev_io_add(l->ev, &l->io, l->sock, EV_READ, on_readable, l);

	if (r == 0 && l->ours)
		r = ev_io_add(l->ev, &l->exit_io, l->pidfd, EV_READ, on_process_exit, l);
	return r < 0 ? err_sys(e, r, "start ladder") : 0;
}

/* The finished plan, behind the message. */
struct outgoing {
	struct ladder_msg m;
	struct plan_header header;
	struct iovec parts[1 + PLAN_PARTS];
	int memfd; /* the plan, where it is too large for a datagram */
};

static int plan_memfd(struct outgoing *o, struct err *e)
{
	int r = 0;

	o->memfd = memfd_create("plan", MFD_CLOEXEC);
	if (o->memfd < 0)
		return err_sys(e, errno, "start plan: memfd_create");
	for (size_t i = 1; i <= PLAN_PARTS && r == 0; i++)
		r = fs_write_fully(o->memfd, o->parts[i].iov_base,
				   o->parts[i].iov_len);
	return r < 0 ? err_sys(e, r, "start plan: write") : 0;
}

/* The first message has the plan, and all of them have fds. */
static int send_plan(struct ladder *l, struct plan_builder *b,
		     struct outgoing *o, struct err *e)
{
	int batch[LADDER_FDS_PER_MSG];
	struct fdpass first = { .fds = batch };
	size_t sent = 0, n, total = (size_t)b->n_fds;
	int r;

	o->m.pid = l->pid;
	o->m.size = o->header.size;
	o->m.n_fds = (uint32_t)total;
	o->m.code = b->late;
	total -= b->late;
	if (o->memfd >= 0)
		batch[first.n_fds++] = o->memfd;
	while (first.n_fds < LADDER_FDS_PER_MSG && sent < total)
		batch[first.n_fds++] = b->fds[sent++];
	r = fdpass_send_parts(l->sock, o->parts,
			      o->memfd < 0 ? 1 + PLAN_PARTS : 1, &first, e);
	for (; r == 0 && sent < total; sent += n) {
		n = total - sent;
		if (n > LADDER_FDS_PER_MSG)
			n = LADDER_FDS_PER_MSG;
		r = send_message(l->sock, &o->m, b->fds + sent, n, e);
	}
	return r;
}

int ladder_spawn(struct ladder *l, struct spawn_args *args, struct err *e)
{
	auto_fd theirs = -EBADF;
	int pair[2], r;

	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		return err_sys(e, errno, "start ladder: socketpair");
	fd_close(&l->sock);
	l->sock = pair[0];
	theirs = pair[1];
	fd_close(&l->image);
	l->image = init_image_open(args->rootfd, e);
	if (l->image < 0)
		return l->image;
	args->image = l->image;
	args->ladder = theirs;
	args->room = &l->room;
	r = spawn_init(args, &l->pid, &l->pidfd, e);
	if (r < 0)
		return r;
	l->ours = true;
	r = watch(l, e);
	if (r < 0)
		kill_and_reap(l);
	return r;
}

/* It will not read its plan any more. */
static int how_it_ended(struct ladder *l, struct err *e)
{
	struct pollfd p = { .fd = l->pidfd, .events = POLLIN };
	siginfo_t info = { 0 };

	while (poll(&p, 1, KILL_TIMEOUT_MS) < 0 && errno == EINTR)
		;
	waitid(P_PIDFD, (id_t)l->pidfd, &info, WEXITED | WNOHANG);
	return explain_death(&info, e);
}

int ladder_send_plan(struct ladder *l, struct plan_builder *b, struct err *e)
{
	struct outgoing o = { .m = message(LADDER_PLAN), .memfd = -EBADF };
	int r = plan_parts(b, &o.header, o.parts + 1);

	if (r < 0)
		return err_sys(e, r, "start plan");
	o.parts[0] = (struct iovec){ &o.m, sizeof(o.m) };
	if (o.header.size > LADDER_INLINE_MAX)
		r = plan_memfd(&o, e);
	if (r == 0)
		r = send_plan(l, b, &o, e);
	fd_close(&o.memfd);
	return r == -EPIPE || r == -ECONNRESET ? how_it_ended(l, e) : r;
}

int ladder_send_late(struct ladder *l, int fd, struct err *e)
{
	struct ladder_msg m = message(LADDER_PLAN);
	int r = send_message(l->sock, &m, &fd, 1, e);

	return has_gone(l, r) ? 0 : r;
}

int ladder_adopt(struct ladder *l, int sock, pid_t pid, int pidfd,
		 struct err *e)
{
	l->sock = sock;
	l->pid = pid;
	l->pidfd = pidfd;
	l->ours = false;
	return watch(l, e);
}
