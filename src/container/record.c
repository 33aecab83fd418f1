/* SPDX-License-Identifier: Apache-2.0 */
#include "container/record.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/cgroup.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/fs.h"
#include "util/json.h"
#include "util/jsonw.h"
#include "util/num.h"
#include "util/sys.h"

#define RECORD_MAX (1u << 20) /* bytes; the annotations are what makes it big */

static const struct json_field record_fields[] = {
	JSON_U32(struct record, version, "version", JSON_REQUIRED),
	JSON_STR(struct record, id, "id", JSON_REQUIRED),
	JSON_STR(struct record, oci_version, "ociVersion", JSON_REQUIRED),
	JSON_STR(struct record, bundle, "bundle", JSON_REQUIRED),
	JSON_STR(struct record, rootfs, "rootfs", JSON_REQUIRED),
	JSON_STR(struct record, created, "created", JSON_REQUIRED),
	JSON_STR(struct record, boot_id, "bootId", JSON_REQUIRED),
	JSON_U32(struct record, owner, "owner", JSON_REQUIRED),
	JSON_BOOL(struct record, ready, "ready", JSON_REQUIRED),
	JSON_I32(struct record, pid, "pid", JSON_REQUIRED),
	JSON_U64(struct record, start_time, "startTime", JSON_REQUIRED),
	JSON_STR(struct record, cgroup, "cgroup", 0),
	JSON_U32(struct record, cgroup_made, "cgroupMade", 0),
	JSON_STR(struct record, scope, "scope", 0),
	JSON_BOOL(struct record, scope_of_user, "scopeOfUser", 0),
	JSON_STR(struct record, resctrl_mount, "resctrlMount", 0),
	JSON_STR(struct record, resctrl_group, "resctrlGroup", 0),
	JSON_STR(struct record, resctrl_monitor, "resctrlMonitor", 0),
	JSON_BOOL(struct record, resctrl_own, "resctrlOwn", 0),
	JSON_BOOL(struct record, own_pid_ns, "ownPidNamespace", JSON_REQUIRED),
	JSON_BOOL(struct record, userns, "userNamespace", 0),
	JSON_BOOL(struct record, own_mount_ns, "ownMountNamespace", 0),
	JSON_BOOL(struct record, keyring, "keyring", 0),
	JSON_BOOL(struct record, has_poststart, "hasPoststart", 0),
	JSON_BOOL(struct record, has_poststop, "hasPoststop", 0),
	JSON_MAP(struct record, annotations, "annotations", 0),
};

static const struct json_table record_table =
	JSON_TABLE(struct record, record_fields);

static void put_resctrl(struct jsonw *w, const struct record *r)
{
	if (!r->resctrl_group)
		return;
	jsonw_str_member(w, "resctrlMount", r->resctrl_mount);
	jsonw_str_member(w, "resctrlGroup", r->resctrl_group);
	if (r->resctrl_monitor)
		jsonw_str_member(w, "resctrlMonitor", r->resctrl_monitor);
	jsonw_bool_member(w, "resctrlOwn", r->resctrl_own);
}

static void put_record(struct jsonw *w, const struct record *r)
{
	jsonw_object(w);
	jsonw_u64_member(w, "version", RECORD_VERSION);
	jsonw_str_member(w, "id", r->id);
	jsonw_str_member(w, "ociVersion", r->oci_version);
	jsonw_str_member(w, "bundle", r->bundle);
	jsonw_str_member(w, "rootfs", r->rootfs);
	jsonw_str_member(w, "created", r->created);
	jsonw_str_member(w, "bootId", r->boot_id);
	jsonw_u64_member(w, "owner", r->owner);
	jsonw_bool_member(w, "ready", r->ready);
	jsonw_i64_member(w, "pid", r->pid);
	jsonw_u64_member(w, "startTime", r->start_time);
	if (r->cgroup) {
		jsonw_str_member(w, "cgroup", r->cgroup);
		jsonw_u64_member(w, "cgroupMade", r->cgroup_made);
	}
	if (r->scope) {
		jsonw_str_member(w, "scope", r->scope);
		jsonw_bool_member(w, "scopeOfUser", r->scope_of_user);
	}
	put_resctrl(w, r);
	jsonw_bool_member(w, "ownPidNamespace", r->own_pid_ns);
	jsonw_bool_member(w, "userNamespace", r->userns);
	if (r->own_mount_ns)
		jsonw_bool_member(w, "ownMountNamespace", true);
	jsonw_bool_member(w, "keyring", r->keyring);
	jsonw_bool_member(w, "hasPoststart", r->has_poststart);
	jsonw_bool_member(w, "hasPoststop", r->has_poststop);
	if (r->annotations.n) {
		jsonw_object_member(w, "annotations");
		for (size_t i = 0; i < r->annotations.n; i++)
			jsonw_str_member(w, r->annotations.v[i].key,
					 r->annotations.v[i].value);
		jsonw_object_end(w);
	}
	jsonw_object_end(w);
}

