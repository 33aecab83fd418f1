/* SPDX-License-Identifier: Apache-2.0 */
/* oci/intel_rdt.h - whether linux.intelRdt can be meant; a part of oci/check.h,
 * and for `update`. */
#ifndef OCI_INTEL_RDT_H
#define OCI_INTEL_RDT_H

#include "util/err.h"

struct oci_intel_rdt;

/* oci_intel_rdt_check - 0, or -EINVAL with "linux.intelRdt.…: …" */
int oci_intel_rdt_check(const struct oci_intel_rdt *r, struct err *e);

#endif
