/* SPDX-License-Identifier: Apache-2.0 */
#include "cli/spec_json.h"

#include "oci/spec.h"
#include "util/buf.h"
#include "util/jsonw.h"

/* Which kind of configuration a row belongs to. */
enum { FOR_ROOT = 1, FOR_ROOTLESS = 2, FOR_BOTH = 3 };

#define OPTIONS_MAX 7

struct mount_row {
	unsigned int who;
	const char *destination, *type, *source;
	const char *options[OPTIONS_MAX];
};

/* A user without privileges may neither mount a sysfs without a network
 * namespace of its own nor give a pts file to a group that is not mapped.  Below
 * the host's /sys are cgroups that may be the user's: all of it is read-only. */
static const struct mount_row mounts[] = {
	{ FOR_BOTH, "/proc", "proc", "proc", { NULL } },
	{ FOR_BOTH, "/dev", "tmpfs", "tmpfs",
	  { "nosuid", "strictatime", "mode=755", "size=65536k" } },
	{ FOR_ROOT, "/dev/pts", "devpts", "devpts",
	  { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620",
	    "gid=5" } },
	{ FOR_ROOTLESS, "/dev/pts", "devpts", "devpts",
	  { "nosuid", "noexec", "newinstance", "ptmxmode=0666", "mode=0620" } },
	{ FOR_BOTH, "/dev/shm", "tmpfs", "shm",
	  { "nosuid", "noexec", "nodev", "mode=1777", "size=65536k" } },
	{ FOR_BOTH, "/dev/mqueue", "mqueue", "mqueue",
	  { "nosuid", "noexec", "nodev" } },
	{ FOR_ROOT, "/sys", "sysfs", "sysfs",
	  { "nosuid", "noexec", "nodev", "ro" } },
	{ FOR_ROOTLESS, "/sys", "none", "/sys",
	  { "rbind", "nosuid", "noexec", "nodev", "rro" } },
	{ FOR_ROOT, "/sys/fs/cgroup", "cgroup", "cgroup",
	  { "nosuid", "noexec", "nodev", "relatime", "ro" } },
};

static const struct { unsigned int who; const char *type; } namespaces[] = {
	{ FOR_BOTH, "pid" },	 { FOR_ROOT, "network" }, { FOR_BOTH, "ipc" },
	{ FOR_BOTH, "uts" },	 { FOR_BOTH, "mount" },	  { FOR_BOTH, "cgroup" },
	{ FOR_ROOTLESS, "user" },
};

static const char *const capabilities[] = {
	"CAP_KILL", "CAP_NET_BIND_SERVICE", NULL
};

/* No ambient or inheritable ones: they would survive a change of user. */
static const char *const capability_sets[] = { "bounding", "effective",
					       "permitted" };

static const char *const masked_paths[] = {
	"/proc/acpi", "/proc/asound", "/proc/interrupts", "/proc/kcore",
	"/proc/keys", "/proc/latency_stats", "/proc/timer_list",
	"/proc/timer_stats", "/proc/sched_debug", "/proc/scsi",
	"/sys/firmware", "/sys/fs/selinux", "/sys/dev/block",
	"/sys/devices/virtual/powercap", NULL
};

static const char *const readonly_paths[] = {
	"/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys",
	"/proc/sysrq-trigger", NULL
};

#define EACH_ROW(row, table) \
	(size_t row = 0; row < sizeof(table) / sizeof((table)[0]); row++)

static void put_strings(struct jsonw *w, const char *name,
			const char *const *list)
{
	jsonw_array_member(w, name);
	for (; *list; list++)
		jsonw_str(w, *list);
	jsonw_array_end(w);
}

static void put_user(struct jsonw *w)
{
	jsonw_object_member(w, "user");
	jsonw_u64_member(w, "uid", 0);
	jsonw_u64_member(w, "gid", 0);
	jsonw_object_end(w);
}

