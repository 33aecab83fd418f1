/* SPDX-License-Identifier: Apache-2.0 */
/* oci/features.h - the document that tells engines what berth can do. */
#ifndef OCI_FEATURES_H
#define OCI_FEATURES_H

#include <stdbool.h>

struct jsonw;
struct oci_map;

/* Names that other parts know.  Lists end with NULL; a NULL list is left out,
 * which the specification reads as "unknown". */
struct oci_features {
	const char *const *mount_options, *const *capabilities;
	const char *const *seccomp_actions, *const *seccomp_operators,
		*const *seccomp_archs, *const *seccomp_known_flags,
		*const *seccomp_supported_flags;
	const char *const *memory_policy_modes, *const *memory_policy_flags;
	const char *const *unsafe_annotations; /* of config.json */
	bool cgroup_systemd, cgroup_systemd_user;
	const struct oci_map *annotations; /* NULL: none */
};

/**
 * oci_features_write - the document as one value
 *
 * What the tables of the decoder and the list of refused properties know is
 * taken from them: a property that stops being refused shows up by itself.
 *
 * Source: features.md, features-linux.md.
 */
void oci_features_write(struct jsonw *w, const struct oci_features *f);

#endif
