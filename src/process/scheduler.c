/* SPDX-License-Identifier: Apache-2.0 */
#include "process/scheduler.h"

#include <errno.h>
#include <inttypes.h>
#include <stdbool.h>
#include <string.h>

#include "oci/spec.h"
#include "util/auto.h"
#include "util/sys.h"

#define RT_MAX 99 /* sched_get_priority_max(SCHED_FIFO), SCHED_RR */
#define NO_SUCH_POLICY UINT8_MAX

/* What a policy takes besides its name. */
enum { TAKES_NICE = 1, TAKES_PRIORITY = 2, TAKES_TIMES = 4 };

static const struct policy {
	char name[16];
	uint8_t value; /* linux/sched.h */
	uint8_t takes;
} policies[] = {
	{ "SCHED_OTHER", 0, TAKES_NICE },
	{ "SCHED_FIFO", 1, TAKES_PRIORITY },
	{ "SCHED_RR", 2, TAKES_PRIORITY },
	{ "SCHED_BATCH", 3, TAKES_NICE },
	{ "SCHED_ISO", NO_SUCH_POLICY, 0 },
	{ "SCHED_IDLE", 5, TAKES_NICE },
	{ "SCHED_DEADLINE", 6, TAKES_TIMES },
};

static const struct {
	char name[28];
	uint32_t value; /* linux/sched.h */
} flags[] = {
	{ "SCHED_FLAG_RESET_ON_FORK", SCHED_FLAG_RESET_ON_FORK },
	{ "SCHED_FLAG_RECLAIM", SCHED_FLAG_RECLAIM },
	{ "SCHED_FLAG_DL_OVERRUN", SCHED_FLAG_DL_OVERRUN },
	{ "SCHED_FLAG_KEEP_POLICY", SCHED_FLAG_KEEP_POLICY },
	{ "SCHED_FLAG_KEEP_PARAMS", SCHED_FLAG_KEEP_PARAMS },
	{ "SCHED_FLAG_UTIL_CLAMP_MIN", SCHED_FLAG_UTIL_CLAMP_MIN },
	{ "SCHED_FLAG_UTIL_CLAMP_MAX", SCHED_FLAG_UTIL_CLAMP_MAX },
};

static const struct policy *find_policy(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(policies); i++)
		if (strcmp(policies[i].name, name) == 0)
			return &policies[i];
	return NULL;
}

static int decode_flags(const struct oci_strv *names, uint64_t *ret,
			struct err *e)
{
	size_t k;

	*ret = 0;
	for (size_t i = 0; i < names->n; i++) {
		for (k = 0; k < ARRAY_LEN(flags); k++)
			if (strcmp(flags[k].name, names->v[i]) == 0)
				break;
		if (k == ARRAY_LEN(flags))
			return err_set(e, EINVAL, "process.scheduler.flags[%zu]: "
				       "\"%.40s\" is not known", i, names->v[i]);
		*ret |= flags[k].value;
	}
	return 0;
}

static int not_taken(const struct policy *p, const char *property, struct err *e)
{
	return err_set(e, EINVAL, "process.scheduler.%s: %s has none", property,
		       p->name);
}

static int check_nice(const struct oci_scheduler *s, const struct policy *p,
		      struct err *e)
{
	if (!s->nice.set || !s->nice.v)
		return 0;
	if (!(p->takes & TAKES_NICE))
		return not_taken(p, "nice", e);
	if (s->nice.v < -20 || s->nice.v > 19)
		return err_set(e, EINVAL, "process.scheduler.nice: %d is out of "
			       "range (-20 to 19)", s->nice.v);
	return 0;
}

static int check_priority(const struct oci_scheduler *s, const struct policy *p,
			  struct err *e)
{
	int32_t v = s->priority.set ? s->priority.v : 0;

	if (!(p->takes & TAKES_PRIORITY))
		return v ? not_taken(p, "priority", e) : 0;
	if (v >= 1 && v <= RT_MAX)
		return 0;
	if (!s->priority.set)
		return err_set(e, EINVAL, "process.scheduler.priority: missing, %s "
			       "needs one", p->name);
	return err_set(e, EINVAL, "process.scheduler.priority: %d is out of range "
		       "(1 to %d)", v, RT_MAX);
}

static int check_times(const struct oci_scheduler *s, const struct policy *p,
		       struct err *e)
{
	const struct { char name[12]; uint64_t v; } times[] = {
		{ "runtime", s->runtime.v },
		{ "deadline", s->deadline.v },
		{ "period", s->period.v },
	};

	for (size_t i = 0; i < ARRAY_LEN(times); i++) {
		if (times[i].v && !(p->takes & TAKES_TIMES))
			return not_taken(p, times[i].name, e);
		/* The kernel keeps the uppermost bit to itself. */
		if (times[i].v > INT64_MAX)
			return err_set(e, EINVAL, "process.scheduler.%s: %" PRIu64
				       " is out of range (0 to %" PRIi64 ")",
				       times[i].name, times[i].v, INT64_MAX);
	}
	return 0;
}

int scheduler_decode(const struct oci_scheduler *s, struct scheduler *ret,
		     struct err *e)
{
	const struct policy *p = find_policy(s->policy);
	struct scheduler attr = { .size = sizeof(attr) };
	int r;

	if (!p)
		return err_set(e, EINVAL, "process.scheduler.policy: \"%.40s\" is "
			       "not known", s->policy);
	if (p->value == NO_SUCH_POLICY)
		return err_set(e, ENOTSUP, "process.scheduler.policy: %s: not "
			       "supported: Linux has no such policy", p->name);
	r = check_nice(s, p, e);
	if (r == 0)
		r = check_priority(s, p, e);
	if (r == 0)
		r = check_times(s, p, e);
	if (r == 0)
		r = decode_flags(&s->flags, &attr.flags, e);
	if (r < 0)
		return r;
	attr.policy = p->value;
	attr.nice = s->nice.v;
	attr.priority = (uint32_t)s->priority.v;
	attr.runtime = s->runtime.v;
	attr.deadline = s->deadline.v;
	attr.period = s->period.v;
	*ret = attr;
	return 0;
}

static const char *policy_name(uint32_t value)
{
	for (size_t i = 0; i < ARRAY_LEN(policies); i++)
		if (policies[i].value == value)
			return policies[i].name;
	return "?";
}

int scheduler_apply(const struct scheduler *s, pid_t pid, struct err *e)
{
	struct scheduler attr = *s;
	long r = SYS3(SYS_sched_setattr, pid, &attr, 0);

	return r < 0 ? err_sys(e, (int)r, "process.scheduler: set %s",
			       policy_name(s->policy)) : 0;
}
