/* SPDX-License-Identifier: Apache-2.0 */
/* What is refused, and what the message says. */
#include "unit/unit.h"

#include "unit/rootfs_bench.h"

/* --- refusals ------------------------------------------------------------------------ */

static void bad_mounts_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *dest, *type, *source, *options;
		int r;
		const char *text;
	} cases[] = {
		{ NULL, "tmpfs", "t", "", -EINVAL,
		  "mounts[1].destination: missing" },
		{ "", "tmpfs", "t", "", -EINVAL,
		  "mounts[1].destination: missing" },
		{ "/", "tmpfs", "t", "", -EINVAL,
		  "mounts[1].destination: /: the root itself cannot be mounted on" },
		{ "/a/../.", "bind", "dir", "", -EINVAL,
		  "mounts[1].destination: /a/../.: the root itself cannot be mounted on" },
		{ "/x", NULL, "t", "ro", -EINVAL,
		  "mounts[1].type: missing: only a bind or a remount needs none" },
		{ "/x", "none", "t", "", -EINVAL,
		  "mounts[1].type: missing: only a bind or a remount needs none" },
		{ "/x", "bind", NULL, "", -EINVAL,
		  "mounts[1].source: missing: a bind needs one" },
		{ "/x", "bind", "", "", -EINVAL,
		  "mounts[1].source: missing: a bind needs one" },
		{ "/x", "bind", "gone", "", -ENOENT,
		  "mounts[1].source: gone: No such file or directory" },
		{ "/x", "bind", "file/x", "", -ENOTDIR,
		  "mounts[1].source: file/x: Not a directory" },
		{ "/x", "bind", "gone", "copy-symlink", -ENOENT,
		  "mounts[1].source: gone: No such file or directory" },
		{ "/x", "bind", "dir", "size=1", -EINVAL,
		  "mounts[1].options: size=1: not an option of a bind mount" },
		{ "/x", "bind", "dir", "sync", -EINVAL,
		  "mounts[1].options: sync: not an option of a bind mount" },
		{ "/x", "bind", "dir", "tmpcopyup", -EINVAL,
		  "mounts[1].options: tmpcopyup: only for a tmpfs" },
		{ "/x", "bind", "dir", "idmap", -EINVAL,
		  "mounts[1].options: idmap: neither the mount nor the container has mappings" },
		{ "/x", "tmpfs", "t", "idmap", -EINVAL,
		  "mounts[1]: an id-mapped mount has to be a bind" },
		{ "/x", "none", "t", "ridmap,remount", -EINVAL,
		  "mounts[1]: an id-mapped mount has to be a bind" },
		{ "/x", "cgroup", "cgroup", "cpu", -EINVAL,
		  "mounts[1].options: cpu: not an option of a container's cgroup mount" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases) * 2; i++) {
		size_t c = i / 2;
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		t->r.privileged = i % 2 && geteuid() == 0;
		t->r.rootfs = t->dir;
		add_mount(t, "/proc", "proc", "proc", "");
		add_mount(t, cases[c].dest, cases[c].type, cases[c].source,
			  cases[c].options);
		assert_int_equal(plan_it(t), cases[c].r);
		assert_string_equal(t->e.text, cases[c].text);
		assert_int_equal(teardown(state), 0);
	}
}

static void a_symlink_itself_cannot_be_bound_by_path(void **state)
{
	struct bench *t = *state;

	add_mount(t, "/x", "bind", "link", "src-nofollow");
	assert_int_equal(plan_it(t), -EPERM);
	assert_non_null(strstr(t->e.text, "mounts[0].source: link: "));
}

static void half_an_id_mapping_is_refused(void **state)
{
	struct bench *t = *state;
	struct oci_id_mapping map = { 0, 1, 1 };

	add_mount(t, "/x", "bind", "dir", "");
	t->spec.mounts[0].gid_mappings = (struct oci_id_mappings){ 1, &map };
	assert_int_equal(plan_it(t), -EINVAL);
	assert_string_equal(t->e.text,
			    "mounts[0].uidMappings: missing: a mount has both mappings or none");
}

