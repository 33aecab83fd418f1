/* SPDX-License-Identifier: Apache-2.0 */
#include "util/json.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <string.h>

#include "util/arena.h"
#include "util/json_parse.h"
#include "util/num.h"
#include "util/weak.h"
#include "util/utf8.h"

#define PATH_ROOM 200  /* bytes of a path in a message */
#define VALUE_ROOM 48  /* bytes of a value in a message */
#define FIRST_ITEMS 4

static const char kind_names[][12] = {
	[JSON_NULL] = "null", [JSON_BOOLEAN] = "a boolean",
	[JSON_NUMBER] = "a number", [JSON_STRING] = "a string",
	[JSON_OBJECT_BEGIN] = "an object", [JSON_ARRAY_BEGIN] = "an array",
};

/* What the text has to hold for each type, and what a message calls it. */
static const struct {
	uint8_t kind;
	char text[15];
} wanted[JSON_TYPES] = {
	[JSON_T_BOOL] = { JSON_BOOLEAN, "a boolean" },
	[JSON_T_I32] = { JSON_NUMBER, "an integer" },
	[JSON_T_U32] = { JSON_NUMBER, "an integer" },
	[JSON_T_I64] = { JSON_NUMBER, "an integer" },
	[JSON_T_U64] = { JSON_NUMBER, "an integer" },
	[JSON_T_STR] = { JSON_STRING, "a string" },
	[JSON_T_ENUM] = { JSON_STRING, "a string" },
	[JSON_T_OBJECT] = { JSON_OBJECT_BEGIN, "an object" },
	[JSON_T_POINTER] = { JSON_OBJECT_BEGIN, "an object" },
	[JSON_T_STRV] = { JSON_ARRAY_BEGIN, "an array" },
	[JSON_T_U32V] = { JSON_ARRAY_BEGIN, "an array" },
	[JSON_T_LIST] = { JSON_ARRAY_BEGIN, "an array" },
	[JSON_T_MAP] = { JSON_OBJECT_BEGIN, "an object" },
	[JSON_T_TABLE] = { JSON_OBJECT_BEGIN, "an object" },
	[JSON_T_RAW] = { JSON_OBJECT_BEGIN, "an object" },
};

/* How lists, maps and pointers of any struct look to the decoder; hence the
 * right to alias them. */
#define ANY __attribute__((may_alias))
typedef void *ANY any_pointer;

struct list {
	size_t n;
	char *v;
} ANY;

struct pair {
	char *key, *value;
} ANY;

struct raw {
	const char *data;
	size_t len;
} ANY;

/* An object or array that is open. */
struct frame {
	const struct json_table *table; /* of an object; NULL: list or map */
	const struct json_field *field; /* the open member, NULL: not known;
					 * of a list or map, the list itself */
	char *at;			/* the struct, or the list */
	uint64_t seen, given;		/* fields, by place; given: not null */
	char *key;			/* of a map's open member */
	size_t room;			/* elements that fit into the list */
};

struct decoder {
	const struct json_source *src;
	const struct json_table *table;
	struct arena *arena;
	void *ret;
	struct err *e;
	int error;
	unsigned int depth;   /* of frames */
	unsigned int skipped; /* open objects and arrays that nobody wants */
	struct raw *raw;      /* RAW member that is being skipped */
	struct frame frames[JSON_DEPTH_MAX];
};

/* --- messages ----------------------------------------------------------- */

/* Append to a text of fixed room; what comes from the document is one line. */
static void add(char *out, size_t room, const char *s, size_t len)
{
	size_t at = strlen(out);

	for (size_t i = 0; i < len && at + 1 < room; i++) {
		unsigned char c = (unsigned char)s[i];

		out[at++] = c < 0x20 || c == 0x7f ? '?' : (char)c;
	}
	out[at] = '\0';
}

static void add_step(char *out, const char *name)
{
	if (out[0])
		add(out, PATH_ROOM, ".", 1);
	add(out, PATH_ROOM, name, strnlen(name, JSON_NAME_MAX));
}

static void add_frame(char *out, const struct frame *f)
{
	const struct list *list = (const struct list *)f->at;
	char index[24];

	if (f->table) {
		if (f->field)
			add_step(out, f->field->name);
	} else if (f->key) {
		add(out, PATH_ROOM, "[\"", 2);
		add(out, PATH_ROOM, f->key, strlen(f->key));
		add(out, PATH_ROOM, "\"]", 2);
	} else if (wanted[f->field->type].kind == JSON_ARRAY_BEGIN) {
		/* the element at hand was counted when it was begun */
		snprintf(index, sizeof(index), "[%zu]", list->n - 1);
		add(out, PATH_ROOM, index, strlen(index));
	}
}

