/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "oci/decode.h"
#include "oci/tables.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/buf.h"

/* Every property of the specification, none with a zero value. */
static const char everything[] =
	"{\"ociVersion\":\"1.3.0\",\"process\":{\"terminal\":true,"
	"\"consoleSize\":{\"height\":24,\"width\":80},\"user\":{\"uid\":1,"
	"\"gid\":2,\"umask\":18,\"additionalGids\":[3,4],\"username\":\"u\"},"
	"\"args\":[\"sh\",\"-c\"],\"env\":[\"A=b\"],\"commandLine\":\"x\","
	"\"cwd\":\"/\",\"capabilities\":{\"bounding\":[\"CAP_KILL\"],"
	"\"effective\":[\"CAP_KILL\"],\"inheritable\":[\"CAP_KILL\"],"
	"\"permitted\":[\"CAP_KILL\"],\"ambient\":[\"CAP_KILL\"]},"
	"\"rlimits\":[{\"type\":\"RLIMIT_NOFILE\",\"soft\":1,"
	"\"hard\":18446744073709551615}],\"noNewPrivileges\":true,"
	"\"apparmorProfile\":\"a\",\"selinuxLabel\":\"s\",\"oomScoreAdj\":-5,"
	"\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"nice\":-1,"
	"\"priority\":2,\"flags\":[\"SCHED_FLAG_RESET_ON_FORK\"],"
	"\"runtime\":3,\"deadline\":4,\"period\":5},\"ioPriority\":{"
	"\"class\":\"IOPRIO_CLASS_BE\",\"priority\":4},\"execCPUAffinity\":{"
	"\"initial\":\"0\",\"final\":\"1-2\"}},\"root\":{\"path\":\"rootfs\","
	"\"readonly\":true},\"hostname\":\"h\",\"domainname\":\"d\",\"mounts\":[{"
	"\"destination\":\"/proc\",\"type\":\"proc\",\"source\":\"proc\","
	"\"options\":[\"ro\",\"nosuid\"],\"uidMappings\":[{\"containerID\":7,"
	"\"hostID\":1,\"size\":2}],\"gidMappings\":[{\"containerID\":3,"
	"\"hostID\":4,\"size\":5}]}],\"hooks\":{\"prestart\":[{\"path\":\"/1\","
	"\"args\":[\"a\"],\"env\":[\"B=c\"],\"timeout\":6}],\"createRuntime\":[{"
	"\"path\":\"/2\",\"args\":[\"a\"],\"env\":[\"B=c\"],\"timeout\":6}],"
	"\"createContainer\":[{\"path\":\"/3\",\"args\":[\"a\"],\"env\":[\"B=c\"],"
	"\"timeout\":6}],\"startContainer\":[{\"path\":\"/4\",\"args\":[\"a\"],"
	"\"env\":[\"B=c\"],\"timeout\":6}],\"poststart\":[{\"path\":\"/5\","
	"\"args\":[\"a\"],\"env\":[\"B=c\"],\"timeout\":6}],\"poststop\":[{"
	"\"path\":\"/6\",\"args\":[\"a\"],\"env\":[\"B=c\"],\"timeout\":6}]},"
	"\"annotations\":{\"k\":\"v\",\"org.x\":\"\"},\"linux\":{\"namespaces\":[{"
	"\"type\":\"pid\",\"path\":\"/p\"},{\"type\":\"user\"},{"
	"\"type\":\"network\"},{\"type\":\"mount\"},{\"type\":\"ipc\"},{"
	"\"type\":\"uts\"},{\"type\":\"cgroup\"},{\"type\":\"time\"}],"
	"\"uidMappings\":[{\"containerID\":7,\"hostID\":1,\"size\":2}],"
	"\"gidMappings\":[{\"containerID\":7,\"hostID\":1,\"size\":3}],"
	"\"timeOffsets\":{\"boottime\":{\"secs\":-1,\"nanosecs\":2},"
	"\"monotonic\":{\"secs\":3,\"nanosecs\":4}},\"devices\":[{"
	"\"path\":\"/dev/x\",\"type\":\"c\",\"major\":10,\"minor\":229,"
	"\"fileMode\":438,\"uid\":1,\"gid\":2}],\"netDevices\":{\"eth0\":{"
	"\"name\":\"e0\"},\"eth1\":{}},\"cgroupsPath\":\"/a/b\",\"resources\":{"
	"\"devices\":[{\"allow\":true,\"type\":\"c\",\"major\":1,\"minor\":-1,"
	"\"access\":\"rw\"}],\"memory\":{\"limit\":1,\"reservation\":2,"
	"\"swap\":-1,\"kernel\":4,\"kernelTCP\":5,\"swappiness\":6,"
	"\"disableOOMKiller\":true,\"useHierarchy\":false,"
	"\"checkBeforeUpdate\":true},\"cpu\":{\"shares\":1,\"quota\":-2,"
	"\"burst\":3,\"period\":4,\"realtimeRuntime\":5,\"realtimePeriod\":6,"
	"\"idle\":1,\"cpus\":\"0-1\",\"mems\":\"0\"},\"pids\":{\"limit\":7},"
	"\"blockIO\":{\"weight\":8,\"leafWeight\":9,\"weightDevice\":[{"
	"\"major\":1,\"minor\":2,\"weight\":3,\"leafWeight\":4}],"
	"\"throttleReadBpsDevice\":[{\"major\":1,\"minor\":2,\"rate\":3}],"
	"\"throttleWriteBpsDevice\":[{\"major\":4,\"minor\":5,\"rate\":6}],"
	"\"throttleReadIOPSDevice\":[{\"major\":7,\"minor\":8,\"rate\":9}],"
	"\"throttleWriteIOPSDevice\":[{\"major\":10,\"minor\":11,"
	"\"rate\":12}]},\"hugepageLimits\":[{\"pageSize\":\"2MB\","
	"\"limit\":13}],\"network\":{\"classID\":14,\"priorities\":[{"
	"\"name\":\"lo\",\"priority\":15}]},\"rdma\":{\"mlx5_0\":{"
	"\"hcaHandles\":16,\"hcaObjects\":17}},\"unified\":{"
	"\"memory.high\":\"max\"}},\"intelRdt\":{\"closID\":\"c\","
	"\"schemata\":[\"L3:0=f\"],\"l3CacheSchema\":\"l\",\"memBwSchema\":\"m\","
	"\"enableMonitoring\":true,\"enableCMT\":true,\"enableMBM\":false},"
	"\"memoryPolicy\":{\"mode\":\"MPOL_BIND\",\"nodes\":\"0\","
	"\"flags\":[\"MPOL_F_STATIC_NODES\"]},\"sysctl\":{"
	"\"net.ipv4.ip_forward\":\"1\"},\"seccomp\":{"
	"\"defaultAction\":\"SCMP_ACT_ERRNO\",\"defaultErrnoRet\":38,"
	"\"architectures\":[\"SCMP_ARCH_X86_64\"],"
	"\"flags\":[\"SECCOMP_FILTER_FLAG_LOG\"],\"listenerPath\":\"/l\","
	"\"listenerMetadata\":\"m\",\"syscalls\":[{\"names\":[\"read\","
	"\"write\"],\"action\":\"SCMP_ACT_ALLOW\",\"errnoRet\":1,\"args\":[{"
	"\"index\":1,\"value\":2,\"valueTwo\":18446744073709551615,"
	"\"op\":\"SCMP_CMP_MASKED_EQ\"}]}]},\"rootfsPropagation\":\"rslave\","
	"\"mountLabel\":\"l\",\"maskedPaths\":[\"/proc/kcore\"],"
	"\"readonlyPaths\":[\"/proc/sys\"],\"personality\":{"
	"\"domain\":\"LINUX32\",\"flags\":[\"f\"]}},\"vm\":{\"kernel\":{}},"
	"\"windows\":{},\"solaris\":{},\"zos\":{}}";

