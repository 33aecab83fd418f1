/* SPDX-License-Identifier: Apache-2.0 */
/* container/seccomp.h - a container's filter, through the cache of its root. */
#ifndef CONTAINER_SECCOMP_H
#define CONTAINER_SECCOMP_H

#include <stdbool.h>

#include "util/err.h"

struct arena;
struct config;
struct seccomp_program;

/**
 * container_seccomp - the program of `linux.seccomp`, or of the annotation that
 * brings its own
 * @rootfd:	state directory, which holds the cache in .cache/
 * @ret_has:	false: the configuration has no filter
 */
int container_seccomp(const struct config *c, int rootfd, struct arena *a,
		      struct seccomp_program *ret, bool *ret_has,
		      struct err *e);

/* container_listener - only where the filter's listener goes: the filter
 * itself is in a plan already. */
int container_listener(const struct config *c, struct arena *a,
		       struct seccomp_program *ret, struct err *e);

#endif
