/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <linux/limits.h>
#include <linux/mount.h>
#include <string.h>

#include "init/init.h"

#define MS_REC_FLAG 16384UL

/* The kernel has EINVAL for this as for much else. */
static int explain_attach(struct init *in, int r, int mfd, int target)
{
	struct stat from, to;

	if (r != -EINVAL || sys_fstat(mfd, &from) < 0 ||
	    sys_fstat(target, &to) < 0 ||
	    S_ISDIR(from.st_mode) == S_ISDIR(to.st_mode))
		return r;
	if (S_ISDIR(to.st_mode)) {
		init_note(in, "a file cannot be mounted on a directory", NULL);
		return -EISDIR;
	}
	init_note(in, "a directory cannot be mounted on a file", NULL);
	return -ENOTDIR;
}

int mount_attach(struct init *in, int mfd, int target)
{
	int r;

	/* A mount on a new entry of a directory leaves the directory what it
	 * was; any other may cover it. */
	if (!in->made_there)
		target_forget_parent(in);
	in->made_there = false;
	r = sys_move_mount(mfd, "", target, "",
			   MOVE_MOUNT_F_EMPTY_PATH | MOVE_MOUNT_T_EMPTY_PATH);
	return init_fail(in, explain_attach(in, r, mfd, target),
			 "attach the mount");
}

static int change(int mfd, uint64_t set, uint64_t clear, unsigned int flags)
{
	struct mount_attr a = { .attr_set = set, .attr_clr = clear };

	if (!set && !clear)
		return 0;
	/* The access time modes are one field: setting one replaces it. */
	if (set & MOUNT_ATTR__ATIME)
		a.attr_clr |= MOUNT_ATTR__ATIME;
	return sys_mount_setattr(mfd, "", AT_EMPTY_PATH | flags, &a, sizeof(a));
}

static int propagate(int mfd, uint64_t flags)
{
	struct mount_attr a = { .propagation = flags & ~MS_REC_FLAG };

	if (!flags)
		return 0;
	return sys_mount_setattr(mfd, "", AT_EMPTY_PATH |
				 (flags & MS_REC_FLAG ? AT_RECURSIVE : 0),
				 &a, sizeof(a));
}

/* The kernel explains itself on the filesystem's fd: "e tmpfs: Unknown …". */
static void note_kernel_text(struct init *in, int fsfd)
{
	char text[200];
	long n = sys_read(fsfd, text, sizeof(text) - 1);

	if (n <= 2)
		return;
	if (text[n - 1] == '\n')
		n--;
	text[n] = '\0';
	init_note(in, text[1] == ' ' ? text + 2 : text, NULL);
}

static int set_option(int fsfd, const char *option)
{
	char key[256];
	const char *eq = option;
	size_t len;

	while (*eq && *eq != '=')
		eq++;
	if (!*eq)
		return sys_fsconfig(fsfd, FSCONFIG_SET_FLAG, option, NULL, 0);
	len = (size_t)(eq - option);
	if (len >= sizeof(key))
		return -ENAMETOOLONG;
	memcpy(key, option, len);
	key[len] = '\0';
	return sys_fsconfig(fsfd, FSCONFIG_SET_STRING, key, eq + 1, 0);
}

static int configure(struct init *in, int fsfd, uint32_t options)
{
	uint32_t n;
	const char *option = plan_get_vec(&in->plan, options, &n);

	for (; n; n--, option += strlen(option) + 1) {
		int r = set_option(fsfd, option);

		if (r < 0) {
			init_note(in, option, NULL);
			note_kernel_text(in, fsfd);
			return init_fail(in, r, "set a mount option");
		}
	}
	return 0;
}

