/* SPDX-License-Identifier: Apache-2.0 */
/* The run.oci.* annotations: lines of "name=value". */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oci/annotations.h"
#include "security/seccomp.h"
#include "util/arena.h"
#include "util/auto.h"

#define LINES 64

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t split(char *text, struct oci_kv *kv)
{
	char *line;
	size_t n = 0;

	while (n < LINES && (line = strsep(&text, "\n"))) {
		char *value = strchr(line, '=');

		if (!value)
			continue;
		*value = '\0';
		kv[n++] = (struct oci_kv){ line, value + 1 };
	}
	return n;
}

/* A component that leads out of the container's cgroup. */
static bool escapes(const char *path)
{
	return path && (path[0] == '/' || strcmp(path, "..") == 0 ||
			strncmp(path, "../", 3) == 0 || strstr(path, "/../") ||
			(strlen(path) >= 3 &&
			 strcmp(path + strlen(path) - 3, "/..") == 0));
}

static void check(const struct oci_annotations *a)
{
	const char *const paths[] = { a->hooks_stdout, a->hooks_stderr,
				      a->pidfd_receiver, a->seccomp_receiver };
	struct seccomp_program p = { 0 };
	auto_arena arena = { 0 };
	struct err e = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(paths); i++)
		if (paths[i] && paths[i][0] != '/')
			abort();
	if (escapes(a->delegate_cgroup) || escapes(a->systemd_subgroup))
		abort();
	if (!a->seccomp_bpf_data)
		return;
	if (seccomp_program_raw(a->seccomp_bpf_data, a->seccomp_receiver,
				&arena, &p, &e) < 0) {
		if (!e.text[0])
			abort();
	} else if (!p.n || p.n > 4096) {
		abort();
	}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = malloc(size + 1);
	struct oci_annotations a;
	struct oci_kv kv[LINES];
	struct oci_map m = { .v = kv };
	struct err e = { 0 };

	if (!text)
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	m.n = split(text, kv);
	if (oci_annotations_parse(&m, &a, &e) == 0)
		check(&a);
	else if (!strstr(e.text, "annotations[\"run.oci."))
		abort();
	free(text);
	return 0;
}
