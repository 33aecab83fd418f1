/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci/spec.h - config.json of the OCI runtime specification 1.3 as C data.
 *
 * Plain data: oci/decode.h fills it, nothing in here does anything.  Strings
 * and arrays belong to the arena given to the decoder.  Absent is told from
 * zero: a pointer is NULL, an oci_opt has set == false, a list has n == 0.
 * Members are named as the specification names them, in snake_case.
 */
#ifndef OCI_SPEC_H
#define OCI_SPEC_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define OCI_VERSION "1.3.0" /* the newest specification that berth implements */

struct oci_opt_bool { bool set, v; };
struct oci_opt_i32 { bool set; int32_t v; };
struct oci_opt_u32 { bool set; uint32_t v; };
struct oci_opt_i64 { bool set; int64_t v; };
struct oci_opt_u64 { bool set; uint64_t v; };

struct oci_strv { size_t n; char **v; }; /* v[n] == NULL when n > 0 */
struct oci_u32v { size_t n; uint32_t *v; };
struct oci_kv { char *key, *value; };
struct oci_map { size_t n; struct oci_kv *v; }; /* in the file's order */
struct oci_raw { const char *data; size_t len; }; /* borrowed JSON text */

/* --- process ----------------------------------------------------------- */

struct oci_box { uint32_t height, width; }; /* characters */

struct oci_user {
	uint32_t uid, gid;
	struct oci_opt_u32 umask;
	struct oci_u32v additional_gids;
	char *username; /* not on Linux */
};

struct oci_rlimit { char *type; uint64_t soft, hard; };

struct oci_capabilities { /* names as written: "CAP_…" */
	struct oci_strv bounding, effective, inheritable, permitted, ambient;
};

struct oci_scheduler {
	char *policy;
	struct oci_opt_i32 nice, priority;
	struct oci_strv flags;
	struct oci_opt_u64 runtime, deadline, period; /* nanoseconds */
};

struct oci_io_priority { char *class; int32_t priority; };
struct oci_cpu_affinity { char *initial, *final; };

struct oci_process {
	bool terminal;
	struct oci_box *console_size;
	struct oci_user user;
	struct oci_strv args, env;
	char *command_line; /* not on Linux */
	char *cwd;
	struct oci_capabilities *capabilities;
	size_t n_rlimits;
	struct oci_rlimit *rlimits;
	bool no_new_privileges;
	char *apparmor_profile, *selinux_label;
	struct oci_opt_i32 oom_score_adj;
	struct oci_scheduler *scheduler;
	struct oci_io_priority *io_priority;
	struct oci_cpu_affinity *exec_cpu_affinity;
};

/* --- root, mounts, hooks ----------------------------------------------- */

struct oci_root { char *path; bool readonly; };

struct oci_id_mapping { uint32_t container_id, host_id, size; };
struct oci_id_mappings { size_t n; struct oci_id_mapping *v; };

struct oci_mount {
	char *destination, *type, *source;
	struct oci_strv options;
	struct oci_id_mappings uid_mappings, gid_mappings;
};

struct oci_mount_list { size_t n; struct oci_mount *v; };

struct oci_hook {
	char *path;
	struct oci_strv args, env;
	struct oci_opt_i32 timeout; /* seconds, > 0 */
};
struct oci_hook_list { size_t n; struct oci_hook *v; };

struct oci_hooks {
	struct oci_hook_list prestart, create_runtime, create_container,
		start_container, poststart, poststop;
};

/* --- linux ------------------------------------------------------------- */

enum oci_ns {
	OCI_NS_USER, OCI_NS_PID, OCI_NS_NETWORK, OCI_NS_MOUNT,
	OCI_NS_IPC, OCI_NS_UTS, OCI_NS_CGROUP, OCI_NS_TIME, OCI_NS_COUNT
};

/* One entry for each kind: listed or not, and joined by path or created. */
struct oci_namespace { bool listed; char *path; /* NULL: create */ };

struct oci_namespace_entry { enum oci_ns type; char *path; }; /* as in the file */

struct oci_time_offset { struct oci_opt_i64 secs; uint32_t nanosecs; };

struct oci_device {
	char *path, *type; /* "c", "b", "u" or "p" */
	struct oci_opt_i64 major, minor; /* of all types but "p" */
	struct oci_opt_u32 file_mode, uid, gid;
};

struct oci_device_rule {
	bool allow;
	char *type;                       /* NULL: "a" */
	struct oci_opt_i64 major, minor;  /* unset or -1: any */
	char *access;                     /* NULL: "rwm" */
};

