// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/devices.c - device rules as a BPF program.  Pure; loading it is in
 * devices_apply.c.
 *
 * What the rules mean: for each kind of access that is asked for (read, write,
 * mknod) the last rule that names the device and this access decides, and what
 * no rule names is refused; all of them must be allowed.  (The v1 controller
 * of the kernel did the same where the device of a later rule was exactly that
 * of an earlier one, and silently kept an earlier wildcard otherwise.)
 *
 * The program goes through the rules from the last to the first and keeps the
 * accesses that are still undecided:
 *
 *	r2 = type, r3 = undecided accesses, r4 = major, r5 = minor
 *	for each rule:
 *		if (the device is another one) goto next;
 *		refusing: if (r3 & access) return 0;
 *		allowing: r3 &= ~access; if (!r3) return 1;
 *	return 0;
 *
 * Loading costs the kernel a microsecond for each instruction, so rules that
 * cannot change anything any more are left out, neighbours with the same type
 * or the same major number share the comparison, and all share the returns.
 */
#include "cgroups/devices.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "oci/spec.h"
#include "util/auto.h"

#define ACCESS_ALL (BPF_DEVCG_ACC_MKNOD | BPF_DEVCG_ACC_READ | BPF_DEVCG_ACC_WRITE)
#define INSNS_PER_RULE 8
#define RULES_MAX 4000 /* the jumps to the end have 15 bits */

enum { TYPE_CHAR = 1, TYPE_BLOCK = 2, TYPE_ALL = TYPE_CHAR | TYPE_BLOCK };

struct rule {
	bool allow;
	unsigned int types;  /* TYPE_* */
	unsigned int access; /* BPF_DEVCG_ACC_* */
	int64_t major, minor; /* -1: any */
};

/* What every container gets, besides making nodes of any kind. */
static const struct rule defaults[] = {
	{ true, TYPE_ALL, BPF_DEVCG_ACC_MKNOD, -1, -1 },
	{ true, TYPE_CHAR, ACCESS_ALL, 1, 3 },	  /* null */
	{ true, TYPE_CHAR, ACCESS_ALL, 1, 5 },	  /* zero */
	{ true, TYPE_CHAR, ACCESS_ALL, 1, 7 },	  /* full */
	{ true, TYPE_CHAR, ACCESS_ALL, 1, 8 },	  /* random */
	{ true, TYPE_CHAR, ACCESS_ALL, 1, 9 },	  /* urandom */
	{ true, TYPE_CHAR, ACCESS_ALL, 5, 0 },	  /* tty */
	{ true, TYPE_CHAR, ACCESS_ALL, 5, 1 },	  /* console */
	{ true, TYPE_CHAR, ACCESS_ALL, 5, 2 },	  /* ptmx */
	{ true, TYPE_CHAR, ACCESS_ALL, 136, -1 }, /* pts */
};

/* --- reading rules --------------------------------------------------------------- */

static bool parse_type(const char *type, unsigned int *ret)
{
	if (!type || !*type || !strcmp(type, "a"))
		*ret = TYPE_ALL;
	else if (!strcmp(type, "c"))
		*ret = TYPE_CHAR;
	else if (!strcmp(type, "b"))
		*ret = TYPE_BLOCK;
	else
		return false;
	return true;
}

static bool parse_access(const char *access, unsigned int *ret)
{
	*ret = 0;
	if (!access || !*access)
		access = "rwm";
	for (; *access; access++) {
		if (*access == 'r')
			*ret |= BPF_DEVCG_ACC_READ;
		else if (*access == 'w')
			*ret |= BPF_DEVCG_ACC_WRITE;
		else if (*access == 'm')
			*ret |= BPF_DEVCG_ACC_MKNOD;
		else
			return false;
	}
	return true;
}

static bool parse_number(struct oci_opt_i64 n, int64_t *ret)
{
	*ret = n.set ? n.v : -1;
	return *ret >= -1 && *ret <= UINT32_MAX;
}

static int parse_rule(const struct oci_device_rule *in, size_t i,
		      struct rule *ret, struct err *e)
{
	const char *what = NULL, *want = NULL;

	ret->allow = in->allow;
	if (!parse_type(in->type, &ret->types)) {
		what = "type";
		want = "\"a\", \"c\" or \"b\"";
	} else if (!parse_access(in->access, &ret->access)) {
		what = "access";
		want = "letters of \"rwm\"";
	} else if (!parse_number(in->major, &ret->major)) {
		what = "major";
		want = "a device number, or -1 for any";
	} else if (!parse_number(in->minor, &ret->minor)) {
		what = "minor";
		want = "a device number, or -1 for any";
	} else {
		return 0;
	}
	return err_set(e, EINVAL, "linux.resources.devices[%zu].%s: must be %s", i,
		       what, want);
}

