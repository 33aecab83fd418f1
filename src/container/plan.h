/* SPDX-License-Identifier: Apache-2.0 */
/*
 * container/plan.h - the order of things: which operations make a container's
 * process, and an exec's, out of a configuration.
 */
#ifndef CONTAINER_PLAN_H
#define CONTAINER_PLAN_H

#include <stdbool.h>
#include <stddef.h>

#include "security/seccomp.h"
#include "util/err.h"

struct arena;
struct config;
struct context;
struct create_options;
struct lsm;
struct ns_plan;
struct oci_hook_list;
struct oci_linux;
struct oci_process;
struct oci_spec;
struct plan_builder;
struct record;

/* Hooks that berth-init runs, and the state document for their stdin. */
struct plan_hooks {
	const struct oci_hook_list *list;
	const char *name; /* "createContainer", for messages */
	const char *state;
	size_t pid_at; /* where @state has PLAN_PID_WIDTH characters for the pid */
	int out, err;  /* slots of what become fds 1 and 2; PLAN_NO_FD: as they are */
};

/* A process to be: what create and exec have in common.  All borrowed. */
struct process_request {
	const struct oci_process *process;
	const struct oci_linux *linux_; /* of its container; NULL: nothing of it */
	const struct lsm *lsm; /* NULL: no labels */
	const struct seccomp_program *seccomp; /* NULL: no filter */
	bool all_caps;	   /* of a user namespace that is not the runtime's */
	bool keep_groups;  /* those of berth itself are wanted */
	bool try_groups;   /* setgroups may be denied where it is going to run */
	bool rootless;	   /* berth lacks the machine's privileges */
	unsigned int preserve_fds;
	int socket;	   /* PLAN_READY's listening socket, -1; owned */
	const struct plan_hooks *start_hooks; /* startContainer, or NULL */
	const struct log *log;
};

/* process_plan_early - what comes before namespaces: score, raised limits. */
int process_plan_early(struct plan_builder *b, const struct process_request *r,
		       struct err *e);

/* process_plan - from the entered root to execve. */
int process_plan(struct plan_builder *b, const struct process_request *r,
		 struct arena *a, struct err *e);

/* process_plan_hooks - one operation for each. */
void process_plan_hooks(struct plan_builder *b, const struct plan_hooks *h);

/* What a session keyring allows to those who do not possess it: an exec must
 * find the one of its container, whose owner it is, or in a user namespace of the
 * container's own, where keyrings have names of their own, may not be. */
enum keyring_rights {
	KEYRING_AS_IT_IS,
	KEYRING_OF_HOST = 0x3f1b0000,	/* possessor: all; owner: view, read,
					 * search, link */
	KEYRING_OF_USERNS = 0x3f130008, /* possessor: all; owner: view, read,
					 * link; others: search */
};

/* process_plan_keyring - the container's session keyring, new or to be joined. */
void process_plan_keyring(struct plan_builder *b, const struct record *r,
			  enum keyring_rights rights);

/* process_listen_fds - how many fds the caller passes by LISTEN_FDS. */
unsigned int process_listen_fds(void);

struct create_request {
	const struct context *ctx;
	const struct create_options *o;
	const struct config *config;
	struct ns_plan *ns;
	const struct record *record;
	const struct seccomp_program *seccomp; /* NULL: none */
	const char *notify_dir; /* host directory to mount at NOTIFY_DIR, or NULL */
	bool detached; /* waits on a socket of its own (create) */
	int socket;    /* that socket; owned by the plan then */
	int hooks_out, hooks_err; /* slots for the output of hooks, PLAN_NO_FD */
};

/* create_plan - the whole plan of a container's first process. */
int create_plan(struct plan_builder *b, const struct create_request *r,
		struct arena *a, struct err *e);

#endif
