/* SPDX-License-Identifier: Apache-2.0 */
#include "container/hook_output.h"

#include <errno.h>
#include <fcntl.h>

#include "oci/annotations.h"
#include "util/auto.h"

#define MODE 0600 /* a hook may print what is not for everybody */

void hook_output_done(struct hook_output *o)
{
	fd_close(&o->fd[0]);
	fd_close(&o->fd[1]);
}

static int open_file(const char *annotation, const char *path, int *ret,
		     struct err *e)
{
	auto_fd fd = -EBADF;

	if (!path)
		return 0;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_NONBLOCK | O_NOCTTY |
				O_CLOEXEC, MODE);
	/* A hook expects a stream that blocks. */
	if (fd < 0 || fcntl(fd, F_SETFL, O_APPEND) < 0)
		return err_sys(e, errno, "annotations[\"%s\"]: open %s",
			       annotation, path);
	*ret = fd_take(&fd);
	return 0;
}

int hook_output_open(const struct oci_annotations *a, struct hook_output *ret,
		     struct err *e)
{
	auto_hook_output o = HOOK_OUTPUT_NONE;
	int r = open_file("run.oci.hooks.stdout", a->hooks_stdout, &o.fd[0], e);

	if (r == 0)
		r = open_file("run.oci.hooks.stderr", a->hooks_stderr, &o.fd[1], e);
	if (r < 0)
		return r;
	ret->fd[0] = fd_take(&o.fd[0]);
	ret->fd[1] = fd_take(&o.fd[1]);
	return 0;
}

int hook_output_of(const struct oci_map *annotations, struct hook_output *ret,
		   struct err *e)
{
	struct oci_annotations a;
	int r = oci_annotations_parse(annotations, &a, e);

	return r < 0 ? r : hook_output_open(&a, ret, e);
}
