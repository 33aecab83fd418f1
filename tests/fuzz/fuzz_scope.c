/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration says of a systemd scope: its first line is a cgroupsPath,
 * the second one a set of processors, each other one "NAME VALUE" of a property.
 * What is written for systemd has to be a whole array, and a name has to be one.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/scope_internal.h"
#include "oci/spec.h"
#include "util/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define INPUT_MAX 4096

static void try_names(const char *path)
{
	auto_arena a = { 0 };
	struct scope_names n;
	const char *slice;

	if (scope_names(path, "a+b", false, &a, &n, NULL) < 0)
		return;
	if (strlen(n.unit) > 255 || strchr(n.unit, '/') || strchr(n.unit, '\n') ||
	    scope_slice_path(n.slice, &a, &slice, NULL) < 0 || strstr(slice, "/../"))
		abort();
}

static void try_set(const char *list)
{
	auto_mem uint8_t *bits = NULL;
	ssize_t n = scope_cpus(list, &bits);

	if (n >= 0 && (!n || n > 1024 || !bits[n - 1]))
		abort();
}

/* Name and signature of a single property, and then what belongs to it. */
static void look_at(const struct buf *b)
{
	struct dbus_reader r = { .bytes = (const uint8_t *)b->data, .len = b->len };
	const char *name, *type;

	if (dbus_get_str(&r, &name) < 0 || dbus_get_signature(&r, &type) < 0 ||
	    !*type || strlen(type) > 2 || r.at > r.len)
		abort();
}

static void try_property(char *line)
{
	static const char prefix[] = "org.systemd.property.";
	char key[sizeof(prefix) + INPUT_MAX], *value = strchr(line, ' ');
	struct oci_kv kv = { .key = key };
	struct oci_map m = { 1, &kv };
	auto_buf b = { 0 };
	struct dbus_writer w = { .out = &b };
	struct err e = { 0 };
	struct properties p = { .w = &w, .e = &e };
	int r;

	if (!value)
		return;
	*value++ = '\0';
	snprintf(key, sizeof(key), "%s%s", prefix, line);
	kv.value = value;
	r = properties_annotations(&p, &m);
	if (r == 0)
		look_at(&b);
	else if (r != -EINVAL || !*e.text)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char text[INPUT_MAX + 1], *rest = text, *line;

	if (size > INPUT_MAX || memchr(data, '\0', size))
		return 0;
	memcpy(text, data, size);
	text[size] = '\0';
	for (size_t n = 0; (line = strsep(&rest, "\n")); n++) {
		if (n == 0)
			try_names(line);
		else if (n == 1)
			try_set(line);
		else
			try_property(line);
	}
	return 0;
}
