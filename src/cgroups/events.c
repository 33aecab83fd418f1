// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/events.c - watching memory.events, cgroup.events and pressure files.
 */
#include "cgroups/events.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/inotify.h>
#include <unistd.h>

#include "cgroups/internal.h"
#include "util/auto.h"
#include "util/sys.h"

#define EVENTS_MAX 512

/* Return: 0 with the text, or -errno; -ENODEV: the cgroup is gone. */
static int reread(int fd, char text[EVENTS_MAX])
{
	ssize_t n = pread(fd, text, EVENTS_MAX - 1, 0);

	if (n < 0)
		return -errno;
	text[n] = '\0';
	return 0;
}

static int read_memory(const struct cgroup_events *ev, uint64_t *oom,
		       uint64_t *oom_kill)
{
	char text[EVENTS_MAX];
	int r = ev->memory < 0 ? 0 : reread(ev->memory, text);

	if (r < 0 || ev->memory < 0)
		return r;
	cgroup_flat_value(text, "oom", oom);
	cgroup_flat_value(text, "oom_kill", oom_kill);
	return 0;
}

static int read_populated(const struct cgroup_events *ev, bool *ret)
{
	char text[EVENTS_MAX];
	uint64_t v;
	int r = reread(ev->cgroup, text);

	if (r == 0 && cgroup_flat_value(text, "populated", &v))
		*ret = v;
	return r;
}

static int watch(const struct cgroup_events *ev, const struct cgroup *cg,
		 const char *file)
{
	char path[CGROUP_PATH_MAX + 32];

	snprintf(path, sizeof(path), "%s/%s", cg->path, file);
	return inotify_add_watch(ev->fd, path, IN_MODIFY) < 0 ? -errno : 0;
}

/* The watches are set before the first look, so nothing falls in between. */
static int start(struct cgroup_events *ev, const struct cgroup *cg)
{
	int r = watch(ev, cg, "cgroup.events");

	if (r == 0 && ev->memory >= 0)
		r = watch(ev, cg, "memory.events");
	if (r == 0)
		r = read_memory(ev, &ev->oom, &ev->oom_kill);
	if (r == 0)
		r = read_populated(ev, &ev->populated);
	return r;
}

int cgroup_events_open(const struct cgroup *cg, struct cgroup_events *ret,
		       struct err *e)
{
	struct cgroup_events ev = CGROUP_EVENTS_NONE;
	int r;

	ev.fd = inotify_init1(IN_CLOEXEC | IN_NONBLOCK);
	if (ev.fd < 0)
		return err_sys(e, errno, "watch %s: inotify_init", cg->path);
	ev.memory = sys_openat(cg->fd, "memory.events", O_RDONLY, 0);
	ev.cgroup = sys_openat(cg->fd, "cgroup.events", O_RDONLY, 0);
	r = ev.cgroup < 0 ? ev.cgroup : start(&ev, cg);
	if (r < 0) {
		cgroup_events_close(&ev);
		return err_sys(e, r, "watch %s", cg->path);
	}
	*ret = ev;
	return 0;
}

static void drain(int fd)
{
	char buf[4096];

	while (read(fd, buf, sizeof(buf)) > 0)
		;
}

int cgroup_events_read(struct cgroup_events *ev,
		       struct cgroup_events_change *ret, struct err *e)
{
	struct cgroup_events_change c = { 0 };
	uint64_t oom = ev->oom, oom_kill = ev->oom_kill;
	bool populated = ev->populated;
	int r;

	drain(ev->fd);
	r = read_memory(ev, &oom, &oom_kill);
	if (r == 0)
		r = read_populated(ev, &populated);
	if (r == -ENODEV) {
		c.removed = true;
		populated = false;
	} else if (r < 0) {
		return err_sys(e, r, "read the events of a cgroup");
	}
	c.oom = oom - ev->oom;
	c.oom_kill = oom_kill - ev->oom_kill;
	c.emptied = ev->populated && !populated;
	ev->oom = oom;
	ev->oom_kill = oom_kill;
	ev->populated = populated;
	*ret = c;
	return 0;
}

void cgroup_events_close(struct cgroup_events *ev)
{
	fd_close(&ev->fd);
	fd_close(&ev->memory);
	fd_close(&ev->cgroup);
}

int cgroup_pressure_open(const struct cgroup *cg, enum cgroup_pressure what,
			 const struct cgroup_pressure_trigger *t, struct err *e)
{
	static const char *const files[] = {
		[CGROUP_PRESSURE_CPU] = "cpu.pressure",
		[CGROUP_PRESSURE_MEMORY] = "memory.pressure",
		[CGROUP_PRESSURE_IO] = "io.pressure",
	};
	auto_fd fd = sys_openat(cg->fd, files[what], O_RDWR | O_NONBLOCK, 0);
	char text[64];
	long r;

	if (fd == -ENOENT || fd == -EOPNOTSUPP)
		return err_set(e, ENOTSUP,
			       "%s/%s: this kernel does not account for pressure; boot with psi=1",
			       cg->path, files[what]);
	if (fd < 0)
		return err_sys(e, fd, "open %s/%s", cg->path, files[what]);
	snprintf(text, sizeof(text), "%s %llu %llu", t->full ? "full" : "some",
		 (unsigned long long)t->stall_us,
		 (unsigned long long)t->window_us);
	r = sys_write(fd, text, strlen(text) + 1);
	if (r < 0)
		return err_sys(e, (int)r, "%s/%s: trigger \"%s\"", cg->path,
			       files[what], text);
	return fd_take(&fd);
}
