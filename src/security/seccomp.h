/* SPDX-License-Identifier: Apache-2.0 */
/*
 * security/seccomp.h - from `linux.seccomp` to a BPF program.
 *
 * Compiling a profile of an engine costs tens of milliseconds, reading the
 * result from the cache a tenth of one.  So the profile stays raw JSON until
 * the cache has been asked; only a miss decodes and compiles it.
 */
#ifndef SECURITY_SECCOMP_H
#define SECURITY_SECCOMP_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;
struct oci_raw;
struct oci_seccomp;
struct sock_filter;

struct seccomp_program {
	const struct sock_filter *filter;
	uint32_t n;	/* instructions, 1 to BPF_MAXINSNS */
	uint32_t flags; /* SECCOMP_FILTER_FLAG_*, NEW_LISTENER when notify */
	bool notify;	/* a rule says SCMP_ACT_NOTIFY */
	bool cached;	/* nothing was compiled: for the debug log */
	const char *from; /* for messages; NULL: linux.seccomp */
	const char *listener_path, *listener_metadata; /* NULL: none */
};

/* What a program is made from. */
struct seccomp_source {
	const struct oci_raw *profile; /* JSON of `linux.seccomp`, not empty */
	const char *receiver;	       /* for a profile without a listenerPath */
	bool fail_unknown;	       /* an unknown system call is an error */
	int cache_dirfd; /* directory of the cache, owned by the caller's user
			  * and writable by nobody else; -1: no cache */
};

/**
 * seccomp_program_get - the program for a profile, from the cache or compiled
 * @a:		owns what @ret points to
 *
 * The cache never makes this fail: an entry that cannot be read, is damaged
 * or is not the caller's is compiled again and replaced; an entry that cannot
 * be written is not written.
 *
 * Return: 0, or -errno.  @e has the path inside the configuration:
 *	   "linux.seccomp.syscalls[3].args[0].op: …".
 *   -EINVAL	the profile says something that has no meaning, or names a
 *		system call that is unknown while @fail_unknown is set
 *   -EOPNOTSUPP a flag that the running kernel does not know
 *   -E2BIG	the program is longer than the kernel accepts
 *
 * Source: config-linux.md "Seccomp".
 */
int seccomp_program_get(const struct seccomp_source *s, struct arena *a,
			struct seccomp_program *ret, struct err *e);

/**
 * seccomp_program_raw - a program that somebody else has compiled
 * @base64:	struct sock_filter [], as seccomp(2) takes them
 * @receiver:	socket that gets the filter's listener; NULL: it has none
 *
 * Return: 0; -EINVAL: no base64, or no filter; -ENOMEM.  @e has no path.
 */
int seccomp_program_raw(const char *base64, const char *receiver,
			struct arena *a, struct seccomp_program *ret,
			struct err *e);

/**
 * seccomp_compile - a decoded profile to a program, without a cache
 *
 * System calls that libseccomp has no name for are skipped: profiles list
 * calls of kernels and architectures newer than the library.  A call whose
 * number is above all that the profile names gets ENOSYS, see
 * seccomp_enosys.h.
 *
 * Return: as seccomp_program_get.
 */
int seccomp_compile(const struct oci_seccomp *s, struct arena *a,
		    struct seccomp_program *ret, struct err *e);

/* seccomp_check_names - -EINVAL with the path of the first system call that
 * libseccomp has no name for. */
int seccomp_check_names(const struct oci_seccomp *s, struct err *e);

/* seccomp_flag_supported - whether the running kernel has one of
 * seccomp_flag_names; false for any other name. */
bool seccomp_flag_supported(const char *name);

/* seccomp_library - libseccomp's version, "2.5.4"; @ret: SECCOMP_LIBRARY_MAX
 * bytes. */
#define SECCOMP_LIBRARY_MAX 40
void seccomp_library(char *ret);

/* What berth knows, for `features`: the specification's names, NULL behind the
 * last one. */
extern const char *const seccomp_action_names[];
extern const char *const seccomp_operator_names[];
extern const char *const seccomp_arch_names[];
extern const char *const seccomp_flag_names[];

#endif
