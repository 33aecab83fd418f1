/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Who hears of whose mounts.
 *
 * Measured on Linux 6.1 and 6.18: a shared tmpfs H with a shared mount below
 * it, bound recursively at C in a child's mount namespace ("host" is where H
 * lives):
 *
 *	cloned by	"/" of child	C set to	child's mount	host's mount
 *						seen in host	seen in C
 *	parent (fd)	any		-		yes		yes
 *	parent (fd)	any		rprivate	no		no
 *	parent (fd)	any		rslave		no		yes
 *	parent (fd)	any		rshared		yes		yes
 *	child (path)	rprivate	anything	no		no
 *	child (path)	rslave		-, rslave	no		yes
 *	child (path)	rslave		rshared		no		yes
 *	child (path)	rslave		rprivate	no		no
 *
 * The four "parent" rows are the same when the child has a user namespace of
 * its own: the kernel demotes the mounts that such a child inherits, and not
 * the detached ones that it is given.  Hence:
 *
 * - every tree from the parent gets an explicit propagation, since otherwise
 *   it is a peer of the host's mount;
 * - one that is to be shared in a user namespace is made a slave first, so
 *   that a tenant's mounts never reach the host (plan_bind);
 * - "/" of the child becomes rslave where the child clones paths itself, which
 *   lets "slave" binds receive and is as safe as private; elsewhere rprivate,
 *   which changes nothing for the trees from the parent.  Never shared, which
 *   pivot_root(2) refuses: what rootfsPropagation says is carried by each mount
 *   and by the pivot.
 *
 * On 6.1 a slave whose master happens to be a detached tree hears nothing until
 * that one is attached or gone (three of the "child" rows differed for it, with
 * the parent's tree left open).  All trees of a plan are attached before the
 * container's program runs, so it only concerns hooks.
 */
#include <linux/mount.h>

#include "rootfs/planner.h"

#define TYPES ((uint32_t)(MS_SHARED | MS_SLAVE | MS_PRIVATE | MS_UNBINDABLE))

/*
 * What rootfsPropagation means for the mounts in the root.  "unbindable" is for
 * the root alone, which gets it last of all: on any other mount it would keep
 * linux.readonlyPaths, which are clones, from being made.
 */
static uint32_t inherited(const struct planner *p)
{
	if (p->propagation & MS_UNBINDABLE)
		return MS_REC | MS_PRIVATE;
	return p->propagation;
}

/*
 * A recursive bind with a propagation for its top only: the mounts below follow
 * rootfsPropagation.  Only "slave" takes them along, because a slave of
 * something that was made private first would receive nothing.
 */
static struct bind_propagation top_only(uint32_t base, uint32_t asked)
{
	if (asked == (base & TYPES))
		return (struct bind_propagation){ .tree = base };
	if (asked == MS_SLAVE)
		return (struct bind_propagation){ .tree = MS_REC | MS_SLAVE };
	if (asked == MS_SHARED)
		return (struct bind_propagation){ MS_REC | MS_SLAVE, MS_SHARED };
	return (struct bind_propagation){ base, asked };
}

struct bind_propagation bind_propagation(const struct planner *p,
					 uint32_t asked, bool recursive)
{
	uint32_t base = MS_REC | (inherited(p) & TYPES);

	if (!asked)
		return (struct bind_propagation){ .tree = base };
	if ((asked & MS_REC) || !recursive)
		return (struct bind_propagation){ .tree = asked };
	return top_only(base, asked);
}

uint32_t fresh_propagation(const struct planner *p, uint32_t asked)
{
	uint32_t want = asked;

	if (!want && (p->propagation & MS_REC))
		want = inherited(p);
	/* It has no master, so that as a slave it is what it is: private. */
	return want & (MS_SHARED | MS_UNBINDABLE);
}
