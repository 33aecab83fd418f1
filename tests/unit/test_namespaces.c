/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "namespaces/namespaces.h"
#include "oci/spec.h"
#include "util/auto.h"
#include "wire/plan.h"

#ifndef CLONE_NEWTIME
#define CLONE_NEWTIME 0x00000080
#endif

#define ALL_KINDS                                                              \
	(CLONE_NEWUSER | CLONE_NEWPID | CLONE_NEWNET | CLONE_NEWNS |           \
	 CLONE_NEWIPC | CLONE_NEWUTS | CLONE_NEWCGROUP | CLONE_NEWTIME)

/* Where the kernel has the caller's own namespace of each kind. */
static const char *const links[OCI_NS_COUNT] = {
	[OCI_NS_USER] = "/proc/self/ns/user",
	[OCI_NS_PID] = "/proc/self/ns/pid",
	[OCI_NS_NETWORK] = "/proc/self/ns/net",
	[OCI_NS_MOUNT] = "/proc/self/ns/mnt",
	[OCI_NS_IPC] = "/proc/self/ns/ipc",
	[OCI_NS_UTS] = "/proc/self/ns/uts",
	[OCI_NS_CGROUP] = "/proc/self/ns/cgroup",
	[OCI_NS_TIME] = "/proc/self/ns/time",
};

/* A configuration by CLONE_NEW* sets; what is in both is joined. */
static void make_config(struct oci_linux *l, uint64_t created, uint64_t joined)
{
	memset(l, 0, sizeof(*l));
	for (unsigned int k = 0; k < OCI_NS_COUNT; k++) {
		if (!((created | joined) & ns_flag(k)))
			continue;
		l->namespaces[k].listed = true;
		if (joined & ns_flag(k))
			l->namespaces[k].path = (char *)(uintptr_t)links[k];
	}
}

/* The operations in short: "+set" unshare, "<set" join, "map UID:GID",
 * "fork set"; a set is of letters, in this order. */
static const struct { uint64_t flag; char letter; } letters[] = {
	{ CLONE_NEWUSER, 'u' }, { CLONE_NEWPID, 'p' }, { CLONE_NEWNET, 'n' },
	{ CLONE_NEWNS, 'm' },	{ CLONE_NEWIPC, 'i' }, { CLONE_NEWUTS, 'h' },
	{ CLONE_NEWCGROUP, 'c' }, { CLONE_NEWTIME, 't' },
};

static void put_set(char *out, uint64_t set)
{
	out += strlen(out);
	for (size_t i = 0; i < ARRAY_LEN(letters); i++)
		if (set & letters[i].flag)
			*out++ = letters[i].letter;
	*out = '\0';
	assert_int_equal(set & ~(uint64_t)ALL_KINDS, 0);
}

static uint64_t parse_set(const char *s)
{
	uint64_t set = 0;

	for (; *s; s++)
		for (size_t i = 0; i < ARRAY_LEN(letters); i++)
			if (letters[i].letter == *s)
				set |= letters[i].flag;
	return set;
}

static void describe(const struct plan_op *op, char *out)
{
	if (*out)
		strcat(out, " ");
	switch (op->code) {
	case PLAN_NS_JOIN:
		assert_true(op->fd[0] >= 0);
		strcat(out, "<");
		put_set(out, op->num[0]);
		break;
	case PLAN_NS_UNSHARE:
		assert_int_not_equal(op->num[0], 0);
		strcat(out, "+");
		put_set(out, op->num[0]);
		break;
	case PLAN_NS_MAP:
		sprintf(out + strlen(out), "map%u:%u%s", (unsigned int)op->num[0],
			(unsigned int)op->num[1], op->num[2] ? "!" : "");
		break;
	case PLAN_TIME_OFFSETS:
		strcat(out, "offsets");
		break;
	case PLAN_FORK:
		strcat(out, "fork");
		put_set(out, op->num[0]);
		break;
	default:
		fail_msg("unexpected operation %u", op->code);
	}
}

static const struct ns_caller root = { .privileged = true };

struct outcome {
	struct ns_caller caller;
	struct ns_plan ns; /* fds are gone */
	char ops[256];
};

