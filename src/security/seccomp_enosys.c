/* SPDX-License-Identifier: Apache-2.0 */
#include "security/seccomp_enosys.h"

#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>

#define LOAD(member) \
	BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, member))
#define JUMP(op, k, jt, jf) BPF_JUMP(BPF_JMP | (op) | BPF_K, (k), (jt), (jf))

/* Where a jump goes while the length of the program is not known. */
#define TO_ENOSYS 255
#define TO_FILTER UINT32_MAX

_Static_assert(ENOSYS_ROOM(ENOSYS_MAX_RANGES) < TO_ENOSYS,
	       "no real jump is as long as the mark");

static size_t emit_range(const struct enosys_range *r, struct sock_filter *f)
{
	size_t n = 0;

	if (r->first == r->last) {
		f[n++] = (struct sock_filter)JUMP(BPF_JEQ, r->first, TO_ENOSYS,
						  0);
		return n;
	}
	if (r->last < UINT32_MAX)
		f[n++] = (struct sock_filter)JUMP(BPF_JGT, r->last, 1, 0);
	f[n++] = (struct sock_filter)JUMP(BPF_JGE, r->first, TO_ENOSYS, 0);
	return n;
}

/* The @n ranges of one architecture; entered and left with A == arch. */
static size_t emit_arch(const struct enosys_range *r, size_t n,
			struct sock_filter *f)
{
	size_t at = 1;

	f[at++] = (struct sock_filter)LOAD(nr);
	for (size_t i = 0; i < n; i++)
		at += emit_range(&r[i], f + at);
	f[at++] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, TO_FILTER);
	f[0] = (struct sock_filter)JUMP(BPF_JEQ, r->audit, 0, (uint8_t)(at - 1));
	return at;
}

/* The last of the @n instructions returns ENOSYS, the filter is behind it. */
static void resolve_jumps(struct sock_filter *f, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (f[i].code == (BPF_JMP | BPF_JA) && f[i].k == TO_FILTER)
			f[i].k = (uint32_t)(n - i - 1);
		else if (BPF_CLASS(f[i].code) == BPF_JMP && f[i].jt == TO_ENOSYS)
			f[i].jt = (uint8_t)(n - i - 2);
	}
}

size_t enosys_build(const struct enosys_range *ranges, size_t n,
		    struct sock_filter *ret)
{
	size_t at = 0, end;

	if (n == 0)
		return 0;
	ret[at++] = (struct sock_filter)LOAD(arch);
	for (size_t i = 0; i < n; i = end) {
		for (end = i + 1; end < n; end++)
			if (ranges[end].audit != ranges[i].audit)
				break;
		at += emit_arch(ranges + i, end - i, ret + at);
	}
	ret[at++] = (struct sock_filter)BPF_STMT(BPF_JMP | BPF_JA, TO_FILTER);
	ret[at++] = (struct sock_filter)BPF_STMT(BPF_RET | BPF_K,
						 SECCOMP_RET_ERRNO | ENOSYS);
	resolve_jumps(ret, at);
	return at;
}
