// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/check.c - whether linux.resources can be had on cgroup v2, and which
 * controllers that takes.  Pure.
 */
#include <errno.h>
#include <string.h>

#include "cgroups/devices.h"
#include "cgroups/internal.h"
#include "cgroups/limits.h"
#include "oci/spec.h"
#include "util/auto.h"

#define RES "linux.resources."

static int v1_only(const char *property, const char *why, struct err *e)
{
	return err_set(e, ENOTSUP, RES "%s: %s", property, why);
}

static int out_of_range(const char *property, const char *want, struct err *e)
{
	return err_set(e, EINVAL, RES "%s: must be %s", property, want);
}

/* --- memory ------------------------------------------------------------------ */

static int check_memory_v1(const struct oci_memory *m, struct err *e)
{
	if (m->kernel.set && m->kernel.v > 0)
		return v1_only("memory.kernel",
			       "cgroup v2 has no separate limit for kernel memory, which memory.limit includes; leave it out",
			       e);
	if (m->kernel_tcp.set && m->kernel_tcp.v > 0)
		return v1_only("memory.kernelTCP",
			       "cgroup v2 has no separate limit for TCP buffers, which memory.limit includes; leave it out",
			       e);
	if (m->swappiness.set && m->swappiness.v)
		return v1_only("memory.swappiness",
			       "cgroup v2 has no swappiness for a cgroup; limit memory.swap instead",
			       e);
	if (m->disable_oom_killer.set && m->disable_oom_killer.v)
		return v1_only("memory.disableOOMKiller",
			       "the OOM killer cannot be switched off with cgroup v2; use unified memory.high to slow processes down before",
			       e);
	return 0;
}

static int check_memory(const struct oci_memory *m, struct err *e)
{
	const struct {
		const char *property;
		struct oci_opt_i64 value;
	} bytes[] = {
		{ "memory.limit", m->limit },
		{ "memory.reservation", m->reservation },
		{ "memory.swap", m->swap },
		{ "memory.kernel", m->kernel },
		{ "memory.kernelTCP", m->kernel_tcp },
	};

	for (size_t i = 0; i < ARRAY_LEN(bytes); i++)
		if (bytes[i].value.set && bytes[i].value.v < -1)
			return out_of_range(bytes[i].property,
					    "a number of bytes, or -1 for unlimited",
					    e);
	if (m->swap.set && m->swap.v > 0 && m->limit.set && m->limit.v > 0 &&
	    m->swap.v < m->limit.v)
		return err_set(e, EINVAL,
			       RES "memory.swap: %lld is less than memory.limit %lld; it is the sum of memory and swap",
			       (long long)m->swap.v, (long long)m->limit.v);
	if (m->swap.set && m->swap.v > 0 && m->limit.set && m->limit.v == -1)
		return err_set(e, EINVAL,
			       RES "memory.swap: cannot be limited while memory.limit is unlimited");
	return check_memory_v1(m, e);
}

/* --- cpu ---------------------------------------------------------------------- */

static int check_cpu(const struct oci_cpu *c, struct err *e)
{
	if (c->realtime_runtime.set && c->realtime_runtime.v > 0)
		return v1_only("cpu.realtimeRuntime",
			       "cgroup v2 has no limit for real-time processes; leave it out",
			       e);
	if (c->realtime_period.set && c->realtime_period.v)
		return v1_only("cpu.realtimePeriod",
			       "cgroup v2 has no limit for real-time processes; leave it out",
			       e);
	if (c->quota.set && c->quota.v < -1)
		return out_of_range("cpu.quota",
				    "microseconds, or -1 for unlimited", e);
	if (c->idle.set && c->idle.v != 0 && c->idle.v != 1)
		return out_of_range("cpu.idle", "0 or 1", e);
	if (c->burst.set && c->quota.set && c->quota.v > 0 &&
	    c->burst.v > (uint64_t)c->quota.v)
		return err_set(e, EINVAL,
			       RES "cpu.burst: %llu is more than cpu.quota %lld",
			       (unsigned long long)c->burst.v,
			       (long long)c->quota.v);
	return 0;
}

/* --- io ----------------------------------------------------------------------- */

/* "blockIO.weight" or one of a list: which one is only known at run time. */
static int check_weight(const char *list, size_t i, struct oci_opt_u32 w,
			struct err *e)
{
	if (!w.set || !w.v || (w.v >= 10 && w.v <= 1000))
		return 0;
	if (!list)
		return out_of_range("blockIO.weight", "10 to 1000", e);
	return err_set(e, EINVAL,
		       RES "blockIO.%s[%zu].weight: must be 10 to 1000", list, i);
}

