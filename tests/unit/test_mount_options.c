/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <errno.h>
#include <linux/mount.h>
#include <string.h>

#include "rootfs/options.h"
#include "unit/spec_build.h"
#include "util/auto.h"

#define RO MOUNT_ATTR_RDONLY
#define NOSUID MOUNT_ATTR_NOSUID
#define NODEV MOUNT_ATTR_NODEV
#define NOEXEC MOUNT_ATTR_NOEXEC
#define NOATIME MOUNT_ATTR_NOATIME
#define STRICT MOUNT_ATTR_STRICTATIME
#define ATIME MOUNT_ATTR__ATIME
#define NODIR MOUNT_ATTR_NODIRATIME
#define NOLINK MOUNT_ATTR_NOSYMFOLLOW

static const char *joined(struct arena *a, const struct oci_strv *v)
{
	const char *s = "";

	for (size_t i = 0; i < v->n; i++)
		s = arena_printf(a, "%s%s%s", s, i ? "," : "", v->v[i]);
	return s;
}

static void each_option_means_what_it_says(void **state)
{
	static const struct {
		const char *options;
		struct mount_attrs mount, tree;
		uint32_t flags, propagation;
		const char *super, *super_off, *data;
	} cases[] = {
		{ .options = "" },
		{ .options = "defaults,silent,loud,norelatime,rnorelatime" },
		{ .options = "ro", .mount = { RO, 0 } },
		{ .options = "rw", .mount = { 0, RO } },
		{ .options = "nosuid,nodev,noexec",
		  .mount = { NOSUID | NODEV | NOEXEC, 0 } },
		{ .options = "suid,dev,exec",
		  .mount = { 0, NOSUID | NODEV | NOEXEC } },
		{ .options = "nosymfollow", .mount = { NOLINK, 0 } },
		{ .options = "symfollow", .mount = { 0, NOLINK } },
		{ .options = "noatime", .mount = { NOATIME, ATIME } },
		{ .options = "atime", .mount = { 0, ATIME } },
		{ .options = "relatime", .mount = { 0, ATIME } },
		{ .options = "strictatime", .mount = { STRICT, ATIME } },
		{ .options = "nostrictatime", .mount = { 0, ATIME } },
		{ .options = "nodiratime", .mount = { NODIR, 0 } },
		{ .options = "diratime", .mount = { 0, NODIR } },
		{ .options = "noatime,nodiratime",
		  .mount = { NOATIME | NODIR, ATIME } },
		{ .options = "rro", .tree = { RO, 0 } },
		{ .options = "rrw", .tree = { 0, RO } },
		{ .options = "rnosuid,rnodev,rnoexec,rnosymfollow",
		  .tree = { NOSUID | NODEV | NOEXEC | NOLINK, 0 } },
		{ .options = "rsuid,rdev,rexec,rsymfollow",
		  .tree = { 0, NOSUID | NODEV | NOEXEC | NOLINK } },
		{ .options = "rnoatime", .tree = { NOATIME, ATIME } },
		{ .options = "ratime", .tree = { 0, ATIME } },
		{ .options = "rrelatime", .tree = { 0, ATIME } },
		{ .options = "rstrictatime", .tree = { STRICT, ATIME } },
		{ .options = "rnostrictatime", .tree = { 0, ATIME } },
		{ .options = "rnodiratime", .tree = { NODIR, 0 } },
		{ .options = "rdiratime", .tree = { 0, NODIR } },
		{ .options = "bind", .flags = MOUNT_OPT_BIND },
		{ .options = "rbind",
		  .flags = MOUNT_OPT_BIND | MOUNT_OPT_RECURSIVE },
		{ .options = "remount", .flags = MOUNT_OPT_REMOUNT },
		{ .options = "tmpcopyup", .flags = MOUNT_OPT_TMPCOPYUP },
		{ .options = "src-nofollow,dest-nofollow,copy-symlink",
		  .flags = MOUNT_OPT_SRC_NOFOLLOW | MOUNT_OPT_DEST_NOFOLLOW |
			   MOUNT_OPT_COPY_SYMLINK },
		{ .options = "private", .propagation = MS_PRIVATE },
		{ .options = "rprivate", .propagation = MS_PRIVATE | MS_REC },
		{ .options = "shared", .propagation = MS_SHARED },
		{ .options = "rshared", .propagation = MS_SHARED | MS_REC },
		{ .options = "slave", .propagation = MS_SLAVE },
		{ .options = "rslave", .propagation = MS_SLAVE | MS_REC },
		{ .options = "unbindable", .propagation = MS_UNBINDABLE },
		{ .options = "runbindable",
		  .propagation = MS_UNBINDABLE | MS_REC },
		{ .options = "sync,dirsync,lazytime,mand,iversion",
		  .super = "sync,dirsync,lazytime,mand,iversion" },
		{ .options = "async,nolazytime,nomand,noiversion",
		  .super_off = "async,nolazytime,nomand" },
		{ .options = "size=64k,mode=755,acl,noacl,bindx,RO",
		  .data = "size=64k,mode=755,acl,noacl,bindx,RO" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		struct oci_strv v = spec_split(&a, cases[i].options);
		struct mount_options o;
		struct err e = { 0 };

		assert_int_equal(mount_options_parse(&v, &a, &o, &e), 0);
		if (memcmp(&o.mount, &cases[i].mount, sizeof(o.mount)) ||
		    memcmp(&o.tree, &cases[i].tree, sizeof(o.tree)))
			fail_msg("%s: other attributes", cases[i].options);
		assert_int_equal(o.flags, cases[i].flags);
		assert_int_equal(o.propagation, cases[i].propagation);
		assert_string_equal(joined(&a, &o.super), cases[i].super ?: "");
		assert_string_equal(joined(&a, &o.super_off),
				    cases[i].super_off ?: "");
		assert_string_equal(joined(&a, &o.data), cases[i].data ?: "");
	}
}

static void the_later_of_two_options_wins(void **state)
{
	static const struct {
		const char *options;
		struct mount_attrs mount, tree;
		uint32_t propagation;
		const char *super, *super_off;
	} cases[] = {
		{ "ro,rw", { 0, RO }, { 0 }, 0, "", "" },
		{ "rw,ro", { RO, 0 }, { 0 }, 0, "", "" },
		{ "nosuid,suid,nosuid", { NOSUID, 0 }, { 0 }, 0, "", "" },
		{ "noatime,strictatime", { STRICT, ATIME }, { 0 }, 0, "", "" },
		{ "strictatime,noatime", { NOATIME, ATIME }, { 0 }, 0, "", "" },
		{ "noatime,atime", { 0, ATIME }, { 0 }, 0, "", "" },
		{ "atime,noatime", { NOATIME, ATIME }, { 0 }, 0, "", "" },
		{ "noatime,relatime", { 0, ATIME }, { 0 }, 0, "", "" },
		{ "noatime,norelatime", { NOATIME, ATIME }, { 0 }, 0, "", "" },
		{ "rro,rrw", { 0 }, { 0, RO }, 0, "", "" },
		{ "rro,rw", { 0, RO }, { RO, 0 }, 0, "", "" },
		{ "rprivate,rslave", { 0 }, { 0 }, MS_SLAVE | MS_REC, "", "" },
		{ "rslave,private", { 0 }, { 0 }, MS_PRIVATE, "", "" },
		{ "sync,async", { 0 }, { 0 }, 0, "", "async" },
		{ "async,sync", { 0 }, { 0 }, 0, "sync", "" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		struct oci_strv v = spec_split(&a, cases[i].options);
		struct mount_options o;

		assert_int_equal(mount_options_parse(&v, &a, &o, NULL), 0);
		if (memcmp(&o.mount, &cases[i].mount, sizeof(o.mount)) ||
		    memcmp(&o.tree, &cases[i].tree, sizeof(o.tree)))
			fail_msg("%s: other attributes", cases[i].options);
		assert_int_equal(o.propagation, cases[i].propagation);
		assert_string_equal(joined(&a, &o.super), cases[i].super);
		assert_string_equal(joined(&a, &o.super_off),
				    cases[i].super_off);
	}
}

static void id_maps_are_asked_for_with_and_without_a_value(void **state)
{
	static const struct {
		const char *options;
		uint32_t flags;
		const char *value;
	} cases[] = {
		{ "ro", 0, NULL },
		{ "idmap", MOUNT_OPT_IDMAP, NULL },
		{ "ridmap", MOUNT_OPT_IDMAP | MOUNT_OPT_IDMAP_TREE, NULL },
		{ "idmap=", MOUNT_OPT_IDMAP, "" },
		{ "idmap=uids=0-1-2", MOUNT_OPT_IDMAP, "uids=0-1-2" },
		{ "ridmap=x", MOUNT_OPT_IDMAP | MOUNT_OPT_IDMAP_TREE, "x" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		auto_arena a = { 0 };
		struct oci_strv v = spec_split(&a, cases[i].options);
		struct mount_options o;

		assert_int_equal(mount_options_parse(&v, &a, &o, NULL), 0);
		assert_int_equal(o.flags, cases[i].flags);
		assert_int_equal(o.data.n, 0);
		if (cases[i].value)
			assert_string_equal(o.idmap, cases[i].value);
		else
			assert_null(o.idmap);
	}
}

static void an_empty_option_is_refused(void **state)
{
	auto_arena a = { 0 };
	char empty[] = "", ro[] = "ro", *list[] = { ro, empty, NULL };
	struct oci_strv v = { 2, list };
	struct mount_options o;
	struct err e = { 0 };

	assert_int_equal(mount_options_parse(&v, &a, &o, &e), -EINVAL);
	assert_string_equal(e.text, "[1] is empty");
}

static void the_list_is_sorted_and_all_of_it_is_accepted(void **state)
{
	auto_arena a = { 0 };
	struct oci_strv all;

	assert_int_equal(rootfs_mount_options(&a, &all), 0);
	assert_true(all.n > 60);
	assert_null(all.v[all.n]);
	for (size_t i = 0; i < all.n; i++) {
		struct oci_strv one = { 1, &all.v[i] };
		struct mount_options o;

		assert_true(i == 0 || strcmp(all.v[i - 1], all.v[i]) < 0);
		assert_int_equal(mount_options_parse(&one, &a, &o, NULL), 0);
		assert_int_equal(o.data.n, 0);
	}
}

static void without_memory_there_is_an_error(void **state)
{
	auto_arena a = { .limit = 1 };
	char ro[] = "ro", *list[] = { ro, NULL };
	struct oci_strv v = { 1, list }, all;
	struct mount_options o;
	struct err e = { 0 };

	assert_int_equal(mount_options_parse(&v, &a, &o, &e), -ENOMEM);
	assert_int_equal(rootfs_mount_options(&a, &all), -ENOMEM);
}

static void propagations_are_known_by_name(void **state)
{
	uint32_t v = 7;

	assert_int_equal(mount_propagation("rslave", &v), 0);
	assert_int_equal(v, MS_SLAVE | MS_REC);
	assert_int_equal(mount_propagation("ro", &v), -EINVAL);
	assert_int_equal(mount_propagation("", &v), -EINVAL);
	assert_int_equal(v, MS_SLAVE | MS_REC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_option_means_what_it_says),
		cmocka_unit_test(the_later_of_two_options_wins),
		cmocka_unit_test(id_maps_are_asked_for_with_and_without_a_value),
		cmocka_unit_test(an_empty_option_is_refused),
		cmocka_unit_test(the_list_is_sorted_and_all_of_it_is_accepted),
		cmocka_unit_test(without_memory_there_is_an_error),
		cmocka_unit_test(propagations_are_known_by_name),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
