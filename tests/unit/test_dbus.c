/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "dbus/dbus.h"
#include "unit/dbus_fake.h"
#include "util/arena.h"
#include "util/auto.h"

/* --- messages ---------------------------------------------------------------- */

static const struct dbus_call some_call = {
	.destination = "org.example", .path = "/a/b", .interface = "org.example.I",
	.member = "Do", .signature = "sut",
};

static void a_call_reads_back_as_it_was_written(void **state)
{
	auto_buf out = { 0 };
	struct dbus_writer w;
	struct dbus_message m;
	struct dbus_reader r;
	const char *s;
	uint32_t n;
	size_t size;

	buf_puts(&out, "odd"); /* alignment counts from the message */
	dbus_begin(&w, &out, &some_call, 7);
	dbus_put_str(&w, "text");
	dbus_put_u32(&w, 5);
	dbus_put_u64(&w, UINT64_MAX - 1);
	dbus_end(&w);
	assert_int_equal(dbus_message_size((uint8_t *)out.data + 3, &size), 0);
	assert_int_equal(size, out.len - 3);
	assert_int_equal(dbus_message_parse((uint8_t *)out.data + 3, size, &m), 0);
	assert_int_equal(m.type, DBUS_CALL);
	assert_int_equal(m.serial, 7);
	assert_string_equal(m.path, "/a/b");
	assert_string_equal(m.interface, "org.example.I");
	assert_string_equal(m.member, "Do");
	assert_string_equal(m.signature, "sut");
	r = dbus_read(&m);
	assert_int_equal(dbus_get_str(&r, &s), 0);
	assert_string_equal(s, "text");
	assert_int_equal(dbus_get_u32(&r, &n), 0);
	assert_int_equal(n, 5);
	assert_int_equal(m.body_len, 4 + 5 + 3 + 4 + 8);
	assert_memory_equal(m.body + 16, (&(uint64_t){ UINT64_MAX - 1 }), 8);
}

/* What the specification shows byte by byte, in the order that this machine does
 * not have. */
static void the_other_byte_order_is_understood(void **state)
{
	static const uint8_t bytes[] = {
		'B', 2, 1, 1, 0, 0, 0, 9, 0, 0, 0, 3, 0, 0, 0, 15,
		5, 1, 'u', 0, 0, 0, 1, 2, 8, 1, 'g', 0, 1, 's', 0, 0,
		0, 0, 0, 4, 'd', 'o', 'n', 'e', 0,
	};
	struct dbus_message m;
	struct dbus_reader r;
	const char *s;
	size_t size;

	assert_int_equal(dbus_message_size(bytes, &size), 0);
	assert_int_equal(size, sizeof(bytes));
	assert_int_equal(dbus_message_parse(bytes, sizeof(bytes), &m), 0);
	assert_int_equal(m.reply_serial, 0x102);
	assert_string_equal(m.signature, "s");
	r = dbus_read(&m);
	assert_int_equal(dbus_get_str(&r, &s), 0);
	assert_string_equal(s, "done");
	assert_int_equal(dbus_get_str(&r, &s), -EPROTO);
}

static void fill(struct buf *out)
{
	static const char *const strings[] = { "/job/1", "a.scope", "done", NULL };
	static const uint32_t id = 1;

	fake_build(out, &(struct fake_message){
				.type = DBUS_SIGNAL, .path = "/p",
				.interface = "i.i", .member = "JobRemoved",
				.signature = "uoss", .first = &id,
				.strings = strings });
}

/* Each copy is exactly as long as it says, so that a sanitizer sees a read behind
 * its end. */
static void a_message_cut_anywhere_is_refused(void **state)
{
	auto_buf out = { 0 };

	fill(&out);
	for (size_t len = 0; len < out.len; len++) {
		uint8_t *copy = malloc(len + !len);
		struct dbus_message m = { .serial = 99 };

		memcpy(copy, out.data, len);
		assert_int_equal(dbus_message_parse(copy, len, &m), -EPROTO);
		assert_int_equal(m.serial, 99);
		free(copy);
	}
}

