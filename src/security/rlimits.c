/* SPDX-License-Identifier: Apache-2.0 */
#include "security/rlimits.h"

#include <errno.h>
#include <string.h>

#include "oci/spec.h"
#include "util/auto.h"
#include "util/err.h"

/* The numbers differ between architectures, so the index has no meaning. */
static const struct {
	const char *name;
	int resource;
} names[] = {
	{ "RLIMIT_AS", RLIMIT_AS },
	{ "RLIMIT_CORE", RLIMIT_CORE },
	{ "RLIMIT_CPU", RLIMIT_CPU },
	{ "RLIMIT_DATA", RLIMIT_DATA },
	{ "RLIMIT_FSIZE", RLIMIT_FSIZE },
	{ "RLIMIT_LOCKS", RLIMIT_LOCKS },
	{ "RLIMIT_MEMLOCK", RLIMIT_MEMLOCK },
	{ "RLIMIT_MSGQUEUE", RLIMIT_MSGQUEUE },
	{ "RLIMIT_NICE", RLIMIT_NICE },
	{ "RLIMIT_NOFILE", RLIMIT_NOFILE },
	{ "RLIMIT_NPROC", RLIMIT_NPROC },
	{ "RLIMIT_RSS", RLIMIT_RSS },
	{ "RLIMIT_RTPRIO", RLIMIT_RTPRIO },
	{ "RLIMIT_RTTIME", RLIMIT_RTTIME },
	{ "RLIMIT_SIGPENDING", RLIMIT_SIGPENDING },
	{ "RLIMIT_STACK", RLIMIT_STACK },
};

_Static_assert(ARRAY_LEN(names) == RLIM_NLIMITS, "a name for each limit");

int rlimit_from_name(const char *name)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (strcmp(names[i].name, name) == 0)
			return names[i].resource;
	return -EINVAL;
}

const char *rlimit_name(int resource)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		if (names[i].resource == resource)
			return names[i].name;
	return NULL;
}

static int decode_entry(const struct oci_process *p, size_t i,
			struct rlimit_list *l, struct err *e)
{
	const struct oci_rlimit *in = &p->rlimits[i];
	int resource = in->type ? rlimit_from_name(in->type) : -EINVAL;

	if (resource < 0)
		return err_set(e, EINVAL,
			       "process.rlimits[%zu].type: unknown limit "
			       "\"%.64s\"", i, in->type ?: "");
	/* no earlier entry was left out, so the indices are the same */
	for (size_t k = 0; k < l->n; k++)
		if (l->v[k].resource == resource)
			return err_set(e, EINVAL,
				       "process.rlimits[%zu].type: %s is there "
				       "already, in process.rlimits[%zu]", i,
				       in->type, k);
	if (in->soft > in->hard)
		return err_set(e, EINVAL,
			       "process.rlimits[%zu].soft: %llu is above the "
			       "hard limit, %llu", i,
			       (unsigned long long)in->soft,
			       (unsigned long long)in->hard);
	l->v[l->n++] = (struct rlimit_entry){ resource, in->soft, in->hard };
	return 0;
}

int rlimits_decode(const struct oci_process *p, struct rlimit_list *ret,
		   struct err *e)
{
	struct rlimit_list l = { 0 };

	for (size_t i = 0; i < p->n_rlimits; i++) {
		int r = decode_entry(p, i, &l, e);

		if (r < 0)
			return r;
	}
	*ret = l;
	return 0;
}
