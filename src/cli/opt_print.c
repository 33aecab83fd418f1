/* SPDX-License-Identifier: Apache-2.0 */
#include <stdio.h>
#include <string.h>

#include "cli/opt.h"

#define LABEL_MAX 64

static const struct opt help_row = {
	.name = "help", .letter = 'h', .kind = OPT_FLAG, .help = "show this help"
};

/* "  -b, --bundle DIR" */
static int label(const struct opt *o, char text[LABEL_MAX])
{
	char letter[] = { '-', o->letter, o->name ? ',' : ' ', ' ', '\0' };

	return snprintf(text, LABEL_MAX, "  %s%s%s%s%s",
			o->letter ? letter : "    ", o->name ? "--" : "",
			o->name ? o->name : "", o->value ? " " : "",
			o->value ? o->value : "");
}

static void print_row(const struct opt *o, int width)
{
	char text[LABEL_MAX];

	label(o, text);
	printf("%-*s  %s\n", width, text, o->help);
}

void opt_print(const struct opt *table)
{
	char text[LABEL_MAX];
	int width = label(&help_row, text);

	for (const struct opt *o = table; o->kind != OPT_END; o++) {
		int len = label(o, text);

		if (o->kind != OPT_REFUSED && len > width)
			width = len;
	}
	for (const struct opt *o = table; o->kind != OPT_END; o++)
		if (o->kind != OPT_REFUSED)
			print_row(o, width);
	print_row(&help_row, width);
}
