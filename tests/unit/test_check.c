/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a configuration may not say, with the exact text of each refusal.  A
 * case is a document of which one member differs from one that is accepted.
 */
#include "unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>

#include "oci/check.h"
#include "oci/decode.h"
#include "oci/sysctl.h"
#include "util/arena.h"
#include "util/auto.h"

struct bad {
	const char *section; /* what stands inside of its object */
	const char *error;   /* NULL: accepted */
	int code;
};

#define GOOD(section) { section, NULL, 0 }
#define BAD(section, error) { section, error, EINVAL }
#define REFUSED(section, error) { section, error, ENOTSUP }

static int check_text(const char *text, struct err *e)
{
	auto_arena a = { 0 };
	struct oci_spec *spec;
	int r = oci_spec_decode(text, strlen(text), &a, &spec, e);

	return r ? r : oci_spec_check(spec, e);
}

static void run(const char *format, const struct bad *cases, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		struct err e = { 0 };
		char text[4096];
		int r;

		/* the format holds one %s for the section */
		const char *at = strstr(format, "%s");

		snprintf(text, sizeof(text), "%.*s%s%s", (int)(at - format),
			 format, cases[i].section, at + 2);
		r = check_text(text, &e);
		if (!cases[i].error && r < 0)
			fail_msg("%s: %s", cases[i].section, e.text);
		if (!cases[i].error)
			continue;
		assert_int_equal(-r, cases[i].code);
		assert_string_equal(e.text, cases[i].error);
	}
}

#define RUN(format, cases) run(format, cases, ARRAY_LEN(cases))

static void versions_1_x_are_accepted(void **state)
{
	static const struct bad cases[] = {
		GOOD("1.0.0"), GOOD("1.0.2-dev"), GOOD("1.1.0+dev"), GOOD("1.2.0-rc.1"),
		GOOD("1.3.0"), GOOD("1.99.0"), GOOD("1.3.77"),
		BAD("2.0.0",
		  "ociVersion: 2.0.0 is not supported, 1.x is"),
		BAD("0.9.0",
		  "ociVersion: 0.9.0 is not supported, 1.x is"),
		BAD("10.0.0",
		  "ociVersion: 10.0.0 is not supported, 1.x is"),
		BAD("",
		  "ociVersion: \"\" is not a version like 1.3.0"),
		BAD("1",
		  "ociVersion: \"1\" is not a version like 1.3.0"),
		BAD("1.0",
		  "ociVersion: \"1.0\" is not a version like 1.3.0"),
		BAD("1.0.",
		  "ociVersion: \"1.0.\" is not a version like 1.3.0"),
		BAD("1.0.0x",
		  "ociVersion: \"1.0.0x\" is not a version like 1.3.0"),
		BAD("v1.0.0",
		  "ociVersion: \"v1.0.0\" is not a version like 1.3.0"),
		BAD("1..0",
		  "ociVersion: \"1..0\" is not a version like 1.3.0"),
	};

	RUN("{\"ociVersion\":\"%s\",\"root\":{\"path\":\"r\"}}", cases);
}

static void what_a_container_needs_must_be_there(void **state)
{
	static const struct bad cases[] = {
		GOOD("\"root\":{\"path\":\"r\"}"),
		BAD("\"zzz\":1",
		  "root: missing"),
		BAD("\"root\":{}",
		  "root.path: missing"),
		BAD("\"root\":{\"path\":\"\"}",
		  "root.path: empty"),
	};
	struct err e = { 0 };

	RUN("{\"ociVersion\":\"1.0.0\",%s}", cases);
	assert_int_equal(check_text("{\"root\":{\"path\":\"r\"}}", &e), -EINVAL);
	assert_string_equal(e.text, "ociVersion: missing");
}

#define WITH_ROOT "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},%s}"
#define UTS "\"linux\":{\"namespaces\":[{\"type\":\"uts\"}]}"

