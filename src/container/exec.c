/* SPDX-License-Identifier: Apache-2.0 */
/* Another process in a container that runs. */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/cgroup.h"
#include "cgroups/scope.h"
#include "container/config.h"
#include "container/enter.h"
#include "container/exec_process.h"
#include "container/foreground.h"
#include "container/handover.h"
#include "container/ladder.h"
#include "container/lookup.h"
#include "container/plan.h"
#include "container/rdt.h"
#include "container/rootless.h"
#include "container/seccomp.h"
#include "container/spawn.h"
#include "container/state_json.h"
#include "namespaces/namespaces.h"
#include "oci/spec.h"
#include "process/affinity.h"
#include "process/settings.h"
#include "security/lsm.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/ev.h"
#include "wire/plan.h"

struct exec {
	const struct context *ctx;
	const struct exec_options *o;
	struct arena arena;
	struct ev ev;
	struct found found;
	struct config config;
	struct oci_process *process;
	int rootfd; /* of all state directories */
	bool userns; /* a user namespace other than berth's is entered */
	struct cgroup cgroup;
	struct seccomp_program seccomp;
	bool has_seccomp;
	struct process_settings settings;
	struct affinity *affinity; /* NULL: none asked for */
	struct ladder ladder;
	int master;
	int result;
	struct err *e;
};

static int find_container(struct exec *x)
{
	int r = lookup(x->ctx, x->o->id, STORE_UNLOCKED, &x->arena, &x->found,
		       x->e);

	if (r < 0)
		return r;
	switch (x->found.status) {
	case STATUS_CREATED:
	case STATUS_RUNNING:
		break;
	case STATUS_PAUSED:
		if (x->o->ignore_paused)
			break;
		return err_set(x->e, EBUSY, "cannot exec in container %s: it is "
			       "paused (--ignore-paused to wait for it)",
			       x->o->id);
	case STATUS_STOPPED:
	case STATUS_CREATING:
		return err_set(x->e, ESRCH, "container not running: %s is %s",
			       x->o->id, container_status_name(x->found.status));
	}
	x->userns = x->found.record.userns &&
		    rootless_userns_differs(x->found.record.pid);
	return config_load_copy(x->found.dirfd, &x->arena, &x->config, x->e);
}

static int check_terminal(struct exec *x)
{
	if (x->process->terminal && x->o->detach && !x->o->console_socket)
		return err_set(x->e, EINVAL, "a terminal with --detach needs "
			       "--console-socket");
	if (x->o->console_socket && !x->process->terminal)
		return err_set(x->e, EINVAL, "--console-socket: there is no "
			       "terminal to send (--tty, or process.terminal)");
	if (x->process->terminal && !x->o->console_socket &&
	    foreground_window(x->process, &x->arena) < 0)
		return err_set(x->e, ENOMEM, "process.terminal: out of memory");
	return 0;
}

/* The container's end meanwhile has many faces: its cgroup or its namespaces are
 * gone, cannot be forked into any more, or have killed who was about to come. */
static int explain_end(const struct exec *x, int r)
{
	if (r == 0 || !record_is_ending(&x->found.record))
		return r;
	return err_set(x->e, ESRCH, "container not running: %s has ended "
		       "meanwhile", x->o->id);
}

/* What waits for its start is berth-init, which shows itself to nobody without
 * privilege: ptrace(2), "Ptrace access mode checking", which setns(2) asks. */
static int explain_refusal(const struct exec *x, int r)
{
	if (r != -EPERM || !x->ctx->rootless ||
	    x->found.status != STATUS_CREATED)
		return r;
	return err_set(x->e, EPERM, "cannot exec in container %s: only root "
		       "can before it is started", x->o->id);
}

/* The container's cgroup, or the one that its first process has moved to: a
 * systemd inside makes cgroups of its own, and one that hands controllers on
 * takes no processes. */
static int open_cgroup(struct exec *x)
{
	const struct record *r = &x->found.record;
	int n;

	if (!r->cgroup)
		return 0;
	n = cgroup_open(r->cgroup, &x->cgroup, x->e);
	if (n == 0 && x->o->cgroup) {
		struct cgroup parent = x->cgroup;

		x->cgroup = (struct cgroup)CGROUP_NONE;
		n = cgroup_open_child(&parent, x->o->cgroup, &x->cgroup, x->e);
		cgroup_done(&parent);
		return n < 0 ? err_wrap(x->e, "--cgroup %s", x->o->cgroup) : 0;
	}
	return n;
}

