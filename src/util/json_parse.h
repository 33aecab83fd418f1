/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/json_parse.h - JSON text as a sequence of events; util/json.h is what
 * everyone else wants.  The one place that knows which parser berth uses.
 */
#ifndef UTIL_JSON_PARSE_H
#define UTIL_JSON_PARSE_H

#include <stddef.h>

#include "util/err.h"

struct json_source;

enum json_kind {
	JSON_NULL, JSON_BOOLEAN, JSON_NUMBER, JSON_STRING, JSON_OBJECT_BEGIN,
	JSON_ARRAY_BEGIN,
};

struct json_value {
	enum json_kind kind;
	const char *s; /* text of a number or string: not terminated, and gone
			* with the event */
	size_t len;    /* of @s; 0 or 1 for a boolean */
	size_t end;    /* offset in the document behind what was read so far */
};

/* Each returns 0 to stop, having reported why, and 1 to go on. */
struct json_handler {
	int (*value)(void *ctx, const struct json_value *v);
	int (*key)(void *ctx, const char *key, size_t len);
	int (*close)(void *ctx, size_t end); /* of an object or array */
};

/**
 * json_parse - run through a document
 *
 * The text has to be one JSON value with nothing but blanks around it; strings
 * are unescaped, numbers are left as text.
 *
 * Return: 0, -ECANCELED when a handler stopped, -EINVAL (@e says line and
 *	   column), -ENOMEM.
 *
 * Source: RFC 8259.
 */
int json_parse(const struct json_source *src, const struct json_handler *h,
	       void *ctx, struct err *e);

#endif
