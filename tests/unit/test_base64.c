/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <string.h>

#include "unit/unit.h"
#include "util/auto.h"
#include "util/base64.h"

static void what_base64_writes_is_read(void **state)
{
	static const struct { const char *text, *bytes; } good[] = {
		{ "", "" }, /* RFC 4648, section 10 */
		{ "Zg==", "f" },
		{ "Zm8=", "fo" },
		{ "Zm9v", "foo" },
		{ "Zm9vYg==", "foob" },
		{ "Zm9vYmE=", "fooba" },
		{ "Zm9vYmFy", "foobar" },
		{ "Zm9v\nYmFy\r\n", "foobar" }, /* lines, as base64(1) */
		{ "Z\nm8\n=\n", "fo" },
		{ "+/+/", "\xfb\xff\xbf" },
	};

	for (size_t i = 0; i < ARRAY_LEN(good); i++) {
		char out[64];
		size_t len = 99;

		assert_int_equal(base64_decode(good[i].text, out, &len), 0);
		assert_int_equal(len, strlen(good[i].bytes));
		assert_memory_equal(out, good[i].bytes, len);
	}
}

static void anything_else_is_refused(void **state)
{
	static const char *const bad[] = {
		"Z", "Zg", "Zg=", "Zm9", "====", "=Zg=", "Z===", "Zg=a",
		"Zg==Zg==", /* nothing follows padding */
		"Zm8=\nZg==", "Zg===", "Zm9v=", "Zm 9", "Zm9v ", "Zm-_", "Zm9v!",
		"Zh==", "Zm9=", /* bits that are lost */
		"\x80mhv", "Zm9\xff",
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		char out[64];
		size_t len = 99;

		if (base64_decode(bad[i], out, &len) != -EINVAL)
			fail_msg("\"%s\" was taken", bad[i]);
		assert_int_equal(len, 99);
	}
}

static void every_byte_comes_through(void **state)
{
	static const char digits[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
				     "abcdefghijklmnopqrstuvwxyz0123456789+/";

	for (unsigned int v = 0; v < 1u << 24; v += 257) {
		char text[5] = { digits[v >> 18], digits[v >> 12 & 63],
				 digits[v >> 6 & 63], digits[v & 63] };
		unsigned char out[BASE64_ROOM(4)];
		size_t len;

		assert_int_equal(base64_decode(text, out, &len), 0);
		assert_int_equal(len, 3);
		assert_int_equal((unsigned)out[0] << 16 | (unsigned)out[1] << 8 |
				 out[2], v);
	}
}

static void the_room_is_enough(void **state)
{
	for (size_t n = 0; n < 64; n += 4) {
		char text[65] = "";
		unsigned char out[BASE64_ROOM(64) + 1];
		size_t len;

		memset(text, '/', n);
		memset(out, 0x55, sizeof(out));
		assert_int_equal(base64_decode(text, out, &len), 0);
		assert_true(len <= BASE64_ROOM(n));
		assert_int_equal(out[BASE64_ROOM(n)], 0x55);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_base64_writes_is_read),
		cmocka_unit_test(anything_else_is_refused),
		cmocka_unit_test(every_byte_comes_through),
		cmocka_unit_test(the_room_is_enough),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
