// SPDX-License-Identifier: Apache-2.0
/* empty - the smallest container process: its memory is the runtime's alone. */
#ifdef __aarch64__
__asm__(".globl _start\n_start:\n\tmov x0, #0\n\tmov x8, #94\n\tsvc #0\n");
#else
__asm__(".globl _start\n_start:\n\txor %edi, %edi\n\tmov $231, %eax\n\tsyscall\n");
#endif
