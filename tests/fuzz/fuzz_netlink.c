/* SPDX-License-Identifier: Apache-2.0 */
/* A datagram from a netlink socket, and the addresses in it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "net/address.h"
#include "net/netlink.h"

#define INDEX 2

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Every attribute is inside of what it was looked for in. */
static void check_attrs(const char *data, size_t len)
{
	for (uint16_t type = 0; type < 12; type++) {
		size_t n;
		const char *at = nl_attr(data, len, type, &n);

		if (at && (at < data || n > len ||
			   (size_t)(at - data) > len - n))
			abort();
	}
}

static int take(void *user, uint16_t type, const void *data, size_t len)
{
	struct net_address a;

	check_attrs(data, len);
	if (net_address_parse(data, len, INDEX, &a) == 1 &&
	    (a.prefix > 8 * a.len || (a.len != 4 && a.len != 16)))
		abort();
	++*(size_t *)user;
	return 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	size_t messages = 0;
	struct nl_answer a = { .seq = 1, .fn = take, .user = &messages };
	void *bytes;
	int r;

	if (size > NL_DATAGRAM_MAX)
		return -1;
	bytes = malloc(size ? size : 1); /* so that its end is watched */
	if (!bytes)
		return 0;
	memcpy(bytes, data, size);
	r = nl_parse(bytes, size, &a);
	if (r > 0 || messages > size / sizeof(struct nlmsghdr) ||
	    memchr(a.text, '\0', sizeof(a.text)) == NULL ||
	    (a.error && !a.over))
		abort();
	free(bytes);
	return 0;
}