static void bad_devices_are_refused_with_their_place(void **state)
{
	static const struct {
		const char *path, *type;
		int64_t major, minor;
		int r;
		const char *text;
	} cases[] = {
		{ "dev/x", "c", 1, 1, -EINVAL,
		  "linux.devices[0]: path: dev/x: must be absolute" },
		{ NULL, "c", 1, 1, -EINVAL,
		  "linux.devices[0]: path: missing: must be absolute" },
		{ "/", "c", 1, 1, -EINVAL,
		  "linux.devices[0]: path: /: is the root itself" },
		{ "/x", "cc", 1, 1, -EINVAL,
		  "linux.devices[0]: type: cc: not one of c, b, u, p" },
		{ "/x", "", 1, 1, -EINVAL,
		  "linux.devices[0]: type: : not one of c, b, u, p" },
		{ "/x", NULL, 1, 1, -EINVAL,
		  "linux.devices[0]: type: missing: not one of c, b, u, p" },
		{ "/x", "c", -1, 1, -ERANGE,
		  "linux.devices[0]: major: -1 is not between 0 and 4095" },
		{ "/x", "b", 4096, 1, -ERANGE,
		  "linux.devices[0]: major: 4096 is not between 0 and 4095" },
		{ "/x", "c", 1, 1048576, -ERANGE,
		  "linux.devices[0]: minor: 1048576 is not between 0 and 1048575" },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		add_device(t, cases[i].path, cases[i].type, cases[i].major,
			   cases[i].minor);
		assert_int_equal(plan_it(t), cases[i].r);
		assert_string_equal(t->e.text, cases[i].text);
		assert_int_equal(teardown(state), 0);
	}
}

static void relative_masks_and_unknown_propagation_are_refused(void **state)
{
	struct bench *t = *state;
	char bad[] = "sometimes";

	t->linux_.masked_paths = spec_split(&t->a, "/ok,proc/kcore");
	assert_int_equal(plan_it(t), -EINVAL);
	assert_string_equal(t->e.text,
			    "linux.maskedPaths[1]: proc/kcore: must be absolute");
	t->linux_.masked_paths.n = 0;
	t->linux_.readonly_paths = spec_split(&t->a, "x");
	assert_int_equal(plan_it(t), -EINVAL);
	assert_string_equal(t->e.text,
			    "linux.readonlyPaths[0]: x: must be absolute");
	t->linux_.rootfs_propagation = bad;
	assert_int_equal(plan_it(t), -EINVAL);
	assert_string_equal(t->e.text,
			    "linux.rootfsPropagation: sometimes: unknown");
}

static void without_a_mount_namespace_nothing_is_planned(void **state)
{
	struct bench *t = *state;

	t->linux_.namespaces[OCI_NS_MOUNT].listed = false;
	assert_int_equal(plan_it(t), -EINVAL);
	assert_int_equal(t->b->n_ops, 0);
}

static void every_lack_of_memory_is_reported(void **state)
{
	size_t need = 0;

	/* The first round finds out how much one run takes. */
	for (size_t limit = 0; limit <= need; limit = limit ? limit + 16 : 1) {
		struct bench *t;
		int r;

		assert_int_equal(setup(state), 0);
		t = *state;
		add_mount(t, "/x", "bind", "dir", "rrw,ro");
		add_mount(t, "/t", "tmpfs", "tmpfs", "size=1k");
		add_device(t, "/dev/x", "c", 1, 1);
		if (limit)
			t->a.limit = t->a.used + limit;
		else
			need = t->a.used;
		r = rootfs_plan_mounts(t->b, &t->r, &t->a, &t->e);
		if (!limit) {
			assert_int_equal(r, 0);
			need = t->a.used - need;
		} else if (limit < need) {
			assert_true(r == -ENOMEM || r == -EIO ||
				    t->b->failed == ENOMEM);
		}
		assert_int_equal(teardown(state), 0);
	}
	assert_true(need > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(bad_mounts_are_refused_with_their_place),
		WITH_BENCH(a_symlink_itself_cannot_be_bound_by_path),
		WITH_BENCH(half_an_id_mapping_is_refused),
		cmocka_unit_test(bad_devices_are_refused_with_their_place),
		WITH_BENCH(relative_masks_and_unknown_propagation_are_refused),
		WITH_BENCH(without_a_mount_namespace_nothing_is_planned),
		cmocka_unit_test(every_lack_of_memory_is_reported),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
