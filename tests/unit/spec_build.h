/* SPDX-License-Identifier: Apache-2.0 */
/* unit/spec_build.h - small configurations, put together by hand in an arena. */
#ifndef UNIT_SPEC_BUILD_H
#define UNIT_SPEC_BUILD_H

#include <string.h>

#include "oci/spec.h"
#include "util/arena.h"

static inline char *spec_str(struct arena *a, const char *s)
{
	return s ? arena_strdup(a, s) : NULL;
}

/* A list of strings from "a,b,c". */
static inline struct oci_strv spec_split(struct arena *a, const char *text)
{
	struct oci_strv v = { .v = arena_array(a, strlen(text) + 2,
					       sizeof(char *)) };
	char *s = arena_strdup(a, text), *save = NULL;

	for (char *t = strtok_r(s, ",", &save); t; t = strtok_r(NULL, ",", &save))
		v.v[v.n++] = t;
	return v;
}

static inline void spec_add_mount(struct arena *a, struct oci_spec *s,
				  const char *const words[3],
				  const char *options)
{
	struct oci_mount *v = arena_array(a, s->n_mounts + 1, sizeof(*v));

	if (s->n_mounts)
		memcpy(v, s->mounts, s->n_mounts * sizeof(*v));
	v[s->n_mounts++] = (struct oci_mount){
		.destination = spec_str(a, words[0]),
		.type = spec_str(a, words[1]),
		.source = spec_str(a, words[2]),
		.options = spec_split(a, options),
	};
	s->mounts = v;
}

static inline struct oci_device *spec_add_device(struct arena *a,
						 struct oci_linux *l,
						 const struct oci_device *d)
{
	struct oci_device *v = arena_array(a, l->n_devices + 1, sizeof(*v));

	if (l->n_devices)
		memcpy(v, l->devices, l->n_devices * sizeof(*v));
	v[l->n_devices] = *d;
	l->devices = v;
	return &v[l->n_devices++];
}

#endif
