/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>

#include "cgroups/stats.h"
#include "unit/cgroup_fake.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/buf.h"

static void fill(const struct cgroup *cg)
{
	static const char *const files[][2] = {
		{ "cpu.stat", "usage_usec 10\nuser_usec 6\nsystem_usec 4\n"
			      "nr_periods 3\nnr_throttled 2\nthrottled_usec 7\n"
			      "nr_bursts 1\nburst_usec 5\n" },
		{ "cpu.pressure",
		  "some avg10=1.50 avg60=0.07 avg300=100.00 total=99\n"
		  "full avg10=0.00 avg60=0.00 avg300=0.00 total=1\n" },
		{ "memory.current", "4096\n" },
		{ "memory.max", "8192\n" },
		{ "memory.peak", "5000\n" },
		{ "memory.events", "low 1\nhigh 2\nmax 3\noom 4\noom_kill 5\n"
				   "oom_group_kill 6\n" },
		{ "memory.swap.current", "100\n" },
		{ "memory.swap.max", "200\n" },
		{ "memory.stat", "anon 11\nfile 22\nkernel 33\n" },
		{ "pids.current", "7\n" },
		{ "pids.max", "max\n" },
		{ "pids.events", "max 9\n" },
		{ "io.stat", "8:0 rbytes=1 wbytes=2 rios=3 wios=4 dbytes=5 dios=6\n"
			     "8:16\n259:1 rbytes=9 wbytes=8 rios=7 wios=6 dbytes=5 dios=4\n" },
		{ "hugetlb.2MB.current", "2097152\n" },
		{ "hugetlb.2MB.max", "max\n" },
		{ "hugetlb.2MB.events", "max 3\n" },
		{ "hugetlb.2MB.rsvd.current", "0\n" },
		{ "rdma.current", "mlx4_0 hca_handle=2 hca_object=2000\n" },
		{ "rdma.max", "mlx4_0 hca_handle=3 hca_object=max\nocrdma1 hca_handle=1 hca_object=1\n" },
	};

	for (size_t i = 0; i < ARRAY_LEN(files); i++)
		fake_file(cg, files[i][0], files[i][1]);
}

static void every_file_goes_to_its_place(void **state)
{
	auto_arena a = { 0 };
	struct cgroup_stats s;
	struct err e = { 0 };

	fill(*state);
	assert_int_equal(cgroup_stats_read(*state, &a, &s, &e), 0);
	assert_int_equal(s.cpu.usage, 10);
	assert_int_equal(s.cpu.user, 6);
	assert_int_equal(s.cpu.system, 4);
	assert_true(s.cpu.throttling);
	assert_int_equal(s.cpu.periods, 3);
	assert_int_equal(s.cpu.throttled_periods, 2);
	assert_int_equal(s.cpu.throttled_time, 7);
	assert_int_equal(s.cpu.bursts, 1);
	assert_int_equal(s.cpu.burst_time, 5);
	assert_true(s.cpu_psi.set);
	assert_int_equal(s.cpu_psi.some.avg10, 150);
	assert_int_equal(s.cpu_psi.some.avg60, 7);
	assert_int_equal(s.cpu_psi.some.avg300, 10000);
	assert_int_equal(s.cpu_psi.some.total, 99);
	assert_int_equal(s.cpu_psi.full.total, 1);
	assert_false(s.memory_psi.set);
	assert_true(s.memory.set);
	assert_int_equal(s.memory.usage, 4096);
	assert_int_equal(s.memory.limit, 8192);
	assert_int_equal(s.memory.peak, 5000);
	assert_int_equal(s.memory.failcnt, 3);
	assert_int_equal(s.memory_events.low, 1);
	assert_int_equal(s.memory_events.high, 2);
	assert_int_equal(s.memory_events.oom, 4);
	assert_int_equal(s.memory_events.oom_kill, 5);
	assert_int_equal(s.memory_events.oom_group_kill, 6);
	assert_true(s.swap.set);
	assert_int_equal(s.swap.limit, 200);
	assert_int_equal(s.n_memory_stat, 3);
	assert_string_equal(s.memory_stat[2].key, "kernel");
	assert_int_equal(cgroup_stats_memory(&s, "file"), 22);
	assert_int_equal(cgroup_stats_memory(&s, "none"), 0);
	assert_int_equal(s.pids.usage, 7);
	assert_true(s.pids.limit == CGROUP_UNLIMITED);
	assert_int_equal(s.pids.failcnt, 9);
	assert_int_equal(s.n_io, 2);
	assert_int_equal(s.io[0].dios, 6);
	assert_int_equal(s.io[1].major, 259);
	assert_int_equal(s.io[1].minor, 1);
	assert_int_equal(s.io[1].rbytes, 9);
	assert_int_equal(s.n_hugetlb, 1);
	assert_string_equal(s.hugetlb[0].page_size, "2MB");
	assert_int_equal(s.hugetlb[0].counter.usage, 2097152);
	assert_int_equal(s.hugetlb[0].counter.failcnt, 3);
	assert_int_equal(s.n_rdma, 1);
	assert_string_equal(s.rdma[0].device, "mlx4_0");
	assert_int_equal(s.rdma[0].handles, 2);
	assert_int_equal(s.rdma[0].max_handles, 3);
	assert_true(s.rdma[0].max_objects == CGROUP_UNLIMITED);
}