static struct oci_spec *decode_everything(struct arena *a)
{
	struct oci_spec *spec = NULL;
	struct err e = { 0 };

	if (oci_spec_decode(everything, strlen(everything), a, &spec, &e) < 0)
		fail_msg("%s", e.text);
	return spec;
}

/* The tables, walked beside what was decoded: a field that the document did
 * not fill was forgotten in one of the two. */
static void assert_filled(const struct json_table *t, const char *base,
			  const char *path);

static void assert_field(const struct json_field *f, const char *at,
			 const char *path)
{
	static const size_t sizes[JSON_TYPES] = {
		[JSON_T_BOOL] = 1, [JSON_T_I32] = 4, [JSON_T_U32] = 4,
		[JSON_T_I64] = 8, [JSON_T_U64] = 8, [JSON_T_STR] = 8,
		[JSON_T_POINTER] = 8, [JSON_T_STRV] = 8, [JSON_T_U32V] = 8,
		[JSON_T_LIST] = 8, [JSON_T_MAP] = 8, [JSON_T_TABLE] = 8,
		[JSON_T_RAW] = 8, [JSON_T_PRESENT] = 1,
	};
	static const char zero[8];
	char here[300];

	snprintf(here, sizeof(here), "%s.%.24s", path, f->name);
	if (f->flags & JSON_OPTIONAL) {
		if (!*(at - sizes[f->type]))
			fail_msg("%s: not set", here);
		return;
	}
	if (memcmp(at, zero, sizes[f->type]) == 0 && sizes[f->type])
		fail_msg("%s: nothing there", here);
	if (f->type == JSON_T_OBJECT)
		assert_filled(f->sub, at, here);
	if (f->type == JSON_T_POINTER)
		assert_filled(f->sub, *(char *const *)at, here);
	if (f->type == JSON_T_LIST || f->type == JSON_T_TABLE)
		assert_filled(f->sub, *(char *const *)(at + sizeof(size_t)), here);
}

