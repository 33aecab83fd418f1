// SPDX-License-Identifier: Apache-2.0
/*
 * init/mount_long.c - filesystems whose options are too long for fsconfig(2),
 * which takes 255 bytes each: the lower directories of an image with many
 * layers are more.  mount(2) takes a page of them, but only onto a path, and
 * gives no fd.  So it mounts in a directory of a tmpfs which covers the target
 * meanwhile, where nobody else has a say, and that mount is cloned.
 */
#include <errno.h>
#include <linux/mount.h>
#include <string.h>

#include "init/init.h"

#define FSCONFIG_MAX 255 /* bytes of one string, without its NUL */
#define DATA_MAX 4096	 /* of all options together, with it */
#define MNT_DETACH_FLAG 2

/* Properties of the superblock which are flags of mount(2). */
static const struct { char name[12]; unsigned long set, clear; } flags_of[] = {
	{ "ro", 1, 0 },		  { "rw", 0, 1 },
	{ "sync", 16, 0 },	  { "async", 0, 16 },
	{ "dirsync", 128, 0 },	  { "mand", 64, 0 },
	{ "nomand", 0, 64 },	  { "lazytime", 1ul << 25, 0 },
	{ "nolazytime", 0, 1ul << 25 }, { "iversion", 1ul << 23, 0 },
};

static bool too_long(const char *s)
{
	return strlen(s) > FSCONFIG_MAX;
}

bool mount_is_long(struct init *in, const struct plan_op *op)
{
	const char *source = plan_get_str(&in->plan, op->str[1]), *eq;
	uint32_t n;
	const char *option = plan_get_vec(&in->plan, op->str[2], &n);

	if (source && too_long(source))
		return true;
	for (; n; n--, option += strlen(option) + 1) {
		if (!too_long(option))
			continue;
		eq = memchr(option, '=', strlen(option));
		if (too_long(eq ? eq + 1 : option))
			return true;
	}
	return false;
}

static bool take_flag(const char *option, unsigned long *flags)
{
	for (unsigned int i = 0; i < sizeof(flags_of) / sizeof(flags_of[0]);
	     i++) {
		if (strcmp(option, flags_of[i].name) != 0)
			continue;
		*flags = (*flags | flags_of[i].set) & ~flags_of[i].clear;
		return true;
	}
	return false;
}

static int join(struct init *in, uint32_t options, struct text *t,
		unsigned long *flags)
{
	const char *start = t->at;
	uint32_t n;
	const char *option = plan_get_vec(&in->plan, options, &n);

	for (; n; n--, option += strlen(option) + 1) {
		size_t len = strlen(option);

		if (take_flag(option, flags))
			continue;
		if (memchr(option, ',', len)) {
			init_note(in, option, NULL);
			return init_fail(in, -EINVAL, "set a mount option that "
					 "has a comma");
		}
		if (len + 2 > (size_t)(t->end - t->at))
			return init_fail(in, -E2BIG, "set the mount options: the "
					 "kernel takes 4095 bytes of them");
		if (t->at != start)
			text_put(t, ",");
		text_put(t, option);
	}
	return 0;
}

/* "/proc/self/fd/N" and @name behind it. */
static void fd_path(struct text *t, int fd, const char *name)
{
	text_put(t, "/proc/self/fd/");
	text_number(t, fd);
	text_put(t, name);
}

/* The tmpfs over the target, with the directory. */
static int cover(struct init *in, int target)
{
	int scratch = mount_create(in, "tmpfs", "tmpfs", 0, 0), r;

	if (scratch < 0)
		return scratch;
	r = sys_mkdirat(scratch, "m", 0700);
	if (r == 0)
		r = sys_move_mount(scratch, "", target, "",
				   MOVE_MOUNT_F_EMPTY_PATH |
					   MOVE_MOUNT_T_EMPTY_PATH);
	if (r == 0)
		return scratch;
	init_close(in, scratch);
	return init_fail(in, r, "cover the target");
}

static int mount_in(struct init *in, const struct plan_op *op, int scratch,
		    const char *data, unsigned long flags)
{
	char path[48] = "";
	struct text t = { path, path + sizeof(path) };
	int r;

	fd_path(&t, scratch, "/m");
	r = sys_mount(plan_get_str(&in->plan, op->str[1]), path,
		      plan_get_str(&in->plan, op->str[0]), flags, data);
	if (r < 0)
		return init_fail(in, r, "mount the filesystem (with options too "
				 "long for fsconfig)");
	r = sys_open_tree(scratch, "m", OPEN_TREE_CLONE);
	return r < 0 ? init_fail(in, r, "clone the mount") : r;
}

static int uncover(int scratch)
{
	char path[48] = "";
	struct text t = { path, path + sizeof(path) };

	fd_path(&t, scratch, "");
	return sys_umount2(path, MNT_DETACH_FLAG);
}

int mount_create_long(struct init *in, const struct plan_op *op, int target)
{
	char data[DATA_MAX] = "";
	struct text t = { data, data + sizeof(data) };
	struct mount_attr attrs = { .attr_set = op->num[0] };
	unsigned long flags = 0;
	int r = join(in, op->str[2], &t, &flags), scratch, mfd;

	if (r < 0)
		return r;
	scratch = cover(in, target);
	if (scratch < 0)
		return scratch;
	mfd = mount_in(in, op, scratch, data, flags);
	r = uncover(scratch);
	init_close(in, scratch);
	if (mfd < 0)
		return mfd;
	if (r < 0)
		return init_fail(in, r, "uncover the target");
	if (attrs.attr_set & MOUNT_ATTR__ATIME)
		attrs.attr_clr = MOUNT_ATTR__ATIME;
	r = sys_mount_setattr(mfd, "", AT_EMPTY_PATH, &attrs, sizeof(attrs));
	return r < 0 ? init_fail(in, r, "set mount attributes") : mfd;
}
