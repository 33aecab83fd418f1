/* SPDX-License-Identifier: Apache-2.0 */
#include "container/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "oci/spec.h"
#include "security/seccomp.h"
#include "util/auto.h"

#define CACHE_DIR ".cache" /* no container's id begins with a dot */

/* Without a directory there is no cache and the start goes on. */
static int open_cache(int rootfd)
{
	int fd = openat(rootfd, CACHE_DIR,
			O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && mkdirat(rootfd, CACHE_DIR, 0700) == 0)
		fd = openat(rootfd, CACHE_DIR,
			    O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC);
	return fd;
}

int container_seccomp(const struct oci_spec *spec, int rootfd, struct arena *a,
		      struct seccomp_program *ret, bool *ret_has, struct err *e)
{
	const struct oci_raw *raw = &spec->linux_->seccomp;
	auto_fd cache = -EBADF;

	*ret_has = raw->len > 0;
	if (!*ret_has)
		return 0;
	cache = open_cache(rootfd);
	return seccomp_program_get(raw, cache, a, ret, e);
}