static void assert_filled(const struct json_table *t, const char *base,
			  const char *path)
{
	for (unsigned int i = 0; i < t->n; i++)
		assert_field(&t->fields[i], base + t->fields[i].offset, path);
}

static void no_property_is_forgotten(void **state)
{
	auto_arena a = { 0 };
	struct oci_spec *spec = decode_everything(&a);
	struct oci_seccomp *seccomp;

	assert_filled(&oci_spec_table, (const char *)spec, "");
	assert_int_equal(oci_seccomp_decode(&spec->linux_->seccomp, &a,
					    &seccomp, NULL), 0);
	assert_filled(&oci_seccomp_table, (const char *)seccomp, "seccomp");
}

static void properties_land_where_they_belong(void **state)
{
	auto_arena a = { 0 };
	const struct oci_spec *s = decode_everything(&a);
	const struct oci_process *p = s->process;
	const struct oci_linux *l = s->linux_;
	const struct oci_resources *r = l->resources;

	assert_string_equal(s->oci_version, "1.3.0");
	assert_int_equal(p->console_size->width, 80);
	assert_int_equal(p->user.gid, 2);
	assert_int_equal(p->user.umask.v, 18);
	assert_int_equal(p->user.additional_gids.v[1], 4);
	assert_string_equal(p->args.v[1], "-c");
	assert_true(p->rlimits[0].hard == UINT64_MAX);
	assert_int_equal(p->oom_score_adj.v, -5);
	assert_int_equal(p->scheduler->deadline.v, 4);
	assert_string_equal(p->exec_cpu_affinity->final, "1-2");
	assert_int_equal(s->mounts[0].gid_mappings.v[0].host_id, 4);
	assert_string_equal(s->hooks.create_container.v[0].path, "/3");
	assert_string_equal(s->hooks.poststop.v[0].path, "/6");
	assert_int_equal(s->hooks.prestart.v[0].timeout.v, 6);
	assert_string_equal(s->annotations.v[1].key, "org.x");
	assert_true(l->namespaces[OCI_NS_TIME].listed);
	assert_null(l->namespaces[OCI_NS_USER].path);
	assert_string_equal(l->namespaces[OCI_NS_PID].path, "/p");
	assert_int_equal(l->time_boottime->secs.v, -1);
	assert_int_equal(l->time_monotonic->secs.v, 3);
	assert_string_equal(l->net_devices[0].name, "eth0");
	assert_string_equal(l->net_devices[0].rename, "e0");
	assert_null(l->net_devices[1].rename);
	assert_int_equal(r->devices[0].minor.v, -1);
	assert_int_equal(r->memory->swap.v, -1);
	assert_true(r->memory->use_hierarchy.set);
	assert_false(r->memory->use_hierarchy.v);
	assert_int_equal(r->cpu->quota.v, -2);
	assert_int_equal(r->block_io->throttle_write_iops_device.v[0].rate, 12);
	assert_int_equal(r->block_io->throttle_read_bps_device.v[0].rate, 3);
	assert_string_equal(r->rdma[0].device, "mlx5_0");
	assert_int_equal(r->rdma[0].hca_objects.v, 17);
	assert_string_equal(r->unified.v[0].value, "max");
	assert_string_equal(l->rootfs_propagation, "rslave");
	assert_true(s->has_vm && s->has_windows && s->has_solaris && s->has_zos);
}

