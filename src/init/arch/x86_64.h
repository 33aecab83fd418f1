/* SPDX-License-Identifier: Apache-2.0 */
/* init/arch/x86_64.h - system call and entry, x86-64 (syscall(2), "Architecture
 * calling conventions"; System V ABI, "Initial Stack and Register State"). */
#ifndef INIT_ARCH_X86_64_H
#define INIT_ARCH_X86_64_H

#include <stdint.h>

static inline long sys_call6(long nr, long a, long b, long c, long d, long e,
			     long f)
{
	register long r10 __asm__("r10") = d;
	register long r8 __asm__("r8") = e;
	register long r9 __asm__("r9") = f;
	long r;

	__asm__ volatile("syscall"
			 : "=a"(r)
			 : "a"(nr), "D"(a), "S"(b), "d"(c), "r"(r10), "r"(r8),
			   "r"(r9)
			 : "rcx", "r11", "memory");
	return r;
}

/* The canary of -fstack-protector is found by its name here. */
static inline void init_set_guard(uintptr_t *guard)
{
	(void)guard;
}

/* Calls init_start(sp) with the stack as the kernel left it: argc, argv, … */
#define INIT_ENTRY                                                 \
	__asm__(".text\n.globl _start\n.type _start,@function\n"   \
		"_start:\n\txor %ebp,%ebp\n\tmov %rsp,%rdi\n\t"    \
		"and $-16,%rsp\n\tcall init_start\n\thlt\n")

#endif