static void put_rlimits(struct jsonw *w)
{
	jsonw_array_member(w, "rlimits");
	jsonw_object(w);
	jsonw_str_member(w, "type", "RLIMIT_NOFILE");
	jsonw_u64_member(w, "hard", 1024);
	jsonw_u64_member(w, "soft", 1024);
	jsonw_object_end(w);
	jsonw_array_end(w);
}

static void put_process(struct jsonw *w)
{
	static const char *const args[] = { "sh", NULL };
	static const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"TERM=xterm", NULL
	};

	jsonw_object_member(w, "process");
	jsonw_bool_member(w, "terminal", true);
	put_user(w);
	put_strings(w, "args", args);
	put_strings(w, "env", env);
	jsonw_str_member(w, "cwd", "/");
	jsonw_object_member(w, "capabilities");
	for EACH_ROW(i, capability_sets)
		put_strings(w, capability_sets[i], capabilities);
	jsonw_object_end(w);
	put_rlimits(w);
	jsonw_bool_member(w, "noNewPrivileges", true);
	jsonw_object_end(w);
}

static void put_root(struct jsonw *w)
{
	jsonw_object_member(w, "root");
	jsonw_str_member(w, "path", "rootfs");
	jsonw_bool_member(w, "readonly", true);
	jsonw_object_end(w);
}

static void put_mounts(struct jsonw *w, unsigned int who)
{
	jsonw_array_member(w, "mounts");
	for EACH_ROW(i, mounts) {
		const struct mount_row *m = &mounts[i];

		if (!(m->who & who))
			continue;
		jsonw_object(w);
		jsonw_str_member(w, "destination", m->destination);
		jsonw_str_member(w, "type", m->type);
		jsonw_str_member(w, "source", m->source);
		if (m->options[0])
			put_strings(w, "options", m->options);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void put_mapping(struct jsonw *w, const char *name, uint32_t host)
{
	jsonw_array_member(w, name);
	jsonw_object(w);
	jsonw_u64_member(w, "containerID", 0);
	jsonw_u64_member(w, "hostID", host);
	jsonw_u64_member(w, "size", 1);
	jsonw_object_end(w);
	jsonw_array_end(w);
}

static void put_resources(struct jsonw *w)
{
	jsonw_object_member(w, "resources");
	jsonw_array_member(w, "devices");
	jsonw_object(w);
	jsonw_bool_member(w, "allow", false);
	jsonw_str_member(w, "access", "rwm");
	jsonw_object_end(w);
	jsonw_array_end(w);
	jsonw_object_end(w);
}

static void put_namespaces(struct jsonw *w, unsigned int who)
{
	jsonw_array_member(w, "namespaces");
	for EACH_ROW(i, namespaces) {
		if (!(namespaces[i].who & who))
			continue;
		jsonw_object(w);
		jsonw_str_member(w, "type", namespaces[i].type);
		jsonw_object_end(w);
	}
	jsonw_array_end(w);
}

static void put_linux(struct jsonw *w, const struct spec_rootless *rootless)
{
	jsonw_object_member(w, "linux");
	if (rootless) {
		put_mapping(w, "uidMappings", rootless->uid);
		put_mapping(w, "gidMappings", rootless->gid);
	} else {
		put_resources(w);
	}
	put_namespaces(w, rootless ? FOR_ROOTLESS : FOR_ROOT);
	put_strings(w, "maskedPaths", masked_paths);
	put_strings(w, "readonlyPaths", readonly_paths);
	jsonw_object_end(w);
}

void spec_json(const struct spec_rootless *rootless, struct buf *out)
{
	struct jsonw w = JSONW_INDENTED(out);

	jsonw_object(&w);
	jsonw_str_member(&w, "ociVersion", OCI_VERSION);
	put_process(&w);
	put_root(&w);
	jsonw_str_member(&w, "hostname", "berth");
	put_mounts(&w, rootless ? FOR_ROOTLESS : FOR_ROOT);
	put_linux(&w, rootless);
	jsonw_object_end(&w);
	buf_put(out, "\n", 1);
}
