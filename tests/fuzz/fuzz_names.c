/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Users, lists of groups, ids of containers and names of sysctls, as somebody
 * wrote them.  The first byte chooses; what is accepted has to be what it says.
 */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "container/container.h"
#include "oci/sysctl.h"
#include "security/user.h"
#include "util/arena.h"
#include "util/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* Digits without the zeros in front, so that a number can be compared with what
 * is printed of it. */
static const char *significant(const char *s)
{
	while (s[0] == '0' && s[1] >= '0' && s[1] <= '9')
		s++;
	return s;
}

static void check_user(const char *text)
{
	struct user_ids u = { 0 };
	struct err e = { 0 };
	char printed[32];
	const char *s = significant(text);
	size_t len;

	if (user_parse(text, &u, &e) < 0) {
		if (!e.text[0])
			__builtin_trap();
		return;
	}
	len = (size_t)snprintf(printed, sizeof(printed), "%u", u.uid);
	if (strncmp(s, printed, len) != 0 || (s[len] && s[len] != ':') ||
	    u.has_gid != (s[len] == ':'))
		__builtin_trap();
	if (!u.has_gid)
		return;
	snprintf(printed, sizeof(printed), "%u", u.gid);
	if (strcmp(significant(s + len + 1), printed) != 0)
		__builtin_trap();
}

static void check_groups(const char *text)
{
	auto_arena a = { 0 };
	struct err e = { 0 };
	uint32_t *v;
	size_t n, commas = 0;

	if (user_parse_gids(text, &a, &v, &n, &e) < 0)
		return;
	for (const char *s = text; *s; s++)
		commas += *s == ',';
	if (n != commas + 1 || text[strspn(text, "0123456789,")])
		__builtin_trap();
}

/* It names a directory in the state directory and a cgroup. */
static void check_id(const char *text)
{
	struct err e = { 0 };

	if (container_check_id(text, &e) < 0)
		return;
	if (!*text || strchr(text, '/') || text[0] == '.' || text[0] == '-' ||
	    strlen(text) > 255)
		__builtin_trap();
	for (const char *s = text; *s; s++)
		if (*s <= ' ' || *s >= 0x7f)
			__builtin_trap();
}

/* Below /proc/sys, whatever is made of it. */
static void check_sysctl(const char *text)
{
	char path[256];
	char *rest = path, *part;

	if (oci_sysctl_path(text, path, sizeof(path)) < 0)
		return;
	if (strlen(path) != strlen(text))
		__builtin_trap();
	while ((part = strsep(&rest, "/")))
		if (!*part || strcmp(part, ".") == 0 || strcmp(part, "..") == 0)
			__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static void (*const checks[])(const char *) = {
		check_user, check_groups, check_id, check_sysctl,
	};
	char *text;

	if (!size)
		return 0;
	text = strndup((const char *)data + 1, size - 1);
	if (!text)
		return 0;
	checks[data[0] % ARRAY_LEN(checks)](text);
	free(text);
	return 0;
}
