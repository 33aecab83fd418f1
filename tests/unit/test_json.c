/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/arena.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/json.h"

struct strv { size_t n; char **v; };
struct u32v { size_t n; uint32_t *v; };
struct pair { char *key, *value; };
struct map { size_t n; struct pair *v; };
struct raw { const char *data; size_t len; };
struct opt_bool { bool set, v; };
struct opt_i32 { bool set; int32_t v; };
struct opt_u64 { bool set; uint64_t v; };
enum colour { RED, GREEN };

struct point { int32_t x; uint32_t y; };
struct named { char *name; struct point at; };
struct item { char *id; struct strv tags; };

struct doc {
	bool flag;
	int64_t big;
	uint64_t huge;
	char *text;
	enum colour colour;
	struct point point, *maybe;
	struct strv words;
	struct u32v numbers;
	size_t n_items;
	struct item *items;
	struct map map;
	size_t n_named;
	struct named *named;
	struct raw raw;
	bool there;
	struct opt_bool opt_bool;
	struct opt_i32 opt_i32;
	struct opt_u64 opt_u64;
	int32_t inner;
};

static const struct json_field point_fields[] = {
	JSON_I32(struct point, x, "x", JSON_REQUIRED),
	JSON_U32(struct point, y, "y", 0),
};
static const struct json_table point_table =
	JSON_TABLE(struct point, point_fields);

static const struct json_field named_fields[] = {
	JSON_OBJECT(struct named, at, point, "at", JSON_REQUIRED),
};
static const struct json_table named_table =
	JSON_TABLE(struct named, named_fields);

static const struct json_field item_fields[] = {
	JSON_STR(struct item, id, "id", JSON_REQUIRED),
	JSON_STRV(struct item, tags, "tags", 0),
};
static const struct json_table item_table = JSON_TABLE(struct item, item_fields);

static const struct json_words colour_words = { 2, { "red", "green" } };

static const struct json_field inline_fields[] = {
	JSON_I32(struct doc, inner, "inner", JSON_REQUIRED),
};
static const struct json_table inline_table =
	JSON_TABLE(struct doc, inline_fields);

static const struct json_field doc_fields[] = {
	JSON_BOOL(struct doc, flag, "flag", 0),
	JSON_I64(struct doc, big, "big", 0),
	JSON_U64(struct doc, huge, "huge", 0),
	JSON_STR(struct doc, text, "text", 0),
	JSON_ENUM(struct doc, colour, enum colour, "colour", 0, &colour_words),
	JSON_OBJECT(struct doc, point, point, "point", 0),
	JSON_POINTER(struct doc, maybe, point, "maybe", 0),
	JSON_STRV(struct doc, words, "words", 0),
	JSON_U32V(struct doc, numbers, "numbers", 0),
	JSON_LIST(struct doc, n_items, items, item, "items", 0),
	JSON_MAP(struct doc, map, "map", 0),
	JSON_OBJECT_MAP(struct doc, n_named, named, named, "named", 0),
	JSON_RAW(struct doc, raw, "raw", 0),
	JSON_PRESENT(struct doc, there, "there"),
	JSON_OPT_BOOL(struct doc, opt_bool, "optBool", 0),
	JSON_OPT_I32(struct doc, opt_i32, "optI32", 0),
	JSON_OPT_U64(struct doc, opt_u64, "optU64", 0),
	JSON_INLINE("inline", 0, inline_table),
	JSON_BOOL(struct doc, flag, "aNameOfTwentyFourLetters", 0),
};
static const struct json_table doc_table = JSON_TABLE(struct doc, doc_fields);

static int decode_n(const char *text, size_t len, struct arena *a,
		    struct doc *doc, struct err *e)
{
	/* the exact size, so that the sanitizer sees a read behind the end */
	auto_mem char *copy = malloc(len ? len : 1);
	const struct json_source src = { copy, len, "" };

