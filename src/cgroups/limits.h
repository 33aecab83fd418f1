/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroups/limits.h - linux.resources on the files of a v2 cgroup.
 */
#ifndef CGROUPS_LIMITS_H
#define CGROUPS_LIMITS_H

#include <stdbool.h>
#include <stdint.h>

#include "util/err.h"

struct cgroup;
struct oci_resources;

/**
 * cgroup_check - whether v2 can express @r at all, before anything is made
 *
 * Looks at the values alone.  A property that only v1 has is refused unless it
 * is at its neutral value (0, false, -1), which engines send by habit.
 *
 * Return: 0, or -EINVAL, -ENOTSUP with the property's path in the text.
 */
int cgroup_check(const struct oci_resources *r, struct err *e);

/* cgroup_controllers_needed - for the limits in @r (NULL: none), a set of enum
 * cgroup_controller.  What is unlimited (-1) needs none. */
uint32_t cgroup_controllers_needed(const struct oci_resources *r);

/* cgroup_limit_name - the first property of @r that needs one of the
 * controllers: "linux.resources.memory.limit"; never NULL. */
const char *cgroup_limit_name(const struct oci_resources *r,
			      uint32_t controllers);

/**
 * cgroup_apply - write every limit that is set in @r; what is unset stays
 *
 * For a new cgroup and for `update` alike; the order of the writes lets limits
 * go up and down.  `unified` comes last and so wins.  The devices are not
 * among them: cgroup_devices_apply.
 *
 * Return: 0, or -errno with the property's path and the file in the text.
 */
int cgroup_apply(const struct cgroup *cg, const struct oci_resources *r,
		 struct err *e);

/* Conversions of v1 values; both map 0 ("unset") to 0.  Pure. */
uint64_t cgroup_weight_from_shares(uint64_t shares); /* cpu.weight, 1…10000 */
uint64_t cgroup_io_weight(uint32_t blkio_weight);    /* io.weight, 1…10000 */

#endif
