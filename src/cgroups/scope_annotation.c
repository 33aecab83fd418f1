// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/scope_annotation.c - the annotation "org.systemd.property.NAME" sets
 * the property NAME of the container's unit.
 *
 * Its value is text in the form of GVariant, as with other runtimes: true,
 * 'text', 5 (an int32), uint64 5, ['a', 'b'], @as [].  NAME may end in Sec,
 * then its value is in seconds and becomes the property's microseconds.
 *
 * Source: GVariant Text Format (docs.gtk.org); systemd.exec(5) and its like for
 * names with Sec, org.freedesktop.systemd1(5) for those with USec.
 */
#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/scope_internal.h"
#include "oci/spec.h"
#include "util/auto.h"
#include "util/num.h"

#define PREFIX "org.systemd.property."
#define NAME_MIN 3
#define NAME_MAX_LEN 128
#define USEC_PER_SEC 1000000u
#define BLANK " \t\n"

struct value {
	char type; /* of the D-Bus: "bsybnqiuxtd" */
	bool negative;
	uint64_t number; /* its absolute value; a truth value */
	double real;
	struct buf text;
};

static void value_done(struct value *v)
{
	buf_done(&v->text);
}

#define auto_value __attribute__((cleanup(value_done))) struct value

static const struct keyword { const char *word; char type; uint64_t max, min; }
	keywords[] = {
	{ "byte", 'y', UINT8_MAX, 0 },
	{ "int16", 'n', INT16_MAX, (uint64_t)INT16_MAX + 1 },
	{ "uint16", 'q', UINT16_MAX, 0 },
	{ "int32", 'i', INT32_MAX, (uint64_t)INT32_MAX + 1 },
	{ "uint32", 'u', UINT32_MAX, 0 },
	{ "int64", 'x', INT64_MAX, (uint64_t)INT64_MAX + 1 },
	{ "uint64", 't', UINT64_MAX, 0 },
	{ "double", 'd', UINT64_MAX, UINT64_MAX },
};

static const struct keyword *keyword_of(char type)
{
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++)
		if (keywords[i].type == type)
			return &keywords[i];
	return NULL;
}

static void skip_blanks(const char **at)
{
	*at += strspn(*at, BLANK);
}

/* --- one value --------------------------------------------------------------------- */

static bool take_string(const char **at, struct value *v)
{
	const char quote = *(*at)++;

	v->type = 's';
	for (char c; (c = *(*at)++) != quote;) {
		if (c == '\\' && **at)
			c = *(*at)++;
		else if (!c || c == '\\')
			return false;
		buf_put(&v->text, &c, 1);
	}
	return !v->text.failed;
}

static bool take_real(const char *word, struct value *v)
{
	char *end;

	/* No "inf" or "nan", and no hexadecimal fractions. */
	if (strspn(word, "0123456789.eE+-") != strlen(word))
		return false;
	v->type = 'd';
	v->real = strtod(word, &end);
	return !*end && *word && isfinite(v->real);
}

/* The type is @wanted's; where that is none, an int32 or, with a point, a double. */
static bool take_number(const char **at, char wanted, struct value *v)
{
	size_t len = strspn(*at, "0123456789abcdefABCDEFxX.+-");
	const struct keyword *k;
	char word[64];
	bool sign;

	if (!len || len >= sizeof(word))
		return false;
	memcpy(word, *at, len);
	word[len] = '\0';
	*at += len;
	if (wanted == 'd' || (!wanted && strpbrk(word, ".")))
		return take_real(word, v);
	k = keyword_of(wanted ? wanted : 'i');
	v->negative = *word == '-';
	sign = v->negative || *word == '+';
	v->type = k ? k->type : '\0';
	if (!k || num_u64(word + sign, UINT64_MAX, &v->number) < 0)
		return false;
	return v->number <= (v->negative ? k->min : k->max);
}

static bool take_word(const char **at, const char *word)
{
	size_t len = strlen(word);

	if (strncmp(*at, word, len) != 0 || !strchr(BLANK ",]", (*at)[len]))
		return false;
	*at += len;
	return true;
}

static bool take_scalar(const char **at, char wanted, struct value *v)
{
	bool truth = take_word(at, "true");

	if (truth || take_word(at, "false")) {
		v->type = 'b';
		v->number = truth;
		return !wanted || wanted == 'b';
	}
	if (**at == '\'' || **at == '"')
		return take_string(at, v) && (!wanted || wanted == 's');
	for (size_t i = 0; i < ARRAY_LEN(keywords); i++) {
		if (!take_word(at, keywords[i].word))
			continue;
		skip_blanks(at);
		return (!wanted || wanted == keywords[i].type) &&
		       take_number(at, keywords[i].type, v);
	}
	return take_number(at, wanted, v);
}

/* --- to the message ---------------------------------------------------------------- */

