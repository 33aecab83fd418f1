/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/check.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>

#include "oci/check_maps.h"
#include "oci/intel_rdt.h"
#include "oci/net_devices.h"
#include "oci/spec.h"
#include "oci/sysctl.h"
#include "oci/tables.h"
#include "oci/unsupported.h"
#include "util/auto.h"
#include "util/weak.h"

#define HOST_NAME_BYTES 64 /* __NEW_UTS_LEN */
#define NO_ID UINT32_MAX   /* (uid_t)-1 means "leave it" to the kernel */

static bool absolute(const char *path)
{
	return path && path[0] == '/';
}

static bool has_text(const char *s)
{
	return s && s[0];
}

static bool one_of(const char *word, const char (*words)[12], size_t n)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(word, words[i]) == 0)
			return true;
	return false;
}

/* --- config.md: "Specification version", "Root", "Hostname" --------------- */

/* Digits of one part of a version; NULL when there are none. */
static const char *version_part(const char *s)
{
	size_t n = strspn(s, "0123456789");

	return n ? s + n : NULL;
}

/* Everything that calls itself 1.x is promised to be compatible, newer minor
 * versions included: what they add is unknown here, and so ignored. */
static int check_version(const char *version, struct err *e)
{
	const char *p = version;

	for (int part = 0; part < 3; part++) {
		p = version_part(p);
		if (!p || (part < 2 && *p++ != '.'))
			return err_set(e, EINVAL, "ociVersion: \"%.40s\" is "
				       "not a version like " OCI_VERSION,
				       version);
	}
	if (*p && *p != '-' && *p != '+')
		return err_set(e, EINVAL, "ociVersion: \"%.40s\" is not a "
			       "version like " OCI_VERSION, version);
	if (strncmp(version, "1.", 2) != 0)
		return err_set(e, EINVAL, "ociVersion: %.40s is not supported, "
			       "1.x is", version);
	return 0;
}

static int check_root(const struct oci_root *root, struct err *e)
{
	if (!root)
		return err_set(e, EINVAL, "root: missing");
	if (!has_text(root->path))
		return err_set(e, EINVAL, "root.path: empty");
	return 0;
}

static int check_uts_name(const struct oci_spec *spec, const char *property,
			  const char *name, struct err *e)
{
	if (!has_text(name))
		return 0;
	if (!spec->linux_->namespaces[OCI_NS_UTS].listed)
		return err_set(e, EINVAL, "%s: needs a uts namespace "
			       "(linux.namespaces), or the host would be "
			       "renamed", property);
	if (strlen(name) > HOST_NAME_BYTES)
		return err_set(e, EINVAL, "%s: longer than %d bytes", property,
			       HOST_NAME_BYTES);
	return 0;
}

static int check_mount_maps(const struct oci_mount *m, size_t i, struct err *e)
{
	char path[48];
	int r;

	snprintf(path, sizeof(path), "mounts[%zu].uidMappings", i);
	r = oci_maps_check(&m->uid_mappings, path, e);
	if (r < 0)
		return r;
	snprintf(path, sizeof(path), "mounts[%zu].gidMappings", i);
	return oci_maps_check(&m->gid_mappings, path, e);
}

/* config.md "Mounts": relative destinations are taken from "/" since 1.2. */
static int check_mounts(const struct oci_spec *spec, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < spec->n_mounts; i++) {
		if (!has_text(spec->mounts[i].destination))
			return err_set(e, EINVAL,
				       "mounts[%zu].destination: empty", i);
		r = check_mount_maps(&spec->mounts[i], i, e);
	}
	return r;
}

/* --- config.md: "Process" ------------------------------------------------ */

static int check_user(const struct oci_user *user, struct err *e)
{
	if (user->uid == NO_ID)
		return err_set(e, EINVAL, "process.user.uid: %u is no user",
			       user->uid);
	if (user->gid == NO_ID)
		return err_set(e, EINVAL, "process.user.gid: %u is no group",
			       user->gid);
	if (user->umask.set && user->umask.v > 0777)
		return err_set(e, EINVAL, "process.user.umask: %u is out of "
			       "range (0 to %u)", user->umask.v, 0777);
	for (size_t i = 0; i < user->additional_gids.n; i++)
		if (user->additional_gids.v[i] == NO_ID)
			return err_set(e, EINVAL, "process.user."
				       "additionalGids[%zu]: %u is no group",
				       i, NO_ID);
	return 0;
}

