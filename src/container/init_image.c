/* SPDX-License-Identifier: Apache-2.0 */
#include "container/init_image.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/mount.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/auxv.h>
#include <sys/mman.h>
#include <unistd.h>

#include "util/auto.h"
#include "util/fs.h"
#include "util/sys.h"
#include "util/weak.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* since 6.3 */
#endif

extern const char init_image[], init_image_end[], init_image_key[];

static size_t image_size(void)
{
	return (size_t)(init_image_end - init_image);
}

/* Where vm.memfd_noexec is set, a memfd has to say that it is to be run; older
 * kernels do not know the flag. */
static int open_memfd(void)
{
	int fd = memfd_create("berth-init",
			      MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_EXEC);

	if (fd < 0 && errno == EINVAL)
		fd = memfd_create("berth-init", MFD_CLOEXEC | MFD_ALLOW_SEALING);
	return fd < 0 ? -errno : fd;
}

static int sealed_copy(struct err *e)
{
	auto_fd fd = open_memfd();
	int r;

	if (fd == -EACCES)
		return err_set(e, EACCES, "make berth-init: this kernel refuses "
			       "executable memfds (sysctl vm.memfd_noexec is 2; "
			       "set it to 1 or 0)");
	if (fd < 0)
		return err_sys(e, fd, "make berth-init: memfd_create");
	r = fs_write_fully(fd, init_image, image_size());
	if (r < 0)
		return err_sys(e, r, "make berth-init: write");
	if (!weak(DEFENCE_INIT_IMAGE) &&
	    fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
					   F_SEAL_WRITE) < 0)
		return err_sys(e, errno, "make berth-init: seal");
	return fd_take(&fd);
}

/* Is it the file that berth wrote, and can nobody else have changed it? */
static bool is_ours(int fd)
{
	struct stat st;

	if (weak(DEFENCE_INIT_FILE))
		return true;
	return sys_fstat(fd, &st) == 0 && S_ISREG(st.st_mode) &&
	       st.st_uid == getauxval(AT_EUID) && !(st.st_mode & 0222) &&
	       (size_t)st.st_size == image_size();
}

static int clone_file(int rootfd, const char *name)
{
	/* /run is often mounted noexec: for what its users put there. */
	struct mount_attr attr = {
		.attr_set = (weak(DEFENCE_INIT_IMAGE) ? 0 : MOUNT_ATTR_RDONLY) |
			    MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV,
		.attr_clr = MOUNT_ATTR_NOEXEC,
	};
	auto_fd fd = sys_open_tree(rootfd, name,
				   OPEN_TREE_CLONE | AT_SYMLINK_NOFOLLOW);
	int r;

	if (fd < 0)
		return fd;
	if (!is_ours(fd))
		return -ESTALE;
	r = sys_mount_setattr(fd, "", AT_EMPTY_PATH, &attr, sizeof(attr));
	return r < 0 ? r : fd_take(&fd);
}

/* The file that the first container which needed it has made. */
static int read_only_file(int rootfd)
{
	char name[48];
	int fd;

	/* No container's id begins with a dot. */
	snprintf(name, sizeof(name), ".berth-init-%s", init_image_key);
	fd = clone_file(rootfd, name);
	if ((fd == -ENOENT || fd == -ESTALE) &&
	    fs_replace(rootfd, name, init_image, image_size(), 0500, NULL) == 0)
		fd = clone_file(rootfd, name);
	return fd;
}

int init_image_open(int rootfd, struct err *e)
{
	int fd = rootfd >= 0 ? read_only_file(rootfd) : -EBADF;

	return fd < 0 ? sealed_copy(e) : fd;
}
