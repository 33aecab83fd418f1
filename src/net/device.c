/* SPDX-License-Identifier: Apache-2.0 */
#include "net/device.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <net/if.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "net/address.h"
#include "net/netlink.h"
#include "oci/spec.h"
#include "util/arena.h"
#include "util/auto.h"

struct device {
	const struct oci_net_device *asked;
	struct net_addresses addresses;
	uint32_t index;	 /* where it is now */
	bool was_up;
	bool inside;	 /* it is in the container's namespace */
};

struct net_devices {
	struct nl_socket host, inside;
	int host_ns; /* owned */
	size_t n;
	struct device *v;
};

static int named(const struct device *d, struct err *e)
{
	return err_wrap(e, "linux.netDevices[\"%s\"]", d->asked->name);
}

/* --- single requests -------------------------------------------------------- */

struct link {
	uint32_t index, flags;
};

static int take_link(void *user, uint16_t type, const void *data, size_t len)
{
	struct ifinfomsg info;
	struct link *l = user;

	if (type != RTM_NEWLINK || len < sizeof(info))
		return -EPROTO;
	memcpy(&info, data, sizeof(info));
	if (info.ifi_index <= 0)
		return -EPROTO;
	l->index = (uint32_t)info.ifi_index;
	l->flags = info.ifi_flags;
	return 0;
}

static int find(struct nl_socket *s, const char *name, struct link *ret,
		struct err *e)
{
	const struct ifinfomsg info = { .ifi_family = AF_UNSPEC };
	struct nl_request r;

	nl_begin(&r, RTM_GETLINK, NLM_F_ACK, &info, sizeof(info));
	nl_put_str(&r, IFLA_IFNAME, name);
	/* What virtual functions count is long, and of no use here. */
	nl_put_u32(&r, IFLA_EXT_MASK, RTEXT_FILTER_SKIP_STATS);
	return nl_exchange(s, &r, take_link, ret, e);
}

/* A request for the device @index of @s's namespace, to be continued. */
static void begin_change(struct nl_request *r, uint32_t index, uint32_t up)
{
	const struct ifinfomsg info = {
		.ifi_family = AF_UNSPEC,
		.ifi_index = (int)index,
		.ifi_flags = up,
		.ifi_change = up,
	};

	nl_begin(r, RTM_NEWLINK, NLM_F_ACK, &info, sizeof(info));
}

static int rename_to(struct nl_socket *s, uint32_t index, const char *name,
		     struct err *e)
{
	struct nl_request r;

	begin_change(&r, index, 0);
	nl_put_str(&r, IFLA_IFNAME, name);
	return nl_exchange(s, &r, NULL, NULL, e);
}

static int set_up(struct nl_socket *s, uint32_t index, struct err *e)
{
	struct nl_request r;

	begin_change(&r, index, IFF_UP);
	return nl_exchange(s, &r, NULL, NULL, e);
}

/*
 * cross - from one namespace into another, under a name of its own
 *
 * Neither the name that it has nor the one that it is to get may be free where
 * it goes, and its index may be taken there, too: the name is what it is found
 * by.
 */
static int cross(struct nl_socket *from, struct nl_socket *to, int ns,
		 uint32_t *index, struct err *e)
{
	char name[IFNAMSIZ];
	struct nl_request r;
	struct link l;
	int n;

	snprintf(name, sizeof(name), "_berth%x", *index);
	begin_change(&r, *index, 0);
	nl_put_u32(&r, IFLA_NET_NS_FD, (uint32_t)ns);
	nl_put_str(&r, IFLA_IFNAME, name);
	n = nl_exchange(from, &r, NULL, NULL, e);
	if (n < 0)
		return n;
	n = find(to, name, &l, e);
	if (n < 0)
		return err_wrap(e, "find it where it went");
	*index = l.index;
	return 0;
}

/* --- one device --------------------------------------------------------------- */

static const char *wanted_name(const struct device *d)
{
	return d->asked->rename && d->asked->rename[0] ? d->asked->rename
						       : d->asked->name;
}

static int look(struct net_devices *d, struct device *v, struct arena *a,
		struct err *e)
{
	struct err ignored = { 0 };
	struct link l, other;
	int r = find(&d->host, v->asked->name, &l, e);

