/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>

#include "oci/spec.h"
#include "security/seccomp.h"
#include "security/seccomp_enosys.h"
#include "security/seccomp_names.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/err.h"
#include "util/sys.h"

#define WHERE "linux.seccomp"
#define ARGS_MAX 6	 /* registers of a system call */

/* libseccomp's binary tree takes half as long again to build as its list, once.
 * The kernel runs a filter for every call number when it installs it: a
 * quarter of a millisecond for an engine's default profile as a tree, nearly
 * one as a list.  With this few rules there is no difference. */
#define TREE_MIN_RULES 32

/* libseccomp is told which kernel it has (5.7: every action berth knows): what
 * comes out depends on the profile alone, and nothing is probed. */
#define API_LEVEL 6

struct compiler {
	const struct oci_seccomp *s;
	scmp_filter_ctx ctx;
	const struct seccomp_arch *archs[ENOSYS_MAX_RANGES / 2];
	size_t n_archs;
	uint32_t default_action;
	bool notify;	/* an action is SCMP_ACT_NOTIFY */
	size_t n_added; /* rules that libseccomp took */
	struct arena *a;
	struct err *e;
};

static void release_ctx(scmp_filter_ctx *ctx)
{
	if (*ctx)
		seccomp_release(*ctx);
}

#define auto_ctx __attribute__((cleanup(release_ctx))) scmp_filter_ctx

/* --- actions -------------------------------------------------------------- */

/* @path is the object that has the action and the errno. */
static int action_code(struct compiler *c, const char *path, const char *name,
		       const struct oci_opt_u32 *data, uint32_t *ret)
{
	uint32_t code, max;

	if (!name || seccomp_action_find(name, &code, &max) < 0)
		return err_set(c->e, EINVAL, "%s: unknown action \"%s\"", path,
			       name ?: "");
	if (data->set && !max)
		return err_set(c->e, EINVAL,
			       "%s: %s returns no errno, but one is given",
			       path, name);
	if (data->set && data->v > max)
		return err_set(c->e, EINVAL,
			       "%s: errno %u is above %u, the largest for %s",
			       path, data->v, max, name);
	*ret = max ? code | (data->set ? data->v : EPERM) : code;
	c->notify |= code == SCMP_ACT_NOTIFY;
	return 0;
}

static int default_action(struct compiler *c)
{
	return action_code(c, WHERE ".defaultAction", c->s->default_action,
			   &c->s->default_errno_ret, &c->default_action);
}

/* --- architectures ---------------------------------------------------------- */

static int add_arch(struct compiler *c, const struct seccomp_arch *arch)
{
	for (size_t i = 0; i < c->n_archs; i++)
		if (c->archs[i] == arch)
			return 0;
	if (c->n_archs == ARRAY_LEN(c->archs))
		return -E2BIG;
	c->archs[c->n_archs++] = arch;
	return 0;
}

static int add_listed_arch(struct compiler *c, size_t i)
{
	const char *name = c->s->architectures.v[i];
	const struct seccomp_arch *arch = seccomp_arch_find(name);
	int r;

	if (!arch)
		return err_set(c->e, EINVAL,
			       WHERE ".architectures[%zu]: unknown architecture "
			       "\"%s\"", i, name);
	r = seccomp_arch_add(c->ctx, arch->token);
	if (r < 0 && r != -EEXIST)
		return err_set(c->e, EINVAL,
			       WHERE ".architectures[%zu]: %s cannot be in one "
			       "filter with this machine's architecture", i,
			       name);
	return add_arch(c, arch);
}

/* The machine's own is in every filter, listed or not. */
static int add_archs(struct compiler *c)
{
	const struct seccomp_arch *native =
		seccomp_arch_by_token(seccomp_arch_native());

	if (native)
		(void)add_arch(c, native);
	for (size_t i = 0; i < c->s->architectures.n; i++) {
		int r = add_listed_arch(c, i);

		if (r < 0)
			return r;
	}
	return 0;
}

/* --- rules ------------------------------------------------------------------- */

struct rule {
	size_t index; /* in `syscalls` */
	uint32_t action;
	unsigned int n_args;
	struct scmp_arg_cmp args[ARGS_MAX];
	bool alternatives; /* one register twice: any of the conditions */
};

