/* SPDX-License-Identifier: Apache-2.0 */
#include "process/affinity.h"

#include <errno.h>
#include <string.h>

#include "oci/spec.h"
#include "util/sys.h"

static int decode_list(const char *list, const char *name, struct cpu_mask *ret,
		       bool *ret_has, struct err *e)
{
	int r;

	*ret_has = list && *list;
	if (!*ret_has)
		return 0;
	r = numlist_parse(list, ret->v, AFFINITY_CPUS);
	if (r == -ERANGE)
		return err_set(e, EINVAL, "process.execCPUAffinity.%s: \"%.80s\" has "
			       "a processor above %d", name, list,
			       AFFINITY_CPUS - 1);
	if (r < 0)
		return err_set(e, EINVAL, "process.execCPUAffinity.%s: \"%.80s\" is "
			       "not a list like 0-3,7", name, list);
	return 0;
}

int affinity_decode(const struct oci_cpu_affinity *a, struct affinity *ret,
		    struct err *e)
{
	int r = decode_list(a->initial, "initial", &ret->initial,
			    &ret->has_initial, e);

	if (r == 0)
		r = decode_list(a->final, "final", &ret->final, &ret->has_final,
				e);
	if (r == 0 && ret->has_initial && !ret->has_final) {
		memset(&ret->final, 0xff, sizeof(ret->final));
		ret->has_final = true;
	}
	return r;
}

static int apply(const struct cpu_mask *mask, const char *name, pid_t pid,
		 struct err *e)
{
	long r = SYS3(SYS_sched_setaffinity, pid, sizeof(mask->v), mask->v);

	if (r == -EINVAL)
		return err_set(e, EINVAL, "process.execCPUAffinity.%s: none of these "
			       "processors can be used", name);
	return r < 0 ? err_sys(e, (int)r, "process.execCPUAffinity.%s", name) : 0;
}

int affinity_apply_initial(const struct affinity *a, pid_t pid, struct err *e)
{
	return a->has_initial ? apply(&a->initial, "initial", pid, e) : 0;
}

int affinity_apply_final(const struct affinity *a, pid_t pid, struct err *e)
{
	return a->has_final ? apply(&a->final, "final", pid, e) : 0;
}
