/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Random profiles, compiled, against a model that reads the profile: for each
 * of many (architecture, number, arguments) both give the same answer.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

#include "oci/spec.h"
#include "security/seccomp.h"
#include "security/seccomp_names.h"
#include "unit/bpf_run.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/err.h"

#define PROFILES 150
#define QUESTIONS 600 /* for each */
#define RULES_MAX 90
#define ARCHS_MAX 4
#define X32_BIT 0x40000000

static uint64_t random_state = 0x9e3779b97f4a7c15;

static uint32_t rnd(uint32_t below)
{
	random_state ^= random_state << 13;
	random_state ^= random_state >> 7;
	random_state ^= random_state << 17;
	return (uint32_t)(random_state >> 32) % below;
}

/* --- a random profile -------------------------------------------------------- */

static const char *const actions[] = {
	"SCMP_ACT_ERRNO", "SCMP_ACT_ALLOW", "SCMP_ACT_KILL_PROCESS",
	"SCMP_ACT_TRAP", "SCMP_ACT_LOG", "SCMP_ACT_TRACE", "SCMP_ACT_KILL",
};

struct profile {
	struct oci_seccomp s;
	struct oci_seccomp_rule rules[RULES_MAX];
	struct oci_seccomp_arg args[RULES_MAX][3];
	char *names[RULES_MAX][2];
	char *archs[ARCHS_MAX];
	const struct seccomp_arch *arch[ARCHS_MAX + 1];
	size_t n_archs; /* native and listed */
};

/* Multiplexed calls have two numbers on 32-bit x86; the model has one. */
static bool usable(const char *name)
{
	int x86 = seccomp_syscall_resolve_name_arch(SCMP_ARCH_X86, name);

	return seccomp_syscall_resolve_name_arch(SCMP_ARCH_NATIVE, name) >= 0 &&
	       !(x86 >= 359 && x86 <= 373) && !(x86 >= 393 && x86 <= 402) &&
	       x86 >= 0;
}

static bool named_before(const struct profile *p, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (strcmp(p->names[i][0], name) == 0)
			return true;
	return false;
}

static char *random_name(const struct profile *p, size_t n, struct arena *a)
{
	for (;;) {
		char *found = seccomp_syscall_resolve_num_arch(SCMP_ARCH_NATIVE,
							       (int)rnd(450));
		char *name = found ? arena_strdup(a, found) : NULL;

		free(found);
		if (name && usable(name) && !named_before(p, n, name))
			return name;
	}
}

static void random_args(struct profile *p, size_t i)
{
	struct oci_seccomp_rule *r = &p->rules[i];

	if (rnd(3))
		return;
	r->args = p->args[i];
	r->n_args = 1 + rnd(3);
	for (uint32_t k = 0; k < r->n_args; k++) {
		size_t op = rnd(7);

		r->args[k] = (struct oci_seccomp_arg){
			/* different registers, or all one */
			.index = i % 4 ? k * 2 : 1,
			.value = rnd(8),
			.value_two = rnd(8),
			.op = (char *)(uintptr_t)seccomp_operator_names[op],
		};
		/* a condition that can never hold is refused */
		if (strstr(r->args[k].op, "MASKED"))
			r->args[k].value_two &= r->args[k].value;
	}
}

static void random_rules(struct profile *p, struct arena *a)
{
	p->s.syscalls = p->rules;
	p->s.n_syscalls = rnd(RULES_MAX + 1);
	for (size_t i = 0; i < p->s.n_syscalls; i++) {
		struct oci_seccomp_rule *r = &p->rules[i];

		p->names[i][0] = random_name(p, i, a);
		r->names = (struct oci_strv){ 1, p->names[i] };
		r->action = (char *)(uintptr_t)actions[rnd(7)];
		if (strstr(r->action, "ERRNO") && rnd(2))
			r->errno_ret = (struct oci_opt_u32){ true, 1 + rnd(99) };
		random_args(p, i);
	}
}

static void random_archs(struct profile *p)
{
	static const char *const others[] = {
#if defined(__x86_64__)
		"SCMP_ARCH_X86", "SCMP_ARCH_X32", "SCMP_ARCH_X86_64",
#else
		"SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM",
#endif
	};

	p->s.architectures.v = p->archs;
	p->arch[p->n_archs++] = seccomp_arch_by_token(seccomp_arch_native());
	for (size_t i = 0; i < ARRAY_LEN(others); i++) {
		const struct seccomp_arch *arch = seccomp_arch_find(others[i]);

		if (rnd(2))
			continue;
		p->archs[p->s.architectures.n++] = (char *)(uintptr_t)others[i];
		if (arch != p->arch[0])
			p->arch[p->n_archs++] = arch;
	}
}

static void random_profile(struct profile *p, struct arena *a)
{
	p->s.default_action = (char *)(uintptr_t)actions[rnd(6)];
	if (strstr(p->s.default_action, "ERRNO") && rnd(2))
		p->s.default_errno_ret = (struct oci_opt_u32){ true, 38 };
	random_archs(p);
	random_rules(p, a);
}

/* --- the model --------------------------------------------------------------------- */

static uint32_t action(const char *name, const struct oci_opt_u32 *data)
{
	uint32_t code, max;

	assert_true(seccomp_action_find(name, &code, &max) >= 0);
	return max ? code | (data->set ? data->v : EPERM) : code;
}

static bool holds(const struct oci_seccomp_arg *c, uint64_t v, bool is32)
{
	uint64_t a = c->value, b = c->value_two;
	int op = 0;

	if (is32)
		v = (uint32_t)v;
	seccomp_operator_find(c->op, &op);
	switch (op) {
	case SCMP_CMP_NE:
		return v != a;
	case SCMP_CMP_LT:
		return v < a;
	case SCMP_CMP_LE:
		return v <= a;
	case SCMP_CMP_EQ:
		return v == a;
	case SCMP_CMP_GE:
		return v >= a;
	case SCMP_CMP_GT:
		return v > a;
	default:
		return (v & a) == b;
	}
}

