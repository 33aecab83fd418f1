/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include "unit/rootfs_world.h"

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

static void a_tmpfs_keeps_the_mode_of_what_it_covers(void **state)
{
	struct world *w = *state;

	make_dir(w, "rootfs/secret");
	assert_int_equal(fchmodat(w->r.bundle_fd, "rootfs/secret", 0700, 0), 0);
	add(w, "/secret", "tmpfs", "tmpfs", "ro");
	add(w, "/new", "tmpfs", "tmpfs", "");
	add(w, "/said", "tmpfs", "tmpfs", "mode=0751");
	RUN_OK(w, "stat -c '%n %a' /secret /new /said");
	assert_line(w, "/secret 700");
	assert_line(w, "/new 1777");
	assert_line(w, "/said 751");
}

static void a_change_reaches_the_whole_tree(void **state)
{
	struct world *w = *state;

	make_dir(w, "src");
	make_dir(w, "src/sub");
	mount_tmpfs(w, "src/sub", MS_NOSUID);
	add(w, "/proc", "proc", "proc", "");
	add(w, "/x", "bind", "src", "rbind,rro");
	add(w, "/x", "none", NULL, "remount,rrw,rsuid");
	RUN_OK(w, "while read a b c d m o r; do echo $m $o; done "
		  "< /proc/self/mountinfo");
	assert_line(w, "/x rw,relatime");
	assert_line(w, "/x/sub rw,relatime");
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

static void planned_mounts_need_more(void **state)
{
	skip_because("%s", (const char *)*state);
}

static void a_user_namespace_cannot_take_off_the_hosts_flags(void **state)
{
	struct world *w = *state;

	make_dir(w, "src");
	make_dir(w, "src/sub");
	make_file(w, "src/sub/covered", "");
	mount_tmpfs(w, "src/sub", MS_RDONLY | MS_NOSUID);
	w->r.new_userns = true;
	add(w, "/x", "bind", "src", "rbind");
	RUN_OK(w, "mount -o remount,bind,rw,nosuid /x/sub 2>/dev/null || echo ro\n"
		  "mount -o remount,bind,ro,suid /x/sub 2>/dev/null || echo nosuid\n"
		  "umount /x/sub 2>/dev/null || echo there\n"
		  "[ -e /x/sub/covered ] || echo covered");
	assert_line(w, "ro");
	assert_line(w, "nosuid");
	assert_line(w, "there");
	assert_line(w, "covered");
}

static void a_user_namespace_gets_what_it_cannot_reach(void **state)
{
	struct world *w = *state;

	make_dir(w, "closed");
	make_dir(w, "closed/src");
	make_file(w, "closed/src/file", "");
	/* Of an owner that is not mapped, so that no capability helps. */
	assert_int_equal(fchownat(w->r.bundle_fd, "closed", 100000, 100000, 0),
			 0);
	assert_int_equal(fchmodat(w->r.bundle_fd, "closed", 0700, 0), 0);
	w->r.new_userns = true;
	add(w, "/x", "bind", "closed/src", "");
	RUN_OK(w, "[ -e /x/file ] && echo reached");
	assert_line(w, "reached");
}

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
		IN_WORLD(a_tmpfs_keeps_the_mode_of_what_it_covers),
		IN_WORLD(a_change_reaches_the_whole_tree),
		cmocka_unit_test(mounts_travel_only_where_they_were_asked_to),
		IN_WORLD(the_host_keeps_its_mounts_when_the_container_goes),
		cmocka_unit_test(a_link_at_proc_or_sys_is_refused),
		IN_WORLD(links_of_an_image_never_lead_out),
		IN_WORLD(a_bound_dev_gets_nothing_new),
		IN_WORLD(a_user_namespace_gets_the_hosts_proc_and_sys),
		IN_WORLD(a_user_namespace_cannot_take_off_the_hosts_flags),
		IN_WORLD(a_user_namespace_gets_what_it_cannot_reach),
	};
	const char *why = prepare();
	const struct CMUnitTest skipped[] = {
		cmocka_unit_test_prestate(planned_mounts_need_more,
					  (void *)(uintptr_t)why),
	};

	if (why)
		return cmocka_run_group_tests(skipped, NULL, NULL);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
