/* SPDX-License-Identifier: Apache-2.0 */
/* Bytes from the socket: every length is checked before it is used. */
#include <errno.h>
#include <string.h>

#include "net/netlink.h"

static size_t aligned(size_t len)
{
	return (len + NLMSG_ALIGNTO - 1) & ~(size_t)(NLMSG_ALIGNTO - 1);
}

const void *nl_attr(const void *attrs, size_t len, uint16_t type,
		    size_t *ret_len)
{
	const char *at = attrs;
	struct nlattr a;

	while (len >= sizeof(a)) {
		memcpy(&a, at, sizeof(a));
		if (a.nla_len < sizeof(a) || a.nla_len > len)
			return NULL;
		if ((a.nla_type & NLA_TYPE_MASK) == type) {
			*ret_len = a.nla_len - sizeof(a);
			return at + sizeof(a);
		}
		/* The last one may come without its padding. */
		if (aligned(a.nla_len) >= len)
			return NULL;
		at += aligned(a.nla_len);
		len -= aligned(a.nla_len);
	}
	return NULL;
}

/* The explanation is behind the request that was refused, of which there may be
 * only the header (NLM_F_CAPPED). */
static void take_text(struct nl_answer *a, const struct nlmsghdr *h,
		      const char *data, size_t len)
{
	struct nlmsghdr request;
	const char *text;
	size_t skip, n;

	a->text[0] = '\0';
	if (!(h->nlmsg_flags & NLM_F_ACK_TLVS) ||
	    len < sizeof(int32_t) + sizeof(request))
		return;
	memcpy(&request, data + sizeof(int32_t), sizeof(request));
	skip = sizeof(int32_t) + sizeof(request);
	if (!(h->nlmsg_flags & NLM_F_CAPPED)) {
		if (request.nlmsg_len < sizeof(request) ||
		    request.nlmsg_len > len - sizeof(int32_t))
			return;
		skip = sizeof(int32_t) + aligned(request.nlmsg_len);
	}
	if (skip > len)
		return;
	text = nl_attr(data + skip, len - skip, NLMSGERR_ATTR_MSG, &n);
	if (!text || n == 0)
		return;
	if (n > sizeof(a->text) - 1)
		n = sizeof(a->text) - 1;
	memcpy(a->text, text, n);
	a->text[n] = '\0';
}

/* An error message, and the end of a dump, begin with an errno; 0 is success. */
static int take_end(struct nl_answer *a, const struct nlmsghdr *h,
		    const char *data, size_t len)
{
	int32_t error = 0;

	/* Kernels before 5.0 end a dump with nothing. */
	if (len < sizeof(error) && h->nlmsg_type == NLMSG_ERROR)
		return -EPROTO;
	if (len >= sizeof(error))
		memcpy(&error, data, sizeof(error));
	if (error > 0 || error < -4095)
		return -EPROTO;
	a->over = true;
	a->error = error;
	if (error && h->nlmsg_type == NLMSG_ERROR)
		take_text(a, h, data, len);
	return 0;
}

static int take_message(struct nl_answer *a, const struct nlmsghdr *h,
			const char *data, size_t len)
{
	if (h->nlmsg_flags & NLM_F_DUMP_INTR)
		a->interrupted = true;
	switch (h->nlmsg_type) {
	case NLMSG_NOOP:
		return 0;
	case NLMSG_ERROR:
	case NLMSG_DONE:
		return take_end(a, h, data, len);
	case NLMSG_OVERRUN:
		return -EPROTO;
	default:
		return a->fn ? a->fn(a->user, h->nlmsg_type, data, len) : 0;
	}
}

int nl_parse(const void *bytes, size_t len, struct nl_answer *a)
{
	const char *at = bytes;
	struct nlmsghdr h;

	while (len && !a->over) {
		size_t whole;
		int r;

		if (len < sizeof(h))
			return -EPROTO;
		memcpy(&h, at, sizeof(h));
		if (h.nlmsg_len < sizeof(h) || h.nlmsg_len > len)
			return -EPROTO;
		/* Left over from a request that was given up. */
		r = h.nlmsg_seq == a->seq
			    ? take_message(a, &h, at + sizeof(h),
					   h.nlmsg_len - sizeof(h))
			    : 0;
		if (r < 0)
			return r;
		whole = aligned(h.nlmsg_len);
		if (whole >= len)
			break;
		at += whole;
		len -= whole;
	}
	return 0;
}
