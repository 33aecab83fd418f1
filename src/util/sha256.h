/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/sha256.h - SHA-256 (FIPS 180-4) without a library: berth is static, and
 * libcrypto's start-up alone costs more than all it would hash.  For keys
 * and small files; whole layers are hashed by the image helper.
 */
#ifndef UTIL_SHA256_H
#define UTIL_SHA256_H

#include <stddef.h>
#include <stdint.h>

#define SHA256_BYTES 32
#define SHA256_HEX (2 * SHA256_BYTES + 1) /* with the NUL */

struct sha256 {
	uint32_t state[8];
	uint64_t len; /* bytes so far */
	uint8_t block[64];
};

void sha256_init(struct sha256 *s);
void sha256_update(struct sha256 *s, const void *data, size_t len);

/* sha256_final - the digest; @s must be initialised again before more. */
void sha256_final(struct sha256 *s, uint8_t ret[SHA256_BYTES]);

/* sha256_hex - lower-case hexadecimal text of a digest. */
void sha256_hex(const uint8_t digest[SHA256_BYTES], char ret[SHA256_HEX]);

#endif
