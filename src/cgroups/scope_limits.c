// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/scope_limits.c - linux.resources as properties of a systemd unit.
 *
 * Only limits that systemd knows; those that it does not are in the cgroup's
 * files alone, and it leaves them be.  The order is that of the table, and of two
 * assignments the later one holds: unified wins here, too.
 *
 * No property is for devices: systemd would attach a program of its own, which
 * cannot say all that the rules can.  berth's program is one that systemd does
 * not know of and never takes away.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/limits.h"
#include "cgroups/scope_internal.h"
#include "oci/spec.h"
#include "util/auto.h"
#include "util/num.h"

#define UNLIMITED UINT64_MAX
#define USEC_PER_SEC 1000000u
#define QUOTA_STEP 10000u /* systemd keeps quotas as whole percents */
#define CPUS_MAX 8192

struct limits {
	const struct oci_resources *r;
	const struct scope_now *now;
};

/* --- single values: whether it is set, and what it is ------------------------------ */

static uint64_t unlimited_if_negative(int64_t v)
{
	return v < 0 ? UNLIMITED : (uint64_t)v;
}

static bool memory_max(const struct limits *l, uint64_t *ret)
{
	const struct oci_memory *m = l->r->memory;

	if (!m || !m->limit.set || !m->limit.v)
		return false;
	*ret = unlimited_if_negative(m->limit.v);
	return true;
}

static bool memory_low(const struct limits *l, uint64_t *ret)
{
	const struct oci_memory *m = l->r->memory;

	if (!m || !m->reservation.set || !m->reservation.v)
		return false;
	*ret = unlimited_if_negative(m->reservation.v);
	return true;
}

/* memory.swap is the sum of memory and swap; systemd's is swap alone. */
static bool memory_swap_max(const struct limits *l, uint64_t *ret)
{
	const struct oci_memory *m = l->r->memory;
	uint64_t base = l->now->memory;

	if (!m)
		return false;
	memory_max(l, &base);
	if (!m->swap.set || !m->swap.v) {
		*ret = UNLIMITED;
		return m->limit.set && m->limit.v < 0;
	}
	if (m->swap.v < 0)
		*ret = UNLIMITED;
	else if ((uint64_t)m->swap.v < base)
		return false;
	else
		*ret = (uint64_t)m->swap.v - base;
	return true;
}

/* A weight of 0 is how systemd calls an idle cgroup. */
static bool cpu_weight(const struct limits *l, uint64_t *ret)
{
	const struct oci_cpu *c = l->r->cpu;

	if (!c)
		return false;
	*ret = 0;
	if (c->idle.set && c->idle.v)
		return true;
	*ret = c->shares.set ? cgroup_weight_from_shares(c->shares.v) : 0;
	return *ret;
}

static bool has_quota(const struct oci_cpu *c)
{
	return c && ((c->quota.set && c->quota.v) || (c->period.set && c->period.v));
}

static uint64_t period_of(const struct limits *l)
{
	const struct oci_cpu *c = l->r->cpu;

	return c->period.set && c->period.v ? c->period.v : l->now->period;
}

static bool cpu_period(const struct limits *l, uint64_t *ret)
{
	if (!has_quota(l->r->cpu))
		return false;
	*ret = period_of(l);
	return true;
}

/* What a quota gives in each second, rounded up to what systemd can keep. */
static uint64_t quota_per_second(uint64_t quota, uint64_t period)
{
	uint64_t v;

	if (quota == UNLIMITED || !period ||
	    __builtin_mul_overflow(quota, (uint64_t)USEC_PER_SEC, &v))
		return UNLIMITED;
	v /= period;
	return (v + QUOTA_STEP - 1) / QUOTA_STEP * QUOTA_STEP;
}

static bool cpu_quota(const struct limits *l, uint64_t *ret)
{
	const struct oci_cpu *c = l->r->cpu;
	uint64_t quota = l->now->quota;

	if (!has_quota(c))
		return false;
	if (c->quota.set && c->quota.v)
		quota = unlimited_if_negative(c->quota.v);
	*ret = quota_per_second(quota, period_of(l));
	return true;
}

/* 0 forbids every new process, which systemd has no value for: 1 is as good. */
static bool tasks_max(const struct limits *l, uint64_t *ret)
{
	const struct oci_pids *p = l->r->pids;

	if (!p || !p->limit.set)
		return false;
	*ret = p->limit.v ? unlimited_if_negative(p->limit.v) : 1;
	return true;
}

