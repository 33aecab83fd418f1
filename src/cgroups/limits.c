// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/limits.c - one table of what linux.resources means in files of a v2
 * cgroup, and the loop over it.
 *
 * The table's order is the order of the writes.  "Unset" is also a memory, CPU
 * or weight value of 0, as with runc; pids.limit 0 is a real limit.
 */
#include "cgroups/limits.h"

#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "cgroups/internal.h"
#include "oci/spec.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/num.h"

#define KNOB_TEXT_MAX 256

struct apply {
	const struct cgroup *cg;
	const struct oci_resources *r;
	struct err *e;
	bool enabled; /* the controllers were enabled once more already */
	bool burst_written;
};

struct knob {
	const char *property; /* below linux.resources */
	const char *file;
	int (*write)(struct apply *ap, const struct knob *k);
};

/* --- writing ------------------------------------------------------------------ */

/*
 * A container that began without limits may lie in a cgroup without the
 * controller that an update needs now.
 */
static int enable_late(struct apply *ap)
{
	char parent[CGROUP_PATH_MAX];

	ap->enabled = true;
	if (cgroup_copy_path(parent, ap->cg->path) < 0)
		return err_sys(ap->e, ENAMETOOLONG, "%s", ap->cg->path);
	if (!cgroup_parent(parent))
		return 0;
	return cgroup_enable(parent, cgroup_controllers_needed(ap->r), ap->r,
			     ap->e);
}

/* Return: 0, or -errno; a text only when enabling failed (*@told). */
static int write_file(struct apply *ap, const char *file, const char *text,
		      bool *told)
{
	int r = fs_write_text(ap->cg->fd, file, text);

	*told = false;
	if (r != -ENOENT || ap->enabled || !cgroup_controller_of_file(file))
		return r;
	r = enable_late(ap);
	*told = r < 0;
	return r < 0 ? r : fs_write_text(ap->cg->fd, file, text);
}

static int explain(struct apply *ap, const char *property, const char *file,
		   const char *text, int code)
{
	const char *path = ap->cg->path;

	switch (code) {
	case -ENOENT:
		return err_set(ap->e, ENOENT,
			       "linux.resources.%s: this kernel has no file %s in %s",
			       property, file, path);
	case -EINVAL:
	case -ERANGE:
		return err_set(ap->e, -code,
			       "linux.resources.%s: the kernel refuses \"%.100s\" for %s",
			       property, text, file);
	}
	return err_sys(ap->e, code, "linux.resources.%s: write \"%.100s\" to %s/%s",
		       property, text, path, file);
}

static int put(struct apply *ap, const char *property, const char *file,
	       const char *text)
{
	bool told;
	int r = write_file(ap, file, text, &told);

	return r < 0 && !told ? explain(ap, property, file, text, r) : r;
}

static int put_knob(struct apply *ap, const struct knob *k, const char *fmt,
		    ...) PRINTF_LIKE(3, 4);

static int put_knob(struct apply *ap, const struct knob *k, const char *fmt, ...)
{
	char text[KNOB_TEXT_MAX];
	va_list args;

	va_start(args, fmt);
	vsnprintf(text, sizeof(text), fmt, args);
	va_end(args);
	return put(ap, k->property, k->file, text);
}

/* Where a controller is missing nothing is limited: that is what was asked for,
 * and no reason to enable it. */
static int put_unlimited(struct apply *ap, const struct knob *k, const char *text)
{
	int r = fs_write_text(ap->cg->fd, k->file, text);

	return r < 0 && r != -ENOENT ?
		       explain(ap, k->property, k->file, text, r) : 0;
}

/* Bytes or tasks: any negative value is "max". */
static int put_max(struct apply *ap, const struct knob *k, int64_t v)
{
	return v < 0 ? put_unlimited(ap, k, "max") :
		       put_knob(ap, k, "%lld", (long long)v);
}

/* A value that the cgroup has now; @ret untouched when there is none. */
static int read_now(struct apply *ap, const char *file, uint64_t *ret)
{
	char text[32];
	ssize_t n = cgroup_read_value(ap->cg->fd, file, text, sizeof(text));

	if (n < 0)
		return (int)n;
	if (!strcmp(text, "max")) {
		*ret = UINT64_MAX;
		return 0;
	}
	return num_u64(text, UINT64_MAX, ret);
}

/* --- memory ------------------------------------------------------------------- */

/* checkBeforeUpdate: as v1 did, refuse a limit below what is in use, where v2
 * would call the OOM killer. */
