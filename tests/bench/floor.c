// SPDX-License-Identifier: Apache-2.0
/*
 * floor - the kernel work of one container, and nothing else.
 *
 * Does what the configuration of `berth spec` asks of the kernel, by hand, with
 * constants where a runtime has a configuration: nothing is read, parsed,
 * checked, recorded or locked, and what fails is only noticed where going on
 * would make the figure a lie.  A runtime cannot be faster; how much slower it
 * is, is what the benchmark shows.
 *
 *   floor [-c CGROUP-PARENT] [-l] [-f BPF-FILE] ROOTFS ID COMMAND
 *
 * -c: make the cgroup ID there and start in it; without it no cgroup at all.
 * -l: with limits (memory, swap, cpu, pids).  -f: a seccomp program, raw.
 */
#include <errno.h>
#include <fcntl.h>
#include <linux/audit.h>
#include <linux/bpf.h>
#include <linux/capability.h>
#include <linux/filter.h>
#include <linux/sched.h>
#include <linux/seccomp.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/sysmacros.h>
#include <sys/wait.h>
#include <unistd.h>

#define CAP_LAST 40
#define CAPS (1u << CAP_AUDIT_WRITE | 1u << CAP_KILL | 1u << CAP_NET_BIND_SERVICE)

struct options {
	const char *cgroup, *filter, *rootfs, *id, *command;
	int limits;
};

static void die(const char *what)
{
	fprintf(stderr, "floor: %s: %s\n", what, strerror(errno));
	_exit(125);
}

static void put(int dir, const char *file, const char *text)
{
	int fd = openat(dir, file, O_WRONLY | O_CLOEXEC);

	if (fd < 0 || write(fd, text, strlen(text)) < 0)
		die(file);
	close(fd);
}

/* --- devices: what the specification allows by default, the rest denied ------ */

#define INSN(c, d, s, o, i) \
	{ .code = (c), .dst_reg = (d), .src_reg = (s), .off = (o), .imm = (i) }
#define LOAD(d, o) INSN(BPF_LDX | BPF_MEM | BPF_W, d, BPF_REG_1, o, 0)
#define MOVE(d, i) INSN(BPF_ALU64 | BPF_MOV | BPF_K, d, 0, 0, i)
#define EXIT INSN(BPF_JMP | BPF_EXIT, 0, 0, 0, 0)
/* Skip OFF instructions unless REG is VALUE. */
#define UNLESS(reg, value, off) INSN(BPF_JMP | BPF_JNE | BPF_K, reg, 0, off, value)
#define ALLOW MOVE(BPF_REG_0, 1), EXIT
#define DEVICE(major, minor) \
	UNLESS(BPF_REG_3, major, 3), UNLESS(BPF_REG_4, minor, 2), ALLOW

static void attach_device_program(int cgroup)
{
	static const struct bpf_insn program[] = {
		LOAD(BPF_REG_2, 0), LOAD(BPF_REG_3, 4), LOAD(BPF_REG_4, 8),
		/* mknod of anything */
		INSN(BPF_ALU64 | BPF_MOV | BPF_X, BPF_REG_5, BPF_REG_2, 0, 0),
		INSN(BPF_ALU | BPF_RSH | BPF_K, BPF_REG_5, 0, 0, 16),
		UNLESS(BPF_REG_5, BPF_DEVCG_ACC_MKNOD, 2), ALLOW,
		/* character devices by number */
		INSN(BPF_ALU | BPF_AND | BPF_K, BPF_REG_2, 0, 0, 0xffff),
		UNLESS(BPF_REG_2, BPF_DEVCG_DEV_CHAR, 35),
		DEVICE(1, 3), DEVICE(1, 5), DEVICE(1, 7), DEVICE(1, 8), DEVICE(1, 9),
		DEVICE(5, 0), DEVICE(5, 2),
		UNLESS(BPF_REG_3, 136, 2), ALLOW, UNLESS(BPF_REG_3, 5, 3),
		UNLESS(BPF_REG_4, 1, 2), ALLOW,
		MOVE(BPF_REG_0, 0), EXIT,
	};
	union bpf_attr load = {
		.prog_type = BPF_PROG_TYPE_CGROUP_DEVICE,
		.insn_cnt = sizeof(program) / sizeof(program[0]),
		.insns = (uintptr_t)program,
		.license = (uintptr_t) "Apache-2.0",
	};
	union bpf_attr attach = {
		.attach_type = BPF_CGROUP_DEVICE,
		.attach_flags = BPF_F_ALLOW_MULTI,
		.target_fd = (unsigned int)cgroup,
	};
	long fd = syscall(SYS_bpf, BPF_PROG_LOAD, &load, sizeof(load));

	if (fd < 0)
		die("load of the device program");
	attach.attach_bpf_fd = (unsigned int)fd;
	if (syscall(SYS_bpf, BPF_PROG_ATTACH, &attach, sizeof(attach)))
		die("attach of the device program");
	close((int)fd);
}

