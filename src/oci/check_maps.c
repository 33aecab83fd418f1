/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/check_maps.h"

#include <errno.h>
#include <stdbool.h>
#include <stdint.h>

#include "oci/spec.h"

#define NO_ID UINT32_MAX /* (uid_t)-1 means "leave it" to the kernel */
#define LINES_MAX 340	 /* UID_GID_MAP_MAX_EXTENTS */

static bool meet(uint32_t a, uint32_t a_size, uint32_t b, uint32_t b_size)
{
	return a < b ? b - a < a_size : a - b < b_size;
}

static int check_overlap(const struct oci_id_mappings *maps, size_t i,
			 const char *path, struct err *e)
{
	const struct oci_id_mapping *m = &maps->v[i];

	for (size_t k = 0; k < i; k++) {
		const struct oci_id_mapping *o = &maps->v[k];

		if (meet(m->container_id, m->size, o->container_id, o->size))
			return err_set(e, EINVAL, "%s[%zu].containerID: its range "
				       "meets that of [%zu]", path, i, k);
		if (meet(m->host_id, m->size, o->host_id, o->size))
			return err_set(e, EINVAL, "%s[%zu].hostID: its range meets "
				       "that of [%zu]", path, i, k);
	}
	return 0;
}

int oci_maps_check(const struct oci_id_mappings *maps, const char *path,
		   struct err *e)
{
	int r = 0;

	if (maps->n > LINES_MAX)
		return err_set(e, EINVAL, "%s: %zu ranges, the kernel takes %d at "
			       "most", path, maps->n, LINES_MAX);
	for (size_t i = 0; r == 0 && i < maps->n; i++) {
		const struct oci_id_mapping *m = &maps->v[i];

		if (m->size == 0)
			return err_set(e, EINVAL, "%s[%zu].size: 0 maps nothing",
				       path, i);
		if (m->size > NO_ID - m->container_id ||
		    m->size > NO_ID - m->host_id)
			return err_set(e, EINVAL, "%s[%zu].size: %u goes past the "
				       "last id", path, i, m->size);
		r = check_overlap(maps, i, path, e);
	}
	return r;
}

static bool is_mapped(const struct oci_id_mappings *maps, uint32_t id)
{
	for (size_t i = 0; i < maps->n; i++)
		if (id >= maps->v[i].container_id &&
		    id - maps->v[i].container_id < maps->v[i].size)
			return true;
	return false;
}

int oci_user_maps_check(const struct oci_spec *spec, struct err *e)
{
	const struct oci_linux *l = spec->linux_;
	const struct oci_namespace *ns = &l->namespaces[OCI_NS_USER];
	const struct oci_user *u = spec->process ? &spec->process->user : NULL;

	if (!u || !ns->listed || ns->path)
		return 0;
	if (!is_mapped(&l->uid_mappings, u->uid))
		return err_set(e, EINVAL, "process.user.uid: %u is not mapped "
			       "(linux.uidMappings)", u->uid);
	if (!is_mapped(&l->gid_mappings, u->gid))
		return err_set(e, EINVAL, "process.user.gid: %u is not mapped "
			       "(linux.gidMappings)", u->gid);
	for (size_t i = 0; i < u->additional_gids.n; i++)
		if (!is_mapped(&l->gid_mappings, u->additional_gids.v[i]))
			return err_set(e, EINVAL, "process.user.additionalGids[%zu]: "
				       "%u is not mapped (linux.gidMappings)", i,
				       u->additional_gids.v[i]);
	return 0;
}