static void names_need_a_namespace(void **state)
{
	static const struct bad cases[] = {
		GOOD("\"hostname\":\"h\"," UTS),
		GOOD("\"domainname\":\"d\"," UTS),
		GOOD("\"hostname\":\"\",\"domainname\":\"\""),
		GOOD("\"hostname\":\"h\",\"linux\":{\"namespaces\":[{\"type\":\"uts\","
		  "\"path\":\"/proc/1/ns/uts\"}]}"),
		BAD("\"hostname\":\"h\"",
		  "hostname: needs a uts namespace (linux.namespaces), or the "
		  "host would be renamed"),
		BAD("\"domainname\":\"h\",\"linux\":{\"namespaces\":[{\"type\":"
		  "\"pid\"}]}",
		  "domainname: needs a uts namespace (linux.namespaces), or the "
		  "host would be renamed"),
		GOOD("\"hostname\":\"123456789012345678901234567890123456789012345"
		  "6789012345678901234\"," UTS),
		BAD("\"hostname\":\"123456789012345678901234567890123456789012345"
		  "67890123456789012345\"," UTS,
		  "hostname: longer than 64 bytes"),
	};

	RUN(WITH_ROOT, cases);
}

static void other_platforms_are_refused_by_name(void **state)
{
	static const struct bad cases[] = {
		REFUSED("\"vm\":{}",
		  "vm: not supported by this version"),
		REFUSED("\"windows\":{\"x\":[1]}",
		  "windows: not supported: this is a Linux runtime"),
		REFUSED("\"solaris\":{}",
		  "solaris: not supported: this is a Linux runtime"),
		REFUSED("\"zos\":{}",
		  "zos: not supported: this is a Linux runtime"),
		GOOD("\"vm\":null,\"windows\":null"),
	};

	RUN(WITH_ROOT, cases);
}

static void mounts_need_a_destination(void **state)
{
	static const struct bad cases[] = {
		GOOD("{\"destination\":\"/a\"},{\"destination\":\"b\"}"),
		BAD("{\"destination\":\"/a\"},{\"source\":\"x\"}",
		  "mounts[1].destination: missing"),
		BAD("{\"destination\":\"\"}",
		  "mounts[0].destination: empty"),
		BAD("{\"destination\":\"/\",\"options\":[\"ro\",1]}",
		  "mounts[0].options[1]: expected a string, found a number"),
		BAD("{\"destination\":\"/a\"},{\"destination\":\"/\",\"uidMappings\":["
		  "{\"containerID\":0,\"hostID\":0,\"size\":0}]}",
		  "mounts[1].uidMappings[0].size: 0 maps nothing"),
		BAD("{\"destination\":\"/\",\"gidMappings\":["
		  "{\"containerID\":0,\"hostID\":1,\"size\":4294967295}]}",
		  "mounts[0].gidMappings[0].size: 4294967295 goes past the last id"),
		BAD("{\"destination\":\"/\",\"gidMappings\":["
		  "{\"containerID\":0,\"hostID\":1,\"size\":10},"
		  "{\"containerID\":10,\"hostID\":10,\"size\":10}]}",
		  "mounts[0].gidMappings[1].hostID: its range meets that of [0]"),
		BAD("{\"destination\":\"/\",\"gidMappings\":["
		  "{\"containerID\":9,\"hostID\":1,\"size\":1},"
		  "{\"containerID\":5,\"hostID\":10,\"size\":5}]}",
		  "mounts[0].gidMappings[1].containerID: its range meets that of [0]"),
		GOOD("{\"destination\":\"/\",\"uidMappings\":["
		  "{\"containerID\":0,\"hostID\":10,\"size\":10},"
		  "{\"containerID\":10,\"hostID\":0,\"size\":10}],\"gidMappings\":["
		  "{\"containerID\":0,\"hostID\":0,\"size\":1}]}"),
		GOOD("{\"destination\":\"/\",\"uidMappings\":[],\"gidMappings\":null}"),
	};

	RUN("{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"mounts\":[%s]}",
	    cases);
}

#define PROCESS "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"process\":{%s}}"
#define BASE "\"cwd\":\"/\",\"args\":[\"sh\"]"

#define RLIMIT "{\"type\":\"A\",\"soft\":1,\"hard\":1}"
#define FOUR RLIMIT "," RLIMIT "," RLIMIT "," RLIMIT
#define SIXTEEN FOUR "," FOUR "," FOUR "," FOUR

