/* SPDX-License-Identifier: Apache-2.0 */
/* oci/seccomp.c - config-linux.md "Seccomp". */
#include "oci/spec.h"
#include "oci/tables.h"

static const struct json_field seccomp_arg_fields[] = {
	JSON_U32(struct oci_seccomp_arg, index, "index", JSON_REQUIRED),
	JSON_U64(struct oci_seccomp_arg, value, "value", JSON_REQUIRED),
	JSON_U64(struct oci_seccomp_arg, value_two, "valueTwo", 0),
	JSON_STR(struct oci_seccomp_arg, op, "op", JSON_REQUIRED),
};
static const struct json_table oci_seccomp_arg_table =
	JSON_TABLE(struct oci_seccomp_arg, seccomp_arg_fields);

static const struct json_field seccomp_rule_fields[] = {
	JSON_STRV(struct oci_seccomp_rule, names, "names", JSON_REQUIRED),
	JSON_STR(struct oci_seccomp_rule, action, "action", JSON_REQUIRED),
	JSON_OPT_U32(struct oci_seccomp_rule, errno_ret, "errnoRet", 0),
	JSON_LIST(struct oci_seccomp_rule, n_args, args, oci_seccomp_arg,
		  "args", 0),
};
static const struct json_table oci_seccomp_rule_table =
	JSON_TABLE(struct oci_seccomp_rule, seccomp_rule_fields);

static const struct json_field seccomp_fields[] = {
	JSON_STR(struct oci_seccomp, default_action, "defaultAction",
		 JSON_REQUIRED),
	JSON_OPT_U32(struct oci_seccomp, default_errno_ret,
		     "defaultErrnoRet", 0),
	JSON_STRV(struct oci_seccomp, architectures, "architectures", 0),
	JSON_STRV(struct oci_seccomp, flags, "flags", 0),
	JSON_STR(struct oci_seccomp, listener_path, "listenerPath", 0),
	JSON_STR(struct oci_seccomp, listener_metadata, "listenerMetadata", 0),
	JSON_LIST(struct oci_seccomp, n_syscalls, syscalls, oci_seccomp_rule,
		  "syscalls", 0),
};
const struct json_table oci_seccomp_table =
	JSON_TABLE(struct oci_seccomp, seccomp_fields);
