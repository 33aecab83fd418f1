/* SPDX-License-Identifier: Apache-2.0 */
/* Limits, events and device programs in the kernel. */
#include "unit/cgroup_live.h"

/* --- limits ------------------------------------------------------------------------------ */

static void assert_value(const struct cgroup *cg, const char *file,
			 const char *want)
{
	char text[256];

	assert_true(cgroup_read_value(cg->fd, file, text, sizeof(text)) >= 0);
	assert_string_equal(text, want);
}

static void huge_pages_are_limited(void **state)
{
	PLACE(p)
	struct oci_hugepage_limit page = { TEXT("2MB"), 4194304 };
	const struct oci_resources r = { .hugepage_limits = &page,
					 .n_hugepage_limits = 1 };
	auto_cgroup cg = CGROUP_NONE;

	NEED(p, CGROUP_HUGETLB);
	/* made without, so the update has to enable the controller */
	below(p, "a/b", &cg);
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "hugetlb.2MB.max", "4194304");
	assert_value(&cg, "hugetlb.2MB.rsvd.max", "4194304");
}

static void limits_go_up_and_down(void **state)
{
	PLACE(p)
	struct oci_memory m = { .limit = SET(64 << 20), .swap = SET(96 << 20),
				.reservation = SET(8 << 20) };
	struct oci_cpu c = { .shares = SET(512), .quota = SET(50000),
			     .period = SET(100000), .burst = SET(40000),
			     .cpus = TEXT("0"), .mems = TEXT("0") };
	struct oci_pids pids = { .limit = SET(5) };
	struct oci_resources r = { .memory = &m, .cpu = &c, .pids = &pids };
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/a/b", p->base),
		.id = "x",
		.resources = &r,
	};
	auto_cgroup cg = CGROUP_NONE;

	NEED(p, CGROUP_MEMORY | CGROUP_CPU | CGROUP_CPUSET | CGROUP_PIDS);
	OK(cgroup_create(&args, &cg, &e));
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "memory.max", "67108864");
	assert_value(&cg, "memory.low", "8388608");
	assert_value(&cg, "cpu.weight", "59");
	assert_value(&cg, "cpu.max", "50000 100000");
	assert_value(&cg, "cpu.max.burst", "40000");
	assert_value(&cg, "cpuset.cpus", "0");
	assert_value(&cg, "pids.max", "5");

	m = (struct oci_memory){ .limit = SET(32 << 20), .swap = SET(32 << 20) };
	c = (struct oci_cpu){ .quota = SET(20000), .burst = SET(10000) };
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "memory.max", "33554432");
	assert_value(&cg, "cpu.max", "20000 100000");
	assert_value(&cg, "cpu.max.burst", "10000");

	m = (struct oci_memory){ .limit = SET(-1) };
	c = (struct oci_cpu){ .quota = SET(90000), .burst = SET(90000),
			      .idle = SET(1) };
	pids.limit.v = -1;
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "memory.max", "max");
	assert_value(&cg, "cpu.max.burst", "90000");
	assert_value(&cg, "cpu.idle", "1");
	assert_value(&cg, "pids.max", "max");

	m = (struct oci_memory){ .limit = SET(0) };
	c = (struct oci_cpu){ .quota = SET(-1), .idle = SET(0), .shares = SET(1024) };
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "cpu.max", "max 100000");
	assert_value(&cg, "cpu.weight", "100");
}

static void a_limit_that_the_kernel_refuses_is_named(void **state)
{
	PLACE(p)
	struct oci_cpu c = { .cpus = TEXT("4096-4099") };
	struct oci_kv kv = { TEXT("memory.nonsense"), TEXT("1") };
	struct oci_resources r = { .cpu = &c };
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/a", p->base),
		.id = "x",
		.resources = &r,
	};
	auto_cgroup cg = CGROUP_NONE;

	NEED(p, CGROUP_CPUSET | CGROUP_MEMORY);
	OK(cgroup_create(&args, &cg, &e));
	assert_true(cgroup_apply(&cg, &r, &e) < 0);
	assert_true(!strncmp(e.text, "linux.resources.cpu.cpus: ", 26));
	r = (struct oci_resources){ .unified = { 1, &kv } };
	assert_int_equal(cgroup_apply(&cg, &r, &e), -ENOENT);
	assert_non_null(strstr(e.text, "memory.nonsense"));
}

