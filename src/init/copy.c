/* SPDX-License-Identifier: Apache-2.0 */
/* tmpcopyup: what a directory of the image holds, into the tmpfs that is about
 * to cover it.  The source may change meanwhile and may hold anything. */
#include <dirent.h>
#include <errno.h>
#include <linux/limits.h>
#include <string.h>

#include "init/init.h"
#include "util/weak.h"

#define MAX_DEPTH 64 /* directories below each other; two fds and 4 KiB each */

struct entry64 { /* linux_dirent64, getdents64(2) */
	uint64_t ino;
	int64_t off;
	unsigned short len;
	unsigned char type;
	char name[];
};

static int copy_dir(struct init *in, int from, int to, unsigned int depth);

static int copy_owner(int fd, const struct stat *st)
{
	int r = sys_fchown(fd, st->st_uid, st->st_gid);

	/* An id without a mapping here: the copy stays ours. */
	if (r < 0 && r != -EINVAL && r != -EPERM)
		return r;
	return sys_fchmod(fd, st->st_mode & 07777);
}

static int copy_bytes(int from, int to)
{
	for (;;) {
		long n = SYS4(SYS_sendfile, to, from, NULL, 1 << 20);

		if (n <= 0)
			return (int)n;
	}
}

static int copy_file(int from_dir, int to_dir, const char *name)
{
	int nofollow = weak(DEFENCE_COPYUP_NOFOLLOW) ? 0 : O_NOFOLLOW;
	struct stat st;
	int from = sys_openat(from_dir, name, O_RDONLY | nofollow | O_NONBLOCK |
						      O_NOCTTY, 0);
	int to, r;

	if (from < 0)
		return from;
	r = sys_fstat(from, &st);
	if (r == 0 && !S_ISREG(st.st_mode))
		r = -ESTALE; /* it was a file a moment ago */
	to = r < 0 ? r : sys_openat(to_dir, name, O_WRONLY | O_CREAT | O_EXCL |
							  O_NOFOLLOW, 0600);
	r = to < 0 ? to : copy_bytes(from, to);
	if (r == 0)
		r = copy_owner(to, &st);
	if (to >= 0)
		sys_close(to);
	sys_close(from);
	return r;
}

static int copy_subdir(struct init *in, int from_dir, int to_dir,
		       const char *name, unsigned int depth)
{
	struct stat st;
	int from = sys_openat(from_dir, name, O_RDONLY | O_DIRECTORY | O_NOFOLLOW,
			      0);
	int to, r;

	if (from < 0)
		return from;
	r = sys_mkdirat(to_dir, name, 0700);
	to = r < 0 ? r : sys_openat(to_dir, name, O_RDONLY | O_DIRECTORY |
							  O_NOFOLLOW, 0);
	r = to < 0 ? to : copy_dir(in, from, to, depth + 1);
	if (r == 0)
		r = sys_fstat(from, &st);
	if (r == 0)
		r = copy_owner(to, &st);
	if (to >= 0)
		sys_close(to);
	sys_close(from);
	return r;
}

static int copy_link(int from_dir, int to_dir, const char *name)
{
	char says[PATH_MAX];
	struct stat st;
	long n = sys_readlinkat(from_dir, name, says, sizeof(says) - 1);
	int r;

	if (n < 0)
		return (int)n;
	says[n] = '\0';
	r = sys_symlinkat(says, to_dir, name);
	if (r == 0 && SYS4(SYS_newfstatat, from_dir, name, &st,
			   AT_SYMLINK_NOFOLLOW) == 0)
		(void)sys_fchownat(to_dir, name, st.st_uid, st.st_gid,
				   AT_SYMLINK_NOFOLLOW);
	return r;
}

/* Not every file system keeps the type in the directory. */
static int type_of(int from, const struct entry64 *e)
{
	struct stat st;
	int r;

	if (e->type != DT_UNKNOWN)
		return e->type;
	r = (int)SYS4(SYS_newfstatat, from, e->name, &st, AT_SYMLINK_NOFOLLOW);
	return r < 0 ? r : (int)IFTODT(st.st_mode);
}

static int copy_entry(struct init *in, int from, int to,
		      const struct entry64 *e, unsigned int depth)
{
	int type;

	if (strcmp(e->name, ".") == 0 || strcmp(e->name, "..") == 0)
		return 0;
	type = type_of(from, e);
	if (type < 0)
		return type;
	switch (type) {
	case DT_DIR:
		return copy_subdir(in, from, to, e->name, depth);
	case DT_REG:
		return copy_file(from, to, e->name);
	case DT_LNK:
		return copy_link(from, to, e->name);
	default: /* sockets, fifos and devices mean nothing in a copy */
		return 0;
	}
}

static int copy_dir(struct init *in, int from, int to, unsigned int depth)
{
	_Alignas(struct entry64) char buf[4096];
	long n;

	if (depth > MAX_DEPTH)
		return -ELOOP;
	while ((n = SYS3(SYS_getdents64, from, buf, sizeof(buf))) > 0) {
		for (long i = 0; i < n;) {
			const struct entry64 *e = (const void *)(buf + i);
			int r = copy_entry(in, from, to, e, depth);

			if (r < 0 && r != -ENOENT) {
				init_note(in, e->name, NULL);
				return r;
			}
			i += e->len;
		}
	}
	return (int)n;
}

int copy_tree(struct init *in, int from, int to)
{
	struct stat st;
	int r = copy_dir(in, from, to, 0);

	/* The mount takes the owner and mode of what it covers, too. */
	if (r == 0)
		r = sys_fstat(from, &st);
	return r < 0 ? r : copy_owner(to, &st);
}
