/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/features.h"

#include "oci/spec.h"
#include "oci/tables.h"
#include "oci/unsupported.h"
#include "util/jsonw.h"

#define OCI_VERSION_MIN "1.0.0"

static void list(struct jsonw *w, const char *name, const char *const *words)
{
	if (!words)
		return;
	jsonw_array_member(w, name);
	for (; *words; words++)
		jsonw_str(w, *words);
	jsonw_array_end(w);
}

static void hooks(struct jsonw *w)
{
	jsonw_array_member(w, "hooks");
	for (unsigned int i = 0; i < oci_hooks_table.n; i++)
		jsonw_str(w, oci_hooks_table.fields[i].name);
	jsonw_array_end(w);
}

static void namespaces(struct jsonw *w)
{
	jsonw_array_member(w, "namespaces");
	for (unsigned int i = 0; i < oci_ns_words.n; i++)
		jsonw_str(w, oci_ns_words.word[i]);
	jsonw_array_end(w);
}

static void cgroup(struct jsonw *w, const struct oci_features *f)
{
	jsonw_object_member(w, "cgroup");
	jsonw_bool_member(w, "v1", false);
	jsonw_bool_member(w, "v2", true);
	jsonw_bool_member(w, "systemd", f->cgroup_systemd);
	jsonw_bool_member(w, "systemdUser", f->cgroup_systemd_user);
	jsonw_bool_member(w, "rdma", true);
	jsonw_object_end(w);
}

static void seccomp(struct jsonw *w, const struct oci_features *f)
{
	jsonw_object_member(w, "seccomp");
	jsonw_bool_member(w, "enabled", true);
	list(w, "actions", f->seccomp_actions);
	list(w, "operators", f->seccomp_operators);
	list(w, "archs", f->seccomp_archs);
	list(w, "knownFlags", f->seccomp_known_flags);
	list(w, "supportedFlags", f->seccomp_supported_flags);
	jsonw_object_end(w);
}

/* {"enabled": …}, by the property that it stands for */
static void enabled(struct jsonw *w, const char *name, const char *property)
{
	jsonw_object_member(w, name);
	jsonw_bool_member(w, "enabled", oci_honours(property));
	jsonw_object_end(w);
}

static void intel_rdt(struct jsonw *w)
{
	bool on = oci_honours("intelRdt");

	jsonw_object_member(w, "intelRdt");
	jsonw_bool_member(w, "enabled", on);
	jsonw_bool_member(w, "schemata", on);
	jsonw_bool_member(w, "monitoring", on);
	jsonw_object_end(w);
}

static void memory_policy(struct jsonw *w, const struct oci_features *f)
{
	if (!oci_honours("memoryPolicy"))
		return;
	jsonw_object_member(w, "memoryPolicy");
	list(w, "modes", f->memory_policy_modes);
	list(w, "flags", f->memory_policy_flags);
	jsonw_object_end(w);
}

static void linux_section(struct jsonw *w, const struct oci_features *f)
{
	jsonw_object_member(w, "linux");
	namespaces(w);
	list(w, "capabilities", f->capabilities);
	cgroup(w, f);
	seccomp(w, f);
	enabled(w, "apparmor", "apparmorProfile");
	enabled(w, "selinux", "selinuxLabel");
	intel_rdt(w);
	memory_policy(w, f);
	jsonw_object_member(w, "mountExtensions");
	enabled(w, "idmap", "uidMappings");
	jsonw_object_end(w);
	enabled(w, "netDevices", "netDevices");
	jsonw_object_end(w);
}

static void annotations(struct jsonw *w, const struct oci_map *map)
{
	if (!map)
		return;
	jsonw_object_member(w, "annotations");
	for (size_t i = 0; i < map->n; i++)
		jsonw_str_member(w, map->v[i].key, map->v[i].value);
	jsonw_object_end(w);
}

void oci_features_write(struct jsonw *w, const struct oci_features *f)
{
	jsonw_object(w);
	jsonw_str_member(w, "ociVersionMin", OCI_VERSION_MIN);
	jsonw_str_member(w, "ociVersionMax", OCI_VERSION);
	hooks(w);
	list(w, "mountOptions", f->mount_options);
	linux_section(w, f);
	annotations(w, f->annotations);
	list(w, "potentiallyUnsafeConfigAnnotations", f->unsafe_annotations);
	jsonw_object_end(w);
}
