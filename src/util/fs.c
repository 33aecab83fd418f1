/* SPDX-License-Identifier: Apache-2.0 */
#include "util/fs.h"

#include <limits.h>
#include <linux/magic.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>

#include "util/arena.h"
#include "util/auto.h"
#include "util/sys.h"

#define TREE_DEPTH_MAX 200 /* one fd a level, of the usual 1024 */
#define TREE_PASSES 16	   /* a directory that others keep filling */
#define TEMP_TRIES 16

/* --- reading ------------------------------------------------------------ */

static ssize_t read_retry(int fd, void *buf, size_t len)
{
	long n;

	do
		n = sys_read(fd, buf, len);
	while (n == -EINTR);
	return n;
}

/* What is read, and what is known of it. */
struct source {
	int fd;
	const char *name;
	struct stat st;
	struct arena *arena; /* NULL: malloc */
};

/* Bytes to begin with: the size of a regular file and one more, so that the
 * read that finds the end needs no larger buffer. */
static size_t first_size(const struct stat *st, size_t limit)
{
	if (!S_ISREG(st->st_mode) || st->st_size <= 0)
		return limit < 4095 ? limit + 2 : 4096;
	if ((uint64_t)st->st_size > limit)
		return limit + 2;
	return (size_t)st->st_size + 2;
}

/* More room for what is read: malloc'ed, or of an arena. */
static char *more_room(struct arena *a, char *data, size_t old, size_t cap)
{
	return a ? arena_grow(a, data, old, cap) : realloc(data, cap);
}

/* On failure *@data is the caller's, too. */
static int read_into(const struct source *s, size_t limit, char **data,
		     size_t *ret_len, struct err *e)
{
	size_t cap = 0, next, len = 0;
	ssize_t n = 1;

	if (limit > SIZE_MAX / 2 - 2)
		limit = SIZE_MAX / 2 - 2;
	next = first_size(&s->st, limit);
	while (n > 0) {
		if (len + 1 >= cap) {
			char *p = more_room(s->arena, *data, cap, next);

			if (!p)
				return err_sys(e, ENOMEM, "read %s", s->name);
			*data = p;
			cap = next;
			next = cap > limit / 2 ? limit + 2 : cap * 2;
		}
		n = read_retry(s->fd, *data + len, cap - 1 - len);
		if (n < 0)
			return err_sys(e, (int)n, "read %s", s->name);
		len += (size_t)n;
		if (len > limit)
			return err_set(e, EFBIG,
				       "read %s: more than %zu bytes", s->name,
				       limit);
	}
	(*data)[len] = '\0';
	*ret_len = len;
	return 0;
}

/* A pipe without a name, which only an fd leads to: a shell's <(command); or
 * standard input under the name of /dev/stdin.  Who names these has them. */
static bool is_callers_own(const struct source *s)
{
	struct statfs fs;
	struct stat in;

	if (fstatfs(s->fd, &fs) == 0 && fs.f_type == PIPEFS_MAGIC)
		return true;
	return fstat(STDIN_FILENO, &in) == 0 && in.st_dev == s->st.st_dev &&
	       in.st_ino == s->st.st_ino;
}

/* A fifo waits for somebody to write, and a device for whatever it is. */
static int open_source(int dirfd, const char *path, struct source *s,
		       struct err *e)
{
	s->name = path;
	s->fd = sys_openat(dirfd, path, O_RDONLY | O_NONBLOCK | O_NOCTTY, 0);
	if (s->fd < 0)
		return err_sys(e, s->fd, "open %s", path);
	if (fstat(s->fd, &s->st) < 0)
		return err_sys(e, errno, "look at %s", path);
	if (S_ISREG(s->st.st_mode) || S_ISDIR(s->st.st_mode))
		return 0; /* a directory cannot be read, as read says */
	if (!is_callers_own(s))
		return err_set(e, EINVAL, "open %s: not a regular file", path);
	return fcntl(s->fd, F_SETFL, 0) < 0 ? err_sys(e, errno, "open %s", path)
					    : 0;
}

