// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/text.c - the formats of the kernel's cgroup files.  Pure.
 */
#include <string.h>

#include "cgroups/internal.h"
#include "util/auto.h"
#include "util/num.h"

static const struct {
	const char *name;
	uint32_t bit;
} controllers[] = {
	{ "cpu", CGROUP_CPU },	     { "cpuset", CGROUP_CPUSET },
	{ "io", CGROUP_IO },	     { "memory", CGROUP_MEMORY },
	{ "pids", CGROUP_PIDS },     { "hugetlb", CGROUP_HUGETLB },
	{ "rdma", CGROUP_RDMA },     { "misc", CGROUP_MISC },
};

static uint32_t controller_bit(const char *name, size_t len)
{
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++)
		if (!strncmp(controllers[i].name, name, len) &&
		    !controllers[i].name[len])
			return controllers[i].bit;
	return 0;
}

uint32_t cgroup_controller_set(const char *names)
{
	uint32_t set = 0;
	size_t len;

	for (;; names += len) {
		names += strspn(names, " \n");
		len = strcspn(names, " \n");
		if (!len)
			return set;
		set |= controller_bit(names, len);
	}
}

const char *cgroup_controller_name(uint32_t set)
{
	for (size_t i = 0; i < ARRAY_LEN(controllers); i++)
		if (set & controllers[i].bit)
			return controllers[i].name;
	return "none";
}

uint32_t cgroup_controller_of_file(const char *file)
{
	return controller_bit(file, strcspn(file, "."));
}

bool cgroup_flat_value(const char *text, const char *key, uint64_t *ret)
{
	size_t key_len = strlen(key);

	while (text && *text) {
		size_t len = strcspn(text, "\n");

		if (len > key_len + 1 && !memcmp(text, key, key_len) &&
		    text[key_len] == ' ') {
			const char *v = text + key_len + 1;
			size_t n = len - key_len - 1;

			if (n == 3 && !memcmp(v, "max", 3)) {
				*ret = UINT64_MAX;
				return true;
			}
			return num_u64n(v, n, UINT64_MAX, ret) == 0;
		}
		text += len;
		text += *text == '\n';
	}
	return false;
}
