/* SPDX-License-Identifier: Apache-2.0 */
/*
 * wire/plan.h - the start plan: everything that a container's first process
 * does between its birth and execve, decided beforehand.
 *
 * The runtime reads, checks and decides; berth-init (or the guest agent)
 * executes one operation after the other and decides nothing.  A plan is one
 * flat block of bytes:
 *
 *	struct plan_header | struct plan_op [n_ops] | data
 *
 * An operation names strings, vectors and blobs by their offset in `data`,
 * and file descriptors by their slot in the table of fds that travels beside
 * the plan.  Offset 0 of `data` means "none" (the first byte is a padding
 * NUL).  Encodings in `data`:
 *
 *	string	bytes, NUL
 *	vector	u32 count, then `count` strings one after the other; aligned to 4
 *	blob	u32 length, u32 zero, then the bytes; aligned to 8
 *
 * plan_codes[] says what each argument of each operation is; the reader checks
 * a whole plan against it before the first operation runs.
 */
#ifndef WIRE_PLAN_H
#define WIRE_PLAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/uio.h>

#define PLAN_MAGIC 0x6e616c70u /* "plan" */
#define PLAN_VERSION 1
#define PLAN_MAX_BYTES (8u << 20) /* ARG_MAX is 2 MiB; mounts and filter come on top */
#define PLAN_MAX_OPS 16384
#define PLAN_MAX_FDS 1000 /* RLIMIT_NOFILE is 1024 by default */
#define PLAN_NO_FD (-1)

struct plan_header {
	uint32_t magic, version;
	uint32_t size;  /* bytes, this header included */
	uint32_t n_ops;
	uint32_t n_fds; /* slots that the operations may name */
	uint32_t reserved;
};

struct plan_op {
	uint16_t code;   /* enum plan_code */
	uint16_t flags;  /* PLAN_F_* */
	uint32_t what;   /* string: the object, for the error: "mounts[2]: /dev" */
	uint32_t str[4]; /* offsets into data */
	int32_t fd[2];   /* slots, PLAN_NO_FD for none */
	uint64_t num[4];
};

/*
 * The operations, in the order in which a plan usually has them.  Arguments
 * that are not listed are zero (fds: PLAN_NO_FD).  "target" is always a path
 * inside the container's root, resolved there and never through the host's.
 */
enum plan_code {
	PLAN_END, /* never executed: a plan ends with PLAN_EXEC or PLAN_EXIT */

	/* --- before the root exists --- */
	PLAN_SIGNALS,	   /* num[0]: those to put back to their defaults, bit n
			    * for signal n + 1 */
	PLAN_SETSID,	   /* a session of its own; ignored when leader already */
	PLAN_OOM_SCORE,	   /* num[0]: oom_score_adj, as int64 */
	PLAN_NS_JOIN,	   /* fd[0]: namespace or pidfd; num[0]: CLONE_NEW* set;
			    * num[1] is 1: become root of the user namespace,
			    * where it has one */
	PLAN_NS_UNSHARE,   /* num[0]: CLONE_NEW* set */
	PLAN_NS_MAP,	   /* LADDER_USERNS, wait LADDER_MAPPED, become
			    * num[0] (uid) and num[1] (gid); num[2] is 1: meanwhile
			    * the process belongs to its user, and not to the
			    * machine's root, who else has to write the maps */
	PLAN_FORK,	   /* go on in a sibling (CLONE_PARENT), which enters pid
			    * and time namespaces; LADDER_FORKED; num[0]: more
			    * CLONE_NEW* flags */
	PLAN_TIME_OFFSETS, /* str[0]: text for /proc/self/timens_offsets */
	PLAN_HOST_STEP,	   /* LADDER_NAMESPACES, wait LADDER_HOST_READY: hooks
			    * and network of the host side */
	PLAN_HOSTNAME,	   /* str[0] */
	PLAN_DOMAINNAME,   /* str[0] */
	PLAN_KEYRING,	   /* str[0]: name of a session keyring, joined if there is
			    * one that may be; num[0]: permissions (keyctl(2)
			    * KEYCTL_SETPERM), 0: leave */
	PLAN_PROPAGATION,  /* num[0]: MS_* for mount(NULL, "/", NULL, …) */

