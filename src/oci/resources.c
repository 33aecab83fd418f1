/* SPDX-License-Identifier: Apache-2.0 */
/* oci/resources.c - config-linux.md "Control groups". */
#include "oci/spec.h"
#include "oci/tables.h"

static const struct json_field memory_fields[] = {
	JSON_OPT_I64(struct oci_memory, limit, "limit", 0),
	JSON_OPT_I64(struct oci_memory, reservation, "reservation", 0),
	JSON_OPT_I64(struct oci_memory, swap, "swap", 0),
	JSON_OPT_I64(struct oci_memory, kernel, "kernel", 0),
	JSON_OPT_I64(struct oci_memory, kernel_tcp, "kernelTCP", 0),
	JSON_OPT_U64(struct oci_memory, swappiness, "swappiness", 0),
	JSON_OPT_BOOL(struct oci_memory, disable_oom_killer,
		      "disableOOMKiller", 0),
	JSON_OPT_BOOL(struct oci_memory, use_hierarchy, "useHierarchy", 0),
	JSON_OPT_BOOL(struct oci_memory, check_before_update,
		      "checkBeforeUpdate", 0),
};
static const struct json_table oci_memory_table =
	JSON_TABLE(struct oci_memory, memory_fields);

static const struct json_field cpu_fields[] = {
	JSON_OPT_U64(struct oci_cpu, shares, "shares", 0),
	JSON_OPT_I64(struct oci_cpu, quota, "quota", 0),
	JSON_OPT_U64(struct oci_cpu, burst, "burst", 0),
	JSON_OPT_U64(struct oci_cpu, period, "period", 0),
	JSON_OPT_I64(struct oci_cpu, realtime_runtime, "realtimeRuntime", 0),
	JSON_OPT_U64(struct oci_cpu, realtime_period, "realtimePeriod", 0),
	JSON_OPT_I64(struct oci_cpu, idle, "idle", 0),
	JSON_STR(struct oci_cpu, cpus, "cpus", 0),
	JSON_STR(struct oci_cpu, mems, "mems", 0),
};
static const struct json_table oci_cpu_table =
	JSON_TABLE(struct oci_cpu, cpu_fields);

static const struct json_field pids_fields[] = {
	JSON_OPT_I64(struct oci_pids, limit, "limit", 0),
};
static const struct json_table oci_pids_table =
	JSON_TABLE(struct oci_pids, pids_fields);

static const struct json_field hugepage_limit_fields[] = {
	JSON_STR(struct oci_hugepage_limit, page_size, "pageSize",
		 JSON_REQUIRED),
	JSON_U64(struct oci_hugepage_limit, limit, "limit", JSON_REQUIRED),
};
static const struct json_table oci_hugepage_limit_table =
	JSON_TABLE(struct oci_hugepage_limit, hugepage_limit_fields);

static const struct json_field interface_priority_fields[] = {
	JSON_STR(struct oci_interface_priority, name, "name", JSON_REQUIRED),
	JSON_U32(struct oci_interface_priority, priority, "priority",
		 JSON_REQUIRED),
};
static const struct json_table oci_interface_priority_table =
	JSON_TABLE(struct oci_interface_priority, interface_priority_fields);

static const struct json_field network_fields[] = {
	JSON_OPT_U32(struct oci_resource_network, class_id, "classID", 0),
	JSON_LIST(struct oci_resource_network, n_priorities, priorities,
		  oci_interface_priority, "priorities", 0),
};
static const struct json_table oci_resource_network_table =
	JSON_TABLE(struct oci_resource_network, network_fields);

static const struct json_field rdma_fields[] = {
	JSON_OPT_U32(struct oci_rdma, hca_handles, "hcaHandles", 0),
	JSON_OPT_U32(struct oci_rdma, hca_objects, "hcaObjects", 0),
};
static const struct json_table oci_rdma_table =
	JSON_TABLE(struct oci_rdma, rdma_fields);

static const struct json_field resources_fields[] = {
	JSON_LIST(struct oci_resources, n_devices, devices, oci_device_rule,
		  "devices", 0),
	JSON_POINTER(struct oci_resources, memory, oci_memory, "memory", 0),
	JSON_POINTER(struct oci_resources, cpu, oci_cpu, "cpu", 0),
	JSON_POINTER(struct oci_resources, pids, oci_pids, "pids", 0),
	JSON_POINTER(struct oci_resources, block_io, oci_block_io,
		     "blockIO", 0),
	JSON_LIST(struct oci_resources, n_hugepage_limits, hugepage_limits,
		  oci_hugepage_limit, "hugepageLimits", 0),
	JSON_POINTER(struct oci_resources, network, oci_resource_network,
		     "network", 0),
	JSON_OBJECT_MAP(struct oci_resources, n_rdma, rdma, oci_rdma,
			"rdma", 0),
	JSON_MAP(struct oci_resources, unified, "unified", 0),
};
const struct json_table oci_resources_table =
	JSON_TABLE(struct oci_resources, resources_fields);
