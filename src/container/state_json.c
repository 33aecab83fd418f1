/* SPDX-License-Identifier: Apache-2.0 */
#include "container/state_json.h"

#include "container/record.h"
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
		.systemd_scope = c->scope,
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

static struct container_info of_record(const struct record *r,
				       enum container_status status, pid_t pid)
{
	return (struct container_info){
		.id = r->id,
		.status = status,
		.pid = pid,
		.bundle = r->bundle,
		.rootfs = r->rootfs,
		.created = r->created,
		.oci_version = r->oci_version,
		.annotations = &r->annotations,
	};
}

const char *hook_state(const struct record *r, enum container_status status,
		       pid_t pid, struct arena *a)
{
	struct container_info c = of_record(r, status, pid);

	return write_state(&c, false, a, NULL);
}

const char *hook_state_for_plan(const struct record *r,
				enum container_status status, struct arena *a,
				size_t *ret_pid_at)
{
	struct container_info c = of_record(r, status, 0);

	return write_state(&c, false, a, ret_pid_at);
}
