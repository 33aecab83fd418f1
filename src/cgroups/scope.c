// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/scope.c - a scope that is there: changing its limits, stopping it, moving
 * processes into it.  Each is a connection of its own and waits for the answers,
 * on a loop of its own.
 */
#include "cgroups/scope.h"

#include <errno.h>
#include <string.h>

#include "cgroups/internal.h"
#include "cgroups/scope_internal.h"
#include "oci/spec.h"
#include "util/auto.h"
#include "util/num.h"

#define SYSTEMD "org.freedesktop.systemd1"
#define MANAGER(name, types)                                                   \
	{ .destination = SYSTEMD, .path = "/org/freedesktop/systemd1",         \
	  .interface = SYSTEMD ".Manager", .member = (name),                   \
	  .signature = (types) }

/* --- what all of them have -------------------------------------------------------- */

/* The signal is for this connection only once the bus was told, and for anybody
 * once systemd was. */
void scope_call_subscribe(struct dbus *bus)
{
	static const struct dbus_call match = {
		.destination = "org.freedesktop.DBus",
		.path = "/org/freedesktop/DBus",
		.interface = "org.freedesktop.DBus",
		.member = "AddMatch",
		.signature = "s",
	};
	static const struct dbus_call subscribe = MANAGER("Subscribe", NULL);

	if (bus->direct)
		return;
	dbus_put_str(dbus_call(bus, &match),
		     "type='signal',sender='" SYSTEMD "',"
		     "interface='" SYSTEMD ".Manager',member='JobRemoved'");
	dbus_send(bus);
	dbus_call(bus, &subscribe);
	dbus_send(bus);
}

static const struct dbus_call reset_call = MANAGER("ResetFailedUnit", "s");

void scope_call_reset(struct dbus *bus, const char *unit)
{
	dbus_put_str(dbus_call(bus, &reset_call), unit);
	dbus_send(bus);
}

bool scope_job_result(const struct dbus_message *m, const char *job,
		      const char **ret)
{
	struct dbus_reader r = dbus_read(m);
	const char *path, *unit;
	uint32_t id;

	return m->type == DBUS_SIGNAL && strcmp(m->member, "JobRemoved") == 0 &&
	       strcmp(m->interface, SYSTEMD ".Manager") == 0 &&
	       strcmp(m->signature, "uoss") == 0 &&
	       dbus_get_u32(&r, &id) == 0 && dbus_get_str(&r, &path) == 0 &&
	       dbus_get_str(&r, &unit) == 0 && dbus_get_str(&r, ret) == 0 &&
	       strcmp(path, job) == 0;
}

const char *dbus_error_text(const struct dbus_message *m)
{
	struct dbus_reader r = dbus_read(m);
	const char *text;

	if (*m->signature == 's' && dbus_get_str(&r, &text) == 0 && *text)
		return text;
	return m->error;
}

/* --- one question at a time ---------------------------------------------------------- */

struct talk {
	struct ev ev;
	struct dbus bus;
	struct arena arena;
	uint32_t serial; /* of the call that is waited for */
	const char *job; /* whose end is waited for after that; NULL: none */
	bool wants_job;
	const char *text; /* first argument of the answer, in the arena */
	const char *error; /* name of the error, in the arena; NULL: none */
	int result;
	struct err *e;
};

static void over(struct talk *t, int r)
{
	t->result = r;
	ev_stop(&t->ev);
}

/* The first argument, if it is a text or a variant with one. */
static void keep_text(struct talk *t, const struct dbus_message *m)
{
	struct dbus_reader r = dbus_read(m);
	const char *text = m->signature;

	t->text = NULL;
	if (*text == 'v' && dbus_get_signature(&r, &text) < 0)
		return;
	if (*text && strchr("so", *text) && dbus_get_str(&r, &text) == 0)
		t->text = arena_strdup(&t->arena, text);
}

static void answered(struct talk *t, const struct dbus_message *m)
{
	t->error = NULL;
	if (m->type == DBUS_ERROR) {
		t->error = arena_strdup(&t->arena, m->error);
		over(t, err_set(t->e, EIO, "%s", dbus_error_text(m)));
		return;
	}
	keep_text(t, m);
	if (t->wants_job && t->text)
		t->job = t->text;
	else
		over(t, 0);
}

static void on_message(void *user, const struct dbus_message *m)
{
	struct talk *t = user;
	const char *result;

	if ((m->type == DBUS_RETURN || m->type == DBUS_ERROR) &&
	    m->reply_serial == t->serial)
		answered(t, m);
	else if (t->job && scope_job_result(m, t->job, &result))
		over(t, 0); /* however: what comes of it is looked at */
}

static void on_failed(void *user, int r, struct err *e)
{
	struct talk *t = user;

	if (t->e)
		*t->e = *e;
	over(t, r);
}

static const struct dbus_ops talk_ops = {
	.message = on_message,
	.failed = on_failed,
};

static int talk_open(struct talk *t, bool user, struct err *e)
{
	int r;

	memset(t, 0, sizeof(*t));
	ev_init(&t->ev);
	t->e = e;
	t->bus = (struct dbus){ .fd = -1, .ev = &t->ev, .ops = &talk_ops, .user = t };
	r = scope_connect(&t->bus, user, e);
	if (r < 0)
		ev_done(&t->ev);
	return r;
}

static void talk_close(struct talk *t)
{
	dbus_close(&t->bus);
	ev_done(&t->ev);
	arena_free(&t->arena);
}