int cgroup_devices_check(const struct oci_device_rule *rules, size_t n,
			 struct err *e)
{
	struct rule rule;

	if (n > RULES_MAX)
		return err_set(e, EINVAL,
			       "linux.resources.devices: more than %d rules",
			       RULES_MAX);
	for (size_t i = 0; i < n; i++) {
		int r = parse_rule(&rules[i], i, &rule, e);

		if (r < 0)
			return r;
	}
	return 0;
}

/* --- writing instructions ---------------------------------------------------------- */

#define INSN(c, d, s, o, i)                                            \
	((struct bpf_insn){ .code = (c), .dst_reg = (d), .src_reg = (s), \
			    .off = (o), .imm = (i) })
#define LOAD(dst, off) INSN(BPF_LDX | BPF_MEM | BPF_W, dst, BPF_REG_1, off, 0)
#define ALU_IMM(op, dst, imm) INSN(BPF_ALU | (op) | BPF_K, dst, 0, 0, imm)
/* 32 bits wide: a 64-bit comparison would extend the constant's sign. */
#define JUMP_IMM(op, dst, off, imm) \
	INSN(BPF_JMP32 | (op) | BPF_K, dst, 0, off, imm)

enum { R_TYPE = BPF_REG_2, R_ACCESS, R_MAJOR, R_MINOR };

/* Where a jump goes, until that is known; real ones here are never negative. */
enum { TO_NEXT = -1, TO_ALLOW = -2, TO_REFUSE = -3 };

struct program {
	struct rule *rules; /* those that matter, in the program's order */
	size_t n_rules;
	struct bpf_insn *insns;
	size_t n;
	unsigned int open[2]; /* accesses that are undecided for all devices
			       * of a type: char, block */
	bool refuses;	      /* some rule refuses something */
	bool allows_rest;     /* the first rule of all allowed everything */
};

static void add(struct program *p, struct bpf_insn insn)
{
	p->insns[p->n++] = insn;
}

static void land(struct program *p, size_t first, int label)
{
	for (size_t i = first; i < p->n; i++)
		if (p->insns[i].off == label)
			p->insns[i].off = (short)(p->n - i - 1);
}

static bool is_used(const struct program *p, int label)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->insns[i].off == label)
			return true;
	return false;
}

static void add_return(struct program *p, int label, int value)
{
	land(p, 0, label);
	add(p, ALU_IMM(BPF_MOV, BPF_REG_0, value));
	add(p, INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0));
}

static void add_start(struct program *p)
{
	/* access_type: the accesses above, the type in the lower half */
	add(p, LOAD(R_TYPE, offsetof(struct bpf_cgroup_dev_ctx, access_type)));
	add(p, INSN(BPF_ALU | BPF_MOV | BPF_X, R_ACCESS, R_TYPE, 0, 0));
	add(p, ALU_IMM(BPF_AND, R_TYPE, 0xffff));
	add(p, ALU_IMM(BPF_RSH, R_ACCESS, 16));
	add(p, LOAD(R_MAJOR, offsetof(struct bpf_cgroup_dev_ctx, major)));
	add(p, LOAD(R_MINOR, offsetof(struct bpf_cgroup_dev_ctx, minor)));
}

/* "If it is not equal go to the next rule, go to @label": "if it is equal go
 * to @label". */
static void turn_last(struct program *p, int label)
{
	p->insns[p->n - 1].code = BPF_JMP32 | BPF_JEQ | BPF_K;
	p->insns[p->n - 1].off = (short)label;
}

/* What is left to compare of a device, and what to do when it is the one. */
static void add_rule(struct program *p, const struct rule *r, bool with_major)
{
	int to = r->allow ? TO_ALLOW : TO_REFUSE;
	size_t first = p->n;

	if (with_major && r->major >= 0)
		add(p, JUMP_IMM(BPF_JNE, R_MAJOR, TO_NEXT,
				(int)(uint32_t)r->major));
	if (r->minor >= 0)
		add(p, JUMP_IMM(BPF_JNE, R_MINOR, TO_NEXT,
				(int)(uint32_t)r->minor));
	if (r->access != ACCESS_ALL && r->allow)
		add(p, ALU_IMM(BPF_AND, R_ACCESS, (int)(ACCESS_ALL & ~r->access)));
	if (r->access != ACCESS_ALL)
		add(p, r->allow ? JUMP_IMM(BPF_JEQ, R_ACCESS, to, 0) :
				  JUMP_IMM(BPF_JSET, R_ACCESS, to,
					   (int)r->access));
	else if (p->n > first)
		turn_last(p, to);
	else
		add(p, INSN(BPF_JMP | BPF_JA, 0, 0, (short)to, 0));
	land(p, first, TO_NEXT);
}

