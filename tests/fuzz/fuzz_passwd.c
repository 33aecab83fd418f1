/* SPDX-License-Identifier: Apache-2.0 */
/* HOME out of an image's passwd file, against a slow and simple reading of it. */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "init/init.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HOME_ROOM 24
#define STALE '#'

/* Where field @want of the line [s, end) begins, and how long it is. */
static const char *find_field(const char *s, const char *end, int want,
			      size_t *ret_len)
{
	const char *stop;

	for (; want; want--) {
		s = memchr(s, ':', (size_t)(end - s));
		if (!s)
			return NULL;
		s++;
	}
	stop = memchr(s, ':', (size_t)(end - s));
	*ret_len = (size_t)((stop ? stop : end) - s);
	return s;
}

static bool is_number(const char *s, size_t len, uint64_t want)
{
	uint64_t v = 0;

	if (!len || len > 10)
		return false;
	for (; len; len--, s++) {
		if (*s < '0' || *s > '9')
			return false;
		v = v * 10 + (uint64_t)(*s - '0');
	}
	return v == want;
}

static const char *simple_home(const char *s, size_t size, uint64_t uid,
			       size_t *ret_len)
{
	const char *end = s + size, *next;

	for (; s <= end; s = next + 1) {
		size_t len = 0;
		const char *field;

		next = memchr(s, '\n', (size_t)(end - s));
		if (!next)
			next = end;
		field = find_field(s, next, 2, &len);
		if (!field || !is_number(field, len, uid))
			continue;
		field = find_field(s, next, 5, ret_len);
		if (field && *ret_len && *ret_len < HOME_ROOM &&
		    !memchr(field, '\0', *ret_len))
			return field;
	}
	return NULL;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char home[HOME_ROOM];
	const char *want;
	uint64_t uid;
	size_t len = 0;
	int fd;

	if (!size)
		return 0;
	/* the first byte chooses among uids that a mutation can reach */
	uid = data[0] < 200 ? data[0] % 12u : data[0] < 250 ? 65534 : UINT32_MAX;
	data++;
	size--;
	fd = memfd_create("passwd", MFD_CLOEXEC);
	if (fd < 0 || write(fd, data, size) != (ssize_t)size ||
	    lseek(fd, 0, SEEK_SET) < 0)
		abort();
	memset(home, STALE, sizeof(home));
	want = simple_home((const char *)data, size, uid, &len);
	if (passwd_home(fd, uid, home, sizeof(home)) != (want != NULL))
		__builtin_trap();
	if (want && (strlen(home) != len || memcmp(home, want, len) != 0))
		__builtin_trap();
	close(fd);
	return 0;
}