static int write_memory_check(struct apply *ap, const struct knob *k)
{
	const struct oci_memory *m = ap->r->memory;
	uint64_t usage = 0;

	if (!m || !m->check_before_update.set || !m->check_before_update.v ||
	    read_now(ap, k->file, &usage) < 0)
		return 0;
	if (m->swap.set && m->swap.v > 0 && (uint64_t)m->swap.v <= usage)
		return err_set(ap->e, EBUSY,
			       "linux.resources.memory.swap: rejecting %lld, as %llu bytes are in use (checkBeforeUpdate)",
			       (long long)m->swap.v, (unsigned long long)usage);
	if (m->limit.set && m->limit.v > 0 && (uint64_t)m->limit.v <= usage)
		return err_set(ap->e, EBUSY,
			       "linux.resources.memory.limit: rejecting %lld, as %llu bytes are in use (checkBeforeUpdate)",
			       (long long)m->limit.v, (unsigned long long)usage);
	return 0;
}

/* The limit without swap that memory.swap is counted from. */
static int memory_base(struct apply *ap, const struct knob *k, uint64_t *ret)
{
	const struct oci_memory *m = ap->r->memory;
	uint64_t now = UINT64_MAX;

	if (m->limit.set && m->limit.v) {
		now = m->limit.v < 0 ? UINT64_MAX : (uint64_t)m->limit.v;
	} else {
		read_now(ap, "memory.max", &now);
	}
	if (now == UINT64_MAX)
		return err_set(ap->e, EINVAL,
			       "linux.resources.%s: cannot be limited without memory.limit, since it is the sum of memory and swap",
			       k->property);
	*ret = now;
	return 0;
}

/* A kernel without swap accounting has no file; "0" holds there as well. */
static int put_swap(struct apply *ap, const struct knob *k, const char *text)
{
	bool told;
	int r = write_file(ap, k->file, text, &told);

	if (r == -ENOENT && !told && !strcmp(text, "0"))
		return 0;
	return r < 0 && !told ? explain(ap, k->property, k->file, text, r) : r;
}

static int write_swap(struct apply *ap, const struct knob *k)
{
	const struct oci_memory *m = ap->r->memory;
	uint64_t base = 0;
	char text[32];
	int r;

	if (!m)
		return 0;
	if (!m->swap.set || !m->swap.v) /* unlimited memory: swap as well */
		return m->limit.set && m->limit.v == -1 ?
			       put_unlimited(ap, k, "max") : 0;
	if (m->swap.v < 0)
		return put_unlimited(ap, k, "max");
	r = memory_base(ap, k, &base);
	if (r < 0)
		return r;
	if ((uint64_t)m->swap.v < base)
		return err_set(ap->e, EINVAL,
			       "linux.resources.%s: %lld is less than the memory limit %llu; it is the sum of memory and swap",
			       k->property, (long long)m->swap.v,
			       (unsigned long long)base);
	snprintf(text, sizeof(text), "%llu",
		 (unsigned long long)((uint64_t)m->swap.v - base));
	return put_swap(ap, k, text);
}

static int write_memory_limit(struct apply *ap, const struct knob *k)
{
	const struct oci_memory *m = ap->r->memory;

	return m && m->limit.set && m->limit.v ? put_max(ap, k, m->limit.v) : 0;
}

static int write_reservation(struct apply *ap, const struct knob *k)
{
	const struct oci_memory *m = ap->r->memory;

	return m && m->reservation.set && m->reservation.v ?
		       put_max(ap, k, m->reservation.v) : 0;
}

/* --- cpu ---------------------------------------------------------------------- */

/* An idle cgroup has no weight to set: leave idle before, enter it after. */
static int write_not_idle(struct apply *ap, const struct knob *k)
{
	const struct oci_cpu *c = ap->r->cpu;

	return c && c->idle.set && c->idle.v == 0 ? put_knob(ap, k, "0") : 0;
}

static int write_idle(struct apply *ap, const struct knob *k)
{
	const struct oci_cpu *c = ap->r->cpu;

	return c && c->idle.set && c->idle.v ? put_knob(ap, k, "1") : 0;
}

static int write_shares(struct apply *ap, const struct knob *k)
{
	const struct oci_cpu *c = ap->r->cpu;
	uint64_t weight = c && c->shares.set ?
				  cgroup_weight_from_shares(c->shares.v) : 0;

	return weight ? put_knob(ap, k, "%llu", (unsigned long long)weight) : 0;
}

/* "QUOTA PERIOD"; what of them is not given stays as it is. */
static int write_quota(struct apply *ap, const struct knob *k)
{
	const struct oci_cpu *c = ap->r->cpu;
	char quota[32] = "max", now[64], text[64];

	if (!c || !((c->quota.set && c->quota.v) || (c->period.set && c->period.v)))
		return 0;
	if (c->quota.set && c->quota.v)
		snprintf(quota, sizeof(quota), c->quota.v < 0 ? "max" : "%lld",
			 (long long)c->quota.v);
	else if (cgroup_read_value(ap->cg->fd, k->file, now, sizeof(now)) > 0)
		snprintf(quota, sizeof(quota), "%.*s",
			 (int)strcspn(now, " "), now);
	if (c->period.set && c->period.v)
		snprintf(text, sizeof(text), "%s %llu", quota,
			 (unsigned long long)c->period.v);
	else
		snprintf(text, sizeof(text), "%s", quota);
	return c->quota.set && c->quota.v < 0 ?
		       put_unlimited(ap, k, text) :
		       put(ap, k->property, k->file, text);
}