	memcpy(copy, text, len);
	memset(doc, 0, sizeof(*doc));
	return json_decode(&src, &doc_table, a, doc, e);
}

static int decode(const char *text, struct arena *a, struct doc *doc,
		  struct err *e)
{
	return decode_n(text, strlen(text), a, doc, e);
}

static void every_type_lands_in_its_member(void **state)
{
	static const char text[] =
		"{\"flag\":true,\"big\":-9223372036854775808,"
		"\"huge\":18446744073709551615,"
		"\"text\":\"a\\u00e9\\n\\ud83d\\ude00\",\"colour\":\"green\","
		"\"point\":{\"x\":-2147483648,\"y\":4294967295},"
		"\"maybe\":{\"x\":2147483647},\"words\":[\"one\",\"\",\"three\"],"
		"\"numbers\":[0,1,4294967295],"
		"\"items\":[{\"id\":\"a\"},{\"tags\":[\"t\"],\"id\":\"b\"}],"
		"\"map\":{\"k\":\"v\",\"\":\"\",\"k2\":\"v2\"},"
		"\"named\":{\"n1\":{\"at\":{\"x\":1}},\"n2\":{\"at\":{\"x\":2}}},"
		"\"there\":[1,{\"a\":2}],\"optBool\":false,\"optI32\":-7,"
		"\"optU64\":0,\"inline\":{\"inner\":5}}";
	auto_arena a = { 0 };
	struct err e = { 0 };
	struct doc d;

	assert_int_equal(decode(text, &a, &d, &e), 0);
	assert_true(d.flag);
	assert_true(d.big == INT64_MIN && d.huge == UINT64_MAX);
	assert_string_equal(d.text, "a\xc3\xa9\n\xf0\x9f\x98\x80");
	assert_int_equal(d.colour, GREEN);
	assert_true(d.point.x == INT32_MIN && d.point.y == UINT32_MAX);
	assert_int_equal(d.maybe->x, INT32_MAX);
	assert_int_equal(d.words.n, 3);
	assert_string_equal(d.words.v[2], "three");
	assert_string_equal(d.words.v[1], "");
	assert_null(d.words.v[3]);
	assert_int_equal(d.numbers.n, 3);
	assert_int_equal(d.numbers.v[2], UINT32_MAX);
	assert_int_equal(d.n_items, 2);
	assert_string_equal(d.items[1].id, "b");
	assert_string_equal(d.items[1].tags.v[0], "t");
	assert_int_equal(d.map.n, 3);
	assert_string_equal(d.map.v[1].key, "");
	assert_string_equal(d.map.v[2].value, "v2");
	assert_int_equal(d.n_named, 2);
	assert_string_equal(d.named[1].name, "n2");
	assert_int_equal(d.named[1].at.x, 2);
	assert_true(d.there);
	assert_true(d.opt_bool.set && !d.opt_bool.v);
	assert_true(d.opt_i32.set && d.opt_i32.v == -7);
	assert_true(d.opt_u64.set && d.opt_u64.v == 0);
	assert_int_equal(d.inner, 5);
}

static void null_is_absent(void **state)
{
	auto_arena a = { 0 };
	struct doc d;

	assert_int_equal(decode("{\"flag\":null,\"maybe\":null,\"words\":null,"
				"\"map\":{\"k\":null,\"l\":\"v\"},\"raw\":null,"
				"\"there\":null,\"optI32\":null,\"named\":null,"
				"\"unknown\":null,\"colour\":null}",
				&a, &d, NULL),
			 0);
	assert_null(d.maybe);
	assert_null(d.words.v);
	assert_int_equal(d.map.n, 1);
	assert_string_equal(d.map.v[0].key, "l");
	assert_null(d.raw.data);
	assert_false(d.there);
	assert_false(d.opt_i32.set);
}

