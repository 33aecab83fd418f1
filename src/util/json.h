/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/json.h - JSON text straight into C structs, as tables of fields say.
 *
 * There is no tree in between: the parser's events fill the structs, strings
 * and arrays go into an arena.  A member that no table knows is skipped, a
 * null is taken as absent, a key given twice is refused, and so is a string
 * that has a NUL inside, since strings become C strings.  Numbers are integers
 * that are checked against the range of their field; a fraction or an exponent
 * is refused.  Depth, length and size of arrays are bounded.
 *
 * A table is written with the macros below, which check at compile time that
 * the member has the C type that the decoder writes:
 *
 *	static const struct json_field point_fields[] = {
 *		JSON_I64(struct point, x, "x", JSON_REQUIRED),
 *		JSON_STR(struct point, label, "label", 0),
 *	};
 *	const struct json_table point_table = JSON_TABLE(struct point, point_fields);
 */
#ifndef UTIL_JSON_H
#define UTIL_JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "util/err.h"

struct arena;

#define JSON_TEXT_MAX (4u << 20) /* bytes of a document */
#define JSON_DEPTH_MAX 32	 /* objects and arrays inside of each other */
#define JSON_ITEMS_MAX 65536	 /* elements of an array */
#define JSON_MEMBERS_MAX 4096	 /* members of a map; each new one is compared
				  * with all others */
#define JSON_NAME_MAX 24	 /* bytes of a member's name, without NUL */

enum json_type {
	JSON_T_BOOL, JSON_T_I32, JSON_T_U32, JSON_T_I64, JSON_T_U64,
	JSON_T_STR,	/* char * */
	JSON_T_ENUM,	/* unsigned int, the place of the word in its list */
	JSON_T_OBJECT,	/* a struct within the struct */
	JSON_T_POINTER, /* a pointer to a struct, allocated when it is there */
	JSON_T_STRV,	/* { size_t n; char **v; }, NULL behind the last */
	JSON_T_U32V,	/* { size_t n; uint32_t *v; } */
	JSON_T_LIST,	/* { size_t n; struct *v; } */
	JSON_T_MAP,	/* { size_t n; struct { char *key, *value; } *v; } */
	JSON_T_TABLE,	/* an object whose members are objects, as a list of
			 * structs that begin with a char * for the name */
	JSON_T_RAW,	/* { const char *data; size_t len; }: an object's text */
	JSON_T_PRESENT, /* bool: there is something, whatever it is */
	JSON_TYPES
};

#define JSON_REQUIRED 0x01 /* an object without it is refused */
#define JSON_OPTIONAL 0x02 /* behind a bool that says whether it was set */

/* The words of an enumeration, in the order of their values. */
struct json_words {
	unsigned int n;
	char word[][16];
};

/* Names are no pointers: a table in a position-independent program should not
 * cost a relocation, and so a page of memory, for each of them. */
struct json_field {
	char name[JSON_NAME_MAX];
	uint16_t offset;
	uint8_t type, flags;
	const void *sub; /* struct json_table, or json_words of an enumeration */
};

struct json_table {
	const struct json_field *fields;
	uint16_t n, size; /* fields; bytes of the struct */
};

#define JSON_TABLE(st, list)                                             \
	{                                                                \
		(list), sizeof(list) / sizeof((list)[0]) +               \
			JSON_ASSERT(sizeof(list) / sizeof((list)[0]) <= 64), \
			sizeof(st)                                       \
	}

/* 0, or no program at all. */
#define JSON_ASSERT(x) (sizeof(char[(x) ? 1 : -1]) - 1)
#define JSON_MEMBER(st, m) (((st *)0)->m)
#define JSON_IS(st, m, ctype)                              \
	JSON_ASSERT(__builtin_types_compatible_p(          \
		__typeof__(JSON_MEMBER(st, m)), ctype))
/* @second stands right behind @first. */
#define JSON_ADJACENT(st, first, second)                                      \
	JSON_ASSERT(offsetof(st, first) + sizeof(JSON_MEMBER(st, first)) ==   \
		    offsetof(st, second))

#define JSON_FIELD(st, m, ctype, jtype, nm, fl, s) \
	{ nm, offsetof(st, m) + JSON_IS(st, m, ctype), jtype, fl, s }

#define JSON_BOOL(st, m, nm, fl) JSON_FIELD(st, m, bool, JSON_T_BOOL, nm, fl, NULL)
#define JSON_I32(st, m, nm, fl) JSON_FIELD(st, m, int32_t, JSON_T_I32, nm, fl, NULL)
#define JSON_U32(st, m, nm, fl) JSON_FIELD(st, m, uint32_t, JSON_T_U32, nm, fl, NULL)
#define JSON_I64(st, m, nm, fl) JSON_FIELD(st, m, int64_t, JSON_T_I64, nm, fl, NULL)
#define JSON_U64(st, m, nm, fl) JSON_FIELD(st, m, uint64_t, JSON_T_U64, nm, fl, NULL)
#define JSON_STR(st, m, nm, fl) JSON_FIELD(st, m, char *, JSON_T_STR, nm, fl, NULL)
#define JSON_PRESENT(st, m, nm) JSON_FIELD(st, m, bool, JSON_T_PRESENT, nm, 0, NULL)
#define JSON_ENUM(st, m, ctype, nm, fl, words)                               \
	{ nm, offsetof(st, m) + JSON_IS(st, m, ctype) +                      \
		JSON_ASSERT(sizeof(ctype) == sizeof(unsigned int)),          \
	  JSON_T_ENUM, fl, words }

