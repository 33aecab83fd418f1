/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/container.h"
#include "container/exec_process.h"
#include "oci/spec.h"
#include "unit/spec_build.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"

struct fixture {
	struct arena a;
	char dir[64], file[96];
	struct oci_process base, *p;
	struct oci_capabilities caps;
	struct oci_rlimit limit;
	struct oci_box size;
	struct oci_scheduler scheduler;
	struct oci_io_priority io_priority;
	struct oci_cpu_affinity affinity;
	uint32_t gids[2];
	struct exec_options o;
	struct err e;
};

static char *const true_args[] = { (char *)(uintptr_t)"true", NULL };

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	strcpy(f->dir, "/tmp/berth-exec-XXXXXX");
	if (!mkdtemp(f->dir))
		return -1;
	snprintf(f->file, sizeof(f->file), "%s/process.json", f->dir);
	f->caps.bounding = spec_split(&f->a, "CAP_KILL,CAP_CHOWN");
	f->caps.inheritable = spec_split(&f->a, "CAP_KILL");
	f->limit = (struct oci_rlimit){ spec_str(&f->a, "RLIMIT_CORE"), 1, 2 };
	f->gids[0] = 30;
	f->gids[1] = 40;
	f->base = (struct oci_process){
		.terminal = true,
		.console_size = &f->size,
		.cwd = spec_str(&f->a, "/srv"),
		.args = spec_split(&f->a, "init,--all"),
		.env = spec_split(&f->a, "PATH=/bin,A=1,B=2"),
		.user = { .uid = 10, .gid = 20,
			  .additional_gids = { 2, f->gids } },
		.capabilities = &f->caps,
		.n_rlimits = 1,
		.rlimits = &f->limit,
		.oom_score_adj = { true, 7 },
		.apparmor_profile = spec_str(&f->a, "profile"),
		.selinux_label = spec_str(&f->a, "label"),
		.scheduler = &f->scheduler,
		.io_priority = &f->io_priority,
		.exec_cpu_affinity = &f->affinity,
	};
	f->o.args = true_args;
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	fs_remove_tree(AT_FDCWD, f->dir, NULL);
	arena_free(&f->a);
	free(f);
	return 0;
}

static void decide(struct fixture *f)
{
	if (exec_process(&f->o, &f->base, &f->a, &f->p, &f->e) < 0)
		fail_msg("%s", f->e.text);
}

static void assert_refused(struct fixture *f, int code, const char *text)
{
	struct oci_process *untouched = &f->base;

	f->p = untouched;
	assert_int_equal(exec_process(&f->o, &f->base, &f->a, &f->p, &f->e), code);
	assert_ptr_equal(f->p, untouched);
	if (!strstr(f->e.text, text))
		fail_msg("\"%s\" is not in \"%s\"", text, f->e.text);
}

static const char *joined(struct fixture *f, const struct oci_strv *v)
{
	char *text = arena_strdup(&f->a, "");

	for (size_t i = 0; i < v->n; i++)
		text = arena_printf(&f->a, "%s%s%s", text, i ? "," : "", v->v[i]);
	return text;
}

/* --- from options --------------------------------------------------------------------- */

static void without_options_it_is_the_containers_process(void **state)
{
	struct fixture *f = *state;

	decide(f);
	assert_string_equal(joined(f, &f->p->args), "true");
	assert_string_equal(joined(f, &f->p->env), "PATH=/bin,A=1,B=2");
	assert_string_equal(f->p->cwd, "/srv");
	assert_int_equal(f->p->user.uid, 10);
	assert_int_equal(f->p->user.gid, 20);
	assert_int_equal(f->p->user.additional_gids.n, 2);
	assert_ptr_equal(f->p->capabilities, &f->caps);
	assert_int_equal(f->p->n_rlimits, 1);
	assert_int_equal(f->p->oom_score_adj.v, 7);
	assert_false(f->p->no_new_privileges);
	/* A terminal is what this command asks for, not what that one had. */
	assert_false(f->p->terminal);
	assert_null(f->p->console_size);
	assert_string_equal(joined(f, &f->base.args), "init,--all");
}

