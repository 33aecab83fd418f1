/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <string.h>

#include "util/auto.h"
#include "util/buf.h"
#include "util/jsonw.h"

static void write_sample(struct jsonw *w)
{
	jsonw_object(w);
	jsonw_str_member(w, "s", "x/y");
	jsonw_array_member(w, "a");
	jsonw_i64(w, INT64_MIN);
	jsonw_u64(w, UINT64_MAX);
	jsonw_array(w);
	jsonw_array_end(w);
	jsonw_object(w);
	jsonw_object_end(w);
	jsonw_array_end(w);
	jsonw_bool_member(w, "t", true);
	jsonw_key(w, "n");
	jsonw_null(w);
	jsonw_object_member(w, "o");
	jsonw_u64_member(w, "u", 1);
	jsonw_i64_member(w, "i", -1);
	jsonw_key(w, "raw");
	jsonw_raw(w, "[1]", 3);
	jsonw_object_end(w);
	jsonw_object_end(w);
}

static void compact_text_has_no_blanks(void **state)
{
	auto_buf b = { 0 };

	write_sample(&JSONW_COMPACT(&b));
	assert_string_equal(buf_str(&b),
		"{\"s\":\"x/y\",\"a\":[-9223372036854775808,"
		"18446744073709551615,[],{}],\"t\":true,\"n\":null,"
		"\"o\":{\"u\":1,\"i\":-1,\"raw\":[1]}}");
}

static void indented_text_has_two_blanks_a_level(void **state)
{
	auto_buf b = { 0 };

	write_sample(&JSONW_INDENTED(&b));
	assert_string_equal(buf_str(&b),
		"{\n  \"s\": \"x/y\",\n  \"a\": [\n    -9223372036854775808,\n"
		"    18446744073709551615,\n    [],\n    {}\n  ],\n"
		"  \"t\": true,\n  \"n\": null,\n  \"o\": {\n    \"u\": 1,\n"
		"    \"i\": -1,\n    \"raw\": [1]\n  }\n}");
}

static void strings_are_escaped_and_valid(void **state)
{
	static const struct {
		const char *in, *out;
	} cases[] = {
		{ "", "\"\"" },
		{ "a\"b\\c/d", "\"a\\\"b\\\\c/d\"" },
		{ "\b\f\n\r\t", "\"\\b\\f\\n\\r\\t\"" },
		{ "\x01\x1f\x7f", "\"\\u0001\\u001f\x7f\"" },
		{ "\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80",
		  "\"\xc3\xa9\xe2\x82\xac\xf0\x9f\x98\x80\"" },
		{ "a b", "\"a b\"" },
		{ "\xc2\x80\xe0\xa0\x80\xe1\x80\x80\xed\x80\x80\xee\x80\x80",
		  "\"\xc2\x80\xe0\xa0\x80\xe1\x80\x80\xed\x80\x80\xee\x80\x80\"" },
		{ "\xf0\x90\x80\x80\xf1\x80\x80\x80\xf4\x80\x80\x80",
		  "\"\xf0\x90\x80\x80\xf1\x80\x80\x80\xf4\x80\x80\x80\"" },
		{ "\xf4\x8f\xbf\xbf", "\"\xf4\x8f\xbf\xbf\"" },
		/* what is no UTF-8: every byte for itself */
		{ "a\xff""b", "\"a\xef\xbf\xbd""b\"" },
		{ "\x80", "\"\xef\xbf\xbd\"" },
		{ "\xc3", "\"\xef\xbf\xbd\"" },
		{ "\xc3""a", "\"\xef\xbf\xbd""a\"" },
		{ "\xc0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xc1\xbf", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xe0\x9f\xbf", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xed\xa0\x80", "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xf0\x8f\xbf\xbf",
		  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xf4\x90\x80\x80",
		  "\"\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xe2\x82", "\"\xef\xbf\xbd\xef\xbf\xbd\"" },
		{ "\xe2\x82\"", "\"\xef\xbf\xbd\xef\xbf\xbd\\\"\"" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf b = { 0 };

		jsonw_str(&JSONW_COMPACT(&b), cases[i].in);
		assert_string_equal(buf_str(&b), cases[i].out);
	}
}

static void counted_strings_may_hold_zero_bytes(void **state)
{
	auto_buf b = { 0 };

	jsonw_strn(&JSONW_COMPACT(&b), "a\0b", 3);
	assert_string_equal(buf_str(&b), "\"a\\u0000b\"");
}

static void keys_are_escaped_too(void **state)
{
	auto_buf b = { 0 };
	struct jsonw w = JSONW_COMPACT(&b);

	jsonw_object(&w);
	jsonw_str_member(&w, "a\"\n", "v");
	jsonw_object_end(&w);
	assert_string_equal(buf_str(&b), "{\"a\\\"\\n\":\"v\"}");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(compact_text_has_no_blanks),
		cmocka_unit_test(indented_text_has_two_blanks_a_level),
		cmocka_unit_test(strings_are_escaped_and_valid),
		cmocka_unit_test(counted_strings_may_hold_zero_bytes),
		cmocka_unit_test(keys_are_escaped_too),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
