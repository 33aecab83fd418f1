/* SPDX-License-Identifier: Apache-2.0 */
/* What /etc/subuid and /etc/subgid give to a user, and the maps made of it. */
#include <errno.h>
#include <string.h>

#include "namespaces/idmap.h"
#include "util/arena.h"
#include "util/num.h"

#define LAST_ID (UINT32_MAX - 1) /* (uid_t)-1 is nobody's */

/* A line of fields with colons between, without its newline. */
struct fields {
	const char *at[3];
	size_t len[3];
};

/* Return: where the next line begins; NULL behind the last one. */
static const char *split(const char *line, struct fields *f, bool *ret_enough)
{
	size_t len = strcspn(line, "\n"), from = 0, n = 0;

	while (n < 3 && from <= len) {
		size_t part = strcspn(line + from, ":\n");

		f->at[n] = line + from;
		f->len[n++] = part;
		from += part + 1;
	}
	*ret_enough = n == 3;
	return line[len] ? line + len + 1 : NULL;
}

static bool is_number(const char *s, size_t len, uint32_t want)
{
	uint64_t v;

	return num_u64n(s, len, UINT32_MAX, &v) == 0 && v == want;
}

const char *subid_name(const char *passwd, uint32_t uid, struct arena *a)
{
	struct fields f;
	bool enough;

	for (const char *s = passwd; s;) {
		s = split(s, &f, &enough);
		if (enough && f.len[0] && is_number(f.at[2], f.len[2], uid))
			return arena_dup(a, f.at[0], f.len[0]);
	}
	return NULL;
}

static bool is_users(const struct fields *f, const struct subid_user *user)
{
	if (user->name && strlen(user->name) == f->len[0] &&
	    memcmp(user->name, f->at[0], f->len[0]) == 0)
		return true;
	return is_number(f->at[0], f->len[0], user->uid);
}

static bool read_range(const struct fields *f, struct oci_id_mapping *ret)
{
	uint64_t start, size;

	if (num_u64n(f->at[1], f->len[1], LAST_ID, &start) < 0 ||
	    num_u64n(f->at[2], f->len[2], LAST_ID, &size) < 0 || !size ||
	    start + size - 1 > LAST_ID)
		return false;
	*ret = (struct oci_id_mapping){ 0, (uint32_t)start, (uint32_t)size };
	return true;
}

int subid_ranges(const char *text, const struct subid_user *user,
		 struct arena *a, struct oci_id_mappings *ret)
{
	struct oci_id_mapping *v = arena_array(a, NS_MAP_LINES, sizeof(*v));
	size_t n = 0;
	bool enough;

	if (!v)
		return -ENOMEM;
	for (const char *s = text; s && n < NS_MAP_LINES;) {
		struct fields f;

		s = split(s, &f, &enough);
		if (enough && is_users(&f, user) && read_range(&f, &v[n]))
			n++;
	}
	*ret = (struct oci_id_mappings){ .n = n, .v = v };
	return 0;
}

static void add(struct oci_id_mappings *m, uint32_t inside, uint32_t outside,
		uint32_t size)
{
	m->v[m->n++] = (struct oci_id_mapping){ inside, outside, size };
}

/* The ranges one after the other from id 0 upwards, with a gap for @inside. */
int subid_mappings(uint32_t inside, uint32_t own,
		   const struct oci_id_mappings *ranges, struct arena *a,
		   struct oci_id_mappings *ret)
{
	struct oci_id_mappings m = {
		.v = arena_array(a, NS_MAP_LINES, sizeof(*m.v)),
	};
	uint32_t next = inside == 0;

	if (!m.v)
		return -ENOMEM;
	add(&m, inside, own, 1);
	/* A range that the gap divides takes two lines. */
	for (size_t i = 0; i < ranges->n && m.n + 2 <= NS_MAP_LINES; i++) {
		uint32_t from = ranges->v[i].host_id, left = ranges->v[i].size;

		if (next < inside) {
			uint32_t below = inside - next;

			if (below > left)
				below = left;
			add(&m, next, from, below);
			from += below;
			left -= below;
			next += below;
			if (next == inside)
				next++;
		}
		if (next >= LAST_ID)
			break;
		if (left > LAST_ID - next)
			left = LAST_ID - next;
		if (left)
			add(&m, next, from, left);
		next += left;
	}
	*ret = m;
	return 0;
}
