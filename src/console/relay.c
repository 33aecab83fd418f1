/* SPDX-License-Identifier: Apache-2.0 */
#include "console/relay.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

#define EOF_ROOM 2    /* bytes of a buffer kept for the end-of-file characters */
#define REOPEN_MS 100 /* between looks at a terminal that nobody has open */
#define READS_PER_TURN 8 /* then the other sources have their turn */

static bool has_room(const struct relay_way *w)
{
	return w->start + w->len < RELAY_BUFFER - EOF_ROOM;
}

/* Room is only behind the data: moved to the front when it has reached the end. */
static void make_room(struct relay_way *w)
{
	if (w->start == 0 || has_room(w))
		return;
	memmove(w->data, w->data + w->start, w->len);
	w->start = 0;
}

static void drop(struct relay_way *w)
{
	w->start = w->len = 0;
}

/* One read into the room that there is.  Return: as read(2), as -errno. */
static ssize_t fill(struct relay_way *w)
{
	size_t end;
	ssize_t n;

	make_room(w);
	if (!has_room(w))
		return -EAGAIN;
	end = w->start + w->len;
	n = stream_read(&w->from, w->data + end,
			RELAY_BUFFER - EOF_ROOM - end);
	if (n > 0)
		w->len += (size_t)n;
	return n;
}

/* Write what there is and what fits.  Return: 0, also when the rest has to wait;
 * -errno when the stream takes nothing any more. */
static int flush(struct relay_way *w)
{
	while (w->len) {
		ssize_t n = stream_write(&w->to, w->data + w->start, w->len);

		if (n == -EAGAIN)
			return 0;
		if (n < 0)
			return (int)n;
		w->start += (size_t)n;
		w->len -= (size_t)n;
		if (stream_once(&w->to))
			break;
	}
	if (!w->len)
		w->start = 0;
	return 0;
}

/* Read while there is room, write while there is something. */
static void watch(struct ev *ev, struct relay_way *w, bool may_read)
{
	if (may_read && !w->from_ended && (has_room(w) || w->start))
		ev_io_set(ev, &w->from_io, EV_READ);
	else
		ev_io_pause(ev, &w->from_io);
	if (w->len && !w->to_ended)
		ev_io_set(ev, &w->to_io, EV_WRITE);
	else
		ev_io_pause(ev, &w->to_io);
}

/* --- to the container ---------------------------------------------------------- */

/*
 * The end of a file has no place in a terminal; its reader sees one when it
 * gets the end-of-file character at the start of a line, or twice within one.
 * Line editors, which take characters one by one, know it as well.  A terminal
 * in raw mode carries data, where it would be one byte too many.
 */
static void append_eof(struct relay *r)
{
	struct relay_way *w = &r->in;
	struct termios mode;
	size_t end;

	if (tcgetattr(w->to.fd, &mode) < 0 ||
	    mode.c_cc[VEOF] == _POSIX_VDISABLE ||
	    !(mode.c_lflag & (ICANON | ISIG)))
		return;
	make_room(w);
	end = w->start + w->len;
	w->data[end] = (char)mode.c_cc[VEOF];
	w->data[end + 1] = (char)mode.c_cc[VEOF];
	w->len += r->mid_line && (mode.c_lflag & ICANON) ? 2 : 1;
}

static void flush_in(struct relay *r, struct ev *ev)
{
	if (flush(&r->in) < 0)
		drop(&r->in);
	watch(ev, &r->in, true);
}

static void on_caller_readable(struct ev *ev, void *user, unsigned int events)
{
	struct relay *r = user;
	ssize_t n = fill(&r->in);

	if (n == -EAGAIN)
		return;
	if (n <= 0) {
		r->in.from_ended = true;
		append_eof(r);
	} else {
		r->mid_line = r->in.data[r->in.start + r->in.len - 1] != '\n';
	}
	flush_in(r, ev);
}

static void on_master_writable(struct ev *ev, void *user, unsigned int events)
{
	struct relay *r = user;

	flush_in(r, ev);
	/* Full, and nobody has it open: what is typed at it goes nowhere, and
	 * later input may find a reader again. */
	if (events & EV_HUP) {
		drop(&r->in);
		watch(ev, &r->in, true);
	}
}

/* --- from the container --------------------------------------------------------- */

static void stop_writing(struct relay *r, int err)
{
	r->out.to_ended = true;
	drop(&r->out);
	if (err != -EPIPE && err != -ECONNRESET && !r->error)
		r->error = err;
}

static void flush_out(struct relay *r)
{
	int err;

	if (r->out.to_ended) {
		drop(&r->out);
		return;
	}
	err = flush(&r->out);
	if (err < 0)
		stop_writing(r, err);
}

static void on_look_again(struct ev *ev, void *user);

/*
 * One read.  A terminal that is hung up gives EIO until somebody opens it again,
 * which an init that closes its standard streams and later opens the console
 * does: so that is the end only once the container has ended.  Empty after that
 * is the end too: the kernel hands all that was written over before it says so.
 *
 * Return: whether there may be more now.
 */
static bool read_master(struct relay *r)
{
	ssize_t n = fill(&r->out);

	if (n > 0)
		return true;
	if (r->finishing)
		r->out.from_ended = true;
	else if (n != -EAGAIN)
		r->hung_up = true;
	return false;
}

