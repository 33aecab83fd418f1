/* SPDX-License-Identifier: Apache-2.0 */
/* /etc/passwd and /etc/subuid to the map of a container. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "namespaces/idmap.h"
#include "util/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define LAST_ID 4294967294u

/* No id twice inside, none that is nobody's, the own one first. */
static void check(const struct oci_id_mappings *m, uint32_t inside, uint32_t own)
{
	if (m->n < 1 || m->n > NS_MAP_LINES || m->v[0].container_id != inside ||
	    m->v[0].host_id != own || m->v[0].size != 1)
		__builtin_trap();
	for (size_t i = 0; i < m->n; i++) {
		uint64_t end = (uint64_t)m->v[i].container_id + m->v[i].size;

		if (!m->v[i].size || end > (uint64_t)LAST_ID + 1 ||
		    (uint64_t)m->v[i].host_id + m->v[i].size >
			    (uint64_t)LAST_ID + 1)
			__builtin_trap();
		for (size_t k = 0; k < i; k++)
			if (m->v[k].container_id < end &&
			    m->v[i].container_id <
				    (uint64_t)m->v[k].container_id + m->v[k].size)
				__builtin_trap();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct oci_id_mappings ranges, m;
	struct subid_user user = { .uid = 7 };
	uint32_t inside;
	char *text;

	if (size < sizeof(inside))
		return 0;
	memcpy(&inside, data, sizeof(inside));
	if (inside > LAST_ID)
		return 0;
	text = arena_dup(&a, (const char *)data + sizeof(inside),
			 size - sizeof(inside));
	user.name = subid_name(text, user.uid, &a);
	if (subid_ranges(text, &user, &a, &ranges) == 0 &&
	    subid_mappings(inside, 1000, &ranges, &a, &m) == 0)
		check(&m, inside, 1000);
	arena_free(&a);
	return 0;
}
