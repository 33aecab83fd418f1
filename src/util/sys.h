/* SPDX-License-Identifier: Apache-2.0 */
/*
 * util/sys.h - system calls as -errno.
 *
 * Every wrapper returns what the kernel returns: a value, or a negative errno;
 * errno itself is never touched, which a process that shares its memory with
 * another one relies on.  Code that also runs inside berth-init (init/,
 * wire/plan_read.c, util/path.c) calls the kernel through this file only, since
 * berth-init is built without a C library: starting libc costs half a
 * millisecond on a virtual machine (each cpuid instruction traps), ten times
 * what the program itself needs.
 */
#ifndef UTIL_SYS_H
#define UTIL_SYS_H

#include <fcntl.h>
#include <linux/openat2.h>
#include <linux/sched.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/syscall.h>

#include "init/arch/syscall.h"

/* Each argument becomes a long; pointers pass through uintptr_t. */
#define SYS_ARG(x) ((long)(x))
#define SYS0(nr) sys_call6(nr, 0, 0, 0, 0, 0, 0)
#define SYS1(nr, a) sys_call6(nr, SYS_ARG(a), 0, 0, 0, 0, 0)
#define SYS2(nr, a, b) sys_call6(nr, SYS_ARG(a), SYS_ARG(b), 0, 0, 0, 0)
#define SYS3(nr, a, b, c) \
	sys_call6(nr, SYS_ARG(a), SYS_ARG(b), SYS_ARG(c), 0, 0, 0)
#define SYS4(nr, a, b, c, d) \
	sys_call6(nr, SYS_ARG(a), SYS_ARG(b), SYS_ARG(c), SYS_ARG(d), 0, 0)
#define SYS5(nr, a, b, c, d, e)                                                \
	sys_call6(nr, SYS_ARG(a), SYS_ARG(b), SYS_ARG(c), SYS_ARG(d),          \
		  SYS_ARG(e), 0)

/* openat2(2), since 5.6: resolve @path below @dirfd as @resolve (RESOLVE_*)
 * allows.  O_CLOEXEC is added; O_PATH flags other than the permitted ones are
 * the caller's business. */
static inline int sys_openat2(int dirfd, const char *path, uint64_t flags,
			      uint64_t mode, uint64_t resolve)
{
	struct open_how how = {
		.flags = flags | O_CLOEXEC,
		.mode = mode,
		.resolve = resolve,
	};

	return (int)SYS4(SYS_openat2, dirfd, path, &how, sizeof(how));
}

static inline int sys_openat(int dirfd, const char *path, int flags,
			     unsigned int mode)
{
	return (int)SYS4(SYS_openat, dirfd, path, flags | O_CLOEXEC, mode);
}

/* sys_makedev - a device number as stat(2) and mknod(2) have it; glibc's
 * makedev is a function of its library. */
static inline uint64_t sys_makedev(uint32_t major, uint32_t minor)
{
	return (uint64_t)(major & 0xfffff000u) << 32 |
	       (uint64_t)(major & 0xfffu) << 8 |
	       (uint64_t)(minor & 0xffffff00u) << 12 | (minor & 0xffu);
}

static inline int sys_close(int fd)
{
	return (int)SYS1(SYS_close, fd);
}

static inline long sys_read(int fd, void *buf, size_t len)
{
	return SYS3(SYS_read, fd, buf, len);
}

static inline long sys_write(int fd, const void *buf, size_t len)
{
	return SYS3(SYS_write, fd, buf, len);
}

static inline int sys_mkdirat(int dirfd, const char *path, unsigned int mode)
{
	return (int)SYS3(SYS_mkdirat, dirfd, path, mode);
}

static inline int sys_mknodat(int dirfd, const char *path, unsigned int mode,
			      uint64_t dev)
{
	return (int)SYS4(SYS_mknodat, dirfd, path, mode, dev);
}

static inline int sys_symlinkat(const char *target, int dirfd, const char *path)
{
	return (int)SYS3(SYS_symlinkat, target, dirfd, path);
}

static inline long sys_readlinkat(int dirfd, const char *path, char *buf,
				  size_t len)
{
	return SYS4(SYS_readlinkat, dirfd, path, buf, len);
}

static inline int sys_unlinkat(int dirfd, const char *path, int flags)
{
	return (int)SYS3(SYS_unlinkat, dirfd, path, flags);
}

static inline int sys_fstat(int fd, struct stat *st)
{
	return (int)SYS2(SYS_fstat, fd, st);
}

static inline int sys_fchdir(int fd)
{
	return (int)SYS1(SYS_fchdir, fd);
}

static inline int sys_chdir(const char *path)
{
	return (int)SYS1(SYS_chdir, path);
}