/* The first whole disk's number, of the test machine. */
static bool find_disk(struct oci_throttle_device *ret)
{
	char text[32];
	long long major, minor;

	if (fs_read_small(AT_FDCWD, "/sys/block/vda/dev", text, sizeof(text)) < 0 ||
	    sscanf(text, "%lld:%lld", &major, &minor) != 2)
		return false;
	*ret = (struct oci_throttle_device){ major, minor, 1048576 };
	return true;
}

static void io_is_limited(void **state)
{
	PLACE(p)
	struct oci_throttle_device disk, none;
	struct oci_block_io b = { 0 };
	const struct oci_resources r = { .block_io = &b };
	auto_cgroup cg = CGROUP_NONE;

	NEED(p, CGROUP_IO);
	if (!find_disk(&disk))
		skip_because("no disk whose requests could be limited");
	none = disk;
	none.rate = 0;
	b.throttle_read_bps_device = (struct oci_throttle_devices){ 1, &disk };
	b.throttle_write_iops_device = (struct oci_throttle_devices){ 1, &disk };
	below(p, "a/b", &cg);
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "io.max",
		     arena_printf(&p->a, "%d:%d rbps=1048576 wbps=max riops=max wiops=1048576",
				  (int)disk.major, (int)disk.minor));
	b.throttle_read_bps_device.v = b.throttle_write_iops_device.v = &none;
	OK(cgroup_apply(&cg, &r, &e));
	assert_value(&cg, "io.max", "");
}

static int eat(void *arg)
{
	char *m = mmap(NULL, 64 << 20, PROT_READ | PROT_WRITE,
		       MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	memset(m, 1, 64 << 20);
	return 0;
}

static void running_out_of_memory_is_noticed(void **state)
{
	PLACE(p)
	struct oci_memory m = { .limit = SET(8 << 20), .swap = SET(8 << 20) };
	const struct oci_resources r = { .memory = &m };
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/a", p->base),
		.id = "x",
		.resources = &r,
	};
	struct cgroup_events ev = CGROUP_EVENTS_NONE;
	struct cgroup_events_change c;
	struct cgroup_stats s;
	struct pollfd fd;
	auto_cgroup cg = CGROUP_NONE;
	uint64_t kills = 0;

	NEED(p, CGROUP_MEMORY);
	OK(cgroup_create(&args, &cg, &e));
	OK(cgroup_apply(&cg, &r, &e));
	OK(cgroup_events_open(&cg, &ev, &e));
	fd = (struct pollfd){ .fd = ev.fd, .events = POLLIN };
	assert_int_equal(status_of(run_in(&cg, eat, NULL)), 128 + SIGKILL);
	while (!kills) {
		assert_int_equal(poll(&fd, 1, 10000), 1);
		OK(cgroup_events_read(&ev, &c, &e));
		kills += c.oom_kill;
	}
	assert_int_equal(kills, 1);
	OK(cgroup_stats_read(&cg, &p->a, &s, &e));
	assert_int_equal(s.memory_events.oom_kill, 1);
	assert_int_equal(s.memory.limit, 8 << 20);
	assert_true(s.memory.failcnt > 0);
	assert_true(s.n_memory_stat > 10);
	assert_true(s.cpu.usage > 0);
	cgroup_events_close(&ev);
}

/* --- events ------------------------------------------------------------------------------ */

