/* SPDX-License-Identifier: Apache-2.0 */
#include "security/caps.h"

#include <errno.h>
#include <linux/capability.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <sys/syscall.h>

#include "oci/spec.h"
#include "util/err.h"
#include "util/sys.h"

#define PREFIX "CAP_"
#define PREFIX_LEN 4

const char *const cap_names[CAPS_COUNT + 1] = {
	"CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_DAC_READ_SEARCH", "CAP_FOWNER",
	"CAP_FSETID", "CAP_KILL", "CAP_SETGID", "CAP_SETUID", "CAP_SETPCAP",
	"CAP_LINUX_IMMUTABLE", "CAP_NET_BIND_SERVICE", "CAP_NET_BROADCAST",
	"CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_IPC_LOCK", "CAP_IPC_OWNER",
	"CAP_SYS_MODULE", "CAP_SYS_RAWIO", "CAP_SYS_CHROOT", "CAP_SYS_PTRACE",
	"CAP_SYS_PACCT", "CAP_SYS_ADMIN", "CAP_SYS_BOOT", "CAP_SYS_NICE",
	"CAP_SYS_RESOURCE", "CAP_SYS_TIME", "CAP_SYS_TTY_CONFIG", "CAP_MKNOD",
	"CAP_LEASE", "CAP_AUDIT_WRITE", "CAP_AUDIT_CONTROL", "CAP_SETFCAP",
	"CAP_MAC_OVERRIDE", "CAP_MAC_ADMIN", "CAP_SYSLOG", "CAP_WAKE_ALARM",
	"CAP_BLOCK_SUSPEND", "CAP_AUDIT_READ", "CAP_PERFMON", "CAP_BPF",
	"CAP_CHECKPOINT_RESTORE", NULL,
};

static int find(const char *bare)
{
	for (int i = 0; i < CAPS_COUNT; i++)
		if (strcasecmp(cap_names[i] + PREFIX_LEN, bare) == 0)
			return i;
	return -EINVAL;
}

static bool has_prefix(const char *name)
{
	return strncasecmp(name, PREFIX, PREFIX_LEN) == 0;
}

int cap_from_name(const char *name)
{
	return has_prefix(name) ? find(name + PREFIX_LEN) : -EINVAL;
}

int caps_available(uint64_t *ret)
{
	struct __user_cap_header_struct head = {
		.version = _LINUX_CAPABILITY_VERSION_3,
	};
	struct __user_cap_data_struct data[_LINUX_CAPABILITY_U32S_3];
	long r = SYS2(SYS_capget, &head, data);

	if (r < 0)
		return (int)r;
	*ret = ((uint64_t)data[1].permitted << 32 | data[0].permitted) & CAPS_ALL;
	return 0;
}

/* --- process.capabilities --------------------------------------------------- */

static void note_unknown(struct cap_report *report, const char *set, size_t i,
			 const char *name)
{
	if (report->n_unknown++)
		return;
	snprintf(report->unknown, sizeof(report->unknown),
		 "process.capabilities.%s[%zu]: %.40s", set, i, name);
}

static uint64_t decode_set(const struct oci_strv *names, const char *set,
			   struct cap_report *report)
{
	uint64_t bits = 0;

	for (size_t i = 0; i < names->n; i++) {
		int n = cap_from_name(names->v[i]);

		if (n < 0)
			note_unknown(report, set, i, names->v[i]);
		else
			bits |= 1ULL << n;
	}
	return bits;
}

/* Remove from @set what @limit does not have. */
static uint64_t limit_set(uint64_t *set, uint64_t limit)
{
	uint64_t lost = *set & ~limit;

	*set &= limit;
	return lost;
}

void caps_decode(const struct oci_capabilities *c, uint64_t available,
		 struct cap_sets *ret, struct cap_report *ret_report)
{
	struct cap_report report = { 0 };
	struct cap_sets s = { 0 };

	if (c) {
		s.bounding = decode_set(&c->bounding, "bounding", &report);
		s.effective = decode_set(&c->effective, "effective", &report);
		s.permitted = decode_set(&c->permitted, "permitted", &report);
		s.inheritable = decode_set(&c->inheritable, "inheritable",
					   &report);
		s.ambient = decode_set(&c->ambient, "ambient", &report);
	}
	report.ungranted = limit_set(&s.bounding, available) |
			   limit_set(&s.permitted, available) |
			   limit_set(&s.effective, available) |
			   limit_set(&s.inheritable, available) |
			   limit_set(&s.ambient, available);
	report.effective_lost = limit_set(&s.effective, s.permitted);
	report.ambient_lost = limit_set(&s.ambient, s.permitted & s.inheritable);
	*ret = s;
	*ret_report = report;
}

int caps_add(struct cap_sets *sets, const char *name, struct err *e)
{
	int n = find(has_prefix(name) ? name + PREFIX_LEN : name);
	uint64_t bit;

	if (n < 0)
		return err_set(e, EINVAL, "unknown capability \"%.64s\"", name);
	bit = 1ULL << n;
	sets->bounding |= bit;
	sets->permitted |= bit;
	sets->effective |= bit;
	sets->ambient |= bit & sets->inheritable;
	return 0;
}
