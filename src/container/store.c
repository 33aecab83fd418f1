/* SPDX-License-Identifier: Apache-2.0 */
#include "container/store.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>

#include "container/container.h"
#include "container/record.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"

int store_open_root(const struct context *ctx, bool create, struct err *e)
{
	int fd = openat(AT_FDCWD, ctx->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);

	if (fd < 0 && errno == ENOENT && create) {
		if (fs_mkdirs(AT_FDCWD, ctx->root, 0711, e) < 0)
			return err_wrap(e, "make the state directory");
		fd = openat(AT_FDCWD, ctx->root, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	}
	if (fd < 0)
		return err_sys(e, errno, "open the state directory %s", ctx->root);
	return fd;
}

static int lock(int fd, enum store_lock how)
{
	static const int operations[] = {
		[STORE_SHARED] = LOCK_SH, [STORE_EXCLUSIVE] = LOCK_EX,
		[STORE_TRY] = LOCK_EX | LOCK_NB,
	};
	int r;

	if (how == STORE_UNLOCKED)
		return 0;
	do
		r = flock(fd, operations[how]);
	while (r < 0 && errno == EINTR);
	return r < 0 ? -errno : 0;
}

bool store_is_removed(int fd)
{
	struct stat st;

	return fstat(fd, &st) == 0 && st.st_nlink == 0;
}

int store_create(int rootfd, const char *id, struct err *e)
{
	auto_fd fd = -EBADF;

	for (;;) {
		int r;

		if (mkdirat(rootfd, id, 0700) < 0) {
			if (errno == EEXIST)
				return err_set(e, EEXIST, "container with id "
					       "exists already: %s", id);
			return err_sys(e, errno, "make the state directory of %s",
				       id);
		}
		fd = openat(rootfd, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
		if (fd < 0 && errno == ENOENT)
			continue; /* a delete --force was faster */
		if (fd < 0) {
			r = err_sys(e, errno, "open the state directory of %s", id);
			unlinkat(rootfd, id, AT_REMOVEDIR);
			return r;
		}
		r = lock(fd, STORE_EXCLUSIVE);
		if (r < 0) {
			unlinkat(rootfd, id, AT_REMOVEDIR);
			return err_sys(e, r, "lock container %s", id);
		}
		if (!store_is_removed(fd))
			return fd_take(&fd);
		fd_close(&fd);
	}
}

static int no_container(const char *id, struct err *e)
{
	return err_set(e, ENOENT, "container `%s` does not exist", id);
}

int store_open(const struct context *ctx, const char *id, enum store_lock how,
	       struct err *e)
{
	auto_fd rootfd = -EBADF, fd = -EBADF;
	int r;

	if (container_check_id(id, e) < 0)
		return -EINVAL;
	rootfd = openat(AT_FDCWD, ctx->root, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (rootfd < 0 && errno == ENOENT)
		return no_container(id, e);
	if (rootfd < 0)
		return err_sys(e, errno, "open the state directory %s", ctx->root);
	fd = openat(rootfd, id, O_RDONLY | O_DIRECTORY | O_CLOEXEC | O_NOFOLLOW);
	if (fd < 0 && errno == ENOENT)
		return no_container(id, e);
	if (fd < 0)
		return err_sys(e, errno, "open the state of container %s", id);
	r = lock(fd, how);
	if (r < 0)
		return err_sys(e, r, "lock container %s", id);
	if (how != STORE_UNLOCKED && store_is_removed(fd))
		return no_container(id, e);
	return fd_take(&fd);
}

static int unlink_files(int dirfd, const char (*names)[12], size_t n,
			const char *id, struct err *e)
{
	for (size_t i = 0; i < n; i++)
		if (unlinkat(dirfd, names[i], 0) < 0 && errno != ENOENT)
			return err_sys(e, errno, "remove %s of container %s",
				       names[i], id);
	return 0;
}

/* The files that every container has, then those that some have at some time;
 * only a directory that still is not empty is walked. */
int store_remove(int rootfd, const char *id, int dirfd, struct err *e)
{
	static const char all[][12] = { RECORD_CONFIG, RECORD_FILE };
	static const char some[][12] = { RECORD_NEXT, RECORD_SOCKET };
	int r = unlink_files(dirfd, all, ARRAY_LEN(all), id, e);

	if (r < 0 || unlinkat(rootfd, id, AT_REMOVEDIR) == 0 || errno == ENOENT)
		return r;
	if (errno == ENOTEMPTY || errno == EEXIST) {
		r = unlink_files(dirfd, some, ARRAY_LEN(some), id, e);
		if (r < 0 || unlinkat(rootfd, id, AT_REMOVEDIR) == 0)
			return r;
	}
	if (errno != ENOTEMPTY && errno != EEXIST)
		return err_sys(e, errno, "remove the state of container %s", id);
	if (fs_remove_tree(rootfd, id, e) < 0)
		return err_wrap(e, "remove the state of container %s", id);
	return 0;
}

static int by_name(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

struct id_list {
	char **v;
	size_t n, cap;
};

static int add_id(struct id_list *l, struct arena *a, const char *id)
{
	if (l->n == l->cap) {
		size_t cap = l->cap ? l->cap * 2 : 64;
		char **v = realloc(l->v, cap * sizeof(*v));

		if (!v)
			return -ENOMEM;
		l->v = v;
		l->cap = cap;
	}
	l->v[l->n] = arena_strdup(a, id);
	return l->v[l->n] ? (l->n++, 0) : -ENOMEM;
}

int store_ids(const struct context *ctx, struct arena *a, char ***ret,
	      size_t *ret_n, struct err *e)
{
	auto_fd rootfd = store_open_root(ctx, false, e);
	auto_dir dir = NULL;
	struct id_list l = { 0 };
	struct dirent *d;
	int r = 0;

	*ret = NULL;
	*ret_n = 0;
	if (rootfd == -ENOENT)
		return 0;
	if (rootfd < 0)
		return rootfd;
	dir = fdopendir(rootfd);
	if (!dir)
		return err_sys(e, errno, "read the state directory %s", ctx->root);
	fd_take(&rootfd);
	while (r == 0 && (d = readdir(dir)))
		if (container_check_id(d->d_name, NULL) == 0)
			r = add_id(&l, a, d->d_name);
	if (r == 0 && l.n) {
		qsort(l.v, l.n, sizeof(*l.v), by_name);
		*ret = arena_array(a, l.n, sizeof(*l.v));
		if (*ret) {
			memcpy(*ret, l.v, l.n * sizeof(*l.v));
			*ret_n = l.n;
		} else {
			r = -ENOMEM;
		}
	}
	free(l.v);
	return r < 0 ? err_set(e, ENOMEM, "list containers: out of memory") : 0;
}
