/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci/annotations.h - the annotations of config.json that berth acts on, from
 * the one table that knows their names.  crun introduced them, and podman's
 * users pass them with --annotation.
 */
#ifndef OCI_ANNOTATIONS_H
#define OCI_ANNOTATIONS_H

#include <stdbool.h>

#include "oci/spec.h"
#include "util/err.h"

/* What they ask for; strings are borrowed from the map, NULL: not given. */
struct oci_annotations {
	bool keep_original_groups;
	bool seccomp_fail_unknown_syscall;
	const char *seccomp_bpf_data;	/* base64 of a filter */
	const char *seccomp_receiver;	/* where listenerPath says nothing */
	const char *pidfd_receiver;
	const char *hooks_stdout, *hooks_stderr;
	const char *mount_context_type; /* "context" and the like */
	const char *systemd_subgroup;	/* may be "": none */
	const char *delegate_cgroup;
};

/**
 * oci_annotations_parse - what an annotation map asks berth for
 * @ret:	filled on success; all zero when there is nothing
 *
 * Names that the table does not have are left alone: they belong to others.
 *
 * Return: 0; -EINVAL for a value that has no meaning; -ENOTSUP for one that
 *	   berth knows and refuses; both with the name:
 *	   annotations["run.oci.hooks.stdout"]: "x": not an absolute path
 */
int oci_annotations_parse(const struct oci_map *m, struct oci_annotations *ret,
			  struct err *e);

/* oci_annotation_ignored - whether @name is of the run.oci.* family and yet
 * unknown: newer than this berth, or misspelt. */
bool oci_annotation_ignored(const char *name);

/* The names that an engine must not let an image or an unprivileged user set,
 * for `features`; NULL behind the last one.  One that ends with "." stands for
 * all that begin with it. */
extern const char *const oci_annotations_unsafe[];

#endif