static int rule_arg(struct compiler *c, struct rule *r, size_t i)
{
	const struct oci_seccomp_arg *arg = &c->s->syscalls[r->index].args[i];
	int op;

	if (arg->index >= ARGS_MAX)
		return err_set(c->e, EINVAL,
			       WHERE ".syscalls[%zu].args[%zu].index: %u is not "
			       "from 0 to 5", r->index, i, arg->index);
	if (!arg->op || seccomp_operator_find(arg->op, &op) < 0)
		return err_set(c->e, EINVAL,
			       WHERE ".syscalls[%zu].args[%zu].op: unknown "
			       "operator \"%s\"", r->index, i, arg->op ?: "");
	for (unsigned int k = 0; k < r->n_args; k++)
		if (r->args[k].arg == arg->index)
			r->alternatives = true;
	r->args[r->n_args++] = (struct scmp_arg_cmp){
		.arg = arg->index,
		.op = (enum scmp_compare)op,
		.datum_a = arg->value,
		.datum_b = arg->value_two,
	};
	return 0;
}

static int rule_refused(struct compiler *c, const struct rule *r, size_t name,
			int code)
{
	return err_sys(c->e, code,
		       WHERE ".syscalls[%zu].names[%zu]: libseccomp refuses the "
		       "rule for %s", r->index, name,
		       c->s->syscalls[r->index].names.v[name]);
}

static int add_call(struct compiler *c, const struct rule *r, size_t name)
{
	int nr = seccomp_syscall_resolve_name(
		c->s->syscalls[r->index].names.v[name]);
	unsigned int step = r->alternatives ? 1 : r->n_args;
	unsigned int i = 0;

	if (nr == __NR_SCMP_ERROR)
		return 0;
	do {
		int code = seccomp_rule_add_array(c->ctx, r->action, nr, step,
						  r->args + i);

		if (code < 0)
			return rule_refused(c, r, name, code);
		c->n_added++;
		i += step;
	} while (i < r->n_args);
	return 0;
}

static int add_rule(struct compiler *c, size_t index)
{
	const struct oci_seccomp_rule *in = &c->s->syscalls[index];
	struct rule r = { .index = index };
	char path[64];
	int ret;

	snprintf(path, sizeof(path), WHERE ".syscalls[%zu].action", index);
	ret = action_code(c, path, in->action, &in->errno_ret, &r.action);
	if (ret < 0)
		return ret;
	if (in->names.n == 0)
		return err_set(c->e, EINVAL,
			       WHERE ".syscalls[%zu].names: is empty", index);
	if (in->n_args > ARGS_MAX)
		return err_set(c->e, EINVAL,
			       WHERE ".syscalls[%zu].args: more than %d", index,
			       ARGS_MAX);
	for (size_t i = 0; i < in->n_args && ret == 0; i++)
		ret = rule_arg(c, &r, i);
	if (r.action == c->default_action)
		return ret; /* changes nothing, and libseccomp refuses it */
	for (size_t i = 0; i < in->names.n && ret == 0; i++)
		ret = add_call(c, &r, i);
	return ret;
}

int seccomp_check_names(const struct oci_seccomp *s, struct err *e)
{
	for (size_t i = 0; i < s->n_syscalls; i++) {
		const struct oci_strv *names = &s->syscalls[i].names;

		for (size_t k = 0; k < names->n; k++)
			if (seccomp_syscall_resolve_name(names->v[k]) ==
			    __NR_SCMP_ERROR)
				return err_set(e, EINVAL,
					       WHERE ".syscalls[%zu].names[%zu]"
					       ": unknown system call \"%.60s\"",
					       i, k, names->v[k]);
	}
	return 0;
}

static int add_rules(struct compiler *c)
{
	for (size_t i = 0; i < c->s->n_syscalls; i++) {
		int r = add_rule(c, i);

		if (r < 0)
			return r;
	}
	/* A library that cannot build the tree builds the list. */
	if (c->n_added > TREE_MIN_RULES)
		(void)seccomp_attr_set(c->ctx, SCMP_FLTATR_CTL_OPTIMIZE, 2);
	return 0;
}

