/* SPDX-License-Identifier: Apache-2.0 */
/*
 * security/user.h - user and group numbers from the command line.  The only
 * such parser: "1000x", "-1" and "4294967296" have become root elsewhere
 * (CVE-2016-3697, CVE-2026-30892).
 */
#ifndef SECURITY_USER_H
#define SECURITY_USER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct arena;
struct err;

#define USER_ID_MAX 4294967294u /* 2^32 - 1 means "leave it" to the kernel */

struct user_ids {
	uint32_t uid;
	bool has_gid; /* false: gid says nothing */
	uint32_t gid;
};

/**
 * user_parse - "UID" or "UID:GID", decimal digits and nothing else
 *
 * Return: 0, -EINVAL, -ERANGE above USER_ID_MAX; @ret only on success.
 */
int user_parse(const char *s, struct user_ids *ret, struct err *e);

/* user_parse_id - one number; @what says which in the error: "--additional-gids". */
int user_parse_id(const char *s, const char *what, uint32_t *ret,
		  struct err *e);

/**
 * user_parse_gids - "10,20,30"; an empty list or member is an error
 * @ret:	@ret_n numbers, owned by @a
 *
 * Return: 0, -EINVAL, -ERANGE, -ENOMEM.
 */
int user_parse_gids(const char *s, struct arena *a, uint32_t **ret,
		    size_t *ret_n, struct err *e);

#endif
