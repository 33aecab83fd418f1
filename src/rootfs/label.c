/* SPDX-License-Identifier: Apache-2.0 */
/* linux.mountLabel: the SELinux context of what is mounted for a container. */
#include <errno.h>
#include <string.h>

#include "rootfs/planner.h"
#include "util/arena.h"
#include "util/auto.h"

enum how { CONTEXT, XATTR, NOTHING };

/* Any type that is not in here takes a context.  What is in proc and sysfs, and
 * in the cgroup tree, has labels of the policy's own; mqueue has no options. */
static const struct {
	char type[12];
	enum how how;
} kinds[] = {
	{ "proc", NOTHING },	{ "sysfs", NOTHING }, { "cgroup", NOTHING },
	{ "cgroup2", NOTHING }, { "mqueue", XATTR },
};

/* mount(8) "context=…", and its relatives. */
static const char contexts[][16] = {
	"context=", "fscontext=", "defcontext=", "rootcontext=",
};

/* The length of the name with its '=', 0: another option. */
static size_t context_name(const char *option)
{
	for (size_t i = 0; i < ARRAY_LEN(contexts); i++)
		if (strncmp(option, contexts[i], strlen(contexts[i])) == 0)
			return strlen(contexts[i]);
	return 0;
}

static enum how how_for(const struct planner *p, const char *type)
{
	if (!p->r->mount_label)
		return NOTHING;
	for (size_t i = 0; i < ARRAY_LEN(kinds); i++)
		if (strcmp(kinds[i].type, type) == 0)
			return kinds[i].how;
	return CONTEXT;
}

static const char *context_option(struct planner *p)
{
	const char *type = p->r->mount_context_type;

	return arena_printf(p->a, "%s=%s", type ? type : "context",
			    p->r->mount_label);
}

bool label_is_xattr(const struct planner *p, const char *type)
{
	return how_for(p, type) == XATTR;
}

static bool has_context(const struct oci_strv *options)
{
	for (size_t i = 0; i < options->n; i++)
		if (context_name(options->v[i]))
			return true;
	return false;
}

/* "context=\"a:b:c\"" is for mount(2): nobody else takes the quotes away. */
static char *unquote(struct arena *a, char *option)
{
	size_t name = context_name(option), len = strlen(option);

	if (!name || len < name + 2 || option[name] != '"' ||
	    option[len - 1] != '"')
		return option;
	return arena_printf(a, "%.*s%.*s", (int)name, option,
			    (int)(len - name - 2), option + name + 1);
}

int label_options(struct planner *p, const char *type, struct oci_strv *options)
{
	bool given = has_context(options);
	bool adds = !given && how_for(p, type) == CONTEXT;
	struct oci_strv v = { 0 };

	if (!given && !adds)
		return 0;
	v.v = arena_array(p->a, options->n + 2, sizeof(*v.v));
	if (!v.v)
		return -ENOMEM;
	for (; v.n < options->n; v.n++) {
		v.v[v.n] = unquote(p->a, options->v[v.n]);
		if (!v.v[v.n])
			return -ENOMEM;
	}
	if (adds) {
		/* Nobody writes through it. */
		v.v[v.n] = (char *)(uintptr_t)context_option(p);
		if (!v.v[v.n++])
			return -ENOMEM;
	}
	*options = v;
	return 0;
}
