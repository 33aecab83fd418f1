/* SPDX-License-Identifier: Apache-2.0 */
#include "util/fdpass.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

/* Aligned as a header must be, with room for the most that a message has. */
union control {
	struct cmsghdr header;
	char space[CMSG_SPACE(FDPASS_MAX * sizeof(int))];
};

static ssize_t send_retry(int sock, const struct msghdr *m)
{
	ssize_t n;

	do
		n = sendmsg(sock, m, MSG_NOSIGNAL);
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : n;
}

static void put_fds(struct msghdr *h, union control *c, const struct fdpass *m)
{
	size_t bytes = m->n_fds * sizeof(int);
	struct cmsghdr *cm;

	if (!m->n_fds)
		return;
	memset(c, 0, CMSG_SPACE(bytes));
	h->msg_control = c;
	h->msg_controllen = CMSG_SPACE(bytes);
	cm = CMSG_FIRSTHDR(h);
	cm->cmsg_level = SOL_SOCKET;
	cm->cmsg_type = SCM_RIGHTS;
	cm->cmsg_len = CMSG_LEN(bytes);
	memcpy(CMSG_DATA(cm), m->fds, bytes);
}

int fdpass_send(int sock, const struct fdpass *m, struct err *e)
{
	struct iovec iov = { .iov_base = m->data, .iov_len = m->len };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	union control c;
	ssize_t n;

	if (!m->len || m->n_fds > FDPASS_MAX)
		return err_set(e, EINVAL,
			       "a message of %zu bytes cannot carry %zu "
			       "descriptors", m->len, m->n_fds);
	put_fds(&h, &c, m);
	do {
		n = send_retry(sock, &h);
		if (n < 0)
			return err_sys(e, (int)n, "send %zu descriptors",
				       m->n_fds);
		iov.iov_base = (char *)iov.iov_base + n;
		iov.iov_len -= (size_t)n;
		h.msg_control = NULL; /* they went with the first bytes */
		h.msg_controllen = 0;
	} while (iov.iov_len);
	return 0;
}

int fdpass_send_parts(int sock, const struct iovec *parts, size_t n_parts,
		      const struct fdpass *m, struct err *e)
{
	struct msghdr h = { .msg_iov = (struct iovec *)(uintptr_t)parts,
			    .msg_iovlen = n_parts };
	union control c;
	ssize_t n;

	if (m->n_fds > FDPASS_MAX)
		return err_set(e, EINVAL, "a message cannot carry %zu "
			       "descriptors", m->n_fds);
	put_fds(&h, &c, m);
	n = send_retry(sock, &h);
	return n < 0 ? err_sys(e, (int)n, "send %zu descriptors", m->n_fds) : 0;
}

/* --- receiving -------------------------------------------------------------- */

struct received {
	int fds[FDPASS_MAX + 1]; /* padding makes room for one too many */
	size_t n;
};

static void take_fds(struct msghdr *h, struct received *r)
{
	for (struct cmsghdr *cm = CMSG_FIRSTHDR(h); cm; cm = CMSG_NXTHDR(h, cm)) {
		size_t n = (cm->cmsg_len - CMSG_LEN(0)) / sizeof(int);

		if (cm->cmsg_level != SOL_SOCKET || cm->cmsg_type != SCM_RIGHTS)
			continue;
		if (n > sizeof(r->fds) / sizeof(int) - r->n)
			n = sizeof(r->fds) / sizeof(int) - r->n;
		memcpy(r->fds + r->n, CMSG_DATA(cm), n * sizeof(int));
		r->n += n;
	}
}

static int refuse(struct received *r, int code, struct err *e, const char *why)
{
	for (size_t i = 0; i < r->n; i++)
		close(r->fds[i]);
	return err_set(e, code, "%s", why);
}

/*
 * The kernel says MSG_CTRUNC both when our buffer is too small and when no
 * further descriptor may be opened here; only in the first case is every place
 * that it had taken.
 */
static int check(const struct msghdr *h, struct received *r,
		 const struct fdpass *m, struct err *e)
{
	if (h->msg_flags & MSG_TRUNC)
		return refuse(r, EMSGSIZE, e, "the message is too long");
	if (r->n > m->n_fds)
		return refuse(r, EMSGSIZE, e,
			      "the message has too many descriptors");
	if (!(h->msg_flags & MSG_CTRUNC))
		return 0;
	if (r->n == m->n_fds)
		return refuse(r, EMSGSIZE, e,
			      "the message has too many descriptors");
	return refuse(r, EMFILE, e,
		      "the limit of open files leaves no room for the "
		      "descriptors of a message");
}

int fdpass_recv(int sock, struct fdpass *m, struct err *e)
{
	struct iovec iov = { .iov_base = m->data, .iov_len = m->len };
	struct received r = { .n = 0 };
	union control c;
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1 };
	ssize_t n;
	int ret;

	if (m->n_fds > FDPASS_MAX)
		return err_set(e, EINVAL, "%zu descriptors in one message",
			       m->n_fds);
	if (m->n_fds) {
		h.msg_control = &c;
		h.msg_controllen = CMSG_SPACE(m->n_fds * sizeof(int));
	}
	do
		n = recvmsg(sock, &h, MSG_CMSG_CLOEXEC);
	while (n < 0 && errno == EINTR);
	if (n < 0)
		return err_sys(e, errno, "receive descriptors");

	take_fds(&h, &r);
	ret = check(&h, &r, m, e);
	if (ret < 0)
		return ret;
	if (r.n)
		memcpy(m->fds, r.fds, r.n * sizeof(int));
	m->len = (size_t)n;
	m->n_fds = r.n;
	return 0;
}