static void read_all(const struct dbus_message *m)
{
	struct dbus_reader r = dbus_read(m);
	const char *s;
	uint32_t n;

	while (dbus_get_u32(&r, &n) == 0 && dbus_get_str(&r, &s) == 0)
		assert_true(strlen(s) < DBUS_MESSAGE_MAX);
	if (m->path)
		assert_true(strlen(m->path) < DBUS_MESSAGE_MAX);
}

static void a_message_with_any_byte_changed_is_refused_or_readable(void **state)
{
	auto_buf out = { 0 };
	unsigned int refused = 0;

	fill(&out);
	for (size_t i = 0; i < out.len; i++)
		for (unsigned int v = 0; v < 256; v++) {
			uint8_t *copy = malloc(out.len);
			struct dbus_message m;

			memcpy(copy, out.data, out.len);
			copy[i] = (uint8_t)v;
			if (dbus_message_parse(copy, out.len, &m) == 0)
				read_all(&m);
			else
				refused++;
			free(copy);
		}
	assert_true(refused > out.len * 50);
}

static void a_length_that_cannot_be_is_refused(void **state)
{
	static const uint8_t heads[][DBUS_HEAD] = {
		{ 'l', 2, 0, 1, 0xff, 0xff, 0xff, 0xff, 1, 0, 0, 0, 0 },
		{ 'l', 2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0xff, 0xff, 0xff, 0xff },
		{ 'l', 2, 0, 1, 0, 0, 16, 0, 1, 0, 0, 0, 0 },
		{ 'l', 2, 0, 2, 0, 0, 0, 0, 1, 0, 0, 0, 0 },
		{ 'x', 2, 0, 1, 0, 0, 0, 0, 1, 0, 0, 0, 0 },
	};
	size_t size = 5;

	for (size_t i = 0; i < ARRAY_LEN(heads); i++)
		assert_int_equal(dbus_message_size(heads[i], &size), -EPROTO);
	assert_int_equal(size, 5);
}