/* --- I/O ------------------------------------------------------------------------------ */

/*
 * systemd has one scale, of io.weight, and makes BFQ's of it: below and above the
 * default of 100 a straight line each.  This is the way back, rounded so that its
 * way there ends where it began.
 */
uint64_t scope_bfq_weight(uint64_t w)
{
	if (w <= 100)
		return w;
	return 100 + ((w - 100) * 9900 + 899) / 900;
}

static uint64_t io_weight_of(const struct limits *l, uint32_t w)
{
	return l->now->bfq ? scope_bfq_weight(w) : cgroup_io_weight(w);
}

static bool io_weight(const struct limits *l, uint64_t *ret)
{
	const struct oci_block_io *b = l->r->block_io;

	if (!b || !b->weight.set || !b->weight.v)
		return false;
	*ret = io_weight_of(l, b->weight.v);
	return true;
}

/* One device's value: "a(st)" with a single element, as each one is added. */
static void put_device(struct properties *p, const char *name, int64_t major,
		       int64_t minor, uint64_t value)
{
	struct dbus_array a;
	char path[64];

	if (!property_begin(p, name, "a(st)"))
		return;
	snprintf(path, sizeof(path), "/dev/block/%lld:%lld", (long long)major,
		 (long long)minor);
	a = dbus_open_array(p->w, 8);
	dbus_pad(p->w, 8);
	dbus_put_str(p->w, path);
	dbus_put_u64(p->w, value);
	dbus_close_array(p->w, &a);
}

static void put_throttles(struct properties *p, const char *name,
			  const struct oci_throttle_devices *t)
{
	for (size_t i = 0; i < t->n; i++)
		put_device(p, name, t->v[i].major, t->v[i].minor,
			   t->v[i].rate ? t->v[i].rate : UNLIMITED);
}

static void put_io_devices(struct properties *p, const struct limits *l)
{
	const struct oci_block_io *b = l->r->block_io;

	if (!b)
		return;
	for (size_t i = 0; i < b->weight_device.n; i++) {
		const struct oci_weight_device *d = &b->weight_device.v[i];

		if (d->weight.set && d->weight.v)
			put_device(p, "IODeviceWeight", d->major, d->minor,
				   io_weight_of(l, d->weight.v));
	}
	put_throttles(p, "IOReadBandwidthMax", &b->throttle_read_bps_device);
	put_throttles(p, "IOWriteBandwidthMax", &b->throttle_write_bps_device);
	put_throttles(p, "IOReadIOPSMax", &b->throttle_read_iops_device);
	put_throttles(p, "IOWriteIOPSMax", &b->throttle_write_iops_device);
}

/* --- processors and memory nodes ---------------------------------------------------- */

static int set_bits(const char *list, uint8_t bits[CPUS_MAX / 8], size_t *ret_len)
{
	size_t used = 0;

	while (*list) {
		size_t len = strcspn(list, ","), dash;
		uint64_t first, last;

		dash = strcspn(list, "-,");
		if (num_u64n(list, dash, CPUS_MAX - 1, &first) < 0)
			return -EINVAL;
		last = first;
		if (dash < len && num_u64n(list + dash + 1, len - dash - 1,
					   CPUS_MAX - 1, &last) < 0)
			return -EINVAL;
		for (uint64_t n = first; n <= last; n++)
			bits[n / 8] |= (uint8_t)(1 << n % 8);
		if (last < first)
			return -EINVAL;
		if (last / 8 + 1 > used)
			used = last / 8 + 1;
		list += len;
		if (*list && !*++list)
			return -EINVAL;
	}
	*ret_len = used;
	return 0;
}

ssize_t scope_cpus(const char *list, uint8_t **ret)
{
	auto_mem uint8_t *bits = calloc(1, CPUS_MAX / 8);
	size_t len;

	if (!bits)
		return -ENOMEM;
	if (set_bits(list, bits, &len) < 0 || !len)
		return -EINVAL;
	*ret = mem_take(&bits);
	return (ssize_t)len;
}

/* What the kernel takes and this does not, such as "0-7:2/4", stays in the file
 * alone. */
static void put_set(struct properties *p, const char *name, const char *list)
{
	auto_mem uint8_t *bits = NULL;
	ssize_t n = list && *list ? scope_cpus(list, &bits) : 0;
	struct dbus_array a;

	if (n <= 0 || !property_begin(p, name, "ay"))
		return;
	a = dbus_open_array(p->w, 1);
	buf_put(p->w->out, bits, (size_t)n);
	dbus_close_array(p->w, &a);
}