/* Members of the form struct { bool set; TYPE v; }. */
#define JSON_OPT(st, m, ctype, jtype, nm, fl)                                 \
	{ nm, offsetof(st, m.v) + JSON_IS(st, m.v, ctype) +                   \
		JSON_IS(st, m.set, bool) +                                    \
		JSON_ASSERT(offsetof(st, m.v) == offsetof(st, m.set) + sizeof(ctype)), \
	  jtype, (fl) | JSON_OPTIONAL, NULL }
#define JSON_OPT_BOOL(st, m, nm, fl) JSON_OPT(st, m, bool, JSON_T_BOOL, nm, fl)
#define JSON_OPT_I32(st, m, nm, fl) JSON_OPT(st, m, int32_t, JSON_T_I32, nm, fl)
#define JSON_OPT_U32(st, m, nm, fl) JSON_OPT(st, m, uint32_t, JSON_T_U32, nm, fl)
#define JSON_OPT_I64(st, m, nm, fl) JSON_OPT(st, m, int64_t, JSON_T_I64, nm, fl)
#define JSON_OPT_U64(st, m, nm, fl) JSON_OPT(st, m, uint64_t, JSON_T_U64, nm, fl)

/* Structs: the table of "struct foo" is the variable foo_table.  JSON_INLINE
 * is an object whose members belong to the struct around it. */
#define JSON_OBJECT(st, m, tag, nm, fl) \
	JSON_FIELD(st, m, struct tag, JSON_T_OBJECT, nm, fl, &tag##_table)
#define JSON_POINTER(st, m, tag, nm, fl) \
	JSON_FIELD(st, m, struct tag *, JSON_T_POINTER, nm, fl, &tag##_table)
#define JSON_INLINE(nm, fl, table) { nm, 0, JSON_T_OBJECT, fl, &(table) }

/* Lists: @count is a size_t and @m stands right behind it. */
#define JSON_LIST_OF(st, count, m, ctype, jtype, nm, fl, s)             \
	{ nm, offsetof(st, count) + JSON_IS(st, count, size_t) +        \
		JSON_ADJACENT(st, count, m) + JSON_IS(st, m, ctype),    \
	  jtype, fl, s }
#define JSON_STRV(st, m, nm, fl) \
	JSON_LIST_OF(st, m.n, m.v, char **, JSON_T_STRV, nm, fl, NULL)
#define JSON_U32V(st, m, nm, fl) \
	JSON_LIST_OF(st, m.n, m.v, uint32_t *, JSON_T_U32V, nm, fl, NULL)
#define JSON_LIST(st, count, m, tag, nm, fl) \
	JSON_LIST_OF(st, count, m, struct tag *, JSON_T_LIST, nm, fl, &tag##_table)
#define JSON_OBJECT_MAP(st, count, m, tag, nm, fl) \
	JSON_LIST_OF(st, count, m, struct tag *, JSON_T_TABLE, nm, fl, &tag##_table)
/* @m.v points to structs of two char *, key and value. */
#define JSON_MAP(st, m, nm, fl)                                               \
	{ nm, offsetof(st, m) + JSON_IS(st, m.n, size_t) +                    \
		JSON_ADJACENT(st, m.n, m.v) +                                 \
		JSON_IS(st, m.v->key, char *) + JSON_IS(st, m.v->value, char *) + \
		JSON_ASSERT(sizeof(*JSON_MEMBER(st, m.v)) == 2 * sizeof(char *)), \
	  JSON_T_MAP, fl, NULL }
#define JSON_RAW(st, m, nm, fl)                                               \
	{ nm, offsetof(st, m) + JSON_IS(st, m.data, const char *) +           \
		JSON_IS(st, m.len, size_t) + JSON_ADJACENT(st, m.data, m.len), \
	  JSON_T_RAW, fl, NULL }

struct json_source {
	const char *text;
	size_t len;
	const char *path; /* where the document hangs, for messages: "process";
			   * "" at the top of a file */
};

/**
 * json_decode - fill a struct from JSON text
 * @src:	borrowed; RAW members point into its text
 * @table:	what the document, an object, consists of
 * @a:		owns all strings, arrays and structs behind pointers
 * @ret:	struct of @table->size bytes, zeroed by the caller; its content
 *		is undefined after a failure
 *
 * Return: 0, -EINVAL (@e begins with the path of the value, or with line and
 *	   column where the text is no JSON), -EFBIG, -ENOMEM.
 *
 * Source: RFC 8259.
 */
int json_decode(const struct json_source *src, const struct json_table *table,
		struct arena *a, void *ret, struct err *e);

#endif
