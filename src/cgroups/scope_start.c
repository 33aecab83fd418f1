// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/scope_start.c - a new scope.
 *
 *	StartTransientUnit ---------->
 *			   <---------- the job's path, or an error
 *			   <---------- JobRemoved of that job: "done"
 *
 * Two errors are not the last word.  There may be a unit of that name which has
 * failed, or has ended this moment: systemd is asked to forget it, and then once
 * more.  And it may be older than a property: what it does not know is left
 * out, for the limit is written to the cgroup's file as well.
 */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/cgroup.h"
#include "cgroups/scope_internal.h"
#include "oci/spec.h"
#include "util/auto.h"

#define EXISTS_TRIES 5
#define EXISTS_PAUSE_MS 100

/* --- properties -------------------------------------------------------------------- */

bool property_begin(struct properties *p, const char *name, const char *type)
{
	for (size_t i = 0; i < p->n_left_out; i++)
		if (strcmp(p->left_out[i], name) == 0)
			return false;
	dbus_pad(p->w, 8);
	dbus_put_str(p->w, name);
	dbus_put_signature(p->w, type);
	return true;
}

void property_bool(struct properties *p, const char *name, bool v)
{
	if (property_begin(p, name, "b"))
		dbus_put_u32(p->w, v);
}

void property_u64(struct properties *p, const char *name, uint64_t v)
{
	if (property_begin(p, name, "t"))
		dbus_put_u64(p->w, v);
}

void property_str(struct properties *p, const char *name, const char *v)
{
	if (property_begin(p, name, "s"))
		dbus_put_str(p->w, v);
}

static void property_pid(struct properties *p, pid_t pid)
{
	struct dbus_array a;

	if (!property_begin(p, "PIDs", "au"))
		return;
	a = dbus_open_array(p->w, sizeof(uint32_t));
	dbus_put_u32(p->w, (uint32_t)pid);
	dbus_close_array(p->w, &a);
}

/* memory.oom.group is systemd's OOMPolicy of a scope, as far as it has one. */
static void property_oom(struct properties *p, const struct oci_resources *r)
{
	for (size_t i = 0; r && i < r->unified.n; i++) {
		const struct oci_kv *kv = &r->unified.v[i];

		if (strcmp(kv->key, "memory.oom.group") != 0)
			continue;
		if (strcmp(kv->value, "0") == 0)
			property_str(p, "OOMPolicy", "continue");
		else if (strcmp(kv->value, "1") == 0)
			property_str(p, "OOMPolicy", "kill");
	}
}

/* Which weight for I/O this kernel has shows where the cgroup will be. */
static bool has_bfq(const struct scope_args *args)
{
	const struct oci_resources *r = args->resources;
	auto_arena a = { 0 };
	const char *mount, *slice;
	const char *file = NULL;

	if (!r || !r->block_io ||
	    (!r->block_io->weight.set && !r->block_io->weight_device.n) ||
	    cgroup_locate(&a, &mount, NULL) < 0)
		return false;
	if (scope_slice_path(args->names.slice, &a, &slice, NULL) == 0)
		file = arena_printf(&a, "%s%s/io.bfq.weight", mount, slice);
	if (file && access(file, F_OK) == 0)
		return true;
	file = arena_printf(&a, "%s/system.slice/io.bfq.weight", mount);
	return file && access(file, F_OK) == 0;
}

/*
 * Delegate: what is below the scope is nobody's business but the container's.
 * The accounting has the controllers enabled, limits or not.  A scope that failed
 * stays only to be looked at, and in the way of the next one.  What annotations
 * say comes last but for what must be so.
 */
static int put_properties(struct properties *p, const struct scope_args *args)
{
	struct scope_now now = SCOPE_NOW_NEW;
	int r;

	now.bfq = has_bfq(args);
	property_str(p, "Description", args->description);
	property_str(p, "Slice", args->names.slice);
	property_bool(p, "DefaultDependencies", false);
	property_bool(p, "MemoryAccounting", true);
	property_bool(p, "CPUAccounting", true);
	property_bool(p, "IOAccounting", true);
	property_bool(p, "TasksAccounting", true);
	property_str(p, "CollectMode", "inactive-or-failed");
	property_oom(p, args->resources);
	r = properties_annotations(p, args->annotations);
	properties_limits(p, args->resources, &now);
	property_bool(p, "Delegate", true);
	property_pid(p, args->pid);
	return r;
}

int scope_check(const struct scope_args *args, struct err *e)
{
	auto_buf out = { 0 };
	struct dbus_writer w = { .out = &out };
	struct properties p = { .w = &w, .e = e };

	return properties_annotations(&p, args->annotations);
}

/* --- the calls --------------------------------------------------------------------- */

#define MANAGER "org.freedesktop.systemd1.Manager"

static const struct dbus_call start_call = {
	.destination = "org.freedesktop.systemd1",
	.path = "/org/freedesktop/systemd1",
	.interface = MANAGER,
	.member = "StartTransientUnit",
	.signature = "ssa(sv)a(sa(sv))",
};

/* The mode "fail": no job that is under way for a unit of that name is replaced. */
static int send_start(struct scope *s, struct err *e)
{
	struct dbus_writer *w = dbus_call(&s->bus, &start_call);
	struct properties p = { .w = w, .left_out = (const char(*)[SCOPE_PROPERTY])s->left_out,
				.n_left_out = s->n_left_out, .e = e };
	struct dbus_array a;
	int r;

	s->start = s->bus.serial;
	dbus_put_str(w, s->args.names.unit);
	dbus_put_str(w, "fail");
	a = dbus_open_array(w, 8);
	r = put_properties(&p, &s->args);
	dbus_close_array(w, &a);
	a = dbus_open_array(w, 8); /* no units beside it */
	dbus_close_array(w, &a);
	dbus_send(&s->bus);
	return r;
}

