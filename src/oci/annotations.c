/* SPDX-License-Identifier: Apache-2.0 */
#include "oci/annotations.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

#include "util/auto.h"

#define FAMILY "run.oci."
#define SHOWN 100 /* bytes of a value in a message */

struct annotation;

/* Puts @value into the member at @at, or says what is wrong with it. */
typedef int parser(const struct annotation *row, const char *value, void *at,
		   struct err *e);

struct annotation {
	const char *name;
	parser *parse;
	size_t offset;
	const char *why; /* of refused(): what to know instead */
};

static int bad(const struct annotation *row, const char *value,
	       const char *why, struct err *e)
{
	return err_set(e, EINVAL, "annotations[\"%s\"]: \"%.*s\": %s", row->name,
		       SHOWN, value, why);
}

static parser flag, text, absolute, base64, context_type, group_name, refused;

static int flag(const struct annotation *row, const char *value, void *at,
		struct err *e)
{
	static const struct { char word[8]; bool v; } words[] = {
		{ "1", true }, { "true", true }, { "0", false },
		{ "false", false },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (strcmp(value, words[i].word) == 0) {
			*(bool *)at = words[i].v;
			return 0;
		}
	return bad(row, value, "neither 1 (true) nor 0 (false)", e);
}

static int text(const struct annotation *row, const char *value, void *at,
		struct err *e)
{
	*(const char **)at = value;
	return 0;
}

/* The file is opened by several commands, each with a working directory of its
 * own. */
static int absolute(const struct annotation *row, const char *value, void *at,
		    struct err *e)
{
	return value[0] == '/' ? text(row, value, at, e)
			       : bad(row, value, "not an absolute path", e);
}

static int base64(const struct annotation *row, const char *value, void *at,
		  struct err *e)
{
	return value[0] ? text(row, value, at, e)
			: bad(row, value, "no filter is given", e);
}

static int context_type(const struct annotation *row, const char *value,
			void *at, struct err *e)
{
	static const char types[][12] = {
		"context", "fscontext", "defcontext", "rootcontext",
	};

	for (size_t i = 0; i < ARRAY_LEN(types); i++)
		if (strcmp(value, types[i]) == 0)
			return text(row, value, at, e);
	return bad(row, value, "not one of context, fscontext, defcontext and "
		   "rootcontext (mount(8))", e);
}

/* A cgroup below the container's: components that exist nowhere else. */
static int group_name(const struct annotation *row, const char *value, void *at,
		      struct err *e)
{
	size_t len;

	if (value[0] == '/')
		return bad(row, value, "must be relative: it is below the "
			   "container's cgroup", e);
	for (const char *s = value; *s; s += len + (s[len] == '/')) {
		len = strcspn(s, "/");
		if (len == 0 || (len <= 2 && strncmp(s, "..", len) == 0))
			return bad(row, value, "has an empty component, \".\" "
				   "or \"..\"", e);
	}
	return text(row, value, at, e);
}

static int refused(const struct annotation *row, const char *value, void *at,
		   struct err *e)
{
	if (!value[0])
		return 0;
	return err_set(e, ENOTSUP, "annotations[\"%s\"]: \"%.*s\": not "
		       "supported: %s", row->name, SHOWN, value, row->why);
}

/* The name, how its value is read, where that goes; each is powerful: it names
 * files of the host or takes away what confines. */
#define ANNOTATIONS(ROW, NO)                                                   \
	ROW("run.oci.delegate-cgroup", group_name, delegate_cgroup)            \
	NO("run.oci.handler",                                                  \
	   "berth runs the container's program itself, and nothing else does") \
	ROW("run.oci.hooks.stderr", absolute, hooks_stderr)                    \
	ROW("run.oci.hooks.stdout", absolute, hooks_stdout)                    \
	ROW("run.oci.keep_original_groups", flag, keep_original_groups)        \
	ROW("run.oci.mount_context_type", context_type, mount_context_type)    \
	ROW("run.oci.pidfd_receiver", absolute, pidfd_receiver)                \
	NO("run.oci.seccomp.plugins",                                          \
	   "berth loads no code at run time; run.oci.seccomp.receiver sends "  \
	   "the listener to a program of yours")                               \
	ROW("run.oci.seccomp.receiver", absolute, seccomp_receiver)            \
	ROW("run.oci.seccomp_bpf_data", base64, seccomp_bpf_data)              \
	ROW("run.oci.seccomp_fail_unknown_syscall", flag,                      \
	    seccomp_fail_unknown_syscall)                                      \
	NO("run.oci.systemd.force_cgroup_v1",                                  \
	   "berth uses cgroup v2 only, and a systemd older than version 226 "  \
	   "cannot run on that")                                               \
	ROW("run.oci.systemd.subgroup", group_name, systemd_subgroup)

#define ROW(n, p, m) \
	{ .name = (n), .parse = (p), .offset = offsetof(struct oci_annotations, m) },
#define NO(n, w) { .name = (n), .parse = refused, .why = (w) },
static const struct annotation table[] = { ANNOTATIONS(ROW, NO) };
#undef ROW
#undef NO

#define ROW(n, p, m) n,
#define NO(n, w)
const char *const oci_annotations_unsafe[] = {
	"org.systemd.property.", ANNOTATIONS(ROW, NO) NULL
};
#undef ROW
#undef NO

static bool in_family(const char *name)
{
	return strncmp(name, FAMILY, strlen(FAMILY)) == 0;
}

static const struct annotation *find(const char *name)
{
	if (in_family(name))
		for (size_t i = 0; i < ARRAY_LEN(table); i++)
			if (strcmp(name, table[i].name) == 0)
				return &table[i];
	return NULL;
}

bool oci_annotation_ignored(const char *name)
{
	return in_family(name) && !find(name);
}

/* The pause process of a Kubernetes pod gets the annotations of its pod, but a
 * handler is meant for the other containers. */
static bool is_sandbox(const struct oci_map *m)
{
	for (size_t i = 0; i < m->n; i++)
		if (strcmp(m->v[i].key, "io.kubernetes.cri.container-type") == 0)
			return strcmp(m->v[i].value, "sandbox") == 0;
	return false;
}

int oci_annotations_parse(const struct oci_map *m, struct oci_annotations *ret,
			  struct err *e)
{
	struct oci_annotations a = { 0 };

	for (size_t i = 0; i < m->n; i++) {
		const struct annotation *row = find(m->v[i].key);
		int r;

		if (!row || (strcmp(row->name, "run.oci.handler") == 0 &&
			     is_sandbox(m)))
			continue;
		r = row->parse(row, m->v[i].value, (char *)&a + row->offset, e);
		if (r < 0)
			return r;
	}
	*ret = a;
	return 0;
}
