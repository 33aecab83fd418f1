/* SPDX-License-Identifier: Apache-2.0 */
#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "oci/spec.h"
#include "security/seccomp.h"
#include "security/seccomp_cache.h"
#include "unit/unit.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/err.h"
#include "util/fs.h"

/* BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW) */
#define ALLOW "BgAAAAAA/38="

static void the_bytes_are_the_filter(void **state)
{
	struct seccomp_program p;
	auto_arena a = { 0 };

	assert_int_equal(seccomp_program_raw(ALLOW, NULL, &a, &p, NULL), 0);
	assert_int_equal(p.n, 1);
	assert_int_equal(p.filter[0].code, BPF_RET | BPF_K);
	assert_int_equal(p.filter[0].k, SECCOMP_RET_ALLOW);
	assert_int_equal(p.flags, SECCOMP_FILTER_FLAG_SPEC_ALLOW);
	assert_false(p.notify);
	assert_null(p.listener_path);
}

static void a_receiver_makes_it_listen(void **state)
{
	struct seccomp_program p;
	auto_arena a = { 0 };

	assert_int_equal(seccomp_program_raw(ALLOW, "/s", &a, &p, NULL), 0);
	assert_true(p.flags & SECCOMP_FILTER_FLAG_NEW_LISTENER);
	assert_true(p.notify);
	assert_string_equal(p.listener_path, "/s");
}

static void what_is_no_filter_is_refused(void **state)
{
	static const struct { const char *text, *why; } bad[] = {
		{ "/etc/passwd", "not base64" },
		{ "BgAAAAAA/38", "not base64" },
		{ "", "0 bytes" },
		{ "\n", "0 bytes" },
		{ "BgAAAAAA/w==", "7 bytes" },
		{ "BgAAAAAA/38A", "9 bytes" },
	};

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct seccomp_program p = { .n = 99 };
		auto_arena a = { 0 };
		struct err e = { 0 };

		assert_int_equal(seccomp_program_raw(bad[i].text, NULL, &a, &p,
						     &e), -EINVAL);
		assert_non_null(strstr(e.text, bad[i].why));
		assert_int_equal(p.n, 99);
	}
}

static void the_kernels_limit_is_ours(void **state)
{
	/* 32 characters are 24 bytes, three instructions. */
	static const char line[] = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA";
	size_t lines = (BPF_MAXINSNS + 2) / 3;
	char *text = malloc(lines * 32 + 1);
	struct seccomp_program p;
	auto_arena a = { 0 };
	struct err e = { 0 };

	assert_non_null(text);
	for (size_t i = 0; i < lines; i++)
		memcpy(text + i * 32, line, 33);
	assert_int_equal(seccomp_program_raw(text, NULL, &a, &p, &e), -EINVAL);
	assert_non_null(strstr(e.text, "4098 instructions"));
	text[(lines - 1) * 32] = '\0';
	assert_int_equal(seccomp_program_raw(text, NULL, &a, &p, &e), 0);
	assert_int_equal(p.n, 4095);
	free(text);
}

/* --- what else can be asked of a profile ---------------------------------- */

#define PROFILE "{" BODY_UNKNOWN
#define NOTIFY "{" BODY_NOTIFY
#define OWN(body) "{\"listenerPath\":\"/own\"," body
#define BODY_UNKNOWN "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" \
		"{\"names\":[\"getpid\"],\"action\":\"SCMP_ACT_ERRNO\"}," \
		"{\"names\":[\"getppid\",\"no_such_call\"]," \
		"\"action\":\"SCMP_ACT_ERRNO\"}]}"
#define BODY_NOTIFY "\"defaultAction\":\"SCMP_ACT_ALLOW\",\"syscalls\":[" \
	       "{\"names\":[\"mkdir\"],\"action\":\"SCMP_ACT_NOTIFY\"}]}"

struct cache { char path[32]; int fd; };

static int open_cache(void **state)
{
	static struct cache c;

	strcpy(c.path, "/tmp/berth-raw-XXXXXX");
	if (!mkdtemp(c.path))
		return -1;
	c.fd = open(c.path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	*state = &c;
	return c.fd < 0;
}

static int close_cache(void **state)
{
	struct cache *c = *state;

	fd_close(&c->fd);
	return fs_remove_tree(AT_FDCWD, c->path, NULL);
}

static int get(const struct cache *c, const char *profile, const char *receiver,
	       bool strict, struct seccomp_program *p, struct arena *a,
	       struct err *e)
{
	const struct oci_raw raw = { profile, strlen(profile) };
	const struct seccomp_source s = { .profile = &raw, .receiver = receiver,
					  .fail_unknown = strict,
					  .cache_dirfd = c->fd };

	return seccomp_program_get(&s, a, p, e);
}

static void an_unknown_call_is_an_error_only_when_asked(void **state)
{
	struct seccomp_program p;
	auto_arena a = { 0 };
	struct err e = { 0 };

	/* The lax one is cached first and must not answer for the other. */
	assert_int_equal(get(*state, PROFILE, NULL, false, &p, &a, &e), 0);
	assert_int_equal(get(*state, PROFILE, NULL, true, &p, &a, &e), -EINVAL);
	assert_string_equal(e.text, "linux.seccomp.syscalls[1].names[1]: unknown "
			    "system call \"no_such_call\"");
	assert_int_equal(get(*state, NOTIFY, "/r", true, &p, &a, &e), 0);
}

static void the_receiver_is_for_a_profile_without_a_path(void **state)
{
	struct seccomp_program p;
	auto_arena a = { 0 };

	assert_int_equal(get(*state, NOTIFY, NULL, false, &p, &a, NULL), -EINVAL);
	for (int i = 0; i < 2; i++) { /* compiled, then from the cache */
		assert_int_equal(get(*state, NOTIFY, "/one", false, &p, &a, NULL), 0);
		assert_string_equal(p.listener_path, "/one");
		assert_int_equal(p.cached, i);
		assert_int_equal(get(*state, NOTIFY, "/two", false, &p, &a, NULL), 0);
		assert_string_equal(p.listener_path, "/two");
		assert_int_equal(p.cached, i);
	}
	assert_int_equal(get(*state, OWN(BODY_UNKNOWN),
			     "/one", false, &p, &a, NULL), 0);
	assert_int_equal(get(*state, OWN(BODY_NOTIFY),
			     "/one", false, &p, &a, NULL), 0);
	assert_string_equal(p.listener_path, "/own");
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_bytes_are_the_filter),
		cmocka_unit_test(a_receiver_makes_it_listen),
		cmocka_unit_test(what_is_no_filter_is_refused),
		cmocka_unit_test(the_kernels_limit_is_ours),
		cmocka_unit_test_setup_teardown(
			an_unknown_call_is_an_error_only_when_asked, open_cache,
			close_cache),
		cmocka_unit_test_setup_teardown(
			the_receiver_is_for_a_profile_without_a_path, open_cache,
			close_cache),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
