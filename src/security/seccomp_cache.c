/* SPDX-License-Identifier: Apache-2.0 */
#include "security/seccomp_cache.h"

#include <dirent.h>
#include <errno.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <seccomp.h>
#include <stdbool.h>
#include <string.h>
#include <sys/auxv.h>
#include <sys/stat.h>

#include "oci/spec.h"
#include "security/seccomp.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/buf.h"
#include "util/fs.h"
#include "util/sys.h"

#define MAGIC "berthbpf"
#define FORMAT 1
#define STRING_MAX 65536 /* bytes of each of the two strings */
#define NOTIFIES 1

/* A file in the machine's own byte order: the key names the architecture.
 * Behind it the filter, then the two strings, each with its NUL. */
struct entry {
	char magic[8];
	uint32_t format, size;	   /* bytes, this header included */
	uint8_t sum[SHA256_BYTES]; /* of everything behind it */
	struct seccomp_key key;
	uint32_t n, flags;	   /* as in struct seccomp_program */
	uint32_t options;	   /* NOTIFIES */
	uint32_t path_len, metadata_len; /* with the NUL, 0: none */
	uint32_t reserved;
};

#define ENTRY_MAX (sizeof(struct entry) + BPF_MAXINSNS * 8 + 2 * STRING_MAX)

_Static_assert(sizeof(struct entry) % 8 == 0 && sizeof(struct sock_filter) == 8,
	       "the filter is aligned");

/* With its NUL; 0: there is none. */
static uint32_t string_len(const char *s)
{
	return s ? (uint32_t)strlen(s) + 1 : 0;
}

void seccomp_cache_key(const struct seccomp_source *src,
		       struct seccomp_key *ret)
{
	const struct scmp_version *v = seccomp_version();
	const uint32_t about[] = {
		FORMAT, v->major, v->minor, v->micro, seccomp_arch_native(),
		src->fail_unknown, string_len(src->receiver),
	};
	struct sha256 s;

	sha256_init(&s);
	sha256_update(&s, about, sizeof(about));
	if (src->receiver)
		sha256_update(&s, src->receiver, strlen(src->receiver));
	sha256_update(&s, src->profile->data, src->profile->len);
	sha256_final(&s, ret->v);
}

static void entry_sum(const struct entry *h, const void *rest, size_t len,
		      uint8_t ret[SHA256_BYTES])
{
	struct sha256 s;

	sha256_init(&s);
	sha256_update(&s, &h->key, sizeof(*h) - offsetof(struct entry, key));
	sha256_update(&s, rest, len);
	sha256_final(&s, ret);
}

/* --- reading -------------------------------------------------------------- */

static bool header_ok(const struct entry *h, size_t len,
		      const struct seccomp_key *key)
{
	return memcmp(h->magic, MAGIC, sizeof(h->magic)) == 0 &&
	       h->format == FORMAT && h->size == len &&
	       memcmp(&h->key, key, sizeof(*key)) == 0 && h->n >= 1 &&
	       h->n <= BPF_MAXINSNS && h->path_len <= STRING_MAX &&
	       h->metadata_len <= STRING_MAX &&
	       len == sizeof(*h) + (size_t)h->n * 8 + h->path_len +
			      h->metadata_len;
}

/* @len bytes at @s as a string: NULL for none, "" never stands for it. */
static bool string_at(const char *s, size_t len, const char **ret)
{
	*ret = len ? s : NULL;
	return len == 0 || memchr(s, '\0', len) == s + len - 1;
}

int seccomp_cache_parse(const void *bytes, size_t len,
			const struct seccomp_key *key,
			struct seccomp_program *ret)
{
	const struct entry *h = bytes;
	const char *filter = (const char *)bytes + sizeof(*h);
	struct seccomp_program p = { .cached = true };
	uint8_t sum[SHA256_BYTES];
	const char *strings;

	if (len < sizeof(*h) || !header_ok(h, len, key))
		return -EBADMSG;
	entry_sum(h, filter, len - sizeof(*h), sum);
	strings = filter + (size_t)h->n * 8;
	if (memcmp(sum, h->sum, sizeof(sum)) != 0 ||
	    !string_at(strings, h->path_len, &p.listener_path) ||
	    !string_at(strings + h->path_len, h->metadata_len,
		       &p.listener_metadata))
		return -EBADMSG;
	p.filter = (const void *)filter;
	p.n = h->n;
	p.flags = h->flags;
	p.notify = h->options & NOTIFIES;
	*ret = p;
	return 0;
}

