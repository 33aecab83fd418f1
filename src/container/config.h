/* SPDX-License-Identifier: Apache-2.0 */
/* container/config.h - a bundle, or the copy of its configuration, as data. */
#ifndef CONTAINER_CONFIG_H
#define CONTAINER_CONFIG_H

#include <stddef.h>

#include "oci/annotations.h"
#include "util/err.h"

struct arena;
struct context;
struct log;
struct oci_spec;

#define CONFIG_MAX (4u << 20) /* bytes of a config.json */

struct config {
	struct oci_spec *spec; /* in the arena; its seccomp points into text */
	char *text;	       /* in the arena */
	size_t len;
	struct oci_annotations annotations; /* those that berth acts on */
	int bundle_fd;	       /* -1 for a copy */
	char *bundle, *rootfs; /* absolute, in the arena; NULL for a copy */
};

#define CONFIG_NONE { .bundle_fd = -1 }
#define auto_config __attribute__((cleanup(config_done))) struct config

/**
 * config_load - read and decode a bundle
 * @bundle:	directory
 * @file:	NULL: config.json in it
 *
 * Return: 0, or -errno with a text.
 */
int config_load(const char *bundle, const char *file, struct arena *a,
		struct config *ret, struct err *e);

/* config_check - what config_load has read, completed by the caller; finds the
 * root.  Return: 0, or -errno with a text. */
int config_check(struct config *c, struct arena *a, struct err *e);

/* config_load_copy - the copy in a container's state directory. */
int config_load_copy(int dirfd, struct arena *a, struct config *ret,
		     struct err *e);

/* config_name_ignored - a debug line for each annotation that looks like one of
 * ours and is none: it may be for a newer berth, or misspelt. */
void config_name_ignored(const struct config *c, const struct log *log);

void config_done(struct config *c);

#endif
