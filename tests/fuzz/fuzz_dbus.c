/* SPDX-License-Identifier: Apache-2.0 */
/*
 * What a peer that plays systemd may say while a scope is started: its side of
 * the authentication, then messages.  The start must end exactly once, and no fd
 * may be left over.  Then the same bytes as one message, its arguments read.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "cgroups/scope.h"
#include "util/auto.h"
#include "util/usock.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);
int LLVMFuzzerInitialize(int *argc, char ***argv);

#define LISTENER 100 /* the fd on which connections are taken */
#define INPUT_MAX 65536 /* a socket takes so much without a reader */

static void remove_directory(void)
{
	unlinkat(LISTENER + 1, "systemd/private", 0);
	unlinkat(LISTENER + 1, "systemd", AT_REMOVEDIR);
	rmdir(getenv("XDG_RUNTIME_DIR"));
}

int LLVMFuzzerInitialize(int *argc, char ***argv)
{
	char dir[] = "/tmp/berth-fuzz.XXXXXX";
	int fd, at;

	if (!mkdtemp(dir) || setenv("XDG_RUNTIME_DIR", dir, 1) < 0)
		abort();
	unsetenv("DBUS_SESSION_BUS_ADDRESS");
	at = open(dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	if (mkdirat(at, "systemd", 0700) < 0)
		abort();
	fd = usock_bind(at, "systemd/private", SOCK_STREAM, NULL);
	if (fd < 0 || dup2(fd, LISTENER) < 0 || dup2(at, LISTENER + 1) < 0)
		abort();
	close(fd);
	close(at);
	atexit(remove_directory);
	return 0;
}

static unsigned int count_fds(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < LISTENER; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

struct started { struct ev ev; int calls; };

static void on_scope(void *user, int r, struct err *e)
{
	struct started *s = user;

	if (r < 0 && !*e->text)
		abort();
	s->calls++;
	ev_stop(&s->ev);
}

static void play(const uint8_t *data, size_t size)
{
	const struct scope_args args = {
		.names = { "berth-a.scope", "system.slice" },
		.description = "a", .user = true, .pid = 1,
	};
	struct started s = { .calls = 0 };
	struct scope scope;
	int peer;

	ev_init(&s.ev);
	if (scope_start(&scope, &s.ev, &args, on_scope, &s, NULL) < 0)
		abort();
	peer = accept(LISTENER, NULL, NULL);
	if (peer < 0 || send(peer, data, size, MSG_NOSIGNAL | MSG_DONTWAIT) < 0)
		abort();
	shutdown(peer, SHUT_WR);
	ev_run(&s.ev, NULL);
	if (s.calls != 1)
		abort();
	ev_done(&s.ev);
	close(peer);
}

static void read_message(const uint8_t *data, size_t size)
{
	auto_mem uint8_t *copy = malloc(size + !size);
	struct dbus_message m;
	struct dbus_reader r;
	const char *s;
	uint32_t n;

	if (!copy)
		return;
	memcpy(copy, data, size);
	if (dbus_message_parse(copy, size, &m) < 0)
		return;
	r = dbus_read(&m);
	for (const char *t = m.signature; *t; t++)
		if ((*t == 'u' ? dbus_get_u32(&r, &n) :
		     *t == 'g' ? dbus_get_signature(&r, &s) :
				 dbus_get_str(&r, &s)) < 0)
			return;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned int before = count_fds();

	if (!size || size > INPUT_MAX)
		return 0;
	play(data, size);
	read_message(data, size);
	if (count_fds() != before)
		abort();
	return 0;
}
