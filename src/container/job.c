/* SPDX-License-Identifier: Apache-2.0 */
#include "container/job.h"

#include <errno.h>
#include <fcntl.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cgroups/limits.h"
#include "container/foreground.h"
#include "container/handover.h"
#include "container/plan.h"
#include "container/rdt.h"
#include "container/rootless.h"
#include "container/seccomp.h"
#include "container/spawn.h"
#include "container/state_json.h"
#include "container/store.h"
#include "container/teardown.h"
#include "net/device.h"
#include "oci/spec.h"
#include "util/auto.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/log.h"
#include "util/notify.h"
#include "util/usock.h"

void job_init(struct job *j, const struct context *ctx,
	      const struct create_options *o, bool run, struct err *e)
{
	memset(j, 0, sizeof(*j));
	j->ctx = ctx;
	j->o = o;
	j->run = run;
	j->e = e;
	j->rootfd = j->dirfd = j->master = -1;
	j->config = (struct config)CONFIG_NONE;
	j->cgroup = (struct cgroup)CGROUP_NONE;
	j->scope = (struct scope)SCOPE_NONE;
	j->ladder = (struct ladder)LADDER_NONE;
	j->readiness = (struct readiness)READINESS_NONE;
	j->output = (struct hook_output)HOOK_OUTPUT_NONE;
	for (int k = 0; k < OCI_NS_COUNT; k++)
		j->ns.join_fd[k] = -1;
	ev_init(&j->ev);
}

void job_done(struct job *j)
{
	readiness_stop(&j->readiness, &j->ev);
	scope_cancel(&j->scope);
	ladder_close(&j->ladder);
	ns_plan_done(&j->ns);
	hook_output_done(&j->output);
	net_devices_done(j->net);
	cgroup_done(&j->cgroup);
	config_done(&j->config);
	fd_close(&j->dirfd);
	fd_close(&j->rootfd);
	fd_close(&j->master);
	ev_done(&j->ev);
	arena_free(&j->arena);
}

/* --- preparing ---------------------------------------------------------------- */

static int check_terminal(struct job *j)
{
	struct oci_process *p = j->config.spec->process;
	bool foreground = j->run && !j->o->detach;

	if (p->terminal && !foreground && !j->o->console_socket)
		return err_set(j->e, EINVAL, "process.terminal is true: a container "
			       "that is not run in the foreground needs "
			       "--console-socket");
	if (j->o->console_socket && !p->terminal)
		return err_set(j->e, EINVAL, "--console-socket: process.terminal "
			       "is false, there is no terminal to send");
	if (p->terminal && !j->o->console_socket &&
	    foreground_window(p, &j->arena) < 0)
		return err_set(j->e, ENOMEM, "process.terminal: out of memory");
	return 0;
}

static int load(struct job *j)
{
	struct oci_process *p;
	int r = config_load(j->o->bundle, j->o->config, &j->arena, &j->config,
			    j->e);

	if (r == 0)
		r = rootless_caller(j->ctx, &j->caller, j->e);
	if (r == 0)
		r = rootless_complete(&j->caller, j->config.spec, &j->arena, j->e);
	if (r == 0)
		r = config_check(&j->config, &j->arena, j->e);
	if (r < 0)
		return r;
	p = j->config.spec->process;
	if (!p)
		return err_set(j->e, EINVAL, "process: missing");
	if (j->o->terminal)
		p->terminal = true;
	if (j->config.spec->linux_->resources) {
		r = cgroup_check(j->config.spec->linux_->resources, j->e);
		if (r < 0)
			return r;
	}
	config_name_ignored(&j->config, j->ctx->log);
	return check_terminal(j);
}