static void empty_lists_have_no_elements(void **state)
{
	auto_arena a = { 0 };
	struct doc d;

	assert_int_equal(decode(" { \"words\" : [ ] , \"map\" : { } , \"items\":[]"
				",\"named\":{},\"numbers\":[]}\n",
				&a, &d, NULL),
			 0);
	assert_int_equal(d.words.n + d.map.n + d.n_items + d.n_named +
				 d.numbers.n,
			 0);
	assert_int_equal(decode("\t\r\n {}\t\r\n ", &a, &d, NULL), 0);
}

static void a_name_may_fill_its_room(void **state)
{
	auto_arena a = { 0 };
	struct doc d;

	assert_int_equal(decode("{\"aNameOfTwentyFourLetters\":true,"
				"\"aNameOfTwentyFourLetters2\":7,"
				"\"aNameOfTwentyFourLetter\":7,\"\":7,\"fla\":7,"
				"\"flags\":7}",
				&a, &d, NULL),
			 0);
	assert_true(d.flag);
}

static void unknown_members_are_skipped_whole(void **state)
{
	auto_arena a = { 0 };
	struct doc d;

	assert_int_equal(decode("{\"zzz\":{\"flag\":7,\"flag\":8,\"a\":[1.5e9,"
				"{\"b\":null}]},\"yyy\":[[],{},\"\\u0000\"],"
				"\"point\":{\"z\":{},\"x\":4},\"flag\":true}",
				&a, &d, NULL),
			 0);
	assert_true(d.flag);
	assert_int_equal(d.point.x, 4);
}

static void raw_members_are_the_exact_bytes(void **state)
{
	static const char text[] =
		"{\"flag\":true,\"raw\" :\n {\"a\" : [1, {\"b\":\"}\"}] } ,\"big\":3}";
	const struct json_source src = { text, strlen(text), "" };
	auto_arena a = { 0 };
	struct doc d = { 0 };

	assert_int_equal(json_decode(&src, &doc_table, &a, &d, NULL), 0);
	assert_int_equal(d.raw.len, strlen("{\"a\" : [1, {\"b\":\"}\"}] }"));
	assert_memory_equal(d.raw.data, "{\"a\" : [1, {\"b\":\"}\"}] }",
			    d.raw.len);
	assert_int_equal(d.big, 3);
}

static void long_arrays_keep_their_order(void **state)
{
	auto_arena a = { 0 };
	auto_buf b = { 0 };
	struct doc d;

	buf_puts(&b, "{\"items\":[");
	for (int i = 0; i < 5000; i++)
		buf_printf(&b, "%s{\"id\":\"id-%d\",\"tags\":[\"a\",\"b\",\"c\","
			       "\"d\",\"e\"]}", i ? "," : "", i);
	buf_puts(&b, "]}");
	assert_int_equal(decode(b.data, &a, &d, NULL), 0);
	assert_int_equal(d.n_items, 5000);
	for (int i = 0; i < 5000; i++) {
		assert_int_equal(atoi(d.items[i].id + 3), i);
		assert_int_equal(d.items[i].tags.n, 5);
		assert_string_equal(d.items[i].tags.v[4], "e");
		assert_null(d.items[i].tags.v[5]);
	}
}

/* Whatever comes to lie behind a list must not be where its NULL belongs. */
static void lists_of_any_length_end_with_null(void **state)
{
	for (size_t n = 1; n < 40; n++) {
		auto_arena a = { 0 };
		auto_buf b = { 0 };
		struct doc d;

		buf_puts(&b, "{\"words\":[\"w\"");
		for (size_t i = 1; i < n; i++)
			buf_puts(&b, ",\"w\"");
		buf_puts(&b, "],\"numbers\":[4294967295,4294967295]}");
		assert_int_equal(decode(b.data, &a, &d, NULL), 0);
		assert_int_equal(d.words.n, n);
		assert_string_equal(d.words.v[n - 1], "w");
		assert_null(d.words.v[n]);
		assert_int_equal(d.numbers.v[1], UINT32_MAX);
	}
}

