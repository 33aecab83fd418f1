/* SPDX-License-Identifier: Apache-2.0 */
/* init/arch/aarch64.h - system call and entry, AArch64 (syscall(2),
 * "Architecture calling conventions"). */
#ifndef INIT_ARCH_AARCH64_H
#define INIT_ARCH_AARCH64_H

#include <stdint.h>

static inline long sys_call6(long nr, long a, long b, long c, long d, long e,
			     long f)
{
	register long x8 __asm__("x8") = nr;
	register long x0 __asm__("x0") = a;
	register long x1 __asm__("x1") = b;
	register long x2 __asm__("x2") = c;
	register long x3 __asm__("x3") = d;
	register long x4 __asm__("x4") = e;
	register long x5 __asm__("x5") = f;

	__asm__ volatile("svc 0"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3), "r"(x4), "r"(x5)
			 : "memory");
	return x0;
}

/* clone3(2) with a stack of the child's own, on which @fn runs with @arg; it must
 * not return.  Only the parent comes back: with the pid or -errno. */
static inline long sys_clone3_fn(void *args, unsigned long size,
				 void (*fn)(void *), void *arg)
{
	register long x8 __asm__("x8") = 435; /* clone3 */
	register long x0 __asm__("x0") = (long)args;
	register long x1 __asm__("x1") = (long)size;
	register void (*x2)(void *) __asm__("x2") = fn;
	register void *x3 __asm__("x3") = arg;

	__asm__ volatile("svc 0\n\t"
			 "cbnz x0,1f\n\t"
			 "mov x29,#0\n\t"
			 "mov x0,x3\n\t"
			 "blr x2\n\t"
			 "brk #1\n"
			 "1:"
			 : "+r"(x0)
			 : "r"(x8), "r"(x1), "r"(x2), "r"(x3)
			 : "memory", "cc");
	return x0;
}

/* The canary of -fstack-protector is where this register points to. */
static inline void init_set_guard(uintptr_t *guard)
{
	__asm__ volatile("msr tpidr_el0, %0" : : "r"(guard) : "memory");
}

/* Calls init_start(sp) with the stack as the kernel left it: argc, argv, … */
#define INIT_ENTRY                                                \
	__asm__(".text\n.globl _start\n.type _start,%function\n"  \
		"_start:\n\tmov x29,#0\n\tmov x30,#0\n\tmov x0,sp\n\t" \
		"bl init_start\n\tbrk #1\n")

#endif
