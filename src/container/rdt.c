/* SPDX-License-Identifier: Apache-2.0 */
#include "container/rdt.h"

#include <errno.h>

#include "container/job.h"
#include "container/lookup.h"
#include "oci/intel_rdt.h"
#include "oci/spec.h"
#include "resctrl/resctrl.h"
#include "util/log.h"

static struct resctrl_group group_of(const struct record *r)
{
	return (struct resctrl_group){
		.mount = r->resctrl_mount,
		.group = r->resctrl_group,
		.monitor = r->resctrl_monitor,
		.own = r->resctrl_own,
	};
}

/* Only the record has the strings as its own to change, and nobody does. */
static char *mine(const char *s)
{
	return (char *)(uintptr_t)s;
}

int rdt_choose(struct job *j)
{
	const struct oci_intel_rdt *rdt = j->config.spec->linux_->intel_rdt;
	const char *mount = j->ctx->resctrl;
	struct resctrl_group g;
	int r = 0;

	if (!rdt)
		return 0;
	if (!mount)
		r = resctrl_find(&j->arena, &mount, j->e);
	if (r == 0)
		r = resctrl_choose(mount, j->o->id, rdt, &j->arena, &g, j->e);
	if (r < 0)
		return r;
	j->makes_resctrl = g.make;
	j->record.resctrl_mount = mine(g.mount);
	j->record.resctrl_group = mine(g.group);
	j->record.resctrl_monitor = mine(g.monitor);
	j->record.resctrl_own = g.own;
	return 0;
}

int rdt_make(struct job *j)
{
	struct resctrl_group g = group_of(&j->record);
	int r;

	if (!g.group)
		return 0;
	g.make = j->makes_resctrl;
	r = resctrl_make(&g, j->config.spec->linux_->intel_rdt, j->e);
	/* What is there now is somebody else's. */
	if (r < 0)
		j->record.resctrl_group = NULL;
	j->made_resctrl = r == 0 && g.make;
	return r;
}

/* A closID's group is for others as well, who may be in it already. */
void rdt_undo(struct job *j)
{
	struct resctrl_group g = group_of(&j->record);

	if (j->made_resctrl && !g.own && resctrl_is_empty(&g))
		j->record.resctrl_own = true;
}

int rdt_attach(const struct record *r, pid_t pid, struct err *e)
{
	const struct resctrl_group g = group_of(r);

	return g.group ? resctrl_attach(&g, pid, e) : 0;
}

void rdt_remove(const struct context *ctx, const struct record *r)
{
	const struct resctrl_group g = group_of(r);
	struct err e = { 0 };

	if (g.group && resctrl_remove(&g, &e) < 0)
		log_warning(ctx->log, "%s", e.text);
}

int container_update_rdt(const struct context *ctx, const char *id,
			 const struct oci_intel_rdt *rdt, struct err *e)
{
	auto_arena a = { 0 };
	auto_found f = FOUND_NONE;
	struct resctrl_group g;
	int r = oci_intel_rdt_check(rdt, e);

	if (r == 0)
		r = lookup(ctx, id, STORE_UNLOCKED, &a, &f, e);
	if (r < 0)
		return r;
	if (f.status == STATUS_STOPPED || f.status == STATUS_CREATING)
		return err_set(e, ESRCH, "container not running: %s is %s", id,
			       container_status_name(f.status));
	g = group_of(&f.record);
	if (!g.group)
		return err_set(e, EINVAL, "container %s was created without "
			       "linux.intelRdt", id);
	return resctrl_write(&g, rdt, e);
}