static int check_rlimits(const struct oci_process *p, struct err *e)
{
	if (p->n_rlimits > RLIM_NLIMITS)
		return err_set(e, EINVAL, "process.rlimits: %zu entries, there "
			       "are %d kinds", p->n_rlimits, RLIM_NLIMITS);
	for (size_t i = 0; i < p->n_rlimits; i++) {
		const struct oci_rlimit *l = &p->rlimits[i];

		if (l->soft > l->hard)
			return err_set(e, EINVAL, "process.rlimits[%zu].soft: "
				       "%" PRIu64 " is above hard, %" PRIu64,
				       i, l->soft, l->hard);
		for (size_t k = 0; k < i; k++)
			if (strcmp(p->rlimits[k].type, l->type) == 0)
				return err_set(e, EINVAL, "process."
					       "rlimits[%zu].type: a second "
					       "\"%.40s\"", i, l->type);
	}
	return 0;
}

/* struct winsize, ioctl_tty(2), has 16 bits for each. */
static int check_console(const struct oci_box *box, struct err *e)
{
	if (!box || (box->height <= UINT16_MAX && box->width <= UINT16_MAX))
		return 0;
	return err_set(e, EINVAL, "process.consoleSize: %u by %u is larger "
		       "than a terminal can be", box->width, box->height);
}

static int check_oom_score(const struct oci_opt_i32 *score, struct err *e)
{
	if (!score->set || (score->v >= -1000 && score->v <= 1000))
		return 0;
	return err_set(e, EINVAL, "process.oomScoreAdj: %d is out of range "
		       "(-1000 to 1000)", score->v);
}

int oci_process_check(const struct oci_process *p, struct err *e)
{
	int r;

	if (!absolute(p->cwd))
		return err_set(e, EINVAL, "process.cwd: \"%.200s\" is not an "
			       "absolute path", p->cwd);
	if (p->args.n == 0)
		return err_set(e, EINVAL, "process.args: missing");
	if (!p->args.v[0][0])
		return err_set(e, EINVAL, "process.args[0]: empty");
	r = check_user(&p->user, e);
	if (r == 0)
		r = check_rlimits(p, e);
	if (r == 0)
		r = check_console(p->console_size, e);
	if (r == 0)
		r = check_oom_score(&p->oom_score_adj, e);
	return r;
}

/* --- config.md: "POSIX-platform Hooks" ------------------------------------ */

static int check_hook_list(const struct oci_hook_list *list, const char *kind,
			   struct err *e)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct oci_hook *h = &list->v[i];

		if (!absolute(h->path))
			return err_set(e, EINVAL, "hooks.%s[%zu].path: "
				       "\"%.200s\" is not an absolute path",
				       kind, i, h->path);
		if (h->timeout.set && h->timeout.v <= 0)
			return err_set(e, EINVAL, "hooks.%s[%zu].timeout: %d "
				       "is not above 0", kind, i,
				       h->timeout.v);
	}
	return 0;
}

static int check_hooks(const struct oci_hooks *hooks, struct err *e)
{
	const struct json_table *t = &oci_hooks_table;
	int r = 0;

	for (size_t i = 0; r == 0 && i < t->n; i++)
		r = check_hook_list((const void *)((const char *)hooks +
						   t->fields[i].offset),
				    t->fields[i].name, e);
	return r;
}

/* --- config-linux.md: "Namespaces", "User namespace mappings" ------------- */

static int check_namespaces(const struct oci_linux *l, struct err *e)
{
	for (size_t i = 0; i < l->n_namespace_entries; i++) {
		const char *path = l->namespace_entries[i].path;

		if (has_text(path) && !absolute(path))
			return err_set(e, EINVAL, "linux.namespaces[%zu].path: "
				       "\"%.200s\" is not an absolute path",
				       i, path);
	}
	return 0;
}