struct oci_memory { /* bytes; -1: unlimited */
	struct oci_opt_i64 limit, reservation, swap, kernel, kernel_tcp;
	struct oci_opt_u64 swappiness;
	struct oci_opt_bool disable_oom_killer, use_hierarchy,
		check_before_update;
};

struct oci_cpu {
	struct oci_opt_u64 shares, period, realtime_period, burst; /* µs */
	struct oci_opt_i64 quota, realtime_runtime, idle;
	char *cpus, *mems;
};

struct oci_pids { struct oci_opt_i64 limit; };

struct oci_weight_device {
	int64_t major, minor;
	struct oci_opt_u32 weight, leaf_weight;
};
struct oci_throttle_device { int64_t major, minor; uint64_t rate; };
struct oci_weight_devices { size_t n; struct oci_weight_device *v; };
struct oci_throttle_devices { size_t n; struct oci_throttle_device *v; };

struct oci_block_io {
	struct oci_opt_u32 weight, leaf_weight;
	struct oci_weight_devices weight_device;
	struct oci_throttle_devices throttle_read_bps_device,
		throttle_write_bps_device, throttle_read_iops_device,
		throttle_write_iops_device;
};

struct oci_hugepage_limit { char *page_size; uint64_t limit; /* bytes */ };

struct oci_interface_priority { char *name; uint32_t priority; };
struct oci_resource_network {
	struct oci_opt_u32 class_id;
	size_t n_priorities;
	struct oci_interface_priority *priorities;
};

struct oci_rdma {
	char *device; /* the member's name in the map */
	struct oci_opt_u32 hca_handles, hca_objects;
};

struct oci_resources {
	size_t n_devices;
	struct oci_device_rule *devices;
	struct oci_memory *memory;
	struct oci_cpu *cpu;
	struct oci_pids *pids;
	struct oci_block_io *block_io;
	size_t n_hugepage_limits;
	struct oci_hugepage_limit *hugepage_limits;
	struct oci_resource_network *network;
	size_t n_rdma;
	struct oci_rdma *rdma;
	struct oci_map unified;
};

struct oci_seccomp_arg {
	uint32_t index;
	uint64_t value, value_two;
	char *op; /* "SCMP_CMP_EQ" … */
};

struct oci_seccomp_rule {
	struct oci_strv names;
	char *action; /* "SCMP_ACT_ERRNO" … */
	struct oci_opt_u32 errno_ret;
	size_t n_args;
	struct oci_seccomp_arg *args;
};

struct oci_seccomp {
	char *default_action;
	struct oci_opt_u32 default_errno_ret;
	struct oci_strv architectures, flags;
	char *listener_path, *listener_metadata;
	size_t n_syscalls;
	struct oci_seccomp_rule *syscalls;
};

struct oci_intel_rdt {
	char *clos_id, *l3_cache_schema, *mem_bw_schema;
	struct oci_strv schemata;
	struct oci_opt_bool enable_monitoring, enable_cmt, enable_mbm;
};

struct oci_memory_policy { char *mode, *nodes; struct oci_strv flags; };
struct oci_personality { char *domain; struct oci_strv flags; };
struct oci_net_device { char *name; /* on the host */ char *rename; };

struct oci_linux {
	struct oci_namespace namespaces[OCI_NS_COUNT];
	size_t n_namespace_entries; /* what namespaces[] was made from */
	struct oci_namespace_entry *namespace_entries;
	struct oci_id_mappings uid_mappings, gid_mappings;
	struct oci_time_offset *time_boottime, *time_monotonic;
	size_t n_devices;
	struct oci_device *devices;
	size_t n_net_devices;
	struct oci_net_device *net_devices;
	char *cgroups_path;
	struct oci_resources *resources;
	struct oci_intel_rdt *intel_rdt;
	struct oci_memory_policy *memory_policy;
	struct oci_map sysctl;
	struct oci_raw seccomp; /* decoded only on demand: oci_seccomp_decode */
	char *rootfs_propagation, *mount_label;
	struct oci_strv masked_paths, readonly_paths;
	struct oci_personality *personality;
};

struct oci_spec {
	char *oci_version;
	struct oci_process *process; /* NULL: nothing to start yet */
	struct oci_root *root;
	char *hostname, *domainname;
	size_t n_mounts;
	struct oci_mount *mounts;
	struct oci_hooks hooks;
	struct oci_map annotations;
	struct oci_linux *linux_; /* never NULL after decoding */
	bool has_vm, has_windows, has_solaris, has_zos; /* refused by name */
};

#endif
