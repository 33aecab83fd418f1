/* SPDX-License-Identifier: Apache-2.0 */
/* security/seccomp_names.h - the specification's names to numbers; for
 * seccomp_compile.c only.  Each finder returns an index or -EINVAL. */
#ifndef SECURITY_SECCOMP_NAMES_H
#define SECURITY_SECCOMP_NAMES_H

#include <linux/seccomp.h>
#include <stdbool.h>
#include <stdint.h>

/* Since 5.19: newer than the headers that berth may be built with. */
#ifndef SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV
#define SECCOMP_FILTER_FLAG_WAIT_KILLABLE_RECV (1UL << 5)
#endif

struct seccomp_arch {
	uint32_t token; /* libseccomp's SCMP_ARCH_* */
	uint32_t audit; /* AUDIT_ARCH_* as the kernel reports it */
	uint32_t last;	/* highest number that an ordinary call can have */
	bool zero;	/* number 0 stands for each call unknown to the kernel */
};

/* The action without its data; @ret_data_max 0: it carries no errno. */
int seccomp_action_find(const char *name, uint32_t *ret, uint32_t *ret_data_max);
int seccomp_operator_find(const char *name, int *ret);
int seccomp_flag_find(const char *name, uint32_t *ret);
const struct seccomp_arch *seccomp_arch_find(const char *name);
const struct seccomp_arch *seccomp_arch_by_token(uint32_t token);

#endif