static int read_path(int dirfd, const char *path, size_t limit, struct arena *a,
		     char **data, size_t *ret_len, struct err *e)
{
	struct source s = { .fd = -EBADF, .arena = a };
	int r = open_source(dirfd, path, &s, e);

	if (r == 0)
		r = read_into(&s, limit, data, ret_len, e);
	fd_close(&s.fd);
	return r;
}

int fs_read_fd(int fd, const char *name, size_t limit, char **ret,
	       size_t *ret_len, struct err *e)
{
	struct source s = { .fd = fd, .name = name };
	auto_mem char *data = NULL;
	int r;

	if (fstat(fd, &s.st) < 0)
		return err_sys(e, errno, "read %s", name);
	r = read_into(&s, limit, &data, ret_len, e);
	if (r == 0)
		*ret = mem_take(&data);
	return r;
}

int fs_read_arena(int dirfd, const char *path, size_t limit, struct arena *a,
		  char **ret, size_t *ret_len, struct err *e)
{
	char *data = NULL;
	int r = read_path(dirfd, path, limit, a, &data, ret_len, e);

	if (r == 0)
		*ret = data;
	return r;
}

int fs_read_all(int dirfd, const char *path, size_t limit, char **ret,
		size_t *ret_len, struct err *e)
{
	auto_mem char *data = NULL;
	int r = read_path(dirfd, path, limit, NULL, &data, ret_len, e);

	if (r == 0)
		*ret = mem_take(&data);
	return r;
}

ssize_t fs_read_small(int dirfd, const char *path, char *buf, size_t size)
{
	auto_fd fd = sys_openat(dirfd, path, O_RDONLY, 0);
	size_t len;
	ssize_t n;

	if (fd < 0)
		return fd;
	n = read_retry(fd, buf, size);
	if (n < 0)
		return n;
	if ((size_t)n == size)
		return -EFBIG;
	len = (size_t)n;
	if (len && buf[len - 1] == '\n')
		len--;
	buf[len] = '\0';
	return (ssize_t)len;
}

/* --- writing ------------------------------------------------------------ */

int fs_write_text(int dirfd, const char *path, const char *text)
{
	auto_fd fd = sys_openat(dirfd, path, O_WRONLY, 0);
	size_t len = strlen(text);
	long n;

	if (fd < 0)
		return fd;
	do
		n = sys_write(fd, text, len);
	while (n == -EINTR);
	if (n < 0)
		return (int)n;
	return (size_t)n == len ? 0 : -EIO;
}

int fs_write_fully(int fd, const void *data, size_t len)
{
	const char *p = data;

	while (len) {
		long n = sys_write(fd, p, len);

		if (n == -EINTR)
			continue;
		if (n < 0)
			return (int)n;
		p += n;
		len -= (size_t)n;
	}
	return 0;
}

/* A new file beside @name; its name goes to @temp.  The pid keeps two writers
 * apart, O_EXCL those of two pid namespaces and what a crash left. */
static int open_temp(int dirfd, const char *name, mode_t mode, char *temp,
		     size_t size)
{
	const char *slash = strrchr(name, '/');
	int dir = slash ? (int)(slash - name) + 1 : 0;
	int fd = -EEXIST;

	for (int i = 0; i < TEMP_TRIES && fd == -EEXIST; i++) {
		int n = snprintf(temp, size, "%.*s.%s.%d.%d", dir, name,
				 name + dir, (int)getpid(), i);

		if (n < 0 || (size_t)n >= size)
			return -ENAMETOOLONG;
		fd = sys_openat(dirfd, temp, O_WRONLY | O_CREAT | O_EXCL, mode);
	}
	return fd;
}

int fs_replace(int dirfd, const char *name, const void *data, size_t len,
	       mode_t mode, struct err *e)
{
	char temp[PATH_MAX];
	auto_fd fd = open_temp(dirfd, name, mode, temp, sizeof(temp));
	int r;

	if (fd < 0)
		return err_sys(e, fd, "write %s: make a temporary file", name);
	r = fs_write_fully(fd, data, len);
	if (r == 0 && renameat(dirfd, temp, dirfd, name) < 0)
		r = -errno;
	if (r < 0) {
		(void)sys_unlinkat(dirfd, temp, 0);
		return err_sys(e, r, "write %s", name);
	}
	return 0;
}

