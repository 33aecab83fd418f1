/* SPDX-License-Identifier: Apache-2.0 */
/* oci/linux.c - config-linux.md, but for the sections with files of their own. */
#include "oci/spec.h"
#include "oci/tables.h"

/* In the order of enum oci_ns. */
const struct json_words oci_ns_words = {
	OCI_NS_COUNT,
	{ "user", "pid", "network", "mount", "ipc", "uts", "cgroup", "time" },
};

static const struct json_field namespace_entry_fields[] = {
	JSON_ENUM(struct oci_namespace_entry, type, enum oci_ns, "type",
		  JSON_REQUIRED, &oci_ns_words),
	JSON_STR(struct oci_namespace_entry, path, "path", 0),
};
static const struct json_table oci_namespace_entry_table =
	JSON_TABLE(struct oci_namespace_entry, namespace_entry_fields);

static const struct json_field time_offset_fields[] = {
	JSON_OPT_I64(struct oci_time_offset, secs, "secs", 0),
	JSON_U32(struct oci_time_offset, nanosecs, "nanosecs", 0),
};
static const struct json_table oci_time_offset_table =
	JSON_TABLE(struct oci_time_offset, time_offset_fields);

static const struct json_field time_offsets_fields[] = {
	JSON_POINTER(struct oci_linux, time_boottime, oci_time_offset,
		     "boottime", 0),
	JSON_POINTER(struct oci_linux, time_monotonic, oci_time_offset,
		     "monotonic", 0),
};
static const struct json_table time_offsets_table =
	JSON_TABLE(struct oci_linux, time_offsets_fields);

static const struct json_field net_device_fields[] = {
	JSON_STR(struct oci_net_device, rename, "name", 0),
};
static const struct json_table oci_net_device_table =
	JSON_TABLE(struct oci_net_device, net_device_fields);

static const struct json_field intel_rdt_fields[] = {
	JSON_STR(struct oci_intel_rdt, clos_id, "closID", 0),
	JSON_STRV(struct oci_intel_rdt, schemata, "schemata", 0),
	JSON_STR(struct oci_intel_rdt, l3_cache_schema, "l3CacheSchema", 0),
	JSON_STR(struct oci_intel_rdt, mem_bw_schema, "memBwSchema", 0),
	JSON_OPT_BOOL(struct oci_intel_rdt, enable_monitoring,
		      "enableMonitoring", 0),
	JSON_OPT_BOOL(struct oci_intel_rdt, enable_cmt, "enableCMT", 0),
	JSON_OPT_BOOL(struct oci_intel_rdt, enable_mbm, "enableMBM", 0),
};
static const struct json_table oci_intel_rdt_table =
	JSON_TABLE(struct oci_intel_rdt, intel_rdt_fields);

static const struct json_field memory_policy_fields[] = {
	JSON_STR(struct oci_memory_policy, mode, "mode", JSON_REQUIRED),
	JSON_STR(struct oci_memory_policy, nodes, "nodes", 0),
	JSON_STRV(struct oci_memory_policy, flags, "flags", 0),
};
static const struct json_table oci_memory_policy_table =
	JSON_TABLE(struct oci_memory_policy, memory_policy_fields);

static const struct json_field personality_fields[] = {
	JSON_STR(struct oci_personality, domain, "domain", JSON_REQUIRED),
	JSON_STRV(struct oci_personality, flags, "flags", 0),
};
static const struct json_table oci_personality_table =
	JSON_TABLE(struct oci_personality, personality_fields);

static const struct json_field linux_fields[] = {
	JSON_LIST(struct oci_linux, n_namespace_entries, namespace_entries,
		  oci_namespace_entry, "namespaces", 0),
	JSON_LIST(struct oci_linux, uid_mappings.n, uid_mappings.v,
		  oci_id_mapping, "uidMappings", 0),
	JSON_LIST(struct oci_linux, gid_mappings.n, gid_mappings.v,
		  oci_id_mapping, "gidMappings", 0),
	JSON_INLINE("timeOffsets", 0, time_offsets_table),
	JSON_LIST(struct oci_linux, n_devices, devices, oci_device,
		  "devices", 0),
	JSON_OBJECT_MAP(struct oci_linux, n_net_devices, net_devices,
			oci_net_device, "netDevices", 0),
	JSON_STR(struct oci_linux, cgroups_path, "cgroupsPath", 0),
	JSON_POINTER(struct oci_linux, resources, oci_resources,
		     "resources", 0),
	JSON_POINTER(struct oci_linux, intel_rdt, oci_intel_rdt,
		     "intelRdt", 0),
	JSON_POINTER(struct oci_linux, memory_policy, oci_memory_policy,
		     "memoryPolicy", 0),
	JSON_MAP(struct oci_linux, sysctl, "sysctl", 0),
	JSON_RAW(struct oci_linux, seccomp, "seccomp", 0),
	JSON_STR(struct oci_linux, rootfs_propagation,
		 "rootfsPropagation", 0),
	JSON_STR(struct oci_linux, mount_label, "mountLabel", 0),
	JSON_STRV(struct oci_linux, masked_paths, "maskedPaths", 0),
	JSON_STRV(struct oci_linux, readonly_paths, "readonlyPaths", 0),
	JSON_POINTER(struct oci_linux, personality, oci_personality,
		     "personality", 0),
};
const struct json_table oci_linux_table =
	JSON_TABLE(struct oci_linux, linux_fields);