/* Always 0, which makes the parser stop. */
static int PRINTF_LIKE(3, 4) fail(struct decoder *d, int code, const char *fmt, ...)
{
	char path[PATH_ROOM] = "", text[ERR_TEXT_MAX - PATH_ROOM];
	va_list ap;

	add(path, sizeof(path), d->src->path, strlen(d->src->path));
	for (unsigned int i = 0; i < d->depth; i++)
		add_frame(path, &d->frames[i]);
	va_start(ap, fmt);
	vsnprintf(text, sizeof(text), fmt, ap);
	va_end(ap);
	d->error = err_set(d->e, code, "%s%s%s", path, path[0] ? ": " : "",
			   text);
	return 0;
}

static int fail_memory(struct decoder *d)
{
	return fail(d, ENOMEM, "out of memory");
}

/* --- values ------------------------------------------------------------- */

static char *copy_string(struct decoder *d, const char *s, size_t len)
{
	char *copy;

	if (len && memchr(s, '\0', len)) {
		fail(d, EINVAL, "a NUL character is not allowed");
		return NULL;
	}
	/* The parser lets halves of surrogate pairs and overlong forms pass. */
	if (!utf8_is_valid(s, len)) {
		fail(d, EINVAL, "not valid UTF-8");
		return NULL;
	}
	copy = arena_dup(d->arena, s, len);
	if (!copy)
		fail_memory(d);
	return copy;
}

static int put_string(struct decoder *d, const struct json_value *v, void *at)
{
	char *s = copy_string(d, v->s, v->len);

	if (!s)
		return 0;
	*(char **)at = s;
	return 1;
}

static int put_word(struct decoder *d, const struct json_field *f,
		    const struct json_value *v, void *at)
{
	const struct json_words *words = f->sub;
	char text[VALUE_ROOM] = "";

	for (unsigned int i = 0; i < words->n; i++) {
		const char *word = words->word[i];

		if (strlen(word) == v->len && memcmp(word, v->s, v->len) == 0) {
			*(unsigned int *)at = i;
			return 1;
		}
	}
	add(text, sizeof(text), v->s, v->len);
	return fail(d, EINVAL, "\"%s\" is not known", text);
}

static int out_of_range(struct decoder *d, const char *text, int64_t min,
			uint64_t max)
{
	return fail(d, EINVAL,
		    "%s is out of range (%" PRIi64 " to %" PRIu64 ")", text,
		    min, max);
}

static int put_number(struct decoder *d, enum json_type type,
		      const struct json_value *v, void *at)
{
	static const struct {
		int64_t min;
		uint64_t max;
		size_t size;
	} ranges[] = {
		[JSON_T_I32] = { INT32_MIN, INT32_MAX, 4 },
		[JSON_T_U32] = { 0, UINT32_MAX, 4 },
		[JSON_T_I64] = { INT64_MIN, INT64_MAX, 8 },
		[JSON_T_U64] = { 0, UINT64_MAX, 8 },
	};
	int64_t min = ranges[type].min;
	uint64_t max = ranges[type].max, n;
	bool negative = v->s[0] == '-';
	char text[VALUE_ROOM] = "";
	uint32_t narrow;
	int r;

	add(text, sizeof(text), v->s, v->len);
	/* -min as unsigned: INT64_MIN has no positive counterpart */
	if (weak(DEFENCE_ID_RANGE))
		max = UINT64_MAX;
	r = num_u64n(v->s + negative, v->len - negative,
		     negative ? 0 - (uint64_t)min : max, &n);
	if (r == -EINVAL)
		return fail(d, EINVAL, "%s is not an integer", text);
	if (r < 0)
		return out_of_range(d, text, min, max);
	if (negative)
		n = 0 - n;
	narrow = (uint32_t)n;
	memcpy(at, ranges[type].size == 4 ? (void *)&narrow : &n,
	       ranges[type].size);
	return 1;
}

static int put_scalar(struct decoder *d, const struct json_field *f,
		      enum json_type type, const struct json_value *v, void *at)
{
	switch (type) {
	case JSON_T_BOOL:
		*(bool *)at = v->len != 0;
		return 1;
	case JSON_T_STR:
		return put_string(d, v, at);
	case JSON_T_ENUM:
		return put_word(d, f, v, at);
	default:
		return put_number(d, type, v, at);
	}
}

