/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/cli.h"
#include "oci/spec.h"

#ifndef BERTH_COMMIT
#define BERTH_COMMIT ""
#endif

const char version_commit[] = BERTH_COMMIT;

/* The lines that engines look for: name and version, commit, spec. */
void version_print(void)
{
	puts("berth version " BERTH_VERSION);
	if (version_commit[0])
		puts("commit: " BERTH_COMMIT);
	puts("spec: " OCI_VERSION);
	puts("+CGROUPV2 +SECCOMP +EBPF");
}
