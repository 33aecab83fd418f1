// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/control.c - freezing, signalling, waiting for the end.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>

#include "cgroups/internal.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"

#define FREEZE_TIMEOUT_MS 10000
#define FREEZE_LOOK_MS 200 /* whether somebody else has thawed it */
#define SIGNAL_FREEZE_MS 1000 /* to keep forks from escaping a signal */
#define KILL_ROUNDS 16	      /* without cgroup.kill: until no fork got away */

static bool is_gone(int r)
{
	return r == -ENOENT || r == -ENODEV;
}

int cgroup_is_empty(const struct cgroup *cg, struct err *e)
{
	char text[256];
	uint64_t populated;
	ssize_t n = cgroup_read_value(cg->fd, "cgroup.events", text,
				      sizeof(text));

	if (is_gone((int)n))
		return 1;
	if (n >= 0 && !cgroup_flat_value(text, "populated", &populated))
		n = -EPROTO;
	if (n < 0)
		return err_sys(e, (int)n, "read %s/cgroup.events", cg->path);
	return populated == 0;
}

int cgroup_is_frozen(const struct cgroup *cg, struct err *e)
{
	char text[32];
	ssize_t n = cgroup_read_value(cg->fd, "cgroup.freeze", text,
				      sizeof(text));

	if (n < 0)
		return err_sys(e, (int)n, "read %s/cgroup.freeze", cg->path);
	return text[0] == '1';
}

/* --- a process's state, for messages --------------------------------------- */

static const struct {
	char letter;
	const char *meaning;
} states[] = {
	{ 'D', "it waits in the kernel for a device or a file system" },
	{ 'T', "it is stopped" },
	{ 't', "it is stopped by a debugger" },
	{ 'Z', "it has ended and its parent has not waited for it" },
	{ 'R', "it runs" },
	{ 'S', "it sleeps" },
};

/* "12 (sleep), in state S: it sleeps"; whatever of that is known. */
static void describe(pid_t pid, char *buf, size_t size)
{
	char name[32], stat[512], *open, *close;
	const char *meaning = "";

	snprintf(name, sizeof(name), "/proc/%d/stat", (int)pid);
	if (cgroup_read_value(AT_FDCWD, name, stat, sizeof(stat)) < 0 ||
	    !(open = strchr(stat, '(')) || !(close = strrchr(stat, ')')) ||
	    close < open || close[1] != ' ' || !close[2]) {
		snprintf(buf, size, "%d", (int)pid);
		return;
	}
	for (size_t i = 0; i < ARRAY_LEN(states); i++)
		if (states[i].letter == close[2])
			meaning = states[i].meaning;
	snprintf(buf, size, "%d %.*s, in state %c%s%s", (int)pid,
		 (int)(close - open) + 1, open, close[2], *meaning ? ": " : "",
		 meaning);
}

/* --- waiting ---------------------------------------------------------------- */

int cgroup_wait_empty(const struct cgroup *cg, int timeout_ms, struct err *e)
{
	int r = cgroup_wait_event(cg->fd, "populated", 0, timeout_ms);
	char who[256];
	pid_t pid;

	if (r == 0 || is_gone(r))
		return 0;
	if (r != -ETIMEDOUT)
		return err_sys(e, r, "wait for the processes of %s", cg->path);
	pid = cgroup_first_pid(cg->fd);
	if (!pid)
		return err_set(e, ETIMEDOUT,
			       "a process of another pid namespace is left in %s after %d ms",
			       cg->path, timeout_ms);
	describe(pid, who, sizeof(who));
	return err_set(e, ETIMEDOUT, "process is left in %s after %d ms: %s",
		       cg->path, timeout_ms, who);
}

/* --- freezing --------------------------------------------------------------- */

/* A signal to all and a resume thaw what they found frozen: what comes after
 * them is not to wait in vain. */
static int wait_frozen(const struct cgroup *cg, bool frozen)
{
	int r = -ETIMEDOUT;

	for (int ms = 0; ms < FREEZE_TIMEOUT_MS; ms += FREEZE_LOOK_MS) {
		r = cgroup_wait_event(cg->fd, "frozen", frozen, FREEZE_LOOK_MS);
		if (r != -ETIMEDOUT)
			break;
		if (frozen && cgroup_is_frozen(cg, NULL) == 0)
			fs_write_text(cg->fd, "cgroup.freeze", "1");
	}
	return r;
}

