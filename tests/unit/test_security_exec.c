/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The order of security/process.h, gone through for real: what a program has
 * after execve does not depend on the capability that was kept for the filter.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include "unit/unit.h"

#include <errno.h>
#include <grp.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "oci/spec.h"
#include "security/caps.h"
#include "security/process.h"
#include "security/seccomp.h"
#include "util/arena.h"
#include "util/auto.h"
#include "wire/plan.h"

#define BIT(n) (1ULL << (n))

struct steps {
	struct cap_sets sets;
	uid_t uid;
	bool no_new_privs;
	bool keep_for_filter;
	struct seccomp_program filter; /* n == 0: none */
};

/* What security_plan_caps tells berth-init. */
static struct plan_caps planned(const struct steps *s)
{
	struct plan_builder b;
	struct plan_caps caps;
	unsigned char *bytes;
	struct plan p;
	uint32_t n;
	size_t len;

	plan_builder_init(&b);
	security_plan_caps(&b, &s->sets, s->keep_for_filter);
	assert_int_equal(plan_finish(&b, 0, &bytes, &len), 0);
	assert_int_equal(plan_open(bytes, len, &p), 0);
	memcpy(&caps, plan_get_blob(&p, p.ops[0].str[0], &n), sizeof(caps));
	free(bytes);
	plan_builder_done(&b);
	return caps;
}

static void must(long r, int step)
{
	if (r < 0)
		_exit(100 + step);
}

static void set_caps(const struct plan_caps *c)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct d[2];

	for (int i = 0; i < 2; i++) {
		d[i].effective = (uint32_t)(c->effective >> (32 * i));
		d[i].permitted = (uint32_t)(c->permitted >> (32 * i));
		d[i].inheritable = (uint32_t)(c->inheritable >> (32 * i));
	}
	must(syscall(SYS_capset, &head, d), 4);
	must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0), 5);
	for (unsigned long i = 0; i < CAPS_COUNT; i++)
		if (c->ambient >> i & 1)
			must(prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_RAISE, i, 0, 0),
			     6);
}

static void become(const struct steps *s, const struct plan_caps *caps, int out)
{
	char *const args[] = { (char *)(uintptr_t)"grep",
			       (char *)(uintptr_t)"-E",
			       (char *)(uintptr_t)"^(Cap|NoNewPrivs)",
			       (char *)(uintptr_t)"/proc/self/status", NULL };
	char *const env[] = { NULL };
	struct sock_fprog prog = {
		(unsigned short)s->filter.n,
		(struct sock_filter *)(uintptr_t)s->filter.filter,
	};

	must(dup2(out, 1), 0);
	for (unsigned long i = 0; i < CAPS_COUNT; i++)
		if (!(s->sets.bounding >> i & 1))
			must(prctl(PR_CAPBSET_DROP, i, 0, 0, 0), 1);
	must(prctl(PR_SET_KEEPCAPS, 1, 0, 0, 0), 2);
	must(setgroups(0, NULL), 3);
	must(syscall(SYS_setresgid, s->uid, s->uid, s->uid), 3);
	must(syscall(SYS_setresuid, s->uid, s->uid, s->uid), 3);
	set_caps(caps);
	if (s->no_new_privs)
		must(prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0), 7);
	if (s->filter.n)
		must(syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER,
			     s->filter.flags, &prog), 8);
	syscall(SYS_execve, "/bin/grep", args, env);
	syscall(SYS_exit_group, 109);
}

