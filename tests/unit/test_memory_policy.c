/* SPDX-License-Identifier: Apache-2.0 */
/* linux.memoryPolicy and linux.personality: the operation, and what the kernel
 * makes of it. */
#include "unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/personality.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/init.h"
#include "oci/spec.h"
#include "process/memory_policy.h"
#include "process/personality.h"
#include "unit/spec_build.h"
#include "util/arena.h"
#include "util/auto.h"
#include "wire/plan.h"

struct fixture {
	struct arena a;
	struct plan_builder b;
	unsigned char *bytes;
	struct plan p;
	struct oci_memory_policy policy;
	struct oci_personality personality;
	struct err e;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	plan_builder_init(&f->b);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	plan_builder_done(&f->b);
	free(f->bytes);
	arena_free(&f->a);
	free(f);
	return 0;
}

static void set(struct fixture *f, const char *mode, const char *nodes,
		const char *flags)
{
	f->e = (struct err){ 0 };
	f->policy = (struct oci_memory_policy){
		.mode = spec_str(&f->a, mode),
		.nodes = spec_str(&f->a, nodes),
		.flags = spec_split(&f->a, flags),
	};
}

/* The one operation that @f's policy becomes. */
static const struct plan_op *plan(struct fixture *f)
{
	size_t len;

	plan_builder_done(&f->b);
	free(f->bytes);
	f->bytes = NULL;
	plan_builder_init(&f->b);
	if (memory_policy_plan(&f->b, &f->policy, &f->e) < 0)
		fail_msg("%s", f->e.text);
	assert_int_equal(plan_finish(&f->b, 0, &f->bytes, &len), 0);
	assert_int_equal(plan_open(f->bytes, len, &f->p), 0);
	assert_int_equal(f->p.header->n_ops, 1);
	return f->p.ops;
}