	if (r == -ENODEV)
		return err_set(e, ENODEV, "the host has no such network device");
	if (r < 0)
		return r;
	v->index = l.index;
	v->was_up = l.flags & IFF_UP;
	/* The kernel numbers a template ("eth%d"). */
	if (!strchr(wanted_name(v), '%') &&
	    find(&d->inside, wanted_name(v), &other, &ignored) == 0)
		return err_set(e, EEXIST, "the container's network namespace "
			       "has a device %s already", wanted_name(v));
	return net_addresses_read(&d->host, v->index, a, &v->addresses, e);
}

static int settle(struct nl_socket *s, const struct device *v, const char *name,
		  bool up, struct err *e)
{
	int r = rename_to(s, v->index, name, e);

	if (r < 0)
		return err_wrap(e, "name it %s", name);
	r = net_addresses_set(s, v->index, &v->addresses, e);
	if (r == 0 && up) {
		r = set_up(s, v->index, e);
		if (r < 0)
			return err_wrap(e, "set it up");
	}
	return r;
}

static int move_one(struct net_devices *d, struct device *v, int netns,
		    struct arena *a, struct err *e)
{
	int r = look(d, v, a, e);

	if (r < 0)
		return r;
	r = cross(&d->host, &d->inside, netns, &v->index, e);
	if (r == -EINVAL)
		return err_wrap(e, "it cannot change its network namespace");
	if (r < 0)
		return err_wrap(e, "move it");
	v->inside = true;
	return settle(&d->inside, v, wanted_name(v), true, e);
}

static int return_one(struct net_devices *d, struct device *v, struct err *e)
{
	int r = cross(&d->inside, &d->host, d->host_ns, &v->index, e);

	if (r < 0)
		return err_wrap(e, "take it back");
	v->inside = false;
	return settle(&d->host, v, v->asked->name, v->was_up, e);
}

/* --- all of them ---------------------------------------------------------------- */

int net_devices_return(struct net_devices *d, struct err *e)
{
	int first = 0;

	for (size_t i = d->n; i-- > 0;) {
		struct err one = { 0 };
		int r = 0;

		if (d->v[i].inside)
			r = return_one(d, &d->v[i], &one);
		if (r == 0 || first)
			continue;
		named(&d->v[i], &one);
		if (e)
			*e = one;
		first = r;
	}
	return first;
}

void net_devices_done(struct net_devices *d)
{
	if (!d)
		return;
	nl_close(&d->host);
	nl_close(&d->inside);
	fd_close(&d->host_ns);
}

static int same_namespace(int a, int b)
{
	struct stat x, y;

	return fstat(a, &x) == 0 && fstat(b, &y) == 0 &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

static int open_both(struct net_devices *d, int netns, struct err *e)
{
	int r;

	d->host_ns = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (d->host_ns < 0)
		return err_sys(e, errno, "open /proc/self/ns/net");
	if (same_namespace(d->host_ns, netns))
		return err_set(e, EINVAL, "linux.netDevices: the container has "
			       "the network namespace of the host, where the "
			       "devices are already");
	r = nl_open(&d->host, e);
	return r < 0 ? r : nl_open_in(netns, &d->inside, e);
}

int net_devices_move(const struct oci_net_device *v, size_t n, int netns,
		     struct arena *a, struct net_devices **ret, struct err *e)
{
	struct net_devices *d = arena_alloc(a, sizeof(*d));
	int r;

	if (!d)
		return err_set(e, ENOMEM, "linux.netDevices: out of memory");
	d->host = d->inside = (struct nl_socket)NL_SOCKET_NONE;
	d->host_ns = -1;
	d->v = arena_array(a, n, sizeof(*d->v));
	r = d->v ? open_both(d, netns, e)
		 : err_set(e, ENOMEM, "linux.netDevices: out of memory");
	for (; r == 0 && d->n < n; d->n++) {
		struct device *one = &d->v[d->n];

		one->asked = &v[d->n];
		r = move_one(d, one, netns, a, e);
		if (r < 0) {
			named(one, e);
			d->n++; /* it may be in there */
			break;
		}
	}
	if (r == 0) {
		*ret = d;
		return 0;
	}
	(void)net_devices_return(d, NULL);
	net_devices_done(d);
	return r;
}
