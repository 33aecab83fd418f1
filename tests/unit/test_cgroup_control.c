/* SPDX-License-Identifier: Apache-2.0 */
/* Freezing, against others that do something else with the cgroup meanwhile. */
#include <errno.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "unit/cgroup_fake.h"

/* A plain file has no events: it is read again at each look. */
static void pause_ms(long ms)
{
	nanosleep(&(struct timespec){ .tv_nsec = ms * 1000000 }, NULL);
}

static bool freeze_says(const struct cgroup *cg, char c)
{
	const char *text = fake_text(cg, "cgroup.freeze");

	return text && text[0] == c;
}

/* What a kill of all does that began before: back to how it found it.  Then the
 * kernel's part. */
static void thaw_then_freeze(const struct cgroup *cg)
{
	for (int i = 0; i < 500 && !freeze_says(cg, '1'); i++)
		pause_ms(10);
	fake_file(cg, "cgroup.freeze", "0\n");
	for (int i = 0; i < 500; i++, pause_ms(10))
		if (freeze_says(cg, '1')) {
			fake_file(cg, "cgroup.events", "populated 1\nfrozen 1\n");
			_exit(0);
		}
	_exit(1);
}

static void a_thaw_by_somebody_else_does_not_undo_a_freeze(void **state)
{
	struct cgroup *cg = *state;
	struct err e = { 0 };
	int status;
	pid_t pid;

	fake_file(cg, "cgroup.freeze", "0\n");
	fake_file(cg, "cgroup.events", "populated 1\nfrozen 0\n");
	pid = fork();
	if (pid == 0)
		thaw_then_freeze(cg);
	assert_int_equal(cgroup_freeze(cg, true, &e), 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
}

static void a_cgroup_that_went_is_no_timeout(void **state)
{
	struct cgroup *cg = *state;
	struct err e = { 0 };

	fake_file(cg, "cgroup.freeze", "0\n");
	assert_int_equal(cgroup_freeze(cg, true, &e), -ENOENT);
}

#define FAKE(f) cmocka_unit_test_setup_teardown(f, fake_make, fake_remove)

int main(void)
{
	const struct CMUnitTest tests[] = {
		FAKE(a_thaw_by_somebody_else_does_not_undo_a_freeze),
		FAKE(a_cgroup_that_went_is_no_timeout),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
