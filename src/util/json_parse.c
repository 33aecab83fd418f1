/* SPDX-License-Identifier: Apache-2.0 */
#include "util/json_parse.h"

#include <errno.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <yajl/yajl_parse.h>

#include "util/json.h"

struct parser {
	yajl_handle yajl;
	const struct json_source *src;
	const struct json_handler *handler;
	void *ctx;
	struct err *e;
	size_t end; /* of the document, once it was seen */
	size_t depth;
};

/* --- its memory -----------------------------------------------------------------
 * What it needs for most documents, from the stack: malloc(3) would map pages for
 * each size that is asked for, and unmap them at once. */

#define ROOM_BYTES 8192

struct block {
	size_t size; /* of what follows */
	_Alignas(max_align_t) unsigned char bytes[];
};

struct room {
	_Alignas(max_align_t) unsigned char bytes[ROOM_BYTES];
	size_t used;
};

static bool is_of_room(const struct room *room, const void *p)
{
	uintptr_t at = (uintptr_t)p, start = (uintptr_t)room->bytes;

	return at >= start && at < start + sizeof(room->bytes);
}

static void *room_alloc(void *ctx, size_t size)
{
	struct room *room = ctx;
	size_t align = _Alignof(max_align_t), left = ROOM_BYTES - room->used;
	struct block *b = (struct block *)(room->bytes + room->used);

	if (left < sizeof(*b) || size > left - sizeof(*b))
		return malloc(size);
	b->size = size;
	room->used += sizeof(*b) + (size + align - 1) / align * align;
	return b->bytes;
}

static void room_free(void *ctx, void *p)
{
	if (!is_of_room(ctx, p))
		free(p);
}

static void *room_realloc(void *ctx, void *p, size_t size)
{
	const struct block *b;
	void *n;

	if (!is_of_room(ctx, p))
		return p ? realloc(p, size) : room_alloc(ctx, size);
	b = (const struct block *)((unsigned char *)p - sizeof(*b));
	n = room_alloc(ctx, size);
	if (n)
		memcpy(n, p, b->size < size ? b->size : size);
	return n;
}

/* --- events ------------------------------------------------------------------- */

static int emit(struct parser *p, enum json_kind kind, const char *s, size_t len)
{
	struct json_value v = { kind, s, len, yajl_get_bytes_consumed(p->yajl) };

	if (kind == JSON_OBJECT_BEGIN || kind == JSON_ARRAY_BEGIN)
		p->depth++;
	else if (p->depth == 0)
		p->end = v.end;
	return p->handler->value(p->ctx, &v);
}

static int on_null(void *p)
{
	return emit(p, JSON_NULL, NULL, 0);
}

static int on_boolean(void *p, int truth)
{
	return emit(p, JSON_BOOLEAN, NULL, truth != 0);
}

static int on_number(void *p, const char *s, size_t len)
{
	return emit(p, JSON_NUMBER, s, len);
}

static int on_string(void *p, const unsigned char *s, size_t len)
{
	return emit(p, JSON_STRING, (const char *)s, len);
}

static int on_object(void *p)
{
	return emit(p, JSON_OBJECT_BEGIN, NULL, 0);
}

static int on_array(void *p)
{
	return emit(p, JSON_ARRAY_BEGIN, NULL, 0);
}

static int on_key(void *ctx, const unsigned char *key, size_t len)
{
	struct parser *p = ctx;

	return p->handler->key(p->ctx, (const char *)key, len);
}

static int on_end(void *ctx)
{
	struct parser *p = ctx;
	size_t end = yajl_get_bytes_consumed(p->yajl);

	if (--p->depth == 0)
		p->end = end;
	return p->handler->close(p->ctx, end);
}

static const yajl_callbacks callbacks = {
	.yajl_null = on_null,
	.yajl_boolean = on_boolean,
	.yajl_number = on_number,
	.yajl_string = on_string,
	.yajl_start_map = on_object,
	.yajl_map_key = on_key,
	.yajl_end_map = on_end,
	.yajl_start_array = on_array,
	.yajl_end_array = on_end,
};

static int syntax_error(struct parser *p, size_t at, const char *why)
{
	const char *path = p->src->path;
	unsigned int line = 1;
	size_t start = 0;

	for (size_t i = 0; i < at && i < p->src->len; i++) {
		if (p->src->text[i] == '\n') {
			line++;
			start = i + 1;
		}
	}
	return err_set(p->e, EINVAL, "%s%sline %u, column %zu: %.*s", path,
		       path[0] ? ": " : "", line, at > start ? at - start : 1,
		       (int)strcspn(why, "\n"), why);
}

/* The parser's own complaint, "parse error: what it is\n". */
static int parser_error(struct parser *p, size_t at)
{
	unsigned char *text = yajl_get_error(p->yajl, 0, NULL, 0);
	const char *why = text ? (const char *)text : "not valid JSON";
	const char *colon = strstr(why, ": ");
	int r = syntax_error(p, at, colon ? colon + 2 : why);

	yajl_free_error(p->yajl, text);
	return r;
}

static bool is_blank(char c)
{
	return c == ' ' || c == '\t' || c == '\r' || c == '\n';
}

/* The parser takes a token that is begun behind the document, and never ends,
 * for no garbage. */
static int check_rest(struct parser *p)
{
	for (size_t i = p->end; i < p->src->len; i++)
		if (!is_blank(p->src->text[i]))
			return syntax_error(p, i + 1, "trailing garbage");
	return 0;
}

static int run(struct parser *p)
{
	const unsigned char *text = (const unsigned char *)p->src->text;
	yajl_status status = yajl_parse(p->yajl, text, p->src->len);
	size_t at = yajl_get_bytes_consumed(p->yajl);

	if (status == yajl_status_ok)
		status = yajl_complete_parse(p->yajl);
	if (status == yajl_status_client_canceled)
		return -ECANCELED;
	if (status == yajl_status_error)
		return parser_error(p, at);
	return check_rest(p);
}

int json_parse(const struct json_source *src, const struct json_handler *h,
	       void *ctx, struct err *e)
{
	struct parser p = { .src = src, .handler = h, .ctx = ctx, .e = e };
	struct room room;
	yajl_alloc_funcs memory = { room_alloc, room_realloc, room_free, &room };
	int r;

	room.used = 0;
	p.yajl = yajl_alloc(&callbacks, &memory, &p);
	if (!p.yajl)
		return err_sys(e, ENOMEM, "read JSON");
	r = run(&p);
	yajl_free(p.yajl);
	return r;
}
