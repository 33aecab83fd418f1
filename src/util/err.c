/* SPDX-License-Identifier: Apache-2.0 */
#include "util/err.h"

#include <errno.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "util/weak.h"

/* A control character, those of the C1 set included, which terminals obey in
 * UTF-8 as well. */
static bool is_control(const unsigned char *p)
{
	if (weak(DEFENCE_PLAIN_TEXT))
		return false;
	return *p < 0x20 || *p == 0x7f ||
	       (p[0] == 0xc2 && p[1] >= 0x80 && p[1] < 0xa0);
}

/* A report is one line and harmless on a terminal, whatever the names in it
 * hold: they come from configurations and images. */
static void put(struct err *e, const char *fmt, va_list ap) PRINTF_LIKE(2, 0);

static void put(struct err *e, const char *fmt, va_list ap)
{
	unsigned char *p = (unsigned char *)e->text;

	vsnprintf(e->text, sizeof(e->text), fmt, ap);
	for (; *p; p++) {
		if (!is_control(p))
			continue;
		if (*p == 0xc2)
			p[1] = '?';
		*p = '?';
	}
}

int err_set(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;

	if (!e)
		return -code;
	e->code = code;
	va_start(ap, fmt);
	put(e, fmt, ap);
	va_end(ap);
	return -code;
}

int err_sys(struct err *e, int code, const char *fmt, ...)
{
	va_list ap;
	size_t len;

	code = abs(code);
	if (!e)
		return -code;
	e->code = code;
	va_start(ap, fmt);
	put(e, fmt, ap);
	va_end(ap);

	len = strlen(e->text);
	snprintf(e->text + len, sizeof(e->text) - len, ": %s", strerror(code));
	return -code;
}

int err_wrap(struct err *e, const char *fmt, ...)
{
	char inner[ERR_TEXT_MAX];
	va_list ap;
	size_t len;

	if (!e)
		return -EIO;
	memcpy(inner, e->text, sizeof(inner));
	va_start(ap, fmt);
	put(e, fmt, ap);
	va_end(ap);

	len = strlen(e->text);
	snprintf(e->text + len, sizeof(e->text) - len, ": %s", inner);
	return -e->code;
}