/* --- directories -------------------------------------------------------- */

int fs_mkdirs(int dirfd, const char *path, mode_t mode, struct err *e)
{
	char part[PATH_MAX];
	size_t len = strlen(path), i = 0;
	struct stat st;
	int r = 0;

	if (len == 0 || len >= sizeof(part))
		return err_sys(e, len ? ENAMETOOLONG : ENOENT,
			       "make directory \"%.64s\"", path);
	while (i < len) {
		i += strspn(path + i, "/");
		i += strcspn(path + i, "/");
		memcpy(part, path, i);
		part[i] = '\0';
		r = sys_mkdirat(dirfd, part, mode);
		if (r < 0 && r != -EEXIST && fstatat(dirfd, part, &st, 0) < 0)
			return err_sys(e, r, "make directory %s", part);
	}
	if (r < 0 && (fstatat(dirfd, path, &st, 0) < 0 || !S_ISDIR(st.st_mode)))
		return err_sys(e, ENOTDIR, "make directory %s", path);
	return 0;
}

static int remove_entry(int dirfd, const char *name, unsigned int depth);

/* Remove what is in the directory @d once over; the kernel may leave entries
 * out of a listing that shrinks, and others may add some. */
static int remove_entries(DIR *d, unsigned int depth)
{
	struct dirent *entry;

	rewinddir(d);
	while ((errno = 0, entry = readdir(d)) != NULL) {
		const char *name = entry->d_name;
		int r;

		if (strcmp(name, ".") == 0 || strcmp(name, "..") == 0)
			continue;
		r = remove_entry(dirfd(d), name, depth + 1);
		if (r < 0)
			return r;
	}
	return -errno;
}

static int remove_dir(int parent, const char *name, unsigned int depth)
{
	/* NO_XDEV: a mount on the directory answers EXDEV */
	auto_fd fd = sys_openat2(parent, name, O_RDONLY | O_DIRECTORY, 0,
				 RESOLVE_NO_XDEV | RESOLVE_NO_SYMLINKS |
					 RESOLVE_BENEATH);
	auto_dir d = NULL;
	int r = -ENOTEMPTY;

	if (fd == -ENOTDIR || fd == -ELOOP)
		return -EPERM; /* no directory: what unlink said stands */
	if (fd < 0)
		return fd;
	if (depth > TREE_DEPTH_MAX)
		return -ELOOP;
	d = fdopendir(fd);
	if (!d)
		return -errno;
	fd_take(&fd);
	for (int i = 0; i < TREE_PASSES && r == -ENOTEMPTY; i++) {
		r = remove_entries(d, depth);
		if (r == 0)
			r = sys_unlinkat(parent, name, AT_REMOVEDIR);
	}
	return r;
}

static int remove_entry(int parent, const char *name, unsigned int depth)
{
	int r = sys_unlinkat(parent, name, 0);

	if (r == -EISDIR || r == -EPERM)
		r = remove_dir(parent, name, depth);
	return r == -ENOENT ? 0 : r;
}

int fs_remove_tree(int dirfd, const char *name, struct err *e)
{
	const char *slash = strrchr(name, '/');
	const char *last = slash ? slash + 1 : name;
	auto_fd parent = -EBADF;
	char dir[PATH_MAX];
	int r;

	if (!*last || strcmp(last, ".") == 0 || strcmp(last, "..") == 0)
		return err_set(e, EINVAL, "remove \"%s\": not a name", name);
	if (slash) {
		snprintf(dir, sizeof(dir), "%.*s", (int)(last - name), name);
		parent = sys_openat(dirfd, dir, O_PATH | O_DIRECTORY, 0);
		if (parent == -ENOENT)
			return 0;
		if (parent < 0)
			return err_sys(e, parent, "remove %s", name);
	}
	r = remove_entry(slash ? parent : dirfd, last, 0);
	if (r == -EXDEV)
		return err_set(e, EBUSY,
			       "remove %s: something is mounted in there", name);
	return r < 0 ? err_sys(e, r, "remove %s", name) : 0;
}
