/* SPDX-License-Identifier: Apache-2.0 */
/* container/state_json.h - the State document that hooks get. */
#ifndef CONTAINER_STATE_JSON_H
#define CONTAINER_STATE_JSON_H

#include <stddef.h>
#include <sys/types.h>

#include "container/container.h"

struct arena;
struct record;

/**
 * hook_state - the document for hooks that run on the host's side
 * @a:	owns it; NULL when out of memory
 */
const char *hook_state(const struct record *r, enum container_status status,
		       pid_t pid, struct arena *a);

/* hook_state_for_plan - that for hooks that berth-init runs: the pid is not known
 * yet, *@ret_pid_at says where it has room. */
const char *hook_state_for_plan(const struct record *r,
				enum container_status status, struct arena *a,
				size_t *ret_pid_at);

#endif