/* Whether nothing of its major number is left for the rules after it. */
static bool decides_all(const struct rule *r)
{
	return r->minor < 0 && r->access == ACCESS_ALL;
}

/* Neighbours with one type. */
static void add_rules(struct program *p, const struct rule *r, size_t n)
{
	for (size_t i = 0, end; i < n; i = end) {
		size_t jump = p->n;
		bool share;

		for (end = i + 1; end < n && r[end].major == r[i].major; end++)
			;
		share = r[i].major >= 0 && end - i > 1;
		if (share)
			add(p, JUMP_IMM(BPF_JNE, R_MAJOR, 0,
					(int)(uint32_t)r[i].major));
		for (size_t j = i; j < end; j++) {
			add_rule(p, &r[j], !share);
			if (share && decides_all(&r[j]))
				break; /* the others would never be reached */
		}
		if (share)
			p->insns[jump].off = (short)(p->n - jump - 1);
	}
}

static void add_types(struct program *p)
{
	const struct rule *r = p->rules;

	for (size_t i = 0, end; i < p->n_rules; i = end) {
		size_t jump = p->n;

		for (end = i + 1; end < p->n_rules && r[end].types == r[i].types;
		     end++)
			;
		if (r[i].types != TYPE_ALL)
			add(p, JUMP_IMM(BPF_JNE, R_TYPE, 0,
					r[i].types == TYPE_CHAR ?
						BPF_DEVCG_DEV_CHAR :
						BPF_DEVCG_DEV_BLOCK));
		add_rules(p, &r[i], end - i);
		if (r[i].types != TYPE_ALL)
			p->insns[jump].off = (short)(p->n - jump - 1);
	}
}

/* The kernel's verifier takes no instruction that cannot be reached. */
static void add_end(struct program *p)
{
	if (!p->allows_rest)
		add_return(p, TO_REFUSE, 0);
	if (p->allows_rest || is_used(p, TO_ALLOW))
		add_return(p, TO_ALLOW, 1);
	if (p->allows_rest && is_used(p, TO_REFUSE))
		add_return(p, TO_REFUSE, 0);
}

/* --- choosing rules ----------------------------------------------------------------- */

/* Whether @r can still decide anything, after all the rules behind it. */
static bool matters(const struct program *p, const struct rule *r)
{
	return ((r->types & TYPE_CHAR) && (r->access & p->open[0])) ||
	       ((r->types & TYPE_BLOCK) && (r->access & p->open[1]));
}

static void close_class(struct program *p, const struct rule *r)
{
	if (r->major >= 0 || r->minor >= 0)
		return;
	if (r->types & TYPE_CHAR)
		p->open[0] &= ~r->access;
	if (r->types & TYPE_BLOCK)
		p->open[1] &= ~r->access;
}

static bool is_everything(const struct rule *r)
{
	return r->types == TYPE_ALL && r->access == ACCESS_ALL && r->major < 0 &&
	       r->minor < 0;
}

static void take_rule(struct program *p, const struct rule *r)
{
	if (!matters(p, r))
		return;
	if (!r->allow)
		p->refuses = true;
	if (is_everything(r))
		p->allows_rest = r->allow;
	else
		p->rules[p->n_rules++] = *r;
	close_class(p, r);
}

static void take_rules(struct program *p, const struct cgroup_devices_args *args)
{
	struct rule r;

	for (size_t i = ARRAY_LEN(defaults); args->defaults && i-- > 0;)
		take_rule(p, &defaults[i]);
	for (size_t i = args->n; i-- > 0;) {
		parse_rule(&args->rules[i], i, &r, NULL);
		take_rule(p, &r);
	}
}

static int allocate(struct program *p, size_t n)
{
	p->rules = calloc(n, sizeof(*p->rules));
	p->insns = calloc((n + 2) * INSNS_PER_RULE, sizeof(*p->insns));
	return p->rules && p->insns ? 0 : -ENOMEM;
}

static void program_done(struct program *p)
{
	free(p->rules);
	free(p->insns);
}

int cgroup_devices_program(const struct cgroup_devices_args *args,
			   struct bpf_insn **ret, size_t *ret_n, struct err *e)
{
	__attribute__((cleanup(program_done))) struct program p = {
		.open = { ACCESS_ALL, ACCESS_ALL },
	};
	int r = cgroup_devices_check(args->rules, args->n, e);

	if (r < 0)
		return r;
	if (allocate(&p, args->n + ARRAY_LEN(defaults)) < 0)
		return err_set(e, ENOMEM, "device rules: out of memory");
	take_rules(&p, args);
	if (p.refuses || p.open[0] || p.open[1]) {
		add_start(&p);
		add_types(&p);
		add_end(&p);
	}
	*ret_n = p.n;
	*ret = p.n ? mem_take(&p.insns) : NULL;
	return 0;
}