static void processes_are_complete_and_in_range(void **state)
{
	static const struct bad cases[] = {
		GOOD(BASE),
		BAD("\"args\":[\"sh\"]",
		  "process.cwd: missing"),
		BAD("\"cwd\":\"\",\"args\":[\"sh\"]",
		  "process.cwd: \"\" is not an absolute path"),
		BAD("\"cwd\":\"tmp\",\"args\":[\"sh\"]",
		  "process.cwd: \"tmp\" is not an absolute path"),
		BAD("\"cwd\":\"/\"",
		  "process.args: missing"),
		BAD("\"cwd\":\"/\",\"args\":[]",
		  "process.args: missing"),
		BAD("\"cwd\":\"/\",\"args\":[\"\",\"x\"]",
		  "process.args[0]: empty"),
		GOOD(BASE ",\"user\":{\"uid\":4294967294,\"umask\":511,"
		  "\"additionalGids\":[0]}"),
		BAD(BASE ",\"user\":{\"uid\":4294967295}",
		  "process.user.uid: 4294967295 is no user"),
		BAD(BASE ",\"user\":{\"gid\":4294967295}",
		  "process.user.gid: 4294967295 is no group"),
		BAD(BASE ",\"user\":{\"uid\":-1}",
		  "process.user.uid: -1 is out "
		  "of range (0 to 4294967295)"),
		BAD(BASE ",\"user\":{\"umask\":512}",
		  "process.user.umask: 512 is out of range (0 to 511)"),
		BAD(BASE ",\"user\":{\"additionalGids\":[1,4294967295]}",
		  "process.user.additionalGids[1]: 4294967295 is no group"),
		GOOD(BASE ",\"rlimits\":[{\"type\":\"A\",\"soft\":1,\"hard\":1},"
		  "{\"type\":\"B\",\"soft\":0,\"hard\":18446744073709551615}]"),
		BAD(BASE ",\"rlimits\":[{\"type\":\"A\",\"soft\":2,\"hard\":1}]",
		  "process.rlimits[0].soft: 2 is above hard, 1"),
		BAD(BASE ",\"rlimits\":[{\"type\":\"A\",\"soft\":1,\"hard\":1},"
		  "{\"type\":\"A\",\"soft\":1,\"hard\":1}]",
		  "process.rlimits[1].type: a second \"A\""),
		BAD(BASE ",\"rlimits\":[{\"type\":\"A\",\"soft\":"
		  "18446744073709551615,\"hard\":1}]",
		  "process.rlimits[0].soft: 18446744073709551615 is above "
		  "hard, 1"),
		BAD(BASE ",\"rlimits\":[" SIXTEEN "]",
		  "process.rlimits[1].type: a second \"A\""),
		BAD(BASE ",\"rlimits\":[" SIXTEEN "," RLIMIT "]",
		  "process.rlimits: 17 entries, there are 16 kinds"),
		BAD(BASE ",\"rlimits\":[{\"type\":\"A\",\"hard\":1}]",
		  "process.rlimits[0].soft: missing"),
		BAD(BASE ",\"rlimits\":[{\"type\":\"A\",\"soft\":"
		  "18446744073709551616,\"hard\":1}]",
		  "process.rlimits[0].soft: 18446744073709551616 is out of "
		  "range (0 to 18446744073709551615)"),
		GOOD(BASE ",\"consoleSize\":{\"height\":65535,\"width\":0}"),
		BAD(BASE ",\"consoleSize\":{\"height\":24,\"width\":65536}",
		  "process.consoleSize: 65536 by 24 is larger than a terminal "
		  "can be"),
		BAD(BASE ",\"consoleSize\":{\"height\":24}",
		  "process.consoleSize.width: missing"),
		GOOD(BASE ",\"consoleSize\":{\"height\":0,\"width\":65535}"),
		GOOD(BASE ",\"oomScoreAdj\":1000"),
		BAD(BASE ",\"oomScoreAdj\":-1001",
		  "process.oomScoreAdj: -1001 is out of range (-1000 to 1000)"),
		GOOD(BASE ",\"oomScoreAdj\":-1000"),
		BAD(BASE ",\"oomScoreAdj\":1001",
		  "process.oomScoreAdj: 1001 is out of range (-1000 to 1000)"),
		GOOD(BASE ",\"apparmorProfile\":\"\",\"selinuxLabel\":\"\""),
		GOOD(BASE ",\"apparmorProfile\":\"p\",\"selinuxLabel\":\"l\""),
		GOOD(BASE ",\"scheduler\":{\"policy\":\"SCHED_OTHER\"}"),
		BAD(BASE ",\"scheduler\":{\"nice\":1}",
		  "process.scheduler.policy: missing"),
		BAD(BASE ",\"scheduler\":{\"policy\":\"SCHED_OTHER\","
		  "\"nice\":2147483648}",
		  "process.scheduler.nice: 2147483648 is out of range "
		  "(-2147483648 to 2147483647)"),
		BAD(BASE ",\"scheduler\":{\"policy\":\"SCHED_DEADLINE\","
		  "\"period\":-1}",
		  "process.scheduler.period: -1 is out of range "
		  "(0 to 18446744073709551615)"),
		BAD(BASE ",\"scheduler\":{\"policy\":\"SCHED_OTHER\",\"nice\":\"1\"}",
		  "process.scheduler.nice: expected an integer, found a string"),
		GOOD(BASE ",\"ioPriority\":{\"class\":\"IOPRIO_CLASS_BE\"}"),
		BAD(BASE ",\"ioPriority\":{\"priority\":1}",
		  "process.ioPriority.class: missing"),
		GOOD(BASE ",\"execCPUAffinity\":{\"initial\":\"0\"}"),
		BAD(BASE ",\"execCPUAffinity\":{\"final\":0}",
		  "process.execCPUAffinity.final: expected a string, found a "
		  "number"),
		BAD(BASE ",\"capabilities\":[\"CAP_KILL\"]",
		  "process.capabilities: expected an object, found an array"),
	};

	RUN(PROCESS, cases);
}

