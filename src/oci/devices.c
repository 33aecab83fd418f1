/* SPDX-License-Identifier: Apache-2.0 */
/* oci/devices.c - config-linux.md "Devices" and "Allowed Device list". */
#include "oci/spec.h"
#include "oci/tables.h"

static const struct json_field device_fields[] = {
	JSON_STR(struct oci_device, path, "path", JSON_REQUIRED),
	JSON_STR(struct oci_device, type, "type", JSON_REQUIRED),
	JSON_OPT_I64(struct oci_device, major, "major", 0),
	JSON_OPT_I64(struct oci_device, minor, "minor", 0),
	JSON_OPT_U32(struct oci_device, file_mode, "fileMode", 0),
	JSON_OPT_U32(struct oci_device, uid, "uid", 0),
	JSON_OPT_U32(struct oci_device, gid, "gid", 0),
};
const struct json_table oci_device_table =
	JSON_TABLE(struct oci_device, device_fields);

static const struct json_field device_rule_fields[] = {
	JSON_BOOL(struct oci_device_rule, allow, "allow", JSON_REQUIRED),
	JSON_STR(struct oci_device_rule, type, "type", 0),
	JSON_OPT_I64(struct oci_device_rule, major, "major", 0),
	JSON_OPT_I64(struct oci_device_rule, minor, "minor", 0),
	JSON_STR(struct oci_device_rule, access, "access", 0),
};
const struct json_table oci_device_rule_table =
	JSON_TABLE(struct oci_device_rule, device_rule_fields);