/* --- objects and arrays ------------------------------------------------- */

static struct frame *push(struct decoder *d, const struct json_table *table,
			  const struct json_field *field, void *at)
{
	struct frame *f;

	if (d->depth == JSON_DEPTH_MAX) {
		fail(d, EINVAL, "nested deeper than %d levels", JSON_DEPTH_MAX);
		return NULL;
	}
	f = &d->frames[d->depth++];
	*f = (struct frame){ .table = table, .field = field, .at = at };
	return f;
}

static size_t item_size(const struct json_field *f)
{
	switch (f->type) {
	case JSON_T_STRV:
		return sizeof(char *);
	case JSON_T_U32V:
		return sizeof(uint32_t);
	case JSON_T_MAP:
		return sizeof(struct pair);
	default:
		return ((const struct json_table *)f->sub)->size;
	}
}

/* A new, zeroed element at the end of the list; NULL after fail().  The list
 * always has room for one more, the NULL behind the last of a STRV. */
static void *append(struct decoder *d, struct frame *f)
{
	struct list *list = (struct list *)f->at;
	size_t size = item_size(f->field);
	size_t most = f->key ? JSON_MEMBERS_MAX : JSON_ITEMS_MAX;

	if (list->n == most) {
		f->key = NULL;
		fail(d, EINVAL, "more than %zu entries", most);
		return NULL;
	}
	if (list->n + 1 >= f->room) {
		size_t room = f->room ? f->room * 2 : FIRST_ITEMS;
		char *v = arena_grow(d->arena, list->v, f->room * size,
				     room * size);

		if (!v) {
			fail_memory(d);
			return NULL;
		}
		list->v = v;
		f->room = room;
	}
	return list->v + list->n++ * size;
}

static int open_object(struct decoder *d, const struct json_field *f,
		       size_t end, void *at)
{
	const struct json_table *table = f->sub;

	switch (f->type) {
	case JSON_T_RAW:
		d->raw = at;
		d->raw->data = d->src->text + end - 1;
		d->skipped = 1;
		return 1;
	case JSON_T_MAP:
	case JSON_T_TABLE:
		return push(d, NULL, f, at) != NULL;
	case JSON_T_POINTER:
		*(any_pointer *)at = arena_alloc(d->arena, table->size);
		at = *(any_pointer *)at;
		if (!at)
			return fail_memory(d);
		break;
	default:
		break;
	}
	return push(d, table, NULL, at) != NULL;
}

static int wrong_kind(struct decoder *d, enum json_type type,
		      const struct json_value *v)
{
	return fail(d, EINVAL, "expected %s, found %s", wanted[type].text,
		    kind_names[v->kind]);
}

static int put_member(struct decoder *d, struct frame *parent,
		      const struct json_value *v)
{
	const struct json_field *f = parent->field;
	char *at = parent->at + f->offset;

	if (wanted[f->type].kind != v->kind)
		return wrong_kind(d, f->type, v);
	parent->given |= 1ull << (f - parent->table->fields);
	if (f->flags & JSON_OPTIONAL)
		*(bool *)(at - (f->type == JSON_T_BOOL ? sizeof(bool) :
				f->type <= JSON_T_U32 ? sizeof(uint32_t) :
				sizeof(uint64_t))) = true;
	if (v->kind == JSON_OBJECT_BEGIN)
		return open_object(d, f, v->end, at);
	if (v->kind == JSON_ARRAY_BEGIN)
		return push(d, NULL, f, at) != NULL;
	return put_scalar(d, f, f->type, v, at);
}

static int put_element(struct decoder *d, struct frame *parent,
		       const struct json_value *v)
{
	static const uint8_t element[JSON_TYPES] = {
		[JSON_T_STRV] = JSON_T_STR, [JSON_T_MAP] = JSON_T_STR,
		[JSON_T_U32V] = JSON_T_U32, [JSON_T_LIST] = JSON_T_OBJECT,
		[JSON_T_TABLE] = JSON_T_OBJECT,
	};
	const struct json_field *f = parent->field;
	enum json_type type = element[f->type];
	char *at = append(d, parent);

	if (!at)
		return 0;
	if (wanted[type].kind != v->kind)
		return wrong_kind(d, type, v);
	if (parent->key)
		*(char **)at = parent->key;
	if (f->type == JSON_T_MAP)
		at += offsetof(struct pair, value);
	if (type == JSON_T_OBJECT)
		return push(d, f->sub, NULL, at) != NULL;
	return put_scalar(d, f, type, v, at);
}