static void bad_documents_name_what_is_wrong(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "[]", "expected an object, found an array" },
		{ "7", "expected an object, found a number" },
		{ "null", "expected an object, found null" },
		{ "{\"flag\":\"true\"}",
		  "flag: expected a boolean, found a string" },
		{ "{\"flag\":1}", "flag: expected a boolean, found a number" },
		{ "{\"big\":\"1\"}",
		  "big: expected an integer, found a string" },
		{ "{\"big\":true}",
		  "big: expected an integer, found a boolean" },
		{ "{\"big\":1.5}", "big: 1.5 is not an integer" },
		{ "{\"big\":1e3}", "big: 1e3 is not an integer" },
		{ "{\"big\":-1E+3}", "big: -1E+3 is not an integer" },
		{ "{\"big\":1.0}", "big: 1.0 is not an integer" },
		{ "{\"big\":9223372036854775808}",
		  "big: 9223372036854775808 is out of range "
		  "(-9223372036854775808 to 9223372036854775807)" },
		{ "{\"big\":-9223372036854775809}",
		  "big: -9223372036854775809 is out of range "
		  "(-9223372036854775808 to 9223372036854775807)" },
		{ "{\"huge\":18446744073709551616}",
		  "huge: 18446744073709551616 is out of range "
		  "(0 to 18446744073709551615)" },
		{ "{\"huge\":-1}", "huge: -1 is out of range "
				   "(0 to 18446744073709551615)" },
		{ "{\"point\":{\"x\":2147483648}}",
		  "point.x: 2147483648 is out of range "
		  "(-2147483648 to 2147483647)" },
		{ "{\"point\":{\"x\":0,\"y\":4294967296}}",
		  "point.y: 4294967296 is out of range (0 to 4294967295)" },
		{ "{\"huge\":111111111111111111111111111111111111111111111111111"
		  "111111111}",
		  "huge: 11111111111111111111111111111111111111111111111 is "
		  "out of range (0 to 18446744073709551615)" },
		{ "{\"text\":7}", "text: expected a string, found a number" },
		{ "{\"text\":[]}", "text: expected a string, found an array" },
		{ "{\"text\":\"a\\u0000b\"}",
		  "text: a NUL character is not allowed" },
		{ "{\"text\":\"a\\udddd\"}", "text: not valid UTF-8" },
		{ "{\"text\":\"a\xed\xb7\x9d\"}", "text: not valid UTF-8" },
		{ "{\"text\":\"a\xc0\x80\"}", "text: not valid UTF-8" },
		{ "{\"map\":{\"\\udddd\":\"c\"}}", "map: not valid UTF-8" },
		{ "{\"colour\":\"blue\"}", "colour: \"blue\" is not known" },
		{ "{\"colour\":\"re\"}", "colour: \"re\" is not known" },
		{ "{\"colour\":\"redd\"}", "colour: \"redd\" is not known" },
		{ "{\"colour\":\"a\\nb c\x7f\"}",
		  "colour: \"a?b c?\" is not known" },
		{ "{\"colour\":1}", "colour: expected a string, found a number" },
		{ "{\"point\":{}}", "point.x: missing" },
		{ "{\"point\":{\"x\":null}}", "point.x: missing" },
		{ "{\"point\":[]}", "point: expected an object, found an array" },
		{ "{\"maybe\":7}", "maybe: expected an object, found a number" },
		{ "{\"maybe\":{\"y\":1}}", "maybe.x: missing" },
		{ "{\"words\":{}}", "words: expected an array, found an object" },
		{ "{\"words\":\"x\"}", "words: expected an array, found a string" },
		{ "{\"words\":[\"a\",7]}",
		  "words[1]: expected a string, found a number" },
		{ "{\"words\":[null]}", "words[0]: expected a string, found null" },
		{ "{\"words\":[[]]}",
		  "words[0]: expected a string, found an array" },
		{ "{\"words\":[\"\\u0000\"]}",
		  "words[0]: a NUL character is not allowed" },
		{ "{\"numbers\":[1,-1]}",
		  "numbers[1]: -1 is out of range (0 to 4294967295)" },
		{ "{\"items\":[{\"id\":\"a\"},{},{}]}", "items[1].id: missing" },
		{ "{\"items\":[{\"id\":\"a\",\"tags\":[\"x\",{}]}]}",
		  "items[0].tags[1]: expected a string, found an object" },
		{ "{\"items\":[7]}", "items[0]: expected an object, found a number" },
		{ "{\"map\":[]}", "map: expected an object, found an array" },
		{ "{\"map\":{\"a\":\"b\",\"c.d\":7}}",
		  "map[\"c.d\"]: expected a string, found a number" },
		{ "{\"map\":{\"a\":\"b\",\"c\":\"d\",\"a\":\"e\"}}",
		  "map[\"a\"]: given twice" },
		{ "{\"map\":{\"a\\u0000b\":\"c\"}}",
		  "map: a NUL character is not allowed" },
		{ "{\"map\":{\"a\":\"b\\u0000\"}}",
		  "map[\"a\"]: a NUL character is not allowed" },
		{ "{\"named\":{\"n\":{}}}", "named[\"n\"].at: missing" },
		{ "{\"named\":{\"n\":{\"at\":{\"x\":\"\"}}}}",
		  "named[\"n\"].at.x: expected an integer, found a string" },
		{ "{\"named\":{\"n\":{\"at\":{\"x\":1}},\"n\":null}}",
		  "named[\"n\"]: given twice" },
		{ "{\"raw\":[]}", "raw: expected an object, found an array" },
		{ "{\"raw\":{\"a\":}}",
		  "line 1, column 13: unallowed token at this point in JSON "
		  "text" },
		{ "{\"flag\":true,\"flag\":true}", "flag: given twice" },
		{ "{\"flag\":null,\"flag\":true}", "flag: given twice" },
		{ "{\"raw\":{},\"raw\":{}}", "raw: given twice" },
		{ "{\"optI32\":[]}",
		  "optI32: expected an integer, found an array" },
		{ "{\"inline\":{}}", "inline.inner: missing" },
		{ "{\"inline\":{\"inner\":{}}}",
		  "inline.inner: expected an integer, found an object" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		struct err e = { 0 };
		struct doc d;

		assert_int_equal(decode(cases[i].text, &a, &d, &e), -EINVAL);
		assert_int_equal(e.code, EINVAL);
		assert_string_equal(e.text, cases[i].error);
	}
}

