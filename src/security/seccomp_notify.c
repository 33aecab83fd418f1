/* SPDX-License-Identifier: Apache-2.0 */
#include "security/seccomp_notify.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <string.h>

#include "oci/spec.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/fdpass.h"
#include "util/jsonw.h"
#include "util/usock.h"

#define TIMEOUT_MS 2500

static void put_state(struct jsonw *w, const struct seccomp_notify_info *info)
{
	jsonw_object(w);
	jsonw_str_member(w, "ociVersion", OCI_VERSION);
	jsonw_array_member(w, "fds");
	jsonw_str(w, "seccompFd");
	jsonw_array_end(w);
	jsonw_i64_member(w, "pid", info->pid);
	if (info->metadata)
		jsonw_str_member(w, "metadata", info->metadata);
	jsonw_key(w, "state");
	jsonw_raw(w, info->state, strlen(info->state));
	jsonw_object_end(w);
}

char *seccomp_notify_state(const struct seccomp_notify_info *info,
			   struct arena *a)
{
	auto_buf out = { 0 };
	struct jsonw w = JSONW_COMPACT(&out);

	put_state(&w, info);
	return out.failed ? NULL : arena_strdup(a, buf_str(&out));
}

int seccomp_notify_send(const char *listener_path, int listener_fd,
			const char *state, struct err *e)
{
	struct fdpass m = {
		.data = (void *)(uintptr_t)state,
		.len = strlen(state),
		.fds = &listener_fd,
		.n_fds = 1,
	};
	auto_fd sock = usock_connect(AT_FDCWD, listener_path, SOCK_STREAM,
				     TIMEOUT_MS, e);
	int r = sock < 0 ? sock : fdpass_send(sock, &m, e);

	if (r < 0)
		(void)err_wrap(e, "linux.seccomp.listenerPath: %s",
			       listener_path);
	return r;
}