/*
 * The kernel holds burst <= quota at each write.  So the burst is written
 * before the quota, which may go down, and if it is refused there after it,
 * which may go up.
 */
static int write_burst_first(struct apply *ap, const struct knob *k)
{
	const struct oci_cpu *c = ap->r->cpu;
	char text[32];
	bool told;

	if (!c || !c->burst.set || !c->quota.set || !c->quota.v)
		return 0;
	snprintf(text, sizeof(text), "%llu", (unsigned long long)c->burst.v);
	ap->burst_written = write_file(ap, k->file, text, &told) == 0;
	return 0;
}

static int write_burst(struct apply *ap, const struct knob *k)
{
	const struct oci_cpu *c = ap->r->cpu;

	return c && c->burst.set && !ap->burst_written ?
		       put_knob(ap, k, "%llu", (unsigned long long)c->burst.v) :
		       0;
}

static int write_cpus(struct apply *ap, const struct knob *k)
{
	const struct oci_cpu *c = ap->r->cpu;

	return c && c->cpus && *c->cpus ? put(ap, k->property, k->file, c->cpus) : 0;
}

static int write_mems(struct apply *ap, const struct knob *k)
{
	const struct oci_cpu *c = ap->r->cpu;

	return c && c->mems && *c->mems ? put(ap, k->property, k->file, c->mems) : 0;
}

/* --- pids --------------------------------------------------------------------- */

static int write_pids(struct apply *ap, const struct knob *k)
{
	const struct oci_pids *p = ap->r->pids;

	return p && p->limit.set ? put_max(ap, k, p->limit.v) : 0;
}

/* --- io ----------------------------------------------------------------------- */

/* BFQ has a file and a scale of its own, the one of v1; io.weight is that of
 * the cost model. */
static int put_weight(struct apply *ap, const struct knob *k,
		      const char *device, uint32_t weight)
{
	struct knob other = *k;

	other.file = "io.bfq.weight";
	if (faccessat(ap->cg->fd, other.file, F_OK, 0) == 0)
		return put_knob(ap, &other, "%s%u", device, weight);
	return put_knob(ap, k, "%s%llu", device,
			(unsigned long long)cgroup_io_weight(weight));
}

static int write_io_weight(struct apply *ap, const struct knob *k)
{
	const struct oci_block_io *b = ap->r->block_io;

	return b && b->weight.set && b->weight.v ?
		       put_weight(ap, k, "", b->weight.v) : 0;
}

static int write_weight_devices(struct apply *ap, const struct knob *k)
{
	const struct oci_block_io *b = ap->r->block_io;

	for (size_t i = 0; b && i < b->weight_device.n; i++) {
		const struct oci_weight_device *w = &b->weight_device.v[i];
		char device[64];
		int r;

		if (!w->weight.set || !w->weight.v)
			continue;
		snprintf(device, sizeof(device), "%lld:%lld ",
			 (long long)w->major, (long long)w->minor);
		r = put_weight(ap, k, device, w->weight.v);
		if (r < 0)
			return r;
	}
	return 0;
}

/* A rate of 0 takes the limit away, as it did with v1. */
static int put_throttles(struct apply *ap, const struct knob *k,
			 const struct oci_throttle_devices *t, const char *key)
{
	for (size_t i = 0; i < t->n; i++) {
		const struct oci_throttle_device *d = &t->v[i];
		char rate[32] = "max";
		int r;

		if (d->rate)
			snprintf(rate, sizeof(rate), "%llu",
				 (unsigned long long)d->rate);
		r = put_knob(ap, k, "%lld:%lld %s=%s", (long long)d->major,
			     (long long)d->minor, key, rate);
		if (r < 0)
			return r;
	}
	return 0;
}

#define THROTTLE(name, list, key)                                              \
	static int name(struct apply *ap, const struct knob *k)                \
	{                                                                      \
		const struct oci_block_io *b = ap->r->block_io;                \
                                                                               \
		return b ? put_throttles(ap, k, &b->list, key) : 0;            \
	}

THROTTLE(write_rbps, throttle_read_bps_device, "rbps")
THROTTLE(write_wbps, throttle_write_bps_device, "wbps")
THROTTLE(write_riops, throttle_read_iops_device, "riops")
THROTTLE(write_wiops, throttle_write_iops_device, "wiops")

