/* SPDX-License-Identifier: Apache-2.0 */
/*
 * linux.seccomp as JSON, to a program.  One that comes out is run on a few
 * calls: it must end, and with something that the kernel knows.
 */
#include <stdlib.h>

#include "oci/spec.h"
#include "security/seccomp.h"
#include "unit/bpf_run.h"
#include "util/arena.h"
#include "util/err.h"

#define INPUT_MAX 4096 /* libseccomp takes seconds for much more */

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void run(const struct seccomp_program *p)
{
	static const uint32_t archs[] = { 0xc000003e, 0x40000003, 0xc00000b7, 0 };

	for (uint32_t nr = 0; nr < 1000; nr += 7)
		for (int i = 0; i < 4; i++) {
			struct seccomp_data d = { .nr = (int)nr,
						  .arch = archs[i] };

			if (bpf_run(p->filter, p->n, &d) == BPF_RUN_BROKEN)
				abort();
		}
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct oci_raw raw = { (const char *)data, size };
	const struct seccomp_source src = { .profile = &raw, .cache_dirfd = -1 };
	auto_arena a = { .limit = 16 << 20 };
	struct seccomp_program p = { 0 };
	struct err e = { 0 };

	if (size > INPUT_MAX)
		return -1;
	if (seccomp_program_get(&src, &a, &p, &e) == 0)
		run(&p);
	else if (!e.text[0] || !e.code)
		abort(); /* a failure without a reason */
	return 0;
}
