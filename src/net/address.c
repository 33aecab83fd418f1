/* SPDX-License-Identifier: Apache-2.0 */
#include "net/address.h"

#include <arpa/inet.h>
#include <errno.h>
#include <linux/if_addr.h>
#include <linux/rtnetlink.h>
#include <string.h>

#include "net/netlink.h"
#include "util/arena.h"

/* What somebody has chosen; the others say how far the address has come. */
#define CHOSEN_FLAGS (IFA_F_NODAD | IFA_F_HOMEADDRESS | IFA_F_MANAGETEMPADDR | \
		      IFA_F_NOPREFIXROUTE | IFA_F_MCAUTOJOIN)
#define TRIES 8 /* a dump that the kernel calls inconsistent is asked for again */

static uint8_t bytes_of(uint8_t family)
{
	return family == AF_INET ? 4 : family == AF_INET6 ? 16 : 0;
}

/* An attribute of exactly @len bytes; *@ret tells whether there was one. */
static int copy_attr(const void *attrs, size_t size, uint16_t type, void *to,
		     size_t len, uint8_t *ret)
{
	size_t n;
	const void *at = nl_attr(attrs, size, type, &n);

	*ret = at != NULL;
	if (!at)
		return 0;
	if (n != len)
		return -EPROTO;
	memcpy(to, at, len);
	return 0;
}

static int parse_attrs(const void *attrs, size_t size, struct net_address *a)
{
	uint8_t has_local, has_flags, has_metric;
	int r = copy_attr(attrs, size, IFA_LOCAL, a->local, a->len, &has_local);

	if (r == 0)
		r = copy_attr(attrs, size, IFA_ADDRESS, a->peer, a->len,
			      &a->has_peer);
	if (r == 0)
		r = copy_attr(attrs, size, IFA_FLAGS, &a->flags,
			      sizeof(a->flags), &has_flags);
	if (r == 0)
		r = copy_attr(attrs, size, IFA_RT_PRIORITY, &a->metric,
			      sizeof(a->metric), &has_metric);
	if (r == 0 && a->family == AF_INET)
		r = copy_attr(attrs, size, IFA_BROADCAST, a->broadcast, 4,
			      &a->has_broadcast);
	if (r < 0)
		return r;
	if (!has_local && !a->has_peer)
		return -EPROTO;
	/* IPv6 has only the one when there is no peer. */
	if (!has_local)
		memcpy(a->local, a->peer, sizeof(a->local));
	return 0;
}

int net_address_parse(const void *data, size_t len, uint32_t index,
		      struct net_address *ret)
{
	struct net_address a = { 0 };
	struct ifaddrmsg m;
	size_t head = NLMSG_ALIGN(sizeof(m));
	int r;

	if (len < sizeof(m))
		return -EPROTO;
	memcpy(&m, data, sizeof(m));
	a.family = m.ifa_family;
	a.len = bytes_of(m.ifa_family);
	if (m.ifa_index != index || m.ifa_scope != RT_SCOPE_UNIVERSE || !a.len)
		return 0;
	a.prefix = m.ifa_prefixlen;
	a.flags = m.ifa_flags; /* IFA_FLAGS has more of them */
	if (a.prefix > 8 * a.len)
		return -EPROTO;
	r = parse_attrs((const char *)data + head, len > head ? len - head : 0,
			&a);
	if (r < 0)
		return r;
	if (!(a.flags & IFA_F_PERMANENT))
		return 0;
	a.flags &= CHOSEN_FLAGS;
	*ret = a;
	return 1;
}

struct reading {
	uint32_t index;
	struct net_addresses *list;
};

static int take(void *user, uint16_t type, const void *data, size_t len)
{
	struct reading *rd = user;
	struct net_address a;
	int r;

	if (type != RTM_NEWADDR)
		return -EPROTO;
	r = net_address_parse(data, len, rd->index, &a);
	if (r <= 0)
		return r;
	if (rd->list->n == NET_ADDRESSES_MAX)
		return -E2BIG;
	rd->list->v[rd->list->n++] = a;
	return 0;
}

int net_addresses_read(struct nl_socket *s, uint32_t index, struct arena *a,
		       struct net_addresses *ret, struct err *e)
{
	const struct ifaddrmsg m = { .ifa_index = index };
	struct net_addresses list = { 0 };
	struct reading rd = { index, &list };
	struct nl_request r;
	int n = -EAGAIN;

	list.v = arena_array(a, NET_ADDRESSES_MAX, sizeof(*list.v));
	if (!list.v)
		return err_set(e, ENOMEM, "out of memory");
	for (int i = 0; i < TRIES && n == -EAGAIN; i++) {
		list.n = 0;
		nl_begin(&r, RTM_GETADDR, NLM_F_DUMP, &m, sizeof(m));
		n = nl_exchange(s, &r, take, &rd, e);
	}
	if (n == -E2BIG)
		return err_set(e, E2BIG, "it has more than %d addresses",
			       NET_ADDRESSES_MAX);
	if (n == -EAGAIN || n == -EPROTO)
		return err_sys(e, n, "read its addresses");
	if (n < 0)
		return err_wrap(e, "read its addresses");
	*ret = list;
	return 0;
}

static int set_one(struct nl_socket *s, uint32_t index,
		   const struct net_address *a, struct err *e)
{
	const struct ifaddrmsg m = {
		.ifa_family = a->family,
		.ifa_prefixlen = a->prefix,
		.ifa_scope = RT_SCOPE_UNIVERSE,
		.ifa_index = index,
	};
	struct nl_request r;

	nl_begin(&r, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE | NLM_F_REPLACE, &m,
		 sizeof(m));
	nl_put(&r, IFA_LOCAL, a->local, a->len);
	if (a->has_peer)
		nl_put(&r, IFA_ADDRESS, a->peer, a->len);
	if (a->has_broadcast)
		nl_put(&r, IFA_BROADCAST, a->broadcast, 4);
	if (a->flags)
		nl_put_u32(&r, IFA_FLAGS, a->flags);
	if (a->metric)
		nl_put_u32(&r, IFA_RT_PRIORITY, a->metric);
	return nl_exchange(s, &r, NULL, NULL, e);
}

int net_addresses_set(struct nl_socket *s, uint32_t index,
		      const struct net_addresses *l, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct net_address *a = &l->v[i];
		char text[INET6_ADDRSTRLEN];
		int r = set_one(s, index, a, e);

		if (r < 0)
			return err_wrap(e, "set its address %s/%u",
					inet_ntop(a->family, a->local, text,
						  sizeof(text)), a->prefix);
	}
	return 0;
}
