/* SPDX-License-Identifier: Apache-2.0 */
#include "util/jsonw.h"

#include <inttypes.h>
#include <string.h>

#include "util/buf.h"
#include "util/utf8.h"

static void newline(struct jsonw *w)
{
	if (!w->indent)
		return;
	buf_put(w->out, "\n", 1);
	for (unsigned int i = 0; i < w->depth; i++)
		buf_put(w->out, "  ", 2);
}

/* What stands between the last value, or the bracket, and the next value. */
static void before(struct jsonw *w)
{
	if (w->key) {
		w->key = false;
		return;
	}
	if (w->more)
		buf_put(w->out, ",", 1);
	if (w->depth)
		newline(w);
	w->more = true;
}

static void open_bracket(struct jsonw *w, const char *bracket)
{
	before(w);
	buf_put(w->out, bracket, 1);
	w->depth++;
	w->more = false;
}

static void close_bracket(struct jsonw *w, const char *bracket)
{
	w->depth--;
	if (w->more)
		newline(w);
	buf_put(w->out, bracket, 1);
	w->more = true;
}

void jsonw_object(struct jsonw *w)
{
	open_bracket(w, "{");
}

void jsonw_object_end(struct jsonw *w)
{
	close_bracket(w, "}");
}

void jsonw_array(struct jsonw *w)
{
	open_bracket(w, "[");
}

void jsonw_array_end(struct jsonw *w)
{
	close_bracket(w, "]");
}

static void escape(struct buf *out, unsigned char c)
{
	static const char names[] = "\bb\ff\nn\rr\tt\"\"\\\\";

	for (const char *p = names; *p; p += 2) {
		if ((unsigned char)*p == c) {
			buf_put(out, "\\", 1);
			buf_put(out, p + 1, 1);
			return;
		}
	}
	buf_printf(out, "\\u%04x", c);
}

static void quoted(struct buf *out, const char *s, size_t len)
{
	const unsigned char *u = (const unsigned char *)s;
	size_t plain = 0; /* where the bytes that need no change begin */
	size_t i = 0;

	buf_put(out, "\"", 1);
	while (i < len) {
		size_t step = u[i] < 0x80 ? 1 : utf8_length(u + i, len - i);

		if (step && u[i] >= 0x20 && u[i] != '"' && u[i] != '\\') {
			i += step;
			continue;
		}
		buf_put(out, s + plain, i - plain);
		if (step)
			escape(out, u[i]);
		else
			buf_puts(out, "\xef\xbf\xbd");
		plain = ++i;
	}
	buf_put(out, s + plain, i - plain);
	buf_put(out, "\"", 1);
}

void jsonw_key(struct jsonw *w, const char *name)
{
	before(w);
	quoted(w->out, name, strlen(name));
	buf_puts(w->out, w->indent ? ": " : ":");
	w->key = true;
}

void jsonw_strn(struct jsonw *w, const char *s, size_t len)
{
	before(w);
	quoted(w->out, s, len);
}

void jsonw_str(struct jsonw *w, const char *s)
{
	jsonw_strn(w, s, strlen(s));
}

void jsonw_i64(struct jsonw *w, int64_t v)
{
	before(w);
	buf_printf(w->out, "%" PRIi64, v);
}

void jsonw_u64(struct jsonw *w, uint64_t v)
{
	before(w);
	buf_printf(w->out, "%" PRIu64, v);
}

void jsonw_raw(struct jsonw *w, const char *json, size_t len)
{
	before(w);
	buf_put(w->out, json, len);
}

void jsonw_bool(struct jsonw *w, bool v)
{
	before(w);
	buf_puts(w->out, v ? "true" : "false");
}

void jsonw_null(struct jsonw *w)
{
	jsonw_raw(w, "null", 4);
}

void jsonw_str_member(struct jsonw *w, const char *name, const char *s)
{
	jsonw_key(w, name);
	jsonw_str(w, s);
}

void jsonw_i64_member(struct jsonw *w, const char *name, int64_t v)
{
	jsonw_key(w, name);
	jsonw_i64(w, v);
}

void jsonw_u64_member(struct jsonw *w, const char *name, uint64_t v)
{
	jsonw_key(w, name);
	jsonw_u64(w, v);
}

void jsonw_bool_member(struct jsonw *w, const char *name, bool v)
{
	jsonw_key(w, name);
	jsonw_bool(w, v);
}

void jsonw_object_member(struct jsonw *w, const char *name)
{
	jsonw_key(w, name);
	jsonw_object(w);
}

void jsonw_array_member(struct jsonw *w, const char *name)
{
	jsonw_key(w, name);
	jsonw_array(w);
}