static int fill_record(struct job *j)
{
	const struct oci_spec *s = j->config.spec;
	char now[CLOCK_TEXT];
	struct record *r = &j->record;

	clock_now_text(now);
	r->id = arena_strdup(&j->arena, j->o->id);
	r->oci_version = s->oci_version;
	r->bundle = j->config.bundle;
	r->rootfs = j->config.rootfs;
	r->created = arena_strdup(&j->arena, now);
	r->boot_id = record_boot_id(&j->arena);
	r->owner = (uint32_t)getauxval(AT_EUID); /* berth stays who it is */
	r->own_pid_ns = j->ns.created & CLONE_NEWPID;
	/* From its first moment: one that unshares later is in the host's. */
	r->own_mount_ns = j->ns.clone_flags & CLONE_NEWNS;
	r->userns = j->ctx->rootless || ns_plan_has(&j->ns, OCI_NS_USER);
	r->keyring = !j->o->no_new_keyring;
	r->has_poststart = s->hooks.poststart.n;
	r->has_poststop = s->hooks.poststop.n;
	r->annotations = s->annotations;
	if (!r->id || !r->created)
		return err_set(j->e, ENOMEM, "out of memory");
	if (!r->boot_id)
		return err_set(j->e, EIO, "read /proc/sys/kernel/random/boot_id");
	return 0;
}