static void seccomp_stays_text_until_it_is_asked_for(void **state)
{
	auto_arena a = { 0 };
	const struct oci_spec *s = decode_everything(&a);
	struct oci_seccomp *seccomp;

	assert_memory_equal(s->linux_->seccomp.data, "{\"defaultAction\"", 16);
	assert_int_equal(s->linux_->seccomp.data[s->linux_->seccomp.len - 1],
			 '}');
	assert_true(s->linux_->seccomp.data > everything &&
		    s->linux_->seccomp.data < everything + sizeof(everything));
	assert_int_equal(oci_seccomp_decode(&s->linux_->seccomp, &a, &seccomp,
					    NULL), 0);
	assert_int_equal(seccomp->n_syscalls, 1);
	assert_string_equal(seccomp->syscalls[0].names.v[1], "write");
	assert_true(seccomp->syscalls[0].args[0].value_two == UINT64_MAX);
}

static void a_broken_seccomp_section_is_found_when_decoded(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "{}", "linux.seccomp.defaultAction: missing" },
		{ "{\"defaultAction\":\"A\",\"syscalls\":[{\"action\":\"B\"}]}",
		  "linux.seccomp.syscalls[0].names: missing" },
		{ "{\"defaultAction\":\"A\",\"syscalls\":[{\"names\":[\"x\"],"
		  "\"action\":\"B\",\"args\":[{\"index\":0,\"value\":-1,\"op\":"
		  "\"C\"}]}]}",
		  "linux.seccomp.syscalls[0].args[0].value: -1 is out of range "
		  "(0 to 18446744073709551615)" },
		{ "{\"defaultAction\":\"A\",\"defaultErrnoRet\":\"EPERM\"}",
		  "linux.seccomp.defaultErrnoRet: expected an integer, found a "
		  "string" },
		{ "[]", "linux.seccomp: expected an object, found an array" },
		{ "", "linux.seccomp: line 1, column 1: premature EOF" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		const struct oci_raw raw = { cases[i].text,
					     strlen(cases[i].text) };
		struct oci_seccomp *ret = NULL;
		auto_arena a = { 0 };
		struct err e = { 0 };

		assert_int_equal(oci_seccomp_decode(&raw, &a, &ret, &e),
				 -EINVAL);
		assert_string_equal(e.text, cases[i].error);
		assert_null(ret);
	}
}

static void parts_of_a_document_name_the_whole_path(void **state)
{
	struct oci_resources *res = NULL;
	struct oci_process *p = NULL;
	auto_arena a = { 0 };
	struct err e = { 0 };

	assert_int_equal(oci_process_decode("{}", 2, &a, &p, &e), -EINVAL);
	assert_string_equal(e.text, "process.cwd: missing");
	assert_null(p);
	assert_int_equal(oci_process_decode("{\"cwd\":\"/\"}", 11, &a, &p, &e),
			 0);
	assert_string_equal(p->cwd, "/");
	assert_int_equal(oci_resources_decode("{\"memory\":{\"limit\":1.5}}",
					      24, &a, &res, &e),
			 -EINVAL);
	assert_string_equal(e.text,
			    "linux.resources.memory.limit: 1.5 is not an "
			    "integer");
	assert_null(res);
	assert_int_equal(oci_resources_decode("{}", 2, &a, &res, &e), 0);
	assert_null(res->memory);
}

