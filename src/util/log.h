/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/log.h - where warnings, debug lines and the one fatal error go.
 *
 * With the JSON format only the fatal error is written, once, as one object on
 * one line, since podman parses the whole file; warnings and debug lines are
 * left out there.  A text log gets everything at or above its level.
 */
#ifndef UTIL_LOG_H
#define UTIL_LOG_H

#include <stdbool.h>

#include "util/err.h"

enum log_level { LOG_LEVEL_ERROR, LOG_LEVEL_WARNING, LOG_LEVEL_DEBUG };

/* What is at the other end of the fd, and how it wants a line: a file, a socket
 * of syslog(3)'s, or journald's own.  The daemons add the time themselves. */
enum log_to { LOG_TO_FILE, LOG_TO_SYSLOG, LOG_TO_JOURNAL };

struct log {
	int fd;		      /* -1: nowhere; owned */
	enum log_to to;
	const char *ident;    /* of a daemon's: who says it */
	bool json;	      /* --log-format json */
	enum log_level level; /* --log-level; --debug is LOG_LEVEL_DEBUG */
};

void log_warning(const struct log *l, const char *fmt, ...) PRINTF_LIKE(2, 3);
void log_debug(const struct log *l, const char *fmt, ...) PRINTF_LIKE(2, 3);

/* log_fatal - the error that ends this invocation. */
void log_fatal(const struct log *l, const struct err *e);

#endif
