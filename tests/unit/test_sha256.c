/* SPDX-License-Identifier: Apache-2.0 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "util/auto.h"
#include "util/sha256.h"

static void hash(const void *data, size_t len, size_t piece, char *ret_hex)
{
	uint8_t digest[SHA256_BYTES];
	struct sha256 s;

	sha256_init(&s);
	for (size_t at = 0; at < len; at += piece)
		sha256_update(&s, (const char *)data + at,
			      len - at < piece ? len - at : piece);
	sha256_final(&s, digest);
	sha256_hex(digest, ret_hex);
}

static void published_vectors_give_their_digests(void **state)
{
	static const struct {
		const char *text, *hex;
	} cases[] = { /* FIPS 180-4 examples; the empty message */
		{ "", "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b"
		      "7852b855" },
		{ "abc", "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff"
			 "61f20015ad" },
		{ "abcdbcdecdefdefgefghfghighijhijkijkljklmklmnlmnomnopnopq",
		  "248d6a61d20638b8e5c026930c3e6039a33ce45964ff2167f6ecedd419db"
		  "06c1" },
		{ "abcdefghbcdefghicdefghijdefghijkefghijklfghijklmghijklmnhijk"
		  "lmnoijklmnopjklmnopqklmnopqrlmnopqrsmnopqrstnopqrstu",
		  "cf5b16a778af8380036ce59e7b0492370b249b11e8f07a51afac45037afe"
		  "e9d1" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		char hex[SHA256_HEX];

		hash(cases[i].text, strlen(cases[i].text), 64, hex);
		assert_string_equal(hex, cases[i].hex);
	}
}

static void a_million_letters_give_their_digest(void **state)
{
	static char text[1000000];
	char hex[SHA256_HEX];

	memset(text, 'a', sizeof(text));
	hash(text, sizeof(text), 4093, hex);
	assert_string_equal(hex, "cdc76e5c9914fb9281a1c7e284d73e67f1809a48a49720"
				 "0e046d39ccc7112cd0");
}

static void pieces_of_any_size_give_the_same_digest(void **state)
{
	char text[300], whole[SHA256_HEX], parts[SHA256_HEX];

	for (size_t i = 0; i < sizeof(text); i++)
		text[i] = (char)(i * 37);
	for (size_t len = 0; len <= sizeof(text); len++) {
		hash(text, len, sizeof(text), whole);
		for (size_t piece = 1; piece < 130; piece += 7) {
			hash(text, len, piece, parts);
			assert_string_equal(whole, parts);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(published_vectors_give_their_digests),
		cmocka_unit_test(a_million_letters_give_their_digest),
		cmocka_unit_test(pieces_of_any_size_give_the_same_digest),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
