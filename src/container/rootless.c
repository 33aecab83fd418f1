/* SPDX-License-Identifier: Apache-2.0 */
#include "container/rootless.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "container/container.h"
#include "namespaces/idmap.h"
#include "security/caps.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"
#include "util/num.h"

#define CAP(c) (1ULL << (c))

int rootless_caller(const struct context *ctx, struct ns_caller *ret,
		    struct err *e)
{
	const uint64_t all = CAP(CAP_SYS_ADMIN) | CAP(CAP_SETUID) |
			     CAP(CAP_SETGID);
	uint64_t have;
	int r;

	*ret = (struct ns_caller){ .privileged = true };
	if (!ctx->rootless)
		return 0;
	r = caps_available(&have);
	if (r < 0)
		return err_sys(e, r, "read berth's own capabilities");
	ret->privileged = (have & all) == all;
	ret->uid = geteuid();
	ret->gid = getegid();
	return 0;
}

/* --- maps that nobody gave ----------------------------------------------------- */

#define SUBID_MAX (16u << 20) /* bytes; hosts with very many users exist */

/* Without the file, or a helper that may read it, there are none. */
static int read_ranges(enum ns_ids ids, uint32_t uid, struct arena *a,
		       struct oci_id_mappings *ret)
{
	static const char *const files[] = { "/etc/subuid", "/etc/subgid" };
	auto_mem char *text = NULL, *passwd = NULL;
	struct subid_user user = { .uid = uid };
	const char *helper;
	size_t len;

	*ret = (struct oci_id_mappings){ 0 };
	if (ns_map_helper(ids, &helper, NULL) < 0 ||
	    fs_read_all(AT_FDCWD, files[ids], SUBID_MAX, &text, &len, NULL) < 0)
		return 0;
	if (fs_read_all(AT_FDCWD, "/etc/passwd", SUBID_MAX, &passwd, &len,
			NULL) == 0)
		user.name = subid_name(passwd, uid, a);
	return subid_ranges(text, &user, a, ret);
}

static int default_maps(const struct ns_caller *caller, struct oci_spec *spec,
			struct arena *a, struct err *e)
{
	static const struct oci_user nobody;
	const struct oci_user *user = spec->process ? &spec->process->user
						    : &nobody;
	struct oci_id_mappings ranges;
	int r = read_ranges(NS_UIDS, caller->uid, a, &ranges);

	if (r == 0)
		r = subid_mappings(user->uid, caller->uid, &ranges, a,
				   &spec->linux_->uid_mappings);
	if (r == 0)
		r = read_ranges(NS_GIDS, caller->uid, a, &ranges);
	if (r == 0)
		r = subid_mappings(user->gid, caller->gid, &ranges, a,
				   &spec->linux_->gid_mappings);
	return r < 0 ? err_set(e, -r, "linux.uidMappings: out of memory") : 0;
}

static void forget_own_userns(struct oci_linux *l)
{
	struct oci_namespace *user = &l->namespaces[OCI_NS_USER];

	if (!user->listed || !user->path ||
	    ns_is_callers(OCI_NS_USER, user->path) != 1)
		return;
	*user = (struct oci_namespace){ 0 };
	l->uid_mappings = l->gid_mappings = (struct oci_id_mappings){ 0 };
}

int rootless_complete(const struct ns_caller *caller, struct oci_spec *spec,
		      struct arena *a, struct err *e)
{
	struct oci_linux *l = spec->linux_;
	struct oci_namespace *user = &l->namespaces[OCI_NS_USER];

	forget_own_userns(l);
	if (caller->privileged || (user->listed && user->path))
		return 0;
	user->listed = true;
	if (l->uid_mappings.n || l->gid_mappings.n)
		return 0;
	return default_maps(caller, spec, a, e);
}

/* --- what the caller's own namespace maps ----------------------------------------- */

/* Lines of "inside outside size"; @text is cut up. */
static int parse_map(char *text, struct arena *a, struct oci_id_mappings *ret)
{
	struct oci_id_mapping *v = arena_array(a, NS_MAP_LINES, sizeof(*v));
	char *save = NULL;
	size_t n = 0;

	if (!v)
		return -ENOMEM;
	for (char *line = strtok_r(text, "\n", &save); line && n < NS_MAP_LINES;
	     line = strtok_r(NULL, "\n", &save)) {
		uint64_t inside, outside, size;

		if (num_word(line, 0, UINT32_MAX, &inside) < 0 ||
		    num_word(line, 1, UINT32_MAX, &outside) < 0 ||
		    num_word(line, 2, UINT32_MAX, &size) < 0)
			return -EPROTO;
		v[n++] = (struct oci_id_mapping){ (uint32_t)inside,
						  (uint32_t)outside,
						  (uint32_t)size };
	}
	*ret = (struct oci_id_mappings){ .n = n, .v = v };
	return 0;
}

int rootless_gids(const struct context *ctx, const struct oci_linux *l,
		  bool new_userns, struct arena *a,
		  const struct oci_id_mappings **ret, struct err *e)
{
	auto_mem char *text = NULL;
	struct oci_id_mappings *own;
	size_t len;
	int r;

	*ret = new_userns ? &l->gid_mappings : NULL;
	if (new_userns || !ctx->rootless || l->namespaces[OCI_NS_USER].listed)
		return 0;
	own = arena_alloc(a, sizeof(*own));
	if (!own)
		return err_set(e, ENOMEM, "/proc/self/gid_map: out of memory");
	r = fs_read_all(AT_FDCWD, "/proc/self/gid_map", 1u << 16, &text, &len, e);
	if (r < 0)
		return r;
	r = parse_map(text, a, own);
	if (r < 0)
		return err_sys(e, r, "/proc/self/gid_map");
	*ret = own;
	return 0;
}

/* --- helpers ------------------------------------------------------------------------ */

#define HELPER_TIMEOUT 60 /* seconds; they may ask a directory server */

static int add_helper(enum ns_ids ids, const struct oci_id_mappings *m,
		      pid_t pid, struct arena *a, struct oci_hook *ret,
		      struct err *e)
{
	const char *path;
	int r = ns_map_helper(ids, &path, e);

	if (r < 0)
		return r;
	*ret = (struct oci_hook){ .path = arena_strdup(a, path),
				  .timeout = { true, HELPER_TIMEOUT } };
	ret->args.v = ns_map_args(ids, m, pid, a, &ret->args.n);
	return ret->path && ret->args.v
		       ? 0
		       : err_set(e, ENOMEM, "%s: out of memory", path);
}

int rootless_helpers(const struct ns_plan *ns, const struct oci_linux *l,
		     pid_t pid, struct arena *a, struct oci_hook_list *ret,
		     struct err *e)
{
	struct oci_hook *v = arena_array(a, 2, sizeof(*v));
	size_t n = 0;
	int r = 0;

	if (!v)
		return err_set(e, ENOMEM, "linux.uidMappings: out of memory");
	if (ns->uid_way == NS_MAP_HELPER)
		r = add_helper(NS_UIDS, &l->uid_mappings, pid, a, &v[n++], e);
	if (r == 0 && ns->gid_way == NS_MAP_HELPER)
		r = add_helper(NS_GIDS, &l->gid_mappings, pid, a, &v[n++], e);
	*ret = (struct oci_hook_list){ .n = n, .v = v };
	return r;
}

bool rootless_userns_differs(pid_t pid)
{
	char path[40];

	snprintf(path, sizeof(path), "/proc/%d/ns/user", (int)pid);
	return ns_is_callers(OCI_NS_USER, path) != 1;
}
