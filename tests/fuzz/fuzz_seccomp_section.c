/* SPDX-License-Identifier: Apache-2.0 */
/* linux.seccomp: as text of its own, and cut out of a configuration, where the
 * same bytes must come to the same result. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oci/decode.h"
#include "util/arena.h"
#include "util/buf.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int decode_inside(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct oci_seccomp *seccomp;
	struct oci_spec *spec;
	auto_buf b = { 0 };
	int r;

	buf_puts(&b, "{\"ociVersion\":\"1.0.0\",\"linux\":{\"seccomp\":");
	buf_put(&b, data, size);
	buf_puts(&b, "}}");
	r = oci_spec_decode(b.data, b.len, &a, &spec, NULL);
	if (r == 0 && !spec->linux_->seccomp.data)
		r = -1;
	if (r == 0)
		r = oci_seccomp_decode(&spec->linux_->seccomp, &a, &seccomp,
				       NULL);
	arena_free(&a);
	return r;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct oci_raw raw = { (const char *)data, size };
	struct arena a = { 0 };
	struct oci_seccomp *seccomp;
	struct err e = { 0 };

	if (oci_seccomp_decode(&raw, &a, &seccomp, &e) == 0 &&
	    decode_inside(data, size) != 0 &&
	    !strstr(e.text, "nested deeper"))
		__builtin_trap();
	arena_free(&a);
	return 0;
}
