/* SPDX-License-Identifier: Apache-2.0 */
#include "security/seccomp_names.h"

#include <errno.h>
#include <linux/audit.h>
#include <linux/elf-em.h>
#include <seccomp.h>
#include <stddef.h>
#include <string.h>

#include "security/seccomp.h"
#include "util/auto.h"

#define ERRNO_MAX 4094	/* libseccomp's; the kernel has no errno above 4095 */
#define TRACE_MAX 65535 /* SECCOMP_RET_DATA */

const char *const seccomp_action_names[] = {
	"SCMP_ACT_KILL", "SCMP_ACT_KILL_PROCESS", "SCMP_ACT_KILL_THREAD",
	"SCMP_ACT_TRAP", "SCMP_ACT_ERRNO", "SCMP_ACT_TRACE", "SCMP_ACT_ALLOW",
	"SCMP_ACT_LOG", "SCMP_ACT_NOTIFY", NULL,
};

static const struct {
	uint32_t code, data_max;
} actions[] = {
	{ SCMP_ACT_KILL_THREAD, 0 }, { SCMP_ACT_KILL_PROCESS, 0 },
	{ SCMP_ACT_KILL_THREAD, 0 }, { SCMP_ACT_TRAP, 0 },
	{ SCMP_ACT_ERRNO(0), ERRNO_MAX }, { SCMP_ACT_TRACE(0), TRACE_MAX },
	{ SCMP_ACT_ALLOW, 0 }, { SCMP_ACT_LOG, 0 }, { SCMP_ACT_NOTIFY, 0 },
};

const char *const seccomp_operator_names[] = {
	"SCMP_CMP_NE", "SCMP_CMP_LT", "SCMP_CMP_LE", "SCMP_CMP_EQ",
	"SCMP_CMP_GE", "SCMP_CMP_GT", "SCMP_CMP_MASKED_EQ", NULL,
};

static const int operators[] = {
	SCMP_CMP_NE, SCMP_CMP_LT, SCMP_CMP_LE, SCMP_CMP_EQ,
	SCMP_CMP_GE, SCMP_CMP_GT, SCMP_CMP_MASKED_EQ,
};

const char *const seccomp_flag_names[] = {
	"SECCOMP_FILTER_FLAG_TSYNC", "SECCOMP_FILTER_FLAG_LOG",
	"SECCOMP_FILTER_FLAG_SPEC_ALLOW",
	"SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV", NULL,
};

static const uint32_t flags[] = {
	SECCOMP_FILTER_FLAG_TSYNC, SECCOMP_FILTER_FLAG_LOG,
	SECCOMP_FILTER_FLAG_SPEC_ALLOW, SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV,
};

const char *const seccomp_arch_names[] = {
	"SCMP_ARCH_X86", "SCMP_ARCH_X86_64", "SCMP_ARCH_X32", "SCMP_ARCH_ARM",
	"SCMP_ARCH_AARCH64", "SCMP_ARCH_MIPS", "SCMP_ARCH_MIPS64",
	"SCMP_ARCH_MIPS64N32", "SCMP_ARCH_MIPSEL", "SCMP_ARCH_MIPSEL64",
	"SCMP_ARCH_MIPSEL64N32", "SCMP_ARCH_PPC", "SCMP_ARCH_PPC64",
	"SCMP_ARCH_PPC64LE", "SCMP_ARCH_S390", "SCMP_ARCH_S390X",
	"SCMP_ARCH_PARISC", "SCMP_ARCH_PARISC64", "SCMP_ARCH_RISCV64",
#ifdef SCMP_ARCH_LOONGARCH64
	"SCMP_ARCH_LOONGARCH64",
#endif
#ifdef SCMP_ARCH_M68K
	"SCMP_ARCH_M68K",
#endif
#ifdef SCMP_ARCH_SH
	"SCMP_ARCH_SH", "SCMP_ARCH_SHEB",
#endif
	NULL,
};

#define PLAIN(name) { SCMP_ARCH_##name, SCMP_ARCH_##name, UINT32_MAX, false }

static const struct seccomp_arch archs[] = {
	PLAIN(X86),
	/* x32 is x86_64 with bit 30 set in the number. */
	{ SCMP_ARCH_X86_64, AUDIT_ARCH_X86_64, 0x3fffffff, false },
	{ SCMP_ARCH_X32, AUDIT_ARCH_X86_64, UINT32_MAX, false },
	/* 0x0f0000 and up are the private calls: cacheflush, set_tls, … */
	{ SCMP_ARCH_ARM, SCMP_ARCH_ARM, 0x0effff, false },
	PLAIN(AARCH64), PLAIN(MIPS), PLAIN(MIPS64), PLAIN(MIPS64N32),
	PLAIN(MIPSEL), PLAIN(MIPSEL64), PLAIN(MIPSEL64N32),
	PLAIN(PPC), PLAIN(PPC64), PLAIN(PPC64LE),
	/* A number above 255 travels in a register; the kernel leaves 0 in the
	 * number's place when it does not know the call. */
	{ SCMP_ARCH_S390, SCMP_ARCH_S390, UINT32_MAX, true },
	{ SCMP_ARCH_S390X, SCMP_ARCH_S390X, UINT32_MAX, true },
	PLAIN(PARISC), PLAIN(PARISC64), PLAIN(RISCV64),
#ifdef SCMP_ARCH_LOONGARCH64
	PLAIN(LOONGARCH64),
#endif
#ifdef SCMP_ARCH_M68K
	PLAIN(M68K),
#endif
#ifdef SCMP_ARCH_SH
	PLAIN(SH), PLAIN(SHEB),
#endif
};

_Static_assert(ARRAY_LEN(actions) + 1 == ARRAY_LEN(seccomp_action_names), "");
_Static_assert(ARRAY_LEN(operators) + 1 == ARRAY_LEN(seccomp_operator_names),
	       "");
_Static_assert(ARRAY_LEN(flags) + 1 == ARRAY_LEN(seccomp_flag_names), "");
_Static_assert(ARRAY_LEN(archs) + 1 == ARRAY_LEN(seccomp_arch_names), "");

static int find(const char *const *names, const char *name)
{
	for (int i = 0; names[i]; i++)
		if (strcmp(names[i], name) == 0)
			return i;
	return -EINVAL;
}

int seccomp_action_find(const char *name, uint32_t *ret, uint32_t *ret_data_max)
{
	int i = find(seccomp_action_names, name);

	if (i < 0)
		return i;
	*ret = actions[i].code;
	*ret_data_max = actions[i].data_max;
	return i;
}

int seccomp_operator_find(const char *name, int *ret)
{
	int i = find(seccomp_operator_names, name);

	if (i >= 0)
		*ret = operators[i];
	return i;
}

int seccomp_flag_find(const char *name, uint32_t *ret)
{
	int i = find(seccomp_flag_names, name);

	if (i >= 0)
		*ret = flags[i];
	return i;
}

const struct seccomp_arch *seccomp_arch_find(const char *name)
{
	int i = find(seccomp_arch_names, name);

	return i < 0 ? NULL : &archs[i];
}

const struct seccomp_arch *seccomp_arch_by_token(uint32_t token)
{
	for (size_t i = 0; i < ARRAY_LEN(archs); i++)
		if (archs[i].token == token)
			return &archs[i];
	return NULL;
}
