/* SPDX-License-Identifier: Apache-2.0 */
/* The cgroup of a container that is being created, and what it is limited to. */
#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>
#include <sys/auxv.h>
#include <unistd.h>

#include "cgroups/devices.h"
#include "cgroups/limits.h"
#include "container/job.h"
#include "oci/spec.h"
#include "util/arena.h"
#include "util/log.h"

/* How many components at the end of the path are not there: what cgroup_make
 * is going to make. */
static unsigned int missing_components(const struct cgroup_plan *plan)
{
	char path[PATH_MAX];
	unsigned int n = 0;

	snprintf(path, sizeof(path), "%s", plan->path);
	for (; strlen(path) > plan->mount_len && access(path, F_OK) < 0; n++)
		*strrchr(path, '/') = '\0';
	return n;
}

/* What `events --stats` shows and `update` changes later, limits or not. */
#define FOR_STATISTICS (CGROUP_CPU | CGROUP_CPUSET | CGROUP_IO | \
			CGROUP_MEMORY | CGROUP_PIDS)

void job_mark_cgroup(struct job *j)
{
	char owner[CGROUP_MARK_MAX];

	record_cgroup_owner(&j->record, owner);
	cgroup_mark(&j->cgroup, owner);
}

/*
 * The record is written before the cgroup that it names is made, so that one
 * that was killed in between is known.  But one that is there already may be
 * somebody else's: it is named once it was found to be empty.
 */
static int make_cgroup(struct job *j)
{
	const struct oci_linux *l = j->config.spec->linux_;
	struct cgroup_create_args args = {
		.cgroups_path = l->cgroups_path,
		.id = j->o->id,
		.resources = l->resources,
		.optional = FOR_STATISTICS,
	};
	struct cgroup_plan plan;
	unsigned int missing;
	int r = cgroup_plan(&args, &j->arena, &plan, j->e);

	if (r < 0)
		return r;
	missing = missing_components(&plan);
	if (missing) {
		j->record.cgroup = plan.path;
		j->record.cgroup_made = missing;
		r = record_write(j->dirfd, &j->record, j->e);
	}
	if (r == 0)
		r = cgroup_make(&args, &plan, &j->cgroup, j->e);
	if (r == 0)
		job_mark_cgroup(j);
	j->record.cgroup = r < 0 ? NULL : plan.path;
	j->record.cgroup_made = j->cgroup.made;
	return r < 0 || missing ? r : record_write(j->dirfd, &j->record, j->e);
}

/* A hierarchy that berth may not write to, or cannot see. */
static bool nothing_delegated(int r)
{
	return r == -EACCES || r == -EPERM || r == -EROFS || r == -ENOENT;
}

/*
 * Where nobody has given a cgroup to the user, a container does without one as
 * long as it was not asked for: by a limit, or by the path of one.
 */
static int make_cgroup_or_none(struct job *j)
{
	const struct oci_linux *l = j->config.spec->linux_;
	uint32_t needed = cgroup_controllers_needed(l->resources);
	int r = make_cgroup(j);

	if (r == 0 || !j->ctx->rootless || !nothing_delegated(r))
		return r;
	if (needed)
		return err_set(j->e, -r, "%s: cannot be applied, since no cgroup is "
			       "delegated to user %u (%.200s); start berth in one "
			       "that is, as with systemd-run --user --scope "
			       "-p Delegate=yes", cgroup_limit_name(l->resources,
			       needed), j->caller.uid, j->e->text);
	if (l->cgroups_path && *l->cgroups_path)
		return err_wrap(j->e, "linux.cgroupsPath");
	log_debug(j->ctx->log, "the container gets no cgroup: %s", j->e->text);
	*j->e = (struct err){ 0 };
	return record_write(j->dirfd, &j->record, j->e);
}

int job_make_cgroup(struct job *j)
{
	switch (j->ctx->cgroup_manager) {
	case CGROUP_MANAGER_CGROUPFS:
		return make_cgroup_or_none(j);
	case CGROUP_MANAGER_SYSTEMD:
		return job_plan_scope(j);
	case CGROUP_MANAGER_DISABLED:
		break;
	}
	return record_write(j->dirfd, &j->record, j->e);
}

