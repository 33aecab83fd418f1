/* SPDX-License-Identifier: Apache-2.0 */
/* The process of exec and, from the same bytes, the resources of update; what
 * both are made into for the kernel as far as nothing is looked up on the host. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "oci/check.h"
#include "oci/decode.h"
#include "oci/spec.h"
#include "process/affinity.h"
#include "process/memory_policy.h"
#include "process/personality.h"
#include "process/settings.h"
#include "util/arena.h"
#include "wire/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A failure has a text that begins with the place. */
static void expect(int r, const struct err *e, const char *place)
{
	if (r < 0 && strncmp(e->text, place, strlen(place)) != 0)
		__builtin_trap();
}

static void settings_of(const struct oci_process *p)
{
	struct process_settings s = { 0 };
	struct affinity a = { 0 };
	struct err e = { 0 };

	expect(process_settings_decode(p, &s, &e), &e, "process.");
	if (s.scheduler.nice < -20 || s.scheduler.nice > 19 ||
	    s.scheduler.priority > 99 || s.io_priority < 0 ||
	    s.io_priority > (3 << 13 | 7))
		__builtin_trap();
	if (!p->exec_cpu_affinity)
		return;
	expect(affinity_decode(p->exec_cpu_affinity, &a, &e), &e,
	       "process.execCPUAffinity.");
}

/* linux.personality and linux.memoryPolicy from a whole configuration. */
static void plans_of(const struct oci_linux *l)
{
	struct plan_builder *b = malloc(sizeof(*b));
	unsigned char *bytes = NULL;
	struct err e = { 0 };
	struct plan p;
	size_t len;

	if (!b)
		return;
	plan_builder_init(b);
	expect(personality_plan(b, l->personality, &e), &e,
	       "linux.personality.");
	expect(memory_policy_plan(b, l->memory_policy, &e), &e,
	       "linux.memoryPolicy.");
	if (plan_finish(b, 0, &bytes, &len) == 0 && plan_open(bytes, len, &p) < 0)
		__builtin_trap();
	free(bytes);
	plan_builder_done(b);
	free(b);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const char *text = (const char *)data;
	struct arena a = { 0 };
	struct oci_process *process;
	struct oci_resources *resources;
	struct oci_spec *spec;
	struct err e = { 0 };

	if (oci_process_decode(text, size, &a, &process, &e) == 0) {
		oci_process_check(process, &e);
		settings_of(process);
	}
	if (oci_resources_decode(text, size, &a, &resources, &e) == 0)
		oci_resources_check(resources, &e);
	if (oci_spec_decode(text, size, &a, &spec, &e) == 0) {
		plans_of(spec->linux_);
		if (spec->process)
			settings_of(spec->process);
	}
	arena_free(&a);
	return 0;
}