int mount_create(struct init *in, const char *fstype, const char *source,
		 uint32_t options, unsigned int attrs)
{
	int fsfd = sys_fsopen(fstype, FSOPEN_CLOEXEC), r;

	if (fsfd < 0) {
		init_note(in, fstype, NULL);
		return init_fail(in, fsfd, fsfd == -ENODEV
			? "no such filesystem type in this kernel" : "fsopen");
	}
	r = source ? sys_fsconfig(fsfd, FSCONFIG_SET_STRING, "source", source, 0)
		   : 0;
	if (r < 0)
		init_fail(in, r, "set the source");
	else
		r = configure(in, fsfd, options);
	if (r == 0) {
		r = sys_fsconfig(fsfd, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
		if (r < 0) {
			note_kernel_text(in, fsfd);
			init_fail(in, r, "create the filesystem");
		}
	}
	if (r == 0) {
		r = sys_fsmount(fsfd, FSMOUNT_CLOEXEC, attrs);
		if (r < 0)
			init_fail(in, r, r == -EPERM && strcmp(fstype, "proc") == 0
				? "mount the filesystem (where part of /proc is "
				  "covered, as in a container, the kernel allows no "
				  "new one)" : "mount the filesystem");
	}
	init_close(in, fsfd);
	return r;
}

/* --- the short way: mount(2) on the directory that we stand in ----------------
 * Two calls instead of six and one for each option, as safe as the other, since
 * "." is the fd that was resolved.  It cannot say why it failed, nor give an fd
 * of what it made; then the long way is gone. */

static const struct { uint32_t attr, flag; } short_flags[] = {
	{ MOUNT_ATTR_NOSUID, 2 },	{ MOUNT_ATTR_NODEV, 4 },
	{ MOUNT_ATTR_NOEXEC, 8 },	{ MOUNT_ATTR_NOSYMFOLLOW, 256 },
	{ MOUNT_ATTR_NOATIME, 1024 },	{ MOUNT_ATTR_NODIRATIME, 2048 },
	{ MOUNT_ATTR_STRICTATIME, 1u << 24 },
};

/* Only what has neither a source nor an option that is a path: a relative one
 * would be looked up from where we stand, in the image. */
static bool short_type(const char *type)
{
	static const char types[][8] = {
		"proc", "tmpfs", "devpts", "mqueue", "sysfs",
	};

	for (unsigned int i = 0; i < sizeof(types) / sizeof(types[0]); i++)
		if (strcmp(type, types[i]) == 0)
			return true;
	return false;
}

/* Back from where the short way led: a relative path in an option ("lowerdir=")
 * means the bundle's. */
static void leave_target(struct init *in)
{
	if (in->in_target && (!in->cwd || sys_chdir(in->cwd) < 0))
		sys_chdir("/");
	in->in_target = false;
}

static bool short_attrs(uint64_t attrs, unsigned long *ret)
{
	*ret = 0;
	for (unsigned int i = 0; i < sizeof(short_flags) / sizeof(short_flags[0]);
	     i++) {
		if (!(attrs & short_flags[i].attr))
			continue;
		*ret |= short_flags[i].flag;
		attrs &= ~(uint64_t)short_flags[i].attr;
	}
	/* Read-only is a property of the superblock there. */
	return attrs == 0;
}

static bool short_data(struct init *in, uint32_t options, struct text *t)
{
	uint32_t n;
	const char *option = plan_get_vec(&in->plan, options, &n);

	for (; n; n--, option += strlen(option) + 1) {
		if (memchr(option, ',', strlen(option)))
			return false;
		text_put(t, option);
		if (n > 1)
			text_put(t, ",");
	}
	return t->at + 1 < t->end;
}

static int mount_short(struct init *in, const struct plan_op *op, int target)
{
	char data[1024] = "";
	struct text t = { data, data + sizeof(data) };
	unsigned long flags;

	if (op->num[1] || op->num[3] ||
	    (op->flags & (PLAN_F_TMPCOPYUP | PLAN_F_KEEP_MODE)) ||
	    op->fd[0] >= 0 || !short_type(plan_get_str(&in->plan, op->str[0])) ||
	    !short_attrs(op->num[0], &flags) ||
	    !short_data(in, op->str[2], &t) || sys_fchdir(target) < 0)
		return -EOPNOTSUPP;
	in->in_target = true;
	if (!in->made_there)
		target_forget_parent(in);
	return sys_mount(plan_get_str(&in->plan, op->str[1]), ".",
			 plan_get_str(&in->plan, op->str[0]), flags, data);
}

static int create(struct init *in, const struct plan_op *op, int target,
		  unsigned int late)
{
	struct plan_op early = *op;

	early.num[0] &= ~(uint64_t)late;
	if (mount_is_long(in, op))
		return mount_create_long(in, &early, target);
	return mount_create(in, plan_get_str(&in->plan, op->str[0]),
			    plan_get_str(&in->plan, op->str[1]), op->str[2],
			    (unsigned int)early.num[0]);
}

static int copy_up(struct init *in, int target, int mfd)
{
	int from = sys_openat(target, ".", O_RDONLY | O_DIRECTORY, 0);
	int to = sys_openat(mfd, ".", O_RDONLY | O_DIRECTORY, 0);
	int r = from < 0 ? from : to < 0 ? to : copy_tree(in, from, to);

	if (from >= 0)
		init_close(in, from);
	if (to >= 0)
		init_close(in, to);
	return init_fail(in, r, "tmpcopyup");
}

static int keep_mode(struct init *in, int target, int mfd)
{
	struct stat st;
	int r = sys_fstat(target, &st);

	if (r == 0)
		r = (int)SYS3(SYS_fchmodat, mfd, ".", st.st_mode & 07777);
	return init_fail(in, r, "keep the mode of the directory");
}

int op_mount_fs(struct init *in, const struct plan_op *op)
{
	const char *path = plan_get_str(&in->plan, op->str[3]);
	bool copies = op->flags & PLAN_F_TMPCOPYUP;
	bool keeps = op->flags & PLAN_F_KEEP_MODE;
	/* Both need a writable mount: read-only comes afterwards. */
	unsigned int late = copies || keeps
		? (unsigned int)op->num[0] & MOUNT_ATTR_RDONLY : 0;
	int target, mfd, r;

	target = target_make(in, path, TARGET_DIR,
			     op->num[2] ? (unsigned int)op->num[2] : 0755,
			     op->flags & PLAN_F_NOFOLLOW);
	if (target < 0)
		return init_fail(in, target, target == -ELOOP
			? "the target is a symbolic link" : "open the target");
	if (mount_short(in, op, target) == 0) {
		init_close(in, target);
		return 0;
	}
	leave_target(in);
	mfd = create(in, op, target, late);
	if (mfd == -EPERM && op->fd[0] >= 0) {
		in->note[0] = '\0';
		mfd = in->fds[op->fd[0]];
		r = init_fail(in, change(mfd, op->num[0], 0, AT_RECURSIVE),
			      "set mount attributes");
	} else {
		r = mfd < 0 ? mfd : 0;
	}
	if (r == 0 && keeps)
		r = keep_mode(in, target, mfd);
	if (r == 0 && copies)
		r = copy_up(in, target, mfd);
	if (r == 0)
		r = init_fail(in, change(mfd, late, 0, 0), "set mount attributes");
	if (r == 0)
		r = mount_attach(in, mfd, target);
	if (r == 0)
		r = init_fail(in, change(mfd, op->num[3], 0, AT_RECURSIVE),
			      "set recursive mount attributes");
	if (r == 0)
		r = init_fail(in, propagate(mfd, op->num[1]),
			      "set the propagation");
	if (mfd >= 0)
		init_close(in, mfd);
	init_close(in, target);
	return r;
}

static int clone_path(struct init *in, const struct plan_op *op)
{
	unsigned int flags = op->flags & PLAN_F_RECURSIVE ? AT_RECURSIVE : 0;

	return sys_open_tree(AT_FDCWD, plan_get_str(&in->plan, op->str[0]),
			     OPEN_TREE_CLONE | flags);
}

static bool is_refusal(int r)
{
	return r == -EACCES || r == -EPERM || r == -EINVAL || r == -ENOENT;
}

static bool is_same(int a, int b)
{
	struct stat x, y;

	return sys_fstat(a, &x) == 0 && sys_fstat(b, &y) == 0 &&
	       x.st_dev == y.st_dev && x.st_ino == y.st_ino;
}

/* The tree to bind: the runtime's fd; or cloned here by path, where the runtime
 * has no privilege over its own mount namespace, or where it gives both since
 * only a clone made here keeps its flags locked. */
static int tree_open(struct init *in, const struct plan_op *op)
{
	int given = op->fd[0] >= 0 ? in->fds[op->fd[0]] : -1, tree;

	if (!op->str[0])
		return given;
	tree = clone_path(in, op);
	if (given < 0)
		return tree;
	in->fds[op->fd[0]] = -1;
	if (is_refusal(tree))
		return given;
	/* What the runtime has opened and looked at is what is meant. */
	if (tree >= 0 && !is_same(tree, given)) {
		init_close(in, tree);
		return given;
	}
	init_close(in, given);
	return tree;
}

static int tree_attrs(const struct plan_op *op, int tree)
{
	bool clear_all = op->flags & PLAN_F_CLEAR_TREE;
	int r = change(tree, op->num[0], clear_all ? 0 : op->num[1], 0);

	if (r == 0)
		r = change(tree, op->num[3], clear_all ? op->num[1] : 0,
			   AT_RECURSIVE);
	return r;
}

/* A user namespace cannot take the host's ro, nosuid and the like off a mount.
 * Engines write "rw" by habit, whatever the source is: then it stays as it is. */
static int bound_attrs(const struct plan_op *op, int tree)
{
	struct plan_op kept = *op;
	int r = tree_attrs(op, tree);

	if (r != -EPERM || !op->num[1] || (op->flags & PLAN_F_CLEAR_TREE))
		return r;
	kept.num[1] &= ~(uint64_t)(MOUNT_ATTR_RDONLY | MOUNT_ATTR_NOSUID |
				   MOUNT_ATTR_NODEV | MOUNT_ATTR_NOEXEC);
	return tree_attrs(&kept, tree);
}

int op_mount_tree(struct init *in, const struct plan_op *op)
{
	int tree = tree_open(in, op), target, r;

	if (tree < 0)
		return init_fail(in, tree, "open the source");
	target = target_make(in, plan_get_str(&in->plan, op->str[3]),
			     op->flags & PLAN_F_FILE ? TARGET_FILE : TARGET_DIR,
			     op->flags & PLAN_F_FILE ? 0644 : 0755,
			     op->flags & PLAN_F_NOFOLLOW);
	if (target < 0)
		return init_fail(in, target, target == -ELOOP
			? "the target is a symbolic link" : "open the target");
	r = init_fail(in, bound_attrs(op, tree), "set mount attributes");
	if (r == 0)
		r = mount_attach(in, tree, target);
	if (r == 0)
		r = init_fail(in, propagate(tree, op->num[2]),
			      "set the propagation");
	init_close(in, target);
	init_close(in, tree);
	if (op->fd[0] >= 0)
		in->fds[op->fd[0]] = -1;
	return r;
}

static int reconfigure(struct init *in, int target, uint32_t options)
{
	int fsfd, r;

	if (!options)
		return 0;
	fsfd = (int)SYS3(SYS_fspick, target, "", FSPICK_CLOEXEC | FSPICK_EMPTY_PATH);
	if (fsfd < 0)
		return init_fail(in, fsfd, "open the filesystem");
	r = configure(in, fsfd, options);
	if (r == 0) {
		r = sys_fsconfig(fsfd, FSCONFIG_CMD_RECONFIGURE, NULL, NULL, 0);
		if (r < 0) {
			note_kernel_text(in, fsfd);
			init_fail(in, r, "change the filesystem");
		}
	}
	init_close(in, fsfd);
	return r;
}

int op_mount_change(struct init *in, const struct plan_op *op)
{
	int target = target_find(in, plan_get_str(&in->plan, op->str[3]), false);
	int r;

	if (target < 0)
		return init_fail(in, target, "open the target");
	r = reconfigure(in, target, op->str[2]);
	if (r == 0)
		r = init_fail(in, tree_attrs(op, target),
			      "set mount attributes");
	if (r == 0)
		r = init_fail(in, propagate(target, op->num[2]),
			      "set the propagation");
	init_close(in, target);
	return r;
}

int op_mount_cgroup(struct init *in, const struct plan_op *op)
{
	int target = target_make(in, plan_get_str(&in->plan, op->str[3]),
				 TARGET_DIR, 0755, true);
	int mfd, r;

	if (target < 0)
		return init_fail(in, target, "open the target");
	mfd = mount_create(in, "cgroup2", "cgroup", op->str[2],
			   (unsigned int)op->num[0]);
	if ((mfd == -EPERM || mfd == -EBUSY) && op->fd[0] >= 0) {
		in->note[0] = '\0';
		mfd = in->fds[op->fd[0]];
		r = init_fail(in, change(mfd, op->num[0], 0, AT_RECURSIVE),
			      "set mount attributes");
	} else {
		r = mfd < 0 ? mfd : 0;
	}
	if (r == 0)
		r = mount_attach(in, mfd, target);
	if (mfd >= 0)
		init_close(in, mfd);
	init_close(in, target);
	return r;
}