static void emptiness_and_removal_are_noticed(void **state)
{
	PLACE(p)
	struct cgroup_events ev = CGROUP_EVENTS_NONE;
	struct cgroup_events_change c;
	struct pollfd fd;
	auto_cgroup cg = CGROUP_NONE;
	bool emptied = false;
	pid_t pid;

	below(p, "a", &cg);
	pid = run_in(&cg, NULL, NULL);
	OK(cgroup_events_open(&cg, &ev, &e));
	fd = (struct pollfd){ .fd = ev.fd, .events = POLLIN };
	OK(cgroup_events_read(&ev, &c, &e));
	assert_false(c.emptied || c.removed || c.oom || c.oom_kill);
	kill(pid, SIGKILL);
	status_of(pid);
	while (!emptied) {
		assert_int_equal(poll(&fd, 1, 10000), 1);
		OK(cgroup_events_read(&ev, &c, &e));
		emptied = c.emptied;
	}
	OK(cgroup_remove(cg.path, 1, &e));
	OK(cgroup_events_read(&ev, &c, &e));
	assert_true(c.removed);
	assert_false(c.emptied);
	cgroup_events_close(&ev);
}

static void pressure_can_be_watched(void **state)
{
	PLACE(p)
	const struct cgroup_pressure_trigger t = { .stall_us = 100000,
						   .window_us = 2000000 };
	const struct cgroup_pressure_trigger bad = { .stall_us = 2,
						     .window_us = 1 };
	auto_fd fd = cgroup_pressure_open(&p->cg, CGROUP_PRESSURE_CPU, &t, &e);

	if (fd == -ENOTSUP)
		skip_because("the kernel has no pressure stall information");
	say(&e, fd);
	assert_true(fd >= 0);
	assert_int_equal(cgroup_pressure_open(&p->cg, CGROUP_PRESSURE_CPU, &bad, &e),
			 -EINVAL);
	assert_non_null(strstr(e.text, "cpu.pressure"));
}

/* --- devices ------------------------------------------------------------------------------ */

static int query(int cgroup, uint32_t ids[64])
{
	union bpf_attr attr = { 0 };

	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = (uintptr_t)ids;
	attr.query.prog_cnt = 64;
	if (syscall(SYS_bpf, BPF_PROG_QUERY, &attr, sizeof(attr)) < 0)
		return -errno;
	return (int)attr.query.prog_cnt;
}

/* Bit 0: /dev/null opens, bit 1: /dev/kmsg does. */
static int try_devices(void *arg)
{
	int null = open("/dev/null", O_RDWR), kmsg = open("/dev/kmsg", O_RDONLY);

	return (null >= 0) | (kmsg >= 0) << 1;
}

static void devices_are_refused_and_allowed_by_updates(void **state)
{
	PLACE(p)
	const struct oci_device_rule deny = { .allow = false };
	const struct oci_device_rule kmsg[] = {
		{ .allow = false },
		{ .allow = true, .type = TEXT("c"), .major = SET(1),
		  .minor = SET(11), .access = TEXT("r") },
	};
	const struct oci_device_rule all = { .allow = true };
	struct cgroup_devices_args args = { .rules = &deny, .n = 1,
					    .defaults = true };
	auto_cgroup cg = CGROUP_NONE;
	uint32_t ids[64], first;

	below(p, "a", &cg);
	if (status_of(run_in(&cg, try_devices, NULL)) != 3)
		skip_because("an outer device program is in the way");
	OK(cgroup_devices_apply(&cg, &args, false, &e));
	assert_int_equal(query(cg.fd, ids), 1);
	assert_int_equal(status_of(run_in(&cg, try_devices, NULL)), 1);

	args.rules = kmsg;
	args.n = 2;
	first = ids[0];
	for (int i = 0; i < 100; i++)
		OK(cgroup_devices_apply(&cg, &args, true, &e));
	assert_int_equal(query(cg.fd, ids), 1);
	assert_int_not_equal(ids[0], first);
	assert_int_equal(status_of(run_in(&cg, try_devices, NULL)), 3);

	args.rules = &deny;
	args.n = 1;
	args.defaults = false;
	OK(cgroup_devices_apply(&cg, &args, true, &e));
	assert_int_equal(status_of(run_in(&cg, try_devices, NULL)), 0);

	args.rules = &all;
	OK(cgroup_devices_apply(&cg, &args, true, &e));
	assert_int_equal(query(cg.fd, ids), 0);
	OK(cgroup_devices_apply(&cg, &args, false, &e));
	assert_int_equal(query(cg.fd, ids), 0);
}