/* --- unified ---------------------------------------------------------------------------- */

static const struct { const char *file, *property; } unified_numbers[] = {
	{ "memory.min", "MemoryMin" },
	{ "memory.low", "MemoryLow" },
	{ "memory.high", "MemoryHigh" },
	{ "memory.max", "MemoryMax" },
	{ "memory.swap.max", "MemorySwapMax" },
	{ "memory.zswap.max", "MemoryZSwapMax" },
	{ "pids.max", "TasksMax" },
	{ "cpu.weight", "CPUWeight" },
	{ "io.weight", "IOWeight" },
};

/* A word of a value: a number or "max".  What is neither is the file's affair. */
static bool number(const char *s, size_t len, uint64_t *ret)
{
	*ret = UNLIMITED;
	return (len == 3 && memcmp(s, "max", 3) == 0) ||
	       num_u64n(s, len, UNLIMITED, ret) == 0;
}

#define BLANK " \t\n"

static void put_unified_number(struct properties *p, const char *file,
			       const char *value, size_t len)
{
	uint64_t v;

	/* io.weight: "default 100" and lines for devices; those are left alone. */
	if (len > 8 && memcmp(value, "default ", 8) == 0) {
		value += 8;
		len -= 8;
	}
	if (!number(value, len, &v))
		return;
	for (size_t i = 0; i < ARRAY_LEN(unified_numbers); i++)
		if (strcmp(unified_numbers[i].file, file) == 0)
			property_u64(p, unified_numbers[i].property, v);
}

static void put_unified_quota(struct properties *p, const char *value, size_t len,
			      const struct scope_now *now)
{
	size_t first = strcspn(value, BLANK), gap;
	uint64_t quota, period = now->period;

	if (first > len || !number(value, first, &quota))
		return;
	gap = strspn(value + first, BLANK);
	if (first + gap < len &&
	    num_u64n(value + first + gap, len - first - gap, UNLIMITED, &period) < 0)
		return;
	property_u64(p, "CPUQuotaPeriodUSec", period);
	property_u64(p, "CPUQuotaPerSecUSec", quota_per_second(quota, period));
}

static void put_unified_one(struct properties *p, const struct oci_kv *kv,
			    const struct scope_now *now)
{
	const char *v = kv->value + strspn(kv->value, BLANK);
	size_t len = strlen(v);
	char list[256];

	while (len && strchr(BLANK, v[len - 1]))
		len--;
	snprintf(list, sizeof(list), "%.*s", (int)len, v);
	if (strcmp(kv->key, "cpu.max") == 0)
		put_unified_quota(p, v, len, now);
	else if (strcmp(kv->key, "cpu.idle") == 0 && strcmp(list, "1") == 0)
		property_u64(p, "CPUWeight", 0);
	else if (strcmp(kv->key, "cpuset.cpus") == 0 && len < sizeof(list))
		put_set(p, "AllowedCPUs", list);
	else if (strcmp(kv->key, "cpuset.mems") == 0 && len < sizeof(list))
		put_set(p, "AllowedMemoryNodes", list);
	else
		put_unified_number(p, kv->key, v, len);
}

/* --- the table ---------------------------------------------------------------------------- */

static const struct {
	const char *property;
	bool (*get)(const struct limits *l, uint64_t *ret);
} numbers[] = {
	{ "MemoryMax", memory_max },
	{ "MemoryLow", memory_low },
	{ "MemorySwapMax", memory_swap_max },
	{ "CPUWeight", cpu_weight },
	{ "CPUQuotaPeriodUSec", cpu_period },
	{ "CPUQuotaPerSecUSec", cpu_quota },
	{ "TasksMax", tasks_max },
	{ "IOWeight", io_weight },
};

void properties_limits(struct properties *p, const struct oci_resources *r,
		       const struct scope_now *now)
{
	struct limits l = { .r = r, .now = now };
	uint64_t v;

	if (!r)
		return;
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++)
		if (numbers[i].get(&l, &v))
			property_u64(p, numbers[i].property, v);
	if (r->cpu) {
		put_set(p, "AllowedCPUs", r->cpu->cpus);
		put_set(p, "AllowedMemoryNodes", r->cpu->mems);
	}
	put_io_devices(p, &l);
	for (size_t i = 0; i < r->unified.n; i++)
		put_unified_one(p, &r->unified.v[i], now);
}
