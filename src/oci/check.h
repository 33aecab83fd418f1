/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci/check.h - what must hold between the members of a decoded document, and
 * which properties are known but cannot be honoured.
 *
 * All functions return 0 or -EINVAL, -ENOTSUP for a property that is refused
 * because berth does not do it; @e begins with the property's path.  Nothing
 * is looked up on the host: names of capabilities, rlimits, mount options and
 * the like belong to those who know their tables.
 */
#ifndef OCI_CHECK_H
#define OCI_CHECK_H

#include "util/err.h"

struct oci_process;
struct oci_resources;
struct oci_spec;

/* oci_spec_check - a whole configuration; a NULL process is accepted, since
 * the specification asks for one only when the container is started. */
int oci_spec_check(const struct oci_spec *spec, struct err *e);

/* oci_process_check - a process alone, as for exec */
int oci_process_check(const struct oci_process *p, struct err *e);

/* oci_resources_check - resources alone, as for update */
int oci_resources_check(const struct oci_resources *res, struct err *e);

#endif
