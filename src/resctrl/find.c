/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "resctrl/resctrl.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"

#define MOUNTINFO_MAX (64u << 20) /* bytes: hundreds of thousands of mounts */

/* The word that begins at @s: up to the next blank or the end of the line. */
static size_t word(const char *s)
{
	return strcspn(s, " \n");
}

static const char *skip_words(const char *s, int n)
{
	while (n-- > 0) {
		s += word(s);
		s += *s == ' ';
	}
	return s;
}

static bool is_octal(const char *s)
{
	return s[0] >= '0' && s[0] <= '3' && s[1] >= '0' && s[1] <= '7' &&
	       s[2] >= '0' && s[2] <= '7';
}

/* mountinfo(5) writes blanks, newlines and backslashes as \ooo. */
static char *unescape(struct arena *a, const char *s, size_t len)
{
	char *out = arena_alloc(a, len + 1);
	size_t n = 0;

	for (size_t i = 0; out && i < len; i++) {
		if (s[i] != '\\' || len - i < 4 || !is_octal(s + i + 1)) {
			out[n++] = s[i];
			continue;
		}
		out[n++] = (char)((s[i + 1] - '0') << 6 | (s[i + 2] - '0') << 3 |
				  (s[i + 3] - '0'));
		i += 3;
	}
	if (out)
		out[n] = '\0';
	return out;
}

/* "36 35 0:32 / /sys/fs/resctrl rw - resctrl resctrl rw" */
int resctrl_parse_mountinfo(const char *text, struct arena *a, const char **ret)
{
	for (const char *s = text; *s; s += strcspn(s, "\n"), s += *s != 0) {
		const char *point = skip_words(s, 4), *rest = point;
		size_t end = strcspn(s, "\n");
		const char *dash = memmem(s, end, " - ", 3);

		if (!dash || rest >= dash)
			continue;
		if (strncmp(dash + 3, "resctrl ", 8) != 0)
			continue;
		*ret = unescape(a, point, word(point));
		return *ret ? 0 : -ENOMEM;
	}
	return -ENOENT;
}

int resctrl_find(struct arena *a, const char **ret, struct err *e)
{
	auto_mem char *text = NULL;
	size_t len;
	int r = fs_read_all(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX,
			    &text, &len, e);

	if (r < 0)
		return r;
	r = resctrl_parse_mountinfo(text, a, ret);
	if (r == -ENOENT)
		return err_set(e, ENOTSUP, "linux.intelRdt: no resctrl file "
			       "system is mounted (mount -t resctrl resctrl "
			       "/sys/fs/resctrl, where the processor has it)");
	return r < 0 ? err_sys(e, r, "find the resctrl file system") : 0;
}
