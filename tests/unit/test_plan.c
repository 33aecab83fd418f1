/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "util/auto.h"
#include "wire/plan.h"

struct fixture {
	struct plan_builder b;
	unsigned char *bytes; /* a finished plan */
	size_t len;
	struct plan p;
};

static int setup(void **state)
{
	struct fixture *f = calloc(1, sizeof(*f));

	plan_builder_init(&f->b);
	*state = f;
	return 0;
}

static int teardown(void **state)
{
	struct fixture *f = *state;

	plan_builder_done(&f->b);
	free(f->bytes);
	free(f);
	return 0;
}

static void finish(struct fixture *f)
{
	assert_int_equal(plan_finish(&f->b, 0, &f->bytes, &f->len), 0);
	assert_int_equal(plan_open(f->bytes, f->len, &f->p), 0);
}

static int a_descriptor(void)
{
	int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);

	assert_true(fd >= 0);
	return fd;
}

static const char *const words[] = { "one", "", "three and more" };

static uint32_t add_arg(struct plan_builder *b, enum plan_arg kind)
{
	switch (kind) {
	case PLAN_A_NONE:
		break;
	case PLAN_A_STR:
	case PLAN_A_OPT_STR:
		return plan_str(b, "a string");
	case PLAN_A_VEC:
	case PLAN_A_OPT_VEC:
		return plan_vec(b, (char **)(uintptr_t)words, ARRAY_LEN(words));
	case PLAN_A_BLOB:
	case PLAN_A_OPT_BLOB:
		return plan_blob(b, "blob\0blob", 9);
	}
	return 0;
}

/* Every operation with every argument that it may have. */
static void fill(struct plan_builder *b)
{
	for (int code = PLAN_END + 1; code < PLAN_CODES; code++) {
		const struct plan_code_info *c = &plan_codes[code];
		struct plan_op *op = plan_add(b, code, "%s[%d]", c->name, code);

		for (int i = 0; i < 4; i++) {
			op->str[i] = add_arg(b, (enum plan_arg)c->str[i]);
			op->num[i] = (uint64_t)code << 32 | (unsigned int)i;
		}
		for (int i = 0; i < 2; i++)
			if (c->fds >> i & 1)
				op->fd[i] = plan_fd(b, a_descriptor());
		op->flags = (uint16_t)(code * 3);
	}
}

static void check_arg(const struct plan *p, enum plan_arg kind, uint32_t off)
{
	const char *s;
	uint32_t n;

	switch (kind) {
	case PLAN_A_NONE:
		assert_int_equal(off, 0);
		break;
	case PLAN_A_STR:
	case PLAN_A_OPT_STR:
		assert_string_equal(plan_get_str(p, off), "a string");
		break;
	case PLAN_A_VEC:
	case PLAN_A_OPT_VEC:
		s = plan_get_vec(p, off, &n);
		assert_int_equal(n, ARRAY_LEN(words));
		for (uint32_t i = 0; i < n; i++, s += strlen(s) + 1)
			assert_string_equal(s, words[i]);
		break;
	case PLAN_A_BLOB:
	case PLAN_A_OPT_BLOB:
		s = plan_get_blob(p, off, &n);
		assert_int_equal(n, 9);
		assert_memory_equal(s, "blob\0blob", 9);
		assert_int_equal((uintptr_t)s % 8, 0);
		break;
	}
}

/* --- what goes in comes out ------------------------------------------------------ */

static void the_layout_is_fixed(void **state)
{
	assert_int_equal(sizeof(struct plan_header), 24);
	assert_int_equal(sizeof(struct plan_op), 64);
	assert_int_equal(offsetof(struct plan_op, flags), 2);
	assert_int_equal(offsetof(struct plan_op, what), 4);
	assert_int_equal(offsetof(struct plan_op, str), 8);
	assert_int_equal(offsetof(struct plan_op, fd), 24);
	assert_int_equal(offsetof(struct plan_op, num), 32);
	assert_int_equal(sizeof(struct plan_caps), 32);
	assert_int_equal(PLAN_VERSION, 1);
}

