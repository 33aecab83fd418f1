/* SPDX-License-Identifier: Apache-2.0 */
/* process/personality.h - linux.personality as an operation of the plan. */
#ifndef PROCESS_PERSONALITY_H
#define PROCESS_PERSONALITY_H

#include "util/err.h"

struct oci_personality;
struct plan_builder;

/**
 * personality_plan - nothing to emit for NULL
 *
 * Return: 0, -EINVAL (domain), -ENOTSUP (the specification knows no flags yet);
 *	   @e begins with the path.
 *
 * Source: config-linux.md "Personality", personality(2).
 */
int personality_plan(struct plan_builder *b, const struct oci_personality *p,
		     struct err *e);

#endif