static void put_scalar(struct dbus_writer *w, const struct value *v)
{
	uint64_t n = v->negative ? -v->number : v->number;
	const uint32_t u32 = (uint32_t)n;
	const uint16_t u16 = (uint16_t)n;
	const uint8_t u8 = (uint8_t)n;

	switch (v->type) {
	case 's':
		dbus_put_str(w, buf_str(&v->text));
		break;
	case 'y':
		dbus_put_fixed(w, &u8, sizeof(u8));
		break;
	case 'n':
	case 'q':
		dbus_put_fixed(w, &u16, sizeof(u16));
		break;
	case 'x':
	case 't':
		dbus_put_u64(w, n);
		break;
	case 'd':
		dbus_put_fixed(w, &v->real, sizeof(v->real));
		break;
	default:
		dbus_put_u32(w, u32);
	}
}

static size_t alignment(char type)
{
	switch (type) {
	case 'y':
		return 1;
	case 'n':
	case 'q':
		return 2;
	case 'x':
	case 't':
	case 'd':
		return 8;
	}
	return 4;
}

/* [a, b]: all of the type of the first one, or of @type. */
static bool put_array(struct properties *p, const char *name, const char **at,
		      char type)
{
	struct dbus_array a = { 0 };
	bool skip = false;

	(*at)++;
	for (size_t n = 0;; n++) {
		auto_value v = { 0 };
		bool empty;

		skip_blanks(at);
		empty = !n && **at == ']';
		if (empty ? !type : !take_scalar(at, type, &v))
			return false;
		if (!n) {
			char signature[] = { 'a', empty ? type : v.type, '\0' };

			type = signature[1];
			skip = !property_begin(p, name, signature);
			if (!skip)
				a = dbus_open_array(p->w, alignment(type));
		}
		if (!empty && !skip)
			put_scalar(p->w, &v);
		skip_blanks(at);
		if (**at == ',' && !empty) {
			(*at)++;
			continue;
		}
		if (*(*at)++ != ']')
			return false;
		if (!skip)
			dbus_close_array(p->w, &a);
		return true;
	}
}

static bool put_value(struct properties *p, const char *name, const char **at)
{
	char type = '\0';
	auto_value v = { 0 };
	bool array = false;

	if (**at == '@') {
		array = (*at)[1] == 'a';
		*at += 1 + array;
		type = **at;
		if (!type || !strchr("bsynqiuxtd", type) ||
		    !strchr(BLANK, (*at)[1]))
			return false;
		(*at)++;
		skip_blanks(at);
		if (array != (**at == '['))
			return false;
	}
	if (**at == '[')
		return put_array(p, name, at, type);
	if (!take_scalar(at, type, &v))
		return false;
	if (property_begin(p, name, (char[]){ v.type, '\0' }))
		put_scalar(p->w, &v);
	return true;
}

/* NameSec: a number of seconds, as NameUSec. */
static bool put_seconds(struct properties *p, const char *name, const char **at)
{
	char micro[NAME_MAX_LEN + 2];
	auto_value v = { 0 };
	uint64_t usec;

	if (!take_scalar(at, '\0', &v) || v.negative || strchr("sb", v.type))
		return false;
	if (v.type == 'd') {
		if (!(v.real >= 0 && v.real < 1e13))
			return false;
		usec = (uint64_t)(v.real * USEC_PER_SEC);
	} else if (__builtin_mul_overflow(v.number, (uint64_t)USEC_PER_SEC, &usec)) {
		return false;
	}
	snprintf(micro, sizeof(micro), "%.*sUSec", (int)(strlen(name) - 3), name);
	property_u64(p, micro, usec);
	return true;
}

static bool is_in_seconds(const char *name)
{
	size_t len = strlen(name);

	return len > NAME_MIN && strcmp(name + len - 3, "Sec") == 0 &&
	       name[len - 4] >= 'a' && name[len - 4] <= 'z';
}

static int put_annotation(struct properties *p, const char *name,
			  const char *value)
{
	static const char letters[] = "abcdefghijklmnopqrstuvwxyz"
				      "ABCDEFGHIJKLMNOPQRSTUVWXYZ";
	const char *at = value;
	size_t len = strlen(name);
	bool done;

	if (len < NAME_MIN || len > NAME_MAX_LEN || strspn(name, letters) != len)
		return err_set(p->e, EINVAL, "annotation " PREFIX "%.140s: is no "
			       "name of a property", name);
	skip_blanks(&at);
	done = is_in_seconds(name) ? put_seconds(p, name, &at)
				   : put_value(p, name, &at);
	skip_blanks(&at);
	if (done && !*at)
		return 0;
	return err_set(p->e, EINVAL, "annotation " PREFIX "%s: \"%.100s\" is no %s",
		       name, value, is_in_seconds(name) ?
		       "number of seconds" :
		       "value such as true, 'text', uint64 5 or ['a', 'b']");
}

int properties_annotations(struct properties *p, const struct oci_map *m)
{
	const size_t len = strlen(PREFIX);
	int r = 0;

	for (size_t i = 0; m && i < m->n && r == 0; i++)
		if (strncmp(m->v[i].key, PREFIX, len) == 0)
			r = put_annotation(p, m->v[i].key + len, m->v[i].value);
	return r;
}
