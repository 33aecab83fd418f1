/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dbus/message.h - messages of the D-Bus protocol, as bytes: as much of them as
 * asking systemd for something takes.
 *
 * Source: D-Bus Specification 0.43, "Type System", "Message Protocol".
 */
#ifndef DBUS_MESSAGE_H
#define DBUS_MESSAGE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct buf;

#define DBUS_HEAD 16		    /* bytes that tell how long a message is */
#define DBUS_MESSAGE_MAX (1u << 20) /* of what is read; the protocol's is 128 MiB */

enum dbus_type { DBUS_CALL = 1, DBUS_RETURN, DBUS_ERROR, DBUS_SIGNAL };

/* --- writing: native byte order ------------------------------------------- */

struct dbus_call {
	const char *destination; /* NULL: there is nobody between */
	const char *path, *interface, *member;
	const char *signature;	 /* of the arguments; NULL: none */
};

struct dbus_writer {
	struct buf *out; /* what fails shows there */
	size_t start;	 /* of the message in it; alignment counts from here */
	size_t body;
};

/* dbus_begin, dbus_end - a method call behind what is in @out; the arguments
 * come between the two.  The caller keeps to the signature.  @serial: not 0. */
void dbus_begin(struct dbus_writer *w, struct buf *out,
		const struct dbus_call *c, uint32_t serial);
void dbus_end(struct dbus_writer *w);

/* dbus_pad - up to a multiple of @align bytes; 8 begins a struct. */
void dbus_pad(struct dbus_writer *w, size_t align);

void dbus_put_u32(struct dbus_writer *w, uint32_t v);
void dbus_put_u64(struct dbus_writer *w, uint64_t v);
void dbus_put_str(struct dbus_writer *w, const char *s); /* 's' and 'o' */
void dbus_put_signature(struct dbus_writer *w, const char *s);

/* dbus_put_fixed - a number of @size bytes, which is also its alignment. */
void dbus_put_fixed(struct dbus_writer *w, const void *v, size_t size);

struct dbus_array { size_t length, first; }; /* offsets in the buffer */

/* dbus_open_array, dbus_close_array - the elements come between; @align: theirs. */
struct dbus_array dbus_open_array(struct dbus_writer *w, size_t align);
void dbus_close_array(struct dbus_writer *w, const struct dbus_array *a);

/* --- reading: either byte order ------------------------------------------- */

/* Everything points into the bytes.  Strings end with a NUL and have no other. */
struct dbus_message {
	enum dbus_type type; /* any number: unknown types are to be ignored */
	bool swap;	     /* not this machine's byte order */
	uint32_t serial, reply_serial;
	const char *path, *interface, *member, *error; /* NULL: absent */
	const char *signature;			       /* "": no arguments */
	const uint8_t *body;
	uint32_t body_len;
};

/**
 * dbus_message_size - how long a message is, from its first DBUS_HEAD bytes
 *
 * Return: 0 or -EPROTO (no message, or longer than DBUS_MESSAGE_MAX).
 */
int dbus_message_size(const uint8_t head[DBUS_HEAD], size_t *ret);

/**
 * dbus_message_parse - look at one whole message
 * @bytes:	@len of them, as dbus_message_size said; borrowed
 *
 * Return: 0 or -EPROTO with @ret untouched.
 */
int dbus_message_parse(const uint8_t *bytes, size_t len,
		       struct dbus_message *ret);

/* The arguments, one after the other; the caller looks at the signature first. */
struct dbus_reader {
	const uint8_t *bytes;
	size_t len, at;
	bool swap;
};

/* dbus_read - at the first argument. */
struct dbus_reader dbus_read(const struct dbus_message *m);

/* Return: 0 or -EPROTO with @ret untouched. */
int dbus_get_u32(struct dbus_reader *r, uint32_t *ret);
int dbus_get_str(struct dbus_reader *r, const char **ret); /* 's' and 'o' */
int dbus_get_signature(struct dbus_reader *r, const char **ret);

#endif
