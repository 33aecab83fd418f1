/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init/arch/syscall.h - the bare system call of the architecture.  A new one
 * needs a file here: system call, clone3 onto a stack, guard and entry.
 */
#ifndef INIT_ARCH_SYSCALL_H
#define INIT_ARCH_SYSCALL_H

#if defined(__x86_64__)
#include "init/arch/x86_64.h"
#elif defined(__aarch64__)
#include "init/arch/aarch64.h"
#else
#error "berth does not know the system calls of this architecture: see init/arch/"
#endif

#endif
