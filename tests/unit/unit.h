/* SPDX-License-Identifier: Apache-2.0 */
/* unit/unit.h - cmocka with the headers that it wants before it. */
#ifndef UNIT_UNIT_H
#define UNIT_UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

/* Skips the test and says why: tests/run counts it with this reason. */
#define skip_because(...)                       \
	do {                                    \
		print_message("# skipped: ");   \
		print_message(__VA_ARGS__);     \
		print_message("\n");            \
		skip();                         \
	} while (0)

#endif
