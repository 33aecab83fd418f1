/* SPDX-License-Identifier: Apache-2.0 */
#include "container/foreground.h"

#include <errno.h>
#include <string.h>
#include <unistd.h>

#include "console/forward.h"
#include "console/terminal.h"
#include "console/tty.h"
#include "oci/spec.h"
#include "util/arena.h"
#include "util/ev.h"
#include "util/log.h"

struct foreground {
	const struct foreground_args *args;
	struct forward forward;
	struct terminal terminal;
	struct ev_child child;
	int status;
	bool ended;
};

static void on_drained(struct ev *ev, void *user)
{
	ev_stop(ev);
}

/* A reader that never reads must not hold a container's end up for ever: one
 * more signal to berth and the rest of the output is given up. */
static void on_signal_seen(struct ev *ev, void *user, int signo)
{
	struct foreground *f = user;

	if (f->ended)
		ev_stop(ev);
}

static void on_process_exit(struct ev *ev, void *user, const siginfo_t *info)
{
	struct foreground *f = user;

	f->status = ev_exit_status(info);
	f->ended = true;
	if (f->args->terminal)
		terminal_finish(&f->terminal, ev, on_drained, f);
	else
		ev_stop(ev);
}

static int begin(struct foreground *f, struct ev *ev, struct err *e)
{
	const struct relay_args streams = {
		.master = f->args->master,
		.in = STDIN_FILENO,
		.out = STDOUT_FILENO,
	};
	int r;

	f->forward.seen = on_signal_seen;
	f->forward.user = f;
	f->forward.ignored = f->args->ignored;
	r = forward_start(&f->forward, ev, f->args->pidfd, f->args->terminal, e);
	if (r == 0 && f->args->terminal)
		r = terminal_attach(&f->terminal, ev, &streams, e);
	if (r == 0) {
		r = ev_child_add(ev, &f->child, f->args->pidfd, on_process_exit, f);
		if (r < 0)
			err_sys(e, r, "wait for the process");
	}
	return r;
}

/* The container is not to blame, so its exit status stays what it is. */
static void warn_lost(const struct foreground *f)
{
	struct err e = { 0 };

	if (!f->terminal.relay.error)
		return;
	err_sys(&e, f->terminal.relay.error, "write to standard output");
	log_warning(f->args->log, "the container's output is incomplete: %s",
		    e.text);
}

int foreground_window(struct oci_process *p, struct arena *a)
{
	int fd = tty_of(STDIN_FILENO, STDOUT_FILENO);
	unsigned int rows, columns;
	struct oci_box *box;

	if (fd < 0 || tty_size(fd, &rows, &columns) < 0)
		return 0;
	box = arena_alloc(a, sizeof(*box));
	if (!box)
		return -ENOMEM;
	*box = (struct oci_box){ .height = rows, .width = columns };
	p->console_size = box;
	return 0;
}

int foreground_wait(struct ev *ev, const struct foreground_args *a,
		    int *ret_status, struct err *e)
{
	struct foreground f = { .args = a };
	int r = begin(&f, ev, e);

	if (r == 0)
		r = ev_run(ev, e);
	terminal_detach(&f.terminal, ev);
	warn_lost(&f);
	forward_stop(&f.forward, ev);
	ev_child_remove(ev, &f.child);
	if (r == 0)
		*ret_status = f.status;
	return r;
}
