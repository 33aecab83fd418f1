/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/fs.h - whole files and directories below a directory fd.  The paths are
 * berth's own (state, cgroups, procfs); a path that comes from an image goes
 * through the start plan and never through here.
 */
#ifndef UTIL_FS_H
#define UTIL_FS_H

#include <stddef.h>
#include <sys/types.h>

#include "util/err.h"

struct arena;

/**
 * fs_read_all - the content of a file
 * @limit:	refuse more bytes than this
 * @ret:	malloc'ed, NUL behind the last byte; owned by the caller
 *
 * Works for files without a size (procfs, cgroups).  What is no regular file is
 * refused, so that a fifo nobody writes to holds nobody up, except for what the
 * caller has open anyway: standard input, the pipe of a shell's <(command).
 *
 * Return: 0, -errno, -EFBIG past @limit, -EINVAL.  @e names @path.
 */
int fs_read_all(int dirfd, const char *path, size_t limit, char **ret,
		size_t *ret_len, struct err *e);

/* fs_read_fd - the same from an fd that is open, whatever it is; @name is for the
 * message. */
int fs_read_fd(int fd, const char *name, size_t limit, char **ret,
	       size_t *ret_len, struct err *e);

/* fs_read_arena - fs_read_all into memory of @a. */
int fs_read_arena(int dirfd, const char *path, size_t limit, struct arena *a,
		  char **ret, size_t *ret_len, struct err *e);

/* fs_read_small - into @buf (@size with the NUL), trailing newline removed.
 * One read(2): for files of procfs, sysfs and cgroupfs, which give all that
 * they have at once.
 * Return: length, or -errno (no text: callers know better what it means). */
ssize_t fs_read_small(int dirfd, const char *path, char *buf, size_t size);

/* fs_write_text - one write(2) of @text into an existing file (cgroupfs, procfs).
 * Return: 0 or -errno without a text. */
int fs_write_text(int dirfd, const char *path, const char *text);

/* fs_write_fully - all of @data, over short writes and EINTR. */
int fs_write_fully(int fd, const void *data, size_t len);

/**
 * fs_replace - write a file whole under a temporary name and rename it
 * @mode:	permission bits of the file, less the umask
 *
 * A reader, or a crash at any instant, sees the old content or the new one.
 */
int fs_replace(int dirfd, const char *name, const void *data, size_t len,
	       mode_t mode, struct err *e);

/* fs_mkdirs - mkdir -p below @dirfd; existing directories are left alone. */
int fs_mkdirs(int dirfd, const char *path, mode_t mode, struct err *e);

/* fs_remove_tree - rm -rf of @name, never through a symlink or onto another
 * mount.  A missing @name is success. */
int fs_remove_tree(int dirfd, const char *name, struct err *e);

#endif