/* The configuration as it is now: the bundle may change or go. */
static int copy_config(struct job *j)
{
	auto_fd fd = openat(j->dirfd, RECORD_CONFIG,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
	int r = fd < 0 ? -errno
		       : fs_write_fully(fd, j->config.text, j->config.len);

	return r < 0 ? err_sys(j->e, r, "copy the configuration to the state "
			       "directory of %s", j->o->id)
		     : 0;
}

static int make_notify_dir(struct job *j)
{
	const char *host = getenv("NOTIFY_SOCKET");

	if (!host || !*host)
		return 0;
	if (mkdirat(j->dirfd, RECORD_NOTIFY, 0755) < 0)
		return err_sys(j->e, errno, "NOTIFY_SOCKET: make a directory");
	j->notify_dir = arena_printf(&j->arena, "%s/%s/" RECORD_NOTIFY,
				     j->ctx->root, j->o->id);
	return j->notify_dir ? 0 : err_set(j->e, ENOMEM, "out of memory");
}

int job_prepare(struct job *j)
{
	int r = container_check_id(j->o->id, j->e);

	if (r == 0)
		r = load(j);
	if (r == 0)
		r = ns_plan_make(j->config.spec->linux_, &j->caller, &j->ns, j->e);
	if (r < 0)
		return r;
	/* Elsewhere a way back into berth's own may be denied. */
	if (j->ctx->initial_userns)
		ns_plan_late(&j->ns);
	r = fill_record(j);
	if (r < 0)
		return r;
	j->rootfd = store_open_root(j->ctx, true, j->e);
	if (j->rootfd < 0)
		return j->rootfd;
	j->dirfd = store_create(j->rootfd, j->o->id, j->e);
	if (j->dirfd < 0)
		return j->dirfd;
	r = hook_output_open(&j->config.annotations, &j->output, j->e);
	return r < 0 ? r : make_notify_dir(j);
}

/* --- launching ---------------------------------------------------------------- */

/* A slot for a stream of the hooks that berth-init runs. */
static int output_slot(const struct job *j, struct plan_builder *b, int fd)
{
	const struct oci_hooks *h = &j->config.spec->hooks;

	if (fd < 0 || (!h->create_container.n && !h->start_container.n))
		return PLAN_NO_FD;
	fd = fcntl(fd, F_DUPFD_CLOEXEC, 3);
	if (fd < 0)
		b->failed = errno;
	return plan_fd(b, fd);
}

static int make_plan(struct job *j, struct plan_builder *b)
{
	struct create_request r = {
		.ctx = j->ctx,
		.o = j->o,
		.config = &j->config,
		.ns = &j->ns,
		.record = &j->record,
		.notify_dir = j->notify_dir,
		.socket = -1,
		.hooks_out = output_slot(j, b, j->output.fd[0]),
		.hooks_err = output_slot(j, b, j->output.fd[1]),
	};
	int n = container_seccomp(&j->config, j->rootfd, &j->arena, &j->seccomp,
				  &j->has_seccomp, j->e);

	spawn_plan(b);
	if (n == 0)
		n = process_settings_decode(j->config.spec->process,
					    &j->settings, j->e);
	if (n < 0)
		return n;
	if (j->has_seccomp)
		r.seccomp = &j->seccomp;
	if (!j->run) {
		r.socket = usock_bind(j->dirfd, RECORD_SOCKET, SOCK_SEQPACKET,
				      j->e);
		if (r.socket < 0)
			return r.socket;
	}
	return create_plan(b, &r, &j->arena, j->e);
}

static int spawn(struct job *j)
{
	struct spawn_args args = {
		.clone_flags = j->ns.clone_flags,
		.rootfd = j->rootfd,
		.cgroup = j->cgroup.fd >= 0 ? &j->cgroup : NULL,
	};
	sigset_t mask;

	ev_signal_mask(&j->ev, &mask);
	args.mask = &mask;
	return ladder_spawn(&j->ladder, &args, j->e);
}

/* --- steps of the ladder -------------------------------------------------------- */

static int write_maps(struct job *j, struct err *e)
{
	const struct oci_linux *l = j->config.spec->linux_;
	int r = 0;

	if (j->ns.uid_way != NS_MAP_HELPER)
		r = ns_write_map(j->ladder.pid, NS_UIDS, &l->uid_mappings,
				 j->ns.uid_way, e);
	if (r == 0 && j->ns.gid_way != NS_MAP_HELPER)
		r = ns_write_map(j->ladder.pid, NS_GIDS, &l->gid_mappings,
				 j->ns.gid_way, e);
	return r;
}

static void after_maps(struct ev *ev, void *user, int failed)
{
	struct job *j = user;

	if (!failed)
		failed = ladder_step(&j->ladder, LADDER_MAPPED, &j->hooks.err);
	if (failed)
		ladder_fail(&j->ladder, failed, &j->hooks.err);
}

static int on_userns(void *user, struct err *e)
{
	struct job *j = user;
	struct hooks_args args = { .list = &j->helpers, .title = "id maps",
				   .state = "", .cwd = -1 };
	int r = write_maps(j, e);

	if (r == 0)
		r = rootless_helpers(&j->ns, j->config.spec->linux_,
				     j->ladder.pid, &j->arena, &j->helpers, e);
	if (r < 0)
		return r;
	if (!j->helpers.n)
		return ladder_step(&j->ladder, LADDER_MAPPED, e);
	hooks_start(&j->hooks, &j->ev, &args, after_maps, j);
	return 0;
}

static void start_hooks(struct job *j, const struct oci_hook_list *l,
			const char *name, enum container_status status,
			hooks_fn fn)
{
	const char *state = hook_state(&j->record, status, j->ladder.pid,
				       &j->arena);
	struct hooks_args args = {
		.list = l,
		.name = name,
		.state = state ? state : "",
		.state_len = state ? strlen(state) : 0,
		.cwd = j->config.bundle_fd,
		.output = j->output.fd,
	};

	hooks_start(&j->hooks, &j->ev, &args, fn, j);
}

static void after_create_runtime(struct ev *ev, void *user, int failed)
{
	struct job *j = user;

	if (failed) {
		ladder_fail(&j->ladder, failed, &j->hooks.err);
		return;
	}
	failed = ladder_step(&j->ladder, LADDER_HOST_READY, &j->hooks.err);
	if (failed < 0)
		ladder_fail(&j->ladder, failed, &j->hooks.err);
}

static void after_prestart(struct ev *ev, void *user, int failed)
{
	struct job *j = user;

	if (failed)
		ladder_fail(&j->ladder, failed, &j->hooks.err);
	else
		start_hooks(j, &j->config.spec->hooks.create_runtime,
			    "createRuntime", STATUS_CREATING,
			    after_create_runtime);
}

static int on_forked(void *user, struct err *e)
{
	const struct job *j = user;

	return rdt_attach(&j->record, j->ladder.pid, e);
}

static int on_namespaces(void *user, struct err *e)
{
	struct job *j = user;
	int r = job_move_devices(j, e);

	if (r < 0)
		return r;
	start_hooks(j, &j->config.spec->hooks.prestart, "prestart",
		    STATUS_CREATING, after_prestart);
	return 0;
}

static int on_console(void *user, int fd, struct err *e)
{
	struct job *j = user;

	return handover_terminal(j->o->console_socket, fd, &j->master, e);
}

static int on_listener(void *user, int fd, struct err *e)
{
	struct job *j = user;
	const char *state = hook_state(&j->record, STATUS_CREATED,
				       j->ladder.pid, &j->arena);

	return handover_listener(&j->seccomp, fd, j->ladder.pid, state,
				 &j->arena, e);
}

static int note_pid(struct job *j, struct err *e)
{
	j->record.ready = true;
	j->record.pid = j->ladder.pid;
	j->record.start_time = process_start_time(j->ladder.pid);
	if (!j->record.start_time)
		return err_set(e, ESRCH, "the container's process is gone");
	return 0;
}

/* Send the last step of a run. */
static int let_go(struct job *j, struct err *e)
{
	int r = 0;

	if (j->notify_dir)
		r = readiness_start(&j->readiness, &j->ev, j->dirfd,
				    j->ladder.pid, j->ladder.pidfd, e);
	return r < 0 ? r : ladder_step(&j->ladder, LADDER_START, e);
}

static int tell_pid(struct job *j, struct err *e)
{
	const struct handover_pid to = {
		.pid_file = j->o->pid_file,
		.pidfd_socket = j->o->pidfd_socket,
		.receiver = j->config.annotations.pidfd_receiver,
		.pid = j->ladder.pid,
		.pidfd = j->ladder.pidfd,
	};
	int r = handover_pid(&to, e);

	j->pid_file_made = r == 0 && j->o->pid_file;
	return r;
}

/* The container is complete: from here on the state directory says so. */
static int on_ready(void *user, struct err *e)
{
	struct job *j = user;
	int r = job_enter_delegated(j, e);

	if (r == 0)
		r = process_settings_apply(&j->settings, j->ladder.pid, e);
	if (r == 0)
		r = tell_pid(j, e);
	if (r == 0)
		r = note_pid(j, e);
	if (r == 0)
		r = record_write(j->dirfd, &j->record, e);
	if (r < 0)
		return r;
	return j->run ? let_go(j, e)
		      : ladder_step(&j->ladder, LADDER_COMMIT, e);
}

/*
 * A run whose plan asks nothing of this side on the way: everything that
 * belongs before the start is done, so it is sent ahead.  The next record has
 * the pid by then, but is not the one yet: nobody may join namespaces that are
 * half made, while a delete after a crash finds the process.
 */
static int start_ahead(struct job *j)
{
	const struct oci_hooks *h = &j->config.spec->hooks;
	int r;

	if (!j->run || j->ns.maps || j->ns.forks || h->prestart.n ||
	    h->create_runtime.n || j->config.spec->linux_->n_net_devices ||
	    j->config.annotations.delegate_cgroup ||
	    process_settings_any(&j->settings))
		return 0;
	r = tell_pid(j, j->e);
	if (r < 0)
		return r;
	r = note_pid(j, j->e);
	if (r == 0)
		r = record_prepare(j->dirfd, &j->record, j->e);
	j->prepared = r == 0;
	if (r == 0)
		r = let_go(j, j->e);
	/* It ended meanwhile: the ladder tells why. */
	return r == -ESRCH || r == -EPIPE || r == -ECONNRESET ? 0 : r;
}

static void on_done(void *user, int r, struct err *e)
{
	struct job *j = user;

	j->result = r;
	if (r < 0 && j->e)
		*j->e = *e;
	ev_stop(&j->ev);
}

static const struct ladder_ops job_ops = {
	.userns = on_userns,
	.forked = on_forked,
	.namespaces = on_namespaces,
	.console = on_console,
	.ready = on_ready,
	.listener = on_listener,
	.done = on_done,
};

/* --- all together ------------------------------------------------------------------ */

/* systemd wants to see the process before it says where the cgroup is. */
static int launch_unplaced(struct job *j)
{
	int r = spawn(j);

	return r < 0 ? r : job_place(j);
}

int job_placed(struct job *j)
{
	struct plan_builder b;
	int r = job_apply_limits(j);

	plan_builder_init(&b);
	if (r == 0)
		r = make_plan(j, &b);
	if (r == 0)
		r = rdt_attach(&j->record, j->ladder.pid, j->e);
	if (r == 0)
		r = job_send_plan(j, &b);
	plan_builder_done(&b);
	if (r == 0)
		r = copy_config(j);
	return r < 0 ? r : start_ahead(j);
}

int job_launch(struct job *j)
{
	struct plan_builder b;
	int r;

	j->ladder.ev = &j->ev;
	j->ladder.ops = &job_ops;
	j->ladder.user = j;
	r = job_watch_signals(j);
	if (r == 0)
		r = rdt_choose(j);
	if (r == 0)
		r = job_make_cgroup(j);
	if (r == 0)
		r = rdt_make(j);
	if (r == 0 && j->record.scope)
		return launch_unplaced(j);
	plan_builder_init(&b);
	if (r == 0)
		r = spawn(j);
	/* Meanwhile berth-init is born, */
	if (r == 0)
		r = make_plan(j, &b);
	if (r == 0)
		r = rdt_attach(&j->record, j->ladder.pid, j->e);
	if (r == 0)
		r = job_send_plan(j, &b);
	/* and then it mounts. */
	plan_builder_done(&b);
	if (r == 0)
		r = copy_config(j);
	if (r == 0)
		r = job_apply_limits(j);
	return r < 0 ? r : start_ahead(j);
}

static bool stays(const struct job *j)
{
	return j->run && !j->o->detach && !j->config.spec->hooks.poststart.n;
}

int job_wait(struct job *j)
{
	int r = ev_run(&j->ev, j->e);

	/* A foreground run goes on to forward them: in between they must not
	 * end this process, which would leave the container to itself. */
	if (!stays(j))
		ev_signal_remove(&j->ev, &j->signals);
	if (r == 0)
		r = j->result;
	if (r == 0 && j->prepared)
		r = record_commit(j->dirfd, &j->record, j->e);
	return r;
}

void job_undo(struct job *j)
{
	struct err ignored = { 0 };

	if (j->dirfd < 0)
		return;
	/* An engine takes a pid file for success. */
	if (j->pid_file_made)
		unlink(j->o->pid_file);
	readiness_stop(&j->readiness, &j->ev);
	scope_cancel(&j->scope);
	ladder_abort(&j->ladder);
	rdt_undo(j);
	/* Our sockets have kept its namespace so far. */
	if (j->net && net_devices_return(j->net, &ignored) < 0)
		log_warning(j->ctx->log, "clean up after the failure: %s",
			    ignored.text);
	/* A scope that has not come to be, or comes only now, has nobody in it:
	 * systemd forgets that by itself, and need not be asked once more. */
	if (!j->record.cgroup)
		j->record.scope = NULL;
	if (container_teardown(j->ctx, &j->record, NULL, &ignored) < 0 ||
	    store_remove(j->rootfd, j->o->id, j->dirfd, &ignored) < 0)
		log_warning(j->ctx->log, "clean up after the failure: %s",
			    ignored.text);
}