static void hooks_are_absolute_and_end(void **state)
{
	static const struct bad cases[] = {
		GOOD("\"prestart\":[{\"path\":\"/h\",\"timeout\":1}]"),
		BAD("\"poststop\":[{\"path\":\"/h\"},{\"path\":\"h\"}]",
		  "hooks.poststop[1].path: \"h\" is not an absolute path"),
		BAD("\"createRuntime\":[{\"path\":\"/h\",\"timeout\":0}]",
		  "hooks.createRuntime[0].timeout: 0 is not above 0"),
		BAD("\"startContainer\":[{\"path\":\"/h\",\"timeout\":-5}]",
		  "hooks.startContainer[0].timeout: -5 is not above 0"),
		BAD("\"createContainer\":[{\"args\":[]}]",
		  "hooks.createContainer[0].path: missing"),
		BAD("\"poststart\":{}",
		  "hooks.poststart: expected an array, found an object"),
		GOOD("\"createRuntime\":null,\"unheardOf\":[{}]"),
	};

	RUN("{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"hooks\":{%s}}",
	    cases);
}

#define LINUX "{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":{%s}}"
#define MAP "[{\"containerID\":0,\"hostID\":1,\"size\":2}]"
#define USERNS "\"namespaces\":[{\"type\":\"user\"}],"

static void namespaces_are_listed_once(void **state)
{
	static const struct bad cases[] = {
		GOOD("\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"network\"},"
		  "{\"type\":\"mount\"},{\"type\":\"ipc\"},{\"type\":\"uts\"},"
		  "{\"type\":\"cgroup\"},{\"type\":\"time\"}]"),
		BAD("\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"pid\"}]",
		  "linux.namespaces[1]: a second \"pid\""),
		BAD("\"namespaces\":[{\"type\":\"pid\"},{\"type\":\"net\"}]",
		  "linux.namespaces[1].type: \"net\" is not known"),
		BAD("\"namespaces\":[{\"path\":\"/x\"}]",
		  "linux.namespaces[0].type: missing"),
		GOOD("\"namespaces\":[{\"type\":\"pid\",\"path\":\"\"}]"),
		BAD("\"namespaces\":[{\"type\":\"pid\",\"path\":\"x\"}]",
		  "linux.namespaces[0].path: \"x\" is not an absolute path"),
	};

	RUN(LINUX, cases);
}

static void mappings_and_user_namespaces_go_together(void **state)
{
	static const struct bad cases[] = {
		GOOD(USERNS "\"uidMappings\":" MAP ",\"gidMappings\":" MAP),
		GOOD("\"namespaces\":[{\"type\":\"user\",\"path\":\"/p\"}]"),
		GOOD("\"uidMappings\":[]"),
		BAD("\"uidMappings\":" MAP,
		  "linux.uidMappings: needs a user "
					  "namespace (linux.namespaces)"),
		BAD("\"gidMappings\":" MAP,
		  "linux.gidMappings: needs a user "
					  "namespace (linux.namespaces)"),
		BAD(USERNS "\"uidMappings\":" MAP,
		  "linux.gidMappings: missing, a new user namespace needs it"),
		BAD(USERNS "\"uidMappings\":[{\"containerID\":0,\"hostID\":1,"
		  "\"size\":0}]",
		  "linux.uidMappings[0].size: 0 maps nothing"),
		BAD(USERNS "\"uidMappings\":[{\"containerID\":0,\"hostID\":"
		  "4294967290,\"size\":6}]",
		  "linux.uidMappings[0].size: 6 goes past the last id"),
		BAD(USERNS "\"uidMappings\":[{\"containerID\":4294967290,"
		  "\"hostID\":0,\"size\":6}]",
		  "linux.uidMappings[0].size: 6 goes past the last id"),
		GOOD(USERNS "\"uidMappings\":[{\"containerID\":0,\"hostID\":0,"
		  "\"size\":4294967295}],\"gidMappings\":[{\"containerID\":0,"
		  "\"hostID\":0,\"size\":4294967295}]"),
		BAD(USERNS "\"uidMappings\":[{\"containerID\":0,\"hostID\":0}]",
		  "linux.uidMappings[0].size: missing"),
	};

	RUN(LINUX, cases);
}

