/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>

#include "cli/cli.h"
#include "oci/spec.h"

/* The lines that engines look for: name and version, commit, spec. */
void version_print(void)
{
	puts("berth version " BERTH_VERSION);
#ifdef BERTH_COMMIT
	puts("commit: " BERTH_COMMIT);
#endif
	puts("spec: " OCI_VERSION);
	puts("+CGROUPV2 +SECCOMP +EBPF");
}