static int make_cgroup(const struct options *o, int *ret_parent)
{
	int parent = open(o->cgroup, O_PATH | O_DIRECTORY | O_CLOEXEC), fd;

	if (parent < 0 || mkdirat(parent, o->id, 0755))
		die(o->cgroup);
	fd = openat(parent, o->id, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		die(o->id);
	if (o->limits) {
		put(fd, "memory.max", "67108864");
		put(fd, "memory.swap.max", "0");
		put(fd, "cpu.max", "400000 100000");
		put(fd, "pids.max", "100");
	}
	attach_device_program(fd);
	*ret_parent = parent;
	return fd;
}

/* --- the child ---------------------------------------------------------------- */

static void make_mounts(const struct options *o)
{
	const unsigned long nsx = MS_NOSUID | MS_NOEXEC | MS_NODEV;

	if (mount(NULL, "/", NULL, MS_REC | MS_SLAVE, NULL) ||
	    mount(o->rootfs, o->rootfs, NULL, MS_BIND | MS_REC, NULL) ||
	    chdir(o->rootfs))
		die(o->rootfs);
	if (mount("proc", "proc", "proc", 0, NULL) ||
	    mount("tmpfs", "dev", "tmpfs", MS_NOSUID | MS_STRICTATIME, "mode=755,size=65536k") ||
	    mkdir("dev/pts", 0755) || mkdir("dev/shm", 0755) || mkdir("dev/mqueue", 0755) ||
	    mount("devpts", "dev/pts", "devpts", MS_NOSUID | MS_NOEXEC,
		  "newinstance,ptmxmode=0666,mode=0620,gid=5") ||
	    mount("shm", "dev/shm", "tmpfs", nsx, "mode=1777,size=65536k") ||
	    mount("mqueue", "dev/mqueue", "mqueue", nsx, NULL) ||
	    mount("sysfs", "sys", "sysfs", nsx | MS_RDONLY, NULL) ||
	    mount("cgroup", "sys/fs/cgroup", "cgroup2", nsx | MS_RELATIME | MS_RDONLY, NULL))
		die("mount");
}

static void make_devices(void)
{
	static const struct { const char *name; unsigned int major, minor; } nodes[] = {
		{ "dev/null", 1, 3 }, { "dev/zero", 1, 5 }, { "dev/full", 1, 7 },
		{ "dev/random", 1, 8 }, { "dev/urandom", 1, 9 }, { "dev/tty", 5, 0 },
	};
	static const char *const links[][2] = {
		{ "/proc/self/fd", "dev/fd" }, { "/proc/self/fd/0", "dev/stdin" },
		{ "/proc/self/fd/1", "dev/stdout" }, { "/proc/self/fd/2", "dev/stderr" },
		{ "pts/ptmx", "dev/ptmx" },
	};

	for (size_t i = 0; i < sizeof(nodes) / sizeof(nodes[0]); i++)
		if (mknod(nodes[i].name, S_IFCHR | 0666, makedev(nodes[i].major, nodes[i].minor)))
			die(nodes[i].name);
	for (size_t i = 0; i < sizeof(links) / sizeof(links[0]); i++)
		if (symlink(links[i][0], links[i][1]))
			die(links[i][1]);
}

/* Which of these exist depends on the kernel; absent ones need nothing. */
static void mask_paths(void)
{
	static const char *const files[] = {
		"proc/interrupts", "proc/kcore", "proc/keys", "proc/latency_stats",
		"proc/timer_list", "proc/timer_stats", "proc/sched_debug",
	};
	static const char *const dirs[] = {
		"proc/acpi", "proc/asound", "proc/scsi", "sys/firmware",
		"sys/devices/virtual/powercap",
	};
	static const char *const readonly[] = {
		"proc/bus", "proc/fs", "proc/irq", "proc/sys", "proc/sysrq-trigger",
	};
	const char *empty = NULL;

	for (size_t i = 0; i < sizeof(files) / sizeof(files[0]); i++)
		mount("/dev/null", files[i], NULL, MS_BIND, NULL);
	for (size_t i = 0; i < sizeof(dirs) / sizeof(dirs[0]); i++) {
		if (empty)
			mount(empty, dirs[i], NULL, MS_BIND, NULL);
		else if (!mount("tmpfs", dirs[i], "tmpfs", MS_RDONLY, "size=0k"))
			empty = dirs[i];
	}
	for (size_t i = 0; i < sizeof(readonly) / sizeof(readonly[0]); i++)
		if (!mount(readonly[i], readonly[i], NULL, MS_BIND | MS_REC, NULL))
			mount(NULL, readonly[i], NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
}

static void set_privileges(void)
{
	struct __user_cap_header_struct header = { _LINUX_CAPABILITY_VERSION_3, 0 };
	struct __user_cap_data_struct data[2] = { { CAPS, CAPS, 0 }, { 0, 0, 0 } };
	const struct rlimit files = { 1024, 1024 };

	setrlimit(RLIMIT_NOFILE, &files);
	for (unsigned long cap = 0; cap <= CAP_LAST; cap++)
		if (cap > 31 || !(CAPS & 1u << cap))
			prctl(PR_CAPBSET_DROP, cap, 0, 0, 0);
	prctl(PR_CAP_AMBIENT, PR_CAP_AMBIENT_CLEAR_ALL, 0, 0, 0);
	if (syscall(SYS_setgroups, 0, NULL) || syscall(SYS_setresgid, 0, 0, 0) ||
	    syscall(SYS_setresuid, 0, 0, 0))
		die("set ids");
	if (syscall(SYS_capset, &header, data))
		die("capset");
	if (prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0))
		die("no_new_privs");
}

static void set_filter(const struct sock_fprog *filter)
{
	if (filter->len &&
	    syscall(SYS_seccomp, SECCOMP_SET_MODE_FILTER, SECCOMP_FILTER_FLAG_LOG, filter))
		die("seccomp");
}

static void run_child(const struct options *o, const struct sock_fprog *filter)
{
	static const char *const env[] = {
		"PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
		"TERM=xterm", "HOME=/root", NULL
	};
	const char *const argv[] = { o->command, NULL };

	setsid();
	sethostname("berth", 5);
	umask(0);
	make_mounts(o);
	make_devices();
	mask_paths();
	if (syscall(SYS_pivot_root, ".", ".") || umount2(".", MNT_DETACH) || chdir("/"))
		die("pivot_root");
	mount(NULL, "/", NULL, MS_REMOUNT | MS_BIND | MS_RDONLY, NULL);
	umask(022);
	set_privileges();
	set_filter(filter);
	syscall(SYS_execve, o->command, argv, env);
	die(o->command);
}

/* --- the parent --------------------------------------------------------------- */

static void read_filter(const char *path, struct sock_fprog *ret)
{
	static struct sock_filter program[4096];
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, program, sizeof(program));

	if (n <= 0)
		die(path);
	close(fd);
	ret->len = (unsigned short)((size_t)n / sizeof(program[0]));
	ret->filter = program;
}