static int check_number(const char *list, size_t i, int64_t major, int64_t minor,
			struct err *e)
{
	if (major >= 0 && major <= UINT32_MAX && minor >= 0 &&
	    minor <= UINT32_MAX)
		return 0;
	return err_set(e, EINVAL,
		       RES "blockIO.%s[%zu]: %lld:%lld is no device number", list,
		       i, (long long)major, (long long)minor);
}

static int check_throttles(const char *list,
			   const struct oci_throttle_devices *t, struct err *e)
{
	for (size_t i = 0; i < t->n; i++) {
		int r = check_number(list, i, t->v[i].major, t->v[i].minor, e);

		if (r < 0)
			return r;
	}
	return 0;
}

static int check_weight_devices(const struct oci_weight_devices *w,
				struct err *e)
{
	for (size_t i = 0; i < w->n; i++) {
		int r = check_number("weightDevice", i, w->v[i].major,
				     w->v[i].minor, e);

		if (r == 0)
			r = check_weight("weightDevice", i, w->v[i].weight, e);
		if (r < 0)
			return r;
		if (w->v[i].leaf_weight.set && w->v[i].leaf_weight.v)
			return err_set(e, ENOTSUP,
				       RES "blockIO.weightDevice[%zu].leafWeight: cgroup v2 has none; leave it out",
				       i);
	}
	return 0;
}

static int check_block_io(const struct oci_block_io *b, struct err *e)
{
	const struct {
		const char *list;
		const struct oci_throttle_devices *v;
	} throttles[] = {
		{ "throttleReadBpsDevice", &b->throttle_read_bps_device },
		{ "throttleWriteBpsDevice", &b->throttle_write_bps_device },
		{ "throttleReadIOPSDevice", &b->throttle_read_iops_device },
		{ "throttleWriteIOPSDevice", &b->throttle_write_iops_device },
	};
	int r = check_weight(NULL, 0, b->weight, e);

	if (r == 0 && b->leaf_weight.set && b->leaf_weight.v)
		return v1_only("blockIO.leafWeight",
			       "cgroup v2 has none; leave it out", e);
	if (r == 0)
		r = check_weight_devices(&b->weight_device, e);
	for (size_t i = 0; i < ARRAY_LEN(throttles) && r == 0; i++)
		r = check_throttles(throttles[i].list, throttles[i].v, e);
	return r;
}

/* --- the rest ------------------------------------------------------------------- */

static int check_network(const struct oci_resource_network *n, struct err *e)
{
	if (n->class_id.set && n->class_id.v)
		return v1_only("network.classID",
			       "cgroup v2 has no net_cls; leave it out", e);
	if (n->n_priorities)
		return v1_only("network.priorities",
			       "cgroup v2 has no net_prio; leave it out", e);
	return 0;
}

/* One word of a path: it becomes part of a file's name or of a line in it. */
static bool is_word(const char *s)
{
	return s && *s && strlen(s) < 128 && !strpbrk(s, "/ \t\n") &&
	       strcmp(s, ".") && strcmp(s, "..");
}

/* Files that do something at once to whole processes: the first two bring a
 * process of the host's into the cgroup, which is later killed with all in it. */
static bool is_command(const char *file)
{
	static const char *const commands[] = {
		"cgroup.procs", "cgroup.threads", "cgroup.kill", "cgroup.freeze",
		"cgroup.type", "cgroup.subtree_control",
	};

	for (size_t i = 0; i < ARRAY_LEN(commands); i++)
		if (strcmp(file, commands[i]) == 0)
			return true;
	return false;
}

static int check_unified(const struct oci_kv *kv, struct err *e)
{
	if (!is_word(kv->key) || !kv->value)
		return err_set(e, EINVAL,
			       RES "unified: \"%.100s\" is not the name of a cgroup file",
			       kv->key ?: "");
	if (is_command(kv->key))
		return err_set(e, EINVAL,
			       RES "unified: \"%s\" is not a limit; the cgroup's processes and controllers are the runtime's",
			       kv->key);
	return 0;
}

static int check_names(const struct oci_resources *r, struct err *e)
{
	for (size_t i = 0; i < r->n_hugepage_limits; i++)
		if (!is_word(r->hugepage_limits[i].page_size))
			return err_set(e, EINVAL,
				       RES "hugepageLimits[%zu].pageSize: must be a size like \"2MB\"",
				       i);
	for (size_t i = 0; i < r->n_rdma; i++) {
		const struct oci_rdma *d = &r->rdma[i];

		if (!is_word(d->device))
			return err_set(e, EINVAL,
				       RES "rdma: \"%.100s\" is no device",
				       d->device ?: "");
		if (!d->hca_handles.set && !d->hca_objects.set)
			return err_set(e, EINVAL,
				       RES "rdma[\"%.100s\"]: neither hcaHandles nor hcaObjects is given",
				       d->device);
	}
	for (size_t i = 0; i < r->unified.n; i++) {
		int ret = check_unified(&r->unified.v[i], e);

		if (ret < 0)
			return ret;
	}
	return 0;
}

