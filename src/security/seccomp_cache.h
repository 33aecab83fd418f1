/* SPDX-License-Identifier: Apache-2.0 */
/*
 * security/seccomp_cache.h - compiled filters as files.
 *
 * One file an entry, named by its key in hexadecimal: SHA-256 over the
 * profile's raw bytes and what else the caller asks for, the format's version,
 * libseccomp's version and the architecture.  The result of a compilation depends on nothing else.  An
 * entry is written whole and renamed; its checksum finds damage, its owner and
 * mode tell who could have written it.  There are at most
 * SECCOMP_CACHE_ENTRIES; the one written longest ago goes first.
 */
#ifndef SECURITY_SECCOMP_CACHE_H
#define SECURITY_SECCOMP_CACHE_H

#include <stddef.h>
#include <stdint.h>

#include "util/sha256.h"

struct arena;
struct seccomp_program;
struct seccomp_source;

#define SECCOMP_CACHE_ENTRIES 64

struct seccomp_key {
	uint8_t v[SHA256_BYTES];
};

void seccomp_cache_key(const struct seccomp_source *s, struct seccomp_key *ret);

/**
 * seccomp_cache_load - the entry for @key
 * @a:		owns what @ret points to
 *
 * Four system calls.
 *
 * Return: 0; -ENOENT; -EPERM: not a regular file of the caller's that nobody
 *	   else can write; -EBADMSG: damaged; another -errno.
 */
int seccomp_cache_load(int dirfd, const struct seccomp_key *key,
		       struct arena *a, struct seccomp_program *ret);

/* seccomp_cache_store - write or replace the entry; 0 or -errno. */
int seccomp_cache_store(int dirfd, const struct seccomp_key *key,
			const struct seccomp_program *p);

/**
 * seccomp_cache_parse - what seccomp_cache_load does with the bytes
 * @bytes:	aligned to 8; @ret points into it
 *
 * Return: 0, -EBADMSG.
 */
int seccomp_cache_parse(const void *bytes, size_t len,
			const struct seccomp_key *key,
			struct seccomp_program *ret);

#endif
