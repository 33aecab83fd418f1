/* SPDX-License-Identifier: Apache-2.0 */
#include "container/exec_process.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "container/config.h"
#include "container/container.h"
#include "oci/check.h"
#include "oci/decode.h"
#include "oci/spec.h"
#include "security/caps.h"
#include "security/user.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/weak.h"

static int no_memory(struct err *e)
{
	return err_set(e, ENOMEM, "exec: out of memory");
}

static size_t count(char *const *v)
{
	size_t n = 0;

	while (v && v[n])
		n++;
	return n;
}

/* @first, then @second; a later NAME=value replaces an earlier one. */
static int join_env(const struct oci_strv *first, char *const *second,
		    struct arena *a, struct oci_strv *ret)
{
	size_t more = count(second);
	char **v = arena_array(a, first->n + more + 1, sizeof(*v));
	size_t n = first->n;

	if (!v)
		return -ENOMEM;
	if (n)
		memcpy(v, first->v, n * sizeof(*v));
	for (size_t i = 0; i < more; i++) {
		size_t len = strcspn(second[i], "="), k = 0;

		while (k < n && (strncmp(v[k], second[i], len) != 0 ||
				 v[k][len] != '='))
			k++;
		v[k] = second[i];
		n += k == n;
	}
	*ret = (struct oci_strv){ n, v };
	return 0;
}

static int set_user(const struct exec_options *o, struct arena *a,
		    struct oci_user *u, struct err *e)
{
	size_t n = count(o->additional_gids), had = u->additional_gids.n;
	struct user_ids ids;
	uint32_t *v;
	int r;

	if (o->user) {
		r = user_parse(o->user, &ids, e);
		if (r < 0)
			return err_wrap(e, "--user");
		u->uid = ids.uid;
		if (ids.has_gid)
			u->gid = ids.gid;
	}
	if (!n)
		return 0;
	v = arena_array(a, had + n, sizeof(*v));
	if (!v)
		return no_memory(e);
	if (had)
		memcpy(v, u->additional_gids.v, had * sizeof(*v));
	for (size_t i = 0; i < n; i++) {
		r = user_parse_id(o->additional_gids[i], "--additional-gids",
				  &v[had + i], e);
		if (r < 0)
			return r;
	}
	u->additional_gids.v = v;
	u->additional_gids.n = had + n;
	return 0;
}

static int add_name(struct oci_strv *l, const char *name, struct arena *a)
{
	char **v;

	for (size_t i = 0; i < l->n; i++)
		if (strcasecmp(l->v[i], name) == 0)
			return 0;
	v = arena_array(a, l->n + 2, sizeof(*v));
	if (!v)
		return -ENOMEM;
	if (l->n)
		memcpy(v, l->v, l->n * sizeof(*v));
	v[l->n] = arena_strdup(a, name);
	if (!v[l->n])
		return -ENOMEM;
	*l = (struct oci_strv){ l->n + 1, v };
	return 0;
}

/* One more capability each, but never an inheritable one: CVE-2022-29162. */
static int add_caps(const struct exec_options *o, struct arena *a,
		    struct oci_process *p, struct err *e)
{
	struct oci_capabilities *c = arena_alloc(a, sizeof(*c));

	if (!c)
		return no_memory(e);
	if (p->capabilities)
		*c = *p->capabilities;
	for (size_t i = 0; i < count(o->caps); i++) {
		struct cap_sets probe = { 0 };
		const char *name = o->caps[i];

		if (caps_add(&probe, name, e) < 0)
			return err_wrap(e, "--cap");
		if (strncasecmp(name, "CAP_", 4) != 0)
			name = arena_printf(a, "CAP_%s", name);
		if (!name || add_name(&c->bounding, name, a) < 0 ||
		    add_name(&c->permitted, name, a) < 0 ||
		    add_name(&c->effective, name, a) < 0 ||
		    (weak(DEFENCE_CAPS_INHERITABLE) &&
		     add_name(&c->inheritable, name, a) < 0))
			return no_memory(e);
	}
	p->capabilities = c;
	return 0;
}

