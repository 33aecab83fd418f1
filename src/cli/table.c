/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/table.h"

#include <stdbool.h>
#include <stdio.h>

const char *const format_words[] = { "table", "json", NULL };

#define GAP 2 /* blanks between columns */

static const char *cell(const struct table *t, size_t row, size_t column)
{
	const char *text = t->cells[row * t->columns + column];

	return text && *text ? text : "-";
}

/* Characters, not bytes: the continuation bytes of UTF-8 take no room. */
static size_t width(const char *text)
{
	size_t n = 0;

	for (; *text; text++)
		n += (*text & 0xc0) != 0x80;
	return n;
}

static size_t column_width(const struct table *t, size_t column)
{
	size_t max = 0;

	for (size_t row = 0; row < t->rows; row++) {
		size_t w = width(cell(t, row, column));

		if (w > max)
			max = w;
	}
	return max;
}

static void print_text(const char *text)
{
	for (; *text; text++)
		putchar((unsigned char)*text < ' ' || *text == 0x7f ? '?' :
								      *text);
}

static void print_row(const struct table *t, size_t row, const size_t *widths)
{
	for (size_t column = 0; column < t->columns; column++) {
		const char *text = cell(t, row, column);
		bool last = column + 1 == t->columns;

		print_text(text);
		for (size_t w = width(text); !last && w < widths[column] + GAP;
		     w++)
			putchar(' ');
	}
	putchar('\n');
}

void table_print(const struct table *t)
{
	size_t widths[TABLE_COLUMNS_MAX];

	for (size_t column = 0; column < t->columns; column++)
		widths[column] = column_width(t, column);
	for (size_t row = 0; row < t->rows; row++)
		print_row(t, row, widths);
}
