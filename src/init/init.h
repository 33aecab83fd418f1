/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init/init.h - the executor of the start plan (wire/plan.h).
 *
 * It runs as the container's first process until execve replaces it: no heap,
 * no C library (util/sys.h), no lookup of names, no decision.  Each operation
 * is one function that returns 0 or -errno; on failure init_fail has noted
 * which step of the operation it was.
 *
 * What it trusts: the plan and the fds that come with it.  What it does not
 * trust: everything below the container's root, which an image or another
 * container may have made and may be changing at this moment.
 */
#ifndef INIT_INIT_H
#define INIT_INIT_H

#include <stdbool.h>
#include <stdint.h>

#include "util/sys.h"
#include "wire/ladder.h"
#include "wire/plan.h"

struct init {
	struct plan plan;
	int ladder;		/* SOCK_SEQPACKET to the runtime */
	int fds[PLAN_MAX_FDS];	/* the plan's slots; -1 once handed on */
	uint32_t n_fds;
	int32_t pid;		/* as the runtime sees this process; 0: unknown */
	int root;		/* the container's root, -1 before PLAN_ROOT */
	int host_null;		/* verified /dev/null of the host, -1: not open */
	int empty_dir;		/* attached read-only tmpfs for masks, -1: none */
	int proc;		/* procfs for sysctl, -1: not open */
	int parent;		/* what target_parent found last, -1: nothing */
	const char *parent_path; /* its path: the target, without its last part */
	uint32_t parent_len;	/* bytes of that */
	bool made_there;	/* the last target is a new entry of parent */
	bool root_private;	/* "/" got MS_PRIVATE: umounts stay here */
	const char *cwd;	/* the last PLAN_CWD's, NULL: none */
	bool in_target;		/* the working directory is one of the image's */
	bool in_cwd;		/* a PLAN_CHDIR has succeeded */
	const char *exec_path;	/* what PLAN_FIND found */
	char **args, **env;	/* of that program, NULL before PLAN_ARGS */
	char *pointers[128];	/* for argument lists that fit */
	uint32_t n_pointers;	/* of them in use */
	char home[1024], listen_pid[32]; /* variables that init itself makes */
	const char *step;	/* the part that failed */
	char note[256];		/* what the kernel or init says more about it */
	_Alignas(8) char inline_plan[LADDER_INLINE_MAX];
};

/* init_fail - note the step that failed; returns @r for "return init_fail". */
int init_fail(struct init *in, int r, const char *step);

/* init_note - put text (@a, then @b) into the report of the failure. */
void init_note(struct init *in, const char *a, const char *b);

/* init_close - an fd that is not needed any more.  Most stay open, since execve
 * closes them all at once; only what would make the table grow goes now. */
void init_close(struct init *in, int fd);

/**
 * init_main - receive the plan from the ladder and execute it
 * @ladder:	connected SOCK_SEQPACKET, owned from now on
 *
 * Return: only on failure, after LADDER_FAILED was sent: exit status 1; or 0
 *	   when PLAN_FORK has left the rest to the sibling, or after PLAN_EXIT.
 */
int init_main(int ladder);

/* --- ladder.c ------------------------------------------------------------ */

int ladder_send(int fd, enum ladder_step step, int32_t value, int pass_fd);
/* ladder_receive_plan - fills plan, pid and fds; the first n_fds of these are
 * open whatever it returns. */
int ladder_receive_plan(struct init *in);
/* ladder_receive_late - wait for the fds that come after the plan. */
int ladder_receive_late(struct init *in);
/* Waits for exactly @want; -EPIPE when the peer is gone. */
int ladder_wait(int fd, enum ladder_step want, int32_t *ret_pid);
/* ladder_look - the same if it is there already, else -EAGAIN. */
int ladder_look(int fd, enum ladder_step want);
void ladder_send_failure(const struct init *in, const struct plan_op *op, int r);

/* --- target.c: paths inside the root -------------------------------------- */

enum target_kind { TARGET_DIR, TARGET_FILE };

/* target_root - the fd to resolve below: PLAN_ROOT's, or "/" when joined. */
int target_root(struct init *in);
/* target_find - an O_PATH fd of what is there; -errno without a note.
 * @nofollow refuses every symlink on the way (-ELOOP). */
int target_find(struct init *in, const char *path, bool nofollow);
/* target_make - the same, made with its parents when it is missing. */
int target_make(struct init *in, const char *path, enum target_kind kind,
		unsigned int mode, bool nofollow);
/* target_parent - the directory that @path's last part goes into, made when
 * it is missing; *@ret_name points into @path.  The fd stays init's: one after
 * the other a dozen nodes and links go into /dev. */