static void devices_are_devices(void **state)
{
	static const struct bad cases[] = {
		GOOD("\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\",\"major\":1,"
		  "\"minor\":3,\"fileMode\":8624},{\"path\":\"/dev/p\",\"type\":"
		  "\"p\"}]"),
		GOOD("\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\",\"major\":0,"
		  "\"minor\":0}]"),
		BAD("\"devices\":[{\"path\":\"/dev/x\",\"type\":\"u\"}]",
		  "linux.devices[0].major: missing, type \"u\" needs it"),
		BAD("\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\",\"minor\":3}]",
		  "linux.devices[0].major: missing, type \"c\" needs it"),
		BAD("\"devices\":[{\"path\":\"/dev/p\",\"type\":\"p\"},"
		  "{\"path\":\"/dev/x\",\"type\":\"b\",\"major\":8}]",
		  "linux.devices[1].minor: missing, type \"b\" needs it"),
		BAD("\"devices\":[{\"path\":\"/dev/x\",\"type\":\"c\",\"major\":0,"
		  "\"minor\":-1}]",
		  "linux.devices[0]: 0:-1 is no device"),
		BAD("\"devices\":[{\"path\":\"dev/x\",\"type\":\"c\"}]",
		  "linux.devices[0].path: \"dev/x\" is not an absolute path"),
		BAD("\"devices\":[{\"path\":\"/dev/x\",\"type\":\"a\"}]",
		  "linux.devices[0].type: \"a\" is none of c, b, u and p"),
		BAD("\"devices\":[{\"path\":\"/dev/x\",\"type\":\"\"}]",
		  "linux.devices[0].type: \"\" is none of c, b, u and p"),
		BAD("\"devices\":[{\"path\":\"/dev/x\",\"type\":\"cb\"}]",
		  "linux.devices[0].type: \"cb\" is none of c, b, u and p"),
		BAD("\"devices\":[{\"path\":\"/dev/x\",\"type\":\"b\",\"major\":-1,"
		  "\"minor\":0}]",
		  "linux.devices[0]: -1:0 is no device"),
		GOOD("\"resources\":{\"devices\":[{\"allow\":false,\"access\":\"rwm\"}"
		  ",{\"allow\":true,\"type\":\"\",\"major\":-1}]}"),
		BAD("\"resources\":{\"devices\":[{\"access\":\"rwm\"}]}",
		  "linux.resources.devices[0].allow: missing"),
		BAD("\"resources\":{\"devices\":[{\"allow\":true,\"type\":\"u\"}]}",
		  "linux.resources.devices[0].type: \"u\" is none of a, c and "
		  "b"),
		BAD("\"resources\":{\"devices\":[{\"allow\":true,\"access\":\"rx\"}]}",
		  "linux.resources.devices[0].access: \"rx\" has more than r, w "
		  "and m"),
	};

	RUN(LINUX, cases);
}

