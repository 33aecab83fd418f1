/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/state.h"

#include <stdio.h>

#include "oci/spec.h"
#include "util/buf.h"
#include "util/jsonw.h"

static void member(struct jsonw *w, const char *name, const char *value)
{
	if (value)
		jsonw_str_member(w, name, value);
}

static void write_pid(struct jsonw *w, pid_t pid, size_t *ret_pid_at)
{
	char text[OCI_STATE_PID_WIDTH + 2];

	if (!ret_pid_at) {
		jsonw_i64_member(w, "pid", pid);
		return;
	}
	snprintf(text, sizeof(text), "%*d", OCI_STATE_PID_WIDTH, pid);
	jsonw_key(w, "pid");
	*ret_pid_at = w->out->len;
	jsonw_raw(w, text, OCI_STATE_PID_WIDTH);
}

static void write_annotations(struct jsonw *w, const struct oci_map *map)
{
	if (!map || !map->n)
		return;
	jsonw_object_member(w, "annotations");
	for (size_t i = 0; i < map->n; i++)
		jsonw_str_member(w, map->v[i].key, map->v[i].value);
	jsonw_object_end(w);
}

void oci_state_write(struct jsonw *w, const struct oci_state *s,
		     size_t *ret_pid_at)
{
	jsonw_object(w);
	jsonw_str_member(w, "ociVersion",
			 s->oci_version ? s->oci_version : OCI_VERSION);
	jsonw_str_member(w, "id", s->id);
	write_pid(w, s->pid, ret_pid_at);
	jsonw_str_member(w, "status", s->status);
	jsonw_str_member(w, "bundle", s->bundle);
	member(w, "rootfs", s->rootfs);
	member(w, "created", s->created);
	write_annotations(w, s->annotations);
	member(w, "owner", s->owner);
	member(w, "systemd-scope", s->systemd_scope);
	jsonw_object_end(w);
}