static void the_document_is_the_one_that_engines_decode(void **state)
{
	static const char want[] =
		"{\"type\":\"stats\",\"id\":\"box\",\"data\":{"
		"\"cpu\":{\"usage\":{\"total\":10000,\"kernel\":4000,\"user\":6000},"
		"\"throttling\":{\"periods\":3,\"throttledPeriods\":2,\"throttledTime\":7000},"
		"\"psi\":{\"some\":{\"avg10\":1.50,\"avg60\":0.07,\"avg300\":100.00,\"total\":99},"
		"\"full\":{\"avg10\":0.00,\"avg60\":0.00,\"avg300\":0.00,\"total\":1}}},"
		"\"memory\":{\"cache\":22,"
		"\"usage\":{\"limit\":8192,\"usage\":4096,\"max\":5000,\"failcnt\":3},"
		"\"swap\":{\"limit\":8392,\"usage\":4196,\"max\":0,\"failcnt\":0},"
		"\"kernel\":{\"limit\":0,\"usage\":0,\"max\":0,\"failcnt\":0},"
		"\"kernelTCP\":{\"limit\":0,\"usage\":0,\"max\":0,\"failcnt\":0},"
		"\"raw\":{\"anon\":11,\"file\":22,\"kernel\":33}},"
		"\"pids\":{\"current\":7},"
		"\"blkio\":{\"ioServiceBytesRecursive\":["
		"{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":1},"
		"{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":2},"
		"{\"major\":8,\"minor\":0,\"op\":\"Discard\",\"value\":5},"
		"{\"major\":259,\"minor\":1,\"op\":\"Read\",\"value\":9},"
		"{\"major\":259,\"minor\":1,\"op\":\"Write\",\"value\":8},"
		"{\"major\":259,\"minor\":1,\"op\":\"Discard\",\"value\":5}],"
		"\"ioServicedRecursive\":["
		"{\"major\":8,\"minor\":0,\"op\":\"Read\",\"value\":3},"
		"{\"major\":8,\"minor\":0,\"op\":\"Write\",\"value\":4},"
		"{\"major\":8,\"minor\":0,\"op\":\"Discard\",\"value\":6},"
		"{\"major\":259,\"minor\":1,\"op\":\"Read\",\"value\":7},"
		"{\"major\":259,\"minor\":1,\"op\":\"Write\",\"value\":6},"
		"{\"major\":259,\"minor\":1,\"op\":\"Discard\",\"value\":4}]},"
		"\"hugetlb\":{\"2MB\":{\"usage\":2097152,\"failcnt\":3}}}}";
	auto_arena a = { 0 };
	auto_buf b = { 0 };
	struct cgroup_stats s;
	struct err e = { 0 };

	fill(*state);
	assert_int_equal(cgroup_stats_read(*state, &a, &s, &e), 0);
	cgroup_stats_json(&s, "box", &b);
	assert_false(b.failed);
	assert_string_equal(buf_str(&b), want);
}

