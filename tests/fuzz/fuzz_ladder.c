/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Arbitrary datagrams on the start ladder, with fds: to berth-init's half or to
 * the runtime's, as the first byte says.  No fd may be left over, and the
 * runtime's half must end exactly once.
 *
 * The rest is a list of datagrams: a byte of fds (of which the upper bit says
 * that a valid head is to be put in front), two bytes of length, the bytes.
 */
#include <errno.h>
#include <fcntl.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include "container/ladder.h"
#include "init/init.h"
#include "util/auto.h"
#include "util/fdpass.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define MAX_DATAGRAMS 8

/* All fds below 1024 that are open; there are never more. */
static unsigned int count_fds(void)
{
	unsigned int n = 0;

	for (int fd = 0; fd < 1024; fd++)
		n += fcntl(fd, F_GETFD) >= 0;
	return n;
}

struct input {
	const uint8_t *at;
	size_t left;
};

static unsigned int take(struct input *in)
{
	if (!in->left)
		return 0;
	in->left--;
	return *in->at++;
}

/* A plan's memfd is as long as the message says, as the runtime's is: a shorter
 * one would end the reader by SIGBUS. */
static int plan_file(const struct ladder_msg *m, const uint8_t *plan, size_t len)
{
	int fd = memfd_create("plan", MFD_CLOEXEC);
	size_t size = m->size <= PLAN_MAX_BYTES ? m->size : 0;

	if (fd < 0 || ftruncate(fd, (off_t)size) < 0 ||
	    write(fd, plan, len < size ? len : size) < 0)
		abort();
	return fd;
}

/* The body as it goes out: as it is, or behind the head of a real message, of
 * which its first bytes choose the fields. */
static size_t compose(uint8_t *out, bool head, const uint8_t *body, size_t len)
{
	struct ladder_msg m = { .magic = LADDER_MAGIC, .version = PLAN_VERSION };
	size_t rest;

	if (!head || len < 8) {
		memcpy(out, body, len);
		return len;
	}
	m.step = body[0] % (LADDER_STEPS + 1);
	m.n_fds = body[1];
	m.pid = (int32_t)body[2] - 4;
	m.code = (int32_t)body[3] * 40 - 40;
	rest = len - 8;
	/* mostly the very size, else a large one */
	m.size = body[4] < 128 ? (uint32_t)rest
			       : (uint32_t)body[5] << 16 | (uint32_t)body[6] << 8;
	memcpy(m.text, body + 8, rest < sizeof(m.text) ? rest : sizeof(m.text));
	memcpy(out, &m, sizeof(m));
	if (m.step != LADDER_PLAN || m.size > LADDER_INLINE_MAX)
		return body[7] == 1 ? sizeof(m) + rest : sizeof(m);
	memcpy(out + sizeof(m), body + 8, rest);
	return sizeof(m) + rest;
}

static void send_one(int sock, int null, struct input *in)
{
	uint8_t *out = malloc(sizeof(struct ladder_msg) + 65536);
	unsigned int first = take(in), n = first & 0x7f;
	size_t len = take(in) | (size_t)take(in) << 8;
	struct ladder_msg *m = (struct ladder_msg *)(void *)out;
	int fds[FDPASS_MAX], plan = -1;
	struct fdpass p = { .data = out, .fds = fds };

	if (len > in->left)
		len = in->left;
	p.len = compose(out, first & 0x80, in->at, len);
	p.n_fds = n < 100 ? n % 5 : n * 2; /* up to 254 of them */
	if (p.n_fds > FDPASS_MAX)
		p.n_fds = FDPASS_MAX;
	for (size_t i = 0; i < p.n_fds; i++)
		fds[i] = null;
	if (p.len >= sizeof(*m) && m->step == LADDER_PLAN &&
	    m->size > LADDER_INLINE_MAX && p.n_fds) {
		size_t skip = len < 8 ? len : 8;

		fds[0] = plan = plan_file(m, in->at + skip, len - skip);
	}
	if (p.len)
		(void)fdpass_send(sock, &p, NULL);
	fd_close(&plan);
	in->at += len;
	in->left -= len;
	free(out);
}

