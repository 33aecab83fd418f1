/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init/arch/syscall.h - the bare system call of the architecture that
 * berth-init is built for.  An architecture without a file of its own builds
 * berth-init with the C library (see the Makefile).
 */
#ifndef INIT_ARCH_SYSCALL_H
#define INIT_ARCH_SYSCALL_H

#if defined(__x86_64__)
#include "init/arch/x86_64.h"
#elif defined(__aarch64__)
#include "init/arch/aarch64.h"
#else
#error "no freestanding entry for this architecture: build with INIT_LIBC=1"
#endif

#endif
