/* SPDX-License-Identifier: Apache-2.0 */
/* cli/globals.h - the options that stand before the command. */
#ifndef CLI_GLOBALS_H
#define CLI_GLOBALS_H

#include <stdbool.h>

#include "cli/opt.h"

struct cli;

struct globals {
	const char *root, *log;
	unsigned int log_format, log_level, cgroup_manager, rootless;
	bool debug, systemd_cgroup, version;
};

extern const struct opt global_options[];
extern const struct globals global_defaults;

/* globals_open_log - the log as the options say; standard error by default. */
int globals_open_log(const struct globals *g, struct cli *cli, struct err *e);

/* globals_apply - the context that the verbs get. */
int globals_apply(const struct globals *g, struct cli *cli, struct err *e);

#endif
