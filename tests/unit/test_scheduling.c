/* SPDX-License-Identifier: Apache-2.0 */
/* Scheduler, I/O priority and processors: what is decoded, and that the kernel
 * then has it.  A child is what they are set on. */
#include "unit/unit.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oci/decode.h"
#include "oci/spec.h"
#include "process/affinity.h"
#include "process/io_priority.h"
#include "process/scheduler.h"
#include "process/settings.h"
#include "util/arena.h"
#include "util/auto.h"

struct fixture {
	struct arena a;
	struct err e;
	struct oci_process *p;
};

static int setup(void **state)
{
	*state = calloc(1, sizeof(struct fixture));
	return *state ? 0 : -1;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	arena_free(&f->a);
	free(f);
	return 0;
}

/* The process of a document with these members. */
static struct oci_process *decode(struct fixture *f, const char *members)
{
	const char *text = arena_printf(&f->a, "{\"cwd\":\"/\",\"args\":[\"a\"],%s}",
					members);

	f->e = (struct err){ 0 };
	if (oci_process_decode(text, strlen(text), &f->a, &f->p, &f->e) < 0)
		fail_msg("%s", f->e.text);
	return f->p;
}

/* --- what is decoded ---------------------------------------------------------- */

static void a_policy_takes_what_belongs_to_it(void **state)
{
	static const struct {
		const char *json;
		struct scheduler want;
	} cases[] = {
		{ "\"policy\":\"SCHED_OTHER\"", { .policy = 0 } },
		{ "\"policy\":\"SCHED_OTHER\",\"nice\":-20",
		  { .policy = 0, .nice = -20 } },
		{ "\"policy\":\"SCHED_BATCH\",\"nice\":19",
		  { .policy = 3, .nice = 19 } },
		{ "\"policy\":\"SCHED_IDLE\"", { .policy = 5 } },
		{ "\"policy\":\"SCHED_FIFO\",\"priority\":1",
		  { .policy = 1, .priority = 1 } },
		{ "\"policy\":\"SCHED_RR\",\"priority\":99",
		  { .policy = 2, .priority = 99 } },
		/* zeros of others are what engines send by habit */
		{ "\"policy\":\"SCHED_RR\",\"priority\":3,\"nice\":0,"
		  "\"runtime\":0,\"deadline\":0,\"period\":0,\"flags\":[]",
		  { .policy = 2, .priority = 3 } },
		{ "\"policy\":\"SCHED_DEADLINE\",\"runtime\":10,"
		  "\"deadline\":20,\"period\":9223372036854775807",
		  { .policy = 6, .runtime = 10, .deadline = 20,
		    .period = INT64_MAX } },
		{ "\"policy\":\"SCHED_OTHER\",\"flags\":["
		  "\"SCHED_FLAG_RESET_ON_FORK\",\"SCHED_FLAG_KEEP_PARAMS\"]",
		  { .flags = 0x11 } },
		{ "\"policy\":\"SCHED_DEADLINE\",\"flags\":["
		  "\"SCHED_FLAG_RECLAIM\",\"SCHED_FLAG_DL_OVERRUN\","
		  "\"SCHED_FLAG_KEEP_POLICY\",\"SCHED_FLAG_UTIL_CLAMP_MIN\","
		  "\"SCHED_FLAG_UTIL_CLAMP_MAX\"]",
		  { .policy = 6, .flags = 0x6e } },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct scheduler got, want = cases[i].want;

		decode(f, arena_printf(&f->a, "\"scheduler\":{%s}",
				       cases[i].json));
		if (scheduler_decode(f->p->scheduler, &got, &f->e) < 0)
			fail_msg("%s: %s", cases[i].json, f->e.text);
		want.size = 56; /* SCHED_ATTR_SIZE_VER1 */
		assert_memory_equal(&got, &want, sizeof(got));
	}
}

