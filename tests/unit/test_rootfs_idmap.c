/* SPDX-License-Identifier: Apache-2.0 */
/* Whose maps an id-mapped mount gets. */
#include "unit/unit.h"

#include <string.h>

#include "rootfs/planner.h"
#include "unit/rootfs_bench.h"

/* What the callback was asked for: "0 100000 10|0 200000 10", "own". */
struct asked {
	char text[256];
	int n;
};

static void put(char *out, const struct oci_id_mappings *m)
{
	for (size_t i = 0; i < m->n; i++)
		sprintf(out + strlen(out), "%s%u %u %u", i ? "," : "",
			m->v[i].container_id, m->v[i].host_id, m->v[i].size);
}

static int note(void *user, const struct oci_id_mappings *uids,
		const struct oci_id_mappings *gids, struct err *e)
{
	struct asked *a = user;

	a->n++;
	strcpy(a->text, uids ? "" : "own");
	if (uids) {
		put(a->text, uids);
		strcat(a->text, "|");
		put(a->text, gids);
	}
	return err_set(e, EXDEV, "asked");
}

static struct oci_id_mapping container_uids[] = { { 0, 100000, 1000 },
						  { 1000, 1000, 1 } };
static struct oci_id_mapping container_gids[] = { { 0, 200000, 1000 } };

static void each_way_to_say_it_has_its_maps(void **state)
{
	static const struct {
		const char *options, *asked;
		bool userns, own;
	} cases[] = {
		{ "ro", NULL, true, false },
		{ "idmap", "own", true, false },
		{ "ridmap", "own", true, false },
		/* the mount's own mappings win, also without the option */
		{ "", "7 8 9|1 2 3", true, true },
		{ "idmap", "7 8 9|1 2 3", true, true },
		{ "idmap=uids=0-5-1", "7 8 9|1 2 3", true, true },
		{ "ridmap", "7 8 9|1 2 3", false, true },
		{ "idmap=uids=0-1-2;gids=3-4-5", "0 1 2|3 4 5", false, false },
		{ "idmap=gids=3-4-5;uids=0-1-2", "0 1 2|3 4 5", false, false },
		{ "idmap=uids=0-1-2#10-20-30;gids=3-4-5",
		  "0 1 2,10 20 30|3 4 5", false, false },
		/* one of them: the other is the container's */
		{ "idmap=uids=0-1-2", "0 1 2|0 200000 1000", true, false },
		/* relative to the container */
		{ "idmap=uids=@5-0-10#0-1-1;gids=@0-999-1",
		  "5 100000 10,0 1 1|0 200999 1", true, false },
		{ "ridmap=uids=@0-1000-1", "0 1000 1|0 200000 1000", true, false },
	};
	struct oci_id_mapping u = { 7, 8, 9 }, g = { 1, 2, 3 };

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct asked asked = { .n = 0 };
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		t->r.userns = note;
		t->r.userns_user = &asked;
		t->linux_.namespaces[OCI_NS_USER].listed = cases[i].userns;
		if (cases[i].userns) {
			t->linux_.uid_mappings =
				(struct oci_id_mappings){ 2, container_uids };
			t->linux_.gid_mappings =
				(struct oci_id_mappings){ 1, container_gids };
		}
		add_mount(t, "/x", "bind", "dir", cases[i].options);
		if (cases[i].own) {
			t->spec.mounts[0].uid_mappings =
				(struct oci_id_mappings){ 1, &u };
			t->spec.mounts[0].gid_mappings =
				(struct oci_id_mappings){ 1, &g };
		}
		assert_int_equal(plan_it(t), cases[i].asked ? -EXDEV : 0);
		assert_int_equal(asked.n, cases[i].asked != NULL);
		if (cases[i].asked) {
			assert_string_equal(asked.text, cases[i].asked);
			assert_string_equal(t->e.text, cases[i].own
				? "mounts[0].uidMappings: asked"
				: "mounts[0].options: asked");
		}
		assert_int_equal(teardown(state), 0);
	}
}

static void what_is_no_map_is_refused(void **state)
{
	static const char *const values[] = {
		"", ";", "uids", "uids=", "uids=0", "uids=0-1", "uids=0-1-",
		"uids=0-1-0", "uids=0-1-2-3", "uids=-1-1-1", "uids=0--1-1",
		"uids=a-1-1", "uids=0-1-2#", "uids=#0-1-2", "uids=0-1-2##3-4-5",
		"uids=0-1-2;", "uids=0-1-2;x=1", "uids=@", "uids=@@0-0-1",
		"uids=0-4294967295-1", "uids=4294967290-0-10", "uids= 0-1-2",
		"uids=0-1-2;gids=", "xids=0-1-2", "uids=@0-5000-1",
		"uids=@0-999-2", "uids=@0-0-1001",
	};

	for (size_t i = 0; i < ARRAY_LEN(values); i++) {
		struct asked asked = { .n = 0 };
		char option[128];
		struct bench *t;

		assert_int_equal(setup(state), 0);
		t = *state;
		t->r.userns = note;
		t->r.userns_user = &asked;
		t->linux_.namespaces[OCI_NS_USER].listed = true;
		t->linux_.uid_mappings = (struct oci_id_mappings){ 2, container_uids };
		t->linux_.gid_mappings = (struct oci_id_mappings){ 1, container_gids };
		snprintf(option, sizeof(option), "idmap=%s", values[i]);
		add_mount(t, "/x", "bind", "dir", option);
		assert_int_equal(plan_it(t), -EINVAL);
		assert_int_equal(asked.n, 0);
		assert_memory_equal(t->e.text, "mounts[0].options: idmap: ", 26);
		assert_int_equal(teardown(state), 0);
	}
}

static void one_kind_alone_needs_the_containers_for_the_other(void **state)
{
	struct bench *t = *state;
	struct asked asked = { .n = 0 };

	t->r.userns = note;
	t->r.userns_user = &asked;
	add_mount(t, "/x", "bind", "dir", "idmap=uids=0-1-2");
	assert_int_equal(plan_it(t), -EINVAL);
	assert_string_equal(t->e.text, "mounts[0].options: idmap: gids= is missing, and the container has no mappings of its own");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_to_say_it_has_its_maps),
		cmocka_unit_test(what_is_no_map_is_refused),
		WITH_BENCH(one_kind_alone_needs_the_containers_for_the_other),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
