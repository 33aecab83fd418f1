/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit/rootfs_bench.h - a configuration and what becomes of it in the start
 * plan.  Nothing is mounted, and no privilege is needed: without it binds
 * stay paths.
 */
#ifndef UNIT_ROOTFS_BENCH_H
#define UNIT_ROOTFS_BENCH_H

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "rootfs/rootfs.h"
#include "unit/spec_build.h"
#include "util/auto.h"
#include "wire/plan.h"

#define RO MOUNT_ATTR_RDONLY
#define NOSUID MOUNT_ATTR_NOSUID
#define NODEV MOUNT_ATTR_NODEV
#define NOATIME MOUNT_ATTR_NOATIME
#define ATIME MOUNT_ATTR__ATIME

/* A request with a bundle that has a directory "dir", a file "file" and the
 * symlink "link" to the file, and the plan that comes of it. */
struct bench {
	struct arena a;
	struct oci_spec spec;
	struct oci_linux linux_;
	struct oci_root root;
	struct rootfs_request r;
	struct plan_builder *b;
	struct plan plan;
	unsigned char *bytes;
	struct err e;
	char dir[64];
};

static inline int setup(void **state)
{
	struct bench *t = calloc(1, sizeof(*t));
	int fd;

	t->b = malloc(sizeof(*t->b));
	plan_builder_init(t->b);
	strcpy(t->dir, "/tmp/berth-rootfs-XXXXXX");
	if (!mkdtemp(t->dir))
		return -1;
	t->r.bundle_fd = open(t->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	fd = openat(t->r.bundle_fd, "file", O_CREAT | O_WRONLY | O_CLOEXEC, 0600);
	if (fd < 0 || close(fd) < 0 || mkdirat(t->r.bundle_fd, "dir", 0700) < 0 ||
	    symlinkat("file", t->r.bundle_fd, "link") < 0)
		return -1;
	t->spec.linux_ = &t->linux_;
	t->linux_.namespaces[OCI_NS_MOUNT].listed = true;
	t->r.spec = &t->spec;
	t->r.rootfs = "/some/root";
	t->r.has_cgroup_ns = true;
	*state = t;
	return 0;
}

static inline int teardown(void **state)
{
	struct bench *t = *state;

	unlinkat(t->r.bundle_fd, "file", 0);
	unlinkat(t->r.bundle_fd, "link", 0);
	unlinkat(t->r.bundle_fd, "dir", AT_REMOVEDIR);
	close(t->r.bundle_fd);
	rmdir(t->dir);
	plan_builder_done(t->b);
	free(t->b);
	free(t->bytes);
	arena_free(&t->a);
	free(t);
	return 0;
}

static inline void add_mount(struct bench *t, const char *dest, const char *type,
		      const char *source, const char *options)
{
	spec_add_mount(&t->a, &t->spec,
		       (const char *const[3]){ dest, type, source }, options);
}

static inline struct oci_device *add_device(struct bench *t, const char *path,
				     const char *type, int64_t major,
				     int64_t minor)
{
	const struct oci_device d = {
		.path = spec_str(&t->a, path),
		.type = spec_str(&t->a, type),
		.major = { .set = true, .v = major },
		.minor = { .set = true, .v = minor },
	};

	return spec_add_device(&t->a, &t->linux_, &d);
}

/* Both halves, and the whole through the reader's check. */
static inline int plan_it(struct bench *t)
{
	size_t len;
	int r = rootfs_plan_mounts(t->b, &t->r, &t->a, &t->e);

	if (r == 0)
		r = rootfs_plan_finish(t->b, &t->r, &t->a, &t->e);
	if (r < 0)
		return r;
	assert_int_equal(plan_finish(t->b, 0, &t->bytes, &len), 0);
	assert_int_equal(plan_open(t->bytes, len, &t->plan), 0);
	return 0;
}

/* The @nth operation with this code; NULL past the last. */
static inline const struct plan_op *nth(const struct bench *t, enum plan_code code,
				 unsigned int n)
{
	for (uint32_t i = 0; i < t->plan.header->n_ops; i++)
		if (t->plan.ops[i].code == code && n-- == 0)
			return &t->plan.ops[i];
	return NULL;
}

static inline const struct plan_op *at_target(const struct bench *t,
				       enum plan_code code, const char *target)
{
	const struct plan_op *op;

	for (unsigned int i = 0; (op = nth(t, code, i)); i++)
		if (strcmp(plan_get_str(&t->plan, op->str[3]), target) == 0)
			return op;
	return NULL;
}

static inline const char *str(const struct bench *t, uint32_t off)
{
	const char *s = plan_get_str(&t->plan, off);

	return s ? s : "(none)";
}

/* A vector as "a,b,c", "" for none. */
static inline const char *vec(struct bench *t, uint32_t off)
{
	const char *out = "", *s;
	uint32_t n;

	if (!off)
		return "";
	s = plan_get_vec(&t->plan, off, &n);
	for (uint32_t i = 0; i < n; i++, s += strlen(s) + 1)
		out = arena_printf(&t->a, "%s%s%s", out, i ? "," : "", s);
	return out;
}

#define WITH_BENCH(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

#endif
