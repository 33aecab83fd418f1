/* SPDX-License-Identifier: Apache-2.0 */
#include "init/init.h"

#define PASSWD_MAX (1u << 20) /* an image may bring an endless one */

struct reader {
	int fd;
	unsigned int at, len;
	char buf[1024];
};

static int next_char(struct reader *r)
{
	if (r->at == r->len) {
		long n = sys_read(r->fd, r->buf, sizeof(r->buf));

		if (n <= 0)
			return -1;
		r->at = 0;
		r->len = (unsigned int)n;
	}
	return (unsigned char)r->buf[r->at++];
}

/* One line under way: name:pw:uid:gid:gecos:home:shell, passwd(5). */
struct line {
	unsigned int field, digits;
	uint64_t number; /* the uid; UINT64_MAX: none */
	size_t len;	 /* of the home; as large as its room: of no use */
};

static void take_char(struct line *l, int c, char *home, size_t size)
{
	if (c == ':') {
		l->field++;
	} else if (l->field == 2) {
		bool fits = c >= '0' && c <= '9' && l->digits < 10;

		/* A number that is none never equals a uid. */
		l->number = fits && l->number != UINT64_MAX
				    ? l->number * 10 + (uint64_t)(c - '0')
				    : UINT64_MAX;
		l->digits++;
	} else if (l->field == 5) {
		if (!c || l->len + 1 >= size) {
			l->len = size;
			return;
		}
		home[l->len++] = (char)c;
	}
}

/* One pass, one line at a time: an image may have written anything into it. */
bool passwd_home(int fd, uint64_t uid, char *home, size_t size)
{
	struct reader r = { .fd = fd, .at = 0, .len = 0 };
	struct line l = { .field = 0 };

	for (unsigned int total = 0; total < PASSWD_MAX; total++) {
		int c = next_char(&r);

		if (c >= 0 && c != '\n') {
			take_char(&l, c, home, size);
			continue;
		}
		if (l.field >= 5 && l.digits && l.number == uid && l.len &&
		    l.len < size) {
			home[l.len] = '\0';
			return true;
		}
		if (c < 0)
			break;
		l = (struct line){ .field = 0 };
	}
	return false;
}
