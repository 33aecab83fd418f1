/* SPDX-License-Identifier: Apache-2.0 */
/* cli/spec_json.h - the configuration that a new bundle starts with. */
#ifndef CLI_SPEC_JSON_H
#define CLI_SPEC_JSON_H

#include <stdint.h>

struct buf;

/* For a container that a user without privileges runs. */
struct spec_rootless {
	uint32_t uid, gid; /* on the host; become 0 in the container */
};

/**
 * spec_json - config.json of a shell in ./rootfs, indented, with a newline
 * @rootless:	NULL: for root
 * @out:	appended to; check @out->failed
 */
void spec_json(const struct spec_rootless *rootless, struct buf *out);

#endif