/* --- the end of the profile's knowledge ------------------------------------- */

/* Calls that get through are the kernel's to answer, and a tracer answers
 * for itself; a default of ENOSYS says it already. */
static bool needs_enosys(uint32_t action)
{
	uint32_t kind = action & SECCOMP_RET_ACTION_FULL;

	return kind != SCMP_ACT_ALLOW && kind != SCMP_ACT_LOG &&
	       kind != SCMP_ACT_TRACE(0) && action != SCMP_ACT_ERRNO(ENOSYS);
}

/* The highest number of @arch that a rule names, -1 for none. */
static int64_t highest_call(const struct oci_seccomp *s,
			    const struct seccomp_arch *arch)
{
	int64_t max = -1;

	for (size_t i = 0; i < s->n_syscalls; i++) {
		const struct oci_strv *names = &s->syscalls[i].names;

		for (size_t k = 0; k < names->n; k++) {
			int nr = seccomp_syscall_resolve_name_arch(
				arch->token, names->v[k]);

			/* below 0: the architecture does not have it */
			if (nr > max && (uint32_t)nr <= arch->last)
				max = nr;
		}
	}
	return max;
}

static size_t arch_ranges(const struct oci_seccomp *s,
			  const struct seccomp_arch *arch,
			  struct enosys_range *ret)
{
	int64_t max = highest_call(s, arch);
	size_t n = 0;

	if (max < 0)
		return 0;
	if (arch->zero)
		ret[n++] = (struct enosys_range){ arch->audit, 0, 0 };
	if (max < arch->last)
		ret[n++] = (struct enosys_range){ arch->audit,
						  (uint32_t)max + 1,
						  arch->last };
	return n;
}

/* x86_64 and x32 have one AUDIT_ARCH and must stand together. */
static size_t all_ranges(const struct compiler *c, struct enosys_range *ret)
{
	size_t n = 0;

	for (size_t i = 0; i < c->n_archs; i++) {
		size_t first = 0;

		while (c->archs[first]->audit != c->archs[i]->audit)
			first++;
		if (first != i)
			continue;
		for (size_t k = i; k < c->n_archs; k++)
			if (c->archs[k]->audit == c->archs[i]->audit)
				n += arch_ranges(c->s, c->archs[k], ret + n);
	}
	return n;
}

/* --- the program --------------------------------------------------------------- */

/* libseccomp writes its program into a file and nowhere else. */
static int export_filter(struct compiler *c, int fd, off_t *ret_len)
{
	int r = seccomp_export_bpf(c->ctx, fd);

	if (r < 0)
		return err_sys(c->e, r, WHERE ": generate the filter");
	*ret_len = lseek(fd, 0, SEEK_END);
	if (*ret_len <= 0 || *ret_len % (off_t)sizeof(struct sock_filter))
		return err_set(c->e, EIO, WHERE ": generate the filter: %lld "
			       "bytes came out", (long long)*ret_len);
	return 0;
}

static int assemble(struct compiler *c, struct seccomp_program *ret)
{
	auto_fd fd = memfd_create("berth-seccomp", MFD_CLOEXEC);
	struct enosys_range ranges[ENOSYS_MAX_RANGES];
	struct sock_filter *f;
	size_t n_ranges = 0, n;
	off_t len = 0;
	int r;

	if (fd < 0)
		return err_sys(c->e, errno, WHERE ": memfd_create");
	r = export_filter(c, fd, &len);
	if (r < 0)
		return r;
	if (needs_enosys(c->default_action))
		n_ranges = all_ranges(c, ranges);
	f = arena_alloc(c->a, ENOSYS_ROOM(n_ranges) * sizeof(*f) + (size_t)len);
	if (!f)
		return err_sys(c->e, ENOMEM, WHERE);
	n = enosys_build(ranges, n_ranges, f);
	if (pread(fd, f + n, (size_t)len, 0) != len)
		return err_set(c->e, EIO, WHERE ": read the filter back");
	n += (size_t)len / sizeof(*f);
	if (n > BPF_MAXINSNS)
		return err_set(c->e, E2BIG,
			       WHERE ": the filter has %zu instructions, the "
			       "kernel takes %d", n, BPF_MAXINSNS);
	ret->filter = f;
	ret->n = (uint32_t)n;
	return 0;
}

