/* SPDX-License-Identifier: Apache-2.0 */
/* oci/unsupported.h - the properties that are decoded and then refused. */
#ifndef OCI_UNSUPPORTED_H
#define OCI_UNSUPPORTED_H

#include <stdbool.h>

#include "util/err.h"

struct oci_resources;
struct oci_spec;

/* Both: 0, or -ENOTSUP with the property's path.  The first one does not
 * include the other. */
int oci_refuse_in_spec(const struct oci_spec *spec, struct err *e);
int oci_refuse_in_resources(const struct oci_resources *res, struct err *e);

/* oci_honours - whether no property of this name is refused */
bool oci_honours(const char *name);

#endif
