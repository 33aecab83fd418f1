/* SPDX-License-Identifier: Apache-2.0 */
/*
 * net/device.h - devices of the host that a container gets for its own:
 * linux.netDevices.
 *
 * A device that changes its namespace loses its addresses and goes down.  So
 * its permanent addresses of global scope are read before and set again
 * afterwards, under its new name, and it is set up.  Where it ends is the
 * kernel's affair: with the namespace a physical device goes back to the host,
 * and a virtual one goes away.
 *
 * Source: config-linux.md "Network Devices", rtnetlink(7),
 * network_namespaces(7).
 */
#ifndef NET_DEVICE_H
#define NET_DEVICE_H

#include <stddef.h>

#include "util/err.h"

struct arena;
struct oci_net_device;

/* What was moved, for taking it back; opaque. */
struct net_devices;

/**
 * net_devices_move - move them all, or none
 * @netns:	fd of the container's namespace; borrowed
 * @a:		for what @ret is made of
 * @ret:	owned by the caller (net_devices_done)
 *
 * Return: 0; -errno with "linux.netDevices["eth0"]: …", and every device is
 *	   where it was, with the same addresses; its routes are not.
 *   -ENODEV	the host has no such device
 *   -EEXIST	the name is taken in there
 *   -EINVAL	the namespace is the caller's own, or the device cannot leave
 */
int net_devices_move(const struct oci_net_device *v, size_t n, int netns,
		     struct arena *a, struct net_devices **ret, struct err *e);

/* net_devices_return - take back what was moved: the container did not come to
 * be.  Goes on after a failure, and returns the first. */
int net_devices_return(struct net_devices *d, struct err *e);

/* net_devices_done - close; the devices stay where they are.  NULL is fine. */
void net_devices_done(struct net_devices *d);

#endif
