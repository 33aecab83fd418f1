/* SPDX-License-Identifier: Apache-2.0 */
#include "security/process.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <string.h>
#include <sys/resource.h>

#include "oci/spec.h"
#include "security/caps.h"
#include "security/rlimits.h"
#include "security/seccomp.h"
#include "util/err.h"
#include "wire/plan.h"

#define INVALID_ID UINT32_MAX /* setresuid(2): "leave it" */

static void plan_rlimit(struct plan_builder *b, int resource, uint64_t soft,
			uint64_t hard)
{
	struct plan_op *op =
		plan_add(b, PLAN_RLIMIT, "%s", rlimit_name(resource));

	op->num[0] = (uint64_t)resource;
	op->num[1] = soft;
	op->num[2] = hard;
}

int security_plan_rlimits_raise(struct plan_builder *b,
				const struct rlimit_list *l, struct err *e)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct rlimit_entry *want = &l->v[i];
		struct rlimit now;

		if (getrlimit(want->resource, &now) < 0)
			return err_sys(e, errno, "getrlimit %s",
				       rlimit_name(want->resource));
		if (want->hard > now.rlim_max)
			plan_rlimit(b, want->resource, now.rlim_cur,
				    want->hard);
	}
	return 0;
}

void security_plan_rlimits(struct plan_builder *b, const struct rlimit_list *l)
{
	for (size_t i = 0; i < l->n; i++)
		plan_rlimit(b, l->v[i].resource, l->v[i].soft, l->v[i].hard);
}

void security_plan_cap_bound(struct plan_builder *b, const struct cap_sets *s)
{
	struct plan_op *op =
		plan_add(b, PLAN_CAP_BOUND, "process.capabilities.bounding");

	op->num[0] = s->bounding;
}

static int check_ids(const struct oci_user *u, struct err *e)
{
	if (u->uid == INVALID_ID || u->gid == INVALID_ID)
		return err_set(e, EINVAL, "process.user.%s: 4294967295 is no id",
			       u->uid == INVALID_ID ? "uid" : "gid");
	for (size_t i = 0; i < u->additional_gids.n; i++)
		if (u->additional_gids.v[i] == INVALID_ID)
			return err_set(e, EINVAL,
				       "process.user.additionalGids[%zu]: "
				       "4294967295 is no id", i);
	return 0;
}

int security_plan_user(struct plan_builder *b, const struct oci_user *u,
		       enum user_groups how, struct err *e)
{
	const struct oci_u32v *groups = &u->additional_gids;
	struct plan_op *op;
	int r = check_ids(u, e);

	if (r < 0)
		return r;
	op = plan_add(b, PLAN_USER, "process.user");
	op->num[0] = u->uid;
	op->num[1] = u->gid;
	op->num[2] = how == GROUPS_TRY;
	op->flags = PLAN_F_KEEP_CAPS |
		    (how == GROUPS_KEEP ? PLAN_F_KEEP_GROUPS : 0);
	if (groups->n && how != GROUPS_KEEP)
		op->str[0] = plan_blob(b, groups->v,
				       groups->n * sizeof(*groups->v));
	return 0;
}

void security_plan_caps(struct plan_builder *b, const struct cap_sets *s,
			bool filter_follows)
{
	uint64_t keep = filter_follows ? 1ULL << CAP_SYS_ADMIN : 0;
	struct plan_caps caps = {
		.effective = s->effective | keep,
		.permitted = s->permitted | keep,
		.inheritable = s->inheritable,
		.ambient = s->ambient,
	};
	struct plan_op *op = plan_add(b, PLAN_CAPS, "process.capabilities");

	op->str[0] = plan_blob(b, &caps, sizeof(caps));
}

void security_plan_seccomp(struct plan_builder *b,
			   const struct seccomp_program *p)
{
	struct plan_op *op = plan_add(b, PLAN_SECCOMP, "%s",
				      p->from ?: "linux.seccomp");

	op->num[0] = p->flags;
	op->str[0] = plan_blob(b, p->filter, p->n * sizeof(*p->filter));
}