static void sysctls_never_reach_the_host(void **state)
{
	static const struct bad cases[] = {
		GOOD("\"namespaces\":[{\"type\":\"network\"},{\"type\":\"ipc\"},"
		  "{\"type\":\"uts\"}],\"sysctl\":{\"net.ipv4.ip_forward\":\"1\","
		  "\"net/ipv4/conf/eth0.1/forwarding\":\"1\",\"kernel.msgmax\":"
		  "\"1\",\"kernel.shm_rmid_forced\":\"1\",\"fs.mqueue.msg_max\":"
		  "\"1\",\"kernel.sem\":\"1 2\",\"kernel.domainname\":\"d\"}"),
		BAD("\"sysctl\":{\"net.ipv4.ip_forward\":\"1\"}",
		  "linux.sysctl[\"net.ipv4.ip_forward\"]: needs a namespace of "
		  "type network (linux.namespaces), or it would change the "
		  "host"),
		BAD("\"sysctl\":{\"kernel.msgmax\":\"1\"}",
		  "linux.sysctl[\"kernel.msgmax\"]: needs a namespace of type "
		  "ipc (linux.namespaces), or it would change the host"),
		BAD("\"sysctl\":{\"kernel.domainname\":\"1\"}",
		  "linux.sysctl[\"kernel.domainname\"]: needs a namespace of "
		  "type uts (linux.namespaces), or it would change the host"),
		BAD("\"sysctl\":{\"kernel.hostname\":\"1\"}",
		  "linux.sysctl[\"kernel.hostname\"]: is what the property "
		  "hostname is for"),
		BAD("\"sysctl\":{\"vm.swappiness\":\"1\"}",
		  "linux.sysctl[\"vm.swappiness\"]: belongs to no namespace, so "
		  "it would change the host"),
		BAD("\"sysctl\":{\"kernel.core_pattern\":\"|x\"}",
		  "linux.sysctl[\"kernel.core_pattern\"]: belongs to no "
		  "namespace, so it would change the host"),
		BAD("\"sysctl\":{\"kernel.sem2\":\"1\"}",
		  "linux.sysctl[\"kernel.sem2\"]: belongs to no namespace, so "
		  "it would change the host"),
		BAD("\"sysctl\":{\"net/../kernel/core_pattern\":\"|x\"}",
		  "linux.sysctl[\"net/../kernel/core_pattern\"]: not the name "
		  "of a sysctl"),
		BAD("\"sysctl\":{\"net.//.kernel.core_pattern\":\"|x\"}",
		  "linux.sysctl[\"net.//.kernel.core_pattern\"]: not the name "
		  "of a sysctl"),
		BAD("\"sysctl\":{\"\":\"1\"}",
		  "linux.sysctl[\"\"]: not the name of a sysctl"),
		BAD("\"sysctl\":{\"net.\":\"1\"}",
		  "linux.sysctl[\"net.\"]: not the name of a sysctl"),
		BAD("\"sysctl\":{\"net\":\"1\"}",
		  "linux.sysctl[\"net\"]: belongs to no namespace, so it would "
		  "change the host"),
		BAD("\"sysctl\":{\"net.a\":1}",
		  "linux.sysctl[\"net.a\"]: expected a string, found a number"),
	};

	RUN(LINUX, cases);
}

