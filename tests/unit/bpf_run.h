/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A classic BPF interpreter for the instructions that seccomp filters have:
 * what the kernel would answer, for any architecture, without installing.
 */
#ifndef TESTS_UNIT_BPF_RUN_H
#define TESTS_UNIT_BPF_RUN_H

#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#define BPF_RUN_BROKEN 0xdeadbeefu /* no seccomp action has this value */

static inline size_t bpf_jump(const struct sock_filter *f, uint32_t a)
{
	switch (f->code) {
	case BPF_JMP | BPF_JA:
		return f->k;
	case BPF_JMP | BPF_JEQ | BPF_K:
		return a == f->k ? f->jt : f->jf;
	case BPF_JMP | BPF_JGT | BPF_K:
		return a > f->k ? f->jt : f->jf;
	case BPF_JMP | BPF_JGE | BPF_K:
		return a >= f->k ? f->jt : f->jf;
	case BPF_JMP | BPF_JSET | BPF_K:
		return a & f->k ? f->jt : f->jf;
	default:
		return SIZE_MAX / 2; /* out of the program */
	}
}

static inline uint32_t bpf_run(const struct sock_filter *f, size_t n,
			       const struct seccomp_data *d)
{
	uint32_t a = 0;

	for (size_t pc = 0; pc < n; pc++) {
		switch (f[pc].code) {
		case BPF_LD | BPF_W | BPF_ABS:
			if (f[pc].k % 4 || f[pc].k > sizeof(*d) - 4)
				return BPF_RUN_BROKEN;
			memcpy(&a, (const char *)d + f[pc].k, 4);
			break;
		case BPF_ALU | BPF_AND | BPF_K:
			a &= f[pc].k;
			break;
		case BPF_RET | BPF_K:
			return f[pc].k;
		default:
			pc += bpf_jump(&f[pc], a);
		}
	}
	return BPF_RUN_BROKEN;
}

#endif
