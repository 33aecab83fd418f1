/* SPDX-License-Identifier: Apache-2.0 */
/* Any bytes as a start plan: what the reader lets through can be read whole. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "wire/plan.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static size_t use_bytes(const char *s, size_t n)
{
	size_t sum = 0;

	while (n--)
		sum += (unsigned char)s[n];
	return sum;
}

static size_t use_arg(const struct plan *p, enum plan_arg kind, uint32_t off)
{
	const char *s;
	size_t sum = 0;
	uint32_t n;

	switch (kind) {
	case PLAN_A_NONE:
		if (off)
			__builtin_trap();
		break;
	case PLAN_A_STR:
	case PLAN_A_OPT_STR:
		s = plan_get_str(p, off);
		if (!s && kind == PLAN_A_STR)
			__builtin_trap();
		return s ? strlen(s) : 0;
	case PLAN_A_VEC:
	case PLAN_A_OPT_VEC:
		s = plan_get_vec(p, off, &n);
		for (; n; n--, s += strlen(s) + 1)
			sum += strlen(s);
		return sum;
	case PLAN_A_BLOB:
	case PLAN_A_OPT_BLOB:
		s = plan_get_blob(p, off, &n);
		if ((uintptr_t)s % 8)
			__builtin_trap();
		return use_bytes(s, n);
	}
	return 0;
}

static void check_slot(const struct plan *p, int32_t slot)
{
	if (slot != PLAN_NO_FD &&
	    (slot < 0 || (uint32_t)slot >= p->header->n_fds ||
	     slot >= PLAN_MAX_FDS))
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	/* aligned, and of that very size, so that one byte too far is seen */
	void *bytes = malloc(size ? size : 1);
	size_t sum = 0;
	struct plan p;

	memcpy(bytes, data, size);
	if (plan_open(bytes, size, &p) == 0)
		for (uint32_t i = 0; i < p.header->n_ops; i++) {
			const struct plan_op *op = &p.ops[i];
			const struct plan_code_info *c = &plan_codes[op->code];

			for (int k = 0; k < 4; k++)
				sum += use_arg(&p, (enum plan_arg)c->str[k],
					       op->str[k]);
			sum += use_arg(&p, PLAN_A_OPT_STR, op->what);
			check_slot(&p, op->fd[0]);
			check_slot(&p, op->fd[1]);
		}
	/* no sum of so few bytes, but the compiler has to do the work */
	if (sum == SIZE_MAX)
		abort();
	free(bytes);
	return 0;
}
