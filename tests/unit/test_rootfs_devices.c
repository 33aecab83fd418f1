/* SPDX-License-Identifier: Apache-2.0 */
/* Devices and links in the start plan. */
#include "unit/unit.h"

#include <sys/sysmacros.h>

#include "unit/rootfs_bench.h"

/* --- devices ------------------------------------------------------------------------ */

static void the_default_devices_and_links_are_there(void **state)
{
	static const struct {
		const char *path;
		unsigned int major, minor;
	} nodes[] = {
		{ "/dev/null", 1, 3 },	 { "/dev/zero", 1, 5 },
		{ "/dev/full", 1, 7 },	 { "/dev/random", 1, 8 },
		{ "/dev/urandom", 1, 9 }, { "/dev/tty", 5, 0 },
	};
	static const struct { const char *path, *to; uint16_t flags; } links[] = {
		{ "/dev/fd", "/proc/self/fd", 0 },
		{ "/dev/stdin", "/proc/self/fd/0", 0 },
		{ "/dev/stdout", "/proc/self/fd/1", 0 },
		{ "/dev/stderr", "/proc/self/fd/2", 0 },
		{ "/dev/core", "/proc/kcore", 0 },
		{ "/dev/ptmx", "pts/ptmx", PLAN_F_REPLACE },
	};
	struct bench *t = *state;

	assert_int_equal(plan_it(t), 0);
	for (size_t i = 0; i < ARRAY_LEN(nodes); i++) {
		const struct plan_op *op =
			at_target(t, PLAN_DEV_NODE, nodes[i].path);

		assert_non_null(op);
		assert_int_equal(op->num[0], S_IFCHR | 0666);
		assert_int_equal(op->num[1],
				 makedev(nodes[i].major, nodes[i].minor));
		assert_int_equal(op->num[2], 0);
		assert_string_equal(str(t, op->str[0]), nodes[i].path);
	}
	assert_null(nth(t, PLAN_DEV_NODE, ARRAY_LEN(nodes)));
	for (size_t i = 0; i < ARRAY_LEN(links); i++) {
		const struct plan_op *op =
			at_target(t, PLAN_SYMLINK, links[i].path);

		assert_non_null(op);
		assert_string_equal(str(t, op->str[0]), links[i].to);
		assert_int_equal(op->flags, links[i].flags);
	}
}

static void devices_are_what_the_configuration_says(void **state)
{
	struct bench *t = *state;
	struct oci_device *d = add_device(t, "/dev/fuse", "u", 10, 229);
	const struct plan_op *op;

	d->file_mode = (struct oci_opt_u32){ true, 0100640 };
	d->uid = (struct oci_opt_u32){ true, 1000 };
	d->gid = (struct oci_opt_u32){ true, 4294967294u };
	add_device(t, "/srv/disk", "b", 0xfff, 0xfffff);
	add_device(t, "/srv/./fifo", "p", 0, 0);
	assert_int_equal(plan_it(t), 0);

	op = at_target(t, PLAN_DEV_NODE, "/dev/fuse");
	assert_int_equal(op->num[0], S_IFCHR | 0640);
	assert_int_equal(op->num[1], makedev(10, 229));
	assert_true(op->num[2] == ((uint64_t)1000 << 32 | 4294967294u));
	assert_string_equal(str(t, op->what), "linux.devices[0]: /dev/fuse");
	op = at_target(t, PLAN_DEV_NODE, "/srv/disk");
	assert_int_equal(op->num[0], S_IFBLK | 0666);
	assert_int_equal(op->num[1], makedev(0xfff, 0xfffff));
	op = at_target(t, PLAN_DEV_NODE, "/srv/fifo");
	assert_int_equal(op->num[0], S_IFIFO | 0666);
	assert_int_equal(op->num[1], 0);
	assert_int_equal(op->str[0], 0);
}

static void the_later_device_of_one_path_is_made(void **state)
{
	struct bench *t = *state;

	add_device(t, "/dev/null", "c", 4, 4);
	add_device(t, "/dev//null", "c", 5, 5);
	add_device(t, "/dev/ptmx", "c", 5, 2);
	assert_int_equal(plan_it(t), 0);
	assert_int_equal(at_target(t, PLAN_DEV_NODE, "/dev/null")->num[1],
			 makedev(5, 5));
	assert_null(nth(t, PLAN_DEV_NODE, 6));
	assert_null(at_target(t, PLAN_DEV_NODE, "/dev/ptmx"));
}

static void a_bound_dev_is_left_alone(void **state)
{
	struct bench *t = *state;

	add_mount(t, "/dev/", "bind", "dir", "rbind");
	add_device(t, "/dev/x", "c", 1, 1);
	assert_int_equal(plan_it(t), 0);
	assert_null(nth(t, PLAN_DEV_NODE, 0));
	assert_null(nth(t, PLAN_SYMLINK, 0));
}

static void a_dev_over_a_bound_one_gets_devices(void **state)
{
	struct bench *t = *state;

	add_mount(t, "/dev", "bind", "dir", "rbind");
	add_mount(t, "/dev", "tmpfs", "tmpfs", "");
	assert_int_equal(plan_it(t), 0);
	assert_non_null(nth(t, PLAN_DEV_NODE, 0));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BENCH(the_default_devices_and_links_are_there),
		WITH_BENCH(devices_are_what_the_configuration_says),
		WITH_BENCH(the_later_device_of_one_path_is_made),
		WITH_BENCH(a_bound_dev_is_left_alone),
		WITH_BENCH(a_dev_over_a_bound_one_gets_devices),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