static void what_is_no_json_is_refused_with_its_place(void **state)
{
	static const struct {
		const char *text, *error;
	} cases[] = {
		{ "", "line 1, column 1: premature EOF" },
		{ "  ", "line 1, column 2: premature EOF" },
		{ "{", "line 1, column 1: premature EOF" },
		{ "{\"flag\":tru}", "line 1, column 11: invalid string in json "
				    "text." },
		{ "{\"flag\":true", "line 1, column 12: premature EOF" },
		{ "{\n\"flag\":true,\n}", "line 3, column 1: invalid object "
			"key (must be a string)" },
		{ "{\n \"a\" 7}", "line 2, column 6: object key and value must "
				  "be separated by a colon (':')" },
		{ "{} {}", "line 1, column 4: trailing garbage" },
		{ "{}\n \"x", "line 2, column 2: trailing garbage" },
		{ "{} 1", "line 1, column 4: trailing garbage" },
		{ "{} t", "line 1, column 4: trailing garbage" },
		{ "{} -", "line 1, column 4: trailing garbage" },
		{ "{}\v", "line 1, column 3: trailing garbage" },
		{ "{}\xc3", "line 1, column 3: trailing garbage" },
		{ "{}x", "line 1, column 3: trailing garbage" },
		{ "{// no comments\n}", "line 1, column 1: probable comment "
			"found in input text, comments are not enabled." },
		{ "{\"text\":\"\xff\"}", "line 1, column 10: invalid bytes in "
					 "UTF8 string." },
		{ "{\"text\":\"\n\"}", "line 1, column 9: invalid character "
			"inside string." },
		{ "{\"text\":\"\\x\"}", "line 1, column 10: inside a string, "
			"'\\' occurs before a character which it may not." },
		{ "{'a':1}", "line 1, column 2: invalid char in json text." },
		{ "{\"big\":01}", "line 1, column 8: after key and value, "
				  "inside map, I expect ',' or '}'" },
		{ "{\"big\":+1}", "line 1, column 8: invalid char in json "
				  "text." },
		{ "{\"big\":0x10}", "line 1, column 9: invalid char in json "
				    "text." },
		{ "{\"big\":NaN}", "line 1, column 8: invalid char in json "
				   "text." },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		struct err e = { 0 };
		struct doc d;

		assert_int_equal(decode(cases[i].text, &a, &d, &e), -EINVAL);
		assert_string_equal(e.text, cases[i].error);
	}
}

