/* SPDX-License-Identifier: Apache-2.0 */
/* Nodes and links of /dev, and linux.devices, which may be anywhere. */
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>

#include "oci/spec.h"
#include "rootfs/planner.h"
#include "util/arena.h"
#include "util/auto.h"
#include "wire/plan.h"

#define NODE_MODE 0666
#define MAJOR_MAX 0xfff	  /* what the kernel's 32-bit dev_t has room for */
#define MINOR_MAX 0xfffff

struct node {
	const char *path;
	uint32_t mode; /* S_IF* and permissions */
	uint32_t uid, gid;
	unsigned int major, minor;
};

/* runtime-spec config-linux.md, "Default Devices"; /dev/console comes with the
 * terminal, /dev/ptmx is one of the links. */
static const struct node default_nodes[] = {
	{ "/dev/null", S_IFCHR | NODE_MODE, 0, 0, 1, 3 },
	{ "/dev/zero", S_IFCHR | NODE_MODE, 0, 0, 1, 5 },
	{ "/dev/full", S_IFCHR | NODE_MODE, 0, 0, 1, 7 },
	{ "/dev/random", S_IFCHR | NODE_MODE, 0, 0, 1, 8 },
	{ "/dev/urandom", S_IFCHR | NODE_MODE, 0, 0, 1, 9 },
	{ "/dev/tty", S_IFCHR | NODE_MODE, 0, 0, 5, 0 },
};

static const struct {
	const char *path, *to;
	uint16_t flags;
} links[] = {
	{ "/dev/fd", "/proc/self/fd", 0 },
	{ "/dev/stdin", "/proc/self/fd/0", 0 },
	{ "/dev/stdout", "/proc/self/fd/1", 0 },
	{ "/dev/stderr", "/proc/self/fd/2", 0 },
	{ "/dev/core", "/proc/kcore", 0 },
	/* A node here would be a terminal of the host's devpts. */
	{ "/dev/ptmx", "pts/ptmx", PLAN_F_REPLACE },
};

static const struct {
	char type;
	uint32_t format;
} formats[] = {
	{ 'c', S_IFCHR }, { 'u', S_IFCHR }, { 'b', S_IFBLK }, { 'p', S_IFIFO },
};

static int read_format(const char *type, uint32_t *ret)
{
	for (size_t i = 0; type && i < ARRAY_LEN(formats); i++) {
		if (type[0] != formats[i].type || type[1])
			continue;
		*ret = formats[i].format;
		return 0;
	}
	return -EINVAL;
}

static int read_number(int64_t v, unsigned int max, const char *name,
		       unsigned int *ret, struct err *e)
{
	if (v < 0 || v > max)
		return err_set(e, ERANGE, "%s: %lld is not between 0 and %u",
			       name, (long long)v, max);
	*ret = (unsigned int)v;
	return 0;
}

/* read_device - @e gets a text without "linux.devices[N]." */
static int read_device(struct planner *p, const struct oci_device *d,
		       struct node *ret, struct err *e)
{
	struct node n = { .uid = d->uid.v, .gid = d->gid.v };
	int r = read_format(d->type, &n.mode);

	if (r < 0)
		return err_set(e, EINVAL, "type: %s: not one of c, b, u, p",
			       d->type ? d->type : "missing");
	if (!d->path || d->path[0] != '/')
		return err_set(e, EINVAL, "path: %s: must be absolute",
			       d->path ? d->path : "missing");
	n.path = clean_path(p->a, d->path);
	if (!n.path)
		return err_set(e, ENOMEM, "out of memory");
	if (n.path[1] == '\0')
		return err_set(e, EINVAL, "path: %s: is the root itself", d->path);
	n.mode |= d->file_mode.set ? d->file_mode.v & 07777 : NODE_MODE;
	if (n.mode >> 12 != S_IFIFO >> 12) {
		r = read_number(d->major.v, MAJOR_MAX, "major", &n.major, e);
		if (r == 0)
			r = read_number(d->minor.v, MINOR_MAX, "minor", &n.minor, e);
	}
	if (r == 0)
		*ret = n;
	return r;
}

static void set_node(struct planner *p, struct plan_op *op,
		     const struct node *n)
{
	if (!S_ISFIFO(n->mode))
		op->str[0] = plan_str(p->b, n->path);
	op->str[3] = plan_str(p->b, n->path);
	op->num[0] = n->mode;
	op->num[1] = S_ISFIFO(n->mode) ? 0 : makedev(n->major, n->minor);
	op->num[2] = (uint64_t)n->uid << 32 | n->gid;
}

/* Whether one of nodes[from] … names @path. */
static bool is_listed(const struct node *nodes, size_t from, size_t n,
		      const char *path)
{
	for (size_t i = from; i < n; i++)
		if (strcmp(nodes[i].path, path) == 0)
			return true;
	return false;
}

/* What the terminal and the links put there themselves. */
static bool is_reserved(const struct planner *p, const char *path)
{
	const struct oci_process *proc = p->r->spec->process;

	if (strcmp(path, "/dev/console") == 0)
		return proc && proc->terminal;
	return strcmp(path, "/dev/ptmx") == 0;
}

static int read_devices(struct planner *p, struct node **ret, struct err *e)
{
	const struct oci_linux *l = p->r->spec->linux_;
	struct node *nodes = arena_array(p->a, l->n_devices, sizeof(*nodes));

	if (!nodes)
		return err_set(e, ENOMEM, "linux.devices: out of memory");
	for (size_t i = 0; i < l->n_devices; i++)
		if (read_device(p, &l->devices[i], &nodes[i], e) < 0)
			return err_wrap(e, "linux.devices[%zu]", i);
	*ret = nodes;
	return 0;
}

static int add_nodes(struct planner *p, struct err *e)
{
	size_t n = p->r->spec->linux_->n_devices;
	struct node *nodes = NULL;
	int r = read_devices(p, &nodes, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < ARRAY_LEN(default_nodes); i++) {
		const struct node *d = &default_nodes[i];

		if (!is_listed(nodes, 0, n, d->path))
			set_node(p, plan_add(p->b, PLAN_DEV_NODE, "%s", d->path),
				 d);
	}
	/* Of two with one path the later is meant. */
	for (size_t i = 0; i < n; i++) {
		if (is_reserved(p, nodes[i].path) ||
		    is_listed(nodes, i + 1, n, nodes[i].path))
			continue;
		set_node(p, plan_add(p->b, PLAN_DEV_NODE,
				     "linux.devices[%zu]: %s", i, nodes[i].path),
			 &nodes[i]);
	}
	return 0;
}

static void add_links(struct planner *p)
{
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		struct plan_op *op =
			plan_add(p->b, PLAN_SYMLINK, "%s", links[i].path);

		op->str[0] = plan_str(p->b, links[i].to);
		op->str[3] = plan_str(p->b, links[i].path);
		op->flags = links[i].flags;
	}
}

int plan_devices(struct planner *p, struct err *e)
{
	int r;

	/* The host's own /dev has its nodes, and is not ours to write to. */
	if (p->dev_is_bind)
		return 0;
	r = add_nodes(p, e);
	if (r == 0)
		add_links(p);
	return r;
}
