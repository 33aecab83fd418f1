/* SPDX-License-Identifier: Apache-2.0 */
#include "util/log.h"

#include <stdarg.h>
#include <stdio.h>
#include <unistd.h>

#include "util/buf.h"
#include "util/clock.h"
#include "util/fs.h"
#include "util/jsonw.h"
#include "util/weak.h"

static const char level_names[][8] = {
	[LOG_LEVEL_ERROR] = "error",
	[LOG_LEVEL_WARNING] = "warning",
	[LOG_LEVEL_DEBUG] = "debug",
};

/* One line stays one line, and harmless on a terminal, whatever a name inside of
 * it holds. */
static const char *plain(const char *c)
{
	if (weak(DEFENCE_PLAIN_TEXT))
		return c;
	if (*c == '\n' || *c == '\r')
		return " ";
	return (unsigned char)*c < ' ' || *c == 0x7f ? "?" : c;
}

static void put_line(struct buf *out, const char *text)
{
	for (; *text; text++)
		buf_put(out, plain(text), 1);
}

/* One write(2) of the whole line, so that the lines of several processes that
 * append to one file do not mix; for a socket, one datagram.  A log that cannot
 * be written has nowhere to report that. */
static void write_out(const struct log *l, enum log_level level,
		      const struct buf *line)
{
	/* syslog(3)'s: LOG_ERR, LOG_WARNING and LOG_DEBUG of LOG_USER */
	static const int severities[] = { 3, 4, 7 };
	enum { FACILITY_USER = 1 << 3 };
	auto_buf out = { 0 };

	if (l->to == LOG_TO_SYSLOG)
		buf_printf(&out, "<%d>%s[%d]: ", FACILITY_USER | severities[level],
			   l->ident, (int)getpid());
	else if (l->to == LOG_TO_JOURNAL)
		buf_printf(&out, "PRIORITY=%d\nSYSLOG_IDENTIFIER=%s\nMESSAGE=",
			   severities[level], l->ident);
	buf_put(&out, line->data, line->len);
	if (l->to != LOG_TO_SYSLOG)
		buf_put(&out, "\n", 1);
	if (!line->failed && !out.failed)
		(void)fs_write_fully(l->fd, out.data, out.len);
}

static void log_text(const struct log *l, enum log_level level,
		     const char *text)
{
	auto_buf line = { 0 };
	char now[CLOCK_TEXT];

	if (l->to == LOG_TO_FILE) {
		clock_now_text(now);
		buf_printf(&line, "%s %s ", now, level_names[level]);
	}
	put_line(&line, text);
	write_out(l, level, &line);
}

PRINTF_LIKE(3, 0)
static void log_va(const struct log *l, enum log_level level, const char *fmt,
		   va_list ap)
{
	char text[ERR_TEXT_MAX * 2];

	if (l->fd < 0 || l->json || l->level < level)
		return;
	vsnprintf(text, sizeof(text), fmt, ap);
	log_text(l, level, text);
}

void log_warning(const struct log *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_va(l, LOG_LEVEL_WARNING, fmt, ap);
	va_end(ap);
}

void log_debug(const struct log *l, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	log_va(l, LOG_LEVEL_DEBUG, fmt, ap);
	va_end(ap);
}

static void log_json(const struct log *l, const struct err *e)
{
	auto_buf line = { 0 };
	struct jsonw w = JSONW_COMPACT(&line);
	char now[CLOCK_TEXT];

	clock_now_text(now);
	jsonw_object(&w);
	jsonw_str_member(&w, "msg", e->text);
	jsonw_str_member(&w, "level", level_names[LOG_LEVEL_ERROR]);
	jsonw_str_member(&w, "time", now);
	jsonw_object_end(&w);
	write_out(l, LOG_LEVEL_ERROR, &line);
}

void log_fatal(const struct log *l, const struct err *e)
{
	if (l->fd < 0)
		return;
	if (l->json)
		log_json(l, e);
	else
		log_text(l, LOG_LEVEL_ERROR, e->text);
}