static void there_is_always_a_linux_section(void **state)
{
	static const char *const texts[] = { "{\"ociVersion\":\"1.0.0\"}",
		"{\"ociVersion\":\"1.0.0\",\"linux\":null}",
		"{\"ociVersion\":\"1.0.0\",\"linux\":{}}" };

	for (size_t i = 0; i < ARRAY_LEN(texts); i++) {
		auto_arena a = { 0 };
		struct oci_spec *s;

		assert_int_equal(oci_spec_decode(texts[i], strlen(texts[i]), &a,
						 &s, NULL),
				 0);
		assert_non_null(s->linux_);
		assert_null(s->process);
		assert_null(s->linux_->seccomp.data);
		for (int ns = 0; ns < OCI_NS_COUNT; ns++)
			assert_false(s->linux_->namespaces[ns].listed);
	}
}

/* Cut anywhere, a document is an error and never a crash. */
static void a_cut_document_is_refused(void **state)
{
	for (size_t len = 0; len < sizeof(everything) - 2; len++) {
		auto_mem char *copy = malloc(len + 1);
		auto_arena a = { 0 };
		struct err e = { 0 };
		struct oci_spec *s;

		memcpy(copy, everything, len);
		assert_int_equal(oci_spec_decode(copy, len, &a, &s, &e),
				 -EINVAL);
		assert_non_null(strstr(e.text, "line 1, column "));
	}
}

static void little_memory_is_enough(void **state)
{
	auto_arena a = { 0 };

	decode_everything(&a);
	assert_true(a.used < 12000);
}

static void mounts_are_a_list_or_a_member(void **state)
{
	static const char *const good[] = {
		"[{\"destination\":\"/a\"},{\"destination\":\"/b\",\"options\":[\"ro\"]}]",
		" \t\r\n[{\"destination\":\"/a\"},{\"destination\":\"/b\",\"options\":[\"ro\"]}]\n",
		("{\"x\":1,\"mounts\":[{\"destination\":\"/a\"},"
		 "{\"destination\":\"/b\",\"options\":[\"ro\"]}]}"),
	};
	static const struct { const char *text, *why; } bad[] = {
		{ "", "" },
		{ "  ", "" },
		{ "[", "" },
		{ "[]]", "" },
		{ "[],\"mounts\":[]", "mounts" }, /* not our object any more */
		{ "{}", "mounts: missing" },
		{ "{\"mounts\":{}}", "mounts: " },
		{ "[{}]", "mounts[0].destination: missing" },
		{ "[{\"destination\":\"/a\"},{\"destination\":1}]",
		  "mounts[1].destination: " },
	};
	struct oci_mount_list l;

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		struct arena a = { 0 };

		assert_int_equal(oci_mounts_decode(good[i], strlen(good[i]), &a,
						   &l, NULL), 0);
		assert_int_equal(l.n, 2);
		assert_string_equal(l.v[1].destination, "/b");
		assert_string_equal(l.v[1].options.v[0], "ro");
		arena_free(&a);
	}
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct arena a = { 0 };
		struct err e = { 0 };

		l.n = 77;
		assert_int_equal(oci_mounts_decode(bad[i].text,
						   strlen(bad[i].text), &a, &l,
						   &e), -EINVAL);
		if (!strstr(e.text, bad[i].why))
			fail_msg("%s: %s", bad[i].text, e.text);
		assert_int_equal(l.n, 77);
		arena_free(&a);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(mounts_are_a_list_or_a_member),
		cmocka_unit_test(no_property_is_forgotten),
		cmocka_unit_test(properties_land_where_they_belong),
		cmocka_unit_test(seccomp_stays_text_until_it_is_asked_for),
		cmocka_unit_test(a_broken_seccomp_section_is_found_when_decoded),
		cmocka_unit_test(parts_of_a_document_name_the_whole_path),
		cmocka_unit_test(there_is_always_a_linux_section),
		cmocka_unit_test(a_cut_document_is_refused),
		cmocka_unit_test(little_memory_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
