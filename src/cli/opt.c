/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/opt.h"

#include <errno.h>
#include <limits.h>
#include <stdio.h>
#include <string.h>

#include "util/arena.h"
#include "util/num.h"

/* One option as it was written. */
struct given {
	const struct opt *o;
	char text[64];	   /* "--bundle" or "-b", for messages */
	const char *value; /* attached value, or NULL */
};

struct parser {
	const struct opt_input *in;
	int at;	   /* next argument */
	bool help;
};

#define EACH_OPTION(o, table) \
	(const struct opt *o = (table); o->kind != OPT_END; o++)

static const struct opt *find_name(const struct opt *table, const char *name,
				   size_t len)
{
	for EACH_OPTION(o, table)
		if (o->name && strlen(o->name) == len &&
		    memcmp(o->name, name, len) == 0)
			return o;
	return NULL;
}

static const struct opt *find_letter(const struct opt *table, char letter)
{
	for EACH_OPTION(o, table)
		if (letter && o->letter == letter)
			return o;
	return NULL;
}

/* --- values -------------------------------------------------------------- */

static int set_flag(const struct given *g, bool *ret, struct err *e)
{
	static const struct { const char *word; bool v; } words[] = {
		{ "true", true }, { "false", false }, { "1", true },
		{ "0", false },	  { "t", true },      { "f", false },
	};

	if (!g->value) {
		*ret = true;
		return 0;
	}
	for (size_t i = 0; i < sizeof(words) / sizeof(words[0]); i++)
		if (strcmp(g->value, words[i].word) == 0) {
			*ret = words[i].v;
			return 0;
		}
	return err_set(e, EINVAL, "%s: `%s` is neither true nor false", g->text,
		       g->value);
}

static int set_list(const struct opt_input *in, const struct given *g,
		    char *const **ret, struct err *e)
{
	size_t n = 0;
	char **v;

	/* A list cannot have more members than there are arguments. */
	if (!*ret)
		*ret = arena_array(in->arena, (size_t)in->argc + 1,
				   sizeof(char *));
	if (!*ret)
		return err_set(e, ENOMEM, "%s: out of memory", g->text);
	while ((*ret)[n])
		n++;
	v = (char **)(uintptr_t)*ret;
	v[n] = (char *)(uintptr_t)g->value;
	return 0;
}

static int set_choice(const struct given *g, unsigned int *ret, struct err *e)
{
	char list[128] = "";

	for (unsigned int i = 0; g->o->choices[i]; i++) {
		size_t len = strlen(list);

		if (strcmp(g->value, g->o->choices[i]) == 0) {
			*ret = i;
			return 0;
		}
		snprintf(list + len, sizeof(list) - len, "%s%s", i ? ", " : "",
			 g->o->choices[i]);
	}
	return err_set(e, EINVAL, "%s: `%s` is none of: %s", g->text, g->value,
		       list);
}

static int bad_number(const struct given *g, int code, const char *what,
		      struct err *e)
{
	if (code == -ERANGE)
		return err_set(e, ERANGE, "%s: `%s` is out of range", g->text,
			       g->value);
	return err_set(e, EINVAL, "%s: `%s` is not %s", g->text, g->value, what);
}

static int set_uint(const struct given *g, unsigned int *ret, struct err *e)
{
	uint64_t v;
	int r = num_u64(g->value, INT_MAX, &v);

	if (r < 0)
		return bad_number(g, r, "a number", e);
	*ret = (unsigned int)v;
	return 0;
}

static int set_u64(const struct given *g, struct oci_opt_u64 *ret,
		   struct err *e)
{
	int r = num_u64(g->value, UINT64_MAX, &ret->v);

	if (r < 0)
		return bad_number(g, r, "a number", e);
	ret->set = true;
	return 0;
}

static int set_i64(const struct given *g, struct oci_opt_i64 *ret,
		   struct err *e)
{
	int r = num_i64(g->value, INT64_MIN, INT64_MAX, &ret->v);

	if (r < 0)
		return bad_number(g, r, "a number", e);
	ret->set = true;
	return 0;
}

static int set_size(const struct given *g, struct oci_opt_i64 *ret,
		    struct err *e)
{
	int r = num_size(g->value, &ret->v);

	if (r < 0)
		return bad_number(g, r, "a size such as 64m or -1", e);
	ret->set = true;
	return 0;
}

static int set_duration(const struct given *g, int64_t *ret, struct err *e)
{
	int64_t v = 0;
	int r = num_duration_ms(g->value, &v);

	if (r < 0)
		return bad_number(g, r, "a duration such as 5s or 100ms", e);
	if (v <= 0 || v > OPT_DURATION_MAX)
		return bad_number(g, -ERANGE, NULL, e);
	*ret = v;
	return 0;
}

static int set_value(const struct opt_input *in, const struct given *g,
		     struct err *e)
{
	void *at = (char *)in->out + g->o->off;

