/* SPDX-License-Identifier: Apache-2.0 */
/*
 * The flags of the cgroup v2 hierarchy: there is one superblock, and whoever
 * mounts it in the machine's cgroup namespace sets them anew, for everybody.  So
 * a container that is in there has to mount it with those that it has; in any
 * other namespace the kernel does not look at them.
 *
 * Source: cgroups(7) "Cgroups v2 mount options".
 */
#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "rootfs/planner.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"
#include "wire/plan.h"

#define MOUNTINFO_MAX (64u << 20)

/* As in /sys/kernel/cgroup/features.  Others are not the hierarchy's (a label). */
static const char flags[][28] = {
	"nsdelegate",		"favordynmods",
	"memory_localevents",	"memory_recursiveprot",
	"pids_localevents",	"memory_hugetlb_accounting",
};

static int add_flags(const char *options, size_t len, struct arena *a,
		     struct oci_strv *ret)
{
	ret->v = arena_array(a, ARRAY_LEN(flags) + 1, sizeof(*ret->v));
	ret->n = 0;
	if (!ret->v)
		return -ENOMEM;
	for (const char *s = options; s < options + len;) {
		size_t word = strcspn(s, ",\n");

		for (size_t i = 0; i < ARRAY_LEN(flags); i++)
			if (strlen(flags[i]) == word &&
			    memcmp(flags[i], s, word) == 0 &&
			    ret->n < ARRAY_LEN(flags))
				ret->v[ret->n++] =
					(char *)(uintptr_t)flags[i]; /* only read */
		s += word + 1;
	}
	return 0;
}

int cgroup_flags(const char *mountinfo, struct arena *a, struct oci_strv *ret)
{
	static const char type[] = " - cgroup2 ";
	const char *at = strstr(mountinfo, type);
	size_t line;

	*ret = (struct oci_strv){ 0 };
	if (!at)
		return 0;
	/* Behind the type are the source, in which a blank is \040, and they. */
	at += strlen(type);
	line = strcspn(at, "\n");
	at = memchr(at, ' ', line);
	return at ? add_flags(at + 1, strcspn(at + 1, "\n"), a, ret) : 0;
}

int plan_cgroup_flags(struct planner *p, uint32_t *ret, struct err *e)
{
	const struct oci_namespace *ns =
		&p->r->spec->linux_->namespaces[OCI_NS_CGROUP];
	auto_mem char *text = NULL;
	struct oci_strv v;
	size_t len;
	int r;

	*ret = 0;
	if (ns->listed && !ns->path)
		return 0;
	r = fs_read_all(AT_FDCWD, "/proc/self/mountinfo", MOUNTINFO_MAX, &text,
			&len, e);
	if (r < 0)
		return r;
	if (cgroup_flags(text, p->a, &v) < 0)
		return err_set(e, ENOMEM, "out of memory");
	if (v.n)
		*ret = plan_vec(p->b, v.v, v.n);
	return 0;
}