static int outcome(const struct steps *s, char *text, size_t size)
{
	const struct plan_caps caps = planned(s);
	int pipefd[2], status;
	ssize_t n, len = 0;
	pid_t pid;

	assert_int_equal(pipe(pipefd), 0);
	pid = fork();
	if (pid == 0)
		become(s, &caps, pipefd[1]);
	close(pipefd[1]);
	while ((n = read(pipefd[0], text + len, size - 1 - (size_t)len)) > 0)
		len += n;
	text[len] = '\0';
	close(pipefd[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	return WEXITSTATUS(status);
}

static const struct cap_sets sets[] = {
	{ 0 },
	{ BIT(CAP_KILL), BIT(CAP_KILL), BIT(CAP_KILL), 0, 0 },
	{ BIT(CAP_KILL) | BIT(CAP_CHOWN), 0, BIT(CAP_CHOWN), BIT(CAP_CHOWN),
	  BIT(CAP_CHOWN) },
	{ BIT(CAP_SYS_ADMIN), BIT(CAP_SYS_ADMIN), BIT(CAP_SYS_ADMIN), 0, 0 },
	{ BIT(CAP_SYS_ADMIN), 0, 0, 0, 0 },
};

static void the_capability_kept_for_the_filter_ends_with_execve(void **state)
{
	static const uid_t uids[] = { 0, 1000 };

	if (geteuid() != 0)
		skip_because("takes root");
	for (size_t i = 0; i < ARRAY_LEN(sets); i++)
		for (size_t k = 0; k < ARRAY_LEN(uids); k++) {
			struct steps s = { .sets = sets[i], .uid = uids[k] };
			char kept[1024], plain[1024];

			assert_int_equal(outcome(&s, plain, sizeof(plain)), 0);
			s.keep_for_filter = true;
			assert_int_equal(outcome(&s, kept, sizeof(kept)), 0);
			assert_string_equal(kept, plain);
			assert_non_null(strstr(plain, "CapBnd"));
		}
}

/* grep needs these, and so does the dynamic linker; nothing of berth's. */
static const char profile[] =
	"{\"defaultAction\":\"SCMP_ACT_ERRNO\",\"syscalls\":[{\"names\":["
	"\"execve\",\"brk\",\"arch_prctl\",\"access\",\"faccessat\",\"openat\","
	"\"newfstatat\",\"fstat\",\"mmap\",\"mprotect\",\"munmap\",\"close\","
	"\"read\",\"write\",\"pread64\",\"set_tid_address\",\"set_robust_list\","
	"\"rseq\",\"prlimit64\",\"getrandom\",\"exit_group\",\"rt_sigaction\","
	"\"lseek\",\"ioctl\",\"fadvise64\",\"futex\",\"sigaltstack\","
	"\"rt_sigprocmask\"],\"action\":\"SCMP_ACT_ALLOW\"}]}";

static void a_profile_without_capset_or_prctl_is_enough(void **state)
{
	const struct oci_raw raw = { profile, sizeof(profile) - 1 };
	const struct seccomp_source src = { .profile = &raw, .cache_dirfd = -1 };
	auto_arena a = { 0 };
	char text[1024];

	if (geteuid() != 0)
		skip_because("takes root");
	for (int nnp = 0; nnp < 2; nnp++)
		for (uid_t uid = 0; uid <= 1000; uid += 1000) {
			struct steps s = { .sets = sets[1], .uid = uid,
					   .no_new_privs = nnp,
					   .keep_for_filter = !nnp };

			assert_int_equal(seccomp_program_get(&src, &a,
							     &s.filter, NULL), 0);
			assert_int_equal(outcome(&s, text, sizeof(text)), 0);
			assert_non_null(strstr(text, nnp ? "NoNewPrivs:\t1" :
							   "NoNewPrivs:\t0"));
			assert_non_null(strstr(text, uid ? "CapEff:\t0000000000000000" :
							   "CapEff:\t0000000000000020"));
		}
}

/* The test above would pass without the capability if that were not so. */
static void without_it_an_ordinary_user_cannot_install_the_filter(void **state)
{
	const struct oci_raw raw = { profile, sizeof(profile) - 1 };
	const struct seccomp_source src = { .profile = &raw, .cache_dirfd = -1 };
	struct steps s = { .sets = sets[1], .uid = 1000 };
	auto_arena a = { 0 };
	char text[1024];

	if (geteuid() != 0)
		skip_because("takes root");
	assert_int_equal(seccomp_program_get(&src, &a, &s.filter, NULL), 0);
	assert_int_equal(outcome(&s, text, sizeof(text)), 108);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_capability_kept_for_the_filter_ends_with_execve),
		cmocka_unit_test(a_profile_without_capset_or_prctl_is_enough),
		cmocka_unit_test(without_it_an_ordinary_user_cannot_install_the_filter),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