static int check_mappings(const struct oci_linux *l, const char *property,
			  const struct oci_id_mappings *maps, struct err *e)
{
	const struct oci_namespace *user = &l->namespaces[OCI_NS_USER];
	char path[24];

	if (maps->n && !user->listed)
		return err_set(e, EINVAL, "linux.%s: needs a user namespace "
			       "(linux.namespaces)", property);
	if (!maps->n && user->listed && !user->path)
		return err_set(e, EINVAL, "linux.%s: missing, a new user "
			       "namespace needs it", property);
	snprintf(path, sizeof(path), "linux.%s", property);
	return oci_maps_check(maps, path, e);
}

/* config-linux.md "Offset for Time Namespace" */
static int check_time(const struct oci_linux *l, struct err *e)
{
	const struct oci_time_offset *const offsets[] = { l->time_boottime,
							  l->time_monotonic };
	static const char names[][12] = { "boottime", "monotonic" };

	for (size_t i = 0; i < ARRAY_LEN(offsets); i++) {
		if (!offsets[i])
			continue;
		if (!l->namespaces[OCI_NS_TIME].listed ||
		    l->namespaces[OCI_NS_TIME].path)
			return err_set(e, EINVAL, "linux.timeOffsets: needs a "
				       "new time namespace (linux.namespaces)");
		if (offsets[i]->nanosecs > 999999999)
			return err_set(e, EINVAL, "linux.timeOffsets.%s."
				       "nanosecs: %u is out of range (0 to "
				       "999999999)", names[i],
				       offsets[i]->nanosecs);
	}
	return 0;
}

/* --- config-linux.md: "Devices" ------------------------------------------- */

/* 0:0 is a device, a whiteout: a number that is left out is not taken for 0. */
static int check_device_number(const struct oci_device *d, size_t i,
			       struct err *e)
{
	if (d->type[0] == 'p')
		return 0;
	if (!d->major.set || !d->minor.set)
		return err_set(e, EINVAL, "linux.devices[%zu].%s: missing, type "
			       "\"%s\" needs it", i,
			       d->major.set ? "minor" : "major", d->type);
	if (d->major.v < 0 || d->minor.v < 0)
		return err_set(e, EINVAL, "linux.devices[%zu]: %" PRIi64
			       ":%" PRIi64 " is no device", i, d->major.v,
			       d->minor.v);
	return 0;
}

static int check_devices(const struct oci_linux *l, struct err *e)
{
	int r = 0;

	for (size_t i = 0; r == 0 && i < l->n_devices; i++) {
		const struct oci_device *d = &l->devices[i];

		if (!absolute(d->path))
			return err_set(e, EINVAL, "linux.devices[%zu].path: "
				       "\"%.200s\" is not an absolute path",
				       i, d->path);
		if (strlen(d->type) != 1 || !strchr("cubp", d->type[0]))
			return err_set(e, EINVAL, "linux.devices[%zu].type: "
				       "\"%.40s\" is none of c, b, u and p",
				       i, d->type);
		r = check_device_number(d, i, e);
	}
	return r;
}

/* config-linux.md "Allowed Device list" */
static int check_device_rules(const struct oci_resources *res, struct err *e)
{
	for (size_t i = 0; i < res->n_devices; i++) {
		const struct oci_device_rule *d = &res->devices[i];

		if (has_text(d->type) &&
		    (d->type[1] || !strchr("acb", d->type[0])))
			return err_set(e, EINVAL, "linux.resources.devices[%zu]"
				       ".type: \"%.40s\" is none of a, c and b",
				       i, d->type);
		if (d->access && d->access[strspn(d->access, "rwm")])
			return err_set(e, EINVAL, "linux.resources.devices[%zu]"
				       ".access: \"%.40s\" has more than r, w "
				       "and m", i, d->access);
	}
	return 0;
}

/* --- config-linux.md: "Control groups" ------------------------------------ */

