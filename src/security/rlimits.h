/* SPDX-License-Identifier: Apache-2.0 */
/* security/rlimits.h - names and values of `process.rlimits`. */
#ifndef SECURITY_RLIMITS_H
#define SECURITY_RLIMITS_H

#include <stddef.h>
#include <stdint.h>
#include <sys/resource.h>

struct err;
struct oci_process;

struct rlimit_entry {
	int resource;  /* RLIMIT_* */
	uint64_t soft, hard; /* the resource's unit; UINT64_MAX: unlimited */
};

struct rlimit_list {
	size_t n;
	struct rlimit_entry v[RLIM_NLIMITS];
};

/* rlimit_from_name - "RLIMIT_NOFILE" to its number; -EINVAL. */
int rlimit_from_name(const char *name);

/* rlimit_name - the reverse; NULL for a number that has no name. */
const char *rlimit_name(int resource);

/**
 * rlimits_decode - check `process.rlimits`
 *
 * Return: 0, -EINVAL: unknown type, the same type twice, or a soft limit above
 *	   the hard one; @e has the path: "process.rlimits[1].type: …".
 *
 * Source: config.md "POSIX process", getrlimit(2).
 */
int rlimits_decode(const struct oci_process *p, struct rlimit_list *ret,
		   struct err *e);

#endif
