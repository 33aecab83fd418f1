/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci/unsupported.c - one row for each property that is known and cannot be
 * honoured; whoever implements one removes its row.  Neutral values (0, false,
 * -1, an empty string or list) are accepted, since engines send them by habit.
 */
#include "oci/unsupported.h"

#include <errno.h>
#include <stdint.h>
#include <string.h>

#include "oci/spec.h"
#include "util/auto.h"

enum section {
	SPEC, MEMORY, CPU, BLOCK_IO, WEIGHT_DEVICE, NETWORK,
};

/* What a member that asks for something looks like. */
enum kind { TRUTH, COUNT, OPT_BOOL, OPT_U32, OPT_I64, OPT_U64 };

enum why { NOT_YET, NOT_ON_V2, NOT_ON_LINUX };

static const char reasons[][72] = {
	[NOT_YET] = "not supported by this version",
	[NOT_ON_V2] = "not supported: cgroup v2 has no such control",
	[NOT_ON_LINUX] = "not supported: this is a Linux runtime",
};

struct row {
	char name[24];
	uint8_t section, kind, why;
	uint16_t offset;
};

#define ROW(section, st, m, name, kind, why) \
	{ name, section, kind, why, offsetof(struct st, m) }

static const struct row rows[] = {
	ROW(SPEC, oci_spec, has_vm, "vm", TRUTH, NOT_YET),
	ROW(SPEC, oci_spec, has_windows, "windows", TRUTH, NOT_ON_LINUX),
	ROW(SPEC, oci_spec, has_solaris, "solaris", TRUTH, NOT_ON_LINUX),
	ROW(SPEC, oci_spec, has_zos, "zos", TRUTH, NOT_ON_LINUX),

	ROW(MEMORY, oci_memory, kernel, "kernel", OPT_I64, NOT_ON_V2),
	ROW(MEMORY, oci_memory, kernel_tcp, "kernelTCP", OPT_I64, NOT_ON_V2),
	ROW(MEMORY, oci_memory, swappiness, "swappiness", OPT_U64, NOT_ON_V2),
	ROW(MEMORY, oci_memory, disable_oom_killer, "disableOOMKiller",
	    OPT_BOOL, NOT_ON_V2),
	ROW(CPU, oci_cpu, realtime_runtime, "realtimeRuntime", OPT_I64,
	    NOT_ON_V2),
	ROW(CPU, oci_cpu, realtime_period, "realtimePeriod", OPT_U64,
	    NOT_ON_V2),
	ROW(BLOCK_IO, oci_block_io, leaf_weight, "leafWeight", OPT_U32,
	    NOT_ON_V2),
	ROW(WEIGHT_DEVICE, oci_weight_device, leaf_weight, "leafWeight",
	    OPT_U32, NOT_ON_V2),
	ROW(NETWORK, oci_resource_network, class_id, "classID", OPT_U32,
	    NOT_ON_V2),
	ROW(NETWORK, oci_resource_network, n_priorities, "priorities", COUNT,
	    NOT_ON_V2),
};

static bool asks(const struct row *row, const void *base)
{
	const void *at = (const char *)base + row->offset;

	switch ((enum kind)row->kind) {
	case TRUTH:
		return *(const bool *)at;
	case COUNT:
		return *(const size_t *)at != 0;
	case OPT_BOOL:
		return ((const struct oci_opt_bool *)at)->v;
	case OPT_U32:
		return ((const struct oci_opt_u32 *)at)->v != 0;
	case OPT_I64:
		return ((const struct oci_opt_i64 *)at)->v != 0 &&
		       ((const struct oci_opt_i64 *)at)->v != -1;
	case OPT_U64:
		return ((const struct oci_opt_u64 *)at)->v != 0;
	}
	return false;
}

/* @path is the section's, with the index of a list; @base may be NULL. */
static int refuse(enum section section, const void *base, const char *path,
		  size_t index, struct err *e)
{
	if (!base)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(rows); i++) {
		const struct row *row = &rows[i];

		if (row->section != section || !asks(row, base))
			continue;
		if (section == WEIGHT_DEVICE)
			return err_set(e, ENOTSUP, "%s[%zu].%s: %s", path,
				       index, row->name, reasons[row->why]);
		return err_set(e, ENOTSUP, "%s%s%s: %s", path,
			       path[0] ? "." : "", row->name,
			       reasons[row->why]);
	}
	return 0;
}

int oci_refuse_in_spec(const struct oci_spec *spec, struct err *e)
{
	return refuse(SPEC, spec, "", 0, e);
}

int oci_refuse_in_resources(const struct oci_resources *res, struct err *e)
{
	const struct oci_block_io *io = res->block_io;
	int r;

	r = refuse(MEMORY, res->memory, "linux.resources.memory", 0, e);
	if (r == 0)
		r = refuse(CPU, res->cpu, "linux.resources.cpu", 0, e);
	if (r == 0)
		r = refuse(BLOCK_IO, io, "linux.resources.blockIO", 0, e);
	for (size_t i = 0; r == 0 && io && i < io->weight_device.n; i++)
		r = refuse(WEIGHT_DEVICE, &io->weight_device.v[i],
			   "linux.resources.blockIO.weightDevice", i, e);
	if (r == 0)
		r = refuse(NETWORK, res->network, "linux.resources.network", 0,
			   e);
	return r;
}

bool oci_honours(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(rows); i++)
		if (strcmp(rows[i].name, name) == 0)
			return false;
	return true;
}
