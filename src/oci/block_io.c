/* SPDX-License-Identifier: Apache-2.0 */
/* oci/block_io.c - config-linux.md "Block IO". */
#include "oci/spec.h"
#include "oci/tables.h"

static const struct json_field weight_device_fields[] = {
	JSON_I64(struct oci_weight_device, major, "major", JSON_REQUIRED),
	JSON_I64(struct oci_weight_device, minor, "minor", JSON_REQUIRED),
	JSON_OPT_U32(struct oci_weight_device, weight, "weight", 0),
	JSON_OPT_U32(struct oci_weight_device, leaf_weight, "leafWeight", 0),
};
static const struct json_table oci_weight_device_table =
	JSON_TABLE(struct oci_weight_device, weight_device_fields);

static const struct json_field throttle_device_fields[] = {
	JSON_I64(struct oci_throttle_device, major, "major", JSON_REQUIRED),
	JSON_I64(struct oci_throttle_device, minor, "minor", JSON_REQUIRED),
	JSON_U64(struct oci_throttle_device, rate, "rate", JSON_REQUIRED),
};
static const struct json_table oci_throttle_device_table =
	JSON_TABLE(struct oci_throttle_device, throttle_device_fields);

#define THROTTLE(m, name) \
	JSON_LIST(struct oci_block_io, m.n, m.v, oci_throttle_device, name, 0)

static const struct json_field block_io_fields[] = {
	JSON_OPT_U32(struct oci_block_io, weight, "weight", 0),
	JSON_OPT_U32(struct oci_block_io, leaf_weight, "leafWeight", 0),
	JSON_LIST(struct oci_block_io, weight_device.n, weight_device.v,
		  oci_weight_device, "weightDevice", 0),
	THROTTLE(throttle_read_bps_device, "throttleReadBpsDevice"),
	THROTTLE(throttle_write_bps_device, "throttleWriteBpsDevice"),
	THROTTLE(throttle_read_iops_device, "throttleReadIOPSDevice"),
	THROTTLE(throttle_write_iops_device, "throttleWriteIOPSDevice"),
};
const struct json_table oci_block_io_table =
	JSON_TABLE(struct oci_block_io, block_io_fields);