/* The kernel left our uid beside the program's arguments; berth never changes
 * it, so there is nothing to ask. */
static bool trusted(const struct stat *st)
{
	return S_ISREG(st->st_mode) && st->st_uid == getauxval(AT_EUID) &&
	       !(st->st_mode & (S_IWGRP | S_IWOTH));
}

int seccomp_cache_load(int dirfd, const struct seccomp_key *key,
		       struct arena *a, struct seccomp_program *ret)
{
	char name[SHA256_HEX];
	struct stat st;
	void *bytes;
	long n;

	sha256_hex(key->v, name);
	/* O_NONBLOCK: a fifo under that name must not stop us */
	auto_fd fd = sys_openat(dirfd, name,
				O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_NOCTTY, 0);
	if (fd < 0)
		return fd;
	n = sys_fstat(fd, &st);
	if (n < 0)
		return (int)n;
	if (!trusted(&st))
		return -EPERM;
	if (st.st_size > (off_t)ENTRY_MAX)
		return -EBADMSG;
	bytes = arena_alloc(a, (size_t)st.st_size);
	if (!bytes)
		return -ENOMEM;
	n = sys_read(fd, bytes, (size_t)st.st_size);
	if (n < 0)
		return (int)n;
	return seccomp_cache_parse(bytes, (size_t)n, key, ret);
}

/* --- writing -------------------------------------------------------------- */

static bool too_long(const char *s)
{
	return s && strlen(s) >= STRING_MAX;
}

static void put_entry(struct buf *out, const struct seccomp_key *key,
		      const struct seccomp_program *p)
{
	struct entry h = {
		.magic = MAGIC,
		.format = FORMAT,
		.key = *key,
		.n = p->n,
		.flags = p->flags,
		.options = p->notify ? NOTIFIES : 0,
		.path_len = string_len(p->listener_path),
		.metadata_len = string_len(p->listener_metadata),
	};

	buf_put(out, &h, sizeof(h));
	buf_put(out, p->filter, p->n * sizeof(*p->filter));
	buf_put(out, p->listener_path ?: "", h.path_len);
	buf_put(out, p->listener_metadata ?: "", h.metadata_len);
	if (out->failed)
		return;
	h.size = (uint32_t)out->len;
	entry_sum(&h, out->data + sizeof(h), out->len - sizeof(h), h.sum);
	memcpy(out->data, &h, sizeof(h));
}

struct oldest {
	size_t n; /* files seen */
	struct timespec when;
	char name[256];
};

static bool before(const struct timespec *a, const struct timespec *b)
{
	return a->tv_sec < b->tv_sec ||
	       (a->tv_sec == b->tv_sec && a->tv_nsec < b->tv_nsec);
}

static void look_at(int dirfd, const char *name, struct oldest *o)
{
	struct stat st;

	if (fstatat(dirfd, name, &st, AT_SYMLINK_NOFOLLOW) < 0 ||
	    S_ISDIR(st.st_mode))
		return;
	if (o->n++ && !before(&st.st_mtim, &o->when))
		return;
	o->when = st.st_mtim;
	memcpy(o->name, name, strnlen(name, sizeof(o->name) - 1) + 1);
}

/* Make room for one more.  What a crash left under a temporary name counts
 * and ages like an entry. */
static void evict(int dirfd)
{
	struct oldest o = { 0 };
	int fd = sys_openat(dirfd, ".", O_RDONLY | O_DIRECTORY, 0);
	auto_dir d = fd < 0 ? NULL : fdopendir(fd);
	struct dirent *entry;

	if (!d) {
		fd_close(&fd);
		return;
	}
	while ((entry = readdir(d)) != NULL)
		look_at(fd, entry->d_name, &o);
	if (o.n >= SECCOMP_CACHE_ENTRIES)
		(void)sys_unlinkat(fd, o.name, 0);
}

int seccomp_cache_store(int dirfd, const struct seccomp_key *key,
			const struct seccomp_program *p)
{
	char name[SHA256_HEX];
	auto_buf out = { 0 };

	if (too_long(p->listener_path) || too_long(p->listener_metadata))
		return -E2BIG;
	put_entry(&out, key, p);
	if (out.failed)
		return -ENOMEM;
	sha256_hex(key->v, name);
	evict(dirfd);
	return fs_replace(dirfd, name, out.data, out.len, 0600, NULL);
}