static void send_all(int sock, int null, struct input *in)
{
	/* never waits: a full socket ends it */
	fcntl(sock, F_SETFL, O_NONBLOCK);
	for (int i = 0; i < MAX_DATAGRAMS && in->left; i++)
		send_one(sock, null, in);
}

/* --- berth-init's half ----------------------------------------------------------- */

static void run_init(int sock, unsigned int mode)
{
	struct init *in = calloc(1, sizeof(*in));
	int32_t pid;
	int r;

	in->ladder = sock;
	if (mode & 1) {
		while ((r = ladder_wait(sock, LADDER_START, &pid)) != -EPIPE &&
		       r != -ECONNRESET)
			if (r > 0)
				__builtin_trap();
	} else {
		r = ladder_receive_plan(in);
		if (r == 0 && in->n_fds != in->plan.header->n_fds)
			__builtin_trap();
		if (in->plan.header && (const char *)in->plan.header !=
					       in->inline_plan)
			munmap((void *)(uintptr_t)in->plan.header,
			       in->plan.header->size);
	}
	for (uint32_t i = 0; i < in->n_fds; i++)
		close(in->fds[i]);
	free(in);
}

/* --- the runtime's half ---------------------------------------------------------- */

struct owner {
	struct ladder l;
	int done;
};

static int on_step(void *user, struct err *e)
{
	struct owner *o = user;

	if (o->done)
		__builtin_trap();
	return 0;
}

static int on_ready(void *user, struct err *e)
{
	struct owner *o = user;

	return ladder_step(&o->l, LADDER_START, e);
}

static int on_fd(void *user, int fd, struct err *e)
{
	close(fd);
	return on_step(user, e);
}

static void on_done(void *user, int r, struct err *e)
{
	struct owner *o = user;

	if (o->done++ || r > 0 || (r < 0 && !e->text[0]))
		__builtin_trap();
	if (memchr(e->text, '\0', sizeof(e->text)) == NULL ||
	    strchr(e->text, '\n'))
		__builtin_trap();
}

static void run_runtime(int sock, int null, unsigned int mode)
{
	static const struct ladder_ops all = {
		.userns = on_step, .forked = on_step, .namespaces = on_step,
		.console = on_fd, .ready = on_ready, .listener = on_fd,
		.done = on_done,
	}, few = { .ready = on_step, .done = on_done };
	struct owner o = { .l = LADDER_NONE };
	struct err e = { 0 };
	struct ev ev;

	ev_init(&ev);
	o.l.ev = &ev;
	o.l.ops = mode & 1 ? &all : &few;
	o.l.user = &o;
	/* no process and no pidfd: nobody is there to be killed */
	if (ladder_adopt(&o.l, sock, 0, dup(null), &e) < 0)
		abort();
	if (mode & 2)
		(void)ladder_step(&o.l, LADDER_START, &e);
	for (int i = 0; i < MAX_DATAGRAMS + 4 && !o.done; i++)
		if (ev_once(&ev, 0, &e) == 0)
			break;
	ladder_close(&o.l);
	if (ev_once(&ev, 0, &e) > 0)
		__builtin_trap();
	ev_done(&ev);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct input in = { data, size };
	unsigned int mode = take(&in), before = count_fds();
	int pair[2], null = open("/dev/null", O_RDWR | O_CLOEXEC);

	if (null < 0 ||
	    socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, pair) < 0)
		abort();
	send_all(pair[1], null, &in);
	if (mode & 0x80) {
		close(pair[1]);
		run_init(pair[0], mode);
		close(pair[0]);
	} else {
		if (mode & 4)
			fd_close(&pair[1]);
		run_runtime(pair[0], null, mode);
		fd_close(&pair[1]);
	}
	close(null);
	if (count_fds() != before)
		__builtin_trap();
	return 0;
}
