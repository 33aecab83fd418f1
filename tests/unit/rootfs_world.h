/* SPDX-License-Identifier: Apache-2.0 */
/*
 * unit/rootfs_world.h - planned mounts as a container sees them: a shell of
 * busybox runs in a root that berth-init's executor has put together.  It takes
 * root, static busybox and a mount namespace of its own; the host's is left
 * alone.
 */
#ifndef UNIT_ROOTFS_WORLD_H
#define UNIT_ROOTFS_WORLD_H

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

static inline void make_dir(struct world *w, const char *name)
{
	assert_int_equal(mkdirat(w->r.bundle_fd, name, 0755), 0);
}

static inline void make_file(struct world *w, const char *name, const char *text)
{
	int fd = openat(w->r.bundle_fd, name, O_CREAT | O_WRONLY | O_CLOEXEC,
			0644);

	assert_true(fd >= 0);
	assert_int_equal(write(fd, text, strlen(text)), strlen(text));
	close(fd);
}

static inline void make_link(struct world *w, const char *name, const char *to)
{
	assert_int_equal(symlinkat(to, w->r.bundle_fd, name), 0);
}

static inline const char *path_of(struct world *w, const char *name)
{
	return arena_printf(&w->a, "%s/%s", w->dir, name);
}

static inline void mount_tmpfs(struct world *w, const char *name, unsigned long flags)
{
	assert_int_equal(mount("t", path_of(w, name), "tmpfs", flags, NULL), 0);
}

static inline void make_root(struct world *w)
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

static inline int setup(void **state)
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

static inline int teardown(void **state)
{
	struct world *w = *state;

	close(w->r.bundle_fd);
	umount2(w->dir, MNT_DETACH);
	rmdir(w->dir);
	arena_free(&w->a);
	free(w);
	return 0;
}

static inline void add(struct world *w, const char *dest, const char *type,
		const char *source, const char *options)
{
	spec_add_mount(&w->a, &w->spec,
		       (const char *const[3]){ dest, type, source }, options);
}

static inline void add_defaults(struct world *w)
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

static inline void send_plan(int sock, struct plan_builder *b)
{
	struct ladder_msg m = { .magic = LADDER_MAGIC, .step = LADDER_PLAN,
				.version = PLAN_VERSION,
				.n_fds = (uint32_t)b->n_fds };
	union {
		struct cmsghdr align;
		char bytes[CMSG_SPACE(sizeof(int) * LADDER_FDS_PER_MSG)];
	} control = { 0 };
	size_t n = (size_t)b->n_fds, len;
	auto_mem unsigned char *bytes = NULL;
	struct iovec iov[2] = { { &m, sizeof(m) } };
	struct msghdr h = { .msg_iov = iov, .msg_iovlen = 2 };

	assert_int_equal(plan_finish(b, 0, &bytes, &len), 0);
	assert_true(len <= LADDER_INLINE_MAX);
	m.size = (uint32_t)len;
	iov[1] = (struct iovec){ bytes, len };
	if (n) {
		h.msg_control = &control;
		h.msg_controllen = CMSG_SPACE(sizeof(int) * n);
		control.align.cmsg_level = SOL_SOCKET;
		control.align.cmsg_type = SCM_RIGHTS;
		control.align.cmsg_len = CMSG_LEN(sizeof(int) * n);
		memcpy(CMSG_DATA(&control.align), b->fds, sizeof(int) * n);
	}
	assert_int_equal(sendmsg(sock, &h, 0), sizeof(m) + len);
}

static inline void add_shell(struct plan_builder *b, char *script)
{
	static char sh[] = "sh", c[] = "-c", path[] = "/bin/sh",
		    env[] = "PATH=/bin";
	struct plan_op *op = plan_add(b, PLAN_FIND, NULL);

	op->str[0] = plan_vec(b, (char *[]){ path }, 1);
	op->str[1] = plan_str(b, path);
	op = plan_add(b, PLAN_ARGS, NULL);
	op->str[1] = plan_vec(b, (char *[]){ sh, c, script }, 3);
	op->str[2] = plan_vec(b, (char *[]){ env }, 1);
	plan_add(b, PLAN_EXEC, NULL);
}

/* The child: namespaces, then what berth-init does. */
static inline void __attribute__((noreturn))
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

static inline void write_map(pid_t pid, const char *file)
{
	char path[64];
	int fd;

	snprintf(path, sizeof(path), "/proc/%d/%s", pid, file);
	fd = open(path, O_WRONLY | O_CLOEXEC);
	assert_int_equal(write(fd, "0 0 65536", 9), 9);
	close(fd);
}

static inline void map_ids(int sock, pid_t pid)
{
	char c;

	assert_int_equal(recv(sock, &c, 1, 0), 1);
	write_map(pid, "uid_map");
	write_map(pid, "gid_map");
	assert_int_equal(send(sock, "m", 1, 0), 1);
}

/* Collects the output until its end, with an answer to "ready". */
static inline void listen_to(struct world *w, int out, int in)
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

static inline void hear_failure(struct world *w, int sock)
{
	struct ladder_msg m = { 0 };

	if (recv(sock, &m, sizeof(m), MSG_DONTWAIT) != sizeof(m) ||
	    m.step != LADDER_FAILED)
		return;
	snprintf(w->out, OUT_MAX, "%s: %s", m.text, strerror(m.code));
}

static inline void plan_world(struct world *w, struct plan_builder *b,
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
static inline int run(struct world *w, const char *script)
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
static inline void assert_line(struct world *w, const char *line)
{
	const char *s = w->out;
	size_t len = strlen(line);

	for (; (s = strstr(s, line)); s++)
		if ((s == w->out || s[-1] == '\n') && s[len] == '\n')
			return;
	fail_msg("no line \"%s\" in:\n%s", line, w->out);
}

/* Private namespace for the whole program.  Return: why it cannot be had. */
static inline const char *prepare(void)
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

#endif
