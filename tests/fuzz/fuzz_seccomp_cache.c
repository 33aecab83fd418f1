/* SPDX-License-Identifier: Apache-2.0 */
/*
 * An entry of the filter cache.  The first byte chooses whether the checksum is
 * made to fit, so that what lies behind it is reached too.
 */
#include <stdlib.h>
#include <string.h>

#include <linux/filter.h>

#include "security/seccomp.h"
#include "security/seccomp_cache.h"

#define SUM_AT 16 /* magic, format and size come before it */
#define KEY_AT 48

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void fit(uint8_t *bytes, size_t len)
{
	uint32_t size = (uint32_t)len;
	struct sha256 s;

	sha256_init(&s);
	sha256_update(&s, bytes + KEY_AT, len - KEY_AT);
	sha256_final(&s, bytes + SUM_AT);
	memcpy(bytes + 12, &size, sizeof(size));
}

/* Everything that the program points to can be read. */
static void touch(const struct seccomp_program *p)
{
	size_t sum = 0;

	for (uint32_t i = 0; i < p->n; i++)
		sum += p->filter[i].k;
	sum += p->listener_path ? strlen(p->listener_path) : 0;
	sum += p->listener_metadata ? strlen(p->listener_metadata) : 0;
	__asm__ volatile("" : : "r"(sum)); /* the reads must stay */
	if (!p->n || p->n > BPF_MAXINSNS || !p->cached)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct seccomp_key key = { { 0 } };
	struct seccomp_program p;
	uint8_t *bytes;

	if (size < 2)
		return 0;
	bytes = malloc(size - 1); /* exact, so that one byte too far is noticed */
	memcpy(bytes, data + 1, size - 1);
	if (size - 1 >= KEY_AT + sizeof(key)) {
		memcpy(&key, bytes + KEY_AT, sizeof(key));
		if (data[0] & 1)
			fit(bytes, size - 1);
	}
	if (seccomp_cache_parse(bytes, size - 1, &key, &p) == 0)
		touch(&p);
	free(bytes);
	return 0;
}
