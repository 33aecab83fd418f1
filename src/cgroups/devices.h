/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroups/devices.h - linux.resources.devices as a BPF program on the cgroup.
 */
#ifndef CGROUPS_DEVICES_H
#define CGROUPS_DEVICES_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

struct cgroup;
struct oci_device_rule;

struct cgroup_devices_args {
	const struct oci_device_rule *rules; /* in the configuration's order */
	size_t n;
	bool defaults; /* then allow what every container gets: null, zero, full,
			* random, urandom, tty, console, ptmx, pts; mknod of
			* anything */
	bool userns;   /* the caller has no right to load programs (EPERM): no
			* failure, since no node that the kernel would let it
			* open can be made there */
};

/**
 * cgroup_devices_check - whether the rules are well-formed
 *
 * Return: 0 or -EINVAL with the rule's path in the text.
 */
int cgroup_devices_check(const struct oci_device_rule *rules, size_t n,
			 struct err *e);

/**
 * cgroup_devices_program - the instructions for a set of rules
 * @ret:	malloc'ed; NULL with *@ret_n == 0 when everything is allowed
 *
 * The last rule that matches an access decides, as the kernel's v1 device
 * controller did; without one it is refused.  Pure.
 */
int cgroup_devices_program(const struct cgroup_devices_args *args,
			   struct bpf_insn **ret, size_t *ret_n, struct err *e);

/**
 * cgroup_devices_apply - load the program and put it on @cg
 *
 * On a cgroup that has one already (update) the new one replaces it in one
 * step, so no access is decided by both or neither.
 *
 * Return: 0 or -errno.
 */
int cgroup_devices_apply(const struct cgroup *cg,
			 const struct cgroup_devices_args *args, bool update,
			 struct err *e);

#endif