static bool is_container(const struct json_value *v)
{
	return v->kind == JSON_OBJECT_BEGIN || v->kind == JSON_ARRAY_BEGIN;
}

static int put_value(struct decoder *d, const struct json_value *v)
{
	struct frame *f;

	if (d->skipped) {
		d->skipped += is_container(v);
		if (d->depth + d->skipped > JSON_DEPTH_MAX)
			return fail(d, EINVAL, "nested deeper than %d levels",
				    JSON_DEPTH_MAX);
		return 1;
	}
	if (d->depth == 0) {
		if (v->kind != JSON_OBJECT_BEGIN)
			return wrong_kind(d, JSON_T_OBJECT, v);
		return push(d, d->table, NULL, d->ret) != NULL;
	}
	f = &d->frames[d->depth - 1];
	if (v->kind == JSON_NULL && (f->table || f->key))
		return 1;
	if (!f->table)
		return put_element(d, f, v);
	if (f->field && f->field->type != JSON_T_PRESENT)
		return put_member(d, f, v);
	if (f->field)
		*(bool *)(f->at + f->field->offset) = true;
	d->skipped = is_container(v);
	return 1;
}

static int check_required(struct decoder *d, struct frame *f)
{
	for (unsigned int i = 0; i < f->table->n; i++) {
		f->field = &f->table->fields[i];
		if ((f->field->flags & JSON_REQUIRED) &&
		    !(f->given & 1ull << i))
			return fail(d, EINVAL, "missing");
	}
	return 1;
}

static int close_container(struct decoder *d, size_t end)
{
	struct frame *f;

	if (d->skipped) {
		if (--d->skipped == 0 && d->raw) {
			d->raw->len = (size_t)(d->src->text + end -
					       d->raw->data);
			d->raw = NULL;
		}
		return 1;
	}
	f = &d->frames[d->depth - 1];
	if (f->table && !check_required(d, f))
		return 0;
	d->depth--;
	return 1;
}

/* --- keys --------------------------------------------------------------- */

static const struct json_field *find_field(const struct json_table *t,
					   const char *key, size_t len)
{
	if (len > JSON_NAME_MAX)
		return NULL;
	for (const struct json_field *f = t->fields; f < t->fields + t->n; f++)
		if (f->name[0] == key[0] && memcmp(f->name, key, len) == 0 &&
		    (len == JSON_NAME_MAX || f->name[len] == '\0'))
			return f;
	return NULL;
}

static int member_key(struct decoder *d, struct frame *f, const char *key,
		      size_t len)
{
	uint64_t bit;

	f->field = len ? find_field(f->table, key, len) : NULL;
	if (!f->field)
		return 1;
	bit = 1ull << (f->field - f->table->fields);
	if (f->seen & bit)
		return fail(d, EINVAL, "given twice");
	f->seen |= bit;
	return 1;
}

static int map_key(struct decoder *d, struct frame *f, const char *key,
		   size_t len)
{
	const struct list *list = (const struct list *)f->at;
	size_t size = item_size(f->field);

	f->key = NULL;
	f->key = copy_string(d, key, len);
	if (!f->key)
		return 0;
	for (size_t i = 0; i < list->n; i++)
		if (strcmp(*(char **)(list->v + i * size), f->key) == 0)
			return fail(d, EINVAL, "given twice");
	return 1;
}

/* --- all of it ---------------------------------------------------------- */

static int on_value(void *d, const struct json_value *v)
{
	return put_value(d, v);
}

static int on_key(void *ctx, const char *key, size_t len)
{
	struct decoder *d = ctx;
	struct frame *f;

	if (d->skipped)
		return 1;
	f = &d->frames[d->depth - 1];
	if (f->table)
		return member_key(d, f, key, len);
	return map_key(d, f, key, len);
}

static int on_close(void *d, size_t end)
{
	return close_container(d, end);
}

int json_decode(const struct json_source *src, const struct json_table *table,
		struct arena *a, void *ret, struct err *e)
{
	static const struct json_handler handler = { on_value, on_key,
						     on_close };
	struct decoder d = {
		.src = src, .table = table, .arena = a, .ret = ret, .e = e,
	};
	int r;

	if (src->len > JSON_TEXT_MAX)
		return err_set(e, EFBIG, "longer than %u bytes", JSON_TEXT_MAX);
	r = json_parse(src, &handler, &d, e);
	return r == -ECANCELED ? d.error : r;
}
