/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Mounts to operations of the start plan.  The first byte chooses namespaces;
 * then come strings, each ended by a NUL: rootfsPropagation, a masked path, and
 * by fours destination, type, source and options ("ro,nosuid") of a mount.
 * What is planned must be a plan that the reader accepts, with clean targets.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oci/spec.h"
#include "rootfs/rootfs.h"
#include "util/arena.h"
#include "util/auto.h"
#include "wire/plan.h"

#define MOUNTS_MAX 16
#define OPTIONS_MAX 32

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct input {
	char *at, *end; /* a NUL is at end */
};

/* The next string, "" behind the last. */
static char *next(struct input *in)
{
	char *s = in->at;

	in->at += strlen(s);
	if (in->at < in->end)
		in->at++;
	return s;
}

static struct oci_strv next_list(struct input *in, struct arena *a)
{
	struct oci_strv v = { .v = arena_array(a, OPTIONS_MAX + 1,
					       sizeof(*v.v)) };
	char *s = next(in), *part;

	while (v.n < OPTIONS_MAX && (part = strsep(&s, ",")))
		v.v[v.n++] = part;
	return v;
}

static void read_mounts(struct input *in, struct arena *a, struct oci_spec *s)
{
	s->mounts = arena_array(a, MOUNTS_MAX, sizeof(*s->mounts));
	while (in->at < in->end && s->n_mounts < MOUNTS_MAX) {
		struct oci_mount *m = &s->mounts[s->n_mounts++];

		m->destination = next(in);
		m->type = next(in);
		m->source = next(in);
		m->options = next_list(in, a);
	}
}

static void check_target(const char *t)
{
	size_t len = strlen(t);

	if (t[0] != '/' || len < 2 || t[len - 1] == '/' || strstr(t, "//") ||
	    strstr(t, "/../") || strstr(t, "/./") ||
	    (len >= 3 && strcmp(t + len - 3, "/..") == 0) ||
	    strcmp(t + len - 2, "/.") == 0)
		abort();
}

static void check_plan(struct plan_builder *b)
{
	auto_mem unsigned char *bytes = NULL;
	struct plan p;
	size_t len;

	if (plan_finish(b, 0, &bytes, &len) < 0)
		return;
	if (plan_open(bytes, len, &p) < 0)
		abort();
	for (uint32_t i = 0; i < p.header->n_ops; i++) {
		const struct plan_op *op = &p.ops[i];

		/* Masked paths are the configuration's own. */
		if (op->str[3] && op->code != PLAN_MASK)
			check_target(plan_get_str(&p, op->str[3]));
		if ((op->code == PLAN_MOUNT_TREE || op->code == PLAN_MOUNT_CHANGE) &&
		    !(op->flags & PLAN_F_CLEAR_TREE) && (op->num[3] & op->num[1]))
			abort();
	}
}

static void plan(const struct rootfs_request *r, struct arena *a)
{
	struct plan_builder *b = malloc(sizeof(*b));
	struct err e = { 0 };
	int n;

	if (!b)
		return;
	plan_builder_init(b);
	n = rootfs_plan_mounts(b, r, a, &e);
	if (n == 0)
		n = rootfs_plan_finish(b, r, a, &e);
	if (n == 0)
		check_plan(b);
	else if (e.code != -n || !e.text[0])
		abort();
	plan_builder_done(b);
	free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	uint8_t bits = size ? data[0] : 0;
	auto_arena a = { 0 };
	auto_fd root = open("/", O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct oci_linux l = { 0 };
	struct oci_spec s = { .linux_ = &l };
	struct rootfs_request r = {
		.spec = &s,
		.bundle_fd = root,
		.rootfs = "/root/fs",
		.new_userns = bits & 1,
		.has_cgroup_ns = bits & 2,
		.no_pivot = bits & 4,
	};
	struct input in = { .at = arena_dup(&a, (const char *)data + !!size,
					    size - !!size) };

	in.end = in.at + size - !!size;
	l.namespaces[OCI_NS_MOUNT].listed = true;
	l.namespaces[OCI_NS_PID].listed = bits & 8;
	l.namespaces[OCI_NS_NETWORK].listed = bits & 16;
	l.rootfs_propagation = next(&in);
	l.masked_paths = (struct oci_strv){ 1, (char *[]){ next(&in), NULL } };
	read_mounts(&in, &a, &s);
	plan(&r, &a);
	return 0;
}