int record_prepare(int dirfd, const struct record *r, struct err *e)
{
	char room[2048];
	auto_buf text = BUF_LENT(room);
	struct jsonw w = JSONW_COMPACT(&text);
	auto_fd fd = -EBADF;
	int n;

	put_record(&w, r);
	buf_puts(&text, "\n");
	if (text.failed)
		return err_set(e, ENOMEM, "write the state of %s: out of memory",
			       r->id);
	/* Nobody else writes here: the caller has the directory's lock. */
	fd = sys_openat(dirfd, RECORD_NEXT, O_WRONLY | O_CREAT | O_TRUNC |
						    O_NOFOLLOW, 0600);
	n = fd < 0 ? fd : fs_write_fully(fd, text.data, text.len);
	return n < 0 ? err_sys(e, n, "write the state of %s", r->id) : 0;
}

int record_commit(int dirfd, const struct record *r, struct err *e)
{
	if (renameat(dirfd, RECORD_NEXT, dirfd, RECORD_FILE) < 0)
		return err_sys(e, errno, "write the state of %s", r->id);
	return 0;
}

int record_write(int dirfd, const struct record *r, struct err *e)
{
	int n = record_prepare(dirfd, r, e);

	return n < 0 ? n : record_commit(dirfd, r, e);
}

static const struct json_field version_fields[] = {
	JSON_U32(struct record, version, "version", JSON_REQUIRED),
};

static const struct json_table version_table =
	JSON_TABLE(struct record, version_fields);

static int foreign_version(uint32_t version, struct err *e)
{
	return err_set(e, EPROTO, "state of version %u, this berth knows %u",
		       version, RECORD_VERSION);
}

/* What another version writes may look different, but for the version itself. */
static int damaged(const struct json_source *src, struct arena *a, struct err *e)
{
	struct record r = { 0 };

	if (json_decode(src, &version_table, a, &r, NULL) == 0 &&
	    r.version != RECORD_VERSION)
		return foreign_version(r.version, e);
	err_wrap(e, "damaged state");
	if (e)
		e->code = EPROTO;
	return -EPROTO;
}

static int read_one(int dirfd, const char *name, struct arena *a,
		    struct record *ret, struct err *e)
{
	auto_mem char *text = NULL;
	struct record r = { 0 };
	struct json_source src = { .path = "" };
	int n;

	n = fs_read_all(dirfd, name, RECORD_MAX, &text, &src.len, e);
	if (n < 0)
		return n;
	src.text = text;
	n = json_decode(&src, &record_table, a, &r, e);
	if (n == -ENOMEM)
		return n;
	if (n < 0)
		return damaged(&src, a, e);
	if (r.version != RECORD_VERSION)
		return foreign_version(r.version, e);
	*ret = r;
	return 0;
}

int record_read(int dirfd, struct arena *a, struct record *ret, struct err *e)
{
	struct record next;
	int n = read_one(dirfd, RECORD_FILE, a, ret, e);

	if (n < 0 || ret->ready)
		return n;
	if (read_one(dirfd, RECORD_NEXT, a, &next, NULL) == 0) {
		ret->pid = next.pid;
		ret->start_time = next.start_time;
	}
	return 0;
}

