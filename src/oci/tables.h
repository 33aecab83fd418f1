/* SPDX-License-Identifier: Apache-2.0 */
/*
 * oci/tables.h - the field tables of the sections of config.json, one file for
 * each section.  They are all that decoding, and the document of features,
 * know about the specification; only src/oci includes this.
 *
 * A new property is a member in spec.h, a row in the table of its section, a
 * value in the document of tests/unit/test_decode.c that has them all, and,
 * until something honours it, a row in unsupported.c.
 */
#ifndef OCI_TABLES_H
#define OCI_TABLES_H

#include "util/json.h"

extern const struct json_table oci_spec_table;		/* decode.c */
extern const struct json_table oci_process_table;	/* process.c */
extern const struct json_table oci_mount_table;		/* mounts.c */
extern const struct json_table oci_id_mapping_table;	/* mounts.c */
extern const struct json_table oci_hooks_table;		/* hooks.c */
extern const struct json_table oci_linux_table;		/* linux.c */
extern const struct json_table oci_resources_table;	/* resources.c */
extern const struct json_table oci_block_io_table;	/* block_io.c */
extern const struct json_table oci_device_table;	/* devices.c */
extern const struct json_table oci_device_rule_table;	/* devices.c */
extern const struct json_table oci_seccomp_table;	/* seccomp.c */

extern const struct json_words oci_ns_words;		/* linux.c */

#endif
