/* SPDX-License-Identifier: Apache-2.0 */
/* container/lookup.h - a container that exists, and what state it is in. */
#ifndef CONTAINER_LOOKUP_H
#define CONTAINER_LOOKUP_H

#include "container/container.h"
#include "container/record.h"
#include "container/store.h"
#include "util/err.h"

struct arena;
struct cgroup;

struct found {
	int dirfd; /* state directory; holds the lock */
	struct record record; /* only an id while creation has just begun */
	enum container_status status;
};

#define FOUND_NONE { .dirfd = -1 }
#define auto_found __attribute__((cleanup(found_done))) struct found

void found_done(struct found *f);

/* lookup - Return: 0; -ENOENT: there is none; -EPROTO: damaged; -errno. */
int lookup(const struct context *ctx, const char *id, enum store_lock lock,
	   struct arena *a, struct found *ret, struct err *e);

/* lookup_status - of a record; @dirfd is its directory. */
enum container_status lookup_status(int dirfd, const struct record *r,
				    struct arena *a);

/* lookup_alive - the same of one that has processes; -ESRCH: it has none. */
int lookup_alive(const struct context *ctx, const char *id, struct arena *a,
		 struct found *ret, struct err *e);

/* found_cgroup - its open cgroup; @verb is for the message where it has none:
 * "pause". */
int found_cgroup(const struct found *f, const char *verb, struct cgroup *ret,
		 struct err *e);

/* found_result - what an operation on that cgroup returned; where the container has
 * ended since it was looked at, and the cgroup is gone, that is the reason. */
int found_result(const struct found *f, int r, struct err *e);

/* lookup_cgroup - both. */
int lookup_cgroup(const struct context *ctx, const char *id, const char *verb,
		  struct cgroup *ret, struct err *e);

#endif
