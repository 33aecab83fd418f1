/* SPDX-License-Identifier: Apache-2.0 */
/* config.json: decode, check, and read every string that came out. */
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include "oci/check.h"
#include "oci/decode.h"
#include "util/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t walk(const struct oci_strv *v)
{
	size_t sum = 0;

	for (size_t i = 0; i < v->n; i++)
		sum += strlen(v->v[i]);
	if (v->n && v->v[v->n])
		__builtin_trap();
	return sum;
}

static size_t walk_map(const struct oci_map *m)
{
	size_t sum = 0;

	for (size_t i = 0; i < m->n; i++)
		sum += strlen(m->v[i].key) + strlen(m->v[i].value);
	return sum;
}

static size_t walk_spec(const struct oci_spec *s)
{
	const struct oci_linux *l = s->linux_;
	size_t sum = strlen(s->oci_version) + walk_map(&s->annotations);

	for (size_t i = 0; i < s->n_mounts; i++)
		sum += walk(&s->mounts[i].options) +
		       strlen(s->mounts[i].destination);
	if (s->process)
		sum += walk(&s->process->args) + walk(&s->process->env) +
		       strlen(s->process->cwd);
	sum += walk(&l->masked_paths) + walk(&l->readonly_paths) +
	       walk_map(&l->sysctl);
	for (size_t i = 0; i < l->n_net_devices; i++)
		sum += strlen(l->net_devices[i].name);
	return sum;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct oci_spec *spec;
	struct oci_seccomp *seccomp;
	struct err e = { 0 };
	volatile size_t sum;

	if (oci_spec_decode((const char *)data, size, &a, &spec, &e) == 0) {
		sum = walk_spec(spec);
		(void)sum;
		oci_spec_check(spec, &e);
		if (spec->linux_->seccomp.data)
			oci_seccomp_decode(&spec->linux_->seccomp, &a,
					   &seccomp, &e);
	} else if (!e.code || !e.text[0]) {
		__builtin_trap();
	}
	arena_free(&a);
	return 0;
}
