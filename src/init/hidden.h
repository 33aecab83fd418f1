/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init/hidden.h - nothing comes from another file of berth-init's through a
 * table of addresses, which somebody would have to relocate at the start.
 * -fvisibility=hidden is for definitions only.  Included first in every file of
 * the build without a C library (see the Makefile).
 */
#ifndef INIT_HIDDEN_H
#define INIT_HIDDEN_H

#pragma GCC visibility push(hidden)

#endif