static void modes_flags_and_nodes_are_the_kernels(void **state)
{
	static const struct {
		const char *mode, *nodes, *flags;
		uint64_t num;
		unsigned long first; /* of the set; 0: no set */
	} cases[] = {
		{ "MPOL_DEFAULT", NULL, "", 0, 0 },
		{ "MPOL_DEFAULT", "", "", 0, 0 },
		{ "MPOL_PREFERRED", NULL, "", 1, 0 },
		{ "MPOL_PREFERRED", "2", "", 1, 4 },
		{ "MPOL_BIND", "0-3,7", "", 2, 0x8f },
		{ "MPOL_BIND", "0", "MPOL_F_NUMA_BALANCING", 2 | 1 << 13, 1 },
		{ "MPOL_INTERLEAVE", "0-1", "MPOL_F_STATIC_NODES", 3 | 1 << 15, 3 },
		{ "MPOL_LOCAL", NULL, "", 4, 0 },
		{ "MPOL_PREFERRED_MANY", "1", "MPOL_F_RELATIVE_NODES",
		  5 | 1 << 14, 2 },
		{ "MPOL_WEIGHTED_INTERLEAVE", "0", "", 6, 1 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct plan_op *op;
		const unsigned long *bits;
		uint32_t len;

		set(f, cases[i].mode, cases[i].nodes, cases[i].flags);
		op = plan(f);
		assert_int_equal(op->code, PLAN_MEMORY_POLICY);
		assert_int_equal(op->num[0], cases[i].num);
		bits = plan_get_blob(&f->p, op->str[0], &len);
		assert_int_equal(op->num[1], cases[i].first ? 1025 : 0);
		assert_int_equal(len, cases[i].first ? 128 : 0);
		assert_true(!bits || bits[0] == cases[i].first);
	}
	set(f, "MPOL_BIND", "1023", "");
	{
		uint32_t len;
		const unsigned long *bits =
			plan_get_blob(&f->p, plan(f)->str[0], &len);

		assert_true(bits[15] == 1ul << 63);
	}
}

static void what_is_wrong_is_named(void **state)
{
	static const struct { const char *mode, *nodes, *flags, *error; } cases[] = {
		{ "MPOL_X", "0", "", "mode: \"MPOL_X\" is not known" },
		{ "", "0", "", "mode: \"\" is not known" },
		{ "bind", "0", "", "mode: \"bind\" is not known" },
		{ "MPOL_BIND", NULL, "", "nodes: missing, MPOL_BIND needs some" },
		{ "MPOL_INTERLEAVE", "", "",
		  "nodes: missing, MPOL_INTERLEAVE needs some" },
		{ "MPOL_DEFAULT", "0", "", "nodes: MPOL_DEFAULT has none" },
		{ "MPOL_LOCAL", "0", "", "nodes: MPOL_LOCAL has none" },
		{ "MPOL_BIND", "0-", "",
		  "nodes: \"0-\" is not a list like 0-3,7" },
		{ "MPOL_BIND", "0,1024", "",
		  "nodes: \"0,1024\" has a node above 1023" },
		{ "MPOL_BIND", "0", "MPOL_F_STATIC_NODES,X",
		  "flags[1]: \"X\" is not known" },
		{ "MPOL_BIND", "0", "MPOL_F_STATIC_NODES,MPOL_F_RELATIVE_NODES",
		  "flags: MPOL_F_RELATIVE_NODES and MPOL_F_STATIC_NODES "
		  "exclude each other" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		set(f, cases[i].mode, cases[i].nodes, cases[i].flags);
		assert_int_equal(memory_policy_plan(&f->b, &f->policy, &f->e),
				 -EINVAL);
		assert_int_equal(strncmp(f->e.text, "linux.memoryPolicy.", 19), 0);
		assert_string_equal(f->e.text + 19, cases[i].error);
		assert_int_equal(f->b.n_ops, 0);
	}
	assert_int_equal(memory_policy_plan(&f->b, NULL, &f->e), 0);
	assert_int_equal(f->b.n_ops, 0);
}

/* Each mode and flag that features shows is one that is decoded. */
static void whatever_is_listed_is_decoded(void **state)
{
	struct fixture *f = *state;

	for (const char *const *m = memory_policy_modes; *m; m++) {
		bool none = strcmp(*m, "MPOL_DEFAULT") == 0 ||
			    strcmp(*m, "MPOL_LOCAL") == 0;

		set(f, *m, none ? NULL : "0", "");
		plan(f);
	}
	for (const char *const *name = memory_policy_flags; *name; name++) {
		set(f, "MPOL_BIND", "0", *name);
		plan(f);
	}
}

/* In a child, for a policy stays. */
static int in_child(struct fixture *f, int (*fn)(struct fixture *f))
{
	int status;
	pid_t pid = fork();

	if (pid == 0)
		_exit(fn(f));
	waitpid(pid, &status, 0);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 255;
}

static int execute(struct fixture *f)
{
	struct init in = { .plan = f->p };
	int mode = -1, r = op_memory_policy(&in, f->p.ops);
	unsigned long nodes[16] = { 0 };

	if (r == -ENOSYS)
		return 77;
	if (r < 0)
		return -r;
	if (syscall(SYS_get_mempolicy, &mode, nodes, 1024, NULL, 0) < 0)
		return 200;
	return mode == 2 && nodes[0] == 1 ? 0 : 201;
}

static void the_kernel_has_it_afterwards(void **state)
{
	struct fixture *f = *state;
	int r;

	set(f, "MPOL_BIND", "0", "");
	plan(f);
	r = in_child(f, execute);
	if (r == 77)
		skip_because("a kernel without NUMA");
	assert_int_equal(r, 0);
	set(f, "MPOL_BIND", "1000", "");
	plan(f);
	assert_int_equal(in_child(f, execute), EINVAL);
}

static int more_bits_than_bytes(struct fixture *f)
{
	struct init in = { .plan = f->p };
	struct plan_op op = *f->p.ops;

	op.num[1] = 1026;
	return op_memory_policy(&in, &op) == -EPROTO ? 0 : 1;
}

static void a_set_shorter_than_told_is_not_read(void **state)
{
	struct fixture *f = *state;

	set(f, "MPOL_BIND", "0", "");
	plan(f);
	assert_int_equal(in_child(f, more_bits_than_bytes), 0);
}

/* --- personality ------------------------------------------------------------------ */

static void a_personality_is_a_domain_without_flags(void **state)
{
	struct fixture *f = *state;
	struct oci_personality *p = &f->personality;

	assert_int_equal(personality_plan(&f->b, NULL, &f->e), 0);
	assert_int_equal(f->b.n_ops, 0);
	p->domain = spec_str(&f->a, "LINUX32");
	assert_int_equal(personality_plan(&f->b, p, &f->e), 0);
	assert_int_equal(f->b.ops[0].code, PLAN_PERSONALITY);
	assert_int_equal(f->b.ops[0].num[0], PER_LINUX32);
	p->domain = spec_str(&f->a, "LINUX");
	assert_int_equal(personality_plan(&f->b, p, &f->e), 0);
	assert_int_equal(f->b.ops[1].num[0], PER_LINUX);
	p->flags = spec_split(&f->a, "ADDR_NO_RANDOMIZE");
	assert_int_equal(personality_plan(&f->b, p, &f->e), -ENOTSUP);
	assert_string_equal(f->e.text, "linux.personality.flags[0]: "
			    "\"ADDR_NO_RANDOMIZE\": not supported: the "
			    "specification has no flags yet");
	p->flags.n = 0;
	p->domain = spec_str(&f->a, "BSD");
	assert_int_equal(personality_plan(&f->b, p, &f->e), -EINVAL);
	assert_string_equal(f->e.text,
			    "linux.personality.domain: \"BSD\" is not known");
	assert_int_equal(f->b.n_ops, 2);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(modes_flags_and_nodes_are_the_kernels),
		TEST(what_is_wrong_is_named),
		TEST(whatever_is_listed_is_decoded),
		TEST(the_kernel_has_it_afterwards),
		TEST(a_set_shorter_than_told_is_not_read),
		TEST(a_personality_is_a_domain_without_flags),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