static void a_document_inside_another_keeps_its_path(void **state)
{
	const char *bad[] = { "{\"big\":\"\"}", "{\"big\":}" };
	const char *errors[] = {
		"outer.doc.big: expected an integer, found a string",
		"outer.doc: line 1, column 8: unallowed token at this point in "
		"JSON text",
	};

	for (size_t i = 0; i < 2; i++) {
		struct json_source src = { bad[i], strlen(bad[i]), "outer.doc" };
		auto_arena a = { 0 };
		struct err e = { 0 };
		struct doc d = { 0 };

		assert_int_equal(json_decode(&src, &doc_table, &a, &d, &e),
				 -EINVAL);
		assert_string_equal(e.text, errors[i]);
	}
}

/* @open @n times, @close as often. */
static int decode_nested(const char *head, char open, char close, int n,
			 const char *tail, struct err *e)
{
	auto_arena a = { 0 };
	auto_buf b = { 0 };
	struct doc d;

	buf_puts(&b, head);
	for (int i = 0; i < n; i++)
		buf_put(&b, &open, 1);
	for (int i = 0; i < n; i++)
		buf_put(&b, &close, 1);
	buf_puts(&b, tail);
	return decode(b.data, &a, &d, e);
}

static void depth_is_bounded_in_known_and_unknown_members(void **state)
{
	static const char *const heads[] = { "{\"zzz\":", "{\"there\":",
					     "{\"raw\":{\"a\":" };
	static const char *const tails[] = { "}", "}", "}}" };
	static const char *const paths[] = { "", "there: ", "raw: " };

	for (size_t i = 0; i < ARRAY_LEN(heads); i++) {
		struct err e = { 0 };
		int most = JSON_DEPTH_MAX - 1 - (i == 2);
		char want[64];

		assert_int_equal(decode_nested(heads[i], '[', ']', most,
					       tails[i], &e),
				 0);
		assert_int_equal(decode_nested(heads[i], '[', ']', most + 1,
					       tails[i], &e),
				 -EINVAL);
		snprintf(want, sizeof(want), "%snested deeper than %d levels",
			 paths[i], JSON_DEPTH_MAX);
		assert_string_equal(e.text, want);
		assert_int_equal(decode_nested(heads[i], '[', ']', 1000000,
					       tails[i], &e),
				 -EINVAL);
	}
}

