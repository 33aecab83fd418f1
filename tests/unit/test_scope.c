/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/scope_internal.h"
#include "oci/spec.h"
#include "unit/dbus_fake.h"
#include "util/auto.h"

/* What a decoder would have put into an arena. */
#define TEXT(s) (char[]){ s }

/* --- names ------------------------------------------------------------------------ */

static void a_cgroups_path_names_a_unit_and_a_slice(void **state)
{
	static const struct {
		const char *path, *id;
		bool user;
		const char *unit, *slice;
	} cases[] = {
		{ NULL, "web", false, "berth-web.scope", "system.slice" },
		{ "", "web", false, "berth-web.scope", "system.slice" },
		{ NULL, "web", true, "berth-web.scope", "user.slice" },
		{ NULL, "a+b", false, "berth-a\\x2bb.scope", "system.slice" },
		{ "machine.slice:libpod:0123", "x", false, "libpod-0123.scope",
		  "machine.slice" },
		{ ":libpod:0123", "x", false, "libpod-0123.scope", "system.slice" },
		{ ":libpod:0123", "x", true, "libpod-0123.scope", "user.slice" },
		{ "a-b.slice::name", "x", false, "-name.scope", "a-b.slice" },
		{ "a.slice:p:", "id", false, "p-id.scope", "a.slice" },
		{ "-.slice:p:n", "x", false, "p-n.scope", "-.slice" },
		{ "kubepods-besteffort-podd1_2.slice:cri-containerd:ab", "x", false,
		  "cri-containerd-ab.scope", "kubepods-besteffort-podd1_2.slice" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		struct scope_names n = { 0 };
		struct err e = { 0 };

		if (scope_names(cases[i].path, cases[i].id, cases[i].user, &a, &n, &e))
			fail_msg("%s: %s", cases[i].path, e.text);
		assert_string_equal(n.unit, cases[i].unit);
		assert_string_equal(n.slice, cases[i].slice);
	}
}

static void what_is_no_name_is_refused_in_words(void **state)
{
	static const struct { const char *path, *text; } cases[] = {
		{ "/a/b", "not of the form slice:prefix:name" },
		{ "a", "not of the form slice:prefix:name" },
		{ "a.slice:b", "not of the form slice:prefix:name" },
		{ "a.slice:b:c:d", "not of the form slice:prefix:name" },
		{ "a:b:c", "no name of a slice" },
		{ ".slice:b:c", "no name of a slice" },
		{ "a--b.slice:b:c", "no name of a slice" },
		{ "-a.slice:b:c", "no name of a slice" },
		{ "a-.slice:b:c", "no name of a slice" },
		{ "a/b.slice:b:c", "no name of a slice" },
		{ "../a.slice:b:c", "no name of a slice" },
		{ "a.scope:b:c", "no name of a slice" },
		{ "a.slice:b:c/d", "no name of a unit" },
		{ "a.slice:b:../../x", "no name of a unit" },
		{ "a.slice:b c:d", "no name of a unit" },
		{ "a.slice:b:c\nd", "no name of a unit" },
		{ "a.slice:b:c.slice", "is a slice, which cannot hold processes" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		struct scope_names n = { 0 };
		struct err e = { 0 };

		assert_int_equal(scope_names(cases[i].path, "id", false, &a, &n, &e),
				 -EINVAL);
		if (!strstr(e.text, cases[i].text))
			fail_msg("%s: %s", cases[i].path, e.text);
		assert_null(n.unit);
	}
}

static void a_name_of_any_length_is_a_unit_or_refused(void **state)
{
	for (size_t len = 200; len < 600; len++) {
		auto_arena a = { 0 };
		struct scope_names n;
		struct err e = { 0 };
		char path[700];
		int r;

		snprintf(path, sizeof(path), "a.slice:p:%0*d", (int)len, 1);
		r = scope_names(path, "id", false, &a, &n, &e);
		assert_int_equal(r, 2 + len + 6 <= 255 ? 0 : -EINVAL);
	}
}

static void a_slice_lies_in_those_that_its_name_begins_with(void **state)
{
	static const struct { const char *slice, *path; } cases[] = {
		{ "-.slice", "" },
		{ "system.slice", "/system.slice" },
		{ "a-b-c.slice", "/a.slice/a-b.slice/a-b-c.slice" },
		{ "a_b-c.slice", "/a_b.slice/a_b-c.slice" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		const char *path;

		assert_int_equal(scope_slice_path(cases[i].slice, &a, &path, NULL), 0);
		assert_string_equal(path, cases[i].path);
	}
}

/* --- properties -------------------------------------------------------------------- */

/* The array as text: "MemoryMax t 5; PIDs au 1 2;" */
static void show(const struct buf *in, size_t at, char *out, size_t size)
{
	struct dbus_reader r = { .bytes = (const uint8_t *)in->data, .len = in->len,
				 .at = at };
	size_t used = 0;

#define SHOW(...) (used += (size_t)snprintf(out + used, size - used, __VA_ARGS__))
	out[0] = '\0';
	while (r.at < r.len) {
		const char *name, *type, *s;
		uint32_t n = 0, left = 1;
		bool array;
		size_t end;

		r.at = (r.at + 7) & ~7u;
		assert_int_equal(dbus_get_str(&r, &name), 0);
		assert_int_equal(dbus_get_signature(&r, &type), 0);
		SHOW("%s %s", name, type);
		array = *type == 'a';
		if (array) {
			assert_int_equal(dbus_get_u32(&r, &left), 0);
			type++;
			if (strchr("txd(", *type))
				r.at = (r.at + 7) & ~7u;
		}
		end = r.at + left;
		while (array ? r.at < end : left--) {
			uint64_t v64;
			double d;
			uint16_t v16;

			switch (*type) {
			case 's':
			case '(':
				if (*type == '(')
					r.at = (r.at + 7) & ~7u;
				assert_int_equal(dbus_get_str(&r, &s), 0);
				SHOW(" '%s'", s);
				if (*type != '(')
					break;
				/* fall through */
			case 't':
			case 'x':
			case 'd':
				r.at = (r.at + 7) & ~7u;
				assert_true(r.at + 8 <= r.len);
				memcpy(&v64, r.bytes + r.at, 8);
				memcpy(&d, &v64, 8);
				r.at += 8;
				if (*type == 'd')
					SHOW(" %g", d);
				else if (v64 == UINT64_MAX)
					SHOW(" max");
				else
					SHOW(" %lld", (long long)v64);
				break;
			case 'y':
				SHOW(" %02x", r.bytes[r.at++]);
				break;
			case 'n':
			case 'q':
				r.at = (r.at + 1) & ~1u;
				memcpy(&v16, r.bytes + r.at, 2);
				r.at += 2;
				SHOW(" %d", *type == 'q' ? v16 : (int16_t)v16);
				break;
			default:
				assert_int_equal(dbus_get_u32(&r, &n), 0);
				SHOW(" %d", (int)n);
			}
		}
		SHOW("; ");
	}
	if (used >= 2)
		out[used - 2] = '\0';
#undef SHOW
}

static void properties_of(const struct oci_resources *r,
			  const struct scope_now *now, char *out, size_t size)
{
	auto_buf b = { 0 };
	struct dbus_writer w = { .out = &b };
	struct properties p = { .w = &w };

	properties_limits(&p, r, now);
	show(&b, 0, out, size);
}

#define I64(x) { true, x }
#define U64(x) { true, x }

static void limits_become_the_properties_that_other_runtimes_send(void **state)
{
	struct oci_kv unified[] = {
		{ TEXT("memory.high"), TEXT("1000") }, { TEXT("memory.max"), TEXT(" 2000\n") },
		{ TEXT("memory.min"), TEXT("max") },   { TEXT("cpu.max"), TEXT("50000 100000") },
		{ TEXT("cpuset.cpus"), TEXT("1,3") },  { TEXT("io.weight"), TEXT("default 200") },
		{ TEXT("pids.max"), TEXT("max") },	   { TEXT("hugetlb.2MB.max"), TEXT("1") },
		{ TEXT("memory.low"), TEXT("x") },
	};
	struct oci_kv quotas[] = { { TEXT("cpu.max"), TEXT("max") } };
	struct oci_kv idle[] = { { TEXT("cpu.weight"), TEXT("50") }, { TEXT("cpu.idle"), TEXT("1") } };
	struct oci_throttle_device throttle[] = { { 8, 0, 1000 }, { 8, 16, 0 } };
	struct oci_weight_device weights[] = {
		{ 8, 0, { true, 500 }, { false, 0 } }
	};
	const struct {
		const char *name;
		struct oci_memory memory;
		struct oci_cpu cpu;
		struct oci_pids pids;
		struct oci_block_io io;
		struct oci_map unified;
		bool bfq;
		const char *want;
	} cases[] = {
		{ "nothing", .want = "" },
		{ "memory", { .limit = I64(1000), .reservation = I64(500) },
		  .want = "MemoryMax t 1000; MemoryLow t 500" },
		{ "swap is what is above memory",
		  { .limit = I64(1000), .swap = I64(1500) },
		  .want = "MemoryMax t 1000; MemorySwapMax t 500" },
		{ "no swap at all", { .limit = I64(1000), .swap = I64(1000) },
		  .want = "MemoryMax t 1000; MemorySwapMax t 0" },
		{ "unlimited swap", { .limit = I64(1000), .swap = I64(-1) },
		  .want = "MemoryMax t 1000; MemorySwapMax t max" },
		{ "unlimited memory", { .limit = I64(-1) },
		  .want = "MemoryMax t max; MemorySwapMax t max" },
		{ "zeros are unset", { .limit = I64(0), .swap = I64(0) }, .want = "" },
		{ "shares", .cpu = { .shares = U64(1024) }, .want = "CPUWeight t 100" },
		{ "zero shares", .cpu = { .shares = U64(0) }, .want = "" },
		{ "idle", .cpu = { .shares = U64(1024), .idle = I64(1) },
		  .want = "CPUWeight t 0" },
		{ "quota and period",
		  .cpu = { .quota = I64(50000), .period = U64(100000) },
		  .want = "CPUQuotaPeriodUSec t 100000; CPUQuotaPerSecUSec t 500000" },
		{ "quota alone", .cpu = { .quota = I64(50000) },
		  .want = "CPUQuotaPeriodUSec t 100000; CPUQuotaPerSecUSec t 500000" },
		{ "a fraction of a percent is rounded up",
		  .cpu = { .quota = I64(25500), .period = U64(100000) },
		  .want = "CPUQuotaPeriodUSec t 100000; CPUQuotaPerSecUSec t 260000" },
		{ "no quota", .cpu = { .quota = I64(-1) },
		  .want = "CPUQuotaPeriodUSec t 100000; CPUQuotaPerSecUSec t max" },
		{ "period alone", .cpu = { .period = U64(50000) },
		  .want = "CPUQuotaPeriodUSec t 50000; CPUQuotaPerSecUSec t max" },
		{ "a quota that no machine has", .cpu = { .quota = I64(INT64_MAX) },
		  .want = "CPUQuotaPeriodUSec t 100000; CPUQuotaPerSecUSec t max" },
		{ "sets", .cpu = { .cpus = TEXT("0-2,9"), .mems = TEXT("0") },
		  .want = "AllowedCPUs ay 07 02; AllowedMemoryNodes ay 01" },
		{ "a set that only the kernel knows",
		  .cpu = { .cpus = TEXT("0-7:2/4") }, .want = "" },
		{ "tasks", .pids = { I64(20) }, .want = "TasksMax t 20" },
		{ "unlimited tasks", .pids = { I64(-1) }, .want = "TasksMax t max" },
		{ "no tasks", .pids = { I64(0) }, .want = "TasksMax t 1" },
		{ "weight", .io = { .weight = { true, 1000 } },
		  .want = "IOWeight t 10000" },
		{ "weight of BFQ", .io = { .weight = { true, 500 } }, .bfq = true,
		  .want = "IOWeight t 4500" },
		{ "devices",
		  .io = { .weight_device = { 1, weights },
			  .throttle_read_bps_device = { 2, throttle },
			  .throttle_write_iops_device = { 1, throttle } },
		  .want = "IODeviceWeight a(st) '/dev/block/8:0' 4950; "
			  "IOReadBandwidthMax a(st) '/dev/block/8:0' 1000; "
			  "IOReadBandwidthMax a(st) '/dev/block/8:16' max; "
			  "IOWriteIOPSMax a(st) '/dev/block/8:0' 1000" },
		{ "unified comes last, and knows what it can",
		  { .limit = I64(1000) }, .unified = { ARRAY_LEN(unified), unified },
		  .want = "MemoryMax t 1000; MemoryHigh t 1000; MemoryMax t 2000; "
			  "MemoryMin t max; CPUQuotaPeriodUSec t 100000; "
			  "CPUQuotaPerSecUSec t 500000; AllowedCPUs ay 0a; "
			  "IOWeight t 200; TasksMax t max" },
		{ "cpu.max without a period", .unified = { 1, quotas },
		  .want = "CPUQuotaPeriodUSec t 100000; CPUQuotaPerSecUSec t max" },
		{ "cpu.idle", .unified = { 2, idle },
		  .want = "CPUWeight t 50; CPUWeight t 0" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct oci_memory m = cases[i].memory;
		struct oci_cpu c = cases[i].cpu;
		struct oci_pids p = cases[i].pids;
		struct oci_block_io io = cases[i].io;
		struct oci_resources r = { .memory = &m, .cpu = &c, .pids = &p,
					   .block_io = &io,
					   .unified = cases[i].unified };
		struct scope_now now = SCOPE_NOW_NEW;
		char got[1024];

		now.bfq = cases[i].bfq;
		properties_of(&r, &now, got, sizeof(got));
		if (strcmp(got, cases[i].want) != 0)
			fail_msg("%s:\n%s\n%s", cases[i].name, got, cases[i].want);
	}
}

/* An update of one half goes with what the other half is. */
static void an_update_counts_from_what_there_is(void **state)
{
	struct oci_memory m = { .swap = I64(5000) };
	struct oci_cpu c = { .quota = I64(10000) };
	struct oci_resources r = { .memory = &m, .cpu = &c };
	struct scope_now now = { .memory = 3000, .quota = 500, .period = 20000 };
	char got[512];

	properties_of(&r, &now, got, sizeof(got));
	assert_string_equal(got, "MemorySwapMax t 2000; CPUQuotaPeriodUSec t 20000; "
				 "CPUQuotaPerSecUSec t 500000");
	c = (struct oci_cpu){ .period = U64(1000) };
	properties_of(&r, &now, got, sizeof(got));
	assert_string_equal(got, "MemorySwapMax t 2000; CPUQuotaPeriodUSec t 1000; "
				 "CPUQuotaPerSecUSec t 500000");
	now.memory = UINT64_MAX; /* the kernel's file will refuse that */
	m.swap.v = 1;
	r.cpu = NULL;
	properties_of(&r, &now, got, sizeof(got));
	assert_string_equal(got, "");
}

/* systemd makes BFQ's weight of its own by these lines. */
static void every_weight_of_bfq_survives_the_way_through_systemd(void **state)
{
	for (uint64_t w = 1; w <= 1000; w++) {
		uint64_t io = scope_bfq_weight(w);
		uint64_t back = io <= 100 ? io : 100 + (io - 100) * 900 / 9900;

		assert_true(io >= 1 && io <= 10000);
		assert_int_equal(back, w);
	}
}

static void sets_of_processors_are_bits(void **state)
{
	static const struct { const char *list; ssize_t len; const char *hex; } cases[] = {
		{ "0", 1, "01" },	 { "7", 1, "80" },
		{ "8", 2, "0001" },	 { "0-15", 2, "ffff" },
		{ "3,1,2", 1, "0e" },	 { "5-5", 1, "20" },
		{ "8191", 1024, NULL },	 { "8192", -EINVAL, NULL },
		{ "", -EINVAL, NULL },	 { ",", -EINVAL, NULL },
		{ "1,", -EINVAL, NULL }, { "1,,2", -EINVAL, NULL },
		{ "2-1", -EINVAL, NULL }, { "1-", -EINVAL, NULL },
		{ "-1", -EINVAL, NULL }, { "1-2-3", -EINVAL, NULL },
		{ "a", -EINVAL, NULL },	 { "0-99999999999", -EINVAL, NULL },
		{ "1 ", -EINVAL, NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_mem uint8_t *bits = NULL;
		ssize_t n = scope_cpus(cases[i].list, &bits);
		char hex[8] = "";

		assert_int_equal(n, cases[i].len);
		for (ssize_t k = 0; cases[i].hex && k < n; k++)
			snprintf(hex + 2 * k, 3, "%02x", bits[k]);
		if (cases[i].hex)
			assert_string_equal(hex, cases[i].hex);
	}
}

/* --- annotations --------------------------------------------------------------------- */

static int annotate(const char *key, const char *value, char *out, size_t size,
		    struct err *e)
{
	auto_arena a = { 0 };
	struct oci_kv kv = { arena_strdup(&a, key), arena_strdup(&a, value) };
	struct oci_map m = { 1, &kv };
	auto_buf b = { 0 };
	struct dbus_writer w = { .out = &b };
	struct properties p = { .w = &w, .e = e };
	int r = properties_annotations(&p, &m);

	out[0] = '\0';
	if (r == 0 && b.len)
		show(&b, 0, out, size);
	return r;
}

#define PROPERTY "org.systemd.property."

static void an_annotation_sets_a_property(void **state)
{
	static const struct { const char *key, *value, *want; } cases[] = {
		{ PROPERTY "Foo", "true", "Foo b 1" },
		{ PROPERTY "Foo", "false", "Foo b 0" },
		{ PROPERTY "KillMode", "'mixed'", "KillMode s 'mixed'" },
		{ PROPERTY "KillMode", "\"it's\"", "KillMode s 'it's'" },
		{ PROPERTY "KillMode", "'a\\'b\\\\'", "KillMode s 'a'b\\'" },
		{ PROPERTY "KillMode", "''", "KillMode s ''" },
		{ PROPERTY "Foo", "5", "Foo i 5" },
		{ PROPERTY "Foo", " -5 ", "Foo i -5" },
		{ PROPERTY "Foo", "int32 -2147483648", "Foo i -2147483648" },
		{ PROPERTY "Foo", "uint32 7", "Foo u 7" },
		{ PROPERTY "Foo", "uint64 18446744073709551615", "Foo t max" },
		{ PROPERTY "Foo", "int64 -9223372036854775808",
		  "Foo x -9223372036854775808" },
		{ PROPERTY "Foo", "@t 7", "Foo t 7" },
		{ PROPERTY "Foo", "byte 255", "Foo y ff" },
		{ PROPERTY "Foo", "int16 -3", "Foo n -3" },
		{ PROPERTY "Foo", "1.5", "Foo d 1.5" },
		{ PROPERTY "Foo", "double 2", "Foo d 2" },
		{ PROPERTY "After", "['a.service', 'b']", "After as 'a.service' 'b'" },
		{ PROPERTY "After", "@as []", "After as" },
		{ PROPERTY "Foo", "[uint64 1, 2]", "Foo at 1 2" },
		{ PROPERTY "Foo", "@ay [1, 2]", "Foo ay 01 02" },
		{ PROPERTY "TimeoutStopSec", "90", "TimeoutStopUSec t 90000000" },
		{ PROPERTY "TimeoutStopSec", "uint64 5", "TimeoutStopUSec t 5000000" },
		{ PROPERTY "TimeoutStopSec", "1.5", "TimeoutStopUSec t 1500000" },
		{ PROPERTY "TimeoutStopUSec", "uint64 5", "TimeoutStopUSec t 5" },
		{ "org.example.Foo", "((", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		char got[256];

		if (annotate(cases[i].key, cases[i].value, got, sizeof(got), &e) < 0)
			fail_msg("%s: %s", cases[i].value, e.text);
		assert_string_equal(got, cases[i].want);
	}
}

static void an_annotation_that_makes_no_sense_is_refused(void **state)
{
	static const struct { const char *key, *value; } cases[] = {
		{ PROPERTY "Fo", "true" },	 { PROPERTY "", "true" },
		{ PROPERTY "Foo-Bar", "true" },	 { PROPERTY "F o", "true" },
		{ PROPERTY "Foo1", "true" },	 { PROPERTY "Foo", "" },
		{ PROPERTY "Foo", "yes" },	 { PROPERTY "Foo", "truex" },
		{ PROPERTY "Foo", "true false" }, { PROPERTY "Foo", "'a" },
		{ PROPERTY "Foo", "'a\\" },	 { PROPERTY "Foo", "'a' 'b'" },
		{ PROPERTY "Foo", "2147483648" }, { PROPERTY "Foo", "uint32 -1" },
		{ PROPERTY "Foo", "uint64" },	 { PROPERTY "Foo", "byte 256" },
		{ PROPERTY "Foo", "uint64 1x" }, { PROPERTY "Foo", "int16 32768" },
		{ PROPERTY "Foo", "[" },	 { PROPERTY "Foo", "[]" },
		{ PROPERTY "Foo", "['a'" },	 { PROPERTY "Foo", "['a',]" },
		{ PROPERTY "Foo", "['a', 5]" },	 { PROPERTY "Foo", "[['a']]" },
		{ PROPERTY "Foo", "@as" },	 { PROPERTY "Foo", "@as 'a'" },
		{ PROPERTY "Foo", "@s ['a']" },	 { PROPERTY "Foo", "@v 5" },
		{ PROPERTY "Foo", "@s 5" },	 { PROPERTY "Foo", "@" },
		{ PROPERTY "Foo", "@a" },	 { PROPERTY "Foo", "double inf" },
		{ PROPERTY "Foo", "double nan" }, { PROPERTY "Foo", "1.2.3" },
		{ PROPERTY "FooSec", "'5'" },	 { PROPERTY "FooSec", "-5" },
		{ PROPERTY "FooSec", "uint64 18446744073709551615" },
		{ PROPERTY "FooSec", "1e300" },	 { PROPERTY "FooSec", "true" },
		{ PROPERTY "FooSec", "[1]" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = { 0 };
		char got[256];

		if (annotate(cases[i].key, cases[i].value, got, sizeof(got), &e) !=
		    -EINVAL)
			fail_msg("%s=%s was taken: %s", cases[i].key,
				 cases[i].value, got);
		assert_non_null(strstr(e.text, "annotation org.systemd.property."));
	}
}

/* --- starting, with somebody who plays systemd ---------------------------------------- */

#define SYSTEMD_SOCKET "systemd/private"
#define SYSTEMD "org.freedesktop.systemd1"

static void job_removed(int fd, const char *job, const char *result)
{
	static const uint32_t id = 5;
	const char *const strings[] = { job, "x.scope", result, NULL };

	fake_send(fd, &(struct fake_message){
			      .type = DBUS_SIGNAL, .interface = SYSTEMD ".Manager",
			      .path = "/org/freedesktop/systemd1",
			      .member = "JobRemoved", .signature = "uoss",
			      .first = &id, .strings = strings });
}

static void answer(int fd, const struct dbus_message *m, const char *type,
		   const char *text)
{
	const char *const strings[] = { text, NULL };

	fake_send(fd, &(struct fake_message){ .type = DBUS_RETURN,
					      .reply_serial = m->serial,
					      .signature = type, .strings = strings });
}

static void answer_error(int fd, const struct dbus_message *m, const char *name,
			 const char *text)
{
	const char *const strings[] = { text, NULL };

	fake_send(fd, &(struct fake_message){ .type = DBUS_ERROR, .error = name,
					      .reply_serial = m->serial,
					      .signature = "s", .strings = strings });
}

static uint8_t call_bytes[DBUS_MESSAGE_MAX];

static struct dbus_message expect_call(int fd, const char *member)
{
	struct dbus_message m = fake_call(fd, call_bytes);

	if (strcmp(m.member, member) != 0)
		_exit(1);
	return m;
}

static bool mentions(const struct dbus_message *m, const char *name)
{
	return memmem(m->body, m->body_len, name, strlen(name));
}

static void starts(int fd)
{
	struct dbus_message m;

	fake_let_in(fd);
	m = expect_call(fd, "StartTransientUnit");
	if (strcmp(m.signature, "ssa(sv)a(sa(sv))") != 0 ||
	    !mentions(&m, "berth-web.scope") || !mentions(&m, "Delegate") ||
	    !mentions(&m, "inactive-or-failed"))
		_exit(1);
	answer(fd, &m, "o", "/job/7");
	job_removed(fd, "/job/6", "failed");
	job_removed(fd, "/job/77", "failed");
	job_removed(fd, "/job/7", "done");
	sleep(5);
}

static void fails_the_job(int fd)
{
	struct dbus_message m;

	fake_let_in(fd);
	m = expect_call(fd, "StartTransientUnit");
	answer(fd, &m, "o", "/job/7");
	job_removed(fd, "/job/7", "failed");
	sleep(5);
}

static void has_it_for_ever(int fd)
{
	fake_let_in(fd);
	for (;;) {
		struct dbus_message m = fake_call(fd, call_bytes);

		if (strcmp(m.member, "StartTransientUnit") == 0)
			answer_error(fd, &m, SYSTEMD ".UnitExists",
				     "Unit berth-web.scope already exists.");
		else
			answer_error(fd, &m, SYSTEMD ".NoSuchUnit", "none");
	}
}

static void has_one_that_failed(int fd)
{
	struct dbus_message m;

	fake_let_in(fd);
	m = expect_call(fd, "StartTransientUnit");
	answer_error(fd, &m, SYSTEMD ".UnitExists", "exists");
	m = expect_call(fd, "ResetFailedUnit");
	answer(fd, &m, NULL, NULL);
	m = expect_call(fd, "StartTransientUnit");
	answer(fd, &m, "o", "/job/1");
	job_removed(fd, "/job/1", "done");
	sleep(5);
}

/* Older than two of the properties. */
static void is_old(int fd)
{
	struct dbus_message m;

	fake_let_in(fd);
	m = expect_call(fd, "StartTransientUnit");
	if (!mentions(&m, "AllowedCPUs") || !mentions(&m, "CollectMode"))
		_exit(1);
	answer_error(fd, &m, "org.freedesktop.DBus.Error.PropertyReadOnly",
		     "Cannot set property AllowedCPUs, or unknown property.");
	m = expect_call(fd, "StartTransientUnit");
	if (mentions(&m, "AllowedCPUs") || !mentions(&m, "CollectMode"))
		_exit(1);
	answer_error(fd, &m, "org.freedesktop.DBus.Error.PropertyReadOnly",
		     "Cannot set property CollectMode, or unknown property.");
	m = expect_call(fd, "StartTransientUnit");
	if (mentions(&m, "AllowedCPUs") || mentions(&m, "CollectMode") ||
	    !mentions(&m, "Delegate"))
		_exit(1);
	answer(fd, &m, "o", "/job/1");
	job_removed(fd, "/job/1", "done");
	sleep(5);
}

/* Says the same of a property that was left out already, and so for ever. */
static void is_stubborn(int fd)
{
	fake_let_in(fd);
	for (;;) {
		struct dbus_message m = expect_call(fd, "StartTransientUnit");

		answer_error(fd, &m, "org.freedesktop.DBus.Error.PropertyReadOnly",
			     "Cannot set property AllowedCPUs, or unknown property.");
	}
}

static void refuses(int fd)
{
	struct dbus_message m;

	fake_let_in(fd);
	m = expect_call(fd, "StartTransientUnit");
	answer_error(fd, &m, "org.freedesktop.DBus.Error.AccessDenied",
		     "Interactive authentication\nrequired.");
	sleep(5);
}

static void answers_nonsense(int fd)
{
	struct dbus_message m;

	fake_let_in(fd);
	m = expect_call(fd, "StartTransientUnit");
	answer(fd, &m, "s", "/job/7");
	sleep(5);
}

static void goes_away(int fd)
{
	struct dbus_message m;

	fake_let_in(fd);
	m = expect_call(fd, "StartTransientUnit");
	answer(fd, &m, "o", "/job/7");
}

struct started { struct ev ev; int calls, r; struct err e; };

static void on_scope(void *user, int r, struct err *e)
{
	struct started *s = user;

	s->calls++;
	s->r = r;
	if (r < 0)
		s->e = *e;
	ev_stop(&s->ev);
}

static struct oci_cpu some_cpus = { .cpus = TEXT("0") };
static struct oci_resources some_resources = { .cpu = &some_cpus };

static int start(struct started *s)
{
	const struct scope_args args = {
		.names = { "berth-web.scope", "system.slice" },
		.description = "berth container web", .user = true,
		.resources = &some_resources, .pid = 4711,
	};
	struct scope scope;
	int r;

	memset(s, 0, sizeof(*s));
	ev_init(&s->ev);
	r = scope_start(&scope, &s->ev, &args, on_scope, s, &s->e);
	if (r == 0) {
		assert_int_equal(ev_run(&s->ev, NULL), 0);
		assert_int_equal(s->calls, 1);
		r = s->r;
	}
	ev_done(&s->ev);
	return r;
}

static void a_scope_starts_or_says_why_not(void **state)
{
	static const struct {
		void (*script)(int fd);
		int r;
		const char *text;
	} cases[] = {
		{ starts, 0, "" },
		{ has_one_that_failed, 0, "" },
		{ is_old, 0, "" },
		{ fails_the_job, -EIO, "the job ended with \"failed\"" },
		{ has_it_for_ever, -EEXIST, "has a unit berth-web.scope already" },
		{ is_stubborn, -EIO, "Cannot set property AllowedCPUs" },
		{ refuses, -EIO, "does not start berth-web.scope: Interactive" },
		{ answers_nonsense, -EPROTO, "unexpected answer" },
		{ goes_away, -ECONNRESET, "start berth-web.scope: " },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		pid_t pid = fake_start(SYSTEMD_SOCKET, cases[i].script);
		struct started s;
		int r = start(&s);

		fake_stop(pid);
		if (r != cases[i].r || !strstr(s.e.text, cases[i].text))
			fail_msg("case %zu: %d, %s", i, r, s.e.text);
	}
}

static void without_systemd_nothing_is_started(void **state)
{
	struct started s;

	unlink(SYSTEMD_SOCKET);
	assert_int_equal(start(&s), -ENOENT);
	assert_non_null(strstr(s.e.text, "no systemd of this user answers"));
}

/* The bus is found where the environment says when the direct way is closed. */
static void bus_starts(int fd)
{
	struct dbus_message m;

	fake_let_in(fd);
	m = expect_call(fd, "Hello");
	answer(fd, &m, "s", ":1.5");
	m = expect_call(fd, "AddMatch");
	answer(fd, &m, NULL, NULL);
	m = expect_call(fd, "Subscribe");
	answer(fd, &m, NULL, NULL);
	m = expect_call(fd, "StartTransientUnit");
	answer(fd, &m, "o", "/job/7");
	job_removed(fd, "/job/7", "done");
	sleep(5);
}

static void a_bus_does_as_well(void **state)
{
	struct started s;
	pid_t pid = fake_start("bus", bus_starts);

	unlink(SYSTEMD_SOCKET);
	assert_int_equal(start(&s), 0);
	fake_stop(pid);
	pid = fake_start("elsewhere", bus_starts);
	setenv("DBUS_SESSION_BUS_ADDRESS", "unix:path=elsewhere", 1);
	assert_int_equal(start(&s), 0);
	unsetenv("DBUS_SESSION_BUS_ADDRESS");
	fake_stop(pid);
	unlink("bus");
	unlink("elsewhere");
}

static void annotations_are_looked_at_before_anything_is_asked(void **state)
{
	struct oci_kv kv = { TEXT("org.systemd.property.Foo"), TEXT("?") };
	struct oci_map m = { 1, &kv };
	struct scope_args args = { .annotations = &m };
	struct err e = { 0 };

	assert_int_equal(scope_check(&args, &e), -EINVAL);
	kv.value = TEXT("true");
	assert_int_equal(scope_check(&args, &e), 0);
}

/* --- stopping ----------------------------------------------------------------------------- */

static void knows_nothing(int fd)
{
	fake_let_in(fd);
	for (;;) {
		struct dbus_message m = fake_call(fd, call_bytes);

		answer_error(fd, &m, SYSTEMD ".NoSuchUnit", "Unit not loaded.");
	}
}

static void describe(int fd, const char *description)
{
	static const uint8_t variant[] = { 1, 's', 0, 0 };
	struct buf out = { 0 };
	struct dbus_writer w = { .out = &out };
	struct dbus_message m;

	fake_let_in(fd);
	m = expect_call(fd, "GetUnit");
	answer(fd, &m, "o", "/unit/1");
	m = expect_call(fd, "Get");
	if (strcmp(m.path, "/unit/1") != 0)
		_exit(1);
	fake_build(&out, &(struct fake_message){ .type = DBUS_RETURN, .signature = "v",
						 .reply_serial = m.serial });
	w.body = out.len;
	buf_put(&out, variant, sizeof(variant));
	dbus_put_str(&w, description);
	dbus_end(&w);
	fake_write(fd, out.data, out.len);
	buf_done(&out);
}

static void has_another_one(int fd)
{
	describe(fd, "berth container web of yesterday");
	expect_call(fd, "none follows");
}

static void stops(int fd)
{
	struct dbus_message m;

	describe(fd, "mine");
	m = expect_call(fd, "StopUnit");
	answer(fd, &m, "o", "/job/3");
	job_removed(fd, "/job/3", "done");
	m = expect_call(fd, "ResetFailedUnit");
	answer_error(fd, &m, SYSTEMD ".NoSuchUnit", "Unit not loaded.");
	sleep(5);
}

static void stops_nothing(int fd)
{
	struct dbus_message m;

	describe(fd, "mine");
	m = expect_call(fd, "StopUnit");
	answer_error(fd, &m, "org.freedesktop.DBus.Error.AccessDenied", "no");
	sleep(5);
}

static void a_scope_is_stopped_if_it_is_the_right_one(void **state)
{
	static const struct {
		void (*script)(int fd);
		const char *description;
		int r;
	} cases[] = {
		{ knows_nothing, "mine", 0 },
		{ knows_nothing, NULL, 0 },
		{ has_another_one, "mine", 0 },
		{ stops, "mine", 0 },
		{ stops_nothing, "mine", -EIO },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		pid_t pid = fake_start(SYSTEMD_SOCKET, cases[i].script);
		struct err e = { 0 };
		int r = scope_stop(true, "berth-web.scope", cases[i].description, &e);

		fake_stop(pid);
		if (r != cases[i].r)
			fail_msg("case %zu: %d, %s", i, r, e.text);
	}
	assert_int_equal(scope_stop(true, "x.scope", "mine", NULL), -ENOENT);
}

static int own_directory(void **state)
{
	char dir[] = "/tmp/berth-scope.XXXXXX";

	unsetenv("DBUS_SESSION_BUS_ADDRESS");
	return mkdtemp(dir) && chdir(dir) == 0 && mkdir("systemd", 0700) == 0 ?
		       setenv("XDG_RUNTIME_DIR", ".", 1) : -1;
}

static int no_directory(void **state)
{
	char dir[4096];

	unlink(SYSTEMD_SOCKET);
	return rmdir("systemd") == 0 && getcwd(dir, sizeof(dir)) && chdir("/") == 0 ?
		       rmdir(dir) : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_cgroups_path_names_a_unit_and_a_slice),
		cmocka_unit_test(what_is_no_name_is_refused_in_words),
		cmocka_unit_test(a_name_of_any_length_is_a_unit_or_refused),
		cmocka_unit_test(a_slice_lies_in_those_that_its_name_begins_with),
		cmocka_unit_test(limits_become_the_properties_that_other_runtimes_send),
		cmocka_unit_test(an_update_counts_from_what_there_is),
		cmocka_unit_test(every_weight_of_bfq_survives_the_way_through_systemd),
		cmocka_unit_test(sets_of_processors_are_bits),
		cmocka_unit_test(an_annotation_sets_a_property),
		cmocka_unit_test(an_annotation_that_makes_no_sense_is_refused),
		cmocka_unit_test(a_scope_starts_or_says_why_not),
		cmocka_unit_test(without_systemd_nothing_is_started),
		cmocka_unit_test(a_bus_does_as_well),
		cmocka_unit_test(annotations_are_looked_at_before_anything_is_asked),
		cmocka_unit_test(a_scope_is_stopped_if_it_is_the_right_one),
	};

	return cmocka_run_group_tests(tests, own_directory, no_directory);
}