static void decide(const struct oci_linux *l, struct outcome *o)
{
	struct plan_builder *b = malloc(sizeof(*b));
	struct err e = { 0 };

	o->ops[0] = '\0';
	plan_builder_init(b);
	if (ns_plan_make(l, &o->caller, &o->ns, &e) < 0)
		fail_msg("%s", e.text);
	ns_plan_emit(&o->ns, b);
	assert_int_equal(b->failed, 0);
	for (size_t i = 0; i < b->n_ops; i++)
		describe(&b->ops[i], o->ops);
	for (int k = 0; k < OCI_NS_COUNT; k++)
		assert_true(o->ns.join_fd[k] < 0);
	plan_builder_done(b);
	free(b);
}

static void each_combination_has_its_operations(void **state)
{
	static const struct {
		const char *created, *joined, *cloned, *ops;
	} cases[] = {
		{ "", "", "", "" },
		/* clone3 makes what it can */
		{ "p", "", "p", "" },
		{ "pnmih", "", "pnmih", "" },
		{ "pnmihc", "", "pnmih", "+c" },
		{ "c", "", "", "+c" },
		/* the time namespace is entered by a child, which has to be the
		 * first of a new pid namespace */
		{ "t", "", "", "+t fork" },
		{ "ct", "", "", "+ct fork" },
		{ "pt", "", "", "+t forkp" },
		{ "pnmihct", "", "nmih", "+ct forkp" },
		/* joined: never the mount namespace before another */
		{ "", "n", "", "<n" },
		{ "", "m", "", "<m" },
		{ "", "p", "", "<p fork" },
		{ "", "t", "", "<t fork" },
		{ "", "c", "", "<c" },
		{ "", "nihcm", "", "<n <i <h <c <m" },
		{ "", "nihctpm", "", "<n <i <h <c <t <p <m fork" },
		{ "m", "nih", "m", "<n <i <h" },
		{ "mc", "n", "m", "<n +c" },
		{ "p", "t", "", "<t forkp" },
		{ "t", "p", "", "<p +t fork" },
		/* a new user namespace: first of all, and the others are its own */
		{ "u", "", "", "+u map0:0" },
		{ "upnmih", "", "", "+u map0:0 +nmih forkp" },
		{ "upnmihc", "", "", "+u map0:0 +nmihc forkp" },
		{ "upnmihct", "", "", "+u map0:0 +nmihct forkp" },
		{ "um", "n", "", "<n +u map0:0 +m" },
		{ "um", "p", "", "<p +u map0:0 +m fork" },
		{ "u", "nihctpm", "", "<n <i <h <c <t <p <m +u map0:0 fork" },
		/* a joined one: last of the joins, and what is new comes after */
		{ "", "u", "", "<u" },
		{ "pm", "u", "", "<u +m forkp" },
		{ "pmc", "un", "", "<n <u +mc forkp" },
		{ "t", "u", "", "<u +t fork" },
		{ "", "unihctpm", "", "<n <i <h <c <t <p <m <u fork" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct oci_linux l;
		struct outcome o = { .caller = root };

		make_config(&l, parse_set(cases[i].created),
			    parse_set(cases[i].joined));
		decide(&l, &o);
		assert_string_equal(o.ops, cases[i].ops);
		assert_true(o.ns.clone_flags == parse_set(cases[i].cloned));
		assert_true(o.ns.created == parse_set(cases[i].created));
		assert_true(o.ns.joined == parse_set(cases[i].joined));
	}
}

/* Every kind new, joined or the runtime's: 3 to the 8th configurations. */
static void every_namespace_is_made_or_joined_exactly_once(void **state)
{
	for (int n = 0; n < 6561; n++) {
		uint64_t created = 0, joined = 0, made, entered = 0;
		bool user, forks;
		struct outcome o = { .caller = root };
		struct oci_linux l;
		char *save = NULL;

		for (int k = 0, rest = n; k < OCI_NS_COUNT; k++, rest /= 3) {
			created |= rest % 3 == 1 ? ns_flag((enum oci_ns)k) : 0;
			joined |= rest % 3 == 2 ? ns_flag((enum oci_ns)k) : 0;
		}
		make_config(&l, created, joined);
		decide(&l, &o);
		made = o.ns.clone_flags;
		forks = strstr(o.ops, "fork");
		user = (created | joined) & CLONE_NEWUSER;
		for (char *s = strtok_r(o.ops, " ", &save); s;
		     s = strtok_r(NULL, " ", &save)) {
			uint64_t set;

			if (strncmp(s, "map", 3) == 0)
				continue;
			set = parse_set(*s == 'f' ? s + 4 : s + 1);
			assert_int_equal((*s == '<' ? entered : made) & set, 0);
			*(*s == '<' ? &entered : &made) |= set;
		}
		assert_true(made == created);
		assert_true(entered == joined);
		assert_int_equal(o.ns.maps, !!(created & CLONE_NEWUSER));
		assert_int_equal(o.ns.forks, forks);
		/* clone3 makes nothing before the user namespace that owns it,
		 * nor a cgroup namespace of the runtime's own cgroup. */
		if (user)
			assert_int_equal(o.ns.clone_flags, 0);
		assert_int_equal(o.ns.clone_flags &
				 (CLONE_NEWUSER | CLONE_NEWCGROUP | CLONE_NEWTIME), 0);
	}
}

static void who_root_is_depends_on_the_maps(void **state)
{
	static const struct {
		struct oci_id_mapping v[3];
		size_t n;
		uint32_t uid;
	} cases[] = {
		{ .n = 0, .uid = 0 },
		{ { { 0, 100000, 65536 } }, 1, 0 },
		{ { { 5, 100000, 10 } }, 1, 5 },
		{ { { 1000, 1000, 1 }, { 0, 100000, 10 } }, 2, 0 },
		{ { { 7, 1000, 1 }, { 9, 100000, 10 }, { 3, 5, 1 } }, 3, 7 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct oci_linux l;
		struct outcome o = { .caller = root };
		char want[64];

		make_config(&l, CLONE_NEWUSER, 0);
		l.uid_mappings.n = cases[i].n;
		l.uid_mappings.v = (struct oci_id_mapping *)(uintptr_t)cases[i].v;
		l.gid_mappings.n = 1;
		l.gid_mappings.v = &(struct oci_id_mapping){ 42, 42, 1 };
		decide(&l, &o);
		snprintf(want, sizeof(want), "+u map%u:42", cases[i].uid);
		assert_string_equal(o.ops, want);
	}
}

/* Who has no privileges has them only in a user namespace: it is joined first, and
 * the process is left to its user while the maps are written. */
static void a_user_joins_the_user_namespace_first(void **state)
{
	static const struct {
		const char *created, *joined, *ops;
	} cases[] = {
		{ "", "u", "<u" },
		{ "mp", "uni", "<u <n <i +m forkp" },
		{ "", "unihctpm", "<u <n <i <h <c <t <p <m fork" },
		{ "upnmih", "", "+u map0:0! +nmih forkp" },
		{ "um", "n", "<n +u map0:0! +m" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct outcome o = { .caller = { .uid = 1000, .gid = 1000 } };
		struct oci_linux l;

		make_config(&l, parse_set(cases[i].created),
			    parse_set(cases[i].joined));
		decide(&l, &o);
		assert_string_equal(o.ops, cases[i].ops);
	}
}

static void the_ways_of_the_maps_are_the_callers(void **state)
{
	struct oci_id_mapping own = { 0, 1000, 1 }, more = { 0, 1000, 2 };
	struct outcome o = { .caller = { .uid = 1000, .gid = 1001 } };
	struct oci_linux l;

	make_config(&l, CLONE_NEWUSER, 0);
	l.uid_mappings = (struct oci_id_mappings){ 1, &own };
	l.gid_mappings = (struct oci_id_mappings){ 1, &own };
	decide(&l, &o);
	assert_int_equal(o.ns.uid_way, NS_MAP_OWN);
	assert_int_equal(o.ns.gid_way, NS_MAP_HELPER);
	l.uid_mappings.v = &more;
	o.caller = root;
	decide(&l, &o);
	assert_int_equal(o.ns.uid_way, NS_MAP_DIRECT);
	assert_int_equal(o.ns.gid_way, NS_MAP_DIRECT);
}

static void offsets_are_set_before_the_first_process_is_there(void **state)
{
	struct oci_time_offset mono = { { true, -7 }, 5 };
	struct oci_time_offset boot = { { false, 0 }, 999999999 };
	static const struct {
		const char *created, *joined, *ops;
	} cases[] = {
		{ "t", "", "+t offsets fork" },
		{ "upt", "", "+u map0:0 +t offsets forkp" },
		{ "t", "p", "<p +t offsets fork" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct outcome o = { .caller = root };
		struct oci_linux l;

		make_config(&l, parse_set(cases[i].created),
			    parse_set(cases[i].joined));
		l.time_monotonic = &mono;
		l.time_boottime = &boot;
		decide(&l, &o);
		assert_string_equal(o.ops, cases[i].ops);
		assert_string_equal(o.ns.time_offsets,
				    "monotonic -7 5\nboottime 0 999999999\n");
	}
}

static void the_longest_offsets_fit(void **state)
{
	struct oci_time_offset least = { { true, INT64_MIN }, UINT32_MAX };
	struct outcome o = { .caller = root };
	struct oci_linux l;

	make_config(&l, CLONE_NEWTIME, 0);
	l.time_monotonic = l.time_boottime = &least;
	decide(&l, &o);
	assert_string_equal(o.ns.time_offsets,
			    "monotonic -9223372036854775808 4294967295\n"
			    "boottime -9223372036854775808 4294967295\n");
}

static void a_namespace_is_the_callers_or_not(void **state)
{
	for (unsigned int k = 0; k < OCI_NS_COUNT; k++) {
		assert_int_equal(ns_is_callers(k, links[k]), 1);
		assert_int_equal(ns_is_callers(k, links[(k + 1) % OCI_NS_COUNT]), 0);
	}
	assert_int_equal(ns_is_callers(OCI_NS_USER, "/proc/self/ns/none"), -ENOENT);
}

static unsigned int open_fds(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

static void a_path_that_is_not_the_namespace_is_refused(void **state)
{
	static const struct {
		enum oci_ns kind;
		const char *path, *text;
		int r;
	} cases[] = {
		{ OCI_NS_NETWORK, "/proc/self/ns/ipc", "another kind", -EINVAL },
		{ OCI_NS_PID, "/proc/self/ns/mnt", "another kind", -EINVAL },
		{ OCI_NS_USER, "/dev/null", "is not a namespace", -EINVAL },
		{ OCI_NS_UTS, "/etc/passwd", "is not a namespace", -EINVAL },
		{ OCI_NS_UTS, "/", "is not a namespace", -EINVAL },
		{ OCI_NS_IPC, "/proc/self/ns/nothing", "/proc/self/ns/nothing",
		  -ENOENT },
		{ OCI_NS_TIME, "", "open", -ENOENT },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		unsigned int before = open_fds();
		struct ns_plan ns = { .created = 4711 };
		struct err e = { 0 };
		struct oci_linux l;

		/* The others were opened before, and must be closed again. */
		make_config(&l, 0, ALL_KINDS);
		l.namespaces[cases[i].kind].path =
			(char *)(uintptr_t)cases[i].path;
		assert_int_equal(ns_plan_make(&l, &root, &ns, &e), cases[i].r);
		assert_int_equal(ns.created, 4711);
		assert_non_null(strstr(e.text, cases[i].text));
		assert_non_null(strstr(e.text, "linux.namespaces: "));
		assert_non_null(strstr(e.text, ns_name(cases[i].kind)));
		assert_int_equal(open_fds(), before);
	}
}

static void what_is_not_handed_over_is_closed(void **state)
{
	unsigned int before = open_fds();
	struct oci_linux l;
	struct err e = { 0 };

	make_config(&l, 0, ALL_KINDS);
	{
		auto_ns_plan ns = { 0 };

		assert_int_equal(ns_plan_make(&l, &root, &ns, &e), 0);
		assert_int_equal(open_fds(), before + OCI_NS_COUNT);
		for (int k = 0; k < OCI_NS_COUNT; k++)
			assert_int_equal(fcntl(ns.join_fd[k], F_GETFD),
					 FD_CLOEXEC);
	}
	assert_int_equal(open_fds(), before);
}

static void a_namespace_is_the_containers_when_made_or_joined(void **state)
{
	const struct ns_plan p = { .created = CLONE_NEWNS | CLONE_NEWPID,
				   .joined = CLONE_NEWNET };

	assert_true(ns_plan_has(&p, OCI_NS_MOUNT));
	assert_true(ns_plan_has(&p, OCI_NS_PID));
	assert_true(ns_plan_has(&p, OCI_NS_NETWORK));
	assert_false(ns_plan_has(&p, OCI_NS_USER));
	assert_false(ns_plan_has(&p, OCI_NS_TIME));
}

/* --- the network, late -------------------------------------------------------- */

static void only_a_network_of_clone3_comes_late(void **state)
{
	static const struct {
		uint64_t created, joined;
		bool late;
	} cases[] = {
		{ CLONE_NEWNET | CLONE_NEWNS | CLONE_NEWPID, 0, true },
		{ CLONE_NEWNET | CLONE_NEWTIME, CLONE_NEWPID, true },
		{ CLONE_NEWNS, 0, false },
		{ CLONE_NEWNS, CLONE_NEWNET, false },
		{ CLONE_NEWNET | CLONE_NEWUSER, 0, false },
		{ CLONE_NEWNET, CLONE_NEWUSER, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct plan_builder *b = malloc(sizeof(*b));
		auto_ns_plan ns = { 0 };
		struct err e = { 0 };
		struct oci_linux l;
		uint64_t before;
		char ops[256] = "";

		make_config(&l, cases[i].created, cases[i].joined);
		plan_builder_init(b);
		assert_int_equal(ns_plan_make(&l, &root, &ns, &e), 0);
		before = ns.clone_flags;
		ns_plan_late(&ns);
		assert_int_equal(ns.late, cases[i].late);
		assert_true(ns.clone_flags ==
			    (before & ~(cases[i].late ? CLONE_NEWNET : 0ULL)));
		ns_plan_emit(&ns, b);
		for (size_t k = 0; k < b->n_ops; k++)
			if (b->ops[k].code == PLAN_NS_UNSHARE)
				describe(&b->ops[k], ops);
		/* Nobody but the caller makes it then. */
		if (cases[i].late)
			assert_null(strchr(ops, 'n'));
		plan_builder_done(b);
		free(b);
	}
}

static void a_network_is_made_and_left(void **state)
{
	struct stat before, after, made;
	unsigned int fds = open_fds();
	struct err e = { 0 };
	int fd;

	if (geteuid() != 0)
		skip();
	assert_int_equal(stat("/proc/self/ns/net", &before), 0);
	fd = ns_make_network(&e);
	assert_true(fd >= 0);
	assert_int_equal(stat("/proc/self/ns/net", &after), 0);
	assert_true(before.st_ino == after.st_ino);
	assert_int_equal(fstat(fd, &made), 0);
	assert_true(made.st_ino != before.st_ino);
	assert_int_equal(fcntl(fd, F_GETFD), FD_CLOEXEC);
	close(fd);
	assert_int_equal(open_fds(), fds);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_combination_has_its_operations),
		cmocka_unit_test(every_namespace_is_made_or_joined_exactly_once),
		cmocka_unit_test(who_root_is_depends_on_the_maps),
		cmocka_unit_test(a_user_joins_the_user_namespace_first),
		cmocka_unit_test(the_ways_of_the_maps_are_the_callers),
		cmocka_unit_test(offsets_are_set_before_the_first_process_is_there),
		cmocka_unit_test(the_longest_offsets_fit),
		cmocka_unit_test(a_namespace_is_the_callers_or_not),
		cmocka_unit_test(a_path_that_is_not_the_namespace_is_refused),
		cmocka_unit_test(what_is_not_handed_over_is_closed),
		cmocka_unit_test(a_namespace_is_the_containers_when_made_or_joined),
		cmocka_unit_test(only_a_network_of_clone3_comes_late),
		cmocka_unit_test(a_network_is_made_and_left),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
