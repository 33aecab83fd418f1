/* SPDX-License-Identifier: Apache-2.0 */
/* net/address.h - the addresses of a device that go where it goes. */
#ifndef NET_ADDRESS_H
#define NET_ADDRESS_H

#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct arena;
struct nl_socket;

#define NET_ADDRESSES_MAX 1024 /* of one device */

struct net_address {
	uint8_t family, prefix, len; /* of local and peer: 4 or 16 bytes */
	uint8_t has_peer, has_broadcast;
	uint8_t local[16], peer[16], broadcast[4];
	uint32_t flags, metric; /* IFA_F_*; 0: no metric of its own */
};

struct net_addresses {
	size_t n;
	struct net_address *v; /* in the arena */
};

/**
 * net_addresses_read - permanent ones of global scope, of every family
 *
 * Return: 0; -E2BIG past NET_ADDRESSES_MAX; -errno with a text.
 */
int net_addresses_read(struct nl_socket *s, uint32_t index, struct arena *a,
		       struct net_addresses *ret, struct err *e);

/* net_addresses_set - give them to the device @index. */
int net_addresses_set(struct nl_socket *s, uint32_t index,
		      const struct net_addresses *l, struct err *e);

/**
 * net_address_parse - what an RTM_NEWADDR message says
 * @data:	behind the netlink header, aligned to 4
 *
 * Return: 1; 0: not of the device @index, or not one that goes with it; -EPROTO.
 */
int net_address_parse(const void *data, size_t len, uint32_t index,
		      struct net_address *ret);

#endif