	/* --- the root and what is mounted in it --- */
	PLAN_ROOT,	   /* str[0]: absolute path of the root filesystem;
			    * fd[0]: detached tree of it, none: clone the path;
			    * num[0]: propagation (MS_*, 0: leave) of the new
			    * root; num[1]: not 0: make the mount it lies on
			    * private first, as pivot_root demands */
	PLAN_MOUNT_FS,	   /* str[0]: type; str[1]: source; str[2]: vector of
			    * filesystem options "k=v" or "k"; str[3]: target;
			    * num[0]: MOUNT_ATTR_* to set; num[1]: propagation
			    * (MS_*, 0: leave); num[2]: mode of a target that has
			    * to be made; num[3]: MOUNT_ATTR_* set on the whole
			    * tree; fd[0]: detached tree to bind where mounting
			    * is refused with EPERM; flags: PLAN_F_TMPCOPYUP,
			    * PLAN_F_NOFOLLOW, PLAN_F_KEEP_MODE: the root of it
			    * gets the mode of the directory it covers */
	PLAN_MOUNT_TREE,   /* a bind: fd[0]: detached tree, none: clone str[0] in
			    * the current namespace (PLAN_F_RECURSIVE); both:
			    * clone str[0], and take fd[0] where that is
			    * refused (EACCES, EPERM, EINVAL, ENOENT); str[3]:
			    * target; num[0] set, num[1] clear: MOUNT_ATTR_*;
			    * num[2]: propagation; num[3]: MOUNT_ATTR_* to set
			    * on the whole tree; fd[1]: user namespace for
			    * MOUNT_ATTR_IDMAP; flags: PLAN_F_FILE: the target
			    * is a file, PLAN_F_CLEAR_TREE: num[1] too is for the
			    * whole tree */
	PLAN_MOUNT_CHANGE, /* remount and propagation of a mount that is there:
			    * str[3]: target; num[0] set, num[1] clear, num[2]
			    * propagation, num[3] recursive set; str[2]: options
			    * of the superblock, NULL: leave; flags:
			    * PLAN_F_CLEAR_TREE */
	PLAN_MOUNT_CGROUP, /* cgroup2 at str[3]; num[0]: attributes; str[2]: the
			    * flags of the hierarchy; falls back to a bind of
			    * the tree in fd[0] where mounting is refused */
	PLAN_UNMOUNT,	   /* str[3]: target: what is on top of it is detached */
	PLAN_DEV_NODE,	   /* str[3]: target; num[0]: S_IF* | mode; num[1]: dev_t;
			    * num[2]: uid << 32 | gid; a bind of the host's node
			    * at str[0] (the same path on the host) where mknod
			    * is refused */
	PLAN_SYMLINK,	   /* str[0]: what it says; str[3]: target; a thing that is
			    * there already stays; PLAN_F_REPLACE: it is replaced */
	PLAN_DIR,	   /* str[3]: target, made with its parents; num[0]: mode */
	PLAN_MASK,	   /* str[3]: target; nothing there: nothing to do;
			    * str[2]: options of the tmpfs that hides directories,
			    * those of the first count */
	PLAN_READONLY,	   /* str[3]: target; nothing there: nothing to do */
	PLAN_SYSCTL,	   /* str[0]: "net/ipv4/ip_forward"; str[1]: value */
	PLAN_CONSOLE,	   /* a terminal of the container's own devpts; its master
			    * goes out with LADDER_CONSOLE; becomes controlling
			    * terminal and fds 0-2; num[0] rows, num[1] columns (0:
			    * leave); num[2] uid of its owner; PLAN_F_BIND: also
			    * at /dev/console */
	PLAN_CWD,	   /* str[0]: the host's directory in which hooks run and
			    * relative paths in options of mounts begin; one
			    * that cannot be entered is no failure */
	PLAN_LABEL,	   /* str[0]: SELinux label of the directory str[3]; one
			    * whose file system has none is left alone */
	PLAN_HOOK,	   /* str[0]: path; str[1]: args; str[2]: env; str[3]: blob,
			    * the state JSON for its stdin; num[0]: timeout in
			    * seconds, 0 for none; num[1]: where in the blob the
			    * pid goes (PLAN_PID_WIDTH characters); fd[0], fd[1]:
			    * become its fds 1 and 2 */
	PLAN_ROOT_ATTR,	   /* num[0]: MOUNT_ATTR_* for the root mount itself */
	PLAN_PIVOT,	   /* PLAN_F_NO_PIVOT: MS_MOVE and chroot instead;
			    * num[0]: propagation of the new root (MS_*) */
	PLAN_CHROOT,	   /* in a mount namespace that was joined: chroot into
			    * fd[0], PLAN_ROOT's or a running container's root */

