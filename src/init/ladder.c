/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>
#include <sys/mman.h>

#include "init/init.h"

/* Room for one SCM_RIGHTS message of LADDER_FDS_PER_MSG fds. */
union fd_control {
	struct cmsghdr align;
	char bytes[CMSG_SPACE(sizeof(int) * LADDER_FDS_PER_MSG)];
};

static int send_msg(int fd, const struct ladder_msg *m, int pass_fd)
{
	struct iovec iov = { (void *)(uintptr_t)m, sizeof(*m) };
	char control[CMSG_SPACE(sizeof(int))];
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	long r;

	if (pass_fd >= 0) {
		struct cmsghdr *c = (struct cmsghdr *)(void *)control;

		memset(control, 0, sizeof(control));
		h.msg_control = control;
		h.msg_controllen = sizeof(control);
		c->cmsg_level = SOL_SOCKET;
		c->cmsg_type = SCM_RIGHTS;
		c->cmsg_len = CMSG_LEN(sizeof(int));
		memcpy(CMSG_DATA(c), &pass_fd, sizeof(int));
	}
	do
		r = sys_sendmsg(fd, &h, MSG_NOSIGNAL);
	while (r == -EINTR);
	return r < 0 ? (int)r : 0;
}

static void fill(struct ladder_msg *m, enum ladder_step step)
{
	memset(m, 0, offsetof(struct ladder_msg, text) + 1);
	m->magic = LADDER_MAGIC;
	m->version = PLAN_VERSION;
	m->step = (uint16_t)step;
}

int ladder_send(int fd, enum ladder_step step, int32_t value, int pass_fd)
{
	struct ladder_msg m;

	memset(&m, 0, sizeof(m));
	fill(&m, step);
	m.pid = value;
	return send_msg(fd, &m, pass_fd);
}

void ladder_send_failure(const struct init *in, const struct plan_op *op, int r)
{
	const char *what = op ? plan_get_str(&in->plan, op->what) : NULL;
	const char *parts[] = { what, in->step, in->note[0] ? in->note : NULL };
	struct ladder_msg m;
	struct text t = { m.text, m.text + sizeof(m.text) };

	memset(&m, 0, sizeof(m));
	fill(&m, LADDER_FAILED);
	m.code = -r;
	for (unsigned int i = 0; i < sizeof(parts) / sizeof(parts[0]); i++) {
		if (!parts[i])
			continue;
		if (t.at != m.text)
			text_put(&t, ": ");
		text_put(&t, parts[i]);
	}
	(void)send_msg(in->ladder, &m, -1);
}

struct fd_room { int *fds; uint32_t max, n; };

/* One datagram; its fds, at most @room->max of them, go to @room->fds. */
static int receive(int fd, struct ladder_msg *m, struct fd_room *room,
		   int flags)
{
	struct iovec iov = { m, sizeof(*m) };
	union fd_control control;
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	struct cmsghdr *c;
	long r;

	do
		r = sys_recvmsg(fd, &h, MSG_CMSG_CLOEXEC | flags);
	while (r == -EINTR);
	if (r < 0)
		return (int)r;
	if (r == 0)
		return -EPIPE;
	if ((size_t)r != sizeof(*m) || m->magic != LADDER_MAGIC ||
	    m->version != PLAN_VERSION || (h.msg_flags & MSG_CTRUNC))
		return -EPROTO;

	room->n = 0;
	c = h.msg_controllen >= sizeof(*c) ? &control.align : NULL;
	if (c && c->cmsg_level == SOL_SOCKET && c->cmsg_type == SCM_RIGHTS) {
		uint32_t n = (uint32_t)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));

		if (n > room->max)
			return -EPROTO;
		memcpy(room->fds, CMSG_DATA(c), n * sizeof(int));
		room->n = n;
	}
	return 0;
}

static int expect(int fd, enum ladder_step want, int32_t *ret_pid, int flags)
{
	struct fd_room none = { 0 };
	struct ladder_msg m;
	int r = receive(fd, &m, &none, flags);

	if (r < 0)
		return r;
	if (m.step != want)
		return -EPROTO;
	if (ret_pid)
		*ret_pid = m.pid;
	return 0;
}

int ladder_wait(int fd, enum ladder_step want, int32_t *ret_pid)
{
	return expect(fd, want, ret_pid, 0);
}

int ladder_look(int fd, enum ladder_step want)
{
	return expect(fd, want, NULL, MSG_DONTWAIT);
}

static int map_plan(struct init *in, int fd, uint32_t size)
{
	long p;

	if (size < sizeof(struct plan_header) || size > PLAN_MAX_BYTES)
		return -EPROTO;
	p = sys_call6(SYS_mmap, 0, size, PROT_READ | PROT_WRITE, MAP_PRIVATE,
		      fd, 0);
	sys_close(fd);
	if (p < 0 && p > -4096)
		return (int)p;
	return plan_open((const void *)p, size, &in->plan);
}

/* The first datagram carries the plan as its first fd, and all of them the
 * plan's fds in the order of their slots. */
int ladder_receive_plan(struct init *in)
{
	int batch[LADDER_FDS_PER_MSG];
	struct fd_room room = { batch, LADDER_FDS_PER_MSG, 0 };
	struct ladder_msg first, m;
	int r;

	r = receive(in->ladder, &first, &room, 0);
	if (r < 0)
		return r;
	if (first.step != LADDER_PLAN || first.n_fds > PLAN_MAX_FDS ||
	    room.n < 1 || room.n - 1 > first.n_fds)
		return -EPROTO;
	in->pid = first.pid;
	in->n_fds = room.n - 1;
	memcpy(in->fds, batch + 1, in->n_fds * sizeof(int));
	r = map_plan(in, batch[0], first.size);
	if (r < 0)
		return r;
	if (in->plan.header->n_fds != first.n_fds)
		return -EPROTO;

	while (in->n_fds < first.n_fds) {
		room = (struct fd_room){ in->fds + in->n_fds,
					 first.n_fds - in->n_fds, 0 };
		r = receive(in->ladder, &m, &room, 0);
		if (r < 0)
			return r;
		if (m.step != LADDER_PLAN || room.n == 0)
			return -EPROTO;
		in->n_fds += room.n;
	}
	return 0;
}
