/* SPDX-License-Identifier: Apache-2.0 */
/* oci/process.c - config.md "Process" and what is in it. */
#include "oci/spec.h"
#include "oci/tables.h"

static const struct json_field box_fields[] = {
	JSON_U32(struct oci_box, height, "height", JSON_REQUIRED),
	JSON_U32(struct oci_box, width, "width", JSON_REQUIRED),
};
static const struct json_table oci_box_table =
	JSON_TABLE(struct oci_box, box_fields);

/* uid and gid are not required: their zero value is what engines leave out. */
static const struct json_field user_fields[] = {
	JSON_U32(struct oci_user, uid, "uid", 0),
	JSON_U32(struct oci_user, gid, "gid", 0),
	JSON_OPT_U32(struct oci_user, umask, "umask", 0),
	JSON_U32V(struct oci_user, additional_gids, "additionalGids", 0),
	JSON_STR(struct oci_user, username, "username", 0),
};
static const struct json_table oci_user_table =
	JSON_TABLE(struct oci_user, user_fields);

static const struct json_field rlimit_fields[] = {
	JSON_STR(struct oci_rlimit, type, "type", JSON_REQUIRED),
	JSON_U64(struct oci_rlimit, soft, "soft", JSON_REQUIRED),
	JSON_U64(struct oci_rlimit, hard, "hard", JSON_REQUIRED),
};
static const struct json_table oci_rlimit_table =
	JSON_TABLE(struct oci_rlimit, rlimit_fields);

static const struct json_field capabilities_fields[] = {
	JSON_STRV(struct oci_capabilities, bounding, "bounding", 0),
	JSON_STRV(struct oci_capabilities, effective, "effective", 0),
	JSON_STRV(struct oci_capabilities, inheritable, "inheritable", 0),
	JSON_STRV(struct oci_capabilities, permitted, "permitted", 0),
	JSON_STRV(struct oci_capabilities, ambient, "ambient", 0),
};
static const struct json_table oci_capabilities_table =
	JSON_TABLE(struct oci_capabilities, capabilities_fields);

static const struct json_field scheduler_fields[] = {
	JSON_STR(struct oci_scheduler, policy, "policy", JSON_REQUIRED),
	JSON_OPT_I32(struct oci_scheduler, nice, "nice", 0),
	JSON_OPT_I32(struct oci_scheduler, priority, "priority", 0),
	JSON_STRV(struct oci_scheduler, flags, "flags", 0),
	JSON_OPT_U64(struct oci_scheduler, runtime, "runtime", 0),
	JSON_OPT_U64(struct oci_scheduler, deadline, "deadline", 0),
	JSON_OPT_U64(struct oci_scheduler, period, "period", 0),
};
static const struct json_table oci_scheduler_table =
	JSON_TABLE(struct oci_scheduler, scheduler_fields);

static const struct json_field io_priority_fields[] = {
	JSON_STR(struct oci_io_priority, class, "class", JSON_REQUIRED),
	JSON_I32(struct oci_io_priority, priority, "priority", 0),
};
static const struct json_table oci_io_priority_table =
	JSON_TABLE(struct oci_io_priority, io_priority_fields);

static const struct json_field cpu_affinity_fields[] = {
	JSON_STR(struct oci_cpu_affinity, initial, "initial", 0),
	JSON_STR(struct oci_cpu_affinity, final, "final", 0),
};
static const struct json_table oci_cpu_affinity_table =
	JSON_TABLE(struct oci_cpu_affinity, cpu_affinity_fields);

static const struct json_field process_fields[] = {
	JSON_BOOL(struct oci_process, terminal, "terminal", 0),
	JSON_POINTER(struct oci_process, console_size, oci_box,
		     "consoleSize", 0),
	JSON_OBJECT(struct oci_process, user, oci_user, "user", 0),
	JSON_STRV(struct oci_process, args, "args", 0),
	JSON_STRV(struct oci_process, env, "env", 0),
	JSON_STR(struct oci_process, command_line, "commandLine", 0),
	JSON_STR(struct oci_process, cwd, "cwd", JSON_REQUIRED),
	JSON_POINTER(struct oci_process, capabilities, oci_capabilities,
		     "capabilities", 0),
	JSON_LIST(struct oci_process, n_rlimits, rlimits, oci_rlimit,
		  "rlimits", 0),
	JSON_BOOL(struct oci_process, no_new_privileges, "noNewPrivileges", 0),
	JSON_STR(struct oci_process, apparmor_profile, "apparmorProfile", 0),
	JSON_STR(struct oci_process, selinux_label, "selinuxLabel", 0),
	JSON_OPT_I32(struct oci_process, oom_score_adj, "oomScoreAdj", 0),
	JSON_POINTER(struct oci_process, scheduler, oci_scheduler,
		     "scheduler", 0),
	JSON_POINTER(struct oci_process, io_priority, oci_io_priority,
		     "ioPriority", 0),
	JSON_POINTER(struct oci_process, exec_cpu_affinity, oci_cpu_affinity,
		     "execCPUAffinity", 0),
};
const struct json_table oci_process_table =
	JSON_TABLE(struct oci_process, process_fields);