/* --- whose it is ---------------------------------------------------------------- */

static bool is_mounted_writable(const struct oci_spec *s)
{
	for (size_t i = 0; i < s->n_mounts; i++) {
		const struct oci_mount *m = &s->mounts[i];
		bool readonly = false;

		if (!m->type || strncmp(m->type, "cgroup", strlen("cgroup")) != 0)
			continue;
		for (size_t k = 0; k < m->options.n; k++) {
			if (strcmp(m->options.v[k], "ro") == 0)
				readonly = true;
			else if (strcmp(m->options.v[k], "rw") == 0)
				readonly = false;
		}
		if (!readonly)
			return true;
	}
	return false;
}

/* An id of the container as the host has it.  In a user namespace that is joined
 * nobody knows. */
static bool host_uid(const struct oci_linux *l, uint32_t uid, uint32_t *ret)
{
	const struct oci_namespace *ns = &l->namespaces[OCI_NS_USER];

	*ret = uid;
	if (!ns->listed)
		return true;
	for (size_t i = 0; i < l->uid_mappings.n && !ns->path; i++) {
		const struct oci_id_mapping *m = &l->uid_mappings.v[i];

		if (uid < m->container_id || uid - m->container_id >= m->size)
			continue;
		*ret = m->host_id + (uid - m->container_id);
		return true;
	}
	return false;
}

/*
 * A container that sees its own cgroup as the top of the hierarchy and may write
 * there is to manage what is below, as a systemd in it does.  It can only if the
 * user that it runs as owns it.
 */
static int give_cgroup(struct job *j)
{
	const struct oci_spec *s = j->config.spec;
	const struct oci_namespace *ns = &s->linux_->namespaces[OCI_NS_CGROUP];
	uint32_t uid;
	int r;

	if (!ns->listed || ns->path || !is_mounted_writable(s) ||
	    !host_uid(s->linux_, s->process->user.uid, &uid) ||
	    uid == getauxval(AT_EUID))
		return 0;
	r = cgroup_give(&j->cgroup, uid, j->e);
	return r == -EPERM && j->ctx->rootless ? 0 : r;
}

/* --- limits ----------------------------------------------------------------------- */

/*
 * The device program is there without any rule, too: what it refuses is all but
 * the few devices that every container has.  The specification leaves that
 * open; runc does the same.  Otherwise a container with CAP_MKNOD and no rules
 * would have the host's disks.  Engines say "allow all" for a privileged one.
 */
int job_apply_limits(struct job *j)
{
	const struct oci_resources *res = j->config.spec->linux_->resources;
	struct cgroup_devices_args devices = {
		.rules = res ? res->devices : NULL,
		.n = res ? res->n_devices : 0,
		.defaults = true,
		.userns = j->ctx->rootless,
	};
	int r = 0;

	if (j->cgroup.fd < 0)
		return 0;
	if (res)
		r = cgroup_apply(&j->cgroup, res, j->e);
	if (r == 0)
		r = cgroup_devices_apply(&j->cgroup, &devices, false, j->e);
	return r < 0 ? r : give_cgroup(j);
}

int job_enter_delegated(struct job *j, struct err *e)
{
	const char *name = j->config.annotations.delegate_cgroup;
	auto_cgroup below = CGROUP_NONE;
	uint32_t uid;
	int r;

	if (!name || !name[0] || j->cgroup.fd < 0)
		return 0;
	r = cgroup_add_child(&j->cgroup, name, j->ladder.pid, &below, e);
	if (r == 0 && host_uid(j->config.spec->linux_, 0, &uid) &&
	    uid != getauxval(AT_EUID))
		r = cgroup_give(&below, uid, e);
	return r < 0 ? err_wrap(e, "annotations[\"run.oci.delegate-cgroup\"]")
		     : 0;
}