void record_cgroup_owner(const struct record *r, char *ret)
{
	snprintf(ret, CGROUP_MARK_MAX, "%s %s", r->created, r->id);
}

int record_cgroup(const struct record *r, struct cgroup *ret, struct err *e)
{
	char owner[CGROUP_MARK_MAX];
	auto_cgroup cg = CGROUP_NONE;
	int n = cgroup_open(r->cgroup, &cg, e);

	if (n == -ENOENT)
		return err_set(e, ESRCH, "container not running: the cgroup of "
			       "%s is gone", r->id);
	if (n < 0)
		return n;
	record_cgroup_owner(r, owner);
	if (!cgroup_is_marked(&cg, owner))
		return err_set(e, ESRCH, "container not running: the cgroup of "
			       "%s belongs to another container now", r->id);
	*ret = cg;
	cg = (struct cgroup)CGROUP_NONE;
	return 0;
}

const char *record_scope_cgroup(const struct record *r, struct arena *a)
{
	size_t len = r->scope ? strlen(r->scope) : 0;
	const char *part = r->scope ? r->cgroup : NULL;

	for (; part && (part = strchr(part, '/')); part++) {
		const char *end = part + 1 + len;

		if (strncmp(part + 1, r->scope, len) != 0 || (*end && *end != '/'))
			continue;
		return *end ? arena_dup(a, r->cgroup, (size_t)(end - r->cgroup))
			    : r->cgroup;
	}
	return NULL;
}

const char *record_scope_text(const struct record *r, struct arena *a)
{
	return arena_printf(a, "berth container %s of %s", r->id, r->created);
}

char *record_boot_id(struct arena *a)
{
	char text[64];
	ssize_t n = fs_read_small(AT_FDCWD, "/proc/sys/kernel/random/boot_id",
				  text, sizeof(text));

	return n > 0 ? arena_dup(a, text, (size_t)n) : NULL;
}

bool record_is_current(const struct record *r, struct arena *a)
{
	const char *now = record_boot_id(a);

	return !now || strcmp(now, r->boot_id) == 0;
}

/*
 * A field of /proc/PID/stat, counted from 1 as in proc(5); 0: no such process, or
 * one that only waits to be reaped.
 */
static uint64_t stat_field(pid_t pid, unsigned int field)
{
	enum { BEHIND_NAME = 3 };
	char path[32], stat[1024];
	const char *p;
	uint64_t value;

	snprintf(path, sizeof(path), "/proc/%d/stat", (int)pid);
	if (fs_read_small(AT_FDCWD, path, stat, sizeof(stat)) <= 0)
		return 0;
	/* The name in parentheses may hold anything, parentheses too. */
	p = strrchr(stat, ')');
	if (!p || p[1] != ' ' || p[2] == 'Z' || p[2] == 'X')
		return 0;
	if (num_word(p + 1, field - BEHIND_NAME, UINT64_MAX, &value) < 0)
		return 0;
	return value;
}

uint64_t process_start_time(pid_t pid)
{
	return stat_field(pid, 22);
}

bool record_is_ending(const struct record *r)
{
	enum { FLAGS = 9, EXITING = 0x4 }; /* PF_EXITING of linux/sched.h */
	auto_fd pidfd = record_pidfd(r);

	return pidfd == -ESRCH ||
	       (pidfd >= 0 && stat_field(r->pid, FLAGS) & EXITING);
}

int record_pidfd(const struct record *r)
{
	auto_fd fd = -EBADF;

	/* No start time: it had ended when the record was written. */
	if (r->pid <= 0 || !r->start_time)
		return -ESRCH;
	fd = sys_pidfd_open(r->pid, 0);
	/* Linux 6.1 says EINVAL of a process that ended whose number lives on as
	 * that of a session or of a process group. */
	if (fd < 0)
		return fd == -EINVAL ? -ESRCH : fd;
	/* The order matters: the pidfd pins the process, then it is looked at. */
	if (process_start_time(r->pid) != r->start_time)
		return -ESRCH;
	return fd_take(&fd);
}
