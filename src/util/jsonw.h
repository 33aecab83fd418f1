/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/jsonw.h - JSON text into a struct buf.  The writer puts commas, colons
 * and indentation; the caller names members and values in their order.  What
 * comes out is always valid UTF-8: a byte that is not becomes U+FFFD.
 */
#ifndef UTIL_JSONW_H
#define UTIL_JSONW_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

struct jsonw {
	struct buf *out; /* borrowed; check out->failed at the end */
	bool indent;	 /* two blanks a level; otherwise all on one line */
	bool more;	 /* something stands before the next value here */
	bool key;	 /* a key was written, its value comes next */
	unsigned int depth;
};

#define JSONW_COMPACT(b) ((struct jsonw){ .out = (b) })
#define JSONW_INDENTED(b) ((struct jsonw){ .out = (b), .indent = true })

void jsonw_object(struct jsonw *w);
void jsonw_object_end(struct jsonw *w);
void jsonw_array(struct jsonw *w);
void jsonw_array_end(struct jsonw *w);

/* jsonw_key - the name of the member whose value is written next. */
void jsonw_key(struct jsonw *w, const char *name);

void jsonw_str(struct jsonw *w, const char *s);
void jsonw_strn(struct jsonw *w, const char *s, size_t len);
void jsonw_i64(struct jsonw *w, int64_t v);
void jsonw_u64(struct jsonw *w, uint64_t v);
void jsonw_bool(struct jsonw *w, bool v);
void jsonw_null(struct jsonw *w);

/* jsonw_raw - a value that is JSON text already; not looked at. */
void jsonw_raw(struct jsonw *w, const char *json, size_t len);

/* jsonw_KIND_member - key and value in one. */
void jsonw_str_member(struct jsonw *w, const char *name, const char *s);
void jsonw_i64_member(struct jsonw *w, const char *name, int64_t v);
void jsonw_u64_member(struct jsonw *w, const char *name, uint64_t v);
void jsonw_bool_member(struct jsonw *w, const char *name, bool v);
void jsonw_object_member(struct jsonw *w, const char *name);
void jsonw_array_member(struct jsonw *w, const char *name);

#endif