int cgroup_freeze(const struct cgroup *cg, bool frozen, struct err *e)
{
	const char *what = frozen ? "freeze" : "thaw";
	int r = fs_write_text(cg->fd, "cgroup.freeze", frozen ? "1" : "0");

	if (r < 0)
		return err_sys(e, r, "%s %s", what, cg->path);
	r = wait_frozen(cg, frozen);
	if (r == 0)
		return 0;
	if (frozen)
		fs_write_text(cg->fd, "cgroup.freeze", "0");
	if (r == -ETIMEDOUT)
		return err_set(e, ETIMEDOUT,
			       "%s %s: not all processes did so within %d s",
			       what, cg->path, FREEZE_TIMEOUT_MS / 1000);
	return err_sys(e, r, "%s %s", what, cg->path);
}

/* --- signals ---------------------------------------------------------------- */

/* To every process that there is now; how many there were goes to @ret_n. */
static int signal_each(const struct cgroup *cg, int sig, size_t *ret_n,
		       struct err *e)
{
	auto_arena a = { 0 };
	pid_t *pids;
	int r = cgroup_pids(cg, &a, &pids, ret_n, e);

	if (r < 0)
		return r;
	for (size_t i = 0; i < *ret_n; i++)
		if (kill(pids[i], sig) < 0 && errno != ESRCH)
			r = err_sys(e, errno, "send signal %d to process %d", sig,
				    (int)pids[i]);
	return r;
}

/* Frozen, so that nothing forks between the list and the signal; one that was
 * frozen before stays so.  A process that does not freeze gets it all the same. */
static int signal_frozen(const struct cgroup *cg, int sig, struct err *e)
{
	int was = cgroup_is_frozen(cg, NULL);
	size_t n;
	int r;

	if (was == 0 && fs_write_text(cg->fd, "cgroup.freeze", "1") == 0)
		cgroup_wait_event(cg->fd, "frozen", 1, SIGNAL_FREEZE_MS);
	r = signal_each(cg, sig, &n, e);
	if (was == 0)
		fs_write_text(cg->fd, "cgroup.freeze", "0");
	return r;
}

/* Before 5.14, and in a threaded cgroup, there is no cgroup.kill. */
static int kill_without_file(const struct cgroup *cg, struct err *e)
{
	int r = 0;

	for (int i = 0; i < KILL_ROUNDS && r == 0; i++) {
		r = signal_frozen(cg, SIGKILL, e);
		if (r < 0 ||
		    cgroup_wait_event(cg->fd, "populated", 0, 100) != -ETIMEDOUT)
			break;
	}
	return r;
}

int cgroup_kill(const struct cgroup *cg, int sig, struct err *e)
{
	int r;

	if (sig != SIGKILL) {
		r = cgroup_is_empty(cg, e);
		if (r)
			return r < 0 ? r : 0;
		return signal_frozen(cg, sig, e);
	}
	r = fs_write_text(cg->fd, "cgroup.kill", "1");
	if (r == 0 || r == -ENODEV)
		return 0;
	if (r == -ENOENT || r == -EOPNOTSUPP) {
		r = cgroup_is_empty(cg, e);
		if (r)
			return r < 0 ? r : 0;
		return kill_without_file(cg, e);
	}
	return err_sys(e, r, "kill the processes of %s", cg->path);
}

/* --- putting processes in ------------------------------------------------------ */

int cgroup_explain(const struct cgroup *cg, int code, struct err *e)
{
	char type[32];

	code = code < 0 ? code : -code;
	switch (code) {
	case -EBUSY:
		return err_set(e, EBUSY,
			       "cgroup %s gives controllers to cgroups in it, so it cannot hold processes itself",
			       cg->path);
	case -EOPNOTSUPP:
		if (cgroup_read_value(cg->fd, "cgroup.type", type,
				      sizeof(type)) < 0)
			snprintf(type, sizeof(type), "threaded");
		return err_set(e, EOPNOTSUPP,
			       "cgroup %s cannot hold processes: its type is \"%s\", since a cgroup above it is threaded; use a linux.cgroupsPath elsewhere",
			       cg->path, type);
	case -EAGAIN:
		return err_set(e, EAGAIN,
			       "cgroup %s, or one above it, has reached its pids.max",
			       cg->path);
	case -ENODEV:
	case -ENOENT:
		return err_set(e, ENOENT, "cgroup %s was removed", cg->path);
	}
	return err_sys(e, code, "put a process into cgroup %s", cg->path);
}

int cgroup_attach(const struct cgroup *cg, pid_t pid, struct err *e)
{
	char text[16];
	int r;

	snprintf(text, sizeof(text), "%d", (int)pid);
	r = fs_write_text(cg->fd, "cgroup.procs", text);
	return r < 0 ? cgroup_explain(cg, r, e) : 0;
}
