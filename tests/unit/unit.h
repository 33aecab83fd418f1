/* SPDX-License-Identifier: Apache-2.0 */
/* unit/unit.h - cmocka with the headers that it wants before it. */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#endif
