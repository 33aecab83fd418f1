/* SPDX-License-Identifier: Apache-2.0 */
#include "console/terminal.h"

#include <signal.h>
#include <sys/signalfd.h>
#include <unistd.h>

/* Raw mode is for the stream that is typed at; "… | berth run -t" leaves the
 * terminal behind its output, and ^C on it, as they are. */
static int take_terminal(struct terminal *t, struct err *e)
{
	tty_copy_size(t->caller, t->master);
	return t->raw_wanted ? tty_make_raw(&t->tty, t->caller, e) : 0;
}

/* After a stop.  In the background the terminal is the shell's. */
static void take_again(struct terminal *t)
{
	if (tty_is_foreground(t->caller))
		take_terminal(t, NULL);
}

static void stop_and_take_again(struct terminal *t)
{
	tty_restore(&t->tty);
	tty_stop_self();
	take_again(t);
}

static void on_signal(struct ev *ev, void *user,
		      const struct signalfd_siginfo *info)
{
	struct terminal *t = user;

	switch (info->ssi_signo) {
	case SIGWINCH:
		tty_copy_size(t->caller, t->master);
		break;
	case SIGTSTP:
		stop_and_take_again(t);
		break;
	case SIGCONT:
		take_again(t);
		break;
	}
}

static int follow_signals(struct terminal *t, struct ev *ev, struct err *e)
{
	sigset_t set;
	int r;

	sigemptyset(&set);
	sigaddset(&set, SIGWINCH);
	sigaddset(&set, SIGTSTP);
	sigaddset(&set, SIGCONT);
	r = ev_signal_add_set(ev, &t->signals, &set, on_signal, t);
	return r < 0 ? err_sys(e, r, "follow the terminal's size") : 0;
}

int terminal_attach(struct terminal *t, struct ev *ev,
		    const struct relay_args *a, struct err *e)
{
	int r;

	t->tty = (struct tty){ .fd = -1 };
	t->signals = (struct ev_signal){ 0 };
	t->master = a->master;
	t->caller = tty_of(a->in, a->out);
	t->raw_wanted = t->caller >= 0 && t->caller == a->in;
	r = relay_start(&t->relay, ev, a, e);
	if (r < 0)
		return r;
	t->attached = true;
	if (t->caller >= 0) {
		r = follow_signals(t, ev, e);
		if (r == 0)
			r = take_terminal(t, e);
	}
	if (r < 0)
		terminal_detach(t, ev);
	return r;
}

void terminal_finish(struct terminal *t, struct ev *ev, relay_fn fn,
		     void *user)
{
	relay_finish(&t->relay, ev, fn, user);
}

void terminal_detach(struct terminal *t, struct ev *ev)
{
	if (!t->attached)
		return;
	t->attached = false;
	relay_stop(&t->relay, ev);
	ev_signal_remove(ev, &t->signals);
	tty_restore(&t->tty);
}
