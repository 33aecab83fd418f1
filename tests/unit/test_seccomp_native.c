/* SPDX-License-Identifier: Apache-2.0 */
/* Filters installed for real, each in a child of its own. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oci/spec.h"
#include "security/seccomp.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/err.h"

#define NO_SUCH_CALL 4000 /* above every number there is, below x32 */

static void get(const char *json, struct arena *a, struct seccomp_program *p)
{
	const struct oci_raw raw = { json, strlen(json) };
	const struct seccomp_source src = { .profile = &raw, .cache_dirfd = -1 };
	struct err e = { 0 };

	if (seccomp_program_get(&src, a, p, &e) < 0)
		fail_msg("%s", e.text);
}

/* Runs in the child: errno of each call, -1 for success, to the parent. */
struct answers {
	int installed, none_such, getppid_, mkdir_, personality_;
};

static int errno_of(long r)
{
	return r < 0 ? errno : -1;
}

static void install_and_call(const struct seccomp_program *p, int out)
{
	struct sock_fprog prog = {
		.len = (unsigned short)p->n,
		.filter = (struct sock_filter *)(uintptr_t)p->filter,
	};
	struct answers r = { 0 };

	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0)
		_exit(1);
	r.installed = errno_of(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
				       p->flags, &prog));
	r.none_such = errno_of(syscall(NO_SUCH_CALL));
	r.getppid_ = errno_of(syscall(SYS_getppid));
	r.mkdir_ = errno_of(syscall(SYS_mkdirat, -1, "relative", 0700));
	r.personality_ = errno_of(syscall(SYS_personality, 0xffffffff));
	if (syscall(SYS_write, out, &r, sizeof(r)) != sizeof(r))
		_exit(2);
	syscall(SYS_exit_group, 0);
}

/* The child's wait status; @ret is what it could say before. */
static int run(const char *json, struct answers *ret)
{
	struct seccomp_program p;
	auto_arena a = { 0 };
	int pipefd[2], status;
	pid_t pid;

	get(json, &a, &p);
	assert_int_equal(pipe(pipefd), 0);
	pid = fork();
	if (pid == 0)
		install_and_call(&p, pipefd[1]);
	close(pipefd[1]);
	memset(ret, 0, sizeof(*ret));
	(void)!read(pipefd[0], ret, sizeof(*ret));
	close(pipefd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

#define ALLOWED                                                               \
	"{\"names\":[\"write\",\"exit_group\",\"getppid\",\"openat2\","       \
	"\"restart_syscall\"],\"action\":\"SCMP_ACT_ALLOW\"}"

static void the_default_answers_calls_that_exist(void **state)
{
	struct answers r;

	assert_int_equal(run("{\"defaultAction\":\"SCMP_ACT_ERRNO\","
			     "\"syscalls\":[" ALLOWED "]}", &r), 0);
	assert_int_equal(r.installed, -1);
	assert_int_equal(r.getppid_, -1);
	assert_int_equal(r.mkdir_, EPERM);
	assert_int_equal(r.personality_, EPERM);
}

static void a_call_that_does_not_exist_yet_gets_enosys(void **state)
{
	struct answers r;

	assert_int_equal(run("{\"defaultAction\":\"SCMP_ACT_ERRNO\","
			     "\"syscalls\":[" ALLOWED "]}", &r), 0);
	assert_int_equal(r.none_such, ENOSYS);
	assert_int_equal(run("{\"defaultAction\":\"SCMP_ACT_ERRNO\","
			     "\"defaultErrnoRet\":13,"
			     "\"syscalls\":[" ALLOWED "]}", &r), 0);
	assert_int_equal(r.none_such, ENOSYS);
	assert_int_equal(r.mkdir_, EACCES);
}

static void a_default_of_kill_spares_only_such_calls(void **state)
{
	struct answers r;
	int status = run("{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\","
			 "\"syscalls\":[" ALLOWED ",{\"names\":[\"mkdirat\","
			 "\"personality\"],\"action\":\"SCMP_ACT_ERRNO\"}]}",
			 &r);

	assert_int_equal(status, 0);
	assert_int_equal(r.none_such, ENOSYS);
	status = run("{\"defaultAction\":\"SCMP_ACT_KILL_PROCESS\","
		     "\"syscalls\":[" ALLOWED "]}", &r);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
}

static void arguments_decide(void **state)
{
	struct answers r;

	assert_int_equal(run("{\"defaultAction\":\"SCMP_ACT_ALLOW\","
			     "\"syscalls\":[{\"names\":[\"personality\"],"
			     "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":7,"
			     "\"args\":[{\"index\":0,\"value\":4294967295,"
			     "\"op\":\"SCMP_CMP_EQ\"}]}]}", &r), 0);
	assert_int_equal(r.personality_, 7);
	assert_int_equal(r.none_such, ENOSYS); /* the kernel's own answer */
	assert_int_equal(run("{\"defaultAction\":\"SCMP_ACT_ALLOW\","
			     "\"syscalls\":[{\"names\":[\"personality\"],"
			     "\"action\":\"SCMP_ACT_ERRNO\",\"errnoRet\":7,"
			     "\"args\":[{\"index\":0,\"value\":4294967294,"
			     "\"op\":\"SCMP_CMP_EQ\"}]}]}", &r), 0);
	assert_int_equal(r.personality_, -1);
}

static void every_flag_installs(void **state)
{
	struct answers r;

	assert_int_equal(run("{\"defaultAction\":\"SCMP_ACT_ALLOW\",\"flags\":["
			     "\"SECCOMP_FILTER_FLAG_TSYNC\","
			     "\"SECCOMP_FILTER_FLAG_LOG\","
			     "\"SECCOMP_FILTER_FLAG_SPEC_ALLOW\","
			     "\"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV\"]}",
			     &r), 0);
	assert_int_equal(r.installed, -1);
}

static void a_profile_that_notifies_gives_a_listener(void **state)
{
	struct seccomp_program p;
	auto_arena a = { 0 };
	int status;
	pid_t pid;

	get("{\"defaultAction\":\"SCMP_ACT_ALLOW\","
	    "\"flags\":[\"SECCOMP_FILTER_FLAG_TSYNC\"],"
	    "\"listenerPath\":\"/agent\",\"syscalls\":[{\"names\":[\"mkdir\"],"
	    "\"action\":\"SCMP_ACT_NOTIFY\"}]}", &a, &p);
	assert_true(p.notify);
	pid = fork();
	if (pid == 0) {
		struct sock_fprog prog = {
			(unsigned short)p.n,
			(struct sock_filter *)(uintptr_t)p.filter,
		};

		prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0);
		_exit(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, p.flags,
			      &prog) > 2 ? 0 : 1);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_default_answers_calls_that_exist),
		cmocka_unit_test(a_call_that_does_not_exist_yet_gets_enosys),
		cmocka_unit_test(a_default_of_kill_spares_only_such_calls),
		cmocka_unit_test(arguments_decide),
		cmocka_unit_test(every_flag_installs),
		cmocka_unit_test(a_profile_that_notifies_gives_a_listener),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
