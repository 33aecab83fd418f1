/* SPDX-License-Identifier: Apache-2.0 */
/*
 * hooks/hooks.h - hooks that run on the host's side: prestart, createRuntime,
 * poststart, poststop (runtime specification, config.md "POSIX-platform Hooks").
 * createContainer and startContainer are part of the start plan.
 *
 * One after the other, each a process with exactly the configured arguments and
 * environment, the container's state on its standard input, and everything else
 * as a fresh login would have it: no other descriptor, no blocked or ignored
 * signal, a process group of its own.  What it prints is read and forgotten,
 * except for the end, whose last line goes into the message when it fails;
 * unless the caller has a place for it.
 */
#ifndef HOOKS_HOOKS_H
#define HOOKS_HOOKS_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "util/err.h"
#include "util/ev.h"

struct oci_hook_list;

/* @err is 0, or -errno of the first hook that failed with a text in hooks.err. */
typedef void (*hooks_fn)(struct ev *ev, void *user, int err);

struct hooks_args {
	const struct oci_hook_list *list;
	const char *name;  /* of the list, for messages: "prestart" */
	const char *title; /* these are no hooks: a message begins with this and
			    * the path instead; NULL: hooks */
	const char *state; /* the State document, JSON */
	size_t state_len;  /* bytes; any length */
	int cwd;	   /* directory fd for the hooks: the bundle; -1: berth's own */
	const int *output; /* two fds, borrowed, that become the hooks' 1 and 2,
			    * -1: berth reads it; NULL: both are read */
	bool keep_going;   /* run the others although one has failed (poststop);
			    * the first failure is the one reported */
};

#define HOOKS_TAIL 512 /* bytes of output that are kept */

struct hooks {
	struct hooks_args args;
	hooks_fn fn;
	void *user;
	size_t index; /* of the hook that runs */
	pid_t pid;
	int pidfd, in, in_peer, out; /* owned; -1: none */
	size_t written;
	bool timed_out;
	size_t tail_len;
	char tail[HOOKS_TAIL];
	struct ev_child child;
	struct ev_io in_io, out_io;
	struct ev_timer timer;
	int failed; /* -errno of the first failure */
	struct err err;
};

/**
 * hooks_start - run a list of hooks on the loop
 * @h:		any content; initialised here; stays where it is until the end
 * @a:		copied; what it points to is borrowed until the end
 * @fn:		called once, from the loop and never from within hooks_start
 *
 * A hook that has not ended after its timeout is killed with its process group.
 * Messages read: hook `/path` (prestart[0]): exit status 3: last line of output
 */
void hooks_start(struct hooks *h, struct ev *ev, const struct hooks_args *a,
		 hooks_fn fn, void *user);

/* hooks_cancel - kill the one that runs, reap it, start no other, no callback.
 * Only after hooks_start; once all is over it does nothing. */
void hooks_cancel(struct hooks *h, struct ev *ev);

/**
 * hooks_run - the same, waiting here for the end
 *
 * Return: 0; -ETIMEDOUT; -ECHILD for a hook that ended with another status than
 *	   0; -errno when one could not be started.
 */
int hooks_run(const struct hooks_args *a, struct err *e);

#endif