	switch (g->o->kind) {
	case OPT_FLAG:
		return set_flag(g, at, e);
	case OPT_STRING:
		*(const char **)at = g->value;
		return 0;
	case OPT_LIST:
		return set_list(in, g, at, e);
	case OPT_UINT:
		return set_uint(g, at, e);
	case OPT_U64:
		return set_u64(g, at, e);
	case OPT_I64:
		return set_i64(g, at, e);
	case OPT_SIZE:
		return set_size(g, at, e);
	case OPT_DURATION:
		return set_duration(g, at, e);
	case OPT_CHOICE:
		return set_choice(g, at, e);
	case OPT_REFUSED:
		return err_set(e, EINVAL, "%s %s", g->text, g->o->help);
	case OPT_END:
		break;
	}
	return err_set(e, EINVAL, "%s: row without a kind", g->text);
}

/* --- words --------------------------------------------------------------- */

static bool takes_value(const struct opt *o)
{
	return o->kind != OPT_FLAG && o->kind != OPT_REFUSED;
}

/* Gives the option its value: the attached one, or the next argument. */
static int apply(struct parser *p, struct given *g, struct err *e)
{
	if (!g->value && takes_value(g->o)) {
		if (p->at >= p->in->argc)
			return err_set(e, EINVAL,
				       "option requires an argument: %s %s",
				       g->text, g->o->value);
		g->value = p->in->argv[p->at++];
	}
	return set_value(p->in, g, e);
}

static int unknown(const struct opt *table, const char *word, size_t dashes,
		   struct err *e)
{
	const char *name = word + dashes;
	int len = (int)strcspn(name, "=");
	const char *best = NULL;
	char head[64];

	snprintf(head, sizeof(head), "%.*s", len, name);
	for EACH_OPTION(o, table)
		if (o->name && o->kind != OPT_REFUSED)
			best = opt_near(head, best, o->name);
	best = opt_near(head, best, "help");
	if (best)
		return err_set(e, EINVAL,
			       "unknown option `%.*s`; did you mean `--%s`?",
			       (int)dashes + len, word, best);
	return err_set(e, EINVAL, "unknown option `%.*s`", (int)dashes + len,
		       word);
}

static int parse_long(struct parser *p, const char *word, size_t dashes,
		      struct err *e)
{
	const char *name = word + dashes;
	size_t len = strcspn(name, "=");
	struct given g = { .o = find_name(p->in->table, name, len) };

	if (!g.o && len == 4 && memcmp(name, "help", 4) == 0) {
		p->help = true;
		return 0;
	}
	if (!g.o)
		return unknown(p->in->table, word, dashes, e);
	snprintf(g.text, sizeof(g.text), "--%s", g.o->name);
	g.value = name[len] == '=' ? name + len + 1 : NULL;
	return apply(p, &g, e);
}

/* What follows the letter is its value, with or without a "=". */
static const char *attached(const char *rest)
{
	if (*rest == '=')
		return rest + 1;
	return *rest ? rest : NULL;
}

static int parse_letters(struct parser *p, const char *word, struct err *e)
{
	for (const char *c = word + 1; *c && !p->help; c++) {
		struct given g = { .o = find_letter(p->in->table, *c) };
		int r;

		if (!g.o && (*c == 'h' || *c == '?')) {
			p->help = true;
			return 0;
		}
		if (!g.o && c == word + 1)
			return unknown(p->in->table, word, 1, e);
		if (!g.o)
			return err_set(e, EINVAL, "unknown option `-%c` in `%s`",
				       *c, word);
		snprintf(g.text, sizeof(g.text), "-%c", *c);
		if (takes_value(g.o))
			g.value = attached(c + 1);
		else if (c[1] == '=')
			g.value = c + 2;
		r = apply(p, &g, e);
		if (r < 0 || g.value)
			return r;
	}
	return 0;
}

/* A single dash introduces a whole name when there is one of that name. */
static bool is_name(const struct opt *table, const char *word)
{
	size_t len = strcspn(word, "=");

	return len > 1 && (find_name(table, word, len) ||
			   (len == 4 && memcmp(word, "help", 4) == 0));
}

int opt_parse(const struct opt_input *in, bool *ret_help, struct err *e)
{
	struct parser p = { .in = in };

	*ret_help = false;
	while (p.at < in->argc && !p.help) {
		const char *word = in->argv[p.at];
		int r;

		if (word[0] != '-' || word[1] == '\0')
			break;
		p.at++;
		if (strcmp(word, "--") == 0)
			break;
		if (word[1] == '-')
			r = parse_long(&p, word, 2, e);
		else if (is_name(in->table, word + 1))
			r = parse_long(&p, word, 1, e);
		else
			r = parse_letters(&p, word, e);
		if (r < 0)
			return r;
	}
	*ret_help = p.help;
	return p.at;
}
