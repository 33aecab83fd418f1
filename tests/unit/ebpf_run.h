/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit/ebpf_run.h - an interpreter for the eBPF instructions that a device
 * program has, and the part of the kernel's verifier that such a program could
 * fail: every instruction can be reached, no jump leaves the program, none goes
 * back, and the end is not fallen off.
 */
#ifndef UNIT_EBPF_RUN_H
#define UNIT_EBPF_RUN_H

#include <linux/bpf.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define EBPF_BROKEN (-1)

static inline bool ebpf_is_jump(const struct bpf_insn *i)
{
	return (BPF_CLASS(i->code) == BPF_JMP || BPF_CLASS(i->code) == BPF_JMP32) &&
	       BPF_OP(i->code) != BPF_EXIT;
}

static inline bool ebpf_is_valid(const struct bpf_insn *p, size_t n)
{
	bool *reached = calloc(n + 1, sizeof(*reached)), ok = n > 0;

	reached[0] = true;
	for (size_t i = 0; i < n && ok; i++) {
		bool jump = ebpf_is_jump(&p[i]);

		ok = reached[i];
		if (jump) {
			ok = ok && p[i].off >= 0 && i + 1 + (size_t)p[i].off < n;
			if (ok)
				reached[i + 1 + (size_t)p[i].off] = true;
		}
		if (p[i].code != (BPF_JMP | BPF_EXIT) &&
		    p[i].code != (BPF_JMP | BPF_JA))
			reached[i + 1] = true;
	}
	ok = ok && !reached[n];
	free(reached);
	return ok;
}

/* The answer, 0 or 1, or EBPF_BROKEN. */
static inline int ebpf_run(const struct bpf_insn *p, size_t n,
			   const struct bpf_cgroup_dev_ctx *ctx)
{
	uint64_t r[11] = { 0 };
	bool set[11] = { [1] = true };

	for (size_t pc = 0; pc < n; pc++) {
		const struct bpf_insn *i = &p[pc];
		uint32_t imm = (uint32_t)i->imm, word;

		switch (i->code) {
		case BPF_LDX | BPF_MEM | BPF_W:
			if (i->src_reg != 1 || i->off < 0 || i->off > 8 || i->off % 4)
				return EBPF_BROKEN;
			memcpy(&word, (const char *)ctx + i->off, 4);
			r[i->dst_reg] = word;
			set[i->dst_reg] = true;
			continue;
		case BPF_ALU | BPF_MOV | BPF_K:
			r[i->dst_reg] = imm;
			set[i->dst_reg] = true;
			continue;
		case BPF_ALU | BPF_MOV | BPF_X:
			if (!set[i->src_reg])
				return EBPF_BROKEN;
			r[i->dst_reg] = (uint32_t)r[i->src_reg];
			set[i->dst_reg] = true;
			continue;
		case BPF_ALU | BPF_AND | BPF_K:
			r[i->dst_reg] = (uint32_t)r[i->dst_reg] & imm;
			continue;
		case BPF_ALU | BPF_RSH | BPF_K:
			r[i->dst_reg] = (uint32_t)r[i->dst_reg] >> imm;
			continue;
		case BPF_JMP | BPF_JA:
			pc += (size_t)i->off;
			continue;
		case BPF_JMP32 | BPF_JEQ | BPF_K:
			if ((uint32_t)r[i->dst_reg] == imm)
				pc += (size_t)i->off;
			break;
		case BPF_JMP32 | BPF_JNE | BPF_K:
			if ((uint32_t)r[i->dst_reg] != imm)
				pc += (size_t)i->off;
			break;
		case BPF_JMP32 | BPF_JSET | BPF_K:
			if ((uint32_t)r[i->dst_reg] & imm)
				pc += (size_t)i->off;
			break;
		case BPF_JMP | BPF_EXIT:
			return set[0] && r[0] <= 1 ? (int)r[0] : EBPF_BROKEN;
		default:
			return EBPF_BROKEN;
		}
		if (!set[i->dst_reg])
			return EBPF_BROKEN;
	}
	return EBPF_BROKEN;
}

#endif
