/* SPDX-License-Identifier: Apache-2.0 */
#include "net/netlink.h"

#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "util/auto.h"
#include "util/sys.h"

/* --- sockets ---------------------------------------------------------------- */

static int open_socket(void)
{
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC, NETLINK_ROUTE);

	return fd < 0 ? -errno : fd;
}

/* Neither is vital: without them an error says less, and a dump more. */
static void configure(int fd)
{
	static const int on = 1;

	setsockopt(fd, SOL_NETLINK, NETLINK_EXT_ACK, &on, sizeof(on));
	setsockopt(fd, SOL_NETLINK, NETLINK_GET_STRICT_CHK, &on, sizeof(on));
}

int nl_open(struct nl_socket *ret, struct err *e)
{
	int fd = open_socket();

	if (fd < 0)
		return err_sys(e, fd, "open a netlink socket");
	configure(fd);
	*ret = (struct nl_socket){ .fd = fd };
	return 0;
}

#define STACK_BYTES 32768 /* two system calls */

struct errand {
	int netns;
	int fd; /* what came of it: a socket or -errno */
};

/* Shares this process's memory and table of fds, but not its namespaces; it
 * leaves its frame behind, where a sanitizer would look for it later. */
__attribute__((no_sanitize("address", "undefined"))) static int
go_there(void *arg)
{
	struct errand *errand = arg;

	if (syscall(SYS_setns, errand->netns, CLONE_NEWNET) < 0)
		errand->fd = -errno;
	else
		errand->fd = open_socket();
	_exit(0);
}

int nl_open_in(int netns, struct nl_socket *ret, struct err *e)
{
	_Alignas(16) char stack[STACK_BYTES];
	struct errand errand = { .netns = netns, .fd = -ECHILD };
	/* No exit signal: nobody else waits for this one. */
	pid_t pid = clone(go_there, stack + sizeof(stack),
			  CLONE_VM | CLONE_VFORK | CLONE_FILES, &errand);

	if (pid < 0)
		return err_sys(e, errno, "open a netlink socket: clone");
	while (waitpid(pid, NULL, __WCLONE) < 0 && errno == EINTR)
		;
	if (errand.fd < 0)
		return err_sys(e, errand.fd, "open a netlink socket in the "
			       "container's network namespace");
	configure(errand.fd);
	*ret = (struct nl_socket){ .fd = errand.fd };
	return 0;
}

void nl_close(struct nl_socket *s)
{
	fd_close(&s->fd);
}

/* --- requests ----------------------------------------------------------------- */

/* Room for @len bytes and their padding, zero; NULL: there is none. */
static void *reserve(struct nl_request *r, size_t len)
{
	size_t whole = NLMSG_ALIGN(len);
	void *at = r->bytes + r->len;

	if (len > sizeof(r->bytes) || whole > sizeof(r->bytes) - r->len) {
		r->overflow = true;
		return NULL;
	}
	memset(at, 0, whole);
	r->len += whole;
	return at;
}

void nl_begin(struct nl_request *r, uint16_t type, uint16_t flags,
	      const void *header, size_t len)
{
	struct nlmsghdr *h;
	void *at;

	r->len = 0;
	r->overflow = false;
	h = reserve(r, sizeof(*h));
	h->nlmsg_type = type;
	h->nlmsg_flags = NLM_F_REQUEST | flags;
	at = reserve(r, len);
	if (at)
		memcpy(at, header, len);
}

void nl_put(struct nl_request *r, uint16_t type, const void *data, size_t len)
{
	struct nlattr *a = len <= NL_REQUEST_MAX
				   ? reserve(r, sizeof(*a) + len) : NULL;

	if (!a) {
		r->overflow = true;
		return;
	}
	a->nla_type = type;
	a->nla_len = (uint16_t)(sizeof(*a) + len);
	memcpy(a + 1, data, len);
}

void nl_put_str(struct nl_request *r, uint16_t type, const char *s)
{
	nl_put(r, type, s, strlen(s) + 1);
}

void nl_put_u32(struct nl_request *r, uint16_t type, uint32_t v)
{
	nl_put(r, type, &v, sizeof(v));
}

static int send_request(struct nl_socket *s, struct nl_request *r)
{
	struct sockaddr_nl kernel = { .nl_family = AF_NETLINK };
	struct nlmsghdr *h = (struct nlmsghdr *)(void *)r->bytes;
	ssize_t n;

	if (r->overflow)
		return -EMSGSIZE;
	h->nlmsg_len = (uint32_t)r->len;
	h->nlmsg_seq = ++s->seq;
	do
		n = sendto(s->fd, r->bytes, r->len, 0,
			   (struct sockaddr *)&kernel, sizeof(kernel));
	while (n < 0 && errno == EINTR);
	return n < 0 ? -errno : 0;
}

/* One datagram of the kernel's; others on this machine can send to us as well. */
static ssize_t receive(struct nl_socket *s, char *buf, size_t size)
{
	for (;;) {
		struct sockaddr_nl from = { 0 };
		socklen_t len = sizeof(from);
		ssize_t n = recvfrom(s->fd, buf, size, MSG_TRUNC,
				     (struct sockaddr *)&from, &len);

		if (n < 0 && errno == EINTR)
			continue;
		if (n < 0)
			return -errno;
		if (len != sizeof(from) || from.nl_pid != 0)
			continue;
		return (size_t)n > size ? -EMSGSIZE : n;
	}
}

static int report(const struct nl_answer *a, struct err *e)
{
	if (a->text[0])
		return err_set(e, -a->error, "%s", a->text);
	return err_set(e, -a->error, "%s", strerror(-a->error));
}

int nl_exchange(struct nl_socket *s, struct nl_request *r, nl_message_fn fn,
		void *user, struct err *e)
{
	auto_mem char *buf = malloc(NL_DATAGRAM_MAX);
	struct nl_answer a = { .fn = fn, .user = user };
	ssize_t n = buf ? send_request(s, r) : -ENOMEM;

	a.seq = s->seq;
	while (n >= 0 && !a.over) {
		n = receive(s, buf, NL_DATAGRAM_MAX);
		if (n < 0)
			break;
		n = nl_parse(buf, (size_t)n, &a);
		if (n < 0 && n != -EPROTO)
			return (int)n;
	}
	if (n < 0)
		return err_sys(e, (int)n, "netlink");
	if (a.error)
		return report(&a, e);
	return a.interrupted ? -EAGAIN : 0;
}
