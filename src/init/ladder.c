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

/* What a datagram may bring besides the message. */
struct extra {
	int *fds;
	uint32_t max, n; /* room for fds, then how many came */
	void *bytes;
	size_t size, len; /* room behind the message, then how much came */
	int flags;	  /* for recvmsg(2) */
};

static uint32_t count_fds(const struct msghdr *h, const struct cmsghdr *c)
{
	if (h->msg_controllen < sizeof(*c) || c->cmsg_level != SOL_SOCKET ||
	    c->cmsg_type != SCM_RIGHTS)
		return 0;
	return (uint32_t)((c->cmsg_len - CMSG_LEN(0)) / sizeof(int));
}

static void close_fds(const int *fds, uint32_t n)
{
	for (uint32_t i = 0; i < n; i++)
		sys_close(fds[i]);
}

/* A message that is refused leaves no fds behind: whoever waits for the start
 * looks at one connection after the other. */
static int receive(int fd, struct ladder_msg *m, struct extra *x)
{
	struct iovec iov[2] = { { m, sizeof(*m) }, { x->bytes, x->size } };
	union fd_control control;
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = x->size ? 2 : 1,
			    .msg_control = &control,
			    .msg_controllen = sizeof(control) };
	uint32_t n;
	long r;

	do
		r = sys_recvmsg(fd, &h, MSG_CMSG_CLOEXEC | x->flags);
	while (r == -EINTR);
	if (r < 0)
		return (int)r;
	n = count_fds(&h, &control.align);
	x->len = (size_t)r < sizeof(*m) ? 0 : (size_t)r - sizeof(*m);
	x->n = 0;
	if ((size_t)r < sizeof(*m) || m->magic != LADDER_MAGIC ||
	    m->version != PLAN_VERSION || n > x->max ||
	    (h.msg_flags & (MSG_CTRUNC | MSG_TRUNC))) {
		close_fds((const int *)(void *)CMSG_DATA(&control.align), n);
		return r ? -EPROTO : -EPIPE;
	}
	if (n)
		memcpy(x->fds, CMSG_DATA(&control.align), n * sizeof(int));
	x->n = n;
	return 0;
}

static int expect(int fd, enum ladder_step want, int32_t *ret_pid, int flags)
{
	struct extra none = { .flags = flags };
	struct ladder_msg m;
	int r = receive(fd, &m, &none);

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

/* @fd is closed. */
static int map_plan(struct init *in, int fd, uint32_t size)
{
	long p = -EPROTO;
	int r;

	if (size >= sizeof(struct plan_header) && size <= PLAN_MAX_BYTES)
		p = sys_call6(SYS_mmap, 0, size, PROT_READ | PROT_WRITE,
			      MAP_PRIVATE, fd, 0);
	sys_close(fd);
	if (p < 0 && p > -4096)
		return (int)p;
	r = plan_open((const void *)p, size, &in->plan);
	if (r < 0)
		SYS2(SYS_munmap, p, size);
	return r;
}

/* The plan is where @first says: in the datagram, of which it has @len bytes, or
 * in the first of the fds, which is none of the plan's slots then. */
static int find_plan(struct init *in, const struct ladder_msg *first, size_t len)
{
	int fd = in->fds[0];

	if (first->size <= LADDER_INLINE_MAX)
		return len == first->size
			       ? plan_open(in->inline_plan, len, &in->plan)
			       : -EPROTO;
	if (len || !in->n_fds)
		return -EPROTO;
	in->n_fds--;
	memmove(in->fds, in->fds + 1, in->n_fds * sizeof(int));
	return map_plan(in, fd, first->size);
}

/* Further datagrams bring fds only, those that come late among them. */
static int receive_fds(struct init *in, uint32_t total)
{
	struct ladder_msg m;

	while (in->n_fds < total) {
		struct extra x = { .fds = in->fds + in->n_fds,
				   .max = total - in->n_fds };
		int r = receive(in->ladder, &m, &x);

		if (r < 0)
			return r;
		in->n_fds += x.n;
		if (m.step != LADDER_PLAN || x.n == 0)
			return -EPROTO;
	}
	return 0;
}

int ladder_receive_plan(struct init *in)
{
	struct extra x = { .fds = in->fds, .max = LADDER_FDS_PER_MSG,
			   .bytes = in->inline_plan,
			   .size = sizeof(in->inline_plan) };
	struct ladder_msg first;
	int r = receive(in->ladder, &first, &x);

	if (r < 0)
		return r;
	in->n_fds = x.n;
	r = first.step == LADDER_PLAN ? find_plan(in, &first, x.len) : -EPROTO;
	if (r < 0)
		return r;
	if (in->plan.header->n_fds != first.n_fds || in->n_fds > first.n_fds)
		return -EPROTO;
	if (first.code < 0 || (uint32_t)first.code > first.n_fds)
		return -EPROTO;
	in->pid = first.pid;
	return receive_fds(in, first.n_fds - (uint32_t)first.code);
}

int ladder_receive_late(struct init *in)
{
	return receive_fds(in, in->plan.header->n_fds);
}
