/* SPDX-License-Identifier: Apache-2.0 */
/* cli/commands.h - the rows, each defined beside its command. */
#ifndef CLI_COMMANDS_H
#define CLI_COMMANDS_H

struct command;

extern const struct command cmd_create, cmd_run, cmd_start, cmd_exec, cmd_kill,
	cmd_delete, cmd_state, cmd_list, cmd_ps, cmd_events, cmd_pause,
	cmd_resume, cmd_update, cmd_mounts, cmd_spec, cmd_features, cmd_help;

#endif
