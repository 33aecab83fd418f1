/* SPDX-License-Identifier: Apache-2.0 */
/* container/rdt.h - linux.intelRdt in the life of a container. */
#ifndef CONTAINER_RDT_H
#define CONTAINER_RDT_H

#include <sys/types.h>

#include "util/err.h"

struct context;
struct job;
struct record;

/* rdt_choose - note in the job's record where the container will be. */
int rdt_choose(struct job *j);

/* rdt_make - make it, once the record is written. */
int rdt_make(struct job *j);

/* rdt_undo - after a failure and the end of the job's process: the group that
 * was made goes with the rest. */
void rdt_undo(struct job *j);

/* rdt_attach - put a process there; nothing to do for a container without. */
int rdt_attach(const struct record *r, pid_t pid, struct err *e);

/* rdt_remove - what goes with the container; a failure is a warning, since a
 * container must be deletable. */
void rdt_remove(const struct context *ctx, const struct record *r);

#endif
