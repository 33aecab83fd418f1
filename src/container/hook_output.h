/* SPDX-License-Identifier: Apache-2.0 */
/* container/hook_output.h - the files that get what hooks print, where the
 * annotations run.oci.hooks.stdout and run.oci.hooks.stderr name some. */
#ifndef CONTAINER_HOOK_OUTPUT_H
#define CONTAINER_HOOK_OUTPUT_H

#include "util/err.h"

struct oci_annotations;
struct oci_map;

struct hook_output {
	int fd[2]; /* stdout and stderr, owned; -1: none is named */
};

#define HOOK_OUTPUT_NONE { { -1, -1 } }
#define auto_hook_output \
	__attribute__((cleanup(hook_output_done))) struct hook_output

/**
 * hook_output_open - open for appending, and make what is not there
 *
 * A fifo that nobody reads is an error, since a hook would wait for ever.
 *
 * Return: 0 or -errno with the annotation's name.
 */
int hook_output_open(const struct oci_annotations *a, struct hook_output *ret,
		     struct err *e);

/* hook_output_of - the same from the annotations of a record. */
int hook_output_of(const struct oci_map *annotations, struct hook_output *ret,
		   struct err *e);

void hook_output_done(struct hook_output *o);

#endif
