/* SPDX-License-Identifier: Apache-2.0 */
/* The process of exec and, from the same bytes, the resources of update. */
#include <stddef.h>
#include <stdint.h>

#include "oci/check.h"
#include "oci/decode.h"
#include "util/arena.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct arena a = { 0 };
	struct oci_process *process;
	struct oci_resources *resources;
	struct err e = { 0 };

	if (oci_process_decode((const char *)data, size, &a, &process, &e) == 0)
		oci_process_check(process, &e);
	if (oci_resources_decode((const char *)data, size, &a, &resources,
				 &e) == 0)
		oci_resources_check(resources, &e);
	arena_free(&a);
	return 0;
}
