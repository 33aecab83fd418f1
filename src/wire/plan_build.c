/* SPDX-License-Identifier: Apache-2.0 */
#include <assert.h>
#include <errno.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "wire/plan.h"

_Static_assert(sizeof(struct plan_op) == 64, "the plan's layout is on the wire");
_Static_assert(sizeof(struct plan_header) == 24, "the plan's layout is on the wire");

void plan_builder_init(struct plan_builder *b)
{
	memset(b, 0, offsetof(struct plan_builder, fds));
	b->ops = b->own_ops;
	b->cap_ops = PLAN_OWN_OPS;
	b->data = b->own_data;
	b->cap = PLAN_OWN_DATA;
}

void plan_builder_done(struct plan_builder *b)
{
	for (int i = 0; i < b->n_fds; i++)
		if (b->fds[i] >= 0)
			close(b->fds[i]);
	b->n_fds = 0;
	if (b->ops != b->own_ops)
		free(b->ops);
	if (b->data != b->own_data)
		free(b->data);
	plan_builder_init(b);
}

/* realloc(3) of memory that may still be the builder's own. */
static void *enlarge(void *p, const void *own, size_t used, size_t size)
{
	void *n;

	if (p != own)
		return realloc(p, size);
	n = malloc(size);
	if (n && used)
		memcpy(n, own, used);
	return n;
}

/* Room for @more bytes at @align in the data area; NULL once it failed. */
static unsigned char *reserve(struct plan_builder *b, size_t more, size_t align)
{
	size_t at = b->len ? (b->len + align - 1) & ~(align - 1) : align;
	size_t need;

	if (b->failed)
		return NULL;
	if (more > PLAN_MAX_BYTES || at + more > PLAN_MAX_BYTES) {
		b->failed = E2BIG;
		return NULL;
	}
	need = at + more;
	if (need > b->cap) {
		size_t cap = b->cap;
		unsigned char *p;

		while (cap < need)
			cap *= 2;
		p = enlarge(b->data, b->own_data, b->len, cap);
		if (!p) {
			b->failed = ENOMEM;
			return NULL;
		}
		b->data = p;
		b->cap = cap;
	}
	memset(b->data + b->len, 0, at - b->len);
	b->len = need;
	return b->data + at;
}

static uint32_t offset_of(const struct plan_builder *b, const unsigned char *p)
{
	return p ? (uint32_t)(p - b->data) : 0;
}

uint32_t plan_str(struct plan_builder *b, const char *s)
{
	size_t len = s ? strlen(s) + 1 : 0;
	unsigned char *p = s ? reserve(b, len, 1) : NULL;

	if (p)
		memcpy(p, s, len);
	return offset_of(b, p);
}

uint32_t plan_vec(struct plan_builder *b, char *const *v, size_t n)
{
	size_t bytes = sizeof(uint32_t);
	uint32_t count = (uint32_t)n;
	unsigned char *p, *at;

	for (size_t i = 0; i < n; i++)
		bytes += strlen(v[i]) + 1;
	p = reserve(b, bytes, sizeof(uint32_t));
	if (!p)
		return 0;
	memcpy(p, &count, sizeof(count));
	at = p + sizeof(count);
	for (size_t i = 0; i < n; i++) {
		size_t len = strlen(v[i]) + 1;

		memcpy(at, v[i], len);
		at += len;
	}
	return offset_of(b, p);
}

uint32_t plan_blob(struct plan_builder *b, const void *data, size_t len)
{
	uint32_t head[2] = { (uint32_t)len, 0 };
	unsigned char *p;

	if (!data)
		return 0;
	if (len > PLAN_MAX_BYTES) {
		b->failed = E2BIG;
		return 0;
	}
	p = reserve(b, sizeof(head) + len, 8);
	if (!p)
		return 0;
	memcpy(p, head, sizeof(head));
	if (len)
		memcpy(p + sizeof(head), data, len);
	return offset_of(b, p);
}