static int from_options(const struct exec_options *o,
			const struct oci_process *base, struct arena *a,
			struct oci_process *p, struct err *e)
{
	int r;

	*p = *base;
	p->terminal = o->terminal;
	p->console_size = NULL;
	p->args = (struct oci_strv){ count(o->args), NULL };
	p->args.v = arena_array(a, p->args.n + 1, sizeof(char *));
	if (!p->args.v)
		return no_memory(e);
	if (!p->args.n)
		return err_set(e, EINVAL, "no command to execute");
	memcpy(p->args.v, o->args, p->args.n * sizeof(char *));
	if (o->cwd)
		p->cwd = arena_strdup(a, o->cwd);
	if (!p->cwd || join_env(&base->env, o->env, a, &p->env) < 0)
		return no_memory(e);
	r = set_user(o, a, &p->user, e);
	if (r == 0 && count(o->caps))
		r = add_caps(o, a, p, e);
	return r;
}

static bool has_text(const char *s)
{
	return s && *s;
}

/* What a file does not say is as it is for the container's own process: an exec
 * must not be less confined than that by silence. */
static void inherit(const struct oci_process *base, struct oci_process *p)
{
	if (!p->capabilities)
		p->capabilities = base->capabilities;
	if (!p->n_rlimits) {
		p->n_rlimits = base->n_rlimits;
		p->rlimits = base->rlimits;
	}
	if (!has_text(p->apparmor_profile))
		p->apparmor_profile = base->apparmor_profile;
	if (!has_text(p->selinux_label))
		p->selinux_label = base->selinux_label;
	if (!p->scheduler)
		p->scheduler = base->scheduler;
	if (!p->io_priority)
		p->io_priority = base->io_priority;
	if (!p->exec_cpu_affinity)
		p->exec_cpu_affinity = base->exec_cpu_affinity;
}

static int from_file(const struct exec_options *o,
		     const struct oci_process *base, struct arena *a,
		     struct oci_process **ret, struct err *e)
{
	auto_mem char *text = NULL;
	struct oci_process *p;
	size_t len;
	int r = fs_read_all(AT_FDCWD, o->process, CONFIG_MAX, &text, &len, e);

	if (r == 0) {
		r = oci_process_decode(text, len, a, &p, e);
		if (r < 0)
			r = err_wrap(e, "%s", o->process);
	}
	if (r < 0)
		return err_wrap(e, "--process");
	inherit(base, p);
	if (o->terminal)
		p->terminal = true;
	*ret = p;
	return 0;
}

/* Empty options are what engines send for none. */
static int set_labels(const struct exec_options *o, struct arena *a,
		      struct oci_process *p, struct err *e)
{
	if (has_text(o->apparmor))
		p->apparmor_profile = arena_strdup(a, o->apparmor);
	if (has_text(o->process_label))
		p->selinux_label = arena_strdup(a, o->process_label);
	if ((has_text(o->apparmor) && !p->apparmor_profile) ||
	    (has_text(o->process_label) && !p->selinux_label))
		return no_memory(e);
	return 0;
}

int exec_process(const struct exec_options *o, const struct oci_process *base,
		 struct arena *a, struct oci_process **ret, struct err *e)
{
	struct oci_process *p = arena_alloc(a, sizeof(*p));
	int r;

	if (!p)
		return no_memory(e);
	if (o->process)
		r = from_file(o, base, a, &p, e);
	else
		r = from_options(o, base, a, p, e);
	if (r < 0)
		return r;
	if (o->no_new_privs)
		p->no_new_privileges = true;
	r = set_labels(o, a, p, e);
	if (r == 0)
		r = oci_process_check(p, e);
	if (r == 0)
		*ret = p;
	return r;
}
