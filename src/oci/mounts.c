/* SPDX-License-Identifier: Apache-2.0 */
/* oci/mounts.c - config.md "Mounts", and the mappings of ids that mounts and
 * user namespaces (config-linux.md) share. */
#include <errno.h>
#include <string.h>

#include "oci/decode.h"
#include "oci/spec.h"
#include "oci/tables.h"
#include "util/arena.h"

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

static const struct json_field mount_list_fields[] = {
	JSON_LIST(struct oci_mount_list, n, v, oci_mount, "mounts",
		  JSON_REQUIRED),
};
static const struct json_table mount_list_table =
	JSON_TABLE(struct oci_mount_list, mount_list_fields);

/* The decoder begins with an object: a bare list becomes the member of one. */
static int as_member(const char *text, size_t len, struct arena *a,
		     struct json_source *ret)
{
	static const char before[] = "{\"mounts\":", after[] = "}";
	char *whole = arena_alloc(a, sizeof(before) + len + sizeof(after));

	if (!whole)
		return -ENOMEM;
	memcpy(whole, before, sizeof(before) - 1);
	memcpy(whole + sizeof(before) - 1, text, len);
	memcpy(whole + sizeof(before) - 1 + len, after, sizeof(after));
	ret->text = whole;
	ret->len = sizeof(before) - 1 + len + sizeof(after) - 1;
	return 0;
}

int oci_mounts_decode(const char *text, size_t len, struct arena *a,
		      struct oci_mount_list *ret, struct err *e)
{
	struct json_source src = { text, len, "" };
	struct oci_mount_list list = { 0 };
	size_t blank = 0;
	int r = 0;

	while (blank < len && text[blank] && strchr(" \t\r\n", text[blank]))
		blank++;
	if (blank < len && text[blank] == '[')
		r = as_member(text, len, a, &src);
	if (r < 0)
		return err_set(e, ENOMEM, "mounts: out of memory");
	r = json_decode(&src, &mount_list_table, a, &list, e);
	if (r == 0)
		*ret = list;
	return r;
}
