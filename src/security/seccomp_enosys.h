/* SPDX-License-Identifier: Apache-2.0 */
/*
 * security/seccomp_enosys.h - "no such call" for calls newer than the profile.
 *
 * A profile that lists what is allowed answers every other call with its
 * default, mostly EPERM.  Programs take EPERM for an answer; only ENOSYS makes
 * them fall back to the call that they used before.  A call that was added to
 * the kernel after the profile was written has a number above all that the
 * profile names, so those numbers get ENOSYS before the filter is asked.
 *
 * Numbers belong to an architecture.  The program in front of the filter is:
 *
 *	A = arch
 *	if A == first architecture:
 *		A = nr
 *		nr in one of its ranges: return ENOSYS
 *		go to the filter
 *	…the next architectures
 *	go to the filter
 *	return ENOSYS
 */
#ifndef SECURITY_SECCOMP_ENOSYS_H
#define SECURITY_SECCOMP_ENOSYS_H

#include <stddef.h>
#include <stdint.h>

struct sock_filter;

#define ENOSYS_MAX_RANGES 48 /* keeps each jump within the 255 of BPF */

/* Calls @first to @last, both included, of one AUDIT_ARCH_*. */
struct enosys_range {
	uint32_t audit, first, last;
};

/* enosys_room - the most instructions that @n ranges take. */
#define ENOSYS_ROOM(n) (3 + 5 * (n))

/**
 * enosys_build - the program for @n ranges, at most ENOSYS_MAX_RANGES
 * @ret:	room for ENOSYS_ROOM(@n) instructions
 *
 * Ranges of one architecture must stand together.
 *
 * Return: how many instructions; 0 for no ranges.  Execution runs into what
 *	   follows the last one.
 */
size_t enosys_build(const struct enosys_range *ranges, size_t n,
		    struct sock_filter *ret);

#endif
