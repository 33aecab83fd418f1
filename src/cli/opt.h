/* SPDX-License-Identifier: Apache-2.0 */
/*
 * cli/opt.h - options of a command as a table, and the parser that fills the
 * command's struct from it.
 *
 * Accepted: --name VALUE, --name=VALUE, -name VALUE and -name=VALUE (as Go's
 * programs write it), -n VALUE, -nVALUE, clusters of letters (-dt), --flag and
 * --flag=true or false.  Options end at the first operand or at "--": what
 * follows a container's id may belong to somebody else's command.
 */
#ifndef CLI_OPT_H
#define CLI_OPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "oci/spec.h"
#include "util/err.h"

struct arena;

enum opt_kind {
	OPT_END,      /* behind the last row */
	OPT_FLAG,     /* bool */
	OPT_STRING,   /* const char *; the last one given wins */
	OPT_LIST,     /* char *const *: every one given, NULL-terminated */
	OPT_UINT,     /* unsigned int, up to INT_MAX */
	OPT_U64,      /* struct oci_opt_u64 */
	OPT_I64,      /* struct oci_opt_i64 */
	OPT_SIZE,     /* struct oci_opt_i64: bytes with a suffix, or -1 */
	OPT_DURATION, /* int64_t, milliseconds, 1 to OPT_DURATION_MAX */
	OPT_CHOICE,   /* unsigned int: index into choices */
	OPT_REFUSED,  /* known, and wrong here: help says what to do instead */
};

#define OPT_DURATION_MAX 1000000000000 /* ms: a point in time in ns still fits */

struct opt {
	const char *name; /* without dashes; NULL: only a letter */
	char letter;	  /* 0: only a name */
	enum opt_kind kind;
	size_t off;			/* of the member in the command's struct */
	const char *value;		/* placeholder; NULL for a flag */
	const char *help;		/* one line, no full stop */
	const char *const *choices;	/* OPT_CHOICE: NULL-terminated */
};

/* The offset of a member, refused at compile time unless its type is TYPE. */
#define OPT_OFF(st, memb, type)                                             \
	(offsetof(struct st, memb) +                                        \
	 sizeof(char[__builtin_types_compatible_p(                          \
			     __typeof__(((struct st *)0)->memb), type) ?    \
			     1 :                                            \
			     -1]) -                                         \
	 1)

#define OPT_ROW(st, memb, k, type, nm, ch, val, hlp)                        \
	{ .name = (nm), .letter = (ch), .kind = (k), .value = (val),        \
	  .help = (hlp), .off = OPT_OFF(st, memb, type) }

#define FLAG(st, memb, nm, ch, hlp) \
	OPT_ROW(st, memb, OPT_FLAG, bool, nm, ch, NULL, hlp)
#define STRING(st, memb, nm, ch, val, hlp) \
	OPT_ROW(st, memb, OPT_STRING, const char *, nm, ch, val, hlp)
#define LIST(st, memb, nm, ch, val, hlp) \
	OPT_ROW(st, memb, OPT_LIST, char *const *, nm, ch, val, hlp)
#define UINT(st, memb, nm, ch, val, hlp) \
	OPT_ROW(st, memb, OPT_UINT, unsigned int, nm, ch, val, hlp)
#define U64(st, memb, nm, ch, val, hlp) \
	OPT_ROW(st, memb, OPT_U64, struct oci_opt_u64, nm, ch, val, hlp)
#define I64(st, memb, nm, ch, val, hlp) \
	OPT_ROW(st, memb, OPT_I64, struct oci_opt_i64, nm, ch, val, hlp)
#define SIZE(st, memb, nm, ch, val, hlp) \
	OPT_ROW(st, memb, OPT_SIZE, struct oci_opt_i64, nm, ch, val, hlp)
#define DURATION(st, memb, nm, ch, val, hlp) \
	OPT_ROW(st, memb, OPT_DURATION, int64_t, nm, ch, val, hlp)
#define CHOICE(st, memb, nm, ch, val, hlp, list)                            \
	{ .name = (nm), .letter = (ch), .kind = OPT_CHOICE, .value = (val), \
	  .help = (hlp), .off = OPT_OFF(st, memb, unsigned int),            \
	  .choices = (list) }
#define REFUSED(nm, ch, hlp) \
	{ .name = (nm), .letter = (ch), .kind = OPT_REFUSED, .help = (hlp) }
#define OPTIONS_END { .kind = OPT_END }

struct opt_input {
	const struct opt *table; /* ends with OPTIONS_END */
	void *out;		 /* the struct that the offsets belong to */
	struct arena *arena;	 /* for lists */
	int argc;		 /* arguments behind the command's name */
	char **argv;		 /* borrowed by what is filled in */
};

/**
 * opt_parse - fill a command's struct from its arguments
 * @ret_help:	true when -h or --help came first; the rest is not looked at
 *
 * --help is part of every table without a row of its own.
 *
 * Return: the number of arguments that were options ("--" included), that is
 *	   the index of the first operand, or -EINVAL, -ERANGE, -ENOMEM.
 */
int opt_parse(const struct opt_input *in, bool *ret_help, struct err *e);

/**
 * opt_near - the word out of a list that was probably meant
 * @best:	the best so far, or NULL; so that several lists can be asked
 *
 * Return: @candidate when it is closer to @word than @best and close at all
 *	   (one slip, two in a word of six letters or more), else @best.
 */
const char *opt_near(const char *word, const char *best, const char *candidate);

/* opt_print - the options of a table as lines of help on standard output. */
void opt_print(const struct opt *table);

#endif
