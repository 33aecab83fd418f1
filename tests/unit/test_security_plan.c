/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "unit/unit.h"

#include <errno.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "oci/spec.h"
#include "security/caps.h"
#include "security/process.h"
#include "security/rlimits.h"
#include "security/seccomp.h"
#include "util/auto.h"
#include "util/err.h"
#include "wire/plan.h"

struct fixture {
	struct plan_builder b;
	unsigned char *bytes;
	struct plan p;
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
	free(f);
	return 0;
}

/* The plan as berth-init will read it. */
static const struct plan_op *finish(struct fixture *f, uint32_t n_ops)
{
	size_t len;

	assert_int_equal(plan_finish(&f->b, 0, &f->bytes, &len), 0);
	assert_int_equal(plan_open(f->bytes, len, &f->p), 0);
	assert_int_equal(f->p.header->n_ops, n_ops);
	return f->p.ops;
}

static void limits_come_with_their_values(void **state)
{
	const struct rlimit_list l = {
		2, { { RLIMIT_NOFILE, 10, 20 },
		     { RLIMIT_CORE, UINT64_MAX, UINT64_MAX } },
	};
	struct fixture *f = *state;
	const struct plan_op *op;

	security_plan_rlimits(&f->b, &l);
	op = finish(f, 2);
	assert_int_equal(op[0].code, PLAN_RLIMIT);
	assert_int_equal(op[0].num[0], RLIMIT_NOFILE);
	assert_int_equal(op[0].num[1], 10);
	assert_int_equal(op[0].num[2], 20);
	assert_true(op[1].num[2] == RLIM64_INFINITY);
	assert_string_equal(plan_get_str(&f->p, op[0].what), "RLIMIT_NOFILE");
}

static void only_limits_above_the_present_ones_are_raised_early(void **state)
{
	struct rlimit now;
	struct rlimit_list l = { .n = 2 };
	struct fixture *f = *state;
	const struct plan_op *op;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &now), 0);
	if (now.rlim_max == RLIM_INFINITY)
		skip_because("the limit of files is infinite");
	l.v[0] = (struct rlimit_entry){ RLIMIT_NOFILE, 1, now.rlim_max };
	l.v[1] = (struct rlimit_entry){ RLIMIT_NOFILE, 1, now.rlim_max + 1 };
	assert_int_equal(security_plan_rlimits_raise(&f->b, &l, NULL), 0);
	op = finish(f, 1);
	assert_true(op->num[1] == now.rlim_cur);
	assert_true(op->num[2] == now.rlim_max + 1);
}

static void the_user_is_set_with_its_groups_and_keeps_capabilities(void **state)
{
	uint32_t gids[] = { 5, 6, 4294967294u };
	const struct oci_user u = { .uid = 1000, .gid = 100,
				    .additional_gids = { 3, gids } };
	struct fixture *f = *state;
	const struct plan_op *op;
	uint32_t len;

	assert_int_equal(security_plan_user(&f->b, &u, GROUPS_SET, NULL), 0);
	op = finish(f, 1);
	assert_int_equal(op->code, PLAN_USER);
	assert_int_equal(op->num[0], 1000);
	assert_int_equal(op->num[1], 100);
	assert_int_equal(op->flags, PLAN_F_KEEP_CAPS);
	assert_memory_equal(plan_get_blob(&f->p, op->str[0], &len), gids,
			    sizeof(gids));
	assert_int_equal(len, sizeof(gids));
}

static void groups_may_stay_where_they_cannot_be_set(void **state)
{
	uint32_t gids[] = { 5 };
	const struct oci_user u = { .additional_gids = { 1, gids } };
	struct fixture *f = *state;
	const struct plan_op *op;

	assert_int_equal(security_plan_user(&f->b, &u, GROUPS_TRY, NULL), 0);
	assert_int_equal(security_plan_user(&f->b, &u, GROUPS_KEEP, NULL), 0);
	op = finish(f, 2);
	assert_int_equal(op->flags, PLAN_F_KEEP_CAPS);
	assert_int_equal(op->num[2], 1);
	assert_int_not_equal(op->str[0], 0);
	op++;
	assert_int_equal(op->flags, PLAN_F_KEEP_CAPS | PLAN_F_KEEP_GROUPS);
	assert_int_equal(op->num[2], 0);
	assert_int_equal(op->str[0], 0);
}

static void the_id_that_means_leave_it_is_refused(void **state)
{
	uint32_t gids[] = { 1, UINT32_MAX };
	const struct {
		struct oci_user u;
		const char *text;
	} cases[] = {
		{ { .uid = UINT32_MAX },
		  "process.user.uid: 4294967295 is no id" },
		{ { .gid = UINT32_MAX },
		  "process.user.gid: 4294967295 is no id" },
		{ { .additional_gids = { 2, gids } },
		  "process.user.additionalGids[1]: 4294967295 is no id" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };

		assert_int_equal(security_plan_user(&f->b, &cases[i].u, GROUPS_SET,
						    &e), -EINVAL);
		assert_string_equal(e.text, cases[i].text);
	}
	finish(f, 0);
}

static void capabilities_keep_sys_admin_only_for_a_filter(void **state)
{
	const uint64_t admin = 1ULL << CAP_SYS_ADMIN;
	const struct cap_sets s = { .bounding = 31, .effective = 1,
				    .permitted = 3, .inheritable = 7,
				    .ambient = 2 };
	struct fixture *f = *state;
	const struct plan_caps *caps;
	const struct plan_op *op;
	uint32_t len;

	security_plan_cap_bound(&f->b, &s);
	security_plan_caps(&f->b, &s, false);
	security_plan_caps(&f->b, &s, true);
	op = finish(f, 3);
	assert_int_equal(op[0].code, PLAN_CAP_BOUND);
	assert_int_equal(op[0].num[0], 31);
	caps = plan_get_blob(&f->p, op[1].str[0], &len);
	assert_int_equal(len, sizeof(*caps));
	assert_true(caps->effective == 1 && caps->permitted == 3 &&
		    caps->inheritable == 7 && caps->ambient == 2);
	caps = plan_get_blob(&f->p, op[2].str[0], &len);
	assert_true(caps->effective == (1 | admin) &&
		    caps->permitted == (3 | admin) &&
		    caps->inheritable == 7 && caps->ambient == 2);
}

static void the_filter_travels_whole(void **state)
{
	static struct sock_filter filter[BPF_MAXINSNS];
	const struct seccomp_program prog = {
		.filter = filter, .n = BPF_MAXINSNS,
		.flags = SECCOMP_FILTER_FLAG_LOG,
	};
	struct fixture *f = *state;
	const struct plan_op *op;
	uint32_t len;

	memset(filter, 0x5a, sizeof(filter));
	security_plan_seccomp(&f->b, &prog);
	op = finish(f, 1);
	assert_int_equal(op->code, PLAN_SECCOMP);
	assert_int_equal(op->num[0], SECCOMP_FILTER_FLAG_LOG);
	assert_memory_equal(plan_get_blob(&f->p, op->str[0], &len), filter,
			    sizeof(filter));
	assert_int_equal(len, sizeof(filter));
}

#define CASE(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		CASE(limits_come_with_their_values),
		CASE(only_limits_above_the_present_ones_are_raised_early),
		CASE(the_user_is_set_with_its_groups_and_keeps_capabilities),
		CASE(groups_may_stay_where_they_cannot_be_set),
		CASE(the_id_that_means_leave_it_is_refused),
		CASE(capabilities_keep_sys_admin_only_for_a_filter),
		CASE(the_filter_travels_whole),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
