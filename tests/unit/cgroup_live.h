/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit/cgroup_live.h - a cgroup of the test's own in this machine's own
 * hierarchy, which goes with it.  What this kernel, or who runs the test, does
 * not have is skipped; in the test machine nothing is.
 */
#ifndef UNIT_CGROUP_LIVE_H
#define UNIT_CGROUP_LIVE_H

#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/bpf.h>
#include <linux/sched.h>
#include <poll.h>
#include <sched.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/ptrace.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "cgroups/devices.h"
#include "cgroups/events.h"
#include "cgroups/internal.h"
#include "cgroups/limits.h"
#include "cgroups/stats.h"
#include "oci/spec.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"

#define SET(n) { .set = true, .v = (n) }
#define TEXT(s) ((char *)(uintptr_t)(s))

struct place {
	struct arena a;
	const char *mount;
	char *base;	/* below the mount: "/berth-test-PID" */
	struct cgroup cg; /* the base, empty */
	uint32_t has;	/* controllers at the top */
};

static inline void say(const struct err *e, int r)
{
	if (r < 0)
		print_error("%s\n", e->text);
}

#define OK(call)                               \
	do {                                   \
		int r_ = (call);               \
		say(&e, r_);                   \
		assert_true(r_ >= 0);          \
	} while (0)

/* Both halves, with a path of its own. */
static inline int cgroup_create(const struct cgroup_create_args *args,
				struct cgroup *ret, struct err *e)
{
	auto_arena a = { 0 };
	struct cgroup_plan plan;
	int r = cgroup_plan(args, &a, &plan, e);

	if (r == 0)
		r = cgroup_make(args, &plan, ret, e);
	if (r == 0) {
		ret->path = strdup(plan.path);
		ret->lent = false;
		assert_non_null(ret->path);
	}
	return r;
}

static inline int start(void **state)
{
	struct place *p = calloc(1, sizeof(*p));
	struct err e = { 0 };
	char list[512];
	int top;

	*state = NULL;
	if (geteuid() != 0 || cgroup_locate(&p->a, &p->mount, &e) < 0) {
		free(p);
		return 0;
	}
	p->base = arena_printf(&p->a, "/berth-test-%d", (int)getpid());
	const struct cgroup_create_args args = { .mount = p->mount,
						 .cgroups_path = p->base,
						 .id = "x" };
	if (cgroup_create(&args, &p->cg, &e) < 0) {
		arena_free(&p->a);
		free(p);
		return 0;
	}
	top = open(p->mount, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (cgroup_read_value(top, "cgroup.controllers", list, sizeof(list)) >= 0)
		p->has = cgroup_controller_set(list);
	close(top);
	*state = p;
	return 0;
}

static inline int end(void **state)
{
	struct place *p = *state;
	struct err e = { 0 };
	int r;

	if (!p)
		return 0;
	cgroup_kill(&p->cg, SIGKILL, &e);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	r = cgroup_remove(p->cg.path, 1, &e);
	while (waitpid(-1, NULL, WNOHANG) > 0)
		;
	say(&e, r);
	cgroup_done(&p->cg);
	arena_free(&p->a);
	free(p);
	return r;
}

#define PLACE(p)                                                      \
	struct place *p = *state;                                     \
	struct err e __attribute__((unused)) = { 0 };                 \
	if (!p)                                                       \
		skip_because("no cgroup v2 hierarchy to write in");

#define NEED(p, set)                                                         \
	do {                                                                 \
		if (((p)->has & (set)) != (set))                             \
			skip_because("no %s controller in the hierarchy",    \
				     cgroup_controller_name((set) & ~(p)->has)); \
	} while (0)

static inline void below(struct place *p, const char *name, struct cgroup *ret)
{
	const struct cgroup_create_args args = {
		.mount = p->mount,
		.cgroups_path = arena_printf(&p->a, "%s/%s", p->base, name),
		.id = "x",
	};
	struct err e = { 0 };

	OK(cgroup_create(&args, ret, &e));
}

/* A process in @cg that runs @fn, or only waits. */
static inline pid_t run_in(const struct cgroup *cg, int (*fn)(void *), void *arg)
{
	int ready[2];
	char c;
	pid_t pid;

	assert_int_equal(pipe2(ready, O_CLOEXEC), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (cgroup_attach(cg, getpid(), NULL) < 0)
			_exit(99);
		if (!fn)
			(void)!write(ready[1], "x", 1);
		close(ready[1]);
		if (fn)
			_exit(fn(arg));
		for (;;)
			pause();
	}
	close(ready[1]);
	if (!fn)
		assert_int_equal(read(ready[0], &c, 1), 1);
	close(ready[0]);
	return pid;
}

static inline int status_of(pid_t pid)
{
	int status;

	assert_int_equal(waitpid(pid, &status, 0), pid);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}

static inline bool exists(const char *path)
{
	return access(path, F_OK) == 0;
}

#define LIVE(f) cmocka_unit_test_setup_teardown(f, start, end)

#endif