static int check_memory(const struct oci_memory *m, struct err *e)
{
	const struct {
		char name[12];
		const struct oci_opt_i64 *v;
	} limits[] = {
		{ "limit", &m->limit },
		{ "reservation", &m->reservation },
		{ "swap", &m->swap },
	};

	for (size_t i = 0; i < ARRAY_LEN(limits); i++)
		if (limits[i].v->set && limits[i].v->v < -1)
			return err_set(e, EINVAL, "linux.resources.memory.%s: "
				       "%" PRIi64 " is below -1, which is no "
				       "limit at all", limits[i].name,
				       limits[i].v->v);
	return 0;
}

int oci_resources_check(const struct oci_resources *res, struct err *e)
{
	int r = check_device_rules(res, e);

	if (r == 0 && res->memory)
		r = check_memory(res->memory, e);
	return r ? r : oci_refuse_in_resources(res, e);
}

static bool has_dotdot(const char *path)
{
	while (*path) {
		size_t len = strcspn(path, "/");

		if (len == 2 && path[0] == '.' && path[1] == '.')
			return true;
		path += len;
		path += strspn(path, "/");
	}
	return false;
}

/* --- config-linux.md: paths, propagation ---------------------------------- */

static int check_paths(const struct oci_strv *paths, const char *property,
		       struct err *e)
{
	for (size_t i = 0; i < paths->n; i++)
		if (!absolute(paths->v[i]))
			return err_set(e, EINVAL, "linux.%s[%zu]: \"%.200s\" "
				       "is not an absolute path", property, i,
				       paths->v[i]);
	return 0;
}

static int check_words(const struct oci_linux *l, struct err *e)
{
	static const char propagations[][12] = {
		"shared", "rshared", "slave", "rslave", "private", "rprivate",
		"unbindable", "runbindable",
	};

	if (has_text(l->rootfs_propagation) &&
	    !one_of(l->rootfs_propagation, propagations,
		    ARRAY_LEN(propagations)))
		return err_set(e, EINVAL, "linux.rootfsPropagation: \"%.40s\" "
			       "is not known", l->rootfs_propagation);
	if (l->cgroups_path && has_dotdot(l->cgroups_path) &&
	    !weak(DEFENCE_CGROUP_PATH))
		return err_set(e, EINVAL, "linux.cgroupsPath: \"%.200s\" has a "
			       "\"..\"", l->cgroups_path);
	return 0;
}

/* --- the whole ------------------------------------------------------------ */

static int check_linux(const struct oci_linux *l, struct err *e)
{
	int r = check_namespaces(l, e);

	if (r == 0)
		r = check_mappings(l, "uidMappings", &l->uid_mappings, e);
	if (r == 0)
		r = check_mappings(l, "gidMappings", &l->gid_mappings, e);
	if (r == 0)
		r = check_time(l, e);
	if (r == 0)
		r = check_devices(l, e);
	if (r == 0)
		r = oci_sysctl_check(l, e);
	if (r == 0)
		r = oci_net_devices_check(l, e);
	if (r == 0 && l->intel_rdt)
		r = oci_intel_rdt_check(l->intel_rdt, e);
	if (r == 0)
		r = check_paths(&l->masked_paths, "maskedPaths", e);
	if (r == 0)
		r = check_paths(&l->readonly_paths, "readonlyPaths", e);
	if (r == 0)
		r = check_words(l, e);
	if (r == 0 && l->resources)
		r = oci_resources_check(l->resources, e);
	return r;
}

int oci_spec_check(const struct oci_spec *spec, struct err *e)
{
	int r = check_version(spec->oci_version, e);

	if (r == 0)
		r = check_root(spec->root, e);
	if (r == 0)
		r = check_uts_name(spec, "hostname", spec->hostname, e);
	if (r == 0)
		r = check_uts_name(spec, "domainname", spec->domainname, e);
	if (r == 0)
		r = check_mounts(spec, e);
	if (r == 0 && spec->process)
		r = oci_process_check(spec->process, e);
	if (r == 0)
		r = check_hooks(&spec->hooks, e);
	if (r == 0)
		r = check_linux(spec->linux_, e);
	if (r == 0)
		r = oci_user_maps_check(spec, e);
	return r ? r : oci_refuse_in_spec(spec, e);
}