static void every_operation_has_a_name_of_its_own(void **state)
{
	for (int i = 0; i < PLAN_CODES; i++) {
		const char *name = plan_codes[i].name;

		assert_true(name[0]);
		assert_non_null(memchr(name, '\0', sizeof(plan_codes[i].name)));
		for (int k = 0; k < i; k++)
			assert_string_not_equal(name, plan_codes[k].name);
		/* fd[0] that must be there may be there. */
		assert_true(!(plan_codes[i].fds & 4) || plan_codes[i].fds & 1);
	}
}

static void every_operation_comes_through(void **state)
{
	struct fixture *f = *state;
	int slot = 0;

	fill(&f->b);
	finish(f);
	assert_int_equal(f->p.header->n_ops, PLAN_CODES - 1);
	for (int code = PLAN_END + 1; code < PLAN_CODES; code++) {
		const struct plan_code_info *c = &plan_codes[code];
		const struct plan_op *op = &f->p.ops[code - 1];
		char what[64];

		snprintf(what, sizeof(what), "%s[%d]", c->name, code);
		assert_int_equal(op->code, code);
		assert_int_equal(op->flags, (uint16_t)(code * 3));
		assert_string_equal(plan_get_str(&f->p, op->what), what);
		for (int i = 0; i < 4; i++) {
			check_arg(&f->p, (enum plan_arg)c->str[i], op->str[i]);
			assert_true(op->num[i] ==
				    ((uint64_t)code << 32 | (unsigned int)i));
		}
		for (int i = 0; i < 2; i++)
			assert_int_equal(op->fd[i], c->fds >> i & 1
						    ? slot++ : PLAN_NO_FD);
	}
	assert_int_equal(f->p.header->n_fds, slot);
}

static void an_empty_plan_is_a_plan(void **state)
{
	struct fixture *f = *state;

	finish(f);
	assert_int_equal(f->len, sizeof(struct plan_header));
	assert_int_equal(f->p.header->n_ops, 0);
}

static void none_is_offset_zero_and_empty_is_not(void **state)
{
	struct fixture *f = *state;
	struct plan_op *op = plan_add(&f->b, PLAN_USER, NULL);
	uint32_t n = 7;
	char *v[] = { NULL };

	assert_int_equal(op->what, 0);
	assert_int_equal(plan_str(&f->b, NULL), 0);
	assert_int_equal(plan_blob(&f->b, NULL, 8), 0);
	assert_int_not_equal(plan_str(&f->b, ""), 0);
	op->str[0] = plan_blob(&f->b, "", 0);
	assert_int_not_equal(op->str[0], 0);
	op = plan_add(&f->b, PLAN_ARGS, NULL);
	op->str[1] = plan_vec(&f->b, v, 0);
	op->str[2] = plan_vec(&f->b, NULL, 0);
	assert_int_not_equal(op->str[1], 0);
	finish(f);
	assert_null(plan_get_str(&f->p, 0));
	assert_null(plan_get_vec(&f->p, 0, &n));
	assert_int_equal(n, 0);
	n = 7;
	assert_null(plan_get_blob(&f->p, 0, &n));
	assert_int_equal(n, 0);
	n = 7;
	assert_non_null(plan_get_blob(&f->p, f->p.ops[0].str[0], &n));
	assert_int_equal(n, 0);
	n = 7;
	assert_non_null(plan_get_vec(&f->p, f->p.ops[1].str[2], &n));
	assert_int_equal(n, 0);
}

