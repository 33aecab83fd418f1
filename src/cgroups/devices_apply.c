// SPDX-License-Identifier: Apache-2.0
/*
 * cgroups/devices_apply.c - loading a device program and putting it on a cgroup.
 *
 * A cgroup may carry programs of others too (systemd's DevicePolicy=), all of
 * which have to allow an access; berth's own is known by its name.
 */
#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "cgroups/cgroup.h"
#include "cgroups/devices.h"
#include "util/auto.h"
#include "util/sys.h"

#define PROGRAM_NAME "berth_devices" /* at most 15 characters */
#define PROGRAMS_MAX 64		     /* the kernel's own limit for a cgroup */
#define UPDATE_TRIES 8		     /* an old program may go while we look */

static int bpf(int cmd, union bpf_attr *attr)
{
	return (int)SYS3(SYS_bpf, cmd, attr, sizeof(*attr));
}

static uint64_t address(const void *p)
{
	return (uint64_t)(uintptr_t)p;
}

/* The verifier gives up with EAGAIN where a signal is about to be delivered. */
#define LOAD_ATTEMPTS 5

static int load(const struct bpf_insn *insns, size_t n)
{
	union bpf_attr attr;
	int r = -EAGAIN;

	memset(&attr, 0, sizeof(attr));
	attr.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE;
	attr.insns = address(insns);
	attr.insn_cnt = (uint32_t)n;
	attr.license = address("Apache-2.0");
	memcpy(attr.prog_name, PROGRAM_NAME, sizeof(PROGRAM_NAME));
	for (int i = 0; i < LOAD_ATTEMPTS && r == -EAGAIN; i++)
		r = bpf(BPF_PROG_LOAD, &attr);
	return r;
}

/* @old: the program to replace in the same step, negative for none. */
static int attach(int cgroup, int prog, int old)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)prog;
	attr.attach_type = BPF_CGROUP_DEVICE;
	attr.attach_flags = BPF_F_ALLOW_MULTI;
	if (old >= 0) {
		attr.attach_flags |= BPF_F_REPLACE;
		attr.replace_bpf_fd = (uint32_t)old;
	}
	return bpf(BPF_PROG_ATTACH, &attr);
}

static int detach(int cgroup, int prog)
{
	union bpf_attr attr;

	memset(&attr, 0, sizeof(attr));
	attr.target_fd = (uint32_t)cgroup;
	attr.attach_bpf_fd = (uint32_t)prog;
	attr.attach_type = BPF_CGROUP_DEVICE;
	return bpf(BPF_PROG_DETACH, &attr);
}

static int query(int cgroup, uint32_t ids[PROGRAMS_MAX], uint32_t *ret_n)
{
	union bpf_attr attr;
	int r;

	memset(&attr, 0, sizeof(attr));
	attr.query.target_fd = (uint32_t)cgroup;
	attr.query.attach_type = BPF_CGROUP_DEVICE;
	attr.query.prog_ids = address(ids);
	attr.query.prog_cnt = PROGRAMS_MAX;
	r = bpf(BPF_PROG_QUERY, &attr);
	if (r == 0)
		*ret_n = attr.query.prog_cnt;
	return r;
}

/* An fd of the program @id if it is one of berth's; -ENOENT if it is not. */
static int open_own(uint32_t id)
{
	struct bpf_prog_info info;
	union bpf_attr attr;
	auto_fd fd = -EBADF;
	int r;

	memset(&attr, 0, sizeof(attr));
	attr.prog_id = id;
	fd = bpf(BPF_PROG_GET_FD_BY_ID, &attr);
	if (fd < 0)
		return fd;
	memset(&info, 0, sizeof(info));
	memset(&attr, 0, sizeof(attr));
	attr.info.bpf_fd = (uint32_t)fd;
	attr.info.info_len = sizeof(info);
	attr.info.info = address(&info);
	r = bpf(BPF_OBJ_GET_INFO_BY_FD, &attr);
	if (r < 0)
		return r;
	return strcmp(info.name, PROGRAM_NAME) ? -ENOENT : fd_take(&fd);
}

/*
 * Put @prog (negative: nothing) in the place of what berth attached before.
 * There is one of those at most, unless somebody else calls his the same.
 */
static int replace(int cgroup, int prog)
{
	uint32_t ids[PROGRAMS_MAX], n = 0;
	bool placed = prog < 0;
	int r = query(cgroup, ids, &n);

	for (uint32_t i = 0; i < n && r == 0; i++) {
		auto_fd old = open_own(ids[i]);

		if (old == -ENOENT)
			continue;
		if (old < 0)
			return old;
		r = placed ? detach(cgroup, old) : attach(cgroup, prog, old);
		placed = true;
	}
	if (r == 0 && !placed)
		r = attach(cgroup, prog, -1);
	return r;
}

static int update(int cgroup, int prog)
{
	int r = -ENOENT;

	for (int i = 0; i < UPDATE_TRIES && r == -ENOENT; i++)
		r = replace(cgroup, prog);
	return r;
}

static int explain(const struct cgroup *cg, const char *step, int code,
		   struct err *e)
{
	switch (code) {
	case -EPERM:
		return err_set(e, EPERM,
			       "linux.resources.devices: %s for %s: no permission; it takes CAP_SYS_ADMIN, or CAP_BPF and CAP_NET_ADMIN, in the initial user namespace",
			       step, cg->path);
	case -ENOSYS:
	case -EINVAL:
		return err_sys(e, code,
			       "linux.resources.devices: %s for %s (does the kernel have CONFIG_CGROUP_BPF?)",
			       step, cg->path);
	}
	return err_sys(e, code, "linux.resources.devices: %s for %s", step,
		       cg->path);
}

int cgroup_devices_apply(const struct cgroup *cg,
			 const struct cgroup_devices_args *args, bool replaces,
			 struct err *e)
{
	auto_mem struct bpf_insn *insns = NULL;
	auto_fd prog = -EBADF;
	const char *step = "load the device program";
	size_t n;
	int r = cgroup_devices_program(args, &insns, &n, e);

	if (r < 0 || (!n && !replaces))
		return r;
	if (n) {
		prog = load(insns, n);
		r = prog < 0 ? prog : 0;
	}
	if (r == 0) {
		step = "attach the device program";
		r = replaces ? update(cg->fd, prog) : attach(cg->fd, prog, -1);
	}
	if (r == -EPERM && args->userns)
		return 0;
	return r < 0 ? explain(cg, step, r, e) : 0;
}
