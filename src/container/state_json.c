/* SPDX-License-Identifier: Apache-2.0 */
#include "container/container.h"
#include "container/state_json.h"
#include "oci/state.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/jsonw.h"
#include "wire/plan.h"

_Static_assert(OCI_STATE_PID_WIDTH == PLAN_PID_WIDTH,
	       "berth-init writes the pid into the field that is kept for it");

static const char *write_state(const struct container_info *c, bool pretty,
			       struct arena *a, size_t *ret_pid_at)
{
	auto_buf text = { 0 };
	struct jsonw w = { .out = &text, .indent = pretty };
	struct oci_state s = {
		.oci_version = c->oci_version,
		.id = c->id,
		.status = container_status_name(c->status),
		.pid = c->pid,
		.bundle = c->bundle,
		.rootfs = c->rootfs,
		.created = c->created,
		.owner = c->owner,
		.annotations = c->annotations,
	};

	oci_state_write(&w, &s, ret_pid_at);
	return text.failed ? NULL : arena_dup(a, text.data, text.len);
}

const char *container_state_json(const struct container_info *c, bool pretty,
				 struct arena *a)
{
	return write_state(c, pretty, a, NULL);
}

const char *state_json_for_plan(const struct container_info *c, struct arena *a,
				size_t *ret_pid_at)
{
	return write_state(c, false, a, ret_pid_at);
}
