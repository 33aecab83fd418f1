/* SPDX-License-Identifier: Apache-2.0 */
/* Whatever an annotation holds, the document written from it can be read. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oci/spec.h"
#include "oci/state.h"
#include "util/arena.h"
#include "util/buf.h"
#include "util/json.h"
#include "util/jsonw.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

struct doc {
	char *id;
	struct oci_map annotations;
};

static const struct json_field doc_fields[] = {
	JSON_STR(struct doc, id, "id", JSON_REQUIRED),
	JSON_MAP(struct doc, annotations, "annotations", 0),
};
static const struct json_table doc_table = JSON_TABLE(struct doc, doc_fields);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	char *text = arena_dup(&a, (const char *)data, size);
	struct oci_kv kv = { text, text };
	const struct oci_map map = { 1, &kv };
	const struct oci_state s = { .id = text, .status = "running",
				     .bundle = text, .annotations = &map };
	struct doc first = { 0 }, second = { 0 };
	auto_buf b = { 0 }, again = { 0 };
	struct json_source src;

	oci_state_write(&(struct jsonw){ .out = &b, .indent = size & 1 }, &s,
			NULL);
	src = (struct json_source){ b.data, b.len, "" };
	if (json_decode(&src, &doc_table, &a, &first, NULL) < 0 ||
	    first.annotations.n != 1 ||
	    strcmp(first.id, first.annotations.v[0].value) != 0)
		__builtin_trap();
	/* what was read once is valid, and so comes through unchanged */
	oci_state_write(&JSONW_COMPACT(&again),
			&(struct oci_state){ .id = first.id, .status = "",
					     .bundle = "" }, NULL);
	src = (struct json_source){ again.data, again.len, "" };
	if (json_decode(&src, &doc_table, &a, &second, NULL) < 0 ||
	    strcmp(first.id, second.id) != 0)
		__builtin_trap();
	arena_free(&a);
	return 0;
}
