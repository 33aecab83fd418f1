/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <string.h>

#include "security/seccomp.h"
#include "util/arena.h"
#include "util/base64.h"
#include "util/err.h"

int seccomp_program_raw(const char *base64, const char *receiver,
			struct arena *a, struct seccomp_program *ret,
			struct err *e)
{
	void *bytes = arena_alloc(a, BASE64_ROOM(strlen(base64)));
	size_t len, n;

	if (!bytes)
		return err_set(e, ENOMEM, "out of memory");
	if (base64_decode(base64, bytes, &len) < 0)
		return err_set(e, EINVAL, "not base64");
	n = len / sizeof(struct sock_filter);
	if (n == 0 || len % sizeof(struct sock_filter))
		return err_set(e, EINVAL, "%zu bytes are no filter: an "
			       "instruction has %zu", len,
			       sizeof(struct sock_filter));
	if (n > BPF_MAXINSNS)
		return err_set(e, EINVAL, "the filter has %zu instructions, the "
			       "kernel takes %d", n, BPF_MAXINSNS);
	*ret = (struct seccomp_program){
		.filter = bytes,
		.n = (uint32_t)n,
		/* As for a profile without flags. */
		.flags = SECCOMP_FILTER_FLAG_SPEC_ALLOW |
			 (receiver ? SECCOMP_FILTER_FLAG_NEW_LISTENER : 0),
		.notify = receiver,
		.listener_path = receiver,
	};
	return 0;
}
