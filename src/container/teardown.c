/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/wait.h>

#include "cgroups/cgroup.h"
#include "cgroups/scope.h"
#include "container/container.h"
#include "container/hook_output.h"
#include "container/kin.h"
#include "container/rdt.h"
#include "container/record.h"
#include "container/state_json.h"
#include "container/teardown.h"
#include "hooks/hooks.h"
#include "oci/spec.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/log.h"
#include "util/sys.h"

#define KILL_TIMEOUT_MS 10000 /* after that a process is said to be unkillable */

/* Kills the first process and waits for its end.  It may be this one's child
 * (a foreground run), then it is reaped as well. */
static int end_process(const struct record *r, struct err *e)
{
	auto_fd pidfd = record_pidfd(r);
	struct pollfd p = { .fd = pidfd, .events = POLLIN };
	int n;

	if (pidfd == -ESRCH)
		return 0;
	if (pidfd >= 0 && kin_known(r)) {
		n = kin_kill(r, SIGKILL, e);
		if (n < 0 && n != -ESRCH)
			return n;
	}
	if (pidfd < 0)
		return err_sys(e, pidfd, "open process %d of container %s", r->pid,
			       r->id);
	n = sys_pidfd_send_signal(pidfd, SIGKILL);
	if (n < 0 && n != -ESRCH)
		return err_sys(e, n, "kill process %d of container %s", r->pid,
			       r->id);
	do
		n = poll(&p, 1, KILL_TIMEOUT_MS);
	while (n < 0 && errno == EINTR);
	if (n == 0)
		return err_set(e, ETIMEDOUT, "process %d of container %s cannot be "
			       "killed: it has not ended after %d s", r->pid,
			       r->id, KILL_TIMEOUT_MS / 1000);
	waitid(P_PIDFD, (id_t)pidfd, NULL, WEXITED | WNOHANG);
	return 0;
}

/*
 * Its last process takes a scope along; so there may be nothing left to do.  What
 * is, is ended here and systemd told to forget the unit.  If it does not answer,
 * the cgroup is removed all the same.
 */
static int end_scope(const struct context *ctx, const struct record *r,
		     struct err *e)
{
	auto_arena a = { 0 };
	auto_cgroup cg = CGROUP_NONE;
	const char *text = NULL;
	struct err why = { 0 };
	int n = 0;

	if (r->cgroup)
		n = record_cgroup(r, &cg, e);
	else
		text = record_scope_text(r, &a);
	if (n == -ESRCH || (!r->cgroup && !text))
		return 0;
	if (r->cgroup && n == 0)
		n = cgroup_kill(&cg, SIGKILL, e);
	if (r->cgroup && n == 0)
		n = cgroup_wait_empty(&cg, KILL_TIMEOUT_MS, e);
	if (n < 0)
		return n;
	if (scope_stop(r->scope_of_user, r->scope, text, &why) < 0)
		log_warning(ctx->log, "%s", why.text);
	return r->cgroup ? cgroup_remove(r->cgroup, r->cgroup_made, e) : 0;
}

static int end_cgroup(const struct context *ctx, const struct record *r,
		      struct err *e)
{
	auto_cgroup cg = CGROUP_NONE;
	int n;

	if (r->scope)
		return end_scope(ctx, r, e);
	if (!r->cgroup)
		return 0;
	/* An ordinary end: nothing is left in it and one rmdir does. */
	n = cgroup_remove(r->cgroup, r->cgroup_made, e);
	if (n != -EBUSY)
		return n;
	n = record_cgroup(r, &cg, e);
	if (n == -ESRCH)
		return 0;
	if (n == 0)
		n = cgroup_kill(&cg, SIGKILL, e);
	if (n == 0)
		n = cgroup_wait_empty(&cg, KILL_TIMEOUT_MS, e);
	return n < 0 ? n : cgroup_remove(r->cgroup, r->cgroup_made, e);
}

static void run_poststop(const struct context *ctx, const struct record *r,
			 const struct oci_hook_list *hooks)
{
	auto_arena a = { 0 };
	const char *state = hook_state(r, STATUS_STOPPED, 0, &a);
	auto_hook_output output = HOOK_OUTPUT_NONE;
	auto_fd bundle = open(r->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	struct hooks_args args = {
		.list = hooks,
		.name = "poststop",
		.state = state ? state : "",
		.state_len = state ? strlen(state) : 0,
		.cwd = bundle < 0 ? -1 : bundle,
		.keep_going = true,
		.output = output.fd,
	};
	struct err e = { 0 };

	/* They have to run, whatever becomes of what they print. */
	if (hook_output_of(&r->annotations, &output, &e) < 0)
		log_warning(ctx->log, "%s", e.text);
	if (hooks_run(&args, &e) < 0)
		log_warning(ctx->log, "%s", e.text);
}

int container_teardown(const struct context *ctx, const struct record *r,
		       const struct oci_hook_list *hooks, struct err *e)
{
	int n = end_process(r, e);

	if (n == 0)
		n = end_cgroup(ctx, r, e);
	if (n < 0)
		return n;
	rdt_remove(ctx, r);
	if (hooks && hooks->n)
		run_poststop(ctx, r, hooks);
	return 0;
}
