/* SPDX-License-Identifier: Apache-2.0 */
/* Starting a created container: another berth made it and has gone. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "container/config.h"
#include "container/handover.h"
#include "container/hook_output.h"
#include "container/ladder.h"
#include "container/lookup.h"
#include "container/readiness.h"
#include "container/seccomp.h"
#include "container/state_json.h"
#include "container/teardown.h"
#include "hooks/hooks.h"
#include "oci/spec.h"
#include "security/seccomp.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/ev.h"
#include "util/usock.h"

#define CONNECT_TIMEOUT_MS 10000

struct start {
	const struct context *ctx;
	struct arena arena;
	struct ev ev;
	struct found found;
	struct config config;
	struct ladder ladder;
	struct readiness readiness;
	int result;
	struct err *e;
};

/* The copy of the configuration is read only when something in it matters now. */
static int load_config(struct start *s)
{
	if (s->config.spec)
		return 0;
	return config_load_copy(s->found.dirfd, &s->arena, &s->config, s->e);
}

static int on_listener(void *user, int fd, struct err *e)
{
	struct start *s = user;
	const struct record *r = &s->found.record;
	struct seccomp_program p;
	auto_fd listener = fd;
	int n = load_config(s);

	if (n == 0)
		n = container_listener(&s->config, &s->arena, &p, e);
	if (n < 0)
		return n;
	return handover_listener(&p, fd_take(&listener), s->ladder.pid,
				 hook_state(r, STATUS_CREATED, r->pid, &s->arena),
				 &s->arena, e);
}

static void on_done(void *user, int r, struct err *e)
{
	struct start *s = user;

	s->result = r;
	if (r < 0)
		*s->e = *e;
	ev_stop(&s->ev);
}

static int no_answer(void *user, struct err *e)
{
	return err_set(e, EPROTO, "start ladder: unexpected step");
}

static const struct ladder_ops start_ops = {
	.ready = no_answer,
	.listener = on_listener,
	.done = on_done,
};

static int open_ladder(struct start *s)
{
	auto_fd sock = usock_connect(s->found.dirfd, RECORD_SOCKET,
				     SOCK_SEQPACKET, CONNECT_TIMEOUT_MS, s->e);
	auto_fd pidfd = -EBADF;

	/* Nobody listens any more: it was killed since it was looked at. */
	if (sock == -ECONNREFUSED)
		return err_set(s->e, ESRCH, "container not running: %s is %s",
			       s->found.record.id,
			       container_status_name(STATUS_STOPPED));
	if (sock < 0)
		return err_wrap(s->e, "start container %s", s->found.record.id);
	pidfd = record_pidfd(&s->found.record);
	if (pidfd < 0)
		return err_sys(s->e, pidfd, "open process %d of container %s",
			       s->found.record.pid, s->found.record.id);
	s->ladder.ev = &s->ev;
	s->ladder.ops = &start_ops;
	s->ladder.user = s;
	return ladder_adopt(&s->ladder, fd_take(&sock), s->found.record.pid,
			    fd_take(&pidfd), s->e);
}

static int go(struct start *s)
{
	int r = ladder_step(&s->ladder, LADDER_START, s->e);

	if (r == 0)
		r = ev_run(&s->ev, s->e);
	if (r == 0)
		r = s->result;
	if (r < 0)
		return r;
	unlinkat(s->found.dirfd, RECORD_SOCKET, 0);
	return 0;
}

static int poststart(struct start *s)
{
	const struct record *r = &s->found.record;
	struct hooks_args args = { .name = "poststart", .cwd = -1 };
	auto_hook_output output = HOOK_OUTPUT_NONE;
	auto_fd bundle = -EBADF;
	int n;

	if (!r->has_poststart)
		return 0;
	n = load_config(s);
	if (n == 0)
		n = hook_output_open(&s->config.annotations, &output, s->e);
	if (n < 0)
		return n;
	args.output = output.fd;
	bundle = open(r->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	args.cwd = bundle < 0 ? -1 : bundle;
	args.list = &s->config.spec->hooks.poststart;
	args.state = hook_state(r, STATUS_RUNNING, r->pid, &s->arena);
	if (!args.state)
		return err_set(s->e, ENOMEM, "poststart: out of memory");
	args.state_len = strlen(args.state);
	n = hooks_run(&args, s->e);
	/* The specification: a container whose poststart hook fails is stopped. */
	if (n < 0)
		container_teardown(s->ctx, r, NULL, NULL);
	return n;
}

static int wait_for_ready(struct start *s)
{
	if (!s->readiness.waiting && !s->readiness.result)
		return 0;
	/* It may take long, and others may want to kill it meanwhile. */
	flock(s->found.dirfd, LOCK_UN);
	return readiness_wait(&s->readiness, &s->ev, s->e);
}

static int start(struct start *s, const char *id)
{
	int r = lookup(s->ctx, id, STORE_EXCLUSIVE, &s->arena, &s->found, s->e);

	if (r < 0)
		return r;
	if (s->found.status != STATUS_CREATED)
		return err_set(s->e, EINVAL, "cannot start container %s: it is %s, "
			       "not created", id,
			       container_status_name(s->found.status));
	r = open_ladder(s);
	if (r == 0)
		r = readiness_start(&s->readiness, &s->ev, s->found.dirfd,
				    s->found.record.pid, s->ladder.pidfd, s->e);
	if (r == 0)
		r = go(s);
	if (r == 0)
		r = poststart(s);
	return r < 0 ? r : wait_for_ready(s);
}

int container_start(const struct context *ctx, const char *id, struct err *e)
{
	struct start s = { .ctx = ctx, .e = e };
	int r;

	s.found = (struct found)FOUND_NONE;
	s.config = (struct config)CONFIG_NONE;
	s.ladder = (struct ladder)LADDER_NONE;
	s.readiness = (struct readiness)READINESS_NONE;
	ev_init(&s.ev);
	r = start(&s, id);
	readiness_stop(&s.readiness, &s.ev);
	ladder_close(&s.ladder);
	config_done(&s.config);
	found_done(&s.found);
	ev_done(&s.ev);
	arena_free(&s.arena);
	return r;
}
