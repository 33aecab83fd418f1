/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Texts of the kernel about cgroups, cgroupsPath, and device rules, whose
 * program is compared with a plain reading of the rules.  The first byte
 * chooses.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/devices.h"
#include "cgroups/internal.h"
#include "oci/spec.h"
#include "unit/device_rules.h"
#include "util/arena.h"

#define RULES_MAX 24

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void check_path(const char *text, struct arena *a)
{
	const char *path;

	if (cgroup_plan_path(text, "id", "/own", a, &path, NULL) < 0)
		return;
	if (*path != '/' || !path[1] || strstr(path, "//") ||
	    strstr(path, "/../") || strlen(path) >= CGROUP_PATH_MAX + 16 ||
	    path[strlen(path) - 1] == '/' ||
	    (strlen(path) >= 3 && !strcmp(path + strlen(path) - 3, "/..")))
		abort();
}

static void check_kernel_text(const char *text, struct arena *a)
{
	const char *mount, *root;
	struct cgroup_own own;
	uint64_t v;

	if (cgroup_parse_own(text, a, &own) == 0 && *own.path != '/')
		abort();
	if (cgroup_parse_mountinfo(text, a, &mount, &root) == 0 &&
	    (strlen(mount) > strlen(text) || strlen(root) > strlen(text)))
		abort();
	cgroup_flat_value(text, "populated", &v);
	if (cgroup_controller_set(text) & ~CGROUP_ALL_CONTROLLERS)
		abort();
	cgroup_controller_of_file(text);
}

/* Two bytes a rule; numbers from -1 to 2, so that rules meet each other. */
static size_t make_rules(const uint8_t *d, size_t size,
			 struct oci_device_rule rules[RULES_MAX])
{
	static char types[][2] = { "", "a", "b", "c" };
	static char access[][4] = { "", "rwm", "r", "w", "m", "rw", "rm", "wm" };
	size_t n = 0;

	for (; size >= 2 && n < RULES_MAX; size -= 2, d += 2)
		rules[n++] = (struct oci_device_rule){
			.allow = d[0] & 1,
			.type = types[d[0] >> 1 & 3],
			.access = access[d[0] >> 3 & 7],
			.major = { .set = d[0] >> 6 & 1, .v = (d[1] & 3) - 1 },
			.minor = { .set = d[0] >> 7, .v = (d[1] >> 2 & 3) - 1 },
		};
	return n;
}

static void check_rules(const uint8_t *d, size_t size)
{
	struct oci_device_rule rules[RULES_MAX];
	const struct cgroup_devices_args args = {
		.rules = rules, .n = make_rules(d, size, rules) };
	struct bpf_insn *p;
	size_t len;

	if (cgroup_devices_program(&args, &p, &len, NULL) < 0 ||
	    (p && !ebpf_is_valid(p, len)))
		abort();
	for (uint32_t i = 0; i < 2 * 4 * 4 * 7; i++) {
		const struct access a = { i % 2 ? 'c' : 'b', i / 2 % 4, i / 8 % 4,
					  1 + i / 32 };

		if (by_program(p, len, &a) != by_the_book(rules, args.n, &a))
			abort();
	}
	free(p);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	char *text;

	if (!size)
		return 0;
	if (data[0] == 'd') {
		check_rules(data + 1, size - 1);
		return 0;
	}
	text = strndup((const char *)data + 1, size - 1);
	if (text && data[0] == 'p')
		check_path(text, &a);
	else if (text)
		check_kernel_text(text, &a);
	free(text);
	arena_free(&a);
	return 0;
}
