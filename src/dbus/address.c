/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <stdbool.h>
#include <string.h>

#include "dbus/dbus.h"
#include "util/arena.h"

static int hex(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	if (c >= 'a' && c <= 'f')
		return c - 'a' + 10;
	if (c >= 'A' && c <= 'F')
		return c - 'A' + 10;
	return -1;
}

/* %XX is a byte.  Return: false when it is none, or a NUL. */
static bool unescape(char *s)
{
	char *w = s;

	for (; *s; s++) {
		if (*s != '%') {
			*w++ = *s;
			continue;
		}
		if (hex(s[1]) < 0 || hex(s[2]) < 0 || !(hex(s[1]) | hex(s[2])))
			return false;
		*w++ = (char)(hex(s[1]) << 4 | hex(s[2]));
		s += 2;
	}
	*w = '\0';
	return true;
}

/* The value of "path=" or "abstract=" in one address, without its transport. */
static int unix_socket(const char *s, size_t len, struct arena *a,
		       const char **ret)
{
	const char *end = s + len;

	for (size_t n; s < end; s += n + 1) {
		bool abstract;
		char *value;

		n = (size_t)(end - s);
		if (memchr(s, ',', n))
			n = (size_t)((const char *)memchr(s, ',', n) - s);
		abstract = n > 9 && memcmp(s, "abstract=", 9) == 0;
		if (!abstract && !(n > 5 && memcmp(s, "path=", 5) == 0))
			continue;
		value = arena_printf(a, "%s%.*s", abstract ? "@" : "",
				     (int)(n - (abstract ? 9 : 5)),
				     s + (abstract ? 9 : 5));
		if (!value)
			return -ENOMEM;
		if (!unescape(value))
			return -EINVAL;
		*ret = value;
		return 0;
	}
	return -EINVAL;
}

int dbus_address(const char *address, struct arena *a, const char **ret)
{
	int r = -EINVAL;

	for (size_t n; r == -EINVAL && *address; address += n) {
		address += *address == ';';
		n = strcspn(address, ";");
		if (n > 5 && memcmp(address, "unix:", 5) == 0)
			r = unix_socket(address + 5, n - 5, a, ret);
	}
	return r;
}
