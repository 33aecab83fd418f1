/* SPDX-License-Identifier: Apache-2.0 */
/* The session keyring that PLAN_KEYRING makes or joins, each time in a child. */
#include "unit/unit.h"

#include <errno.h>
#include <linux/keyctl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include "container/plan.h"
#include "init/init.h"
#include "util/auto.h"

struct seen { /* by a child */
	int result;
	long serial;
	char text[160]; /* type;uid;gid;permissions;name */
};

static struct seen *seen; /* memory shared with the children */

static int setup(void **state)
{
	seen = mmap(NULL, sizeof(*seen), PROT_READ | PROT_WRITE,
		    MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	return seen == MAP_FAILED ? -1 : 0;
}

static int teardown(void **state)
{
	return munmap(seen, sizeof(*seen));
}

static void join(const char *name, uint64_t rights)
{
	struct plan_builder *b = malloc(sizeof(*b));
	struct init in = { 0 };
	unsigned char *bytes;
	struct plan_op *op;
	size_t len;

	plan_builder_init(b);
	op = plan_add(b, PLAN_KEYRING, NULL);
	op->str[0] = plan_str(b, name);
	op->num[0] = rights;
	if (plan_finish(b, 0, &bytes, &len) < 0 ||
	    plan_open(bytes, len, &in.plan) < 0)
		_exit(1);
	seen->result = op_keyring(&in, &in.plan.ops[0]);
	seen->serial = syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,
			       KEY_SPEC_SESSION_KEYRING, 0);
	syscall(SYS_keyctl, KEYCTL_DESCRIBE, KEY_SPEC_SESSION_KEYRING,
		seen->text, sizeof(seen->text));
	plan_builder_done(b);
	free(bytes);
	free(b);
}

/* A child with that keyring, which lives until end_child. */
static pid_t start_child(const char *name, uint64_t rights, int *hold)
{
	int go[2], stay[2];
	char byte;
	pid_t pid;

	assert_int_equal(pipe(go), 0);
	assert_int_equal(pipe(stay), 0);
	pid = fork();
	if (pid == 0) {
		close(stay[1]);
		join(name, rights);
		close(go[1]);
		close(go[0]);
		_exit(read(stay[0], &byte, 1) == 0 ? 0 : 1);
	}
	close(go[1]);
	close(stay[0]);
	assert_int_equal(read(go[0], &byte, 1), 0);
	close(go[0]);
	*hold = stay[1];
	return pid;
}

static void end_child(pid_t pid, int hold)
{
	close(hold);
	waitpid(pid, NULL, 0);
}

static bool has_keyrings(void)
{
	return syscall(SYS_keyctl, KEYCTL_GET_KEYRING_ID,
		       KEY_SPEC_PROCESS_KEYRING, 1) >= 0;
}

static void an_exec_finds_the_keyring_of_its_container(void **state)
{
	char name[64];
	struct seen first;
	int hold, hold2;
	pid_t a, b;

	if (!has_keyrings())
		skip_because("no keyrings here");
	snprintf(name, sizeof(name), "berth-test-%d", (int)getpid());
	a = start_child(name, KEYRING_OF_HOST, &hold);
	first = *seen;
	assert_int_equal(first.result, 0);
	assert_non_null(strstr(first.text, ";3f1b0000;berth-test-"));
	b = start_child(name, KEYRING_AS_IT_IS, &hold2);
	assert_int_equal(seen->result, 0);
	assert_int_equal(seen->serial, first.serial);
	assert_non_null(strstr(seen->text, ";3f1b0000;berth-test-"));
	end_child(b, hold2);
	end_child(a, hold);
}

static void another_name_is_another_keyring(void **state)
{
	char name[64];
	long serial;
	int hold, hold2;
	pid_t a, b;

	if (!has_keyrings())
		skip_because("no keyrings here");
	snprintf(name, sizeof(name), "berth-a-%d", (int)getpid());
	a = start_child(name, KEYRING_OF_HOST, &hold);
	serial = seen->serial;
	snprintf(name, sizeof(name), "berth-b-%d", (int)getpid());
	b = start_child(name, KEYRING_OF_HOST, &hold2);
	assert_int_not_equal(seen->serial, serial);
	end_child(b, hold2);
	end_child(a, hold);
}

static void a_name_that_the_kernel_keeps_to_itself_is_no_failure(void **state)
{
	int hold;
	pid_t pid;

	if (!has_keyrings())
		skip_because("no keyrings here");
	/* EPERM, as from a filter around berth. */
	pid = start_child(".berth", 0, &hold);
	end_child(pid, hold);
	assert_int_equal(seen->result, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_exec_finds_the_keyring_of_its_container),
		TEST(another_name_is_another_keyring),
		TEST(a_name_that_the_kernel_keeps_to_itself_is_no_failure),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
