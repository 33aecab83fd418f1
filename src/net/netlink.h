/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net/netlink.h - requests to the kernel's routing netlink, one at a time.
 *
 * A request is a header, attributes and NLM_F_ACK or NLM_F_DUMP; nl_request
 * sends it and reads until the kernel has answered all of it.  What comes in is
 * taken apart by nl_parse, which believes no length.
 *
 * Source: netlink(7), rtnetlink(7), Documentation/userspace-api/netlink.
 */
#ifndef NET_NETLINK_H
#define NET_NETLINK_H

#include <linux/netlink.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

#define NL_REQUEST_MAX 512	/* bytes; what berth asks for is far below */
#define NL_DATAGRAM_MAX 32768	/* the most that the kernel puts into one of a dump */

struct nl_socket {
	int fd; /* owned; -1: closed */
	uint32_t seq;
};

#define NL_SOCKET_NONE { .fd = -1 }
#define auto_nl_socket __attribute__((cleanup(nl_close))) struct nl_socket

/* nl_open - a socket in the caller's network namespace. */
int nl_open(struct nl_socket *ret, struct err *e);

/* nl_open_in - one in the namespace @netns (an fd), with the caller's rights.
 * The caller stays where it is: a child goes there for it. */
int nl_open_in(int netns, struct nl_socket *ret, struct err *e);

void nl_close(struct nl_socket *s);

/* --- requests ------------------------------------------------------------- */

struct nl_request {
	_Alignas(NLMSG_ALIGNTO) char bytes[NL_REQUEST_MAX];
	size_t len;
	bool overflow; /* sticky; nl_request reports it */
};

/* nl_begin - a request of @type with NLM_F_* @flags and its fixed header */
void nl_begin(struct nl_request *r, uint16_t type, uint16_t flags,
	      const void *header, size_t len);
void nl_put(struct nl_request *r, uint16_t type, const void *data, size_t len);
void nl_put_str(struct nl_request *r, uint16_t type, const char *s);
void nl_put_u32(struct nl_request *r, uint16_t type, uint32_t v);

/* Gets each message that answers: its type, and what is behind its header.
 * Return: 0; -errno ends the exchange with that. */
typedef int (*nl_message_fn)(void *user, uint16_t type, const void *data,
			     size_t len);

/**
 * nl_exchange - send a request and read the answer
 * @fn:		may be NULL when only success matters
 *
 * Return: 0; the kernel's -errno (@e has its own explanation where it gives
 *	   one, else strerror's); -EAGAIN: a dump was overtaken by a change, ask
 *	   again; -EPROTO: an answer that makes no sense; what @fn returned, without a text.
 */
int nl_exchange(struct nl_socket *s, struct nl_request *r, nl_message_fn fn,
		void *user, struct err *e);

/* --- answers --------------------------------------------------------------- */

/* How far an exchange has come. */
struct nl_answer {
	uint32_t seq;	  /* of the request; messages of others are skipped */
	nl_message_fn fn;
	void *user;
	bool over;	  /* acknowledged, done, or refused */
	bool interrupted; /* NLM_F_DUMP_INTR was seen */
	int error;	  /* 0 or the kernel's -errno */
	char text[128];	  /* the kernel's explanation of it, or "" */
};

/**
 * nl_parse - take one datagram apart
 * @bytes:	aligned to 4
 *
 * Return: 0 and a->over tells whether more is to come; -EPROTO for a length that
 *	   does not fit; what a->fn returned.
 */
int nl_parse(const void *bytes, size_t len, struct nl_answer *a);

/**
 * nl_attr - the first attribute of @type
 * @attrs:	aligned to 4
 *
 * Return: its data and length, NULL when there is none or a length before it
 *	   does not fit.
 */
const void *nl_attr(const void *attrs, size_t len, uint16_t type,
		    size_t *ret_len);

#endif
