/* SPDX-License-Identifier: Apache-2.0 */
#ifndef CONTAINER_STATE_JSON_H
#define CONTAINER_STATE_JSON_H

#include <stddef.h>

struct arena;
struct container_info;

/* state_json_for_plan - the State document for hooks that berth-init runs: the
 * pid is not known yet, *@ret_pid_at says where it has room. */
const char *state_json_for_plan(const struct container_info *c, struct arena *a,
				size_t *ret_pid_at);

#endif