static void sysctl_names_become_paths(void **state)
{
	static const struct {
		const char *name, *path; /* NULL: refused */
	} cases[] = {
		{ "net.ipv4.ip_forward", "net/ipv4/ip_forward" },
		{ "net/ipv4/ip_forward", "net/ipv4/ip_forward" },
		{ "net.ipv4.conf.eth0/1.x", "net/ipv4/conf/eth0.1/x" },
		{ "net/ipv4/conf/eth0.1/x", "net/ipv4/conf/eth0.1/x" },
		{ "net/.../x", "net/.../x" },
		{ "net", "net" },
		{ "", NULL }, { ".", NULL }, { "/", NULL }, { "/net", NULL },
		{ "net/", NULL }, { "net..x", NULL }, { "net/./x", NULL },
		{ "net/../x", NULL }, { "net.//.x", NULL }, { "..", NULL },
		{ "../x", NULL }, { "net/..", NULL }, { "net.x.//", NULL },
		{ "net.ipv4.a_name_that_has_no_room", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char buf[32];
		int r = oci_sysctl_path(cases[i].name, buf, sizeof(buf));

		assert_int_equal(r, cases[i].path ? 0 : -EINVAL);
		if (cases[i].path)
			assert_string_equal(buf, cases[i].path);
	}
}

static void words_and_paths_are_known(void **state)
{
	static const struct bad cases[] = {
		GOOD("\"rootfsPropagation\":\"rslave\",\"cgroupsPath\":\"/a/b..c/...\""
		  ",\"maskedPaths\":[\"/proc/kcore\"],\"mountLabel\":\"\""),
		GOOD("\"rootfsPropagation\":\"\",\"cgroupsPath\":\"\""),
		BAD("\"rootfsPropagation\":\"rshare\"",
		  "linux.rootfsPropagation: \"rshare\" is not known"),
		BAD("\"cgroupsPath\":\"../x\"",
		  "linux.cgroupsPath: \"../x\" has a \"..\""),
		BAD("\"cgroupsPath\":\"/a/..\"",
		  "linux.cgroupsPath: \"/a/..\" has a \"..\""),
		GOOD("\"cgroupsPath\":\"system.slice:berth:x\""),
		BAD("\"maskedPaths\":[\"/a\",\"b\"]",
		  "linux.maskedPaths[1]: \"b\" is not an absolute path"),
		BAD("\"readonlyPaths\":[\"\"]",
		  "linux.readonlyPaths[0]: \"\" is not an absolute path"),
		GOOD("\"mountLabel\":\"l\""),
		GOOD("\"personality\":{\"domain\":\"LINUX32\"}"),
		BAD("\"personality\":{\"flags\":[]}",
		  "linux.personality.domain: missing"),
		GOOD("\"intelRdt\":{}"),
		BAD("\"intelRdt\":{\"closID\":\"..\"}",
		  "linux.intelRdt.closID: \"..\" is no name of a resctrl "
		  "group"),
		GOOD("\"memoryPolicy\":{\"mode\":\"MPOL_BIND\"}"),
		BAD("\"memoryPolicy\":{\"nodes\":\"0\"}",
		  "linux.memoryPolicy.mode: missing"),
		BAD("\"netDevices\":{\"eth0\":{}}",
		  "linux.netDevices: needs a network namespace "
		  "(linux.namespaces)"),
		GOOD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"eth0\":{},\"eth1\":{\"name\":\"x\"}}"),
		GOOD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"b\"},\"b\":{\"name\":\"a\"}}"),
		GOOD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"e%d\"},\"b\":{\"name\":\"e%d\"}}"),
		GOOD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a-15-bytes-name\":{\"name\":\"\"}}"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"\":{}}",
		  "linux.netDevices[\"\"]: is empty"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a-16-bytes-names\":{}}",
		  "linux.netDevices[\"a-16-bytes-names\"]: is longer than 15 bytes"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\".\":{}}",
		  "linux.netDevices[\".\"]: is no name of a network device"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"..\":{}}",
		  "linux.netDevices[\"..\"]: is no name of a network device"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a/b\":{}}",
		  "linux.netDevices[\"a/b\"]: is no name of a network device"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a:b\":{}}",
		  "linux.netDevices[\"a:b\"]: is no name of a network device"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a b\":{}}",
		  "linux.netDevices[\"a b\"]: is no name of a network device"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a\\tb\":{}}",
		  "linux.netDevices[\"a?b\"]: is no name of a network device"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"e%d\":{}}",
		  "linux.netDevices[\"e%d\"]: is no name of a network device"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"%\"}}",
		  "linux.netDevices[\"a\"].name: \"%\" has a '%' that is not a \"%d\" at the end"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"%s\"}}",
		  "linux.netDevices[\"a\"].name: \"%s\" has a '%' that is not a \"%d\" at the end"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"%d%d\"}}",
		  "linux.netDevices[\"a\"].name: \"%d%d\" has a '%' that is not a \"%d\" at the end"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"%dx\"}}",
		  "linux.netDevices[\"a\"].name: \"%dx\" has a '%' that is not a \"%d\" at the end"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"a%\"}}",
		  "linux.netDevices[\"a\"].name: \"a%\" has a '%' that is not a \"%d\" at the end"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"b/\"}}",
		  "linux.netDevices[\"a\"].name: \"b/\" is no name of a network device"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"b\"},\"b\":{}}",
		  "linux.netDevices[\"b\"]: a second device with the name b"),
		BAD("\"namespaces\":[{\"type\":\"network\"}],\"netDevices\":{\"a\":{\"name\":\"c\"},\"b\":{\"name\":\"c\"}}",
		  "linux.netDevices[\"b\"]: a second device with the name c"),
		GOOD("\"netDevices\":{}"),
		BAD("\"seccomp\":[]",
		  "linux.seccomp: expected an object, found an array"),
	};

	RUN(LINUX, cases);
}

