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

/* clone3(2) with a stack of the child's own, on which @fn runs with @arg; it must
 * not return.  Only the parent comes back: with the pid or -errno. */
static inline long sys_clone3_fn(void *args, unsigned long size,
				 void (*fn)(void *), void *arg)
{
	register void *r8 __asm__("r8") = arg;
	register void (*r9)(void *) __asm__("r9") = fn;
	long r = 435; /* clone3 */

	__asm__ volatile("syscall\n\t"
			 "test %%rax,%%rax\n\t"
			 "jnz 1f\n\t"
			 "xor %%ebp,%%ebp\n\t"
			 "mov %%r8,%%rdi\n\t"
			 "call *%%r9\n\t"
			 "hlt\n"
			 "1:"
			 : "+a"(r)
			 : "D"(args), "S"(size), "r"(r8), "r"(r9)
			 : "rcx", "r11", "memory", "cc");
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
