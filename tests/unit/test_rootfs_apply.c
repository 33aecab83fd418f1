/* SPDX-License-Identifier: Apache-2.0 */
/*
 * Planned mounts as a container sees them: each test runs a shell of busybox in
 * a root that berth-init's executor has put together.  It takes root, static
 * busybox and a mount namespace of its own; the host's is left alone.
 */
#include "unit/unit.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/mount.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "init/init.h"
#include "rootfs/rootfs.h"
#include "unit/spec_build.h"
#include "util/auto.h"
#include "wire/ladder.h"
#include "wire/plan.h"

#define BUSYBOX "/bin/busybox"
#define OUT_MAX 65536

struct world {
	struct arena a;
	struct oci_spec spec;
	struct oci_linux linux_;
	struct oci_root root;
	struct rootfs_request r;
	struct err e;
	char dir[64];
	char out[OUT_MAX]; /* what the shell wrote, or the failure's text */
	/* Called when the shell has written "ready"; it then gets a line. */
	void (*while_it_runs)(struct world *w);
};

/* --- the world: a tmpfs with a root and things to bind ---------------------- */

static void make_dir(struct world *w, const char *name)
{
	assert_int_equal(mkdirat(w->r.bundle_fd, name, 0755), 0);
}

static void make_file(struct world *w, const char *name, const char *text)
{
	int fd = openat(w->r.bundle_fd, name, O_CREAT | O_WRONLY | O_CLOEXEC,
			0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static void make_link(struct world *w, const char *name, const char *to)
{
	assert_int_equal(symlinkat(to, w->r.bundle_fd, name), 0);
}

static const char *path_of(struct world *w, const char *name)
{
	return arena_printf(&w->a, "%s/%s", w->dir, name);
}

static void mount_tmpfs(struct world *w, const char *name, unsigned long flags)
{
	assert_int_equal(mount("t", path_of(w, name), "tmpfs", flags, NULL), 0);
}

static void make_root(struct world *w)
{
	static const char *const applets[] = {
		"sh", "ls", "cat", "stat", "readlink", "touch", "mkdir",
		"mount", "umount", "grep", "sed", "wc",
	};

	make_dir(w, "rootfs");
	make_dir(w, "rootfs/bin");
	make_file(w, "rootfs/bin/busybox", "");
	assert_int_equal(mount(BUSYBOX, path_of(w, "rootfs/bin/busybox"), NULL,
			       MS_BIND, NULL), 0);
	for (size_t i = 0; i < ARRAY_LEN(applets); i++)
		make_link(w, arena_printf(&w->a, "rootfs/bin/%s", applets[i]),
			  "busybox");
	w->r.rootfs = path_of(w, "rootfs");
}

static int setup(void **state)
{
	struct world *w = calloc(1, sizeof(*w));

	strcpy(w->dir, "/tmp/berth-apply-XXXXXX");
	if (!mkdtemp(w->dir) || mount("t", w->dir, "tmpfs", 0, "mode=755") < 0)
		return -1;
	w->r.bundle_fd = open(w->dir, O_PATH | O_DIRECTORY | O_CLOEXEC);
	w->spec.linux_ = &w->linux_;
	w->spec.root = &w->root;
	w->linux_.namespaces[OCI_NS_MOUNT].listed = true;
	w->r.spec = &w->spec;
	w->r.privileged = true;
	make_root(w);
	*state = w;
	return 0;
}

static int teardown(void **state)
{
	struct world *w = *state;

	close(w->r.bundle_fd);
	umount2(w->dir, MNT_DETACH);
	rmdir(w->dir);
	arena_free(&w->a);
	free(w);
	return 0;
}

static void add(struct world *w, const char *dest, const char *type,
		const char *source, const char *options)
{
	spec_add_mount(&w->a, &w->spec,
		       (const char *const[3]){ dest, type, source }, options);
}

static void add_defaults(struct world *w)
{
	add(w, "/proc", "proc", "proc", "");
	add(w, "/dev", "tmpfs", "tmpfs", "nosuid,strictatime,mode=755,size=64k");
	add(w, "/dev/pts", "devpts", "devpts",
	    "nosuid,noexec,newinstance,ptmxmode=0666,mode=0620,gid=5");
	add(w, "/dev/shm", "tmpfs", "shm", "nosuid,noexec,nodev,mode=1777");
	add(w, "/dev/mqueue", "mqueue", "mqueue", "nosuid,noexec,nodev");
	add(w, "/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro");
}

/* --- running a shell in it ---------------------------------------------------- */

static void send_plan(int sock, struct plan_builder *b)
{
	struct ladder_msg m = { .magic = LADDER_MAGIC, .step = LADDER_PLAN,
				.version = PLAN_VERSION,
				.n_fds = (uint32_t)b->n_fds };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * LADDER_FDS_PER_MSG)];
	} control = { 0 };
	struct iovec iov = { &m, sizeof(m) };
	struct msghdr h = { .msg_iov = &iov, .msg_iovlen = 1,
			    .msg_control = &control };
	size_t n = (size_t)b->n_fds + 1, len;
	auto_fd memfd = memfd_create("plan", MFD_CLOEXEC);
	auto_mem unsigned char *bytes = NULL;

	assert_int_equal(plan_finish(b, &bytes, &len), 0);
	assert_int_equal(write(memfd, bytes, len), len);
	m.size = (uint32_t)len;
	h.msg_controllen = CMSG_SPACE(sizeof(int) * n);
	control.align.cmsg_level = SOL_SOCKET;
	control.align.cmsg_type = SCM_RIGHTS;
	control.align.cmsg_len = CMSG_LEN(sizeof(int) * n);
	memcpy(CMSG_DATA(&control.align), &memfd, sizeof(int));
	memcpy(CMSG_DATA(&control.align) + sizeof(int), b->fds,
	       sizeof(int) * (n - 1));
	assert_int_equal(sendmsg(sock, &h, 0), sizeof(m));
}