static void time_offsets_need_a_new_namespace(void **state)
{
	static const struct bad cases[] = {
		GOOD("\"timeOffsets\":{}"),
		BAD("\"timeOffsets\":{\"monotonic\":{\"secs\":5}}",
		  "linux.timeOffsets: needs a new time namespace "
		  "(linux.namespaces)"),
		BAD("\"namespaces\":[{\"type\":\"time\",\"path\":\"/x\"}],"
		  "\"timeOffsets\":{\"boottime\":{\"secs\":5}}",
		  "linux.timeOffsets: needs a new time namespace "
		  "(linux.namespaces)"),
		BAD("\"namespaces\":[{\"type\":\"time\"}],"
		  "\"timeOffsets\":{\"boottime\":{\"nanosecs\":1000000000}}",
		  "linux.timeOffsets.boottime.nanosecs: 1000000000 is out of "
		  "range (0 to 999999999)"),
		GOOD("\"namespaces\":[{\"type\":\"time\"}],"
		  "\"timeOffsets\":{\"boottime\":{\"secs\":-5},"
		  "\"monotonic\":{\"secs\":5,\"nanosecs\":999999999}}"),
	};

	RUN(LINUX, cases);
}

#define V2 "not supported: cgroup v2 has no such control"

static void controls_of_v1_pass_at_neutral_values_only(void **state)
{
	static const struct bad cases[] = {
		GOOD("\"memory\":{\"limit\":-1,\"kernel\":-1,\"kernelTCP\":0,"
		  "\"swappiness\":0,\"disableOOMKiller\":false,"
		  "\"useHierarchy\":true},\"cpu\":{\"realtimeRuntime\":0,"
		  "\"realtimePeriod\":0},\"network\":{\"classID\":0,"
		  "\"priorities\":[]},\"blockIO\":{\"leafWeight\":0}"),
		REFUSED("\"memory\":{\"kernel\":1}",
		  "linux.resources.memory.kernel: " V2),
		REFUSED("\"memory\":{\"kernelTCP\":1}",
		  "linux.resources.memory.kernelTCP: " V2),
		REFUSED("\"memory\":{\"swappiness\":60}",
		  "linux.resources.memory.swappiness: " V2),
		REFUSED("\"memory\":{\"disableOOMKiller\":true}",
		  "linux.resources.memory.disableOOMKiller: " V2),
		REFUSED("\"cpu\":{\"realtimeRuntime\":5}",
		  "linux.resources.cpu.realtimeRuntime: " V2),
		REFUSED("\"cpu\":{\"realtimePeriod\":5}",
		  "linux.resources.cpu.realtimePeriod: " V2),
		REFUSED("\"blockIO\":{\"leafWeight\":5}",
		  "linux.resources.blockIO.leafWeight: " V2),
		REFUSED("\"blockIO\":{\"weightDevice\":[{\"major\":1,\"minor\":1},"
		  "{\"major\":1,\"minor\":1,\"leafWeight\":5}]}",
		  "linux.resources.blockIO.weightDevice[1].leafWeight: " V2),
		REFUSED("\"network\":{\"classID\":5}",
		  "linux.resources.network.classID: " V2),
		REFUSED("\"network\":{\"priorities\":[{\"name\":\"a\",\"priority\":1}]}",
		  "linux.resources.network.priorities: " V2),
		BAD("\"memory\":{\"limit\":-2}",
		  "linux.resources.memory.limit: -2 is below -1, which is no "
		  "limit at all"),
		BAD("\"memory\":{\"swap\":-2}",
		  "linux.resources.memory.swap: -2 is below -1, which is no "
		  "limit at all"),
		BAD("\"memory\":{\"limit\":\"5\"}",
		  "linux.resources.memory.limit: expected an integer, found a "
		  "string"),
	};

	RUN("{\"ociVersion\":\"1.3.0\",\"root\":{\"path\":\"r\"},\"linux\":"
	    "{\"resources\":{%s}}}", cases);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(versions_1_x_are_accepted),
		cmocka_unit_test(what_a_container_needs_must_be_there),
		cmocka_unit_test(names_need_a_namespace),
		cmocka_unit_test(other_platforms_are_refused_by_name),
		cmocka_unit_test(mounts_need_a_destination),
		cmocka_unit_test(processes_are_complete_and_in_range),
		cmocka_unit_test(hooks_are_absolute_and_end),
		cmocka_unit_test(namespaces_are_listed_once),
		cmocka_unit_test(mappings_and_user_namespaces_go_together),
		cmocka_unit_test(devices_are_devices),
		cmocka_unit_test(sysctls_never_reach_the_host),
		cmocka_unit_test(sysctl_names_become_paths),
		cmocka_unit_test(words_and_paths_are_known),
		cmocka_unit_test(time_offsets_need_a_new_namespace),
		cmocka_unit_test(controls_of_v1_pass_at_neutral_values_only),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