static inline int sys_fchmod(int fd, unsigned int mode)
{
	return (int)SYS2(SYS_fchmod, fd, mode);
}

static inline int sys_fchown(int fd, uint32_t uid, uint32_t gid)
{
	return (int)SYS3(SYS_fchown, fd, uid, gid);
}

static inline int sys_fchownat(int dirfd, const char *path, uint32_t uid,
			       uint32_t gid, int flags)
{
	return (int)SYS5(SYS_fchownat, dirfd, path, uid, gid, flags);
}

/* open_tree(2), since 5.2: with OPEN_TREE_CLONE a detached copy of the mount
 * at @path, which needs CAP_SYS_ADMIN over the caller's mount namespace. */
static inline int sys_open_tree(int dirfd, const char *path, unsigned int flags)
{
	return (int)SYS3(SYS_open_tree, dirfd, path, flags | O_CLOEXEC);
}

static inline int sys_move_mount(int from, const char *from_path, int to,
				 const char *to_path, unsigned int flags)
{
	return (int)SYS5(SYS_move_mount, from, from_path, to, to_path, flags);
}

/* mount_setattr(2), since 5.12.  @attr is a struct mount_attr. */
static inline int sys_mount_setattr(int dirfd, const char *path,
				    unsigned int flags, const void *attr,
				    size_t size)
{
	return (int)SYS5(SYS_mount_setattr, dirfd, path, flags, attr, size);
}

static inline int sys_fsopen(const char *fstype, unsigned int flags)
{
	return (int)SYS2(SYS_fsopen, fstype, flags);
}

static inline int sys_fsconfig(int fd, unsigned int cmd, const char *key,
			       const void *value, int aux)
{
	return (int)SYS5(SYS_fsconfig, fd, cmd, key, value, aux);
}

static inline int sys_fsmount(int fd, unsigned int flags, unsigned int attrs)
{
	return (int)SYS3(SYS_fsmount, fd, flags, attrs);
}

static inline int sys_mount(const char *source, const char *target,
			    const char *fstype, unsigned long flags,
			    const void *data)
{
	return (int)SYS5(SYS_mount, source, target, fstype, flags, data);
}

static inline int sys_umount2(const char *target, int flags)
{
	return (int)SYS2(SYS_umount2, target, flags);
}

static inline int sys_pivot_root(const char *new_root, const char *put_old)
{
	return (int)SYS2(SYS_pivot_root, new_root, put_old);
}

static inline int sys_setns(int fd, int nstype)
{
	return (int)SYS2(SYS_setns, fd, nstype);
}

static inline int sys_unshare(unsigned long flags)
{
	return (int)SYS1(SYS_unshare, flags);
}

/* sys_signal_default - put a signal's disposition back to SIG_DFL, also that of
 * the two or three that a C library keeps for itself and refuses to touch: a
 * parent with another library may have them ignored. */
static inline int sys_signal_default(int sig)
{
	/* handler, flags, restorer, mask: SIG_DFL is 0 */
	static const unsigned long action[4] = { 0 };

	return (int)SYS4(SYS_rt_sigaction, sig, action, NULL,
			 sizeof(unsigned long));
}

static inline int sys_pidfd_open(int pid, unsigned int flags)
{
	return (int)SYS2(SYS_pidfd_open, pid, flags);
}

static inline int sys_pidfd_send_signal(int pidfd, int sig)
{
	return (int)SYS4(SYS_pidfd_send_signal, pidfd, sig, NULL, 0);
}

static inline int sys_pidfd_getfd(int pidfd, int fd)
{
	return (int)SYS3(SYS_pidfd_getfd, pidfd, fd, 0);
}

/* close_range(2), since 5.9; @flags may be CLOSE_RANGE_CLOEXEC (5.11). */
static inline int sys_close_range(unsigned int first, unsigned int last,
				  unsigned int flags)
{
	return (int)SYS3(SYS_close_range, first, last, flags);
}

static inline int sys_prctl(int op, unsigned long a, unsigned long b,
			    unsigned long c, unsigned long d)
{
	return (int)SYS5(SYS_prctl, op, a, b, c, d);
}

static inline int sys_seccomp(unsigned int op, unsigned int flags, void *args)
{
	return (int)SYS3(SYS_seccomp, op, flags, args);
}

static inline long sys_sendmsg(int fd, const struct msghdr *m, int flags)
{
	return SYS3(SYS_sendmsg, fd, m, flags);
}

static inline long sys_recvmsg(int fd, struct msghdr *m, int flags)
{
	return SYS3(SYS_recvmsg, fd, m, flags);
}

#endif
