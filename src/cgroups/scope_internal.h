/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cgroups/scope_internal.h - what the files about scopes share, and what the
 * unit tests reach into.
 */
#ifndef CGROUPS_SCOPE_INTERNAL_H
#define CGROUPS_SCOPE_INTERNAL_H

#include "cgroups/scope.h"

/* An array of properties, "a(sv)", being written. */
struct properties {
	struct dbus_writer *w;
	const char (*left_out)[SCOPE_PROPERTY];
	size_t n_left_out;
	struct err *e;
};

/* property_begin - name and type of the next one; its value must follow.
 * Return: false if it is to be left out. */
bool property_begin(struct properties *p, const char *name, const char *type);

void property_bool(struct properties *p, const char *name, bool v);
void property_u64(struct properties *p, const char *name, uint64_t v);
void property_str(struct properties *p, const char *name, const char *v);

/* What of a cgroup's present limits a new one is counted from. */
struct scope_now {
	uint64_t memory;	 /* memory.max */
	uint64_t quota, period;	 /* cpu.max; both UINT64_MAX: unlimited */
	bool bfq;		 /* its weight for I/O is that of BFQ */
};

#define SCOPE_NOW_NEW { .memory = UINT64_MAX, .quota = UINT64_MAX, .period = 100000 }

/* properties_limits - of what is set in @r; @now: where it is not set. */
void properties_limits(struct properties *p, const struct oci_resources *r,
		       const struct scope_now *now);

/* properties_annotations - org.systemd.property.NAME: VALUE, in the text form of
 * GVariant as far as properties of units need it.
 * Return: 0, or -EINVAL with a text: what is written is not to be used. */
int properties_annotations(struct properties *p, const struct oci_map *m);

/* scope_cpus - "0-3,7" as systemd's set of bits.
 * @ret: malloc'ed.  Return: its length, -EINVAL, -ENOMEM. */
ssize_t scope_cpus(const char *list, uint8_t **ret);

/* scope_bfq_weight - the IOWeight that systemd turns into @w for BFQ. */
uint64_t scope_bfq_weight(uint64_t w);

/* Calls whose answer nobody waits for: being told of jobs, and forgetting a unit
 * that has failed. */
void scope_call_subscribe(struct dbus *bus);
void scope_call_reset(struct dbus *bus, const char *unit);

/* scope_job_result - if a message says that a job has ended: "done", "failed" … */
bool scope_job_result(const struct dbus_message *m, const char *job,
		      const char **ret);

/* dbus_error_text - what an error says, or else its name. */
const char *dbus_error_text(const struct dbus_message *m);

/* scope_connect - to the manager; @bus: DBUS_NONE with ev, ops and user set. */
int scope_connect(struct dbus *bus, bool user, struct err *e);

#endif
