/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/globals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "util/fs.h"

/* In the order of the enums in container.h and log.h. */
static const char *const log_formats[] = { "text", "json", NULL };
static const char *const log_levels[] = { "error", "warning", "debug", NULL };
static const char *const managers[] = { "cgroupfs", "systemd", "disabled",
					NULL };
static const char *const rootless_words[] = { "false", "true", "auto", NULL };

enum { MANAGER_NOT_GIVEN = 3 };
enum { ROOTLESS_FALSE, ROOTLESS_TRUE, ROOTLESS_AUTO };

const struct globals global_defaults = {
	.log_level = LOG_LEVEL_WARNING,
	.cgroup_manager = MANAGER_NOT_GIVEN,
	.rootless = ROOTLESS_AUTO,
};

const struct opt global_options[] = {
	STRING(globals, root, "root", 0, "DIR",
	       "directory for the state of containers (/run/berth)"),
	STRING(globals, log, "log", 0, "FILE",
	       "append errors and warnings to FILE (or file:FILE)"),
	CHOICE(globals, log_format, "log-format", 0, "FORMAT",
	       "format of the log: text or json", log_formats),
	CHOICE(globals, log_level, "log-level", 0, "LEVEL",
	       "what to log: error, warning or debug (warning)", log_levels),
	FLAG(globals, debug, "debug", 0, "the same as --log-level debug"),
	CHOICE(globals, cgroup_manager, "cgroup-manager", 0, "NAME",
	       "who makes cgroups: cgroupfs, systemd or disabled (cgroupfs)",
	       managers),
	FLAG(globals, systemd_cgroup, "systemd-cgroup", 's',
	     "the same as --cgroup-manager systemd"),
	CHOICE(globals, rootless, "rootless", 0, "WHEN",
	       "act as a user without privileges: true, false or auto (auto)",
	       rootless_words),
	FLAG(globals, version, "version", 'v', "show the version"),
	OPTIONS_END,
};

static int log_path(const char *given, const char **ret, struct err *e)
{
	static const char *const others[] = { "syslog:", "journald:" };

	for (size_t i = 0; i < 2; i++)
		if (strncmp(given, others[i], strlen(others[i])) == 0)
			return err_set(e, EINVAL,
				       "--log: `%s`: berth logs to a file only "
				       "(FILE or file:FILE)",
				       given);
	*ret = strncmp(given, "file:", 5) == 0 ? given + 5 : given;
	return 0;
}

int globals_open_log(const struct globals *g, struct cli *cli, struct err *e)
{
	const char *path = NULL;
	int fd, r;

	cli->log.json = g->log_format == 1;
	cli->log.level = g->debug ? LOG_LEVEL_DEBUG :
				    (enum log_level)g->log_level;
	if (!g->log)
		return 0;
	r = log_path(g->log, &path, e);
	if (r < 0)
		return r;
	fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY,
		  0644);
	if (fd < 0)
		return err_sys(e, errno, "open the log `%s`", path);
	cli->log.fd = fd;
	return 0;
}

#define INITIAL_USER_NS_INO 0xEFFFFFFDu /* PROC_USER_INIT_INO of the kernel */

/* Whether ids here are those of the machine.  Without procfs there is no way to
 * know. */
static bool in_initial_user_namespace(void)
{
	struct stat st;

	return stat("/proc/self/ns/user", &st) < 0 ||
	       st.st_ino == INITIAL_USER_NS_INO;
}

static bool is_rootless(const struct globals *g)
{
	if (g->rootless != ROOTLESS_AUTO)
		return g->rootless == ROOTLESS_TRUE;
	return geteuid() != 0 || !in_initial_user_namespace();
}

static enum cgroup_manager manager(const struct globals *g)
{
	if (g->cgroup_manager != MANAGER_NOT_GIVEN)
		return (enum cgroup_manager)g->cgroup_manager;
	return g->systemd_cgroup ? CGROUP_MANAGER_SYSTEMD :
				   CGROUP_MANAGER_CGROUPFS;
}

int globals_apply(const struct globals *g, struct cli *cli, struct err *e)
{
	cli->ctx.log = &cli->log;
	cli->ctx.cgroup_manager = manager(g);
	cli->ctx.rootless = is_rootless(g);
	cli->ctx.root = g->root ?: container_default_root(cli->ctx.rootless,
							    &cli->arena);
	if (!cli->ctx.root)
		return err_set(e, ENOMEM, "out of memory");
	return 0;
}
