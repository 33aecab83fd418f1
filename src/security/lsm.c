/* SPDX-License-Identifier: Apache-2.0 */
#include "security/lsm.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/magic.h>
#include <linux/mount.h>
#include <stdio.h>
#include <string.h>
#include <sys/vfs.h>
#include <unistd.h>

#include "oci/spec.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/sys.h"
#include "wire/plan.h"

/* What the attribute file takes, and so 4 KiB with the word before it. */
#define PROFILE_MAX 4000

static bool has_text(const char *s)
{
	return s && *s;
}

static const char *below(const char *sys, const char *name, char *buf,
			 size_t size)
{
	snprintf(buf, size, "%s/%s", sys, name);
	return buf;
}

bool lsm_has_apparmor(const char *sys)
{
	char path[256], text[8];

	below(sys, "module/apparmor/parameters/enabled", path, sizeof(path));
	return fs_read_small(AT_FDCWD, path, text, sizeof(text)) > 0 &&
	       text[0] == 'Y';
}

bool lsm_has_selinux(const char *sys)
{
	char path[256];

	/* The directory is there without SELinux too: selinuxfs is what counts. */
	return access(below(sys, "fs/selinux/enforce", path, sizeof(path)),
		      F_OK) == 0;
}

/* A procfs that is nobody else's, with nothing but processes in it.  It is of
 * the pid namespace of the runtime, which sees the container's processes. */
static int own_procfs(void)
{
	auto_fd fs = sys_fsopen("proc", FSOPEN_CLOEXEC);
	int r;

	if (fs < 0)
		return fs;
	r = sys_fsconfig(fs, FSCONFIG_SET_STRING, "subset", "pid", 0);
	if (r == 0)
		r = sys_fsconfig(fs, FSCONFIG_CMD_CREATE, NULL, NULL, 0);
	return r < 0 ? r : sys_fsmount(fs, FSMOUNT_CLOEXEC,
				       MOUNT_ATTR_NOSUID | MOUNT_ATTR_NODEV |
					       MOUNT_ATTR_NOEXEC);
}

/* The runtime's own /proc where mounting is refused: a rootless one's, say. */
static int open_procfs(struct err *e)
{
	auto_fd fd = own_procfs();
	struct statfs fs;

	if (fd < 0)
		fd = open("/proc", O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return err_sys(e, errno, "open /proc");
	if (fstatfs(fd, &fs) < 0)
		return err_sys(e, errno, "look at /proc");
	if (fs.f_type != PROC_SUPER_MAGIC)
		return err_set(e, EXDEV, "/proc is not a procfs");
	return fd_take(&fd);
}

static int want_apparmor(const char *profile, const char *sys, struct lsm *l,
			 struct err *e)
{
	if (!has_text(profile))
		return 0;
	if (strlen(profile) > PROFILE_MAX)
		return err_set(e, EINVAL, "process.apparmorProfile: longer than %d "
			       "bytes", PROFILE_MAX);
	if (lsm_has_apparmor(sys))
		l->apparmor = profile;
	else if (strcmp(profile, "unconfined") != 0)
		return err_set(e, EINVAL, "process.apparmorProfile: %s: AppArmor is "
			       "not enabled on this host", profile);
	return 0;
}

static int want_selinux(const char *label, const char *sys, struct lsm *l,
			struct err *e)
{
	if (!has_text(label))
		return 0;
	if (strlen(label) > PROFILE_MAX)
		return err_set(e, EINVAL, "process.selinuxLabel: longer than %d "
			       "bytes", PROFILE_MAX);
	if (!lsm_has_selinux(sys))
		return err_set(e, EINVAL, "process.selinuxLabel: %s: SELinux is not "
			       "enabled on this host", label);
	l->selinux = label;
	return 0;
}

int lsm_prepare(struct plan_builder *b, const struct oci_process *p,
		const char *sys, struct lsm *ret, struct err *e)
{
	struct lsm l = { .procfs = PLAN_NO_FD };
	int r = want_apparmor(p->apparmor_profile, sys, &l, e);

	if (r == 0)
		r = want_selinux(p->selinux_label, sys, &l, e);
	if (r == 0 && (l.apparmor || l.selinux)) {
		r = open_procfs(e);
		if (r >= 0)
			l.procfs = plan_fd(b, r);
	}
	if (r < 0)
		return r;
	*ret = l;
	return 0;
}

const char *lsm_mount_label(const struct oci_linux *l, const char *sys)
{
	return has_text(l->mount_label) && lsm_has_selinux(sys) ? l->mount_label
								: NULL;
}

static void plan_write(struct plan_builder *b, const struct lsm *l,
		       const char *file, const char *word, const char *label,
		       const char *property)
{
	struct plan_op *op = plan_add(b, PLAN_LSM_EXEC, "process.%s: %s",
				      property, label);
	char text[PROFILE_MAX + 8];

	snprintf(text, sizeof(text), "%s%s", word, label);
	op->fd[0] = l->procfs;
	op->str[0] = plan_str(b, file);
	op->str[1] = plan_str(b, text);
}

void lsm_plan_exec(struct plan_builder *b, const struct lsm *l)
{
	if (l->apparmor)
		plan_write(b, l, "apparmor/exec", "exec ", l->apparmor,
			   "apparmorProfile");
	if (l->selinux)
		plan_write(b, l, "exec", "", l->selinux, "selinuxLabel");
}

void lsm_plan_keyring(struct plan_builder *b, const struct lsm *l)
{
	if (l->selinux)
		plan_write(b, l, "keycreate", "", l->selinux, "selinuxLabel");
}
