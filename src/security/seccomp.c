/* SPDX-License-Identifier: Apache-2.0 */
#include "security/seccomp.h"

#include "oci/decode.h"
#include "oci/spec.h"
#include "security/seccomp_cache.h"
#include "util/err.h"

static int decode_and_compile(const struct oci_raw *profile, struct arena *a,
			      struct seccomp_program *ret, struct err *e)
{
	struct oci_seccomp *s;
	int r = oci_seccomp_decode(profile, a, &s, e);

	return r < 0 ? r : seccomp_compile(s, a, ret, e);
}

int seccomp_program_get(const struct oci_raw *profile, int cache_dirfd,
			struct arena *a, struct seccomp_program *ret,
			struct err *e)
{
	struct seccomp_key key;
	int r;

	if (cache_dirfd < 0)
		return decode_and_compile(profile, a, ret, e);
	seccomp_cache_key(profile, &key);
	if (seccomp_cache_load(cache_dirfd, &key, a, ret) == 0)
		return 0;
	r = decode_and_compile(profile, a, ret, e);
	/* A full disk or a read-only directory costs the next start's time and
	 * nothing else. */
	if (r == 0)
		(void)seccomp_cache_store(cache_dirfd, &key, ret);
	return r;
}
