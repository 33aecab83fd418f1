/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci/decode.h - the documents of the OCI runtime specification into the
 * structs of oci/spec.h.  Decoding checks types, ranges and required members;
 * what must hold between members is oci/check.h's.
 *
 * All functions: @text (or @raw) is borrowed, and what they return points
 * into @a, but for the seccomp section of a spec, which points into @text.
 * They return 0, -EINVAL (@e begins with the path of the value:
 * "process.cwd: missing"), -EFBIG or -ENOMEM.
 */
#ifndef OCI_DECODE_H
#define OCI_DECODE_H

#include <stddef.h>

#include "oci/spec.h"
#include "util/err.h"

struct arena;

/* oci_spec_decode - config.json (config.md) */
int oci_spec_decode(const char *text, size_t len, struct arena *a,
		    struct oci_spec **ret, struct err *e);

/* oci_process_decode - the process object alone, as `exec --process` reads it */
int oci_process_decode(const char *text, size_t len, struct arena *a,
		       struct oci_process **ret, struct err *e);

/* oci_resources_decode - linux.resources alone, for `update --resources` */
int oci_resources_decode(const char *text, size_t len, struct arena *a,
			 struct oci_resources **ret, struct err *e);

/* oci_mounts_decode - a list of mounts, or an object that has one as "mounts",
 * for `mounts add` and `mounts remove` */
int oci_mounts_decode(const char *text, size_t len, struct arena *a,
		      struct oci_mount_list *ret, struct err *e);

/* oci_seccomp_decode - linux.seccomp from the text that a spec points to */
int oci_seccomp_decode(const struct oci_raw *raw, struct arena *a,
		       struct oci_seccomp **ret, struct err *e);

/* oci_ns_name - "pid", "network" … as linux.namespaces names them */
const char *oci_ns_name(enum oci_ns ns);

#endif
