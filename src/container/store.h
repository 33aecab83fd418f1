/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container/store.h - the directory of a container's state: making it, finding
 * it, locking it, removing it.
 *
 * Each container has a lock of its own (flock(2) on its directory) and there is
 * no other.  Whoever has waited for a lock looks whether the directory is still
 * the one under its name: it may have been deleted meanwhile.
 */
#ifndef CONTAINER_STORE_H
#define CONTAINER_STORE_H

#include <stdbool.h>
#include <stddef.h>

#include "util/err.h"

struct arena;
struct context;

/* store_open_root - ROOT itself; @create makes it with its parents, 0711 and
 * below.  Return: an fd; -ENOENT; -errno. */
int store_open_root(const struct context *ctx, bool create, struct err *e);

/**
 * store_create - a new, empty, locked directory for @id
 *
 * Return: an fd (closing it releases the lock); -EEXIST with
 *	   "container with id exists already: ID"; -errno.
 */
int store_create(int rootfd, const char *id, struct err *e);

/* STORE_TRY: exclusive, if nobody has it. */
enum store_lock { STORE_SHARED, STORE_EXCLUSIVE, STORE_TRY, STORE_UNLOCKED };

/**
 * store_open - the locked directory of an existing container
 *
 * Return: an fd; -ENOENT with "container `ID` does not exist"; -EWOULDBLOCK:
 *	   somebody has the lock that was tried for; -errno.
 */
int store_open(const struct context *ctx, const char *id, enum store_lock lock,
	       struct err *e);

/* store_is_removed - whether the directory that @fd has open is gone, whatever
 * has its name now. */
bool store_is_removed(int fd);

/* store_remove - the directory @id of @rootfd and everything in it; the caller
 * has its lock.  @dirfd stays the caller's to close. */
int store_remove(int rootfd, const char *id, int dirfd, struct err *e);

/* store_ids - names below the root that are well-formed ids, sorted, in @a; a
 * missing root has none. */
int store_ids(const struct context *ctx, struct arena *a, char ***ret,
	      size_t *ret_n, struct err *e);

#endif