/* --- flags and the listener ------------------------------------------------------ */

/* EFAULT comes for the missing program, EINVAL earlier for the flags. */
static bool kernel_has_flag(uint32_t flag)
{
	if (flag == SECCOMP_FILTER_FLAG_TSYNC)
		return true;
	return sys_seccomp(SECCOMP_SET_MODE_FILTER,
			   flag | SECCOMP_FILTER_FLAG_NEW_LISTENER,
			   NULL) != -EINVAL;
}

bool seccomp_flag_supported(const char *name)
{
	uint32_t flag;

	return seccomp_flag_find(name, &flag) >= 0 && kernel_has_flag(flag);
}

static int program_flags(struct compiler *c, bool notify, uint32_t *ret)
{
	const struct oci_strv *names = &c->s->flags;
	uint32_t flags = 0;

	for (size_t i = 0; i < names->n; i++) {
		uint32_t flag;

		if (seccomp_flag_find(names->v[i], &flag) < 0)
			return err_set(c->e, EINVAL,
				       WHERE ".flags[%zu]: unknown flag \"%s\"",
				       i, names->v[i]);
		if (!kernel_has_flag(flag))
			return err_set(c->e, EOPNOTSUPP,
				       WHERE ".flags[%zu]: %s: the running "
				       "kernel does not have it", i,
				       names->v[i]);
		flags |= flag;
	}
	/* Without flags, programs keep the speed they have outside. */
	if (!names->n)
		flags |= SECCOMP_FILTER_FLAG_SPEC_ALLOW;
	/* berth-init has one thread, and the kernel refuses the combination
	 * with a listener. */
	flags &= ~(uint32_t)SECCOMP_FILTER_FLAG_TSYNC;
	if (notify)
		flags |= SECCOMP_FILTER_FLAG_NEW_LISTENER;
	else
		flags &= ~(uint32_t)SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV;
	*ret = flags;
	return 0;
}

static int copy_listener(struct compiler *c, struct seccomp_program *p)
{
	const struct oci_seccomp *s = c->s;

	if (s->listener_metadata && !s->listener_path)
		return err_set(c->e, EINVAL,
			       WHERE ".listenerMetadata: listenerPath is missing");
	if (!c->notify)
		return 0; /* the path has no meaning then */
	if (!s->listener_path || !*s->listener_path)
		return err_set(c->e, EINVAL,
			       WHERE ".listenerPath: is missing, and the profile "
			       "has SCMP_ACT_NOTIFY");
	p->notify = true;
	p->listener_path = arena_strdup(c->a, s->listener_path);
	if (s->listener_metadata)
		p->listener_metadata = arena_strdup(c->a, s->listener_metadata);
	if (!p->listener_path || (s->listener_metadata && !p->listener_metadata))
		return err_sys(c->e, ENOMEM, WHERE);
	return 0;
}

int seccomp_compile(const struct oci_seccomp *s, struct arena *a,
		    struct seccomp_program *ret, struct err *e)
{
	struct compiler c = { .s = s, .a = a, .e = e };
	struct seccomp_program p = { 0 };
	auto_ctx ctx = NULL;
	int r = default_action(&c);

	if (r < 0)
		return r;
	(void)seccomp_api_set(API_LEVEL);
	c.ctx = ctx = seccomp_init(c.default_action);
	if (!ctx)
		return err_sys(e, ENOMEM, WHERE ": seccomp_init");
	r = add_archs(&c);
	if (r == 0)
		r = add_rules(&c);
	if (r == 0)
		r = copy_listener(&c, &p);
	if (r == 0)
		r = program_flags(&c, p.notify, &p.flags);
	if (r == 0)
		r = assemble(&c, &p);
	if (r == 0)
		*ret = p;
	return r;
}

void seccomp_library(char *ret)
{
	const struct scmp_version *v = seccomp_version();

	snprintf(ret, SECCOMP_LIBRARY_MAX, "%u.%u.%u", v->major, v->minor,
		 v->micro);
}