static bool is_over(const struct relay *r)
{
	return r->finishing && r->out.from_ended && !r->out.len;
}

/* Move what can be moved now; a few rounds, so that a container that never stops
 * printing does not keep the loop from anything else. */
static void pump_out(struct relay *r, struct ev *ev)
{
	struct relay_way *w = &r->out;

	for (int i = 0; i < READS_PER_TURN; i++) {
		make_room(w);
		if (w->from_ended || !has_room(w) || !read_master(r))
			break;
		if (w->to_ended || !stream_once(&w->to))
			flush_out(r);
	}
	if (w->to_ended)
		drop(w);
}

static void end(struct relay *r, struct ev *ev)
{
	relay_fn fn = r->fn;
	void *user = r->user;

	relay_stop(r, ev);
	fn(ev, user);
}

/* Whether the terminal has to be looked at although poll(2) may be silent. */
static bool must_look(const struct relay *r)
{
	if (!r->finishing)
		return r->hung_up;
	return !r->out.from_ended && has_room(&r->out);
}

static void settle_out(struct relay *r, struct ev *ev)
{
	if (is_over(r)) {
		end(r, ev);
		return;
	}
	watch(ev, &r->out, !r->hung_up);
	if (must_look(r) && !ev_timer_active(&r->timer))
		ev_timer_start(ev, &r->timer, r->finishing ? 0 : REOPEN_MS,
			       on_look_again, r);
}

static void on_look_again(struct ev *ev, void *user)
{
	struct relay *r = user;

	r->hung_up = false;
	pump_out(r, ev);
	settle_out(r, ev);
}

static void on_master_readable(struct ev *ev, void *user, unsigned int events)
{
	struct relay *r = user;

	pump_out(r, ev);
	settle_out(r, ev);
}

static void on_caller_writable(struct ev *ev, void *user, unsigned int events)
{
	struct relay *r = user;

	flush_out(r);
	/* While finishing nothing else asks for what is still in the terminal. */
	if (r->finishing)
		pump_out(r, ev);
	settle_out(r, ev);
}

/* --- beginning and end ------------------------------------------------------------ */

static void on_sigpipe(struct ev *ev, void *user,
		       const struct signalfd_siginfo *info)
{
}

static int add_sources(struct relay *r, struct ev *ev)
{
	struct relay_way *in = &r->in, *out = &r->out;
	int err = ev_io_add(ev, &out->from_io, out->from.fd, EV_READ,
			    on_master_readable, r);

	if (err == 0 && !out->to_ended)
		err = ev_io_add(ev, &out->to_io, out->to.fd, EV_WRITE,
				on_caller_writable, r);
	if (err == 0 && !in->from_ended)
		err = ev_io_add(ev, &in->from_io, in->from.fd, EV_READ,
				on_caller_readable, r);
	if (err == 0)
		err = ev_io_add(ev, &in->to_io, in->to.fd, EV_WRITE,
				on_master_writable, r);
	if (err == 0 && out->to.pipe)
		err = ev_signal_add(ev, &r->sigpipe, SIGPIPE, on_sigpipe, r);
	return err;
}

static void open_way(struct relay_way *w, const struct stream *master,
		     int caller, bool out)
{
	struct stream s = { .fd = -1 };

	if (caller >= 0)
		stream_open(&s, caller, out);
	w->from = out ? *master : s;
	w->to = out ? s : *master;
	w->from_ended = !out && caller < 0;
	w->to_ended = out && caller < 0;
	w->start = w->len = 0;
	w->from_io = w->to_io = (struct ev_io){ 0 };
}

int relay_start(struct relay *r, struct ev *ev, const struct relay_args *a,
		struct err *e)
{
	struct stream master;
	int flags = fcntl(a->master, F_GETFL), err;

	if (flags < 0 || fcntl(a->master, F_SETFL, flags | O_NONBLOCK) < 0)
		return err_sys(e, errno, "prepare the container's terminal");
	stream_open(&master, a->master, true);
	open_way(&r->in, &master, a->in, false);
	open_way(&r->out, &master, a->out, true);
	r->sigpipe = (struct ev_signal){ 0 };
	r->timer = (struct ev_timer){ 0 };
	r->error = 0;
	r->finishing = r->hung_up = r->mid_line = false;
	r->fn = NULL;
	err = add_sources(r, ev);
	if (err < 0) {
		relay_stop(r, ev);
		return err_sys(e, err, "relay the container's terminal");
	}
	watch(ev, &r->in, true);
	watch(ev, &r->out, true);
	return 0;
}

void relay_finish(struct relay *r, struct ev *ev, relay_fn fn, void *user)
{
	r->fn = fn;
	r->user = user;
	r->finishing = true;
	r->hung_up = false;
	ev_io_remove(ev, &r->in.from_io);
	ev_io_remove(ev, &r->in.to_io);
	ev_timer_start(ev, &r->timer, 0, on_look_again, r);
}

void relay_stop(struct relay *r, struct ev *ev)
{
	ev_io_remove(ev, &r->in.from_io);
	ev_io_remove(ev, &r->in.to_io);
	ev_io_remove(ev, &r->out.from_io);
	ev_io_remove(ev, &r->out.to_io);
	ev_signal_remove(ev, &r->sigpipe);
	ev_timer_stop(ev, &r->timer);
	stream_close(&r->in.from);
	stream_close(&r->out.to);
}
