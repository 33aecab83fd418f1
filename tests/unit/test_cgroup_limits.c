/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <math.h>

#include "cgroups/limits.h"
#include "oci/spec.h"
#include "unit/cgroup_fake.h"
#include "util/auto.h"

#define SET(n) { .set = true, .v = (n) }
#define TEXT(s) ((char *)(uintptr_t)(s))

/* --- conversions ----------------------------------------------------------------- */

static void shares_become_the_weights_that_other_runtimes_give(void **state)
{
	static const uint64_t cases[][2] = {
		{ 0, 0 },	{ 1, 1 },	  { 2, 1 },
		{ 1024, 100 },	{ 262144, 10000 }, { 262145, 10000 },
		{ 1u << 30, 10000 }, { UINT64_MAX, 10000 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(cgroup_weight_from_shares(cases[i][0]),
				 cases[i][1]);
}

static void every_share_agrees_with_libm(void **state)
{
	for (uint64_t shares = 3; shares < 262144; shares++) {
		double l = log2((double)shares);
		double x = (l * l + 125 * l) / 612.0 - 7.0 / 34.0;

		assert_int_equal(cgroup_weight_from_shares(shares),
				 (uint64_t)ceil(pow(10, x)));
	}
}

static void io_weights_are_scaled(void **state)
{
	static const uint64_t cases[][2] = {
		{ 0, 0 }, { 10, 1 }, { 100, 910 }, { 500, 4950 }, { 1000, 10000 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(cgroup_io_weight((uint32_t)cases[i][0]),
				 cases[i][1]);
}

/* --- what is written --------------------------------------------------------------- */

struct expect {
	const char *file, *before, *after; /* before NULL: "" */
};

static void apply(struct cgroup *cg, const struct oci_resources *r,
		  const struct expect *x, size_t n)
{
	struct err e = { 0 };
	int ret;

	for (size_t i = 0; i < n; i++)
		fake_file(cg, x[i].file, x[i].before ?: "");
	ret = cgroup_apply(cg, r, &e);
	if (ret < 0)
		print_error("%s\n", e.text);
	assert_int_equal(ret, 0);
	for (size_t i = 0; i < n; i++) {
		assert_string_equal(fake_text(cg, x[i].file), x[i].after);
		assert_int_equal(unlinkat(cg->fd, x[i].file, 0), 0);
	}
}

#define APPLY(cg, r, ...)                                             \
	apply(cg, r, (const struct expect[]){ __VA_ARGS__ },          \
	      ARRAY_LEN(((const struct expect[]){ __VA_ARGS__ })))

static void memory_is_written_as_v2_counts_it(void **state)
{
	struct oci_memory m = { .limit = SET(1000), .swap = SET(1500),
				.reservation = SET(400) };
	const struct oci_resources r = { .memory = &m };

	APPLY(*state, &r, { "memory.max", NULL, "1000" },
	      { "memory.swap.max", NULL, "500" }, { "memory.low", NULL, "400" });

	m = (struct oci_memory){ .limit = SET(1000), .swap = SET(1000) };
	APPLY(*state, &r, { "memory.max", NULL, "1000" },
	      { "memory.swap.max", NULL, "0" });

	m = (struct oci_memory){ .limit = SET(1000), .swap = SET(-1) };
	APPLY(*state, &r, { "memory.max", NULL, "1000" },
	      { "memory.swap.max", NULL, "max" });

	m = (struct oci_memory){ .limit = SET(-1), .reservation = SET(-1) };
	APPLY(*state, &r, { "memory.max", NULL, "max" },
	      { "memory.swap.max", NULL, "max" }, { "memory.low", NULL, "max" });

	m = (struct oci_memory){ .limit = SET(1000) };
	APPLY(*state, &r, { "memory.max", NULL, "1000" },
	      { "memory.swap.max", NULL, "" });

	m = (struct oci_memory){ .limit = SET(INT64_MAX), .swap = SET(INT64_MAX) };
	APPLY(*state, &r, { "memory.max", NULL, "9223372036854775807" },
	      { "memory.swap.max", NULL, "0" });
}

static void swap_alone_counts_from_the_limit_that_is_there(void **state)
{
	struct oci_memory m = { .swap = SET(1500) };
	const struct oci_resources r = { .memory = &m };
	struct cgroup *cg = *state;
	struct err e = { 0 };

	APPLY(cg, &r, { "memory.max", "1000\n", "1000" },
	      { "memory.swap.max", NULL, "500" });
	fake_file(cg, "memory.max", "max\n");
	fake_file(cg, "memory.swap.max", "");
	assert_int_equal(cgroup_apply(cg, &r, &e), -EINVAL);
	assert_non_null(strstr(e.text, "linux.resources.memory.swap: "));
	fake_file(cg, "memory.max", "1501\n");
	assert_int_equal(cgroup_apply(cg, &r, &e), -EINVAL);
	assert_string_equal(fake_text(cg, "memory.swap.max"), "");
}

static void a_kernel_without_swap_holds_no_swap_and_unlimited_swap(void **state)
{
	struct oci_memory m = { .limit = SET(1000), .swap = SET(1000) };
	const struct oci_resources r = { .memory = &m };
	struct cgroup *cg = *state;
	struct err e = { 0 };

	APPLY(cg, &r, { "memory.max", NULL, "1000" });
	m.swap.v = -1;
	APPLY(cg, &r, { "memory.max", NULL, "1000" });
	m.swap.v = 1001;
	fake_file(cg, "memory.max", "");
	assert_int_equal(cgroup_apply(cg, &r, &e), -ENOENT);
	assert_non_null(strstr(e.text, "linux.resources.memory.swap: "));
	assert_non_null(strstr(e.text, "memory.swap.max"));
}

static void check_before_update_refuses_what_is_in_use(void **state)
{
	struct oci_memory m = { .limit = SET(1000),
				.check_before_update = { true, true } };
	const struct oci_resources r = { .memory = &m };
	struct cgroup *cg = *state;
	struct err e = { 0 };

	fake_file(cg, "memory.current", "1000\n");
	fake_file(cg, "memory.max", "");
	assert_int_equal(cgroup_apply(cg, &r, &e), -EBUSY);
	assert_non_null(strstr(e.text, "linux.resources.memory.limit: "));
	assert_string_equal(fake_text(cg, "memory.max"), "");
	fake_file(cg, "memory.current", "999\n");
	APPLY(cg, &r, { "memory.max", NULL, "1000" });
	m = (struct oci_memory){ .swap = SET(900),
				 .check_before_update = { true, true } };
	assert_int_equal(cgroup_apply(cg, &r, &e), -EBUSY);
	assert_non_null(strstr(e.text, "linux.resources.memory.swap: "));
}

static void cpu_is_written_as_v2_counts_it(void **state)
{
	struct oci_cpu c = { .shares = SET(1024), .quota = SET(50000),
			     .period = SET(100000), .burst = SET(2000),
			     .cpus = TEXT("0-1,3"), .mems = TEXT("0") };
	const struct oci_resources r = { .cpu = &c };

	APPLY(*state, &r, { "cpu.weight", NULL, "100" },
	      { "cpu.max", NULL, "50000 100000" },
	      { "cpu.max.burst", NULL, "2000" },
	      { "cpuset.cpus", NULL, "0-1,3" }, { "cpuset.mems", NULL, "0" });

	c = (struct oci_cpu){ .quota = SET(-1) };
	APPLY(*state, &r, { "cpu.max", NULL, "max" });

	c = (struct oci_cpu){ .quota = SET(-1), .period = SET(50000) };
	APPLY(*state, &r, { "cpu.max", NULL, "max 50000" });

	c = (struct oci_cpu){ .period = SET(20000) };
	APPLY(*state, &r, { "cpu.max", "30000 99999\n", "30000 20000" });

	c = (struct oci_cpu){ .idle = SET(1), .burst = SET(0) };
	APPLY(*state, &r, { "cpu.idle", NULL, "1" },
	      { "cpu.max.burst", NULL, "0" });

	c = (struct oci_cpu){ .idle = SET(0), .shares = SET(2) };
	APPLY(*state, &r, { "cpu.idle", NULL, "0" }, { "cpu.weight", NULL, "1" });

	c = (struct oci_cpu){ .shares = SET(0), .quota = SET(0), .period = SET(0),
			      .cpus = TEXT(""), .mems = TEXT("") };
	APPLY(*state, &r, { "cpu.weight", NULL, "" }, { "cpu.max", NULL, "" },
	      { "cpuset.cpus", NULL, "" });
}

static void a_pids_limit_of_zero_is_a_limit(void **state)
{
	struct oci_pids p = { .limit = SET(0) };
	const struct oci_resources r = { .pids = &p };

	APPLY(*state, &r, { "pids.max", NULL, "0" });
	p.limit.v = -1;
	APPLY(*state, &r, { "pids.max", NULL, "max" });
	p.limit.v = 32771;
	APPLY(*state, &r, { "pids.max", NULL, "32771" });
	p.limit.set = false;
	APPLY(*state, &r, { "pids.max", NULL, "" });
}

static void io_goes_to_the_file_that_there_is(void **state)
{
	struct oci_weight_device w = { .major = 8, .minor = 16,
				       .weight = SET(500) };
	struct oci_throttle_device t = { .major = 259, .minor = 0, .rate = 2097152 };
	struct oci_throttle_device none = { .major = 8, .minor = 0, .rate = 0 };
	struct oci_block_io b = { .weight = SET(10) };
	const struct oci_resources r = { .block_io = &b };

	APPLY(*state, &r, { "io.weight", NULL, "1" });
	APPLY(*state, &r, { "io.weight", NULL, "" },
	      { "io.bfq.weight", NULL, "10" });

	b = (struct oci_block_io){ .weight_device = { 1, &w } };
	APPLY(*state, &r, { "io.weight", NULL, "8:16 4950" });
	APPLY(*state, &r, { "io.bfq.weight", NULL, "8:16 500" });

	b = (struct oci_block_io){ .throttle_read_bps_device = { 1, &t } };
	APPLY(*state, &r, { "io.max", NULL, "259:0 rbps=2097152" });
	b = (struct oci_block_io){ .throttle_write_bps_device = { 1, &t } };
	APPLY(*state, &r, { "io.max", NULL, "259:0 wbps=2097152" });
	b = (struct oci_block_io){ .throttle_read_iops_device = { 1, &t } };
	APPLY(*state, &r, { "io.max", NULL, "259:0 riops=2097152" });
	b = (struct oci_block_io){ .throttle_write_iops_device = { 1, &none } };
	APPLY(*state, &r, { "io.max", NULL, "8:0 wiops=max" });
}

static void huge_pages_are_limited_twice_where_the_kernel_can(void **state)
{
	struct oci_hugepage_limit h[] = { { TEXT("2MB"), 209715200 },
					  { TEXT("1GB"), UINT64_MAX } };
	const struct oci_resources r = { .hugepage_limits = h,
					 .n_hugepage_limits = 2 };

	APPLY(*state, &r, { "hugetlb.2MB.max", NULL, "209715200" },
	      { "hugetlb.2MB.rsvd.max", NULL, "209715200" },
	      { "hugetlb.1GB.max", NULL, "18446744073709551615" });
}

static void rdma_is_one_line_for_each_device(void **state)
{
	struct oci_rdma d = { .device = TEXT("mlx5_1"), .hca_handles = SET(3),
			      .hca_objects = SET(10000) };
	const struct oci_resources r = { .rdma = &d, .n_rdma = 1 };

	APPLY(*state, &r,
	      { "rdma.max", NULL, "mlx5_1 hca_handle=3 hca_object=10000" });
	d.hca_handles.set = false;
	APPLY(*state, &r, { "rdma.max", NULL, "mlx5_1 hca_object=10000" });
}

static void unified_comes_last_and_goes_anywhere(void **state)
{
	struct oci_memory m = { .limit = SET(1000) };
	struct oci_kv kv[] = { { TEXT("memory.max"), TEXT("2000") },
			       { TEXT("memory.high"), TEXT("1500") },
			       { TEXT("future.knob"), TEXT("on") },
			       { TEXT("cgroup.max.depth"), TEXT("") } };
	const struct oci_resources r = { .memory = &m, .unified = { 4, kv } };
	const struct oci_resources only = { .unified = { 4, kv } };

	APPLY(*state, &r, { "memory.max", NULL, "2000" },
	      { "memory.high", NULL, "1500" }, { "future.knob", NULL, "on" },
	      { "cgroup.max.depth", NULL, "" });
	assert_int_equal(cgroup_controllers_needed(&only), CGROUP_MEMORY);
}

static void a_unified_file_that_is_unknown_is_an_error_naming_it(void **state)
{
	struct oci_kv kv = { TEXT("memory.nonsense"), TEXT("1") };
	const struct oci_resources r = { .unified = { 1, &kv } };
	struct err e = { 0 };

	assert_int_equal(cgroup_apply(*state, &r, &e), -ENOENT);
	assert_non_null(strstr(e.text,
			       "linux.resources.unified.memory.nonsense: "));
}

static void without_resources_nothing_is_written(void **state)
{
	const struct oci_resources r = { 0 };
	struct err e = { 0 };

	assert_int_equal(cgroup_apply(*state, &r, &e), 0);
	assert_int_equal(cgroup_apply(*state, NULL, &e), 0);
	assert_int_equal(cgroup_controllers_needed(&r), 0);
	assert_int_equal(cgroup_controllers_needed(NULL), 0);
}

/* --- what is refused --------------------------------------------------------------- */

static void bad_values_are_refused_by_their_path(void **state)
{
	static struct oci_memory low_limit = { .limit = SET(-2) },
		low_swap = { .swap = SET(-2) },
		small_swap = { .limit = SET(2), .swap = SET(1) },
		no_limit = { .limit = SET(-1), .swap = SET(1) },
		kernel = { .kernel = SET(1) }, tcp = { .kernel_tcp = SET(1) },
		swappy = { .swappiness = SET(60) },
		immortal = { .disable_oom_killer = { true, true } };
	static struct oci_cpu rt = { .realtime_runtime = SET(1) },
			      rt_period = { .realtime_period = SET(1) },
			      quota = { .quota = SET(-2) }, idle = { .idle = SET(2) },
			      burst = { .quota = SET(5), .burst = SET(6) };
	static struct oci_pids pids = { .limit = SET(-2) };
	static struct oci_weight_device bad_weight = { .weight = SET(1001) },
		leaf_device = { .leaf_weight = SET(10) },
		bad_number = { .major = -1, .weight = SET(10) };
	static struct oci_throttle_device bad_throttle = { .minor = 1ll << 32 };
	static struct oci_block_io weight = { .weight = SET(9) },
		leaf = { .leaf_weight = SET(10) },
		devices = { .weight_device = { 1, &bad_weight } },
		leaves = { .weight_device = { 1, &leaf_device } },
		numbers = { .weight_device = { 1, &bad_number } },
		throttle = { .throttle_write_iops_device = { 1, &bad_throttle } };
	static struct oci_resource_network class = { .class_id = SET(1) },
					   prio = { .n_priorities = 1 };
	static struct oci_hugepage_limit page = { TEXT("2MB/../x"), 1 },
					 empty_page = { TEXT(""), 1 };
	static struct oci_rdma rdma = { .device = TEXT("a b") },
			       no_rdma = { .device = TEXT("mlx5_1") };
	static struct oci_kv procs = { TEXT("cgroup.procs"), TEXT("1") },
			     freeze = { TEXT("cgroup.freeze"), TEXT("1") },
			     slash = { TEXT("a/b"), TEXT("") },
			     dots = { TEXT(".."), TEXT("") },
			     empty = { TEXT(""), TEXT("") };
	static struct oci_device_rule device = { .type = TEXT("x") };
	static const struct {
		struct oci_resources r;
		int code;
		const char *path;
	} cases[] = {
		{ { .memory = &low_limit }, EINVAL, "memory.limit: " },
		{ { .memory = &low_swap }, EINVAL, "memory.swap: " },
		{ { .memory = &small_swap }, EINVAL, "memory.swap: " },
		{ { .memory = &no_limit }, EINVAL, "memory.swap: " },
		{ { .memory = &kernel }, ENOTSUP, "memory.kernel: " },
		{ { .memory = &tcp }, ENOTSUP, "memory.kernelTCP: " },
		{ { .memory = &swappy }, ENOTSUP, "memory.swappiness: " },
		{ { .memory = &immortal }, ENOTSUP, "memory.disableOOMKiller: " },
		{ { .cpu = &rt }, ENOTSUP, "cpu.realtimeRuntime: " },
		{ { .cpu = &rt_period }, ENOTSUP, "cpu.realtimePeriod: " },
		{ { .cpu = &quota }, EINVAL, "cpu.quota: " },
		{ { .cpu = &idle }, EINVAL, "cpu.idle: " },
		{ { .cpu = &burst }, EINVAL, "cpu.burst: " },
		{ { .pids = &pids }, EINVAL, "pids.limit: " },
		{ { .block_io = &weight }, EINVAL, "blockIO.weight: " },
		{ { .block_io = &leaf }, ENOTSUP, "blockIO.leafWeight: " },
		{ { .block_io = &devices }, EINVAL,
		  "blockIO.weightDevice[0].weight: " },
		{ { .block_io = &leaves }, ENOTSUP,
		  "blockIO.weightDevice[0].leafWeight: " },
		{ { .block_io = &numbers }, EINVAL, "blockIO.weightDevice[0]: " },
		{ { .block_io = &throttle }, EINVAL,
		  "blockIO.throttleWriteIOPSDevice[0]: " },
		{ { .network = &class }, ENOTSUP, "network.classID: " },
		{ { .network = &prio }, ENOTSUP, "network.priorities: " },
		{ { .hugepage_limits = &page, .n_hugepage_limits = 1 }, EINVAL,
		  "hugepageLimits[0].pageSize: " },
		{ { .hugepage_limits = &empty_page, .n_hugepage_limits = 1 }, EINVAL,
		  "hugepageLimits[0].pageSize: " },
		{ { .rdma = &rdma, .n_rdma = 1 }, EINVAL, "rdma: " },
		{ { .rdma = &no_rdma, .n_rdma = 1 }, EINVAL,
		  "rdma[\"mlx5_1\"]: " },
		{ { .unified = { 1, &procs } }, EINVAL,
		  "unified: \"cgroup.procs\" is not a limit" },
		{ { .unified = { 1, &freeze } }, EINVAL,
		  "unified: \"cgroup.freeze\" is not a limit" },
		{ { .unified = { 1, &slash } }, EINVAL, "unified: " },
		{ { .unified = { 1, &dots } }, EINVAL, "unified: " },
		{ { .unified = { 1, &empty } }, EINVAL, "unified: " },
		{ { .devices = &device, .n_devices = 1 }, EINVAL,
		  "devices[0].type: " },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char path[128] = "linux.resources.";
		struct err e = { 0 };

		strcat(path, cases[i].path);
		assert_int_equal(cgroup_check(&cases[i].r, &e), -cases[i].code);
		assert_true(!strncmp(e.text, path, strlen(path)));
		assert_int_equal(cgroup_apply(*state, &cases[i].r, &e),
				 -cases[i].code);
	}
}

static void neutral_values_of_v1_are_let_pass(void **state)
{
	struct oci_memory m = { .kernel = SET(-1), .kernel_tcp = SET(0),
				.swappiness = SET(0),
				.disable_oom_killer = { true, false },
				.use_hierarchy = { true, true },
				.limit = SET(0), .swap = SET(0) };
	struct oci_cpu c = { .realtime_runtime = SET(0), .realtime_period = SET(0) };
	struct oci_block_io b = { .leaf_weight = SET(0), .weight = SET(0) };
	struct oci_resource_network n = { .class_id = SET(0) };
	const struct oci_resources r = { .memory = &m, .cpu = &c, .block_io = &b,
					 .network = &n };
	struct err e = { 0 };

	assert_int_equal(cgroup_check(&r, &e), 0);
	assert_int_equal(cgroup_controllers_needed(&r), 0);
	assert_int_equal(cgroup_apply(*state, &r, &e), 0);
}

static void each_limit_needs_its_controller(void **state)
{
	static struct oci_memory m = { .limit = SET(1) };
	static struct oci_cpu shares = { .shares = SET(2) }, set = { .mems = TEXT("0") },
			      idle = { .idle = SET(0) };
	static struct oci_pids pids = { .limit = SET(0) };
	static struct oci_block_io io = { .weight = SET(10) };
	static struct oci_hugepage_limit page = { TEXT("2MB"), 1 };
	static struct oci_rdma rdma = { .device = TEXT("a") };
	static struct oci_kv kv[] = { { TEXT("misc.max"), TEXT("") },
				      { TEXT("io.latency"), TEXT("") },
				      { TEXT("cgroup.freeze"), TEXT("") } };
	static const struct {
		struct oci_resources r;
		uint32_t want;
	} cases[] = {
		{ { .memory = &m }, CGROUP_MEMORY },
		{ { .cpu = &shares }, CGROUP_CPU },
		{ { .cpu = &idle }, CGROUP_CPU },
		{ { .cpu = &set }, CGROUP_CPUSET },
		{ { .pids = &pids }, CGROUP_PIDS },
		{ { .block_io = &io }, CGROUP_IO },
		{ { .hugepage_limits = &page, .n_hugepage_limits = 1 },
		  CGROUP_HUGETLB },
		{ { .rdma = &rdma, .n_rdma = 1 }, CGROUP_RDMA },
		{ { .unified = { 3, kv } }, CGROUP_MISC | CGROUP_IO },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_int_equal(cgroup_controllers_needed(&cases[i].r),
				 cases[i].want);
}

/* Engines send -1 by habit; the limit of an update that lifts it is there. */
static void unlimited_needs_no_controller_and_lifts_what_is_there(void **state)
{
	struct oci_memory m = { .limit = SET(-1), .swap = SET(-1),
				.reservation = SET(-1) };
	struct oci_cpu c = { .quota = SET(-1), .period = SET(50000) };
	struct oci_pids p = { .limit = SET(-1) }, one = { .limit = SET(1) };
	const struct oci_resources r = { .memory = &m, .cpu = &c, .pids = &p };
	const struct oci_resources some = { .memory = &m, .cpu = &c, .pids = &one };
	struct err e = { 0 };

	assert_int_equal(cgroup_controllers_needed(&r), 0);
	assert_int_equal(cgroup_controllers_needed(&some), CGROUP_PIDS);
	assert_string_equal(cgroup_limit_name(&some, CGROUP_PIDS),
			    "linux.resources.pids.limit");
	assert_int_equal(cgroup_apply(*state, &r, &e), 0);
	assert_int_equal(cgroup_apply(*state, &some, &e), -ENOENT);
	APPLY(*state, &r, { "memory.max", "1", "max" },
	      { "memory.swap.max", "1", "max" }, { "memory.low", "1", "max" },
	      { "cpu.max", "1", "max 50000" }, { "pids.max", "1", "max" });
}

#define FAKE(f) cmocka_unit_test_setup_teardown(f, fake_make, fake_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(shares_become_the_weights_that_other_runtimes_give),
		cmocka_unit_test(every_share_agrees_with_libm),
		cmocka_unit_test(io_weights_are_scaled),
		FAKE(memory_is_written_as_v2_counts_it),
		FAKE(swap_alone_counts_from_the_limit_that_is_there),
		FAKE(a_kernel_without_swap_holds_no_swap_and_unlimited_swap),
		FAKE(check_before_update_refuses_what_is_in_use),
		FAKE(cpu_is_written_as_v2_counts_it),
		FAKE(a_pids_limit_of_zero_is_a_limit),
		FAKE(io_goes_to_the_file_that_there_is),
		FAKE(huge_pages_are_limited_twice_where_the_kernel_can),
		FAKE(rdma_is_one_line_for_each_device),
		FAKE(unified_comes_last_and_goes_anywhere),
		FAKE(a_unified_file_that_is_unknown_is_an_error_naming_it),
		FAKE(without_resources_nothing_is_written),
		FAKE(bad_values_are_refused_by_their_path),
		FAKE(neutral_values_of_v1_are_let_pass),
		cmocka_unit_test(each_limit_needs_its_controller),
		FAKE(unlimited_needs_no_controller_and_lifts_what_is_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
