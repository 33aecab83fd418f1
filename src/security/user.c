/* SPDX-License-Identifier: Apache-2.0 */
#include "security/user.h"

#include <errno.h>
#include <string.h>

#include "util/arena.h"
#include "util/err.h"
#include "util/num.h"
#include "util/weak.h"

static int parse_id(const char *s, size_t len, const char *what, uint32_t *ret,
		    struct err *e)
{
	uint64_t v;
	int r = num_u64n(s, len, weak(DEFENCE_ID_RANGE) ? UINT64_MAX
						       : USER_ID_MAX, &v);

	if (r == -ERANGE)
		return err_set(e, ERANGE, "%s: %.*s is above %u", what,
			       (int)(len < 40 ? len : 40), s, USER_ID_MAX);
	if (r < 0)
		return err_set(e, EINVAL, "%s: \"%.*s\" is not a number", what,
			       (int)(len < 40 ? len : 40), s);
	*ret = (uint32_t)v;
	return 0;
}

int user_parse_id(const char *s, const char *what, uint32_t *ret, struct err *e)
{
	return parse_id(s, strlen(s), what, ret, e);
}

int user_parse(const char *s, struct user_ids *ret, struct err *e)
{
	const char *colon = strchr(s, ':');
	struct user_ids u = { .has_gid = colon != NULL };
	size_t len = colon ? (size_t)(colon - s) : strlen(s);
	int r = parse_id(s, len, "uid", &u.uid, e);

	if (r == 0 && colon)
		r = parse_id(colon + 1, strlen(colon + 1), "gid", &u.gid, e);
	if (r == 0)
		*ret = u;
	return r;
}

static size_t count_members(const char *s)
{
	size_t n = 1;

	for (; *s; s++)
		n += *s == ',';
	return n;
}

int user_parse_gids(const char *s, struct arena *a, uint32_t **ret,
		    size_t *ret_n, struct err *e)
{
	size_t n = count_members(s);
	uint32_t *v = arena_array(a, n, sizeof(*v));

	if (!v)
		return err_sys(e, ENOMEM, "group list");
	for (size_t i = 0; i < n; i++) {
		size_t len = strcspn(s, ",");
		int r = parse_id(s, len, "gid", &v[i], e);

		if (r < 0)
			return r;
		s += len + 1; /* behind the last member's NUL at the end */
	}
	*ret = v;
	*ret_n = n;
	return 0;
}
