/* SPDX-License-Identifier: Apache-2.0 */
#include "container/seccomp.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>

#include "container/config.h"
#include "oci/decode.h"
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

static int bring_own(const struct oci_annotations *notes, struct arena *a,
		     struct seccomp_program *ret, struct err *e)
{
	static const char from[] = "annotations[\"run.oci.seccomp_bpf_data\"]";
	int r = seccomp_program_raw(notes->seccomp_bpf_data,
				    notes->seccomp_receiver, a, ret, e);

	if (r < 0)
		return err_wrap(e, "%s", from);
	ret->from = from;
	return 0;
}

int container_seccomp(const struct config *c, int rootfd, struct arena *a,
		      struct seccomp_program *ret, bool *ret_has, struct err *e)
{
	struct seccomp_source src = {
		.profile = &c->spec->linux_->seccomp,
		.receiver = c->annotations.seccomp_receiver,
		.fail_unknown = c->annotations.seccomp_fail_unknown_syscall,
	};
	auto_fd cache = -EBADF;

	*ret_has = src.profile->len > 0 || c->annotations.seccomp_bpf_data;
	if (!*ret_has)
		return 0;
	if (c->annotations.seccomp_bpf_data)
		return bring_own(&c->annotations, a, ret, e);
	cache = open_cache(rootfd);
	src.cache_dirfd = cache;
	return seccomp_program_get(&src, a, ret, e);
}

int container_listener(const struct config *c, struct arena *a,
		       struct seccomp_program *ret, struct err *e)
{
	const char *receiver = c->annotations.seccomp_receiver;
	struct oci_seccomp *s;
	int r;

	if (c->annotations.seccomp_bpf_data) {
		*ret = (struct seccomp_program){ .listener_path = receiver };
		return 0;
	}
	r = oci_seccomp_decode(&c->spec->linux_->seccomp, a, &s, e);
	if (r < 0)
		return r;
	*ret = (struct seccomp_program){
		.listener_path = s->listener_path && *s->listener_path
					 ? s->listener_path : receiver,
		.listener_metadata = s->listener_metadata,
	};
	return 0;
}
