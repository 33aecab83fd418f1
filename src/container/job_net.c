/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "container/job.h"
#include "net/device.h"
#include "oci/spec.h"
#include "util/auto.h"

int job_move_devices(struct job *j, struct err *e)
{
	const struct oci_linux *l = j->config.spec->linux_;
	auto_fd netns = -EBADF;
	char path[40];

	if (!l->n_net_devices)
		return 0;
	/* The process is ours and not reaped: the number is its own. */
	snprintf(path, sizeof(path), "/proc/%d/ns/net", (int)j->ladder.pid);
	netns = open(path, O_RDONLY | O_CLOEXEC);
	if (netns < 0)
		return err_sys(e, errno, "linux.netDevices: open %s", path);
	return net_devices_move(l->net_devices, l->n_net_devices, netns,
				&j->arena, &j->net, e);
}

int job_send_plan(struct job *j, struct plan_builder *b)
{
	auto_fd network = -EBADF;
	int r = ladder_send_plan(&j->ladder, b, j->e);

	if (r < 0 || !j->ns.late)
		return r;
	network = ns_make_network(j->e);
	return network < 0 ? network
			   : ladder_send_late(&j->ladder, network, j->e);
}