	/* --- the process --- */
	PLAN_RLIMIT,	   /* num[0]: resource; num[1]: soft; num[2]: hard */
	PLAN_PERSONALITY,  /* num[0] */
	PLAN_STDIO_OWNER,  /* num[0]: uid; num[1]: gid, (uint32)-1 to leave */
	PLAN_FIND,	   /* str[0]: vector of paths to try in turn; str[1]: the
			    * name that was asked for, for the message */
	PLAN_READY,	   /* LADDER_READY, then wait LADDER_START on the ladder; with
			    * fd[0], a listening socket: wait LADDER_COMMIT on the
			    * ladder, then LADDER_START from the first connection
			    * that sends one, which becomes the ladder; num[0]:
			    * first fd that is not the program's: all but the
			    * socket, the ladder and what later operations name
			    * are closed before a wait */
	PLAN_CAP_BOUND,	   /* num[0]: set to keep; the others are dropped */
	PLAN_ARGS,	   /* str[1]: args; str[2]: env; PLAN_F_HOME: put HOME in
			    * front from /etc/passwd (num[0]: uid), else "/";
			    * PLAN_F_LISTEN_PID: put LISTEN_PID in */
	PLAN_NO_NEW_PRIVS,
	PLAN_USER,	   /* num[0] uid; num[1] gid; str[0]: blob of uint32 groups;
			    * num[2] is 1: where setgroups(2) is denied and no
			    * groups are asked for, those that are there stay;
			    * PLAN_F_KEEP_CAPS, PLAN_F_KEEP_GROUPS */
	PLAN_CAPS,	   /* str[0]: blob, struct plan_caps */
	PLAN_UMASK,	   /* num[0] */
	PLAN_CHDIR,	   /* str[0]; must end up inside the root; nothing to do
			    * when an earlier one has succeeded (before and after
			    * PLAN_USER: either may be the one that is allowed) */
	PLAN_MEMORY_POLICY, /* num[0]: MPOL_* with flags; str[0]: blob, set of
			    * nodes; num[1]: bits of it, 0 for none */
	PLAN_LSM_EXEC,	   /* fd[0]: a procfs; str[0]: attribute file, "exec",
			    * "keycreate" or "apparmor/exec"; str[1]: text to
			    * write */
	PLAN_SECCOMP,	   /* str[0]: blob, struct sock_filter []; num[0]: flags of
			    * seccomp(2); with SECCOMP_FILTER_FLAG_NEW_LISTENER
			    * the listener goes out with LADDER_LISTENER */
	PLAN_CLOSE_FDS,	   /* num[0]: first fd that the program does not get */
	PLAN_EXEC,	   /* runs what PLAN_FIND found with what PLAN_ARGS made:
			    * execve and nothing else, for a filter may be in
			    * force that allows no more */
	PLAN_EXIT,	   /* the end of a plan that has no program */
	PLAN_CODES
};

#define PLAN_F_RECURSIVE 0x0001
#define PLAN_F_FILE 0x0002
#define PLAN_F_TMPCOPYUP 0x0004
#define PLAN_F_NOFOLLOW 0x0008 /* a symlink as the target's last part is refused */
#define PLAN_F_REPLACE 0x0010
#define PLAN_F_BIND 0x0020
#define PLAN_F_NO_PIVOT 0x0040
#define PLAN_F_KEEP_CAPS 0x0080
#define PLAN_F_KEEP_GROUPS 0x0100
#define PLAN_F_HOME 0x0200
#define PLAN_F_LISTEN_PID 0x0400
#define PLAN_F_CLEAR_TREE 0x0800
#define PLAN_F_KEEP_MODE 0x2000
#define PLAN_F_INSTEAD 0x4000 /* only where the last operation without this flag was
			       * refused (EPERM, EACCES, EBUSY), which then is no
			       * failure */
#define PLAN_F_OPTIONAL 0x1000 /* a failure of this operation is not one of the plan */

#define PLAN_PID_WIDTH 10 /* room for a pid in a hook's state, blanks before */

struct plan_caps {
	uint64_t effective, permitted, inheritable, ambient;
};

/* What an argument is; the reader checks it, `berth --debug` prints by it. */
enum plan_arg { PLAN_A_NONE, PLAN_A_STR, PLAN_A_OPT_STR, PLAN_A_VEC,
		PLAN_A_OPT_VEC, PLAN_A_BLOB, PLAN_A_OPT_BLOB };

