/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container whose cgroup systemd makes.
 *
 * systemd wants the process before there is a cgroup: it is born in berth's own
 * and waits there for its plan.  Only once it has been moved, the limits hold and
 * the record says where it is does it get that.
 */
#include <errno.h>
#include <string.h>

#include "cgroups/limits.h"
#include "container/job.h"
#include "oci/spec.h"
#include "util/arena.h"
#include "util/log.h"

static struct scope_args scope_args(struct job *j)
{
	const struct record *r = &j->record;

	return (struct scope_args){
		.names = j->scope_names,
		.description = record_scope_text(r, &j->arena),
		.user = r->scope_of_user,
		.resources = j->config.spec->linux_->resources,
		.annotations = &j->config.spec->annotations,
		.pid = j->ladder.pid,
	};
}

int job_plan_scope(struct job *j)
{
	struct scope_args args;
	int r = scope_names(j->config.spec->linux_->cgroups_path, j->o->id,
			    j->ctx->rootless, &j->arena, &j->scope_names, j->e);

	if (r < 0)
		return r;
	j->record.scope = arena_strdup(&j->arena, j->scope_names.unit);
	j->record.scope_of_user = j->ctx->rootless;
	args = scope_args(j);
	if (!j->record.scope || !args.description)
		return err_set(j->e, ENOMEM, "out of memory");
	r = scope_check(&args, j->e);
	return r < 0 ? r : record_write(j->dirfd, &j->record, j->e);
}

/* Where systemd has put the process: it knows what is above its slices. */
static int open_scope(struct job *j)
{
	const char *mount, *path, *name;
	int r = cgroup_locate(&j->arena, &mount, j->e);

	if (r == 0)
		r = cgroup_of(j->ladder.pid, &j->arena, &path, j->e);
	if (r < 0)
		return r;
	name = strrchr(path, '/');
	if (!name || strcmp(name + 1, j->record.scope) != 0)
		return err_set(j->e, EIO, "systemd started %s, but process %d is in "
			       "cgroup %s", j->record.scope, (int)j->ladder.pid,
			       path);
	path = arena_printf(&j->arena, "%s%s", mount, path);
	if (!path)
		return err_set(j->e, ENOMEM, "out of memory");
	return cgroup_open(path, &j->cgroup, j->e);
}

/*
 * The group below the scope that an engine may ask for: what systemd does to the
 * scope's own files does not touch the container then.  The limits hold in both.
 */
static int enter_subgroup(struct job *j)
{
	const char *name = j->config.annotations.systemd_subgroup;
	const struct oci_resources *res = j->config.spec->linux_->resources;
	struct cgroup scope = j->cgroup;
	int r;

	j->record.cgroup_made = 1;
	if (!name || !*name)
		return 0;
	j->cgroup = (struct cgroup)CGROUP_NONE;
	r = res ? cgroup_apply(&scope, res, j->e) : 0;
	if (r == 0)
		r = cgroup_add_child(&scope, name, j->ladder.pid, &j->cgroup,
				     j->e);
	j->record.cgroup_made += j->cgroup.made;
	cgroup_done(&scope);
	return r < 0 ? err_wrap(j->e, "run.oci.systemd.subgroup") : 0;
}

static int settle(struct job *j)
{
	int r = open_scope(j);

	if (r == 0)
		r = enter_subgroup(j);
	if (r < 0)
		return r;
	j->record.cgroup = arena_strdup(&j->arena, j->cgroup.path);
	if (!j->record.cgroup)
		return err_set(j->e, ENOMEM, "out of memory");
	job_mark_cgroup(j);
	return record_write(j->dirfd, &j->record, j->e);
}

static void on_scope(void *user, int r, struct err *e)
{
	struct job *j = user;

	if (r < 0 && j->e)
		*j->e = *e;
	if (r == 0)
		r = settle(j);
	if (r == 0)
		r = job_placed(j);
	if (r < 0)
		ladder_fail(&j->ladder, r, j->e);
}

int job_place(struct job *j)
{
	struct scope_args args = scope_args(j);

	if (!args.description)
		return err_set(j->e, ENOMEM, "out of memory");
	log_debug(j->ctx->log, "systemd: start %s in %s with process %d",
		  args.names.unit, args.names.slice, (int)args.pid);
	return scope_start(&j->scope, &j->ev, &args, on_scope, j, j->e);
}
