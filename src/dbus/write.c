/* SPDX-License-Identifier: Apache-2.0 */
#include "dbus/message.h"

#include <string.h>

#include "util/buf.h"

#define NATIVE_ORDER (__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__ ? 'l' : 'B')
#define PROTOCOL 1

enum field { FIELD_PATH = 1, FIELD_INTERFACE, FIELD_MEMBER, FIELD_ERROR,
	     FIELD_REPLY_SERIAL, FIELD_DESTINATION, FIELD_SENDER,
	     FIELD_SIGNATURE };

void dbus_pad(struct dbus_writer *w, size_t align)
{
	static const char zeros[8];
	size_t over = (w->out->len - w->start) % align;

	if (over)
		buf_put(w->out, zeros, align - over);
}

void dbus_put_fixed(struct dbus_writer *w, const void *v, size_t size)
{
	dbus_pad(w, size);
	buf_put(w->out, v, size);
}

void dbus_put_u32(struct dbus_writer *w, uint32_t v)
{
	dbus_put_fixed(w, &v, sizeof(v));
}

void dbus_put_u64(struct dbus_writer *w, uint64_t v)
{
	dbus_put_fixed(w, &v, sizeof(v));
}

void dbus_put_str(struct dbus_writer *w, const char *s)
{
	size_t len = strlen(s);

	if (len > UINT32_MAX) {
		w->out->failed = true;
		return;
	}
	dbus_put_u32(w, (uint32_t)len);
	buf_put(w->out, s, len + 1);
}

void dbus_put_signature(struct dbus_writer *w, const char *s)
{
	size_t len = strlen(s);
	uint8_t byte = (uint8_t)len;

	if (len > UINT8_MAX) {
		w->out->failed = true;
		return;
	}
	buf_put(w->out, &byte, 1);
	buf_put(w->out, s, len + 1);
}

/* A length that is known only now. */
static void patch(struct dbus_writer *w, size_t at, size_t v)
{
	uint32_t n = (uint32_t)v;

	if (v > UINT32_MAX)
		w->out->failed = true;
	if (!w->out->failed)
		memcpy(w->out->data + at, &n, sizeof(n));
}

struct dbus_array dbus_open_array(struct dbus_writer *w, size_t align)
{
	struct dbus_array a;

	dbus_put_u32(w, 0);
	a.length = w->out->len - sizeof(uint32_t);
	dbus_pad(w, align);
	a.first = w->out->len;
	return a;
}

void dbus_close_array(struct dbus_writer *w, const struct dbus_array *a)
{
	patch(w, a->length, w->out->len - a->first);
}

static void put_field(struct dbus_writer *w, enum field code, const char *type,
		      const char *value)
{
	uint8_t byte = (uint8_t)code;

	if (!value)
		return;
	dbus_pad(w, 8);
	buf_put(w->out, &byte, 1);
	dbus_put_signature(w, type);
	if (*type == 'g')
		dbus_put_signature(w, value);
	else
		dbus_put_str(w, value);
}

#define BODY_LENGTH_AT 4

void dbus_begin(struct dbus_writer *w, struct buf *out,
		const struct dbus_call *c, uint32_t serial)
{
	const uint8_t head[4] = { NATIVE_ORDER, DBUS_CALL, 0, PROTOCOL };
	struct dbus_array fields;

	*w = (struct dbus_writer){ .out = out, .start = out->len };
	buf_put(out, head, sizeof(head));
	dbus_put_u32(w, 0);
	dbus_put_u32(w, serial);
	fields = dbus_open_array(w, 8);
	put_field(w, FIELD_PATH, "o", c->path);
	put_field(w, FIELD_INTERFACE, "s", c->interface);
	put_field(w, FIELD_MEMBER, "s", c->member);
	put_field(w, FIELD_DESTINATION, "s", c->destination);
	put_field(w, FIELD_SIGNATURE, "g", c->signature);
	dbus_close_array(w, &fields);
	dbus_pad(w, 8);
	w->body = out->len;
}

void dbus_end(struct dbus_writer *w)
{
	patch(w, w->start + BODY_LENGTH_AT, w->out->len - w->body);
}
