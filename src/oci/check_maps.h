/* SPDX-License-Identifier: Apache-2.0 */
/* oci/check_maps.h - id mappings, of a user namespace or a mount. */
#ifndef OCI_CHECK_MAPS_H
#define OCI_CHECK_MAPS_H

#include "util/err.h"

struct oci_id_mappings;
struct oci_spec;

/**
 * oci_maps_check - whether the kernel can take these ranges as one map
 * @path:	of the property, for the text: "linux.uidMappings"
 *
 * Return: 0 or -EINVAL.
 *
 * Source: user_namespaces(7), "Defining user and group ID mappings".
 */
int oci_maps_check(const struct oci_id_mappings *maps, const char *path,
		   struct err *e);

/**
 * oci_user_maps_check - whether the process's user and groups are in the maps
 *
 * Those of a user namespace that is joined are not known here.
 *
 * Return: 0 or -EINVAL.
 */
int oci_user_maps_check(const struct oci_spec *spec, struct err *e);

#endif