static void finish(struct scope *s, int r, struct err *e)
{
	scope_fn fn = s->fn;

	scope_cancel(s);
	fn(s->user, r, e);
}

void scope_cancel(struct scope *s)
{
	if (s->bus.ev)
		ev_timer_stop(s->bus.ev, &s->retry);
	dbus_close(&s->bus);
	free(s->job);
	s->job = NULL;
}

/* --- answers ----------------------------------------------------------------------- */

static bool is_error(const struct dbus_message *m, const char *suffix)
{
	size_t len = strlen(m->error), n = strlen(suffix);

	return len >= n && strcmp(m->error + len - n, suffix) == 0;
}

static void start_again(struct ev *ev, void *user)
{
	struct scope *s = user;
	struct err e = { 0 };
	int r;

	scope_call_reset(&s->bus, s->args.names.unit);
	r = send_start(s, &e);
	if (r < 0)
		finish(s, r, &e);
}

/* Properties that a systemd may be too old for, or for their value here. */
static const char *const may_be_left_out[] = {
	"CPUQuotaPeriodUSec", "AllowedCPUs", "AllowedMemoryNodes", "CPUWeight",
	"MemoryZSwapMax", "CollectMode", "OOMPolicy", "IODeviceWeight",
	"IOReadBandwidthMax", "IOWriteBandwidthMax", "IOReadIOPSMax",
	"IOWriteIOPSMax",
};

/* Whether @text names one of them as a word of its own. */
static const char *named_in(const char *text)
{
	for (size_t i = 0; i < ARRAY_LEN(may_be_left_out); i++) {
		const char *name = may_be_left_out[i];
		const char *at = strstr(text, name);

		if (at && !strchr("abcdefghijklmnopqrstuvwxyz"
				  "ABCDEFGHIJKLMNOPQRSTUVWXYZ",
				  at[strlen(name)] ?: ' '))
			return name;
	}
	return NULL;
}

static bool leave_out(struct scope *s, const char *text)
{
	const char *name = named_in(text);

	if (!name || s->n_left_out == SCOPE_LEFT_OUT)
		return false;
	for (size_t i = 0; i < s->n_left_out; i++)
		if (strcmp(s->left_out[i], name) == 0)
			return false;
	snprintf(s->left_out[s->n_left_out++], SCOPE_PROPERTY, "%s", name);
	return true;
}

static void refused(struct scope *s, const struct dbus_message *m)
{
	const char *text = dbus_error_text(m);
	const char *unit = s->args.names.unit;
	struct err e = { 0 };
	int r;

	if (is_error(m, ".UnitExists")) {
		if (s->tries++ < EXISTS_TRIES) {
			ev_timer_start(s->bus.ev, &s->retry,
				       s->tries > 1 ? EXISTS_PAUSE_MS : 0,
				       start_again, s);
			return;
		}
		r = err_set(&e, EEXIST, "systemd has a unit %s already: another "
			    "container has that name, or the same cgroupsPath "
			    "(systemctl status %s shows it)", unit, unit);
	} else if ((is_error(m, ".PropertyReadOnly") ||
		    is_error(m, ".InvalidArgs")) && leave_out(s, text)) {
		r = send_start(s, &e);
		if (r == 0)
			return;
	} else {
		r = err_set(&e, EIO, "systemd does not start %s: %s", unit, text);
	}
	finish(s, r, &e);
}

static void accepted(struct scope *s, const struct dbus_message *m)
{
	struct dbus_reader r = dbus_read(m);
	struct err e = { 0 };
	const char *job;
	int n = 0;

	if (strcmp(m->signature, "o") != 0 || dbus_get_str(&r, &job) < 0)
		n = err_set(&e, EPROTO, "systemd: unexpected answer to "
			    "StartTransientUnit");
	free(s->job);
	s->job = n < 0 ? NULL : strdup(job);
	if (n == 0 && !s->job)
		n = err_set(&e, ENOMEM, "systemd: out of memory");
	if (n < 0)
		finish(s, n, &e);
}

static void job_removed(struct scope *s, const char *result)
{
	struct err e = { 0 };
	int r = 0;

	if (strcmp(result, "done") != 0)
		r = err_set(&e, EIO, "systemd does not start %s: the job ended with "
			    "\"%s\" (journalctl -u %s says more)",
			    s->args.names.unit, result, s->args.names.unit);
	finish(s, r, &e);
}

static void on_message(void *user, const struct dbus_message *m)
{
	struct scope *s = user;
	const char *result;

	if (m->type == DBUS_ERROR && m->reply_serial == s->start)
		refused(s, m);
	else if (m->type == DBUS_RETURN && m->reply_serial == s->start)
		accepted(s, m);
	else if (s->job && scope_job_result(m, s->job, &result))
		job_removed(s, result);
}

static void on_failed(void *user, int r, struct err *e)
{
	struct scope *s = user;

	err_wrap(e, "start %s", s->args.names.unit);
	finish(s, r, e);
}

static const struct dbus_ops start_ops = {
	.message = on_message,
	.failed = on_failed,
};

int scope_start(struct scope *s, struct ev *ev, const struct scope_args *args,
		scope_fn fn, void *user, struct err *e)
{
	int r;

	*s = (struct scope){ .args = *args, .fn = fn, .user = user };
	s->bus = (struct dbus){ .fd = -1, .ev = ev, .ops = &start_ops, .user = s };
	r = scope_connect(&s->bus, args->user, e);
	if (r < 0)
		return r;
	scope_call_subscribe(&s->bus);
	r = send_start(s, e);
	if (r < 0)
		scope_cancel(s);
	return r;
}