static void an_unlimited_part_makes_the_sum_unlimited(void **state)
{
	static const char *const limits[][2] = {
		{ "max", "10" }, { "10", "max" }, { "max", "max" },
		{ "18446744073709551615", "10" } };

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		auto_arena a = { 0 };
		auto_buf b = { 0 };
		struct cgroup_stats s;
		struct err e = { 0 };

		fill(*state);
		fake_file(*state, "memory.max", limits[i][0]);
		fake_file(*state, "memory.swap.max", limits[i][1]);
		assert_int_equal(cgroup_stats_read(*state, &a, &s, &e), 0);
		cgroup_stats_json(&s, "box", &b);
		assert_non_null(strstr(buf_str(&b), "\"swap\":{\"limit\":18446744073709551615,\"usage\":4196"));
	}
}

static void a_cgroup_without_controllers_has_empty_statistics(void **state)
{
	auto_arena a = { 0 };
	auto_buf b = { 0 };
	struct cgroup_stats s;
	struct err e = { 0 };

	assert_int_equal(cgroup_stats_read(*state, &a, &s, &e), 0);
	assert_false(s.memory.set);
	assert_false(s.pids.set);
	assert_false(s.cpu.throttling);
	assert_int_equal(s.n_memory_stat + s.n_io + s.n_hugetlb + s.n_rdma, 0);
	cgroup_stats_json(&s, "a\"b", &b);
	assert_non_null(strstr(buf_str(&b), "\"id\":\"a\\\"b\""));
}

static void damaged_files_leave_their_part_out(void **state)
{
	static const char *const files[] = {
		"cpu.stat",    "cpu.pressure",	"memory.current",
		"memory.max",  "memory.events", "memory.stat",
		"memory.peak", "pids.current",	"pids.max",
		"io.stat",     "rdma.current",	"rdma.max",
	};
	static const char *const texts[] = {
		"", "\n", "\n\n\n", "x", "=", "8:", ":8 rbytes=1", "8:0 rbytes=",
		"some", "some avg10=", "some avg10=.5", "some total=x", "-1",
		"99999999999999999999999", "a 99999999999999999999999\n", " 5",
		"8:0 rbytes=99999999999999999999999", "usage_usec x\n",
	};
	struct cgroup *cg = *state;

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		auto_arena a = { 0 };
		auto_buf b = { 0 };
		struct cgroup_stats s;
		struct err e = { 0 };

		for (size_t j = 0; j < ARRAY_LEN(files); j++)
			fake_file(cg, files[j], texts[i]);
		assert_int_equal(cgroup_stats_read(cg, &a, &s, &e), 0);
		assert_int_equal(s.cpu.usage, 0);
		assert_int_equal(s.pids.usage, 0);
		assert_int_equal(s.cpu_psi.some.avg10, 0);
		cgroup_stats_json(&s, "box", &b);
		assert_false(b.failed);
	}
}

#define FAKE(f) cmocka_unit_test_setup_teardown(f, fake_make, fake_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE(every_file_goes_to_its_place),
		FAKE(the_document_is_the_one_that_engines_decode),
		FAKE(an_unlimited_part_makes_the_sum_unlimited),
		FAKE(a_cgroup_without_controllers_has_empty_statistics),
		FAKE(damaged_files_leave_their_part_out),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
