/* SPDX-License-Identifier: Apache-2.0 */
/* Runs in berth-init too: no C library beyond memchr and strlen. */
#include <errno.h>
#include <string.h>

#include "wire/plan.h"

/* End of the string at @off, which must lie before @end; 0: it has none. */
static uint32_t string_end(const struct plan *p, uint32_t off)
{
	const char *nul;

	if (off >= p->data_len)
		return 0;
	nul = memchr(p->data + off, '\0', p->data_len - off);
	return nul ? (uint32_t)(nul - p->data) + 1 : 0;
}

static uint32_t read_u32(const char *at)
{
	uint32_t v;

	memcpy(&v, at, sizeof(v));
	return v;
}

static bool vector_fits(const struct plan *p, uint32_t off)
{
	uint32_t n;

	if (off % sizeof(n) || off > p->data_len ||
	    p->data_len - off < sizeof(n))
		return false;
	n = read_u32(p->data + off);
	off += (uint32_t)sizeof(n);
	/* Each string takes a byte at least, so the walk is bounded. */
	while (n--) {
		off = string_end(p, off);
		if (!off)
			return false;
	}
	return true;
}

static bool blob_fits(const struct plan *p, uint32_t off)
{
	if (off % 8 || off > p->data_len || p->data_len - off < 8)
		return false;
	return read_u32(p->data + off) <= p->data_len - off - 8 &&
	       read_u32(p->data + off + 4) == 0;
}

static bool arg_fits(const struct plan *p, enum plan_arg kind, uint32_t off)
{
	switch (kind) {
	case PLAN_A_NONE:
		return off == 0;
	case PLAN_A_OPT_STR:
	case PLAN_A_OPT_VEC:
	case PLAN_A_OPT_BLOB:
		if (off == 0)
			return true;
		break;
	case PLAN_A_STR:
	case PLAN_A_VEC:
	case PLAN_A_BLOB:
		if (off == 0)
			return false;
		break;
	}
	if (kind == PLAN_A_STR || kind == PLAN_A_OPT_STR)
		return string_end(p, off) != 0;
	if (kind == PLAN_A_VEC || kind == PLAN_A_OPT_VEC)
		return vector_fits(p, off);
	return blob_fits(p, off);
}

static bool slot_fits(const struct plan *p, int32_t slot, bool may, bool must)
{
	if (slot == PLAN_NO_FD)
		return !must;
	return may && slot >= 0 && (uint32_t)slot < p->header->n_fds;
}

static bool op_fits(const struct plan *p, const struct plan_op *op)
{
	const struct plan_code_info *c;

	if (op->code == PLAN_END || op->code >= PLAN_CODES)
		return false;
	c = &plan_codes[op->code];
	for (int i = 0; i < 4; i++)
		if (!arg_fits(p, (enum plan_arg)c->str[i], op->str[i]))
			return false;
	return arg_fits(p, PLAN_A_OPT_STR, op->what) &&
	       slot_fits(p, op->fd[0], c->fds & 1, c->fds & 4) &&
	       slot_fits(p, op->fd[1], c->fds & 2, false);
}

int plan_open(const void *bytes, size_t len, struct plan *p)
{
	const struct plan_header *h = bytes;
	struct plan q = { .header = h };
	size_t room;

	if (len < sizeof(*h) || len > PLAN_MAX_BYTES || h->size != len ||
	    h->magic != PLAN_MAGIC || h->version != PLAN_VERSION ||
	    h->n_fds > PLAN_MAX_FDS || h->n_ops > PLAN_MAX_OPS || h->reserved)
		return -EPROTO;
	room = len - sizeof(*h);
	if (h->n_ops > room / sizeof(struct plan_op))
		return -EPROTO;

	q.ops = (const struct plan_op *)(h + 1);
	q.data = (const char *)(q.ops + h->n_ops);
	q.data_len = (uint32_t)(room - h->n_ops * sizeof(struct plan_op));
	for (uint32_t i = 0; i < h->n_ops; i++)
		if (!op_fits(&q, &q.ops[i]))
			return -EPROTO;
	*p = q;
	return 0;
}

const char *plan_get_vec(const struct plan *p, uint32_t off, uint32_t *ret_n)
{
	if (!off) {
		*ret_n = 0;
		return NULL;
	}
	*ret_n = read_u32(p->data + off);
	return p->data + off + sizeof(uint32_t);
}

const void *plan_get_blob(const struct plan *p, uint32_t off, uint32_t *ret_len)
{
	if (!off) {
		*ret_len = 0;
		return NULL;
	}
	*ret_len = read_u32(p->data + off);
	return p->data + off + 8;
}