static int init_cgroup(struct exec *x)
{
	const char *mount, *below, *path;
	int n = cgroup_locate(&x->arena, &mount, x->e);

	if (n == 0)
		n = cgroup_of(x->found.record.pid, &x->arena, &below, x->e);
	if (n < 0)
		return n;
	path = arena_printf(&x->arena, "%s%s", mount, below);
	if (!path)
		return err_set(x->e, ENOMEM, "out of memory");
	cgroup_done(&x->cgroup);
	x->cgroup = (struct cgroup)CGROUP_NONE;
	return cgroup_open(path, &x->cgroup, x->e);
}

/* --- the plan ---------------------------------------------------------------- */

/* The user namespace may be one that the configuration does not name (a user's),
 * or names although it is not to be entered (berth's own). */
static uint64_t namespace_flags(const struct exec *x)
{
	const struct oci_linux *l = x->config.spec->linux_;
	uint64_t flags = 0;

	for (unsigned int k = 0; k < OCI_NS_COUNT; k++)
		if (l->namespaces[k].listed && k != OCI_NS_USER)
			flags |= ns_flag(k);
	return x->userns ? flags | ns_flag(OCI_NS_USER) : flags;
}

static int plan_joins(struct exec *x, struct plan_builder *b)
{
	const struct enter in = {
		.record = &x->found.record,
		.linux_ = x->config.spec->linux_,
		.namespaces = namespace_flags(x),
	};

	return enter_plan(b, &in, x->e);
}

static void plan_console(const struct oci_process *p, struct plan_builder *b)
{
	struct plan_op *op;

	if (!p->terminal)
		return;
	op = plan_add(b, PLAN_CONSOLE, "process.terminal");
	if (p->console_size) {
		op->num[0] = p->console_size->height;
		op->num[1] = p->console_size->width;
	}
	op->num[2] = p->user.uid;
}

static int make_plan(struct exec *x, struct plan_builder *b)
{
	struct lsm lsm = LSM_NONE;
	struct process_request r = {
		.process = x->process,
		.linux_ = x->config.spec->linux_,
		.lsm = &lsm,
		.all_caps = x->userns,
		.try_groups = x->userns || x->ctx->rootless,
		.rootless = x->ctx->rootless,
		.keep_groups = x->config.annotations.keep_original_groups,
		.preserve_fds = x->o->preserve_fds,
		.socket = -1,
		.log = x->ctx->log,
	};
	int n = container_seccomp(&x->config, x->rootfd, &x->arena,
				  &x->seccomp, &x->has_seccomp, x->e);

	spawn_plan(b);
	if (n == 0 && x->has_seccomp)
		r.seccomp = &x->seccomp;
	if (n == 0)
		n = lsm_prepare(b, x->process, "/sys", &lsm, x->e);
	if (n == 0)
		n = process_settings_decode(x->process, &x->settings, x->e);
	if (n == 0)
		n = process_plan_early(b, &r, x->e);
	if (n == 0)
		n = plan_joins(x, b);
	if (n < 0)
		return n;
	plan_add(b, PLAN_SETSID, NULL);
	if (x->found.record.keyring) {
		lsm_plan_keyring(b, &lsm);
		process_plan_keyring(b, &x->found.record, KEYRING_AS_IT_IS);
	}
	plan_console(x->process, b);
	return process_plan(b, &r, &x->arena, x->e);
}

/* --- the ladder ---------------------------------------------------------------- */

static int on_console(void *user, int fd, struct err *e)
{
	struct exec *x = user;

	return handover_terminal(x->o->console_socket, fd, &x->master, e);
}

static int on_listener(void *user, int fd, struct err *e)
{
	struct exec *x = user;
	const struct record *r = &x->found.record;

	return handover_listener(&x->seccomp, fd, x->ladder.pid,
				 hook_state(r, STATUS_RUNNING, r->pid, &x->arena),
				 &x->arena, e);
}

static int on_ready(void *user, struct err *e)
{
	struct exec *x = user;
	const struct handover_pid to = {
		.pid_file = x->o->pid_file,
		.pidfd_socket = x->o->pidfd_socket,
		.pid = x->ladder.pid,
		.pidfd = x->ladder.pidfd,
	};
	int n = process_settings_apply(&x->settings, to.pid, e);

	if (n == 0)
		n = handover_pid(&to, e);
	return n < 0 ? n : ladder_step(&x->ladder, LADDER_START, e);
}

/* An engine takes a pid file for success: after a failure there is none. */
static void on_done(void *user, int r, struct err *e)
{
	struct exec *x = user;

	x->result = r;
	if (r < 0) {
		*x->e = *e;
		if (x->o->pid_file)
			unlink(x->o->pid_file);
	}
	ev_stop(&x->ev);
}

static int on_forked(void *user, struct err *e)
{
	const struct exec *x = user;

	return rdt_attach(&x->found.record, x->ladder.pid, e);
}