int target_parent(struct init *in, const char *path, const char **ret_name);

/* --- operations, one function each ---------------------------------------- */

int op_signals(struct init *in, const struct plan_op *op);
int op_oom_score(struct init *in, const struct plan_op *op);
int op_ns_join(struct init *in, const struct plan_op *op);
int op_ns_unshare(struct init *in, const struct plan_op *op);
int op_ns_map(struct init *in, const struct plan_op *op);
int op_fork(struct init *in, const struct plan_op *op);
int op_time_offsets(struct init *in, const struct plan_op *op);
int op_host_step(struct init *in, const struct plan_op *op);
int op_hostname(struct init *in, const struct plan_op *op);
int op_domainname(struct init *in, const struct plan_op *op);
int op_keyring(struct init *in, const struct plan_op *op);

int op_propagation(struct init *in, const struct plan_op *op);
int op_root(struct init *in, const struct plan_op *op);
int op_root_attr(struct init *in, const struct plan_op *op);
int op_pivot(struct init *in, const struct plan_op *op);
int op_chroot(struct init *in, const struct plan_op *op);

int op_mount_fs(struct init *in, const struct plan_op *op);
int op_mount_tree(struct init *in, const struct plan_op *op);
int op_mount_change(struct init *in, const struct plan_op *op);
int op_mount_cgroup(struct init *in, const struct plan_op *op);
int op_unmount(struct init *in, const struct plan_op *op);
/* target_forget_parent - for whoever changes what paths mean. */
void target_forget_parent(struct init *in);
/* mount_attach - put the detached mount @mfd on top of @target. */
int mount_attach(struct init *in, int mfd, int target);
/* mount_create - a new detached mount of @fstype; vector @options as in
 * PLAN_MOUNT_FS, 0 for none.  Return: its fd, -errno with step and note. */
int mount_create(struct init *in, const char *fstype, const char *source,
		 uint32_t options, unsigned int attrs);
/* mount_is_long - whether fsconfig(2) would refuse the length of an option or of
 * the source of a PLAN_MOUNT_FS. */
bool mount_is_long(struct init *in, const struct plan_op *op);
/* mount_create_long - mount_create with mount(2); @target: where it will go, a
 * directory, covered meanwhile.  op->num[0] is set. */
int mount_create_long(struct init *in, const struct plan_op *op, int target);
/* copy_tree - the content of the directory @from into the directory @to. */
int copy_tree(struct init *in, int from, int to);

int op_mask(struct init *in, const struct plan_op *op);
int op_readonly(struct init *in, const struct plan_op *op);
int op_sysctl(struct init *in, const struct plan_op *op);

int op_dev_node(struct init *in, const struct plan_op *op);
int op_symlink(struct init *in, const struct plan_op *op);
int op_dir(struct init *in, const struct plan_op *op);
int op_console(struct init *in, const struct plan_op *op);
int op_label(struct init *in, const struct plan_op *op);
int op_hook(struct init *in, const struct plan_op *op);

int op_rlimit(struct init *in, const struct plan_op *op);
int op_stdio_owner(struct init *in, const struct plan_op *op);
int op_cap_bound(struct init *in, const struct plan_op *op);
int op_user(struct init *in, const struct plan_op *op);
int op_caps(struct init *in, const struct plan_op *op);
int op_chdir(struct init *in, const struct plan_op *op);
int op_memory_policy(struct init *in, const struct plan_op *op);
int op_lsm_exec(struct init *in, const struct plan_op *op);
int op_seccomp(struct init *in, const struct plan_op *op);

int op_find(struct init *in, const struct plan_op *op);
int op_ready(struct init *in, const struct plan_op *op);
int op_args(struct init *in, const struct plan_op *op);
int op_exec(struct init *in, const struct plan_op *op);

/* vector_pointers - an argument list for execve: @extra pointers of @front,
 * then the strings of the vector @vec, then NULL; NULL when out of memory. */
char **vector_pointers(struct init *in, uint32_t vec, uint32_t extra,
		       char *const *front);

/**
 * passwd_home - the home directory that a passwd(5) file has for @uid
 * @fd:		read from where it is, 1 MiB at most
 * @home:	@size bytes, a string afterwards; overwritten even if nothing is found
 *
 * Return: whether there is a line for @uid with one that fits.
 */
bool passwd_home(int fd, uint64_t uid, char *home, size_t size);

/* --- small text helpers (text.c) ------------------------------------------ */

struct text { char *at, *end; }; /* always NUL-terminated within [at, end) */

void text_put(struct text *t, const char *s);
void text_number(struct text *t, int64_t n);

#endif