int plan_fd(struct plan_builder *b, int fd)
{
	if (fd < 0)
		return PLAN_NO_FD;
	if (b->n_fds == PLAN_MAX_FDS) {
		close(fd);
		b->failed = E2BIG;
		return PLAN_NO_FD;
	}
	b->fds[b->n_fds] = fd;
	return b->n_fds++;
}

static struct plan_op *grow_ops(struct plan_builder *b)
{
	size_t cap = b->cap_ops * 2;
	struct plan_op *p;

	if (b->n_ops == PLAN_MAX_OPS) {
		b->failed = E2BIG;
		return NULL;
	}
	if (b->n_ops < b->cap_ops)
		return b->ops;
	p = enlarge(b->ops, b->own_ops, b->n_ops * sizeof(*p),
		    cap * sizeof(*p));
	if (!p) {
		b->failed = ENOMEM;
		return NULL;
	}
	b->ops = p;
	b->cap_ops = cap;
	return p;
}

static uint32_t put_what(struct plan_builder *b, const char *fmt, va_list ap)
{
	char text[512];

	vsnprintf(text, sizeof(text), fmt, ap);
	return plan_str(b, text);
}

struct plan_op *plan_add(struct plan_builder *b, enum plan_code code,
			 const char *what, ...)
{
	struct plan_op *op;
	va_list ap;

	/* A failed builder hands out one that is never read, so that callers
	 * need not look. */
	if (b->failed || !grow_ops(b))
		op = &b->dummy;
	else
		op = &b->ops[b->n_ops++];
	memset(op, 0, sizeof(*op));
	op->code = (uint16_t)code;
	op->fd[0] = op->fd[1] = PLAN_NO_FD;
	if (what) {
		va_start(ap, what);
		op->what = put_what(b, what, ap);
		va_end(ap);
	}
	return op;
}

void plan_join_late(struct plan_builder *b, size_t at, uint64_t flag,
		    const char *what)
{
	struct plan_op *op = plan_add(b, PLAN_NS_JOIN, "%s", what), join;

	if (b->n_fds == PLAN_MAX_FDS)
		b->failed = E2BIG;
	if (b->failed)
		return;
	op->num[0] = flag;
	op->fd[0] = b->n_fds;
	b->fds[b->n_fds++] = -1;
	b->late = true;
	join = *op;
	memmove(b->ops + at + 1, b->ops + at,
		(b->n_ops - 1 - at) * sizeof(join));
	b->ops[at] = join;
}

int plan_parts(struct plan_builder *b, struct plan_header *header,
	       struct iovec *ret)
{
	size_t ops = b->n_ops * sizeof(struct plan_op);
	size_t size = sizeof(*header) + ops + b->len;

	if (!b->failed && size > PLAN_MAX_BYTES)
		b->failed = E2BIG;
	if (b->failed)
		return -b->failed;
	*header = (struct plan_header){
		.magic = PLAN_MAGIC,
		.version = PLAN_VERSION,
		.size = (uint32_t)size,
		.n_ops = (uint32_t)b->n_ops,
		.n_fds = (uint32_t)b->n_fds,
	};
	ret[0] = (struct iovec){ header, sizeof(*header) };
	ret[1] = (struct iovec){ b->ops, ops };
	ret[2] = (struct iovec){ b->data, b->len };
	return 0;
}

int plan_finish(struct plan_builder *b, size_t headroom, unsigned char **ret,
		size_t *ret_len)
{
	struct iovec parts[PLAN_PARTS];
	struct plan_header h;
	unsigned char *p;
	int r = plan_parts(b, &h, parts);

	if (r < 0)
		return r;
	p = malloc(headroom + h.size);
	if (!p)
		return -ENOMEM;
	*ret = p;
	*ret_len = headroom + h.size;
	p += headroom;
	for (size_t i = 0; i < PLAN_PARTS; i++)
		p = mempcpy(p, parts[i].iov_base, parts[i].iov_len);
	return 0;
}