static bool rule_matches(const struct oci_seccomp_rule *r, const __u64 *args,
			 bool is32)
{
	size_t hits = 0;
	bool any = r->n_args > 1 && r->args[0].index == r->args[1].index;

	for (size_t i = 0; i < r->n_args; i++)
		hits += holds(&r->args[i], args[r->args[i].index], is32);
	return any ? hits > 0 : hits == r->n_args;
}

static const struct seccomp_arch *arch_of(const struct profile *p,
					  const struct seccomp_data *d)
{
	bool x32 = d->arch == AUDIT_ARCH_X86_64 && (d->nr & X32_BIT);

	for (size_t i = 0; i < p->n_archs; i++)
		if (p->arch[i]->audit == d->arch &&
		    x32 == (p->arch[i]->token == SCMP_ARCH_X32))
			return p->arch[i];
	return NULL;
}

static bool newer(const struct profile *p, const struct seccomp_arch *arch,
		  uint32_t nr)
{
	int64_t max = -1;

	for (size_t i = 0; i < p->s.n_syscalls; i++) {
		int n = seccomp_syscall_resolve_name_arch(arch->token,
							  p->names[i][0]);

		if (n > max && (uint32_t)n <= arch->last)
			max = n;
	}
	return max >= 0 && nr > max && nr <= arch->last;
}

static uint32_t expected(const struct profile *p, const struct seccomp_data *d)
{
	const struct seccomp_arch *arch = arch_of(p, d);
	uint32_t def = action(p->s.default_action, &p->s.default_errno_ret);
	bool pass = strstr("SCMP_ACT_ALLOW SCMP_ACT_LOG SCMP_ACT_TRACE",
			   p->s.default_action);
	bool is32;

	if (!arch)
		return SECCOMP_RET_KILL_THREAD;
	if (!pass && newer(p, arch, (uint32_t)d->nr))
		return SECCOMP_RET_ERRNO | ENOSYS;
	/* libseccomp compares the low half of a register there */
	is32 = arch->token == SCMP_ARCH_X86 || arch->token == SCMP_ARCH_X32 ||
	       arch->token == SCMP_ARCH_ARM;
	for (size_t i = 0; i < p->s.n_syscalls; i++) {
		const struct oci_seccomp_rule *r = &p->rules[i];

		/* a number below 0 stands for "not on this architecture" */
		if (d->nr >= 0 &&
		    seccomp_syscall_resolve_name_arch(
			    arch->token, p->names[i][0]) == d->nr &&
		    rule_matches(r, d->args, is32))
			return action(r->action, &r->errno_ret);
	}
	return def;
}

/* --- the comparison ------------------------------------------------------------------ */

static void random_question(const struct profile *p, struct seccomp_data *d)
{
	const struct seccomp_arch *arch = p->arch[rnd((uint32_t)p->n_archs)];

	d->arch = rnd(30) ? arch->audit : 0x77;
	if (p->s.n_syscalls && rnd(4))
		d->nr = seccomp_syscall_resolve_name_arch(
			arch->token,
			p->names[rnd((uint32_t)p->s.n_syscalls)][0]);
	else
		d->nr = (int)rnd(600);
	if (rnd(8) == 0)
		d->nr += (int)rnd(3) - 1;
	if (arch->token == SCMP_ARCH_X32 || rnd(20) == 0)
		d->nr |= X32_BIT;
	if (d->nr == -1)
		d->nr = 0; /* a tracer's "skip this call", on no architecture */
	for (int i = 0; i < 6; i++) {
		d->args[i] = rnd(9);
		if (rnd(5) == 0)
			d->args[i] |= (uint64_t)rnd(3) << 32;
	}
}

static void explain(const struct profile *p, const struct seccomp_data *d)
{
	print_message("default %s; arch %x nr %x args %llx %llx %llx\n",
		      p->s.default_action, d->arch, (unsigned int)d->nr,
		      (unsigned long long)d->args[0],
		      (unsigned long long)d->args[1],
		      (unsigned long long)d->args[2]);
	for (size_t i = 0; i < p->s.n_syscalls; i++) {
		const struct oci_seccomp_rule *r = &p->rules[i];

		print_message("  %s %s", r->action, p->names[i][0]);
		for (size_t k = 0; k < r->n_args; k++)
			print_message(" [%u] %s %llu %llu", r->args[k].index,
				      r->args[k].op,
				      (unsigned long long)r->args[k].value,
				      (unsigned long long)r->args[k].value_two);
		print_message("\n");
	}
}

static void compare(const struct profile *p, const struct seccomp_program *prog)
{
	for (int i = 0; i < QUESTIONS; i++) {
		struct seccomp_data d = { 0 };
		uint32_t want, got;

		random_question(p, &d);
		want = expected(p, &d);
		got = bpf_run(prog->filter, prog->n, &d);
		if (want == got)
			continue;
		explain(p, &d);
		fail_msg("the profile says %x, the filter %x", want, got);
	}
}

static void the_filter_says_what_the_profile_says(void **state)
{
	static struct profile p;

	for (int i = 0; i < PROFILES; i++) {
		struct seccomp_program prog;
		auto_arena a = { 0 };
		struct err e = { 0 };

		memset(&p, 0, sizeof(p));
		random_profile(&p, &a);
		if (seccomp_compile(&p.s, &a, &prog, &e) < 0)
			fail_msg("%s", e.text);
		compare(&p, &prog);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_filter_says_what_the_profile_says),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
