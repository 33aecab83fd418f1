/* SPDX-License-Identifier: Apache-2.0 */
#include "process/memory_policy.h"

#include <errno.h>
#include <linux/mempolicy.h>
#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "oci/spec.h"
#include "util/auto.h"
#include "util/numlist.h"
#include "wire/plan.h"

#define NODES 1024 /* the most that a kernel can be built for */
#define WEIGHTED_INTERLEAVE 6 /* since Linux 6.9 */

/* How many nodes a mode is about. */
enum nodes { NO_NODES, SOME_NODES, ANY_NODES };

/* The lists of names are in the order of the tables. */
const char *const memory_policy_modes[] = {
	"MPOL_DEFAULT", "MPOL_PREFERRED", "MPOL_BIND", "MPOL_INTERLEAVE",
	"MPOL_LOCAL", "MPOL_PREFERRED_MANY", "MPOL_WEIGHTED_INTERLEAVE", NULL,
};

static const struct mode {
	uint8_t value, nodes;
} modes[] = {
	{ MPOL_DEFAULT, NO_NODES },
	{ MPOL_PREFERRED, ANY_NODES },
	{ MPOL_BIND, SOME_NODES },
	{ MPOL_INTERLEAVE, SOME_NODES },
	{ MPOL_LOCAL, NO_NODES },
	{ MPOL_PREFERRED_MANY, SOME_NODES },
	{ WEIGHTED_INTERLEAVE, SOME_NODES },
};

const char *const memory_policy_flags[] = {
	"MPOL_F_NUMA_BALANCING", "MPOL_F_RELATIVE_NODES", "MPOL_F_STATIC_NODES",
	NULL,
};

static const uint16_t flags[] = {
	MPOL_F_NUMA_BALANCING, MPOL_F_RELATIVE_NODES, MPOL_F_STATIC_NODES,
};

_Static_assert(ARRAY_LEN(memory_policy_modes) == ARRAY_LEN(modes) + 1 &&
	       ARRAY_LEN(memory_policy_flags) == ARRAY_LEN(flags) + 1,
	       "a name for each");

/* The place of @name in @names, or -1. */
static int find(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -1;
}

static int decode_flags(const struct oci_memory_policy *p, uint64_t *ret,
			struct err *e)
{
	const uint64_t both = MPOL_F_RELATIVE_NODES | MPOL_F_STATIC_NODES;

	*ret = 0;
	for (size_t i = 0; i < p->flags.n; i++) {
		int k = find(memory_policy_flags, p->flags.v[i]);

		if (k < 0)
			return err_set(e, EINVAL, "linux.memoryPolicy.flags[%zu]: "
				       "\"%.40s\" is not known", i,
				       p->flags.v[i]);
		*ret |= flags[k];
	}
	if ((*ret & both) == both)
		return err_set(e, EINVAL, "linux.memoryPolicy.flags: "
			       "MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES "
			       "exclude each other");
	return 0;
}

static int decode_nodes(const struct oci_memory_policy *p,
			const struct mode *mode, unsigned long *set,
			struct err *e)
{
	bool given = p->nodes && *p->nodes;
	int r;

	if (given && mode->nodes == NO_NODES)
		return err_set(e, EINVAL, "linux.memoryPolicy.nodes: %s has none",
			       p->mode);
	if (!given && mode->nodes == SOME_NODES)
		return err_set(e, EINVAL, "linux.memoryPolicy.nodes: missing, %s "
			       "needs some", p->mode);
	if (!given)
		return 0;
	r = numlist_parse(p->nodes, set, NODES);
	if (r == -ERANGE)
		return err_set(e, EINVAL, "linux.memoryPolicy.nodes: \"%.80s\" has a "
			       "node above %d", p->nodes, NODES - 1);
	if (r < 0)
		return err_set(e, EINVAL, "linux.memoryPolicy.nodes: \"%.80s\" is not "
			       "a list like 0-3,7", p->nodes);
	return 0;
}

int memory_policy_plan(struct plan_builder *b, const struct oci_memory_policy *p,
		       struct err *e)
{
	unsigned long set[NUMLIST_WORDS(NODES)] = { 0 };
	struct plan_op *op;
	uint64_t bits;
	int mode, r;

	if (!p)
		return 0;
	mode = find(memory_policy_modes, p->mode);
	if (mode < 0)
		return err_set(e, EINVAL, "linux.memoryPolicy.mode: \"%.40s\" is not "
			       "known", p->mode);
	r = decode_flags(p, &bits, e);
	if (r == 0)
		r = decode_nodes(p, &modes[mode], set, e);
	if (r < 0)
		return r;
	op = plan_add(b, PLAN_MEMORY_POLICY, "linux.memoryPolicy");
	op->num[0] = modes[mode].value | bits;
	if (p->nodes && *p->nodes) {
		/* The kernel takes one bit less than it is told. */
		op->num[1] = NODES + 1;
		op->str[0] = plan_blob(b, set, sizeof(set));
	}
	return 0;
}