static void programs_of_others_are_left_alone(void **state)
{
	PLACE(p)
	const struct bpf_insn allow[] = {
		{ .code = BPF_ALU64 | BPF_MOV | BPF_K, .imm = 1 },
		{ .code = BPF_JMP | BPF_EXIT },
	};
	const struct oci_device_rule deny = { .allow = false };
	const struct cgroup_devices_args args = { .rules = &deny, .n = 1 };
	union bpf_attr attr = { 0 };
	auto_cgroup cg = CGROUP_NONE;
	auto_fd prog = -EBADF;
	uint32_t ids[64];

	below(p, "a", &cg);
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = (uintptr_t)allow;
	attr.insn_cnt = 2;
	attr.license = (uintptr_t)"x";
	prog = (int)syscall(SYS_bpf, BPF_PROG_LOAD, &attr, sizeof(attr));
	if (prog < 0)
		skip_because("no device programs here");
	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cg.fd;
	attr.attach_bpf_fd = (uint32_t)prog;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	assert_int_equal(syscall(SYS_bpf, BPF_PROG_ATTACH, &attr, sizeof(attr)), 0);
	OK(cgroup_devices_apply(&cg, &args, true, &e));
	OK(cgroup_devices_apply(&cg, &args, true, &e));
	assert_int_equal(query(cg.fd, ids), 2);
	assert_int_equal(status_of(run_in(&cg, try_devices, NULL)), 0);
}

static void the_kernel_takes_any_program_that_rules_make(void **state)
{
	PLACE(p)
	enum { ROUNDS = 300, RULES = 40 };
	static const char *const types[] = { "a", "b", "c" };
	static const char *const access[] = { "rwm", "r", "w", "m", "rw", "wm" };
	uint64_t seed = 4711;
	auto_cgroup cg = CGROUP_NONE;

	below(p, "a", &cg);
	for (int round = 0; round < ROUNDS; round++) {
		struct oci_device_rule rules[RULES];
		const struct cgroup_devices_args args = {
			.rules = rules, .n = (size_t)round % RULES,
			.defaults = round % 2,
		};

		for (size_t i = 0; i < RULES; i++) {
			uint32_t x;

			seed = seed * 6364136223846793005u + 1442695040888963407u;
			x = (uint32_t)(seed >> 33);
			rules[i] = (struct oci_device_rule){
				.allow = x & 1,
				.type = TEXT(types[x / 2 % 3]),
				.access = TEXT(access[x / 8 % 6]),
				.major = SET((int64_t)(x / 64 % 4) - 1),
				.minor = SET((int64_t)(x / 256 % 4) - 1),
			};
		}
		OK(cgroup_devices_apply(&cg, &args, true, &e));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		LIVE(huge_pages_are_limited),
		LIVE(limits_go_up_and_down),
		LIVE(a_limit_that_the_kernel_refuses_is_named),
		LIVE(io_is_limited),
		LIVE(running_out_of_memory_is_noticed),
		LIVE(emptiness_and_removal_are_noticed),
		LIVE(pressure_can_be_watched),
		LIVE(devices_are_refused_and_allowed_by_updates),
		LIVE(programs_of_others_are_left_alone),
		LIVE(the_kernel_takes_any_program_that_rules_make),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
