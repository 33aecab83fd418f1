/* SPDX-License-Identifier: Apache-2.0 */
/* process/memory_policy.h - linux.memoryPolicy as an operation of the plan. */
#ifndef PROCESS_MEMORY_POLICY_H
#define PROCESS_MEMORY_POLICY_H

#include "util/err.h"

struct oci_memory_policy;
struct plan_builder;

/* Every mode and flag that is known, NULL behind the last; for the features
 * document. */
extern const char *const memory_policy_modes[], *const memory_policy_flags[];

/**
 * memory_policy_plan - nothing to emit for NULL
 *
 * Return: 0 or -EINVAL; @e begins with the path.
 *
 * Source: config-linux.md "Memory Policy", set_mempolicy(2).
 */
int memory_policy_plan(struct plan_builder *b, const struct oci_memory_policy *p,
		       struct err *e);

#endif