static void add_shell(struct plan_builder *b, char *script)
{
	static char sh[] = "sh", c[] = "-c", path[] = "/bin/sh",
		    env[] = "PATH=/bin";
	struct plan_op *op = plan_add(b, PLAN_FIND, NULL);

	op->str[0] = plan_vec(b, (char *[]){ path }, 1);
	op->str[1] = plan_str(b, path);
	op = plan_add(b, PLAN_EXEC, NULL);
	op->str[1] = plan_vec(b, (char *[]){ sh, c, script }, 3);
	op->str[2] = plan_vec(b, (char *[]){ env }, 1);
}

/* The child: namespaces, then what berth-init does. */
static void __attribute__((noreturn))
be_container(struct world *w, int sock, int in, int out)
{
	char c;

	dup2(in, 0);
	dup2(out, 1);
	dup2(out, 2);
	umask(0);
	if (w->r.new_userns) {
		if (unshare(CLONE_NEWUSER) < 0)
			_exit(99);
		/* The runtime answers when the maps are written. */
		if (send(sock, "u", 1, 0) != 1 || recv(sock, &c, 1, 0) != 1 ||
		    setresgid(0, 0, 0) < 0 || setresuid(0, 0, 0) < 0)
			_exit(98);
	}
	if (unshare(CLONE_NEWNS) < 0)
		_exit(97);
	_exit(init_main(sock));
}

static void write_map(pid_t pid, const char *file)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, "0 0 65536", 9), 9);
	close(fd);
}

static void map_ids(int sock, pid_t pid)
{
	char c;

	assert_int_equal(recv(sock, &c, 1, 0), 1);
	write_map(pid, "uid_map");
	write_map(pid, "gid_map");
	assert_int_equal(send(sock, "m", 1, 0), 1);
}

/* Collects the output until its end, with an answer to "ready". */
static void listen_to(struct world *w, int out, int in)
{
	size_t len = 0;
	ssize_t n;

	while ((n = read(out, w->out + len, OUT_MAX - 1 - len)) > 0) {
		len += (size_t)n;
		w->out[len] = '\0';
		if (w->while_it_runs && strstr(w->out, "ready\n")) {
			w->while_it_runs(w);
			w->while_it_runs = NULL;
			len = 0;
			assert_int_equal(write(in, "go\n", 3), 3);
		}
	}
	w->out[len] = '\0';
}