static int parse(int argc, char **argv, struct options *ret)
{
	int c;

	while ((c = getopt(argc, argv, "c:lf:")) != -1) {
		switch (c) {
		case 'c': ret->cgroup = optarg; break;
		case 'l': ret->limits = 1; break;
		case 'f': ret->filter = optarg; break;
		default: return -1;
		}
	}
	if (argc - optind != 3)
		return -1;
	ret->rootfs = argv[optind];
	ret->id = argv[optind + 1];
	ret->command = argv[optind + 2];
	return 0;
}

int main(int argc, char **argv)
{
	struct clone_args args = {
		.flags = CLONE_NEWNS | CLONE_NEWPID | CLONE_NEWIPC | CLONE_NEWUTS |
			 CLONE_NEWNET | CLONE_NEWCGROUP,
		.exit_signal = SIGCHLD,
	};
	struct options o = { 0 };
	struct sock_fprog filter = { 0 };
	int cgroup = -1, parent = -1, status;
	pid_t pid;

	if (parse(argc, argv, &o)) {
		fprintf(stderr, "usage: floor [-c CGROUP-PARENT] [-l] [-f BPF-FILE] ROOTFS ID COMMAND\n");
		return 2;
	}
	if (o.filter)
		read_filter(o.filter, &filter);
	if (o.cgroup) {
		cgroup = make_cgroup(&o, &parent);
		args.flags |= CLONE_INTO_CGROUP;
		args.cgroup = (unsigned int)cgroup;
	}
	pid = (pid_t)syscall(SYS_clone3, &args, sizeof(args));
	if (pid < 0)
		die("clone3");
	if (pid == 0)
		run_child(&o, &filter);
	if (waitpid(pid, &status, 0) != pid)
		die("wait");
	if (o.cgroup && unlinkat(parent, o.id, AT_REMOVEDIR))
		die("rmdir");
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128 + WTERMSIG(status);
}