static const struct ladder_ops exec_ops = {
	.forked = on_forked,
	.console = on_console,
	.ready = on_ready,
	.listener = on_listener,
	.done = on_done,
};

/*
 * A user may not move processes into a cgroup that is not below the same one of
 * the user's own; the user's systemd may.
 */
static int spawn_by_systemd(struct exec *x, struct spawn_args *args)
{
	const struct record *r = &x->found.record;
	const char *scope = record_scope_cgroup(r, &x->arena);
	int n;

	if (!scope)
		return err_set(x->e, ENOMEM, "out of memory");
	args->cgroup = NULL;
	n = ladder_spawn(&x->ladder, args, x->e);
	if (n < 0)
		return n;
	return scope_attach(r->scope_of_user, r->scope,
			    x->cgroup.path + strlen(scope), x->ladder.pid, x->e);
}

static int spawn(struct exec *x)
{
	struct spawn_args args = {
		.rootfd = x->rootfd,
		.cgroup = x->cgroup.fd >= 0 ? &x->cgroup : NULL,
		.affinity = x->affinity,
	};
	sigset_t mask;
	int n;

	x->ladder.ev = &x->ev;
	x->ladder.ops = &exec_ops;
	x->ladder.user = x;
	ev_signal_mask(&x->ev, &mask);
	args.mask = &mask;
	n = ladder_spawn(&x->ladder, &args, x->e);
	if ((n == -EACCES || n == -EPERM) && x->found.record.scope)
		return spawn_by_systemd(x, &args);
	if (n != -EBUSY || x->o->cgroup || init_cgroup(x) < 0)
		return n;
	return ladder_spawn(&x->ladder, &args, x->e);
}

static int launch(struct exec *x)
{
	struct plan_builder b;
	int n;

	plan_builder_init(&b);
	n = spawn(x);
	/* Meanwhile berth-init is born. */
	if (n == 0)
		n = make_plan(x, &b);
	if (n == 0)
		n = rdt_attach(&x->found.record, x->ladder.pid, x->e);
	if (n == 0)
		n = ladder_send_plan(&x->ladder, &b, x->e);
	plan_builder_done(&b);
	if (n == 0)
		n = ev_run(&x->ev, x->e);
	return n < 0 ? n : x->result;
}

/* What the process needs at its birth already. */
static int decode_affinity(struct exec *x)
{
	if (!x->process->exec_cpu_affinity)
		return 0;
	x->affinity = arena_alloc(&x->arena, sizeof(*x->affinity));
	if (!x->affinity)
		return err_set(x->e, ENOMEM, "out of memory");
	return affinity_decode(x->process->exec_cpu_affinity, x->affinity, x->e);
}

static int prepare(struct exec *x)
{
	int n = find_container(x);

	if (n == 0)
		n = exec_process(x->o, x->config.spec->process, &x->arena,
				 &x->process, x->e);
	if (n == 0)
		n = check_terminal(x);
	if (n == 0)
		n = decode_affinity(x);
	if (n == 0)
		n = explain_end(x, open_cgroup(x));
	if (n < 0)
		return n;
	x->rootfd = store_open_root(x->ctx, false, x->e);
	return x->rootfd < 0 ? x->rootfd : 0;
}

int container_exec(const struct context *ctx, const struct exec_options *o,
		   int *ret_status, struct err *e)
{
	_Alignas(max_align_t) unsigned char room[ARENA_ROOM];
	struct exec x = { .ctx = ctx, .o = o, .e = e, .rootfd = -1,
			  .master = -1 };
	int r;

	arena_lend(&x.arena, room, sizeof(room));
	x.found = (struct found)FOUND_NONE;
	x.config = (struct config)CONFIG_NONE;
	x.cgroup = (struct cgroup)CGROUP_NONE;
	x.ladder = (struct ladder)LADDER_NONE;
	ev_init(&x.ev);
	r = prepare(&x);
	if (r == 0)
		r = explain_refusal(&x, explain_end(&x, launch(&x)));
	if (r == 0 && o->detach) {
		*ret_status = 0;
	} else if (r == 0) {
		struct foreground_args args = {
			.pidfd = x.ladder.pidfd,
			.terminal = x.process->terminal && !o->console_socket,
			.master = x.master,
			.log = ctx->log,
		};

		r = foreground_wait(&x.ev, &args, ret_status, e);
	}
	if (r < 0)
		ladder_abort(&x.ladder);
	else
		ladder_close(&x.ladder);
	fd_close(&x.master);
	fd_close(&x.rootfd);
	cgroup_done(&x.cgroup);
	config_done(&x.config);
	found_done(&x.found);
	ev_done(&x.ev);
	arena_free(&x.arena);
	return r;
}