static void what_does_not_belong_together_is_refused(void **state)
{
	static const struct { const char *json, *error; } cases[] = {
		{ "\"policy\":\"SCHED_BERTH\"",
		  "process.scheduler.policy: \"SCHED_BERTH\" is not known" },
		{ "\"policy\":\"\"",
		  "process.scheduler.policy: \"\" is not known" },
		{ "\"policy\":\"sched_other\"",
		  "process.scheduler.policy: \"sched_other\" is not known" },
		{ "\"policy\":\"SCHED_ISO\"",
		  "process.scheduler.policy: SCHED_ISO: not supported: Linux has "
		  "no such policy" },
		{ "\"policy\":\"SCHED_OTHER\",\"nice\":20",
		  "process.scheduler.nice: 20 is out of range (-20 to 19)" },
		{ "\"policy\":\"SCHED_BATCH\",\"nice\":-21",
		  "process.scheduler.nice: -21 is out of range (-20 to 19)" },
		{ "\"policy\":\"SCHED_FIFO\",\"priority\":1,\"nice\":1",
		  "process.scheduler.nice: SCHED_FIFO has none" },
		{ "\"policy\":\"SCHED_OTHER\",\"priority\":1",
		  "process.scheduler.priority: SCHED_OTHER has none" },
		{ "\"policy\":\"SCHED_FIFO\"",
		  "process.scheduler.priority: missing, SCHED_FIFO needs one" },
		{ "\"policy\":\"SCHED_RR\",\"priority\":0",
		  "process.scheduler.priority: 0 is out of range (1 to 99)" },
		{ "\"policy\":\"SCHED_RR\",\"priority\":100",
		  "process.scheduler.priority: 100 is out of range (1 to 99)" },
		{ "\"policy\":\"SCHED_RR\",\"priority\":-1",
		  "process.scheduler.priority: -1 is out of range (1 to 99)" },
		{ "\"policy\":\"SCHED_OTHER\",\"runtime\":1",
		  "process.scheduler.runtime: SCHED_OTHER has none" },
		{ "\"policy\":\"SCHED_IDLE\",\"period\":1",
		  "process.scheduler.period: SCHED_IDLE has none" },
		{ "\"policy\":\"SCHED_DEADLINE\",\"deadline\":"
		  "9223372036854775808",
		  "process.scheduler.deadline: 9223372036854775808 is out of "
		  "range (0 to 9223372036854775807)" },
		{ "\"policy\":\"SCHED_OTHER\",\"flags\":["
		  "\"SCHED_FLAG_RECLAIM\",\"SCHED_FLAG_X\"]",
		  "process.scheduler.flags[1]: \"SCHED_FLAG_X\" is not known" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct process_settings got;

		memset(&got, 0x55, sizeof(got));
		decode(f, arena_printf(&f->a, "\"scheduler\":{%s}",
				       cases[i].json));
		assert_true(process_settings_decode(f->p, &got, &f->e) < 0);
		assert_string_equal(f->e.text, cases[i].error);
		assert_int_equal(got.scheduler.flags, 0x5555555555555555);
	}
}

static void io_priorities_are_class_and_level(void **state)
{
	static const struct { const char *json; int want; const char *error; } cases[] = {
		{ "\"class\":\"IOPRIO_CLASS_RT\",\"priority\":0", 1 << 13, NULL },
		{ "\"class\":\"IOPRIO_CLASS_RT\",\"priority\":7", 1 << 13 | 7, NULL },
		{ "\"class\":\"IOPRIO_CLASS_BE\",\"priority\":4", 2 << 13 | 4, NULL },
		{ "\"class\":\"IOPRIO_CLASS_BE\"", 2 << 13, NULL },
		{ "\"class\":\"IOPRIO_CLASS_IDLE\",\"priority\":7", 3 << 13 | 7, NULL },
		{ "\"class\":\"IOPRIO_CLASS_BE\",\"priority\":8", 0,
		  "process.ioPriority.priority: 8 is out of range (0 to 7)" },
		{ "\"class\":\"IOPRIO_CLASS_IDLE\",\"priority\":-1", 0,
		  "process.ioPriority.priority: -1 is out of range (0 to 7)" },
		{ "\"class\":\"IOPRIO_CLASS_NONE\",\"priority\":0", 0,
		  "process.ioPriority.class: \"IOPRIO_CLASS_NONE\" is not known" },
		{ "\"class\":\"\",\"priority\":0", 0,
		  "process.ioPriority.class: \"\" is not known" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		int got = -7, r;

		decode(f, arena_printf(&f->a, "\"ioPriority\":{%s}",
				       cases[i].json));
		r = io_priority_decode(f->p->io_priority, &got, &f->e);
		assert_int_equal(r, cases[i].error ? -EINVAL : 0);
		assert_int_equal(got, cases[i].error ? -7 : cases[i].want);
		if (cases[i].error)
			assert_string_equal(f->e.text, cases[i].error);
	}
}

static void nothing_asked_for_is_nothing_to_set(void **state)
{
	struct fixture *f = *state;
	struct process_settings s;

	decode(f, "\"scheduler\":null,\"ioPriority\":null");
	assert_int_equal(process_settings_decode(f->p, &s, &f->e), 0);
	assert_false(process_settings_any(&s));
	/* A process that is not there would be an error otherwise. */
	assert_int_equal(process_settings_apply(&s, 0x7ffffff0, &f->e), 0);
	decode(f, "\"ioPriority\":{\"class\":\"IOPRIO_CLASS_IDLE\"}");
	assert_int_equal(process_settings_decode(f->p, &s, &f->e), 0);
	assert_true(process_settings_any(&s));
	assert_int_equal(process_settings_apply(&s, 0x7ffffff0, &f->e), -ESRCH);
	assert_string_equal(f->e.text, "process.ioPriority: set "
			    "IOPRIO_CLASS_IDLE: No such process");
}

/* --- what the kernel then has ---------------------------------------------------- */

static pid_t sleeper(void)
{
	pid_t pid = fork();

	if (pid == 0) {
		for (;;)
			pause();
	}
	assert_true(pid > 0);
	return pid;
}

static void end(pid_t pid)
{
	kill(pid, SIGKILL);
	waitpid(pid, NULL, 0);
}

static void a_child_has_what_was_set(void **state)
{
	struct fixture *f = *state;
	struct process_settings s;
	pid_t pid = sleeper();

	decode(f, "\"scheduler\":{\"policy\":\"SCHED_BATCH\",\"nice\":7,"
	       "\"flags\":[\"SCHED_FLAG_RESET_ON_FORK\"]},"
	       "\"ioPriority\":{\"class\":\"IOPRIO_CLASS_IDLE\","
	       "\"priority\":2}");
	assert_int_equal(process_settings_decode(f->p, &s, &f->e), 0);
	if (process_settings_apply(&s, pid, &f->e) < 0)
		fail_msg("%s", f->e.text);
	assert_int_equal(sched_getscheduler(pid),
			 SCHED_BATCH | SCHED_RESET_ON_FORK);
	assert_int_equal(getpriority(PRIO_PROCESS, (id_t)pid), 7);
	assert_int_equal(syscall(SYS_ioprio_get, 1, pid) >> 13, 3);
	end(pid);
}

static void the_kernels_refusal_is_told(void **state)
{
	struct fixture *f = *state;
	struct process_settings s;
	int r;

	/* A period below the runtime is for the kernel to refuse. */
	decode(f, "\"scheduler\":{\"policy\":\"SCHED_DEADLINE\",\"runtime\":"
	       "3000000,\"deadline\":2000000,\"period\":1000000}");
	assert_int_equal(process_settings_decode(f->p, &s, &f->e), 0);
	r = process_settings_apply(&s, 0, &f->e);
	assert_true(r == -EINVAL || r == -EPERM);
	assert_non_null(strstr(f->e.text, "process.scheduler: set SCHED_DEADLINE: "));
}

/* --- processors ------------------------------------------------------------------ */

static struct affinity *affinity(struct fixture *f, const char *json, int want)
{
	struct affinity *a = arena_alloc(&f->a, sizeof(*a));

	decode(f, arena_printf(&f->a, "\"execCPUAffinity\":{%s}", json));
	assert_int_equal(affinity_decode(f->p->exec_cpu_affinity, a, &f->e), want);
	return a;
}

static void lists_of_processors_are_read(void **state)
{
	struct fixture *f = *state;
	struct affinity *a;

	a = affinity(f, "\"initial\":\"0-3,7\",\"final\":\"1025,8191\"", 0);
	assert_true(a->has_initial && a->has_final);
	assert_int_equal(a->initial.v[0], 0x8f);
	assert_int_equal(a->final.v[0], 0);
	assert_int_equal(a->final.v[16], 2);
	assert_true(a->final.v[127] == 1ul << 63);

	a = affinity(f, "\"final\":\"1\"", 0);
	assert_true(!a->has_initial && a->has_final);
	/* Afterwards it is what the cgroup leaves of all. */
	a = affinity(f, "\"initial\":\"1\"", 0);
	assert_true(a->has_initial && a->has_final);
	for (size_t i = 0; i < ARRAY_LEN(a->final.v); i++)
		assert_true(a->final.v[i] == ~0ul);
	a = affinity(f, "\"initial\":\"\",\"final\":\"\"", 0);
	assert_false(a->has_initial || a->has_final);
	affinity(f, "\"initial\":\"1,\"", -EINVAL);
	assert_string_equal(f->e.text, "process.execCPUAffinity.initial: \"1,\" is "
			    "not a list like 0-3,7");
	affinity(f, "\"initial\":\"1\",\"final\":\"0-8192\"", -EINVAL);
	assert_string_equal(f->e.text, "process.execCPUAffinity.final: \"0-8192\" "
			    "has a processor above 8191");
}

static void a_child_runs_where_it_is_told(void **state)
{
	struct fixture *f = *state;
	struct affinity *a = affinity(f, "\"initial\":\"0\"", 0);
	pid_t pid = sleeper();
	cpu_set_t before, now;

	assert_int_equal(sched_getaffinity(0, sizeof(before), &before), 0);
	assert_int_equal(affinity_apply_initial(a, pid, &f->e), 0);
	assert_int_equal(sched_getaffinity(pid, sizeof(now), &now), 0);
	assert_int_equal(CPU_COUNT(&now), 1);
	assert_true(CPU_ISSET(0, &now));
	assert_int_equal(affinity_apply_final(a, pid, &f->e), 0);
	assert_int_equal(sched_getaffinity(pid, sizeof(now), &now), 0);
	assert_true(CPU_COUNT(&now) >= CPU_COUNT(&before));
	/* No machine of ours has that one. */
	a = affinity(f, "\"final\":\"8000\"", 0);
	assert_int_equal(affinity_apply_initial(a, pid, &f->e), 0);
	assert_int_equal(affinity_apply_final(a, pid, &f->e), -EINVAL);
	assert_string_equal(f->e.text, "process.execCPUAffinity.final: none of these "
			    "processors can be used");
	end(pid);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(a_policy_takes_what_belongs_to_it),
		TEST(what_does_not_belong_together_is_refused),
		TEST(io_priorities_are_class_and_level),
		TEST(nothing_asked_for_is_nothing_to_set),
		TEST(a_child_has_what_was_set),
		TEST(the_kernels_refusal_is_told),
		TEST(lists_of_processors_are_read),
		TEST(a_child_runs_where_it_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