static void options_lie_over_it(void **state)
{
	struct fixture *f = *state;

	f->o.args = spec_split(&f->a, "ls,-l,%s").v;
	f->o.cwd = "/else";
	f->o.terminal = f->o.no_new_privs = true;
	decide(f);
	assert_string_equal(joined(f, &f->p->args), "ls,-l,%s");
	assert_string_equal(f->p->cwd, "/else");
	assert_true(f->p->terminal && f->p->no_new_privileges);
	assert_false(f->base.no_new_privileges);
}

static void variables_replace_and_follow(void **state)
{
	static const struct { const char *base, *more, *is; } cases[] = {
		{ "A=1,B=2", "", "A=1,B=2" },
		{ "A=1,B=2", "A=9", "A=9,B=2" },
		{ "A=1,B=2", "C=3", "A=1,B=2,C=3" },
		{ "A=1,B=2", "B=", "A=1,B=" },
		{ "A=1", "AA=2", "A=1,AA=2" },
		{ "AA=1", "A=2", "AA=1,A=2" },
		{ "A=1", "a=2", "A=1,a=2" },
		{ "A=1", "A=x=y", "A=x=y" },
		{ "", "A=1,A=2", "A=2" },
		{ "A=0", "A=1,B=1,A=2,B=2", "A=2,B=2" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct oci_strv more = spec_split(&f->a, cases[i].more);

		f->base.env = spec_split(&f->a, cases[i].base);
		f->o.env = more.v;
		decide(f);
		assert_string_equal(joined(f, &f->p->env), cases[i].is);
		assert_string_equal(joined(f, &f->base.env), cases[i].base);
		assert_true(!f->p->env.n || !f->p->env.v[f->p->env.n]);
	}
}

static void the_user_is_a_number_or_two(void **state)
{
	static const struct {
		const char *user;
		int r;
		uint32_t uid, gid;
	} cases[] = {
		{ "0", 0, 0, 20 },	 { "1000", 0, 1000, 20 },
		{ "1000:5", 0, 1000, 5 }, { "0:0", 0, 0, 0 },
		{ "4294967294", 0, 4294967294u, 20 },
		{ "", -EINVAL, 0, 0 },	 { ":", -EINVAL, 0, 0 },
		{ "1:", -EINVAL, 0, 0 }, { ":1", -EINVAL, 0, 0 },
		{ "-1", -EINVAL, 0, 0 }, { "1:2:3", -EINVAL, 0, 0 },
		{ "root", -EINVAL, 0, 0 }, { "0x1", -EINVAL, 0, 0 },
		{ " 1", -EINVAL, 0, 0 }, { "4294967295", -ERANGE, 0, 0 },
		{ "4294967296", -ERANGE, 0, 0 },
		{ "1:4294967295", -ERANGE, 0, 0 },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		f->o.user = cases[i].user;
		if (cases[i].r < 0) {
			assert_refused(f, cases[i].r, "--user");
			continue;
		}
		decide(f);
		assert_int_equal(f->p->user.uid, cases[i].uid);
		assert_int_equal(f->p->user.gid, cases[i].gid);
	}
}

static void additional_gids_come_behind_the_containers(void **state)
{
	struct fixture *f = *state;

	f->o.additional_gids = spec_split(&f->a, "7,4294967294").v;
	decide(f);
	assert_int_equal(f->p->user.additional_gids.n, 4);
	assert_int_equal(f->p->user.additional_gids.v[0], 30);
	assert_int_equal(f->p->user.additional_gids.v[2], 7);
	assert_int_equal(f->p->user.additional_gids.v[3], 4294967294u);
	assert_int_equal(f->base.user.additional_gids.n, 2);
	f->o.additional_gids = spec_split(&f->a, "7,wheel").v;
	assert_refused(f, -EINVAL, "--additional-gids");
	f->o.additional_gids = spec_split(&f->a, "4294967295").v;
	assert_refused(f, -ERANGE, "--additional-gids");
}

static void a_capability_is_added_but_never_inheritable(void **state)
{
	struct fixture *f = *state;

	f->o.caps = spec_split(&f->a, "CAP_SYS_PTRACE,cap_kill,net_admin").v;
	decide(f);
	assert_string_equal(joined(f, &f->p->capabilities->bounding),
			    "CAP_KILL,CAP_CHOWN,CAP_SYS_PTRACE,CAP_net_admin");
	assert_string_equal(joined(f, &f->p->capabilities->permitted),
			    "CAP_SYS_PTRACE,cap_kill,CAP_net_admin");
	assert_string_equal(joined(f, &f->p->capabilities->effective),
			    "CAP_SYS_PTRACE,cap_kill,CAP_net_admin");
	assert_string_equal(joined(f, &f->p->capabilities->inheritable),
			    "CAP_KILL");
	assert_int_equal(f->p->capabilities->ambient.n, 0);
	/* The container's own are as they were. */
	assert_string_equal(joined(f, &f->caps.bounding), "CAP_KILL,CAP_CHOWN");
	assert_int_equal(f->caps.permitted.n, 0);

	f->base.capabilities = NULL;
	f->o.caps = spec_split(&f->a, "CAP_KILL").v;
	decide(f);
	assert_string_equal(joined(f, &f->p->capabilities->bounding), "CAP_KILL");
	assert_int_equal(f->p->capabilities->inheritable.n, 0);

	f->o.caps = spec_split(&f->a, "CAP_NOTHING").v;
	assert_refused(f, -EINVAL, "--cap");
}

static void what_cannot_be_run_is_refused(void **state)
{
	struct fixture *f = *state;

	f->o.args = (char *const[]){ NULL };
	assert_refused(f, -EINVAL, "no command");
	f->o.args = NULL;
	assert_refused(f, -EINVAL, "no command");
	f->o.args = (char *const[]){ (char *)(uintptr_t)"", NULL };
	assert_refused(f, -EINVAL, "process.args[0]");
	f->o.args = true_args;
	f->o.cwd = "relative";
	assert_refused(f, -EINVAL, "process.cwd");
	f->o.cwd = "";
	assert_refused(f, -EINVAL, "process.cwd");
}

/* --- from a file ---------------------------------------------------------------------- */

static void put(struct fixture *f, const char *text)
{
	assert_int_equal(fs_replace(AT_FDCWD, f->file, text, strlen(text), 0600,
				    NULL), 0);
	f->o.process = f->file;
	f->o.args = NULL;
}

static void a_file_says_it_all(void **state)
{
	struct fixture *f = *state;

	put(f, "{\"args\":[\"a\",\"b\"],\"cwd\":\"/w\",\"env\":[\"X=1\"],"
	       "\"user\":{\"uid\":1,\"gid\":2},\"terminal\":true,"
	       "\"capabilities\":{\"bounding\":[\"CAP_KILL\"]},"
	       "\"rlimits\":[{\"type\":\"RLIMIT_CPU\",\"soft\":3,\"hard\":4}]}");
	decide(f);
	assert_string_equal(joined(f, &f->p->args), "a,b");
	assert_string_equal(joined(f, &f->p->env), "X=1");
	assert_string_equal(f->p->cwd, "/w");
	assert_int_equal(f->p->user.uid, 1);
	assert_int_equal(f->p->user.additional_gids.n, 0);
	assert_true(f->p->terminal);
	assert_string_equal(joined(f, &f->p->capabilities->bounding), "CAP_KILL");
	assert_string_equal(f->p->rlimits[0].type, "RLIMIT_CPU");
	assert_false(f->p->oom_score_adj.set);
}

static void what_a_file_leaves_out_comes_from_the_container(void **state)
{
	struct fixture *f = *state;

	put(f, "{\"args\":[\"a\"],\"cwd\":\"/\"}");
	decide(f);
	assert_ptr_equal(f->p->capabilities, &f->caps);
	assert_int_equal(f->p->n_rlimits, 1);
	assert_ptr_equal(f->p->rlimits, &f->limit);
	assert_string_equal(f->p->apparmor_profile, "profile");
	assert_string_equal(f->p->selinux_label, "label");
	assert_ptr_equal(f->p->scheduler, &f->scheduler);
	assert_ptr_equal(f->p->io_priority, &f->io_priority);
	assert_ptr_equal(f->p->exec_cpu_affinity, &f->affinity);
	assert_false(f->p->terminal);
	/* But neither its user nor its environment: they are the file's. */
	assert_int_equal(f->p->user.uid, 0);
	assert_int_equal(f->p->env.n, 0);
	f->o.terminal = f->o.no_new_privs = true;
	decide(f);
	assert_true(f->p->terminal && f->p->no_new_privileges);
	/* No capabilities are not none said. */
	put(f, "{\"args\":[\"a\"],\"cwd\":\"/\",\"capabilities\":{}}");
	decide(f);
	assert_int_equal(f->p->capabilities->bounding.n, 0);
}

static void a_file_has_labels_and_scheduling_of_its_own(void **state)
{
	struct fixture *f = *state;

	put(f, "{\"args\":[\"a\"],\"cwd\":\"/\",\"apparmorProfile\":\"other\","
	       "\"selinuxLabel\":\"o:t:h:er\","
	       "\"scheduler\":{\"policy\":\"SCHED_IDLE\"},"
	       "\"ioPriority\":{\"class\":\"IOPRIO_CLASS_RT\"},"
	       "\"execCPUAffinity\":{\"initial\":\"3\"}}");
	decide(f);
	assert_string_equal(f->p->apparmor_profile, "other");
	assert_string_equal(f->p->selinux_label, "o:t:h:er");
	assert_string_equal(f->p->scheduler->policy, "SCHED_IDLE");
	assert_string_equal(f->p->io_priority->class, "IOPRIO_CLASS_RT");
	assert_string_equal(f->p->exec_cpu_affinity->initial, "3");
	/* An empty label is none: it does not lift the container's. */
	put(f, "{\"args\":[\"a\"],\"cwd\":\"/\",\"apparmorProfile\":\"\","
	       "\"selinuxLabel\":\"\"}");
	decide(f);
	assert_string_equal(f->p->apparmor_profile, "profile");
	assert_string_equal(f->p->selinux_label, "label");
	f->o.apparmor = "option";
	f->o.process_label = "op:t:i:on";
	decide(f);
	assert_string_equal(f->p->apparmor_profile, "option");
	assert_string_equal(f->p->selinux_label, "op:t:i:on");
}

static void labels_are_the_containers_unless_options_say_otherwise(void **state)
{
	struct fixture *f = *state;

	f->o.apparmor = f->o.process_label = "";
	decide(f);
	assert_string_equal(f->p->apparmor_profile, "profile");
	assert_string_equal(f->p->selinux_label, "label");
	f->o.apparmor = "unconfined";
	f->o.process_label = "op:t:i:on";
	decide(f);
	assert_string_equal(f->p->apparmor_profile, "unconfined");
	assert_string_equal(f->p->selinux_label, "op:t:i:on");
	assert_string_equal(f->base.apparmor_profile, "profile");
	assert_ptr_equal(f->p->scheduler, &f->scheduler);
}

static void a_file_that_is_no_process_is_refused(void **state)
{
	static const struct { const char *text, *error; } cases[] = {
		{ "", "--process" },
		{ "[]", "--process" },
		{ "{\"args\":[\"a\"]}", "cwd" },
		{ "{\"args\":[],\"cwd\":\"/\"}", "args" },
		{ "{\"cwd\":\"/\"}", "args" },
		{ "{\"args\":[\"\"],\"cwd\":\"/\"}", "args[0]" },
		{ "{\"args\":\"a\",\"cwd\":\"/\"}", "args" },
		{ "{\"args\":[\"a\"],\"cwd\":\"w\"}", "cwd" },
		{ "{\"args\":[\"a\"],\"cwd\":\"/\",\"user\":{\"uid\":-1}}", "uid" },
		{ "{\"args\":[\"a\"],\"cwd\":\"/\"", "--process" },
	};
	struct fixture *f = *state;

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		put(f, cases[i].text);
		assert_refused(f, -EINVAL, cases[i].error);
	}
	f->o.process = "/not/there.json";
	assert_refused(f, -ENOENT, "/not/there.json");
	f->o.process = f->dir;
	assert_refused(f, -EISDIR, f->dir);
}

int main(void)
{
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
	const struct CMUnitTest tests[] = {
		TEST(without_options_it_is_the_containers_process),
		TEST(options_lie_over_it),
		TEST(variables_replace_and_follow),
		TEST(the_user_is_a_number_or_two),
		TEST(additional_gids_come_behind_the_containers),
		TEST(a_capability_is_added_but_never_inheritable),
		TEST(what_cannot_be_run_is_refused),
		TEST(a_file_says_it_all),
		TEST(what_a_file_leaves_out_comes_from_the_container),
		TEST(a_file_has_labels_and_scheduling_of_its_own),
		TEST(labels_are_the_containers_unless_options_say_otherwise),
		TEST(a_file_that_is_no_process_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
