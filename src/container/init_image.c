/* SPDX-License-Identifier: Apache-2.0 */
#include "container/init_image.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/mman.h>

#include "util/auto.h"
#include "util/fs.h"

#ifndef MFD_EXEC
#define MFD_EXEC 0x0010U /* since 6.3 */
#endif

extern const char init_image[], init_image_end[];

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

int init_image_open(struct err *e)
{
	auto_fd fd = open_memfd();
	int r;

	if (fd == -EACCES)
		return err_set(e, EACCES, "make berth-init: this kernel refuses "
			       "executable memfds (sysctl vm.memfd_noexec is 2; "
			       "set it to 1 or 0)");
	if (fd < 0)
		return err_sys(e, fd, "make berth-init: memfd_create");
	r = fs_write_fully(fd, init_image, (size_t)(init_image_end - init_image));
	if (r < 0)
		return err_sys(e, r, "make berth-init: write");
	if (fcntl(fd, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW |
					   F_SEAL_WRITE) < 0)
		return err_sys(e, errno, "make berth-init: seal");
	return fd_take(&fd);
}
