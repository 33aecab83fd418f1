/* SPDX-License-Identifier: Apache-2.0 */
/* container/seccomp.h - a container's filter, through the cache of its root. */
#ifndef CONTAINER_SECCOMP_H
#define CONTAINER_SECCOMP_H

#include <stdbool.h>

#include "util/err.h"

struct arena;
struct oci_spec;
struct seccomp_program;

/**
 * container_seccomp - the program of `linux.seccomp`
 * @rootfd:	state directory, which holds the cache in .cache/
 * @ret_has:	false: the configuration has no filter
 */
int container_seccomp(const struct oci_spec *spec, int rootfd, struct arena *a,
		      struct seccomp_program *ret, bool *ret_has,
		      struct err *e);

#endif