static struct dbus_writer *ask(struct talk *t, const struct dbus_call *c)
{
	struct dbus_writer *w = dbus_call(&t->bus, c);

	t->serial = t->bus.serial;
	t->job = NULL;
	t->wants_job = false;
	return w;
}

/* Return: 0 once the call, and the job that it began, have been answered. */
static int wait_for(struct talk *t)
{
	int r;

	dbus_send(&t->bus);
	r = ev_run(&t->ev, t->e);
	return r < 0 ? r : t->result;
}

static bool is_unknown_unit(const struct talk *t)
{
	return t->error && strcmp(t->error, SYSTEMD ".NoSuchUnit") == 0;
}

/* --- limits ---------------------------------------------------------------------------- */

static uint64_t number_of(const char *text)
{
	uint64_t v = UINT64_MAX;

	num_u64n(text, strcspn(text, " "), UINT64_MAX, &v);
	return v;
}

static void read_now(const struct cgroup *cg, struct scope_now *now)
{
	char text[64];
	const char *blank;

	if (cgroup_read_value(cg->fd, "memory.max", text, sizeof(text)) > 0)
		now->memory = number_of(text);
	now->bfq = faccessat(cg->fd, "io.bfq.weight", F_OK, 0) == 0;
	if (cgroup_read_value(cg->fd, "cpu.max", text, sizeof(text)) <= 0)
		return;
	now->quota = number_of(text);
	blank = strchr(text, ' ');
	if (blank && number_of(blank + 1) != UINT64_MAX)
		now->period = number_of(blank + 1);
}

int scope_set(bool user, const char *unit, const struct oci_resources *resources,
	      const struct cgroup *cg, struct err *e)
{
	static const struct dbus_call set = MANAGER("SetUnitProperties", "sba(sv)");
	struct scope_now now = SCOPE_NOW_NEW;
	struct properties p = { .e = e };
	struct dbus_array a;
	struct talk t;
	int r = talk_open(&t, user, e);

	if (r < 0)
		return r;
	read_now(cg, &now);
	p.w = ask(&t, &set);
	dbus_put_str(p.w, unit);
	dbus_put_u32(p.w, true); /* for as long as the unit is there */
	a = dbus_open_array(p.w, 8);
	properties_limits(&p, resources, &now);
	dbus_close_array(p.w, &a);
	r = wait_for(&t);
	talk_close(&t);
	return r;
}

/* --- the end --------------------------------------------------------------------------- */

/* Return: 1, 0 (somebody else's, or none), -errno. */
static int is_ours(struct talk *t, const char *unit, const char *description)
{
	static const struct dbus_call get_unit = MANAGER("GetUnit", "s");
	struct dbus_call get = {
		.destination = SYSTEMD,
		.interface = "org.freedesktop.DBus.Properties",
		.member = "Get",
		.signature = "ss",
	};
	struct dbus_writer *w = ask(t, &get_unit);
	int r;

	dbus_put_str(w, unit);
	r = wait_for(t);
	if (is_unknown_unit(t))
		return 0;
	if (r < 0 || !t->text)
		return r < 0 ? r : -EPROTO;
	get.path = t->text;
	w = ask(t, &get);
	dbus_put_str(w, SYSTEMD ".Unit");
	dbus_put_str(w, "Description");
	r = wait_for(t);
	if (t->error) /* gone meanwhile */
		return 0;
	return r < 0 ? r : t->text && strcmp(t->text, description) == 0;
}

static int stop(struct talk *t, const char *unit)
{
	static const struct dbus_call call = MANAGER("StopUnit", "ss");
	struct dbus_writer *w;
	int r;

	scope_call_subscribe(&t->bus);
	w = ask(t, &call);
	t->wants_job = true;
	dbus_put_str(w, unit);
	dbus_put_str(w, "replace");
	r = wait_for(t);
	if (is_unknown_unit(t))
		return 0;
	if (r < 0)
		return r;
	dbus_put_str(ask(t, &reset_call), unit);
	r = wait_for(t);
	return t->error ? 0 : r; /* it did not fail, or is forgotten already */
}

int scope_stop(bool user, const char *unit, const char *description,
	       struct err *e)
{
	struct err why = { 0 };
	struct talk t;
	int r = talk_open(&t, user, &why);

	if (r == 0) {
		r = description ? is_ours(&t, unit, description) : 1;
		if (r == 1)
			r = stop(&t, unit);
		talk_close(&t);
	}
	if (r < 0 && e) {
		*e = why;
		err_wrap(e, "stop %s", unit);
	}
	return r < 0 ? r : 0;
}

/* --- processes that come later ------------------------------------------------------------ */

int scope_attach(bool user, const char *unit, const char *below, pid_t pid,
		 struct err *e)
{
	static const struct dbus_call attach =
		MANAGER("AttachProcessesToUnit", "ssau");
	struct dbus_writer *w;
	struct dbus_array a;
	struct talk t;
	int r = talk_open(&t, user, e);

	if (r < 0)
		return r;
	w = ask(&t, &attach);
	dbus_put_str(w, unit);
	dbus_put_str(w, below);
	a = dbus_open_array(w, sizeof(uint32_t));
	dbus_put_u32(w, (uint32_t)pid);
	dbus_close_array(w, &a);
	r = wait_for(&t);
	talk_close(&t);
	return r < 0 ? err_wrap(e, "move process %d to %s", (int)pid, unit) : 0;
}