struct plan_code_info {
	char name[16]; /* an array and no pointer: berth-init has no relocations */
	uint8_t str[4]; /* enum plan_arg */
	uint8_t fds;	/* bit 0, 1: fd[0], fd[1] may be given; bit 2: fd[0] must */
};

extern const struct plan_code_info plan_codes[PLAN_CODES];

/* --- building (the runtime) -------------------------------------------- */

/* Room that the builder has of its own: a plan of ordinary size allocates
 * nothing until it is finished. */
#define PLAN_OWN_OPS 96
#define PLAN_OWN_DATA 8192

struct plan_builder {
	struct plan_op *ops; /* own_ops, or malloc'ed */
	size_t n_ops, cap_ops;
	unsigned char *data; /* own_data, or malloc'ed */
	size_t len, cap;
	int n_fds;
	bool late; /* the last of them is sent after the plan */
	int failed; /* sticky errno: building goes on, plan_finish reports it */
	struct plan_op dummy; /* what plan_add gives once it has failed */
	int fds[PLAN_MAX_FDS]; /* owned: closed by plan_builder_done */
	struct plan_op own_ops[PLAN_OWN_OPS];
	unsigned char own_data[PLAN_OWN_DATA];
};

void plan_builder_init(struct plan_builder *b);
void plan_builder_done(struct plan_builder *b);

/**
 * plan_add - append an operation, everything zero and both fds none
 * @what:	printf format naming the object for error messages, or NULL
 *
 * Return: the operation, never NULL (a dummy once the builder has failed);
 *	   valid until the next plan_add.
 */
struct plan_op *plan_add(struct plan_builder *b, enum plan_code code,
			 const char *what, ...)
	__attribute__((format(printf, 3, 4)));

/* All three return an offset for op->str[]; NULL input gives 0, "none".
 * They may be called while the result of plan_add is in use. */
uint32_t plan_str(struct plan_builder *b, const char *s);
uint32_t plan_vec(struct plan_builder *b, char *const *v, size_t n);
uint32_t plan_blob(struct plan_builder *b, const void *p, size_t len);

/* plan_fd - hand over @fd (now owned by the builder); returns its slot. */
int plan_fd(struct plan_builder *b, int fd);

/**
 * plan_join_late - join a namespace whose fd is sent after the plan
 * @at:		index of the operation that this one goes in front of
 * @flag:	CLONE_NEW* of it
 * @what:	the object, for error messages
 *
 * The last thing that is done to a plan: no other fd may follow.
 */
void plan_join_late(struct plan_builder *b, size_t at, uint64_t flag,
		    const char *what);

#define PLAN_PARTS 3

/**
 * plan_parts - the finished plan as it lies in the builder
 * @header:	made here
 * @ret:	@header and what belongs behind it, PLAN_PARTS of them; borrowed
 *		until anything is done with @b
 *
 * Return: 0, -ENOMEM, or -E2BIG past one of the limits above.
 */
int plan_parts(struct plan_builder *b, struct plan_header *header,
	       struct iovec *ret);

/**
 * plan_finish - the finished plan in one piece
 * @headroom:	bytes to leave free in front of it, a multiple of 8
 * @ret:	malloc'ed bytes, owned by the caller; @ret_len counts the headroom
 *
 * Return: 0, -ENOMEM, or -E2BIG past one of the limits above.
 */
int plan_finish(struct plan_builder *b, size_t headroom, unsigned char **ret,
		size_t *ret_len);

/* --- reading (berth-init, the guest agent, tests) ----------------------- */

struct plan {
	const struct plan_header *header;
	const struct plan_op *ops;
	const char *data;
	uint32_t data_len;
};

/**
 * plan_open - check a whole plan and make it readable
 * @bytes:	at least 8-byte aligned; borrowed for as long as @p is used
 *
 * Every offset, string end, vector, blob and slot is inside its bounds after
 * this has succeeded, so the executor needs no checks of its own.
 *
 * Return: 0, or -EPROTO: @p is as it was.
 */
int plan_open(const void *bytes, size_t len, struct plan *p);

static inline const char *plan_get_str(const struct plan *p, uint32_t off)
{
	return off ? p->data + off : NULL;
}

/* plan_get_vec - first string of a vector; the next one is behind its NUL. */
const char *plan_get_vec(const struct plan *p, uint32_t off, uint32_t *ret_n);

/* plan_get_blob - the bytes (8-byte aligned), NULL and 0 for offset 0. */
const void *plan_get_blob(const struct plan *p, uint32_t off, uint32_t *ret_len);

#endif
