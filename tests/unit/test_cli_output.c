/* SPDX-License-Identifier: Apache-2.0 */
#include "unit/unit.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "cgroups/stats.h"
#include "cli/spec_json.h"
#include "cli/stats_table.h"
#include "cli/table.h"
#include "oci/decode.h"
#include "oci/spec.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/buf.h"

/* --- what goes to standard output ------------------------------------------ */

struct capture {
	int saved;
	FILE *file;
	char text[4096];
};

static void capture_begin(struct capture *c)
{
	c->file = tmpfile();
	assert_non_null(c->file);
	fflush(stdout);
	c->saved = dup(STDOUT_FILENO);
	dup2(fileno(c->file), STDOUT_FILENO);
}

static const char *capture_end(struct capture *c)
{
	size_t n;

	fflush(stdout);
	dup2(c->saved, STDOUT_FILENO);
	close(c->saved);
	rewind(c->file);
	n = fread(c->text, 1, sizeof(c->text) - 1, c->file);
	c->text[n] = '\0';
	fclose(c->file);
	return c->text;
}

/* --- tables ---------------------------------------------------------------- */

static void columns_are_as_wide_as_what_is_in_them(void **state)
{
	static const char *const cells[] = { "ID", "PID", "a-long-name", "7",
					     "x",  "4194304" };
	struct capture c;

	capture_begin(&c);
	table_print(&(struct table){ .columns = 2, .rows = 3, .cells = cells });
	assert_string_equal(capture_end(&c), "ID           PID\n"
					     "a-long-name  7\n"
					     "x            4194304\n");
}

static void an_empty_cell_is_still_a_word(void **state)
{
	static const char *const cells[] = { "", NULL, "b" };
	struct capture c;

	capture_begin(&c);
	table_print(&(struct table){ .columns = 3, .rows = 1, .cells = cells });
	assert_string_equal(capture_end(&c), "-  -  b\n");
}

static void a_terminal_gets_no_orders_from_names(void **state)
{
	static const char *const cells[] = { "a\033[2Jb\nc\x7f", "d" };
	struct capture c;

	capture_begin(&c);
	table_print(&(struct table){ .columns = 2, .rows = 1, .cells = cells });
	assert_string_equal(capture_end(&c), "a?[2Jb?c?  d\n");
}

static void characters_are_counted_and_not_bytes(void **state)
{
	static const char *const cells[] = { "Größe", "x", "12345", "y" };
	struct capture c;

	capture_begin(&c);
	table_print(&(struct table){ .columns = 2, .rows = 2, .cells = cells });
	assert_string_equal(capture_end(&c), "Größe  x\n12345  y\n");
}

/* --- sizes and statistics ----------------------------------------------------- */

static void sizes_are_cut_to_one_digit(void **state)
{
	static const struct { uint64_t bytes; const char *text; } cases[] = {
		{ 0, "0B" },
		{ 1023, "1023B" },
		{ 1024, "1.0KiB" },
		{ 1535, "1.4KiB" },
		{ 1536, "1.5KiB" },
		{ 1048575, "1023.9KiB" },
		{ 1048576, "1.0MiB" },
		{ 64ull << 20, "64.0MiB" },
		{ 3ull << 40, "3.0TiB" },
		{ 1ull << 50, "1.0PiB" },
		{ UINT64_MAX, "15.9EiB" },
	};
	char text[SIZE_TEXT];

	for (size_t i = 0; i < ARRAY_LEN(cases); i++)
		assert_string_equal(size_text(cases[i].bytes, text),
				    cases[i].text);
}

static void statistics_show_what_is_known(void **state)
{
	struct cgroup_io_stat io[] = { { 8, 0, 1024, 10, 0, 0, 0, 0 },
				       { 8, 16, 1024, 0, 0, 0, 0, 0 } };
	struct cgroup_stats s = {
		.cpu = { .usage = 1234567, .throttling = true,
			 .throttled_periods = 5 },
		.memory = { .set = true, .usage = 3 << 20,
			    .limit = CGROUP_UNLIMITED, .peak = 4 << 20 },
		.pids = { .set = true, .usage = 2, .limit = 100 },
		.memory_psi = { .set = true, .some = { .avg10 = 1205 } },
		.io = io,
		.n_io = 2,
	};
	auto_arena a = { 0 };
	struct capture c;

	capture_begin(&c);
	stats_table(&s, &a);
	assert_string_equal(
		capture_end(&c),
		"RESOURCE  USED    LIMIT  PEAK    HIT  WAITED\n"
		"cpu       1.234s  -      -       5    -\n"
		"memory    3.0MiB  max    4.0MiB  0    12.05%\n"
		"pids      2       100    -       0    -\n"
		"read      2.0KiB  -      -       -    -\n"
		"written   10B     -      -       -    -\n");
}

static void statistics_of_everything_fit_the_table(void **state)
{
	struct cgroup_io_stat io = { .rbytes = UINT64_MAX };
	struct cgroup_counter full = { true, UINT64_MAX - 1, UINT64_MAX - 1,
				       UINT64_MAX - 1, UINT64_MAX - 1 };
	struct cgroup_psi psi = { .set = true };
	struct cgroup_stats s = {
		.cpu = { .usage = UINT64_MAX, .throttling = true },
		.memory = full, .swap = full, .pids = full, .io = &io, .n_io = 1,
		.cpu_psi = psi, .memory_psi = psi, .io_psi = psi,
	};
	auto_arena a = { 0 };
	struct capture c;
	const char *text;
	size_t lines = 0;

	capture_begin(&c);
	stats_table(&s, &a);
	text = capture_end(&c);
	for (; *text; text++)
		lines += *text == '\n';
	assert_int_equal(lines, 7);
}

/* --- the default configuration ---------------------------------------------------- */

static void the_default_configuration_decodes(void **state)
{
	static const struct spec_rootless user = { 1000, 1001 };
	const struct spec_rootless *who[] = { NULL, &user };

	for (size_t i = 0; i < ARRAY_LEN(who); i++) {
		struct oci_spec *spec = NULL;
		struct err e = { 0 };
		auto_arena a = { 0 };
		auto_buf text = { 0 };

		spec_json(who[i], &text);
		assert_false(text.failed);
		if (oci_spec_decode(text.data, text.len, &a, &spec, &e) < 0)
			fail_msg("%s", e.text);
		assert_string_equal(spec->oci_version, OCI_VERSION);
		assert_string_equal(spec->process->args.v[0], "sh");
		assert_int_equal(spec->process->capabilities->ambient.n, 0);
		assert_int_equal(spec->linux_->namespaces[OCI_NS_USER].listed, i);
		assert_int_equal(spec->linux_->uid_mappings.n, i);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(columns_are_as_wide_as_what_is_in_them),
		cmocka_unit_test(an_empty_cell_is_still_a_word),
		cmocka_unit_test(a_terminal_gets_no_orders_from_names),
		cmocka_unit_test(characters_are_counted_and_not_bytes),
		cmocka_unit_test(sizes_are_cut_to_one_digit),
		cmocka_unit_test(statistics_show_what_is_known),
		cmocka_unit_test(statistics_of_everything_fit_the_table),
		cmocka_unit_test(the_default_configuration_decodes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
