/* SPDX-License-Identifier: Apache-2.0 */
#include "container/config.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdio.h>

#include "container/record.h"
#include "oci/check.h"
#include "oci/decode.h"
#include "oci/spec.h"
#include "process/affinity.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/log.h"

void config_done(struct config *c)
{
	fd_close(&c->bundle_fd);
}

/* The absolute path of an open directory, without resolving it once more. */
static char *path_of(int fd, struct arena *a, struct err *e)
{
	char link[40], path[PATH_MAX], *copy;
	ssize_t n;

	snprintf(link, sizeof(link), "/proc/self/fd/%d", fd);
	n = readlink(link, path, sizeof(path));
	if (n < 0 || (size_t)n == sizeof(path) || path[0] != '/') {
		err_set(e, n < 0 ? errno : ENAMETOOLONG,
			"find the absolute path of a directory");
		return NULL;
	}
	copy = arena_dup(a, path, (size_t)n);
	if (!copy)
		err_set(e, ENOMEM, "out of memory");
	return copy;
}

static int find_rootfs(struct config *c, struct arena *a, struct err *e)
{
	const char *path = c->spec->root->path;
	auto_fd fd = openat(c->bundle_fd, path, O_PATH | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0)
		return err_sys(e, errno, "root.path: open %s", path);
	c->rootfs = path_of(fd, a, e);
	if (!c->rootfs)
		return err_wrap(e, "root.path: %s", path);
	return 0;
}

static int decode(struct config *c, struct arena *a, const char *name,
		  struct err *e)
{
	int r = oci_spec_decode(c->text, c->len, a, &c->spec, e);

	if (r == 0)
		r = oci_annotations_parse(&c->spec->annotations, &c->annotations,
					  e);
	if (r < 0)
		return err_wrap(e, "%s", name);
	return 0;
}

int config_load(const char *bundle, const char *file, struct arena *a,
		struct config *ret, struct err *e)
{
	auto_config c = CONFIG_NONE;
	int r;

	c.bundle_fd = openat(AT_FDCWD, bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (c.bundle_fd < 0)
		return err_sys(e, errno, "open the bundle %s", bundle);
	c.bundle = path_of(c.bundle_fd, a, e);
	if (!c.bundle)
		return -e->code;
	if (file)
		r = fs_read_arena(AT_FDCWD, file, CONFIG_MAX, a, &c.text,
				  &c.len, e);
	else
		r = fs_read_arena(c.bundle_fd, RECORD_CONFIG, CONFIG_MAX, a,
				  &c.text, &c.len, e);
	if (r < 0)
		return file ? r : err_wrap(e, "bundle %s", bundle);
	r = decode(&c, a, file ? file : RECORD_CONFIG, e);
	if (r < 0)
		return r;
	*ret = c;
	c = (struct config)CONFIG_NONE;
	return 0;
}

/* It is for exec alone, where it would be too late to say that it is wrong. */
static int check_affinity(const struct oci_process *p, struct err *e)
{
	struct affinity unused;

	return p && p->exec_cpu_affinity
		? affinity_decode(p->exec_cpu_affinity, &unused, e) : 0;
}

int config_check(struct config *c, struct arena *a, struct err *e)
{
	int r = oci_spec_check(c->spec, e);

	if (r == 0)
		r = check_affinity(c->spec->process, e);
	return r < 0 ? r : find_rootfs(c, a, e);
}

int config_load_copy(int dirfd, struct arena *a, struct config *ret,
		     struct err *e)
{
	auto_config c = CONFIG_NONE;
	int r = fs_read_arena(dirfd, RECORD_CONFIG, CONFIG_MAX, a, &c.text,
			      &c.len, e);

	/* Deleted since it was looked at. */
	if (r == -ENOENT)
		return err_set(e, ENOENT, "the container does not exist any more");
	if (r == 0)
		r = decode(&c, a, "copy of the configuration", e);
	if (r < 0)
		return r;
	*ret = c;
	c = (struct config)CONFIG_NONE;
	return 0;
}

void config_name_ignored(const struct config *c, const struct log *log)
{
	const struct oci_map *m = &c->spec->annotations;

	for (size_t i = 0; i < m->n; i++)
		if (oci_annotation_ignored(m->v[i].key))
			log_debug(log, "annotations[\"%s\"]: unknown, ignored",
				  m->v[i].key);
}
