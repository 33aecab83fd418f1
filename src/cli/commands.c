/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/opt.h"

/* In the order of the help: making, looking, acting, describing. */
const struct command *const commands[] = {
	&cmd_create, &cmd_run,	  &cmd_start,  &cmd_exec, &cmd_kill,
	&cmd_delete, &cmd_state,  &cmd_list,   &cmd_ps,	  &cmd_events,
	&cmd_pause,  &cmd_resume, &cmd_update, &cmd_mounts,
	&cmd_spec,   &cmd_features, &cmd_help, NULL,
};

const struct command *command_find(const char *name)
{
	for (const struct command *const *c = commands; *c; c++)
		if (strcmp((*c)->name, name) == 0)
			return *c;
	return NULL;
}

int command_unknown(const char *name, struct err *e)
{
	const char *best = NULL;

	for (const struct command *const *c = commands; *c; c++)
		best = opt_near(name, best, (*c)->name);
	if (best)
		return err_set(e, EINVAL,
			       "unknown command `%s`; did you mean `%s`?", name,
			       best);
	return err_set(e, EINVAL, "unknown command `%s`; see `berth --help`",
		       name);
}