static void an_answer_without_what_it_must_have_is_refused(void **state)
{
	static const struct fake_message cases[] = {
		{ .type = DBUS_RETURN },
		{ .type = DBUS_ERROR, .reply_serial = 1 },
		{ .type = DBUS_ERROR, .error = "a.b" },
		{ .type = DBUS_SIGNAL, .path = "/", .member = "M" },
		{ .type = DBUS_CALL, .path = "/" },
		{ .type = 0, .reply_serial = 1 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_buf out = { 0 };
		struct dbus_message m;

		fake_build(&out, &cases[i]);
		assert_int_equal(dbus_message_parse((uint8_t *)out.data, out.len, &m),
				 -EPROTO);
	}
}

/* --- addresses ----------------------------------------------------------------- */

static void an_address_is_the_path_of_a_socket(void **state)
{
	static const struct { const char *address, *path; } cases[] = {
		{ "unix:path=/run/user/1000/bus", "/run/user/1000/bus" },
		{ "unix:path=/a%20b,guid=12", "/a b" },
		{ "unix:guid=1,path=/x", "/x" },
		{ "unix:abstract=/tmp/dbus-x,guid=1", "@/tmp/dbus-x" },
		{ "tcp:host=localhost;unix:path=/y", "/y" },
		{ "unixexec:path=/bin/x;unix:path=/z;unix:path=/other", "/z" },
		{ "", NULL },
		{ ";;;", NULL },
		{ "tcp:host=path=/x", NULL },
		{ "unix:", NULL },
		{ "unix:path=", NULL },
		{ "unix:path=/a%2", NULL },
		{ "unix:path=/a%zz", NULL },
		{ "unix:path=/a%00b", NULL },
		{ "unix:dir=/tmp", NULL },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		const char *path = NULL;
		int r = dbus_address(cases[i].address, &a, &path);

		assert_int_equal(r, cases[i].path ? 0 : -EINVAL);
		if (cases[i].path)
			assert_string_equal(path, cases[i].path);
	}
}

/* --- a connection --------------------------------------------------------------- */

struct outcome {
	struct dbus bus;
	struct ev ev;
	uint32_t serial;
	bool answered;
	char text[64];
	int failed;
	struct err e;
	unsigned int signals;
};

static void on_message(void *user, const struct dbus_message *m)
{
	struct outcome *o = user;
	struct dbus_reader r = dbus_read(m);
	const char *s;

	o->signals += m->type == DBUS_SIGNAL;
	if (m->reply_serial != o->serial)
		return;
	if (dbus_get_str(&r, &s) == 0)
		snprintf(o->text, sizeof(o->text), "%s", s);
	o->answered = true;
	dbus_close(&o->bus);
	ev_stop(&o->ev);
}

static void on_failed(void *user, int r, struct err *e)
{
	struct outcome *o = user;

	o->failed = r;
	o->e = *e;
	ev_stop(&o->ev);
}

static const struct dbus_ops ops = { on_message, on_failed };

/* One call to somebody who plays @script. */
static void talk(void (*script)(int fd), bool direct, struct outcome *o)
{
	struct dbus_where where = { "dbus-test.sock", direct };
	pid_t pid = fake_start(where.path, script);
	struct err e = { 0 };

	memset(o, 0, sizeof(*o));
	ev_init(&o->ev);
	o->bus = (struct dbus){ .fd = -1, .ev = &o->ev, .ops = &ops, .user = o };
	assert_int_equal(dbus_connect(&o->bus, &where, 400, &e), 0);
	dbus_put_str(dbus_call(&o->bus, &some_call), "x");
	o->serial = o->bus.serial;
	dbus_send(&o->bus);
	assert_int_equal(ev_run(&o->ev, &e), 0);
	assert_true(o->bus.fd < 0);
	ev_done(&o->ev);
	fake_stop(pid);
	unlink(where.path);
}

static const char *const yes[] = { "yes", NULL };

static void polite(int fd)
{
	static uint8_t bytes[DBUS_MESSAGE_MAX];
	struct dbus_message m;

	fake_let_in(fd);
	m = fake_call(fd, bytes);
	fake_send(fd, &(struct fake_message){ .type = DBUS_RETURN,
					      .reply_serial = m.serial,
					      .signature = "s", .strings = yes });
}

/* Says hello first, and byte by byte; signals come in between. */
static void slow_bus(int fd)
{
	static uint8_t bytes[DBUS_MESSAGE_MAX];
	struct dbus_message m;
	auto_buf out = { 0 };

	fake_let_in(fd);
	m = fake_call(fd, bytes);
	if (strcmp(m.member, "Hello") != 0)
		_exit(1);
	fake_send(fd, &(struct fake_message){ .type = DBUS_RETURN,
					      .reply_serial = m.serial,
					      .signature = "s", .strings = yes });
	m = fake_call(fd, bytes);
	fill(&out);
	fill(&out);
	fake_build(&out, &(struct fake_message){ .type = DBUS_RETURN,
						 .reply_serial = m.serial,
						 .signature = "s", .strings = yes });
	for (size_t i = 0; i < out.len; i++)
		fake_write(fd, out.data + i, 1);
}

static void an_answer_arrives_with_and_without_a_bus_between(void **state)
{
	struct outcome o;

	talk(polite, true, &o);
	assert_true(o.answered);
	assert_string_equal(o.text, "yes");
	talk(slow_bus, false, &o);
	assert_true(o.answered);
	assert_string_equal(o.text, "yes");
	assert_int_equal(o.signals, 2);
}

static void rejects(int fd)
{
	fake_write(fd, "REJECTED EXTERNAL\r\n", 19);
	sleep(2);
}

static void is_a_web_server(int fd)
{
	fake_write(fd, "HTTP/1.1 400 Bad Request\r\n\r\n", 28);
	sleep(2);
}

static void never_ends_a_line(int fd)
{
	for (;;)
		fake_write(fd, "DATADATADATADATA", 16);
}

static void never_says_ok(int fd)
{
	for (;;)
		fake_write(fd, "DATA\r\n", 6);
}

static void hangs_up(int fd)
{
	fake_let_in(fd);
}

static void hangs_up_at_once(int fd)
{
}

static void silent(int fd)
{
	fake_let_in(fd);
	sleep(5);
}

static void mute(int fd)
{
	sleep(5);
}

static void talks_for_ever(int fd)
{
	auto_buf out = { 0 };

	fake_let_in(fd);
	fill(&out);
	for (;;)
		fake_write(fd, out.data, out.len);
}

static void sends_rubbish(int fd)
{
	fake_let_in(fd);
	fake_write(fd, "0123456789abcdef0123456789abcdef", 32);
	sleep(2);
}

static void promises_too_much(int fd)
{
	static const uint8_t head[DBUS_HEAD] = { 'l', 2, 0, 1, 0, 0, 0, 0x7f, 1 };

	fake_let_in(fd);
	fake_write(fd, head, sizeof(head));
	sleep(2);
}

static void stops_in_the_middle(int fd)
{
	auto_buf out = { 0 };

	fake_let_in(fd);
	fill(&out);
	fake_write(fd, out.data, out.len - 1);
}

static void whoever_does_not_answer_is_given_up(void **state)
{
	static const struct {
		void (*script)(int fd);
		int failed;
		const char *text;
	} cases[] = {
		{ rejects, -EACCES, "not let in" },
		{ is_a_web_server, -EPROTO, "does not speak D-Bus" },
		{ never_ends_a_line, -EPROTO, "does not speak D-Bus" },
		{ never_says_ok, -EPROTO, "does not speak D-Bus" },
		{ hangs_up, -ECONNRESET, "reset" },
		{ hangs_up_at_once, -ECONNRESET, "reset" },
		{ silent, -ETIMEDOUT, "no answer within 400 ms" },
		{ mute, -ETIMEDOUT, "no answer within 400 ms" },
		{ talks_for_ever, -ETIMEDOUT, "no answer within 400 ms" },
		{ sends_rubbish, -EPROTO, "malformed" },
		{ promises_too_much, -EPROTO, "malformed" },
		{ stops_in_the_middle, -ECONNRESET, "reset" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct outcome o;

		talk(cases[i].script, true, &o);
		if (o.answered || o.failed != cases[i].failed ||
		    !strstr(o.e.text, cases[i].text))
			fail_msg("case %zu: %d, \"%s\"", i, o.failed, o.e.text);
	}
}

static void nobody_there_is_said_at_once(void **state)
{
	struct outcome o = { 0 };
	struct err e = { 0 };

	ev_init(&o.ev);
	o.bus = (struct dbus){ .fd = -1, .ev = &o.ev, .ops = &ops, .user = &o };
	assert_int_equal(dbus_connect(&o.bus, &(struct dbus_where){ "none.sock", true },
				      400, &e), -ENOENT);
	dbus_close(&o.bus);
	ev_done(&o.ev);
}

static int own_directory(void **state)
{
	char dir[] = "/tmp/berth-dbus.XXXXXX";

	return mkdtemp(dir) && chdir(dir) == 0 ? 0 : -1;
}

static int no_directory(void **state)
{
	char dir[4096];

	return getcwd(dir, sizeof(dir)) && chdir("/") == 0 ? rmdir(dir) : -1;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_call_reads_back_as_it_was_written),
		cmocka_unit_test(the_other_byte_order_is_understood),
		cmocka_unit_test(a_message_cut_anywhere_is_refused),
		cmocka_unit_test(a_message_with_any_byte_changed_is_refused_or_readable),
		cmocka_unit_test(a_length_that_cannot_be_is_refused),
		cmocka_unit_test(an_answer_without_what_it_must_have_is_refused),
		cmocka_unit_test(an_address_is_the_path_of_a_socket),
		cmocka_unit_test(an_answer_arrives_with_and_without_a_bus_between),
		cmocka_unit_test(whoever_does_not_answer_is_given_up),
		cmocka_unit_test(nobody_there_is_said_at_once),
	};

	return cmocka_run_group_tests(tests, own_directory, no_directory);
}
