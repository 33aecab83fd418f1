/* SPDX-License-Identifier: Apache-2.0 */
/* oci/hooks.c - config.md "POSIX-platform Hooks". */
#include "oci/spec.h"
#include "oci/tables.h"

static const struct json_field hook_fields[] = {
	JSON_STR(struct oci_hook, path, "path", JSON_REQUIRED),
	JSON_STRV(struct oci_hook, args, "args", 0),
	JSON_STRV(struct oci_hook, env, "env", 0),
	JSON_OPT_I32(struct oci_hook, timeout, "timeout", 0),
};
static const struct json_table oci_hook_table =
	JSON_TABLE(struct oci_hook, hook_fields);

#define KIND(m, name) JSON_LIST(struct oci_hooks, m.n, m.v, oci_hook, name, 0)

static const struct json_field hooks_fields[] = {
	KIND(prestart, "prestart"),
	KIND(create_runtime, "createRuntime"),
	KIND(create_container, "createContainer"),
	KIND(start_container, "startContainer"),
	KIND(poststart, "poststart"),
	KIND(poststop, "poststop"),
};
const struct json_table oci_hooks_table =
	JSON_TABLE(struct oci_hooks, hooks_fields);
