/* SPDX-License-Identifier: Apache-2.0 */
/*
 * init/target.c - paths inside the container's root.
 *
 * An image, or a container that shares a volume, may put a symlink anywhere at
 * any moment.  So each path is resolved by openat2 with RESOLVE_IN_ROOT (no
 * link leads out) and RESOLVE_NO_MAGICLINKS (no /proc/PID/fd), and all that is
 * done afterwards is done to the fd that came out, never to the path again.
 * What is missing is made one part at a time, relative to the fd of its
 * parent, which cannot be swapped (CVE-2024-45310, CVE-2021-30465).
 */
#include <errno.h>
#include <linux/limits.h>
#include <string.h>

#include "init/init.h"
#include "util/weak.h"

#define MAX_LINKS 40 /* as the kernel's own limit, path_resolution(7) */
#define MAX_TRIES 64 /* openat2 gives EAGAIN while the tree is being renamed */

int target_root(struct init *in)
{
	if (in->root < 0)
		in->root = sys_openat(AT_FDCWD, "/", O_PATH | O_DIRECTORY, 0);
	return in->root;
}

/* A way out through any link, for test builds. */
static int resolve_weakly(int root, const char *path, uint64_t flags,
			  uint64_t more)
{
	while (*path == '/')
		path++;
	return sys_openat2(root, *path ? path : ".", O_PATH | flags, 0, more);
}

static int resolve(int root, const char *path, uint64_t flags, uint64_t more)
{
	int r, tries = 0;

	if (weak(DEFENCE_IN_ROOT))
		return resolve_weakly(root, path, flags, more);
	do
		r = sys_openat2(root, path, O_PATH | flags, 0,
				RESOLVE_IN_ROOT | RESOLVE_NO_MAGICLINKS | more);
	while (r == -EAGAIN && ++tries < MAX_TRIES);
	if (weak(DEFENCE_BY_FD) && r >= 0) {
		sys_close(r);
		r = resolve_weakly(root, path, flags, more);
	}
	return r;
}

int target_find(struct init *in, const char *path, bool nofollow)
{
	int root = target_root(in);

	in->made_there = false;
	if (root < 0)
		return root;
	return resolve(root, path, 0, nofollow ? RESOLVE_NO_SYMLINKS : 0);
}

/* Makes the last part of a path that does not exist yet. */
static int make_one(int parent, const char *name, enum target_kind kind,
		    unsigned int mode)
{
	int fd, r;

	if (kind == TARGET_DIR) {
		r = sys_mkdirat(parent, name, mode);
	} else {
		r = sys_openat(parent, name,
			       O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW, mode);
		if (r >= 0) {
			sys_close(r);
			r = 0;
		}
	}
	if (r < 0)
		return r;
	fd = sys_openat2(parent, name, O_PATH | O_NOFOLLOW, 0,
			 RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS);
	return fd;
}

/* A path under way: text[] is the whole of it, [0, done) has been resolved. */
struct walk {
	char text[PATH_MAX];
	int links;
	uint64_t resolve; /* RESOLVE_NO_SYMLINKS or 0 */
};

static int walk_start(struct walk *w, const char *path, bool nofollow)
{
	size_t len = strlen(path);

	if (len >= sizeof(w->text))
		return -ENAMETOOLONG;
	memcpy(w->text, path, len + 1);
	w->links = 0;
	w->resolve = nofollow ? RESOLVE_NO_SYMLINKS : 0;
	return 0;
}

/* Replaces the dangling symlink that ends at @end by what it says. */
static int follow(struct walk *w, int parent, const char *name, size_t start,
		  size_t end)
{
	char link[PATH_MAX], next[PATH_MAX];
	struct text t = { next, next + sizeof(next) };
	long n = sys_readlinkat(parent, name, link, sizeof(link) - 1);

	if (n == -EINVAL)
		return 0; /* no link: somebody has just made it, look again */
	if (n < 0)
		return (int)n;
	if (w->resolve)
		return -ELOOP;
	if (++w->links > MAX_LINKS)
		return -ELOOP;
	link[n] = '\0';
	if ((size_t)n + (link[0] == '/' ? 0 : start) + strlen(w->text + end) +
		    2 > sizeof(next))
		return -ENAMETOOLONG;
	if (link[0] != '/') {
		char keep = w->text[start];

		w->text[start] = '\0';
		text_put(&t, w->text);
		w->text[start] = keep;
	}
	text_put(&t, link);
	text_put(&t, w->text + end);
	memcpy(w->text, next, sizeof(next));
	return 0;
}