static void hear_failure(struct world *w, int sock)
{
	struct ladder_msg m = { 0 };

	if (recv(sock, &m, sizeof(m), MSG_DONTWAIT) != sizeof(m) ||
	    m.step != LADDER_FAILED)
		return;
	snprintf(w->out, OUT_MAX, "%s: %s", m.text, strerror(m.code));
}

static void plan_world(struct world *w, struct plan_builder *b,
		       const char *script)
{
	int r = rootfs_plan_mounts(b, &w->r, &w->a, &w->e);

	if (r == 0)
		r = rootfs_plan_finish(b, &w->r, &w->a, &w->e);
	if (r < 0)
		fail_msg("%s", w->e.text);
	add_shell(b, spec_str(&w->a, script));
}

/* Return: the shell's status, or 1 and the failure in w->out. */
static int run(struct world *w, const char *script)
{
	struct plan_builder *b = malloc(sizeof(*b));
	int sock[2], in[2], out[2], status;
	pid_t pid;

	plan_builder_init(b);
	plan_world(w, b, script);
	assert_int_equal(socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0,
				    sock), 0);
	assert_int_equal(pipe2(in, O_CLOEXEC) | pipe2(out, O_CLOEXEC), 0);
	pid = fork();
	if (pid == 0)
		be_container(w, sock[1], in[0], out[1]);
	close(sock[1]);
	close(in[0]);
	close(out[1]);
	if (w->r.new_userns)
		map_ids(sock[0], pid);
	send_plan(sock[0], b);
	plan_builder_done(b);
	free(b);
	listen_to(w, out[0], in[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	hear_failure(w, sock[0]);
	close(sock[0]);
	close(in[1]);
	close(out[0]);
	return WIFEXITED(status) ? WEXITSTATUS(status) : 128;
}

#define RUN_OK(w, script)                                          \
	do {                                                       \
		if (run(w, script) != 0)                           \
			fail_msg("the shell failed: %s", (w)->out); \
	} while (0)

/* A whole line of the output. */
static void assert_line(struct world *w, const char *line)
{
	const char *s = w->out;
	size_t len = strlen(line);

	for (; (s = strstr(s, line)); s++)
		if ((s == w->out || s[-1] == '\n') && s[len] == '\n')
			return;
	fail_msg("no line \"%s\" in:\n%s", line, w->out);
}

/* --- tests ---------------------------------------------------------------------- */

static void a_default_configuration_is_what_it_should_be(void **state)
{
	struct world *w = *state;
	char cwd[] = "/srv/data";
	struct oci_process proc = { .cwd = cwd };

	add_defaults(w);
	w->spec.process = &proc;
	w->root.readonly = true;
	w->linux_.masked_paths =
		spec_split(&w->a, "/proc/version,/sys/firmware,/not/there");
	w->linux_.readonly_paths = spec_split(&w->a, "/proc/sys,/nor/this");
	RUN_OK(w, "for d in null zero full random urandom tty; do\n"
		  "stat -c '%n %t:%T %a %F' /dev/$d; done\n"
		  "for l in fd stdin stdout stderr core ptmx; do\n"
		  "echo $l $(readlink /dev/$l); done\n"
		  "echo x > /dev/null && echo null works\n"
		  "stat -c '%n %t:%T %F' /proc/version\n"
		  "echo firmware $(ls /sys/firmware | wc -l)\n"
		  "touch /proc/sys/vm/swappiness 2>&1\n"
		  "touch /x 2>&1; touch /sys/x 2>&1; touch /dev/shm/x && echo shm\n"
		  "ls -d /srv/data; [ -c /dev/pts/ptmx ] && echo pts\n"
		  "sed -n 's/^[0-9]* [0-9]* [0-9:]* [^ ]* \\(.*\\) - .*/\\1/p' "
		  "/proc/self/mountinfo\n");
	assert_line(w, "/dev/null 1:3 666 character special file");
	assert_line(w, "/dev/zero 1:5 666 character special file");
	assert_line(w, "/dev/full 1:7 666 character special file");
	assert_line(w, "/dev/random 1:8 666 character special file");
	assert_line(w, "/dev/urandom 1:9 666 character special file");
	assert_line(w, "/dev/tty 5:0 666 character special file");
	assert_line(w, "fd /proc/self/fd");
	assert_line(w, "stdin /proc/self/fd/0");
	assert_line(w, "stdout /proc/self/fd/1");
	assert_line(w, "stderr /proc/self/fd/2");
	assert_line(w, "core /proc/kcore");
	assert_line(w, "ptmx pts/ptmx");
	assert_line(w, "null works");
	assert_line(w, "/proc/version 1:3 character special file");
	assert_line(w, "firmware 0");
	assert_line(w, "touch: /proc/sys/vm/swappiness: Read-only file system");
	assert_line(w, "touch: /x: Read-only file system");
	assert_line(w, "touch: /sys/x: Read-only file system");
	assert_line(w, "shm");
	assert_line(w, "/srv/data");
	assert_line(w, "pts");
	assert_line(w, "/ ro,relatime");
	assert_line(w, "/proc rw,relatime");
	assert_line(w, "/dev rw,nosuid");
	assert_line(w, "/dev/pts rw,nosuid,noexec,relatime");
	assert_line(w, "/dev/shm rw,nosuid,nodev,noexec,relatime");
	assert_line(w, "/sys ro,nosuid,nodev,noexec,relatime");
	assert_null(strstr(w->out, "shared:"));
	assert_null(strstr(w->out, "master:"));
	assert_null(strstr(w->out, w->dir));
}

static void binds_are_as_their_options_say(void **state)
{
	struct world *w = *state;

	make_dir(w, "src");
	make_dir(w, "src/sub");
	make_file(w, "file", "hello");
	mount_tmpfs(w, "src/sub", 0);
	add(w, "/proc", "proc", "proc", "");
	add(w, "/made/file", "bind", "file", "ro");
	add(w, "/plain", "bind", "src", "");
	add(w, "/deep", "bind", path_of(w, "src"), "rbind,ro,nosuid");
	add(w, "/rro", "bind", "src", "rbind,rro");
	add(w, "/rw-top", "bind", "src", "rbind,rro,rw");
	add(w, "/time", "bind", "src", "rbind,rnoatime,nodiratime");
	RUN_OK(w, "cat /made/file; echo; echo x >> /made/file\n"
		  "[ -d /plain/sub ] && touch /plain/a /plain/sub/b && echo plain\n"
		  "touch /deep/c 2>&1; touch /deep/sub/c && echo deep\n"
		  "touch /rro/c 2>&1; touch /rro/sub/d 2>&1\n"
		  "touch /rw-top/e && echo top; touch /rw-top/sub/e 2>&1\n"
		  "while read a b c d m o r; do echo $m $o; done "
		  "< /proc/self/mountinfo");
	assert_line(w, "hello");
	assert_line(w, "/made/file ro,relatime");
	assert_line(w, "plain");
	assert_line(w, "touch: /deep/c: Read-only file system");
	assert_line(w, "deep");
	assert_line(w, "/deep ro,nosuid,relatime");
	assert_line(w, "/deep/sub rw,relatime");
	assert_line(w, "touch: /rro/c: Read-only file system");
	assert_line(w, "touch: /rro/sub/d: Read-only file system");
	assert_line(w, "top");
	assert_line(w, "touch: /rw-top/sub/e: Read-only file system");
	assert_line(w, "/time rw,noatime,nodiratime");
	assert_line(w, "/time/sub rw,noatime");
	assert_int_equal(faccessat(w->r.bundle_fd, "src/a", F_OK, 0), 0);
	/* A bind without "r" does not take the mount below along. */
	assert_int_equal(faccessat(w->r.bundle_fd, "src/sub/b", F_OK, 0), -1);
}

static void mount_flags_of_the_source_stay(void **state)
{
	struct world *w = *state;

	make_dir(w, "src");
	mount_tmpfs(w, "src", MS_NODEV | MS_NOEXEC | MS_NOATIME);
	add(w, "/proc", "proc", "proc", "");
	add(w, "/a", "bind", "src", "nosuid");
	add(w, "/b", "bind", "src", "exec,relatime");
	RUN_OK(w, "while read a b c d m o r; do echo $m $o; done "
		  "< /proc/self/mountinfo");
	assert_line(w, "/a rw,nosuid,nodev,noexec,noatime");
	assert_line(w, "/b rw,nodev,relatime");
}

static void every_attribute_is_one_that_the_kernel_takes(void **state)
{
	static const char *const options[] = {
		"atime", "dev", "diratime", "exec", "noatime", "nodev",
		"nodiratime", "noexec", "nostrictatime", "nosuid",
		"nosymfollow", "ratime", "rdev", "rdiratime", "relatime",
		"rexec", "rnoatime", "rnodev", "rnodiratime", "rnoexec",
		"rnostrictatime", "rnosuid", "rnosymfollow", "ro", "rrelatime",
		"rro", "rrw", "rstrictatime", "rsuid", "rsymfollow", "rw",
		"strictatime", "suid", "symfollow", "private", "rprivate",
		"shared", "rshared", "slave", "rslave", "unbindable",
		"runbindable", "defaults", "silent", "loud", "norelatime",
		"noiversion", "dirsync",
	};
	/* Those that a remount may change: dirsync is not one. */
	static const char *const super[] = {
		"sync", "async", "lazytime", "nolazytime", "nomand",
	};
	struct world *w = *state;

	make_dir(w, "src");
	for (size_t i = 0; i < ARRAY_LEN(options); i++) {
		const char *o = options[i];

		if (strcmp(o, "dirsync") != 0)
			add(w, arena_printf(&w->a, "/b/%s", o), "bind", "src", o);
		add(w, arena_printf(&w->a, "/f/%s", o), "tmpfs", "t", o);
	}
	for (size_t i = 0; i < ARRAY_LEN(super); i++) {
		const char *dest = arena_printf(&w->a, "/s/%s", super[i]);

		add(w, dest, "tmpfs", "t", super[i]);
		add(w, dest, NULL, NULL,
		    arena_printf(&w->a, "remount,size=1m,%s", super[i]));
	}
	RUN_OK(w, "echo done");
	assert_line(w, "done");
}

static void a_symlink_can_be_bound_itself(void **state)
{
	struct world *w = *state;

	make_file(w, "file", "hello\n");
	make_link(w, "link", "file");
	add(w, "/followed", "bind", "link", "");
	add(w, "/itself", "bind", "link", "src-nofollow");
	add(w, "/copied", "bind", "link", "copy-symlink");
	RUN_OK(w, "cat /followed; echo $(readlink /itself), $(readlink /copied)");
	assert_line(w, "hello");
	assert_line(w, "file, file");
}

static void a_remount_changes_the_mount(void **state)
{
	struct world *w = *state;

	add(w, "/proc", "proc", "proc", "");
	add(w, "/t", "tmpfs", "tmpfs", "nodev");
	add(w, "/t", NULL, NULL, "remount,nosuid,size=64k,noatime");
	add(w, "/t", "none", NULL, "bind,remount,ro");
	RUN_OK(w, "grep ' /t ' /proc/self/mountinfo | "
		  "{ read a b c d m o r; echo $m $o; echo $r; }");
	assert_line(w, "/t ro,nosuid,nodev,noatime");
	assert_non_null(strstr(w->out, "size=64k"));
}

static void tmpcopyup_fills_a_tmpfs_even_if_it_is_read_only(void **state)
{
	struct world *w = *state;

	make_dir(w, "rootfs/etc");
	make_file(w, "rootfs/etc/motd", "welcome\n");
	add(w, "/etc", "tmpfs", "tmpfs", "tmpcopyup,ro");
	RUN_OK(w, "cat /etc/motd; touch /etc/x 2>&1; true");
	assert_line(w, "welcome");
	assert_line(w, "touch: /etc/x: Read-only file system");
}

/* --- propagation -------------------------------------------------------------- */

#define WATCH "echo ready; read go; [ -e /b/new/mark ] && echo arrived;"

static void host_mounts_below(struct world *w)
{
	make_dir(w, "src/new");
	mount_tmpfs(w, "src/new", 0);
	make_file(w, "src/new/mark", "");
}

static bool container_reached_host(struct world *w)
{
	return faccessat(w->r.bundle_fd, "src/own/mark", F_OK, 0) == 0;
}

static void mounts_travel_only_where_they_were_asked_to(void **state)
{
	static const struct {
		const char *options, *rootfs;
		bool userns, arrives, reaches_host;
	} cases[] = {
		{ "rbind", NULL, false, false, false },
		{ "rbind,rprivate", "rshared", false, false, false },
		{ "rbind,rslave", NULL, false, true, false },
		{ "rbind,slave", NULL, false, true, false },
		{ "bind,slave", "rprivate", false, true, false },
		{ "rbind", "rslave", false, true, false },
		{ "rbind,rshared", NULL, false, true, true },
		{ "rbind,shared", "shared", false, true, true },
		{ "rbind,shared", NULL, false, true, false },
		{ "rbind", NULL, true, false, false },
		{ "rbind,rslave", NULL, true, true, false },
		{ "rbind,rshared", "rshared", true, true, false },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct world *w;
		bool arrived;

		assert_int_equal(setup(state), 0);
		w = *state;
		make_dir(w, "src");
		make_dir(w, "src/own");
		mount_tmpfs(w, "src", 0);
		assert_int_equal(mount(NULL, path_of(w, "src"), NULL, MS_SHARED,
				       NULL), 0);
		make_dir(w, "src/own");
		w->r.new_userns = cases[i].userns;
		w->linux_.rootfs_propagation =
			spec_str(&w->a, cases[i].rootfs);
		w->while_it_runs = host_mounts_below;
		add(w, "/b", "bind", "src", cases[i].options);
		if (run(w, "mount -t tmpfs own /b/own && touch /b/own/mark\n"
			   WATCH "true") != 0)
			fail_msg("%s: %s", cases[i].options, w->out);
		arrived = strstr(w->out, "arrived\n");
		if (arrived != cases[i].arrives ||
		    container_reached_host(w) != cases[i].reaches_host)
			fail_msg("%s, rootfsPropagation %s, userns %d: arrives %d, reaches the host %d",
				 cases[i].options, cases[i].rootfs ?: "-",
				 cases[i].userns, arrived,
				 container_reached_host(w));
		assert_int_equal(teardown(state), 0);
	}
}

static void the_host_keeps_its_mounts_when_the_container_goes(void **state)
{
	struct world *w = *state;
	struct stat before, after;

	make_dir(w, "src");
	mount_tmpfs(w, "src", 0);
	assert_int_equal(mount(NULL, path_of(w, "src"), NULL, MS_SHARED, NULL),
			 0);
	make_dir(w, "src/sub");
	mount_tmpfs(w, "src/sub", 0);
	assert_int_equal(fstatat(w->r.bundle_fd, "src/sub", &before, 0), 0);
	add(w, "/b", "bind", "src", "rbind,rshared");
	RUN_OK(w, "true");
	assert_int_equal(fstatat(w->r.bundle_fd, "src/sub", &after, 0), 0);
	assert_true(before.st_dev == after.st_dev);
}

/* --- hostile roots -------------------------------------------------------------- */

static void a_link_at_proc_or_sys_is_refused(void **state)
{
	static const struct { const char *name, *type, *source, *options; } cases[] = {
		{ "proc", "proc", "proc", "" },
		{ "sys", "sysfs", "sysfs", "" },
		{ "proc", "bind", "/proc", "rbind" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct world *w;

		assert_int_equal(setup(state), 0);
		w = *state;
		make_dir(w, "rootfs/real");
		make_link(w, arena_printf(&w->a, "rootfs/%s", cases[i].name),
			  "real");
		add(w, arena_printf(&w->a, "/%s", cases[i].name), cases[i].type,
		    cases[i].source, cases[i].options);
		assert_int_equal(run(w, "true"), 1);
		assert_non_null(strstr(w->out, arena_printf(&w->a,
			"mounts[0]: /%s: the target is a symbolic link",
			cases[i].name)));
		assert_int_equal(teardown(state), 0);
	}
}

static void links_of_an_image_never_lead_out(void **state)
{
	struct world *w = *state;

	make_dir(w, "outside");
	make_file(w, "outside/ptmx", "mine");
	make_dir(w, "rootfs/inside");
	/* Absolute in the image, and the host has the very same path. */
	make_dir(w, "rootfs/tmp");
	make_link(w, "rootfs/dev", path_of(w, "outside"));
	make_link(w, "rootfs/mnt", "../../../../../../../inside");
	make_link(w, "rootfs/file", "/etc/berth-test-must-not-appear");
	make_dir(w, "rootfs/etc");
	make_file(w, "hello", "hello");
	add(w, "/mnt/t", "tmpfs", "tmpfs", "");
	add(w, "/file", "bind", "hello", "");
	RUN_OK(w, "[ -d /inside/t ] && echo inside; cat /file; echo\n"
		  "ls /etc; [ -c /dev/null ] && echo null");
	assert_line(w, "inside");
	assert_line(w, "hello");
	assert_line(w, "null");
	assert_int_equal(access("/etc/berth-test-must-not-appear", F_OK), -1);
	assert_int_equal(faccessat(w->r.bundle_fd, "outside/null", F_OK, 0), -1);
	assert_int_equal(faccessat(w->r.bundle_fd, "outside/ptmx", F_OK, 0), 0);
}

static void a_bound_dev_gets_nothing_new(void **state)
{
	struct world *w = *state;

	make_dir(w, "hostdev");
	add(w, "/dev", "bind", "hostdev", "rbind");
	RUN_OK(w, "echo $(ls /dev | wc -l)");
	assert_line(w, "0");
}

/* --- user namespaces -------------------------------------------------------------- */

static void a_user_namespace_gets_the_hosts_proc_and_sys(void **state)
{
	struct world *w = *state;

	w->r.new_userns = true;
	w->linux_.namespaces[OCI_NS_USER].listed = true;
	w->linux_.gid_mappings.n = 1;
	w->linux_.gid_mappings.v = arena_array(&w->a, 1,
					       sizeof(struct oci_id_mapping));
	w->linux_.gid_mappings.v[0].size = 5; /* 5, tty's, is not in it */
	add(w, "/proc", "proc", "proc", "");
	add(w, "/sys", "sysfs", "sysfs", "nosuid,noexec,nodev,ro");
	add(w, "/dev", "tmpfs", "tmpfs", "nosuid,mode=755");
	add(w, "/dev/pts", "devpts", "devpts", "newinstance,gid=5,mode=0620");
	RUN_OK(w, "[ -d /proc/self ] && [ -d /sys/class ] && echo both\n"
		  "stat -c '%n %t:%T %F' /dev/null /dev/tty\n"
		  "while read a b c d m o r; do echo $m $o; done "
		  "< /proc/self/mountinfo");
	assert_line(w, "both");
	assert_line(w, "/dev/null 1:3 character special file");
	assert_line(w, "/dev/tty 5:0 character special file");
	assert_line(w, "/sys ro,nosuid,nodev,noexec,relatime");
}

/* --- main -------------------------------------------------------------------------- */

/* Private namespace for the whole program.  Return: why it cannot be had. */
static const char *prepare(void)
{
	if (access(BUSYBOX, X_OK) != 0)
		return "no " BUSYBOX;
	if (geteuid() != 0)
		return "it takes root";
	if (unshare(CLONE_NEWNS) < 0)
		return "no mount namespace of its own is allowed";
	if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "mount is not allowed";
	return NULL;
}

#define IN_WORLD(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		IN_WORLD(a_default_configuration_is_what_it_should_be),
		IN_WORLD(binds_are_as_their_options_say),
		IN_WORLD(mount_flags_of_the_source_stay),
		IN_WORLD(every_attribute_is_one_that_the_kernel_takes),
		IN_WORLD(a_symlink_can_be_bound_itself),
		IN_WORLD(a_remount_changes_the_mount),
		IN_WORLD(tmpcopyup_fills_a_tmpfs_even_if_it_is_read_only),
		cmocka_unit_test(mounts_travel_only_where_they_were_asked_to),
		IN_WORLD(the_host_keeps_its_mounts_when_the_container_goes),
		cmocka_unit_test(a_link_at_proc_or_sys_is_refused),
		IN_WORLD(links_of_an_image_never_lead_out),
		IN_WORLD(a_bound_dev_gets_nothing_new),
		IN_WORLD(a_user_namespace_gets_the_hosts_proc_and_sys),
	};
	const char *why = prepare();

	if (why) {
		printf("skipped: %s\n", why);
		return 0;
	}
	return cmocka_run_group_tests(tests, NULL, NULL);
}