int cgroup_check(const struct oci_resources *r, struct err *e)
{
	int ret = 0;

	if (!r)
		return 0;
	if (r->memory)
		ret = check_memory(r->memory, e);
	if (ret == 0 && r->cpu)
		ret = check_cpu(r->cpu, e);
	if (ret == 0 && r->block_io)
		ret = check_block_io(r->block_io, e);
	if (ret == 0 && r->network)
		ret = check_network(r->network, e);
	if (ret == 0 && r->pids && r->pids->limit.set && r->pids->limit.v < -1)
		ret = out_of_range("pids.limit",
				   "a number of tasks, or -1 for unlimited", e);
	if (ret == 0)
		ret = check_names(r, e);
	if (ret == 0)
		ret = cgroup_devices_check(r->devices, r->n_devices, e);
	return ret;
}

/* --- controllers ----------------------------------------------------------------- */

/* 0 is "unset" and -1 unlimited: neither needs a controller. */
static bool limits(struct oci_opt_i64 v)
{
	return v.set && v.v > 0;
}

/* The first limit of each controller, if it is set at all. */
static const char *memory_limit(const struct oci_resources *r)
{
	const struct oci_memory *m = r->memory;

	if (!m)
		return NULL;
	if (limits(m->limit))
		return RES "memory.limit";
	if (limits(m->swap))
		return RES "memory.swap";
	return limits(m->reservation) ? RES "memory.reservation" : NULL;
}

static const char *cpu_limit(const struct oci_resources *r)
{
	const struct oci_cpu *c = r->cpu;

	if (!c)
		return NULL;
	if (c->shares.set && c->shares.v)
		return RES "cpu.shares";
	if (limits(c->quota))
		return RES "cpu.quota";
	/* With an unlimited quota it says nothing. */
	if (c->period.set && c->period.v && !(c->quota.set && c->quota.v < 0))
		return RES "cpu.period";
	if (c->burst.set)
		return RES "cpu.burst";
	return c->idle.set ? RES "cpu.idle" : NULL;
}

static const char *cpuset_limit(const struct oci_resources *r)
{
	const struct oci_cpu *c = r->cpu;

	if (c && c->cpus && *c->cpus)
		return RES "cpu.cpus";
	return c && c->mems && *c->mems ? RES "cpu.mems" : NULL;
}

static const char *pids_limit(const struct oci_resources *r)
{
	const struct oci_pids *p = r->pids;

	/* 0 is a limit here. */
	return p && p->limit.set && p->limit.v >= 0 ? RES "pids.limit" : NULL;
}

static const char *io_limit(const struct oci_resources *r)
{
	const struct oci_block_io *b = r->block_io;

	if (!b)
		return NULL;
	if (b->weight.set && b->weight.v)
		return RES "blockIO.weight";
	if (b->weight_device.n)
		return RES "blockIO.weightDevice";
	if (b->throttle_read_bps_device.n)
		return RES "blockIO.throttleReadBpsDevice";
	if (b->throttle_write_bps_device.n)
		return RES "blockIO.throttleWriteBpsDevice";
	if (b->throttle_read_iops_device.n)
		return RES "blockIO.throttleReadIOPSDevice";
	return b->throttle_write_iops_device.n ?
		       RES "blockIO.throttleWriteIOPSDevice" :
		       NULL;
}

static const char *hugetlb_limit(const struct oci_resources *r)
{
	return r->n_hugepage_limits ? RES "hugepageLimits" : NULL;
}

static const char *rdma_limit(const struct oci_resources *r)
{
	return r->n_rdma ? RES "rdma" : NULL;
}

static const struct {
	uint32_t controller;
	const char *(*limit)(const struct oci_resources *r);
} sections[] = {
	{ CGROUP_MEMORY, memory_limit }, { CGROUP_CPU, cpu_limit },
	{ CGROUP_CPUSET, cpuset_limit }, { CGROUP_PIDS, pids_limit },
	{ CGROUP_IO, io_limit },	 { CGROUP_HUGETLB, hugetlb_limit },
	{ CGROUP_RDMA, rdma_limit },
};

uint32_t cgroup_controllers_needed(const struct oci_resources *r)
{
	uint32_t set = 0;

	if (!r)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(sections); i++)
		if (sections[i].limit(r))
			set |= sections[i].controller;
	for (size_t i = 0; i < r->unified.n; i++)
		if (r->unified.v[i].key)
			set |= cgroup_controller_of_file(r->unified.v[i].key);
	return set;
}

const char *cgroup_limit_name(const struct oci_resources *r, uint32_t set)
{
	const char *name = NULL;

	for (size_t i = 0; i < ARRAY_LEN(sections) && r && !name; i++)
		if (set & sections[i].controller)
			name = sections[i].limit(r);
	return name ?: RES "unified";
}