static void a_join_that_waits_stands_where_it_is_wanted(void **state)
{
	struct fixture *f = *state;
	int fd = a_descriptor();

	plan_add(&f->b, PLAN_SETSID, NULL);
	plan_add(&f->b, PLAN_CHROOT, NULL)->fd[0] = plan_fd(&f->b, fd);
	plan_add(&f->b, PLAN_PIVOT, "the root");
	plan_join_late(&f->b, 1, 0x40000000, "the network");
	assert_true(f->b.late);
	assert_int_equal(f->b.n_fds, 2);
	finish(f);
	assert_int_equal(f->p.header->n_ops, 4);
	assert_int_equal(f->p.ops[0].code, PLAN_SETSID);
	assert_int_equal(f->p.ops[1].code, PLAN_NS_JOIN);
	assert_int_equal(f->p.ops[1].fd[0], 1);
	assert_int_equal(f->p.ops[1].num[0], 0x40000000);
	assert_string_equal(plan_get_str(&f->p, f->p.ops[1].what), "the network");
	assert_int_equal(f->p.ops[2].code, PLAN_CHROOT);
	assert_int_equal(f->p.ops[2].fd[0], 0);
	assert_int_equal(f->p.ops[3].code, PLAN_PIVOT);
	assert_string_equal(plan_get_str(&f->p, f->p.ops[3].what), "the root");
	/* Nothing was put into the last slot: it is none to be closed. */
	plan_builder_done(&f->b);
	assert_false(f->b.late);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void a_late_join_needs_a_slot(void **state)
{
	struct fixture *f = *state;
	unsigned char *bytes;
	size_t len;

	for (int i = 0; i < PLAN_MAX_FDS; i++)
		f->b.fds[f->b.n_fds++] = -1;
	plan_join_late(&f->b, 0, 0x40000000, "the network");
	assert_int_equal(plan_finish(&f->b, 0, &bytes, &len), -E2BIG);
}

static void headroom_is_left_free_in_front(void **state)
{
	struct fixture *f = *state;

	fill(&f->b);
	assert_int_equal(plan_finish(&f->b, 512, &f->bytes, &f->len), 0);
	memset(f->bytes, 0xaa, 512);
	assert_int_equal(plan_open(f->bytes + 512, f->len - 512, &f->p), 0);
	assert_int_equal(f->p.header->size, f->len - 512);
}

static void a_builder_can_be_finished_twice_and_used_again(void **state)
{
	struct fixture *f = *state;
	unsigned char *again;
	size_t len;

	fill(&f->b);
	finish(f);
	assert_int_equal(plan_finish(&f->b, 0, &again, &len), 0);
	assert_int_equal(len, f->len);
	assert_memory_equal(again, f->bytes, len);
	free(again);
	plan_builder_done(&f->b);
	assert_int_equal(f->b.n_ops, 0);
	fill(&f->b);
	assert_int_equal(plan_finish(&f->b, 0, &again, &len), 0);
	assert_int_equal(len, f->len);
	free(again);
}

static void the_builder_closes_its_descriptors(void **state)
{
	struct fixture *f = *state;
	int fd = a_descriptor();

	assert_int_equal(plan_fd(&f->b, -1), PLAN_NO_FD);
	assert_int_equal(plan_fd(&f->b, -EBADF), PLAN_NO_FD);
	assert_int_equal(plan_fd(&f->b, fd), 0);
	plan_builder_done(&f->b);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
}

static void a_builder_grows_beyond_its_own_room(void **state)
{
	struct fixture *f = *state;
	char text[600];
	const int n = 3 * PLAN_OWN_OPS;

	memset(text, 'x', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	for (int i = 0; i < n; i++) {
		struct plan_op *op = plan_add(&f->b, PLAN_HOSTNAME, "op %d", i);

		snprintf(text, sizeof(text), "%d", i);
		text[strlen(text)] = 'x'; /* 599 bytes all in all */
		op->str[0] = plan_str(&f->b, text);
		op->num[0] = (uint64_t)i;
	}
	assert_true(f->b.len > 10 * PLAN_OWN_DATA);
	finish(f);
	for (int i = 0; i < n; i++) {
		const char *s = plan_get_str(&f->p, f->p.ops[i].str[0]);

		assert_int_equal(strlen(s), sizeof(text) - 1);
		assert_int_equal(strtol(s, NULL, 10), i);
		assert_int_equal(f->p.ops[i].num[0], i);
	}
}

static void a_long_description_is_cut(void **state)
{
	struct fixture *f = *state;
	char text[2000];

	memset(text, 'y', sizeof(text));
	text[sizeof(text) - 1] = '\0';
	plan_add(&f->b, PLAN_SETSID, "%s", text);
	finish(f);
	assert_in_range(strlen(plan_get_str(&f->p, f->p.ops[0].what)), 100, 600);
}

/* --- limits ------------------------------------------------------------------------- */

static void assert_too_big(struct fixture *f)
{
	assert_int_equal(plan_finish(&f->b, 0, &f->bytes, &f->len), -E2BIG);
	assert_null(f->bytes);
}

static void one_operation_too_many_fails_for_good(void **state)
{
	struct fixture *f = *state;
	struct plan_op *op = NULL;

	for (int i = 0; i < PLAN_MAX_OPS; i++)
		plan_add(&f->b, PLAN_SETSID, NULL);
	finish(f);
	free(f->bytes);
	f->bytes = NULL;
	for (int i = 0; i < 3; i++) {
		op = plan_add(&f->b, PLAN_HOSTNAME, "number %d", i);
		assert_non_null(op);
		op->str[0] = plan_str(&f->b, "never read");
		op->flags = 0xffff;
	}
	/* The one handed out after a failure comes clean each time. */
	op = plan_add(&f->b, PLAN_SETSID, NULL);
	assert_int_equal(op->flags, 0);
	assert_int_equal(f->b.n_ops, PLAN_MAX_OPS);
	assert_too_big(f);
}

static void one_descriptor_too_many_is_closed_and_fails(void **state)
{
	struct fixture *f = *state;
	int fd;

	for (int i = 0; i < PLAN_MAX_FDS; i++)
		f->b.fds[f->b.n_fds++] = -1; /* close(-1) harms nobody */
	fd = a_descriptor();
	assert_int_equal(plan_fd(&f->b, fd), PLAN_NO_FD);
	assert_int_equal(fcntl(fd, F_GETFD), -1);
	assert_too_big(f);
}

static void too_many_bytes_fail_for_good(void **state)
{
	struct fixture *f = *state;
	unsigned char *big = calloc(1, PLAN_MAX_BYTES + 1);
	const size_t head = sizeof(struct plan_header);

	/* offset 8, 8 bytes of length: the largest that fits */
	assert_int_not_equal(plan_blob(&f->b, big, PLAN_MAX_BYTES - head - 16), 0);
	finish(f);
	assert_int_equal(f->len, PLAN_MAX_BYTES);
	free(f->bytes);
	f->bytes = NULL;
	assert_int_not_equal(plan_str(&f->b, ""), 0);
	assert_too_big(f);

	plan_builder_done(&f->b);
	assert_int_equal(plan_blob(&f->b, big, PLAN_MAX_BYTES + 1), 0);
	assert_int_equal(plan_str(&f->b, "x"), 0);
	assert_int_equal(plan_vec(&f->b, NULL, 0), 0);
	assert_int_equal(plan_blob(&f->b, big, 1), 0);
	assert_too_big(f);

	plan_builder_done(&f->b);
	memset(big, 'x', PLAN_MAX_BYTES);
	assert_int_equal(plan_str(&f->b, (char *)big), 0);
	assert_too_big(f);

	plan_builder_done(&f->b);
	assert_int_equal(plan_vec(&f->b, (char *[]){ (char *)big }, 1), 0);
	assert_too_big(f);

	plan_builder_done(&f->b);
	assert_int_equal(plan_blob(&f->b, big, SIZE_MAX), 0);
	assert_too_big(f);
	free(big);
}

/* --- damage ------------------------------------------------------------------------- */

static int open_copy(const void *bytes, size_t len)
{
	/* An allocation of that very size: a sanitizer sees one byte too far. */
	void *copy = malloc(len ? len : 1);
	const struct plan untouched = { .data_len = 4711 };
	struct plan p = untouched;
	int r;

	memcpy(copy, bytes, len);
	r = plan_open(copy, len, &p);
	if (r < 0)
		assert_memory_equal(&p, &untouched, sizeof(p));
	free(copy);
	return r;
}

static void each_field_of_the_header_is_looked_at(void **state)
{
	struct fixture *f = *state;
	struct plan_header *h, good;
	const struct plan_header bad[] = {
		{ .magic = 1 },
		{ .version = 1 },
		{ .version = UINT32_MAX },
		{ .size = 1 },
		{ .size = (uint32_t)-1 },
		{ .size = (uint32_t)-64 },
		{ .n_ops = 0x04000000 },   /* times 64 is 0 in 32 bits */
		{ .n_ops = PLAN_MAX_OPS + 1 },
		{ .n_ops = (uint32_t)-1 }, /* shifts the data */
		{ .n_fds = PLAN_MAX_FDS + 1 },
		{ .n_fds = 0x80000000 },
		{ .n_fds = (uint32_t)-1 }, /* a slot is past it */
		{ .reserved = 1 },
	};

	fill(&f->b);
	finish(f);
	h = (void *)f->bytes;
	good = *h;
	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		h->magic += bad[i].magic;
		h->version += bad[i].version;
		h->size += bad[i].size;
		h->n_ops += bad[i].n_ops;
		h->n_fds += bad[i].n_fds;
		h->reserved += bad[i].reserved;
		assert_int_equal(open_copy(f->bytes, f->len), -EPROTO);
		*h = good;
	}
	assert_int_equal(open_copy(f->bytes, f->len), 0);
}

static void a_plan_cut_anywhere_is_refused(void **state)
{
	struct fixture *f = *state;
	struct plan_header *h;

	fill(&f->b);
	finish(f);
	h = (void *)f->bytes;
	for (size_t len = 0; len < f->len; len++) {
		h->size = (uint32_t)f->len;
		assert_int_equal(open_copy(f->bytes, len), -EPROTO);
		/* Even when the header says so; the last operation has no
		 * argument, but a description, which ends the data. */
		h->size = (uint32_t)len;
		if (open_copy(f->bytes, len) == 0)
			fail_msg("cut at %zu of %zu", len, f->len);
	}
}

/* Whether the plan is refused once @value is in the place of *@at. */
static bool refused(const struct fixture *f, uint32_t *at, uint32_t value)
{
	uint32_t good = *at;
	int r;

	*at = value;
	r = open_copy(f->bytes, f->len);
	*at = good;
	assert_true(r == 0 || r == -EPROTO);
	return r == -EPROTO;
}

static bool is_optional(enum plan_arg kind)
{
	return kind == PLAN_A_OPT_STR || kind == PLAN_A_OPT_VEC ||
	       kind == PLAN_A_OPT_BLOB;
}

static void every_argument_must_be_what_the_table_says(void **state)
{
	struct fixture *f = *state;

	fill(&f->b);
	finish(f);
	for (int code = PLAN_END + 1; code < PLAN_CODES; code++) {
		struct plan_op *op = (struct plan_op *)(uintptr_t)&f->p.ops[code - 1];

		assert_true(refused(f, &op->what, f->p.data_len));
		assert_true(refused(f, &op->what, UINT32_MAX));
		assert_false(refused(f, &op->what, 0));
		for (int i = 0; i < 4; i++) {
			enum plan_arg kind =
				(enum plan_arg)plan_codes[code].str[i];
			uint32_t *at = &op->str[i];

			assert_true(refused(f, at, f->p.data_len));
			assert_true(refused(f, at, UINT32_MAX));
			assert_true(refused(f, at, UINT32_MAX & ~7u));
			if (kind == PLAN_A_NONE) {
				assert_true(refused(f, at, 1));
				continue;
			}
			assert_int_equal(refused(f, at, 0), !is_optional(kind));
			if (kind != PLAN_A_STR && kind != PLAN_A_OPT_STR)
				assert_true(refused(f, at, *at + 1));
			if (kind == PLAN_A_BLOB || kind == PLAN_A_OPT_BLOB)
				assert_true(refused(f, at, *at + 4));
		}
	}
}

static void every_slot_must_be_one_of_the_table(void **state)
{
	struct fixture *f = *state;

	fill(&f->b);
	finish(f);
	for (int code = PLAN_END + 1; code < PLAN_CODES; code++) {
		struct plan_op *op = (struct plan_op *)(uintptr_t)&f->p.ops[code - 1];
		uint8_t fds = plan_codes[code].fds;

		for (int i = 0; i < 2; i++) {
			uint32_t *at = (uint32_t *)&op->fd[i];

			assert_true(refused(f, at, f->p.header->n_fds));
			assert_true(refused(f, at, 0x80000000));
			assert_true(refused(f, at, 0x7fffffff));
			assert_true(refused(f, at, (uint32_t)-2));
			assert_int_equal(refused(f, at, 0), !(fds >> i & 1));
			assert_int_equal(refused(f, at, (uint32_t)PLAN_NO_FD),
					 i == 0 && fds & 4);
		}
	}
}

static void no_other_code_is_an_operation(void **state)
{
	struct fixture *f = *state;
	struct plan_op *op;

	plan_add(&f->b, PLAN_SETSID, NULL);
	finish(f);
	op = (struct plan_op *)(uintptr_t)f->p.ops;
	op->code = PLAN_END;
	assert_int_equal(open_copy(f->bytes, f->len), -EPROTO);
	for (unsigned int code = PLAN_CODES; code <= UINT16_MAX; code++) {
		op->code = (uint16_t)code;
		assert_int_equal(open_copy(f->bytes, f->len), -EPROTO);
	}
}

/* A plan of one operation with @data as its data area, opened. */
static int open_with(enum plan_code code, uint32_t off, const void *data,
		     size_t len)
{
	struct {
		struct plan_header h;
		struct plan_op op;
		unsigned char data[64];
	} p = {
		.h = { PLAN_MAGIC, PLAN_VERSION,
		       (uint32_t)(sizeof(p.h) + sizeof(p.op) + len), 1, 0, 0 },
		.op = { .code = (uint16_t)code, .fd = { PLAN_NO_FD, PLAN_NO_FD },
			.str = { off } },
	};

	memcpy(p.data, data, len);
	if (code == PLAN_FIND)
		p.op.str[1] = 3; /* a NUL in all of the cases */
	return open_copy(&p, p.h.size);
}

static void strings_vectors_and_blobs_end_inside(void **state)
{
	static const struct {
		enum plan_code code;
		uint32_t off;
		const char *data;
		size_t len;
		int r;
	} cases[] = {
		{ PLAN_HOSTNAME, 1, "\0ab\0", 4, 0 },
		{ PLAN_HOSTNAME, 3, "\0ab\0", 4, 0 },
		{ PLAN_HOSTNAME, 4, "\0ab\0", 4, -EPROTO },
		{ PLAN_HOSTNAME, 1, "\0abc", 4, -EPROTO },
		{ PLAN_HOSTNAME, 1, "", 0, -EPROTO },
		{ PLAN_HOSTNAME, 1, "\0", 1, -EPROTO },
		/* two strings, counted */
		{ PLAN_FIND, 4, "\0\0\0\0\2\0\0\0a\0\0", 11, 0 },
		{ PLAN_FIND, 4, "\0\0\0\0\3\0\0\0a\0\0", 11, -EPROTO },
		{ PLAN_FIND, 4, "\0\0\0\0\2\0\0\0a\0b", 11, -EPROTO },
		{ PLAN_FIND, 4, "\0\0\0\0\0\0\0\0", 8, 0 },
		{ PLAN_FIND, 4, "\0\0\0\0\1\0\0\0", 8, -EPROTO },
		{ PLAN_FIND, 4, "\0\0\0\0\xff\xff\xff\xff\0", 9, -EPROTO },
		{ PLAN_FIND, 4, "\0\0\0\0\0\0\0", 7, -EPROTO },
		{ PLAN_FIND, 8, "\0\0\0\0\0\0\0\0", 8, -EPROTO },
		{ PLAN_FIND, 2, "\0\0\0\0\0\0\0\0", 8, -EPROTO },
		/* a blob of two bytes */
		{ PLAN_CAPS, 8, "\0\0\0\0\0\0\0\0\2\0\0\0\0\0\0\0xy", 18, 0 },
		{ PLAN_CAPS, 8, "\0\0\0\0\0\0\0\0\3\0\0\0\0\0\0\0xy", 18, -EPROTO },
		{ PLAN_CAPS, 8, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, 0 },
		{ PLAN_CAPS, 8, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 15, -EPROTO },
		{ PLAN_CAPS, 8, "\0\0\0\0\0\0\0\0\xff\xff\xff\xff\0\0\0\0", 16, -EPROTO },
		{ PLAN_CAPS, 8, "\0\0\0\0\0\0\0\0\xf8\xff\xff\xff\0\0\0\0", 16, -EPROTO },
		{ PLAN_CAPS, 4, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, -EPROTO },
		{ PLAN_CAPS, 16, "\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0", 16, -EPROTO },
		/* what the layout says is zero is zero */
		{ PLAN_CAPS, 8, "\0\0\0\0\0\0\0\0\0\0\0\0\1\0\0\0", 16, -EPROTO },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		if (open_with(cases[i].code, cases[i].off, cases[i].data,
			      cases[i].len) != cases[i].r)
			fail_msg("case %zu", i);
}

/* Reads everything that a plan names, as the executor does. */
static size_t read_all(const struct plan *p)
{
	size_t sum = 0;

	for (uint32_t i = 0; i < p->header->n_ops; i++) {
		const struct plan_op *op = &p->ops[i];
		const struct plan_code_info *c = &plan_codes[op->code];
		const char *s = plan_get_str(p, op->what);
		uint32_t n = 0;

		sum += s ? strlen(s) : 0;
		for (int k = 0; k < 4; k++) {
			enum plan_arg kind = (enum plan_arg)c->str[k];

			s = NULL;
			if (kind == PLAN_A_STR || kind == PLAN_A_OPT_STR)
				sum += op->str[k] ? strlen(plan_get_str(p, op->str[k])) : 0;
			else if (kind == PLAN_A_VEC || kind == PLAN_A_OPT_VEC)
				for (s = plan_get_vec(p, op->str[k], &n); n; n--)
					s += strlen(s) + 1;
			else if (kind != PLAN_A_NONE)
				for (s = plan_get_blob(p, op->str[k], &n); n; n--)
					sum += (unsigned char)s[n - 1];
		}
	}
	return sum;
}

static void no_flipped_byte_makes_the_reader_crash(void **state)
{
	struct fixture *f = *state;
	unsigned int seed = 1, accepted = 0;

	fill(&f->b);
	finish(f);
	for (int round = 0; round < 60000; round++) {
		unsigned char *copy = malloc(f->len);
		struct plan p;

		memcpy(copy, f->bytes, f->len);
		for (int n = rand_r(&seed) % 4; n >= 0; n--)
			copy[(unsigned int)rand_r(&seed) % f->len] ^=
				(unsigned char)(1 + rand_r(&seed) % 255);
		if (plan_open(copy, f->len, &p) == 0) {
			accepted++;
			assert_true(read_all(&p) != SIZE_MAX);
		}
		free(copy);
	}
	/* Many bytes are free: numbers, flags, text. */
	assert_in_range(accepted, 1000, 59000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_layout_is_fixed),
		cmocka_unit_test(every_operation_has_a_name_of_its_own),
#define TEST(fn) cmocka_unit_test_setup_teardown(fn, setup, teardown)
		TEST(every_operation_comes_through),
		TEST(an_empty_plan_is_a_plan),
		TEST(none_is_offset_zero_and_empty_is_not),
		TEST(a_join_that_waits_stands_where_it_is_wanted),
		TEST(a_late_join_needs_a_slot),
		TEST(headroom_is_left_free_in_front),
		TEST(a_builder_can_be_finished_twice_and_used_again),
		TEST(the_builder_closes_its_descriptors),
		TEST(a_builder_grows_beyond_its_own_room),
		TEST(a_long_description_is_cut),
		TEST(one_operation_too_many_fails_for_good),
		TEST(one_descriptor_too_many_is_closed_and_fails),
		TEST(too_many_bytes_fail_for_good),
		TEST(each_field_of_the_header_is_looked_at),
		TEST(a_plan_cut_anywhere_is_refused),
		TEST(every_argument_must_be_what_the_table_says),
		TEST(every_slot_must_be_one_of_the_table),
		TEST(no_other_code_is_an_operation),
		TEST(strings_vectors_and_blobs_end_inside),
		TEST(no_flipped_byte_makes_the_reader_crash),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