/* Finds the next part of the path behind @from: [*start, *end). */
static bool next_part(const struct walk *w, size_t from, size_t *start,
		      size_t *end)
{
	size_t i = from;

	while (w->text[i] == '/')
		i++;
	*start = i;
	while (w->text[i] && w->text[i] != '/')
		i++;
	*end = i;
	return *end > *start;
}

static bool is_last(const struct walk *w, size_t end)
{
	while (w->text[end] == '/')
		end++;
	return w->text[end] == '\0';
}

/* One walk from the root down; -EAGAIN after a link was put into the text. */
static int walk_down(struct walk *w, int root, enum target_kind kind,
		     unsigned int mode)
{
	size_t start, end = 0;
	int cur = sys_openat(root, ".", O_PATH | O_DIRECTORY, 0);

	while (cur >= 0 && next_part(w, end, &start, &end)) {
		char keep = w->text[end];
		char *name = w->text + start;
		int next;

		w->text[end] = '\0';
		next = resolve(root, w->text, 0, w->resolve);
		if (next == -ENOENT && strcmp(name, "..") != 0) {
			bool last = keep == '\0' || is_last(w, end + 1);

			next = make_one(cur, name, last ? kind : TARGET_DIR,
					last ? mode : 0755);
			if (next == -EEXIST) {
				char part[NAME_MAX + 1];
				size_t len = strlen(name);

				if (len > NAME_MAX) {
					next = -ENAMETOOLONG;
				} else {
					memcpy(part, name, len + 1);
					w->text[end] = keep;
					next = follow(w, cur, part, start, end);
					sys_close(cur);
					return next < 0 ? next : -EAGAIN;
				}
			}
		}
		w->text[end] = keep;
		sys_close(cur);
		cur = next;
	}
	return cur;
}

void target_forget_parent(struct init *in)
{
	if (in->parent >= 0)
		init_close(in, in->parent);
	in->parent = -1;
}

static void keep_parent(struct init *in, int fd, const char *path, size_t len)
{
	target_forget_parent(in);
	in->parent = fd;
	in->parent_path = path;
	in->parent_len = (uint32_t)len;
}

static bool is_parent(const struct init *in, const char *path, size_t len)
{
	return in->parent >= 0 && in->parent_len == len &&
	       memcmp(in->parent_path, path, len) == 0;
}

/* What is missing is mostly the last part only: one look at its parent, which
 * is kept, for the next one often goes there too.  -ENOENT, -EEXIST: that is
 * not so here, walk. */
static int make_in_parent(struct init *in, const char *path,
			  enum target_kind kind, unsigned int mode,
			  bool nofollow)
{
	char dir[PATH_MAX];
	size_t len = strlen(path), end = len;
	int r;

	while (end && path[end - 1] != '/')
		end--;
	/* A trailing slash, "." and ".." are for the walk to sort out. */
	if (end == len || !end || path[end] == '.')
		return -ENOENT;
	if (end >= sizeof(dir))
		return -ENAMETOOLONG;
	if (!is_parent(in, path, end)) {
		memcpy(dir, path, end);
		dir[end] = '\0';
		keep_parent(in, resolve(in->root, dir, 0, nofollow
					? RESOLVE_NO_SYMLINKS : 0), path, end);
	}
	if (in->parent < 0)
		return in->parent;
	r = make_one(in->parent, path + end, kind, mode);
	in->made_there = r >= 0;
	return r;
}

int target_make(struct init *in, const char *path, enum target_kind kind,
		unsigned int mode, bool nofollow)
{
	struct walk w;
	int r = target_find(in, path, nofollow), tries = 0;

	if (r == -ENOENT)
		r = make_in_parent(in, path, kind, mode, nofollow);
	if (r != -ENOENT && r != -EEXIST)
		return r;
	r = walk_start(&w, path, nofollow);
	if (r < 0)
		return r;
	do
		r = walk_down(&w, in->root, kind, mode);
	while (r == -EAGAIN && ++tries < MAX_TRIES);
	return r;
}

int target_parent(struct init *in, const char *path, const char **ret_name)
{
	char dir[PATH_MAX];
	const char *name = path;
	size_t len;

	for (const char *p = path; *p; p++)
		if (*p == '/' && p[1])
			name = p + 1;
	len = (size_t)(name - path);
	if (!*name || strcmp(name, ".") == 0 || strcmp(name, "..") == 0 ||
	    name[strlen(name) - 1] == '/')
		return -EINVAL;
	if (len >= sizeof(dir))
		return -ENAMETOOLONG;
	*ret_name = name;
	if (is_parent(in, path, len))
		return in->parent;
	memcpy(dir, path, len);
	dir[len] = '\0';
	keep_parent(in, target_make(in, len ? dir : ".", TARGET_DIR, 0755, false),
		    path, len);
	return in->parent;
}
