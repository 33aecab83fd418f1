/* SPDX-License-Identifier: Apache-2.0 */
/* oci/mounts.c - config.md "Mounts", and the mappings of ids that mounts and
 * user namespaces (config-linux.md) share. */
#include "oci/spec.h"
#include "oci/tables.h"

static const struct json_field id_mapping_fields[] = {
	JSON_U32(struct oci_id_mapping, container_id, "containerID",
		 JSON_REQUIRED),
	JSON_U32(struct oci_id_mapping, host_id, "hostID", JSON_REQUIRED),
	JSON_U32(struct oci_id_mapping, size, "size", JSON_REQUIRED),
};
const struct json_table oci_id_mapping_table =
	JSON_TABLE(struct oci_id_mapping, id_mapping_fields);

static const struct json_field mount_fields[] = {
	JSON_STR(struct oci_mount, destination, "destination", JSON_REQUIRED),
	JSON_STR(struct oci_mount, type, "type", 0),
	JSON_STR(struct oci_mount, source, "source", 0),
	JSON_STRV(struct oci_mount, options, "options", 0),
	JSON_LIST(struct oci_mount, uid_mappings.n, uid_mappings.v,
		  oci_id_mapping, "uidMappings", 0),
	JSON_LIST(struct oci_mount, gid_mappings.n, gid_mappings.v,
		  oci_id_mapping, "gidMappings", 0),
};
const struct json_table oci_mount_table =
	JSON_TABLE(struct oci_mount, mount_fields);
