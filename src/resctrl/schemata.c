/* SPDX-License-Identifier: Apache-2.0 */
/* Lines of a schemata file: "    L3:0=7f0;1=1f". */
#include <stdint.h>
#include <string.h>

#include "resctrl/resctrl.h"
#include "util/num.h"

/* The part behind the name and its colon, or NULL when it is another's line. */
static const char *values_of(const char *line, const char *name, size_t len)
{
	line += strspn(line, " ");
	return strncmp(line, name, len) == 0 && line[len] == ':'
		       ? line + len + 1 : NULL;
}

static const char *find_line(const char *schemata, const char *name, size_t len)
{
	for (const char *s = schemata; *s; s += strcspn(s, "\n"), s += *s != 0) {
		const char *values = values_of(s, name, len);

		if (values)
			return values;
	}
	return NULL;
}

/* Bandwidth is decimal, masks of caches are hexadecimal. */
static bool parse_value(const char *s, size_t len, bool hex, uint64_t *ret)
{
	uint64_t v = 0;

	if (!hex)
		return num_u64n(s, len, UINT64_MAX, ret) == 0;
	if (len == 0 || len > 16)
		return false;
	for (size_t i = 0; i < len; i++) {
		static const char digits[] = "0123456789abcdef";
		const char *d = strchr(digits, s[i] | 0x20);

		if (!d)
			return false;
		v = v << 4 | (uint64_t)(d - digits);
	}
	*ret = v;
	return true;
}

struct value { uint64_t id, v; };

/* Takes "id=value" with its semicolon off the front.  Return: 1; 0: no more;
 * -1: it is something else. */
static int next_value(const char **at, bool hex, struct value *ret)
{
	const char *s = *at;
	size_t len = strcspn(s, ";\n"), eq = strcspn(s, "=;\n");

	if (len == 0)
		return *s == ';' ? -1 : 0;
	if (eq >= len || num_u64n(s, eq, UINT32_MAX, &ret->id) < 0 ||
	    !parse_value(s + eq + 1, len - eq - 1, hex, &ret->v))
		return -1;
	*at = s + len + (s[len] == ';');
	return 1;
}

static bool has_value(const char *values, bool hex, const struct value *want)
{
	struct value have;

	while (next_value(&values, hex, &have) == 1)
		if (have.id == want->id)
			return have.v == want->v;
	return false;
}

bool resctrl_differs(const char *schemata, const char *line)
{
	size_t len = strcspn(line, ":\n");
	bool hex = strncmp(line, "MB", 2) != 0;
	const char *have, *at = line + len + 1;
	struct value want;
	int r;

	if (line[len] != ':')
		return true;
	have = find_line(schemata, line, len);
	if (!have)
		return true;
	while ((r = next_value(&at, hex, &want)) == 1)
		if (!has_value(have, hex, &want))
			return true;
	return r < 0;
}
