/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <unistd.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"
#include "oci/decode.h"
#include "util/auto.h"
#include "util/fs.h"

#define FILE_MAX (1 << 20) /* bytes of a list of mounts */

static int check(const void *options, char **operands, struct err *e)
{
	if (strcmp(operands[0], "add") == 0 || strcmp(operands[0], "remove") == 0)
		return 0;
	return err_set(e, EINVAL, "`%s`: neither `add` nor `remove`",
		       operands[0]);
}

static int decode(struct cli *cli, const char *file, struct oci_mount_list *ret,
		  struct err *e)
{
	bool is_stdin = strcmp(file, "-") == 0;
	const char *name = is_stdin ? "standard input" : file;
	auto_mem char *text = NULL;
	size_t len = 0;
	int r;

	r = is_stdin ? fs_read_fd(STDIN_FILENO, name, FILE_MAX, &text, &len, e) :
		       fs_read_all(AT_FDCWD, file, FILE_MAX, &text, &len, e);
	if (r < 0)
		return r;
	r = oci_mounts_decode(text, len, &cli->arena, ret, e);
	return r < 0 ? err_wrap(e, "%s", name) : 0;
}

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	struct oci_mount_list mounts;
	int r = decode(cli, operands[2], &mounts, e);

	if (r < 0)
		return r;
	if (strcmp(operands[0], "add") == 0)
		return container_mounts_add(&cli->ctx, operands[1], &mounts, e);
	return container_mounts_remove(&cli->ctx, operands[1], &mounts, e);
}

static const struct opt options[] = { OPTIONS_END };

const struct command cmd_mounts = {
	.name = "mounts",
	.operands = "add|remove ID FILE",
	.summary = "add mounts to a running container, or remove some",
	.description =
		"Mount in the container ID what FILE lists, or take away what is mounted at the\n"
		"destinations that it lists. FILE has JSON like the mounts of config.json; - is\n"
		"standard input.",
	.examples =
		"  echo '[{\"destination\": \"/data\", \"source\": \"/srv/data\", \"options\": [\"bind\", \"ro\"]}]' |\n"
		"  berth mounts add web -",
	.options = options,
	.min = 3,
	.max = 3,
	.check = check,
	.run = run,
};
