/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"

static int check(const void *options, char **operands, struct err *e)
{
	const struct exec_options *o = options;

	if (operands[1] && o->process)
		return err_set(e, EINVAL,
			       "a command and --process exclude each other");
	if (!operands[1] && !o->process)
		return err_set(e, EINVAL, "a command is missing, or --process");
	return 0;
}

static int run(struct cli *cli, const void *options, char **operands,
	       struct err *e)
{
	struct exec_options o = *(const struct exec_options *)options;
	int status, r;

	o.id = operands[0];
	o.args = operands[1] ? operands + 1 : NULL;
	r = container_exec(&cli->ctx, &o, &status, e);
	return r < 0 ? r : status;
}

static const struct opt options[] = {
	STRING(exec_options, process, "process", 'p', "FILE",
	       "describe the process by FILE, JSON as in config.json"),
	STRING(exec_options, cwd, "cwd", 0, "DIR", "working directory"),
	LIST(exec_options, env, "env", 'e', "NAME=VALUE",
	     "set an environment variable; may be repeated"),
	FLAG(exec_options, terminal, "tty", 't', "give it a terminal"),
	STRING(exec_options, user, "user", 'u', "UID[:GID]",
	       "run as that user, and group"),
	LIST(exec_options, additional_gids, "additional-gids", 'g', "GID",
	     "add a supplementary group; may be repeated"),
	FLAG(exec_options, detach, "detach", 'd',
	     "return once the process runs, and leave it running"),
	STRING(exec_options, pid_file, "pid-file", 0, "FILE",
	       "write the process id to FILE"),
	STRING(exec_options, pidfd_socket, "pidfd-socket", 0, "SOCKET",
	       "Unix socket that is sent a pidfd of the process"),
	STRING(exec_options, console_socket, "console-socket", 0, "SOCKET",
	       "Unix socket that is sent the process's terminal"),
	LIST(exec_options, caps, "cap", 'c', "CAPABILITY",
	     "add a capability, CAP_…; may be repeated"),
	FLAG(exec_options, no_new_privs, "no-new-privs", 0,
	     "never let it gain privileges through execve"),
	STRING(exec_options, apparmor, "apparmor", 0, "PROFILE",
	       "run it under an AppArmor profile"),
	STRING(exec_options, process_label, "process-label", 0, "LABEL",
	       "run it under an SELinux label"),
	UINT(exec_options, preserve_fds, "preserve-fds", 0, "N",
	     "pass N more file descriptors, from 3 on"),
	STRING(exec_options, cgroup, "cgroup", 0, "PATH",
	       "put it into a cgroup below the container's"),
	FLAG(exec_options, ignore_paused, "ignore-paused", 0,
	     "go ahead in a paused container: it runs once that resumes"),
	OPTIONS_END,
};

const struct command cmd_exec = {
	.name = "exec",
	.operands = "ID [COMMAND [ARGUMENT]...]",
	.summary = "run another process in a running container",
	.description =
		"Run a command in the container ID, or the process that FILE describes. All that\n"
		"follows ID belongs to the command. The exit status is that of the process, or\n"
		"128 and the number of the signal that killed it; 255 when berth itself fails.",
	.examples = "  berth exec web ps -ef\n"
		    "  berth exec -t --user 1000:1000 --env TERM=xterm web sh",
	.options = options,
	.size = sizeof(struct exec_options),
	.min = 1,
	.max = -1,
	.failure = CLI_EXEC_FAILURE,
	.check = check,
	.run = run,
};
