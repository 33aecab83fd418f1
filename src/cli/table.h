/* SPDX-License-Identifier: Apache-2.0 */
/* cli/table.h - columns for people, as wide as what is in them. */
#ifndef CLI_TABLE_H
#define CLI_TABLE_H

#include <stddef.h>

#define TABLE_COLUMNS_MAX 12

struct table {
	size_t columns;		  /* at most TABLE_COLUMNS_MAX */
	size_t rows;		  /* the heading included */
	const char *const *cells; /* row by row */
};

/**
 * table_print - write a table to standard output
 *
 * An empty cell is shown as "-", so that a line always has as many words as
 * there are columns.  A control character is shown as "?": names come from
 * others, and a terminal obeys.
 */
void table_print(const struct table *t);

/* What --format takes where both are offered. */
enum format { FORMAT_TABLE, FORMAT_JSON };
extern const char *const format_words[];

#endif