/* --- hugetlb, rdma, unified ----------------------------------------------------- */

/* Reservations are limited where the kernel can (5.7), page faults always. */
static int write_hugepages(struct apply *ap, const struct knob *k)
{
	for (size_t i = 0; i < ap->r->n_hugepage_limits; i++) {
		const struct oci_hugepage_limit *h = &ap->r->hugepage_limits[i];
		char file[160], text[32];
		bool told;
		int r;

		snprintf(text, sizeof(text), "%llu",
			 (unsigned long long)h->limit);
		snprintf(file, sizeof(file), "hugetlb.%s.max", h->page_size);
		r = put(ap, k->property, file, text);
		if (r < 0)
			return r;
		snprintf(file, sizeof(file), "hugetlb.%s.rsvd.max",
			 h->page_size);
		r = write_file(ap, file, text, &told);
		if (r < 0 && r != -ENOENT)
			return told ? r :
				      explain(ap, k->property, file, text, r);
	}
	return 0;
}

static int write_rdma(struct apply *ap, const struct knob *k)
{
	for (size_t i = 0; i < ap->r->n_rdma; i++) {
		const struct oci_rdma *d = &ap->r->rdma[i];
		char handles[40] = "", objects[40] = "";
		int r;

		if (d->hca_handles.set)
			snprintf(handles, sizeof(handles), " hca_handle=%u",
				 d->hca_handles.v);
		if (d->hca_objects.set)
			snprintf(objects, sizeof(objects), " hca_object=%u",
				 d->hca_objects.v);
		if (!*handles && !*objects)
			continue;
		r = put_knob(ap, k, "%s%s%s", d->device, handles, objects);
		if (r < 0)
			return r;
	}
	return 0;
}

/* Each line on its own: io.max and its like take one device a write. */
static int put_lines(struct apply *ap, const char *property,
		     const struct oci_kv *kv)
{
	const char *line = kv->value;

	do {
		size_t len = strcspn(line, "\n");
		auto_mem char *text = strndup(line, len);
		int r;

		if (!text)
			return err_set(ap->e, ENOMEM, "%s: out of memory", property);
		r = len || line == kv->value ? put(ap, property, kv->key, text) : 0;
		if (r < 0)
			return r;
		line += len;
	} while (*line++);
	return 0;
}

static int write_unified(struct apply *ap, const struct knob *k)
{
	for (size_t i = 0; i < ap->r->unified.n; i++) {
		const struct oci_kv *kv = &ap->r->unified.v[i];
		char property[160];
		int r;

		snprintf(property, sizeof(property), "%s.%s", k->property, kv->key);
		r = put_lines(ap, property, kv);
		if (r < 0)
			return r;
	}
	return 0;
}

/* --- the table ------------------------------------------------------------------ */

static const struct knob knobs[] = {
	{ "memory", "memory.current", write_memory_check },
	/* swap before memory: what a lower limit pushes out has to go somewhere */
	{ "memory.swap", "memory.swap.max", write_swap },
	{ "memory.limit", "memory.max", write_memory_limit },
	{ "memory.reservation", "memory.low", write_reservation },
	{ "cpu.idle", "cpu.idle", write_not_idle },
	{ "cpu.shares", "cpu.weight", write_shares },
	{ "cpu.idle", "cpu.idle", write_idle },
	{ "cpu.burst", "cpu.max.burst", write_burst_first },
	{ "cpu.quota", "cpu.max", write_quota },
	{ "cpu.burst", "cpu.max.burst", write_burst },
	{ "cpu.cpus", "cpuset.cpus", write_cpus },
	{ "cpu.mems", "cpuset.mems", write_mems },
	{ "pids.limit", "pids.max", write_pids },
	{ "blockIO.weight", "io.weight", write_io_weight },
	{ "blockIO.weightDevice", "io.weight", write_weight_devices },
	{ "blockIO.throttleReadBpsDevice", "io.max", write_rbps },
	{ "blockIO.throttleWriteBpsDevice", "io.max", write_wbps },
	{ "blockIO.throttleReadIOPSDevice", "io.max", write_riops },
	{ "blockIO.throttleWriteIOPSDevice", "io.max", write_wiops },
	{ "hugepageLimits", NULL, write_hugepages },
	{ "rdma", "rdma.max", write_rdma },
	{ "unified", NULL, write_unified },
};

int cgroup_apply(const struct cgroup *cg, const struct oci_resources *r,
		 struct err *e)
{
	struct apply ap = { .cg = cg, .r = r, .e = e };
	int ret = cgroup_check(r, e);

	if (!r)
		return 0;
	for (size_t i = 0; i < ARRAY_LEN(knobs) && ret == 0; i++)
		ret = knobs[i].write(&ap, &knobs[i]);
	return ret;
}
