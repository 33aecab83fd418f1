/* SPDX-License-Identifier: Apache-2.0 */
/* oci/net_devices.h - whether linux.netDevices can be meant; a part of
 * oci/check.h. */
#ifndef OCI_NET_DEVICES_H
#define OCI_NET_DEVICES_H

#include "util/err.h"

struct oci_linux;

/* oci_net_devices_check - 0, or -EINVAL with "linux.netDevices[…]: …" */
int oci_net_devices_check(const struct oci_linux *l, struct err *e);

#endif
