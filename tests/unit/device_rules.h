/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit/device_rules.h - what device rules mean, read one access at a time and
 * from the front: the plain reading that generated programs are compared with.
 */
#ifndef UNIT_DEVICE_RULES_H
#define UNIT_DEVICE_RULES_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "oci/spec.h"
#include "unit/ebpf_run.h"

struct access {
	char type; /* 'c' or 'b' */
	uint32_t major, minor;
	unsigned int what; /* BPF_DEVCG_ACC_* */
};

static inline unsigned int access_of(const char *s)
{
	unsigned int set = 0;

	for (s = s && *s ? s : "rwm"; *s; s++)
		set |= *s == 'r' ? BPF_DEVCG_ACC_READ :
		       *s == 'w' ? BPF_DEVCG_ACC_WRITE :
				   BPF_DEVCG_ACC_MKNOD;
	return set;
}

static inline bool rule_names(const struct oci_device_rule *r,
			      const struct access *a)
{
	if (r->type && *r->type && strcmp(r->type, "a") && *r->type != a->type)
		return false;
	if (r->major.set && r->major.v != -1 && r->major.v != a->major)
		return false;
	return !r->minor.set || r->minor.v == -1 || r->minor.v == a->minor;
}

static inline bool by_the_book(const struct oci_device_rule *rules, size_t n,
			       const struct access *a)
{
	for (unsigned int bit = 1; bit <= 4; bit <<= 1) {
		bool allowed = false;

		if (!(a->what & bit))
			continue;
		for (size_t i = 0; i < n; i++)
			if (rule_names(&rules[i], a) &&
			    (access_of(rules[i].access) & bit))
				allowed = rules[i].allow;
		if (!allowed)
			return false;
	}
	return true;
}

/* What the generated program says; no program says yes. */
static inline int by_program(const struct bpf_insn *p, size_t n, const struct access *a)
{
	const struct bpf_cgroup_dev_ctx ctx = {
		.access_type = a->what << 16 | (a->type == 'c' ? BPF_DEVCG_DEV_CHAR :
								 BPF_DEVCG_DEV_BLOCK),
		.major = a->major,
		.minor = a->minor,
	};

	return p ? ebpf_run(p, n, &ctx) : 1;
}

#endif
