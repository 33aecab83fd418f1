/* SPDX-License-Identifier: Apache-2.0 */
#include "process/personality.h"

#include <errno.h>
#include <linux/personality.h>
#include <string.h>

#include "oci/spec.h"
#include "util/auto.h"
#include "wire/plan.h"

static const struct {
	char name[8];
	unsigned int value;
} domains[] = {
	{ "LINUX", PER_LINUX },
	{ "LINUX32", PER_LINUX32 },
};

int personality_plan(struct plan_builder *b, const struct oci_personality *p,
		     struct err *e)
{
	size_t i;

	if (!p)
		return 0;
	for (i = 0; i < ARRAY_LEN(domains); i++)
		if (strcmp(domains[i].name, p->domain) == 0)
			break;
	if (i == ARRAY_LEN(domains))
		return err_set(e, EINVAL, "linux.personality.domain: \"%.40s\" is "
			       "not known", p->domain);
	if (p->flags.n)
		return err_set(e, ENOTSUP, "linux.personality.flags[0]: \"%.40s\": not "
			       "supported: the specification has no flags yet",
			       p->flags.v[0]);
	plan_add(b, PLAN_PERSONALITY, "linux.personality")->num[0] =
		domains[i].value;
	return 0;
}
