/* SPDX-License-Identifier: Apache-2.0 */
/* A container in the foreground: from its start to its deletion. */
#include <errno.h>
#include <stddef.h>
#include <string.h>
#include <sys/file.h>
#include <unistd.h>

#include "console/forward.h"
#include "console/terminal.h"
#include "container/foreground.h"
#include "container/job.h"
#include "container/state_json.h"
#include "container/store.h"
#include "container/teardown.h"
#include "oci/spec.h"
#include "util/auto.h"
#include "util/log.h"

static int poststart(struct job *j)
{
	const struct oci_hook_list *l = &j->config.spec->hooks.poststart;
	const char *state;
	struct hooks_args args = { .list = l, .name = "poststart",
				   .cwd = j->config.bundle_fd,
				   .output = j->output.fd };

	if (!l->n)
		return 0;
	state = hook_state(&j->record, STATUS_RUNNING, j->ladder.pid, &j->arena);
	if (!state)
		return err_set(j->e, ENOMEM, "poststart: out of memory");
	args.state = state;
	args.state_len = strlen(state);
	return hooks_run(&args, j->e);
}

/* Whether the container is still there: a delete --force may have been faster,
 * and what has its name and its cgroup now is somebody else's. */
static bool lock_again(struct job *j)
{
	while (flock(j->dirfd, LOCK_EX) < 0 && errno == EINTR)
		;
	return !store_is_removed(j->dirfd);
}

/* The container has ended: its directory goes, unless it is to be kept. */
static int end_run(struct job *j)
{
	int r;

	if (j->o->keep)
		return 0;
	/* The lock was given up meanwhile, for exec, kill and delete. */
	if (!lock_again(j))
		return 0;
	j->record.pid = 0; /* it has ended and is reaped */
	r = container_teardown(j->ctx, &j->record,
			       &j->config.spec->hooks.poststop, j->e);
	return r < 0 ? r : store_remove(j->rootfd, j->o->id, j->dirfd, j->e);
}

static int stay(struct job *j, int *ret_status)
{
	struct foreground_args args = {
		.pidfd = j->ladder.pidfd,
		.terminal = j->config.spec->process->terminal &&
			    !j->o->console_socket,
		.master = j->master,
		.ignored = &j->ignored,
		.log = j->ctx->log,
	};
	int r;

	flock(j->dirfd, LOCK_UN);
	r = foreground_wait(&j->ev, &args, ret_status, j->e);
	if (j->readiness.result < 0)
		log_warning(j->ctx->log, "%s", j->readiness.notify.err.text);
	readiness_stop(&j->readiness, &j->ev);
	if (r == 0)
		return end_run(j);
	/* Nobody would be told how it ends: it is not left to itself. */
	if (lock_again(j))
		job_undo(j);
	return r;
}

/* Others may want to kill it before it is ready. */
static int detach(struct job *j, int *ret_status)
{
	int r;

	if (j->readiness.waiting)
		flock(j->dirfd, LOCK_UN);
	r = readiness_wait(&j->readiness, &j->ev, j->e);
	if (r < 0 && lock_again(j))
		job_undo(j);
	if (r == 0)
		*ret_status = 0;
	return r;
}

int container_run(const struct context *ctx, const struct create_options *o,
		  int *ret_status, struct err *e)
{
	_Alignas(max_align_t) unsigned char room[ARENA_ROOM];
	struct job j;
	int r;

	job_init(&j, ctx, o, true, e);
	arena_lend(&j.arena, room, sizeof(room));
	r = job_prepare(&j);
	if (r == 0)
		r = job_launch(&j);
	if (r == 0)
		r = job_wait(&j);
	if (r == 0)
		r = poststart(&j);
	if (r < 0)
		job_undo(&j);
	else
		r = o->detach ? detach(&j, ret_status)
			      : stay(&j, ret_status);
	job_done(&j);
	return r;
}