static void size_and_number_of_entries_are_bounded(void **state)
{
	char *text = malloc(JSON_TEXT_MAX + 2);
	auto_arena a = { 0 };
	auto_buf b = { 0 };
	struct err e = { 0 };
	struct doc d;

	memset(text, ' ', JSON_TEXT_MAX + 1);
	memcpy(text, "{}", 2);
	assert_int_equal(decode_n(text, JSON_TEXT_MAX, &a, &d, &e), 0);
	assert_int_equal(decode_n(text, JSON_TEXT_MAX + 1, &a, &d, &e), -EFBIG);
	assert_string_equal(e.text, "longer than 4194304 bytes");
	free(text);

	buf_puts(&b, "{\"numbers\":[0");
	for (int i = 1; i < JSON_ITEMS_MAX; i++)
		buf_puts(&b, ",0");
	buf_puts(&b, "]}");
	assert_int_equal(decode(b.data, &a, &d, &e), 0);
	assert_int_equal(d.numbers.n, JSON_ITEMS_MAX);
	b.len -= 2;
	buf_puts(&b, ",0]}");
	assert_int_equal(decode(b.data, &a, &d, &e), -EINVAL);
	assert_string_equal(e.text, "numbers[65535]: more than 65536 entries");
}

static void members_of_a_map_are_bounded(void **state)
{
	auto_arena a = { 0 };
	auto_buf b = { 0 };
	struct err e = { 0 };
	struct doc d;

	buf_puts(&b, "{\"map\":{\"0\":\"\"");
	for (int i = 1; i < JSON_MEMBERS_MAX; i++)
		buf_printf(&b, ",\"%d\":\"\"", i);
	buf_puts(&b, "}}");
	assert_int_equal(decode(b.data, &a, &d, &e), 0);
	assert_int_equal(d.map.n, JSON_MEMBERS_MAX);
	b.len -= 2;
	buf_puts(&b, ",\"more\":\"\"}}");
	assert_int_equal(decode(b.data, &a, &d, &e), -EINVAL);
	assert_string_equal(e.text, "map: more than 4096 entries");
}

static void memory_that_runs_out_is_an_error(void **state)
{
	static const char text[] =
		"{\"text\":\"hello\",\"maybe\":{\"x\":1},\"words\":[\"a\",\"b\",\"c\","
		"\"d\",\"e\"],\"map\":{\"k\":\"v\"},\"items\":[{\"id\":\"x\"}],"
		"\"named\":{\"n\":{\"at\":{\"x\":1}}}}";
	bool done = false;
	size_t failed = 0;

	for (size_t limit = 1; !done && limit < 4096; limit++) {
		auto_arena a = { .limit = limit };
		struct err e = { 0 };
		struct doc d;
		int r = decode(text, &a, &d, &e);

		done = r == 0;
		if (!done) {
			failed++;
			assert_int_equal(r, -ENOMEM);
			assert_non_null(strstr(e.text, ": out of memory"));
		}
	}
	assert_true(done && failed > 10);
}

static void a_long_path_is_cut_and_the_reason_is_not(void **state)
{
	char text[1000] = "{\"map\":{\"";
	auto_arena a = { 0 };
	struct err e = { 0 };
	struct doc d;

	memset(text + strlen(text), 'k', 500);
	strcat(text, "\":7}}");
	assert_int_equal(decode(text, &a, &d, &e), -EINVAL);
	assert_non_null(strstr(e.text, "kkk: expected a string, found a number"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_lands_in_its_member),
		cmocka_unit_test(null_is_absent),
		cmocka_unit_test(empty_lists_have_no_elements),
		cmocka_unit_test(a_name_may_fill_its_room),
		cmocka_unit_test(unknown_members_are_skipped_whole),
		cmocka_unit_test(raw_members_are_the_exact_bytes),
		cmocka_unit_test(long_arrays_keep_their_order),
		cmocka_unit_test(lists_of_any_length_end_with_null),
		cmocka_unit_test(bad_documents_name_what_is_wrong),
		cmocka_unit_test(what_is_no_json_is_refused_with_its_place),
		cmocka_unit_test(a_document_inside_another_keeps_its_path),
		cmocka_unit_test(depth_is_bounded_in_known_and_unknown_members),
		cmocka_unit_test(size_and_number_of_entries_are_bounded),
		cmocka_unit_test(members_of_a_map_are_bounded),
		cmocka_unit_test(memory_that_runs_out_is_an_error),
		cmocka_unit_test(a_long_path_is_cut_and_the_reason_is_not),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
