// SPDX-License-Identifier: Apache-2.0
/* idle - does nothing until it is killed: the smallest process that stays. */
#ifdef __aarch64__
__asm__(".globl _start\n_start:\n\tmov x0, #0\n\tmov x1, #0\n\tmov x2, #0\n\tmov x3, #0\n"
	"\tmov x8, #73\n\tsvc #0\n\tb _start\n");
#else
__asm__(".globl _start\n_start:\n\tmov $34, %eax\n\tsyscall\n\tjmp _start\n");
#endif
