/* SPDX-License-Identifier: Apache-2.0 */
/* oci/sysctl.h - which sysctls belong to a namespace of the container. */
#ifndef OCI_SYSCTL_H
#define OCI_SYSCTL_H

#include <stddef.h>

#include "util/err.h"

struct oci_linux;

/**
 * oci_sysctl_check - refuse each linux.sysctl that would change the host
 *
 * Return: 0, or -EINVAL with the property's path.
 *
 * Source: config-linux.md "Sysctl"; namespaces(7), ipc_namespaces(7).
 */
int oci_sysctl_check(const struct oci_linux *l, struct err *e);

/**
 * oci_sysctl_path - the file of a sysctl below /proc/sys
 * @name:	"net.ipv4.ip_forward" or "net/ipv4/ip_forward"; the separator
 *		that comes first is the one, and the other stands for itself
 *		("net.ipv4.conf.eth0/1.forwarding" is an interface "eth0.1")
 * @buf:	@size bytes for "net/ipv4/ip_forward"
 *
 * Return: 0, or -EINVAL when it is too long, or a part of it is empty, "." or
 *	   "..", so that what comes out never leaves /proc/sys.
 *
 * Source: sysctl(8), sysctl.d(5).
 */
int oci_sysctl_path(const char *name, char *buf, size_t size);

#endif
