/* SPDX-License-Identifier: Apache-2.0 */
/*
 * security/caps.h - capability names and sets.
 *
 * The table of names is berth's own.  libcap asks the kernel for its
 * capabilities in a constructor, dozens of prctl calls at each start of a
 * process, and names beyond its build it does not know either.
 */
#ifndef SECURITY_CAPS_H
#define SECURITY_CAPS_H

#include <stddef.h>
#include <stdint.h>

struct err;
struct oci_capabilities;

#define CAPS_COUNT 41 /* every kernel since 5.9 has these */
#define CAPS_ALL ((1ULL << CAPS_COUNT) - 1)

/* Bit n is capability n of capabilities(7). */
struct cap_sets {
	uint64_t bounding, effective, permitted, inheritable, ambient;
};

/* What was asked for and is not granted; the specification wants warnings. */
struct cap_report {
	uint64_t ungranted;	 /* not available to the runtime itself */
	uint64_t ambient_lost;	 /* ambient, but not permitted and inheritable */
	uint64_t effective_lost; /* effective, but not permitted */
	size_t n_unknown;	 /* names that mean nothing to berth */
	char unknown[96];	 /* the first: "process.capabilities.bounding[3]: CAP_X" */
};

/* "CAP_CHOWN", …, NULL behind the last; the index is the number. */
extern const char *const cap_names[CAPS_COUNT + 1];

/* cap_from_name - "CAP_CHOWN" in either case to its number; -EINVAL. */
int cap_from_name(const char *name);

/**
 * caps_available - what this process could give to a container
 *
 * A process in a user namespace that was made or joined for the container has
 * CAPS_ALL there instead; ask only for a container in the runtime's own.
 *
 * Return: 0, or -errno of capget(2).
 */
int caps_available(uint64_t *ret);

/**
 * caps_decode - `process.capabilities` as bits that capset(2) accepts
 * @c:		NULL: all sets are empty
 * @available:	CAPS_ALL, or the result of caps_available
 * @ret_report:	what is left out, for warnings; all zero when nothing is
 *
 * The specification demands a warning for what cannot be mapped or granted,
 * and that the start goes on; so nothing in here is an error.
 *
 * Source: config.md "Linux Process", capabilities(7).
 */
void caps_decode(const struct oci_capabilities *c, uint64_t available,
		 struct cap_sets *ret, struct cap_report *ret_report);

/**
 * caps_add - `exec --cap NAME`: one more capability
 * @name:	with or without CAP_, in either case
 *
 * The bounding, permitted and effective sets get it, the ambient set only if it
 * is inheritable already, and the inheritable set never: a program with
 * inheritable file capabilities would gain it again (CVE-2022-29162).
 *
 * Return: 0, -EINVAL: no such capability.
 */
int caps_add(struct cap_sets *sets, const char *name, struct err *e);

#endif
