// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/scope_bus.c - the way to systemd.
 *
 * Its own socket comes first: there is no bus to go through, and none need run.
 */
#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

#include "cgroups/scope_internal.h"
#include "util/auto.h"

#define SYSTEM_PRIVATE "/run/systemd/private"
#define SYSTEM_BUS "/run/dbus/system_bus_socket"
#define WHERE_MAX 3

/* What the environment says, if anything that can be used. */
static const char *from_environment(const char *variable, struct arena *a)
{
	const char *address = getenv(variable), *path = NULL;

	if (address && *address)
		dbus_address(address, a, &path);
	return path;
}

static size_t system_places(struct arena *a, struct dbus_where where[WHERE_MAX])
{
	const char *bus = from_environment("DBUS_SYSTEM_BUS_ADDRESS", a);

	where[0] = (struct dbus_where){ SYSTEM_PRIVATE, true };
	where[1] = (struct dbus_where){ bus ?: SYSTEM_BUS, false };
	return 2;
}

/* An empty XDG_RUNTIME_DIR is none. */
static size_t user_places(struct arena *a, struct dbus_where where[WHERE_MAX])
{
	const char *dir = getenv("XDG_RUNTIME_DIR");
	const char *bus = from_environment("DBUS_SESSION_BUS_ADDRESS", a);
	size_t n = 0;

	if (!dir || !*dir)
		dir = arena_printf(a, "/run/user/%u", (unsigned int)geteuid());
	if (!dir)
		return 0;
	where[n++].path = arena_printf(a, "%s/systemd/private", dir);
	where[0].direct = true;
	if (bus)
		where[n++].path = bus;
	where[n++].path = arena_printf(a, "%s/bus", dir);
	return where[0].path && where[n - 1].path ? n : 0;
}

static int nobody(bool user, int r, struct err *e)
{
	if (r != -ENOENT && r != -ECONNREFUSED)
		return err_wrap(e, "%s systemd", user ? "the user's" : "the system's");
	if (user)
		return err_set(e, -r, "no systemd of this user answers (at "
			       "$XDG_RUNTIME_DIR/systemd/private or its bus): log in, "
			       "or use --cgroup-manager cgroupfs");
	return err_set(e, -r, "no systemd answers (at " SYSTEM_PRIVATE " or the system "
		       "bus): use --cgroup-manager cgroupfs where it does not run");
}

int scope_connect(struct dbus *bus, bool user, struct err *e)
{
	auto_arena a = { 0 };
	struct dbus_where where[WHERE_MAX] = { 0 };
	size_t n = user ? user_places(&a, where) : system_places(&a, where);
	int r = n ? -ENOENT : -ENOMEM;

	for (size_t i = 0; i < n && r < 0; i++) {
		r = dbus_connect(bus, &where[i], SCOPE_TIMEOUT_MS, e);
		if (r != -ENOENT && r != -ECONNREFUSED)
			break;
	}
	bus->name = user ? "the user's systemd" : "systemd";
	return r < 0 ? nobody(user, r, e) : 0;
}
