/* SPDX-License-Identifier: Apache-2.0 */
/*
 * dbus/dbus.h - a connection to a message bus, or to a program that speaks its
 * protocol on a socket of its own, on the event loop.
 *
 * Calls are written when the peer has let this end in, all that there are by then
 * at once, and the answers are taken as they come.  The whole of a connection's life has one deadline, so that a peer which is silent, slow or
 * never stops talking holds nobody up for longer than that.
 *
 * Source: D-Bus Specification 0.43, "Authentication Protocol", "Message Bus".
 */
#ifndef DBUS_DBUS_H
#define DBUS_DBUS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "dbus/message.h"
#include "util/buf.h"
#include "util/err.h"
#include "util/ev.h"

struct arena;
struct dbus;

struct dbus_ops {
	/* A message that is no call; valid until this returns.  The connection
	 * may be closed in here. */
	void (*message)(void *user, const struct dbus_message *m);
	/* The connection is over and closed already: @r is -ETIMEDOUT past the
	 * deadline, -ECONNRESET when the peer went, -EACCES when it does not let
	 * this user in, -EPROTO; with a text. */
	void (*failed)(void *user, int r, struct err *e);
};

struct dbus {
	struct ev *ev;
	const struct dbus_ops *ops;
	void *user;
	const char *name; /* of the socket, for messages; borrowed */
	int fd;		  /* -1: closed */
	bool direct;	  /* no bus between: no names, no subscriptions */
	bool open;	  /* authenticated */
	int timeout_ms;
	uint32_t serial;  /* of the last call */
	unsigned int lines; /* of authentication, that came */
	struct buf out;
	size_t sent;
	uint8_t *in; /* malloc'ed */
	size_t in_len, in_cap;
	struct dbus_writer writer;
	struct ev_io io;
	struct ev_timer timer;
};

#define DBUS_NONE { .fd = -1 }

struct dbus_where {
	const char *path; /* of the socket; "@name" is an abstract one */
	bool direct;
};

/**
 * dbus_connect - connect to a socket and begin to authenticate as who one is
 * @d:		DBUS_NONE with ev, ops and user set; stays where it is
 * @timeout_ms:	deadline of all that is done with it
 *
 * Calls may follow at once.
 *
 * Return: 0; -errno of connecting, -ENOENT and -ECONNREFUSED when nobody is there.
 */
int dbus_connect(struct dbus *d, const struct dbus_where *where, int timeout_ms,
		 struct err *e);

/**
 * dbus_call - begin a method call; dbus_send sends it
 *
 * Return: where its arguments are to be written (message.h); d->serial is what
 *	   the answer will name.
 */
struct dbus_writer *dbus_call(struct dbus *d, const struct dbus_call *c);

/* dbus_send - end the call and send as much as the socket takes; the rest goes
 * on the loop.  Failures are reported there. */
void dbus_send(struct dbus *d);

/* dbus_close - forget it, from within its callbacks too. */
void dbus_close(struct dbus *d);

/**
 * dbus_address - the socket of an address as environment variables have it
 * @address:	"unix:path=/run/user/1000/bus,guid=…;…": the first one that is a
 *		unix socket
 * @ret:	as struct dbus_where's path, in @a
 *
 * Return: 0, -EINVAL (none that can be used), -ENOMEM.
 *
 * Source: D-Bus Specification 0.43, "Server Addresses".
 */
int dbus_address(const char *address, struct arena *a, const char **ret);

#endif
