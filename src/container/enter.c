/* SPDX-License-Identifier: Apache-2.0 */
#include "container/enter.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>

#include "container/record.h"
#include "namespaces/namespaces.h"
#include "oci/spec.h"
#include "util/auto.h"
#include "util/sys.h"
#include "wire/plan.h"

static int has_ended(const struct record *r, struct err *e)
{
	return err_set(e, ESRCH, "container not running: %s has ended", r->id);
}

/* Its first process's root, which it cannot have outside of its own. */
static int plan_root(struct plan_builder *b, const struct record *r, int pidfd,
		     struct err *e)
{
	char path[32];
	auto_fd root = -EBADF;

	snprintf(path, sizeof(path), "/proc/%d/root", (int)r->pid);
	root = sys_openat(AT_FDCWD, path, O_PATH | O_DIRECTORY, 0);
	/* Only of one that still is there the number was its own. */
	if (sys_pidfd_send_signal(pidfd, 0) == -ESRCH || root == -ENOENT)
		return has_ended(r, e);
	if (root < 0)
		return err_sys(e, root, "open %s", path);
	plan_add(b, PLAN_CHROOT, "root of container %s", r->id)->fd[0] =
		plan_fd(b, fd_take(&root));
	return 0;
}

int enter_plan(struct plan_builder *b, const struct enter *in, struct err *e)
{
	const struct record *r = in->record;
	int pidfd = record_pidfd(r), n = 0;
	struct plan_op *op;

	if (pidfd < 0)
		return has_ended(r, e);
	op = plan_add(b, PLAN_NS_JOIN, "namespaces of container %s", r->id);
	op->fd[0] = plan_fd(b, pidfd);
	op->num[0] = in->namespaces;
	op->num[1] = in->become_root;
	if (in->linux_->namespaces[OCI_NS_MOUNT].path)
		n = plan_root(b, r, pidfd, e);
	if (n == 0 && (in->namespaces & ns_flag(OCI_NS_PID)))
		plan_add(b, PLAN_FORK, "namespaces of container %s", r->id);
	return n;
}
