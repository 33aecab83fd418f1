/* SPDX-License-Identifier: Apache-2.0 */
#include "container/readiness.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>

#include "container/record.h"
#include "util/auto.h"

static void on_notified(struct ev *ev, void *user, bool ready, int failed)
{
	struct readiness *r = user;

	r->waiting = false;
	r->result = failed;
	if (r->blocking)
		ev_stop(ev);
}

int readiness_start(struct readiness *r, struct ev *ev, int statedir, pid_t pid,
		    int pidfd, struct err *e)
{
	struct notify_args args = {
		.host = getenv("NOTIFY_SOCKET"),
		.pid = pid,
		.pidfd = pidfd,
	};
	int n;

	if (!args.host || !*args.host)
		return 0;
	r->dirfd = openat(statedir, RECORD_NOTIFY,
			  O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	if (r->dirfd < 0)
		return errno == ENOENT ? 0 : err_sys(e, errno, "NOTIFY_SOCKET");
	args.dirfd = r->dirfd;
	r->waiting = true;
	n = notify_start(&r->notify, ev, &args, on_notified, r);
	if (n < 0) {
		r->waiting = false;
		*e = r->notify.err;
	}
	return n;
}

int readiness_wait(struct readiness *r, struct ev *ev, struct err *e)
{
	int n = 0;

	r->blocking = true;
	if (r->waiting)
		n = ev_run(ev, e);
	r->blocking = false;
	if (n == 0 && r->result < 0) {
		n = r->result;
		*e = r->notify.err;
	}
	return n;
}

void readiness_stop(struct readiness *r, struct ev *ev)
{
	if (r->waiting)
		notify_stop(&r->notify, ev);
	r->waiting = false;
	fd_close(&r->dirfd);
}
