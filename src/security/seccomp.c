/* SPDX-License-Identifier: Apache-2.0 */
#include "security/seccomp.h"

#include "oci/decode.h"
#include "oci/spec.h"
#include "security/seccomp_cache.h"
#include "util/err.h"

static int decode_and_compile(const struct seccomp_source *src, struct arena *a,
			      struct seccomp_program *ret, struct err *e)
{
	struct oci_seccomp *s;
	int r = oci_seccomp_decode(src->profile, a, &s, e);

	if (r == 0 && src->fail_unknown)
		r = seccomp_check_names(s, e);
	if (r < 0)
		return r;
	if (!s->listener_path || !*s->listener_path)
		s->listener_path = (char *)(uintptr_t)src->receiver; /* only read */
	return seccomp_compile(s, a, ret, e);
}

int seccomp_program_get(const struct seccomp_source *s, struct arena *a,
			struct seccomp_program *ret, struct err *e)
{
	struct seccomp_key key;
	int r;

	if (s->cache_dirfd < 0)
		return decode_and_compile(s, a, ret, e);
	seccomp_cache_key(s, &key);
	if (seccomp_cache_load(s->cache_dirfd, &key, a, ret) == 0)
		return 0;
	r = decode_and_compile(s, a, ret, e);
	/* A full disk or a read-only directory costs the next start's time and
	 * nothing else. */
	if (r == 0)
		(void)seccomp_cache_store(s->cache_dirfd, &key, ret);
	return r;
}
