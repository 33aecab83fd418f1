/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/globals.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/cli.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/usock.h"

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
	       "where errors and warnings go: FILE, syslog:NAME or journald:NAME"),
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

/* The first is what a name without any of them means. */
static const struct log_backend {
	const char *prefix;
	enum log_to to;
	const char *socket;
} log_backends[] = {
	{ "file:", LOG_TO_FILE, NULL },
	{ "syslog:", LOG_TO_SYSLOG, "/dev/log" },
	{ "journald:", LOG_TO_JOURNAL, "/run/systemd/journal/socket" },
};

/* @ret_rest: what follows the prefix in @given */
static const struct log_backend *log_backend(const char *given,
					     const char **ret_rest)
{
	*ret_rest = given;
	for (size_t i = 0; i < ARRAY_LEN(log_backends); i++) {
		size_t len = strlen(log_backends[i].prefix);

		if (strncmp(given, log_backends[i].prefix, len) != 0)
			continue;
		*ret_rest += len;
		return &log_backends[i];
	}
	return &log_backends[0];
}

/* It becomes part of a line, or a line of its own. */
static int check_ident(const char *ident, struct err *e)
{
	if (strlen(ident) > 64)
		return err_set(e, EINVAL, "a name of more than 64 bytes");
	for (const char *c = ident; *c; c++)
		if ((unsigned char)*c <= ' ' || *c == 0x7f)
			return err_set(e, EINVAL, "`%s` is no name: it has "
				       "a blank or a special character", ident);
	return 0;
}

static int open_log_file(const char *path, struct err *e)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY,
		      0644);

	return fd < 0 ? err_sys(e, errno, "open the log `%s`", path) : fd;
}

/* A daemon that reads nothing may hold up each message that long. */
#define LOG_DAEMON_MS 1000

static int open_log_socket(const struct log_backend *b, const char *ident,
			   struct err *e)
{
	int r = check_ident(ident, e);

	if (r == 0)
		r = usock_connect(AT_FDCWD, b->socket, SOCK_DGRAM, LOG_DAEMON_MS,
				  e);
	return r < 0 ? err_wrap(e, "--log") : r;
}

int globals_open_log(const struct globals *g, struct cli *cli, struct err *e)
{
	const struct log_backend *b;
	const char *rest;
	int fd;

	cli->log.json = g->log_format == 1;
	cli->log.level = g->debug ? LOG_LEVEL_DEBUG :
				    (enum log_level)g->log_level;
	if (!g->log)
		return 0;
	b = log_backend(g->log, &rest);
	fd = b->socket ? open_log_socket(b, rest, e) : open_log_file(rest, e);
	if (fd < 0)
		return fd;
	cli->log.fd = fd;
	cli->log.to = b->to;
	cli->log.ident = *rest ? rest : "berth";
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
	cli->ctx.initial_userns = g->rootless == ROOTLESS_AUTO && !cli->ctx.rootless;
	cli->ctx.root = g->root ?: container_default_root(cli->ctx.rootless,
							    &cli->arena);
	if (!cli->ctx.root)
		return err_set(e, ENOMEM, "out of memory");
	return 0;
}
