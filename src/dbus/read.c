/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dbus/read.c - looking at what somebody else has written.  Every length is
 * checked against what is there before it is believed; nothing is copied.
 */
#include <errno.h>
#include <string.h>

#include "dbus/message.h"

#define NATIVE_ORDER (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B')
#define OTHER_ORDER (NATIVE_ORDER == 'l' ? 'B' : 'l')
#define PROTOCOL 1

/* Offsets in the first bytes of a message. */
enum { AT_ORDER = 0, AT_TYPE = 1, AT_PROTOCOL = 3, AT_BODY_LEN = 4,
       AT_SERIAL = 8, AT_FIELDS = 12 };

static uint32_t load_u32(const uint8_t *p, bool swap)
{
	uint32_t v;

	memcpy(&v, p, sizeof(v));
	return swap ? __builtin_bswap32(v) : v;
}

static size_t align8(size_t n)
{
	return (n + 7) & ~(size_t)7;
}

int dbus_message_size(const uint8_t head[DBUS_HEAD], size_t *ret)
{
	bool swap = head[AT_ORDER] == OTHER_ORDER;
	uint32_t body = load_u32(head + AT_BODY_LEN, swap);
	uint32_t fields = load_u32(head + AT_FIELDS, swap);

	if ((head[AT_ORDER] != NATIVE_ORDER && !swap) ||
	    head[AT_PROTOCOL] != PROTOCOL || body > DBUS_MESSAGE_MAX ||
	    fields > DBUS_MESSAGE_MAX ||
	    DBUS_HEAD + align8(fields) + body > DBUS_MESSAGE_MAX)
		return -EPROTO;
	*ret = DBUS_HEAD + align8(fields) + body;
	return 0;
}

/* Up to a multiple of @align and then @size bytes. */
static int advance(struct dbus_reader *r, size_t align, size_t size,
		   const uint8_t **ret)
{
	size_t at = (r->at + align - 1) / align * align;

	if (at > r->len || size > r->len - at)
		return -EPROTO;
	*ret = r->bytes + at;
	r->at = at + size;
	return 0;
}

int dbus_get_u32(struct dbus_reader *r, uint32_t *ret)
{
	const uint8_t *p;

	if (advance(r, sizeof(*ret), sizeof(*ret), &p) < 0)
		return -EPROTO;
	*ret = load_u32(p, r->swap);
	return 0;
}

/* @len bytes, a NUL behind them and none in them. */
static int get_text(struct dbus_reader *r, size_t len, const char **ret)
{
	const uint8_t *p;

	if (len > r->len || advance(r, 1, len + 1, &p) < 0 ||
	    memchr(p, '\0', len + 1) != p + len)
		return -EPROTO;
	*ret = (const char *)p;
	return 0;
}

int dbus_get_str(struct dbus_reader *r, const char **ret)
{
	uint32_t len;

	return dbus_get_u32(r, &len) < 0 ? -EPROTO : get_text(r, len, ret);
}

int dbus_get_signature(struct dbus_reader *r, const char **ret)
{
	const uint8_t *len;

	return advance(r, 1, 1, &len) < 0 ? -EPROTO : get_text(r, *len, ret);
}

/* --- the header ------------------------------------------------------------ */

/* What a field's value is; only these types may occur, in a field that is not
 * known as well. */
struct value { const char *text; uint32_t number; };

static int skip_number(struct dbus_reader *r, char type)
{
	static const char types[] = "ybnqiuxtdh";
	static const uint8_t sizes[] = { 1, 4, 2, 2, 4, 4, 8, 8, 8, 4 };
	const char *t = strchr(types, type);
	const uint8_t *p;

	if (!type || !t)
		return -EPROTO;
	return advance(r, sizes[t - types], sizes[t - types], &p);
}

static int get_value(struct dbus_reader *r, char type, struct value *ret)
{
	switch (type) {
	case 's':
	case 'o':
		return dbus_get_str(r, &ret->text);
	case 'g':
		return dbus_get_signature(r, &ret->text);
	case 'u':
		return dbus_get_u32(r, &ret->number);
	}
	return skip_number(r, type);
}

static int take_field(struct dbus_message *m, uint8_t code, char type,
		      const struct value *v)
{
	static const char types[] = { [1] = 'o', 's', 's', 's', 'u', 's', 's',
				      'g', 'u' };
	const char **texts[] = { [1] = &m->path, &m->interface, &m->member,
				 &m->error, NULL, NULL, NULL, &m->signature,
				 NULL };

	if (!code)
		return -EPROTO;
	if (code >= sizeof(types))
		return 0;
	if (type != types[code])
		return -EPROTO;
	if (texts[code])
		*texts[code] = v->text;
	else if (code == 5)
		m->reply_serial = v->number;
	return 0;
}

static int parse_fields(struct dbus_reader *r, struct dbus_message *m)
{
	while (r->at < r->len) {
		struct value v = { 0 };
		const char *type;
		const uint8_t *code;

		if (advance(r, 8, 1, &code) < 0 ||
		    dbus_get_signature(r, &type) < 0 || strlen(type) != 1 ||
		    get_value(r, *type, &v) < 0 ||
		    take_field(m, *code, *type, &v) < 0)
			return -EPROTO;
	}
	return 0;
}

/* What the protocol demands of each type. */
static bool is_complete(const struct dbus_message *m)
{
	switch (m->type) {
	case DBUS_CALL:
		return m->path && m->member;
	case DBUS_RETURN:
		return m->reply_serial;
	case DBUS_ERROR:
		return m->reply_serial && m->error;
	case DBUS_SIGNAL:
		return m->path && m->interface && m->member;
	}
	return m->type != 0;
}

int dbus_message_parse(const uint8_t *bytes, size_t len,
		       struct dbus_message *ret)
{
	struct dbus_message m = { .signature = "" };
	struct dbus_reader fields;
	size_t size, fields_len;

	if (len < DBUS_HEAD || dbus_message_size(bytes, &size) < 0 ||
	    size != len)
		return -EPROTO;
	m.type = bytes[AT_TYPE];
	m.swap = bytes[AT_ORDER] != NATIVE_ORDER;
	m.serial = load_u32(bytes + AT_SERIAL, m.swap);
	m.body_len = load_u32(bytes + AT_BODY_LEN, m.swap);
	m.body = bytes + len - m.body_len;
	fields_len = load_u32(bytes + AT_FIELDS, m.swap);
	fields = (struct dbus_reader){ .bytes = bytes, .at = DBUS_HEAD,
				       .len = DBUS_HEAD + fields_len,
				       .swap = m.swap };
	if (!m.serial || parse_fields(&fields, &m) < 0 || !is_complete(&m))
		return -EPROTO;
	*ret = m;
	return 0;
}

struct dbus_reader dbus_read(const struct dbus_message *m)
{
	return (struct dbus_reader){ .bytes = m->body, .len = m->body_len,
				     .swap = m->swap };
}
