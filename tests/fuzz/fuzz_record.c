/* SPDX-License-Identifier: Apache-2.0 */
/*
 * A container's state on disk, whoever has written it: read, and what was read
 * is written and read again.  A NUL divides state.json from next.json.
 */
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/record.h"
#include "util/arena.h"
#include "util/auto.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void put(int dir, const char *name, const uint8_t *data, size_t size)
{
	auto_fd fd = openat(dir, name, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC,
			    0600);

	if (fd < 0 || write(fd, data, size) != (ssize_t)size)
		abort();
}

static void check_same(const struct record *a, const struct record *b)
{
	if (strcmp(a->id, b->id) != 0 || strcmp(a->bundle, b->bundle) != 0 ||
	    a->pid != b->pid || a->start_time != b->start_time ||
	    a->owner != b->owner || a->ready != b->ready ||
	    a->annotations.n != b->annotations.n ||
	    !a->cgroup != !b->cgroup)
		__builtin_trap();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const uint8_t *end = size ? memchr(data, '\0', size) : NULL;
	size_t first = end ? (size_t)(end - data) : size;
	auto_arena a = { 0 };
	struct record r = { 0 }, again = { 0 };
	struct err e = { 0 };
	char path[64] = "/dev/shm/berth-fuzz-XXXXXX";
	auto_fd dir = -EBADF;
	int n;

	if (!mkdtemp(path))
		abort();
	dir = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (dir < 0)
		abort();
	put(dir, RECORD_FILE, data, first);
	if (end)
		put(dir, RECORD_NEXT, end + 1, size - first - 1);
	n = record_read(dir, &a, &r, &e);
	if (n < 0 && (!e.text[0] || e.code != -n))
		__builtin_trap();
	if (n == 0) {
		if (record_write(dir, &r, &e) < 0 ||
		    record_read(dir, &a, &again, &e) < 0)
			__builtin_trap();
		check_same(&r, &again);
	}
	unlinkat(dir, RECORD_FILE, 0);
	unlinkat(dir, RECORD_NEXT, 0);
	rmdir(path);
	return 0;
}
