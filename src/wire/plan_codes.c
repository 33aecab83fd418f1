/* SPDX-License-Identifier: Apache-2.0 */
#include "wire/plan.h"

#define S PLAN_A_STR
#define OS PLAN_A_OPT_STR
#define V PLAN_A_VEC
#define OV PLAN_A_OPT_VEC
#define B PLAN_A_BLOB
#define OB PLAN_A_OPT_BLOB
#define N PLAN_A_NONE

#define FD0 1	   /* fd[0] may be given */
#define FD1 2	   /* fd[1] may be given */
#define FD0_MUST 5 /* fd[0] must be given */

#define CODE(code, name, a, b, c, d, fds) \
	[PLAN_##code] = { name, { a, b, c, d }, fds }

const struct plan_code_info plan_codes[PLAN_CODES] = {
	CODE(END, "end", N, N, N, N, 0),
	CODE(SIGNALS, "signals", N, N, N, N, 0),
	CODE(SETSID, "setsid", N, N, N, N, 0),
	CODE(OOM_SCORE, "oom-score", N, N, N, N, 0),
	CODE(NS_JOIN, "ns-join", N, N, N, N, FD0_MUST),
	CODE(NS_UNSHARE, "ns-unshare", N, N, N, N, 0),
	CODE(NS_MAP, "ns-map", N, N, N, N, 0),
	CODE(FORK, "fork", N, N, N, N, 0),
	CODE(TIME_OFFSETS, "time-offsets", S, N, N, N, 0),
	CODE(HOST_STEP, "host-step", N, N, N, N, 0),
	CODE(HOSTNAME, "hostname", S, N, N, N, 0),
	CODE(DOMAINNAME, "domainname", S, N, N, N, 0),
	CODE(KEYRING, "keyring", OS, N, N, N, 0),
	CODE(PROPAGATION, "propagation", N, N, N, N, 0),
	CODE(ROOT, "root", S, N, N, N, FD0),
	CODE(MOUNT_FS, "mount-fs", S, OS, OV, S, FD0),
	CODE(MOUNT_TREE, "mount-tree", OS, N, N, S, FD0 | FD1),
	CODE(MOUNT_CHANGE, "mount-change", N, N, OV, S, 0),
	CODE(MOUNT_CGROUP, "mount-cgroup", OS, N, OV, S, FD0),
	CODE(UNMOUNT, "unmount", N, N, N, S, 0),
	CODE(DEV_NODE, "dev-node", OS, N, N, S, FD0),
	CODE(SYMLINK, "symlink", S, N, N, S, 0),
	CODE(DIR, "dir", N, N, N, S, 0),
	CODE(MASK, "mask", N, N, OV, S, 0),
	CODE(READONLY, "readonly", N, N, N, S, 0),
	CODE(SYSCTL, "sysctl", S, S, N, N, 0),
	CODE(CONSOLE, "console", N, N, N, N, 0),
	CODE(CWD, "cwd", S, N, N, N, 0),
	CODE(LABEL, "label", S, N, N, S, 0),
	CODE(HOOK, "hook", S, V, V, B, FD0 | FD1),
	CODE(ROOT_ATTR, "root-attr", N, N, N, N, 0),
	CODE(PIVOT, "pivot", N, N, N, N, 0),
	CODE(CHROOT, "chroot", N, N, N, N, FD0_MUST),
	CODE(RLIMIT, "rlimit", N, N, N, N, 0),
	CODE(PERSONALITY, "personality", N, N, N, N, 0),
	CODE(STDIO_OWNER, "stdio-owner", N, N, N, N, 0),
	CODE(FIND, "find", V, S, N, N, 0),
	CODE(READY, "ready", N, N, N, N, FD0),
	CODE(CAP_BOUND, "cap-bound", N, N, N, N, 0),
	CODE(ARGS, "args", N, V, V, N, 0),
	CODE(NO_NEW_PRIVS, "no-new-privs", N, N, N, N, 0),
	CODE(USER, "user", OB, N, N, N, 0),
	CODE(CAPS, "caps", B, N, N, N, 0),
	CODE(UMASK, "umask", N, N, N, N, 0),
	CODE(CHDIR, "chdir", S, N, N, N, 0),
	CODE(MEMORY_POLICY, "memory-policy", OB, N, N, N, 0),
	CODE(LSM_EXEC, "lsm-exec", S, S, N, N, FD0_MUST),
	CODE(SECCOMP, "seccomp", B, N, N, N, 0),
	CODE(CLOSE_FDS, "close-fds", N, N, N, N, 0),
	CODE(EXEC, "exec", N, N, N, N, 0),
	CODE(EXIT, "exit", N, N, N, N, 0),
};
