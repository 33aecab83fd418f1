/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"
#include "cli/spec_json.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/fs.h"

struct spec_options {
	const char *bundle, *file;
	bool rootless;
};

/* Never over an existing file: somebody may have worked on it. */
static int write_new(int dirfd, const char *name, const struct buf *text,
		     struct err *e)
{
	auto_fd fd = openat(dirfd, name,
			    O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
	int r;

	if (fd < 0 && errno == EEXIST)
		return err_set(e, EEXIST, "File %s exists. Remove it first",
			       name);
	if (fd < 0)
		return err_sys(e, errno, "create `%s`", name);
	r = fs_write_fully(fd, text->data, text->len);
	if (r < 0) {
		unlinkat(dirfd, name, 0);
		return err_sys(e, r, "write `%s`", name);
	}
	return 0;
}

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	const struct spec_options *o = options;
	struct spec_rootless user = { .uid = geteuid(), .gid = getegid() };
	auto_fd dir = open(o->bundle, O_PATH | O_DIRECTORY | O_CLOEXEC);
	auto_buf text = { 0 };

	if (dir < 0)
		return err_sys(e, errno, "open the bundle `%s`", o->bundle);
	spec_json(o->rootless ? &user : NULL, &text);
	if (text.failed)
		return err_set(e, ENOMEM, "out of memory");
	return write_new(dir, o->file, &text, e);
}

static const struct opt options[] = {
	STRING(spec_options, bundle, "bundle", 'b', "DIR",
	       "directory of the bundle (.)"),
	STRING(spec_options, file, "file", 'f', "FILE",
	       "write FILE, in DIR unless absolute (config.json)"),
	FLAG(spec_options, rootless, "rootless", 0,
	     "for a container of a user without privileges"),
	OPTIONS_END,
};

static const struct spec_options defaults = {
	.bundle = ".",
	.file = "config.json",
};

const struct command cmd_spec = {
	.name = "spec",
	.operands = "",
	.summary = "write a configuration for a new bundle",
	.description =
		"Write a config.json to start from: a shell with a terminal in the directory\n"
		"rootfs of the bundle. A file that exists is left alone.",
	.examples = "  mkdir -p shell/rootfs && cp -a /srv/alpine/. shell/rootfs\n"
		    "  berth spec --bundle shell\n"
		    "  berth run --bundle shell shell",
	.options = options,
	.defaults = &defaults,
	.size = sizeof(struct spec_options),
	.run = run,
};
