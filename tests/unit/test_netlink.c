/* SPDX-License-Identifier: Apache-2.0 */
#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <linux/if_addr.h>
#include <linux/if_link.h>
#include <linux/rtnetlink.h>
#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "net/address.h"
#include "net/netlink.h"
#include "unit/unit.h"
#include "util/arena.h"
#include "util/auto.h"
#include "util/fs.h"

/* A datagram under construction. */
struct bytes {
	_Alignas(4) char v[4096];
	size_t len;
};

static void put(struct bytes *b, const void *p, size_t len)
{
	memcpy(b->v + b->len, p, len);
	b->len += len;
}

static void pad(struct bytes *b)
{
	while (b->len % 4)
		b->v[b->len++] = 0;
}

static size_t head(struct bytes *b, uint16_t type, uint16_t flags, uint32_t seq)
{
	const struct nlmsghdr h = { .nlmsg_type = type, .nlmsg_flags = flags,
				    .nlmsg_seq = seq };
	size_t at = b->len;

	put(b, &h, sizeof(h));
	return at;
}

static void finish(struct bytes *b, size_t at)
{
	uint32_t len = (uint32_t)(b->len - at);

	memcpy(b->v + at, &len, sizeof(len));
	pad(b);
}

static void attr(struct bytes *b, uint16_t type, const void *p, size_t len)
{
	const struct nlattr a = { .nla_type = type,
				  .nla_len = (uint16_t)(sizeof(a) + len) };

	put(b, &a, sizeof(a));
	put(b, p, len);
	pad(b);
}

static void message(struct bytes *b, uint16_t type, uint16_t flags,
		    const void *p, size_t len)
{
	size_t at = head(b, type, flags, 7);

	put(b, p, len);
	finish(b, at);
}

static int count(void *user, uint16_t type, const void *data, size_t len)
{
	*(size_t *)user += len;
	return type == 99 ? -ENOSPC : 0;
}

static int parse(const struct bytes *b, struct nl_answer *a)
{
	return nl_parse(b->v, b->len, a);
}

static void messages_of_the_request_are_given_on(void **state)
{
	struct bytes b = { 0 };
	size_t sum = 0, at;
	struct nl_answer a = { .seq = 7, .fn = count, .user = &sum };

	message(&b, RTM_NEWLINK, 0, "abc", 3);
	message(&b, NLMSG_NOOP, 0, "xxxx", 4);
	at = head(&b, RTM_NEWLINK, 0, 6); /* somebody else's */
	put(&b, "xxxxx", 5);
	finish(&b, at);
	message(&b, RTM_NEWLINK, NLM_F_DUMP_INTR, "defgh", 5);
	assert_int_equal(parse(&b, &a), 0);
	assert_int_equal(sum, 8);
	assert_false(a.over);
	assert_true(a.interrupted);
	message(&b, NLMSG_DONE, 0, "\0\0\0\0", 4);
	message(&b, RTM_NEWLINK, 0, "after", 5);
	sum = 0;
	assert_int_equal(parse(&b, &a), 0);
	assert_true(a.over);
	assert_int_equal(sum, 8);
}

static void what_the_callee_says_ends_it(void **state)
{
	struct bytes b = { 0 };
	size_t sum = 0;
	struct nl_answer a = { .seq = 7, .fn = count, .user = &sum };

	message(&b, 99, 0, "a", 1);
	assert_int_equal(parse(&b, &a), -ENOSPC);
}

static void an_error_has_its_number_and_its_text(void **state)
{
	static const struct nlmsghdr request = { .nlmsg_len = 20 };
	int32_t error = -EBUSY;
	struct nl_answer a = { .seq = 7 };
	struct bytes b = { 0 };
	size_t at;

	/* the request whole: 16 bytes of header, 4 more */
	at = head(&b, NLMSG_ERROR, NLM_F_ACK_TLVS, 7);
	put(&b, &error, 4);
	put(&b, &request, sizeof(request));
	put(&b, "data", 4);
	attr(&b, NLMSGERR_ATTR_OFFS, "\1\0\0\0", 4);
	attr(&b, NLMSGERR_ATTR_MSG, "Device is busy", 15);
	finish(&b, at);
	assert_int_equal(parse(&b, &a), 0);
	assert_true(a.over);
	assert_int_equal(a.error, -EBUSY);
	assert_string_equal(a.text, "Device is busy");

	/* only its header */
	b.len = 0;
	a = (struct nl_answer){ .seq = 7 };
	at = head(&b, NLMSG_ERROR, NLM_F_ACK_TLVS | NLM_F_CAPPED, 7);
	put(&b, &error, 4);
	put(&b, &request, sizeof(request));
	attr(&b, NLMSGERR_ATTR_MSG, "no end", 6);
	finish(&b, at);
	assert_int_equal(parse(&b, &a), 0);
	assert_string_equal(a.text, "no end");

	/* an acknowledgement */
	b.len = 0;
	error = 0;
	a = (struct nl_answer){ .seq = 7 };
	message(&b, NLMSG_ERROR, NLM_F_CAPPED, &error, 4);
	assert_int_equal(parse(&b, &a), 0);
	assert_true(a.over);
	assert_int_equal(a.error, 0);
}

static void a_long_text_is_cut(void **state)
{
	static const struct nlmsghdr request = { .nlmsg_len = 16 };
	const int32_t error = -EINVAL;
	struct nl_answer a = { .seq = 7 };
	struct bytes b = { 0 };
	char text[1000];
	size_t at = head(&b, NLMSG_ERROR, NLM_F_ACK_TLVS, 7);

	memset(text, 'x', sizeof(text));
	put(&b, &error, 4);
	put(&b, &request, sizeof(request));
	attr(&b, NLMSGERR_ATTR_MSG, text, sizeof(text));
	finish(&b, at);
	assert_int_equal(parse(&b, &a), 0);
	assert_int_equal(strlen(a.text), sizeof(a.text) - 1);
}

static void lengths_that_do_not_fit_are_refused(void **state)
{
	static const struct { uint32_t len; size_t have; } bad[] = {
		{ 0, 16 }, { 15, 16 }, { 17, 16 }, { UINT32_MAX, 16 },
		{ 16, 15 }, { 16, 4 }, { 16, 1 },
	};
	static const int32_t numbers[] = { 1, EINVAL, -4096, INT32_MIN };

	for (size_t i = 0; i < ARRAY_LEN(bad); i++) {
		struct nl_answer a = { .seq = 7 };
		struct bytes b = { 0 };

		head(&b, RTM_NEWLINK, 0, 7);
		memcpy(b.v, &bad[i].len, 4);
		assert_int_equal(nl_parse(b.v, bad[i].have, &a), -EPROTO);
	}
	for (size_t i = 0; i < ARRAY_LEN(numbers); i++) {
		struct nl_answer a = { .seq = 7 };
		struct bytes b = { 0 };

		message(&b, NLMSG_ERROR, 0, &numbers[i], 4);
		assert_int_equal(parse(&b, &a), -EPROTO);
	}
	for (size_t len = 0; len < 4; len++) {
		struct nl_answer a = { .seq = 7 };
		struct bytes b = { 0 };

		message(&b, NLMSG_ERROR, 0, "\0\0\0\0", len);
		assert_int_equal(parse(&b, &a), -EPROTO);
	}
}

static void an_attribute_is_found_or_it_is_not(void **state)
{
	struct bytes b = { 0 };
	size_t len;

	attr(&b, 1, "a", 1);
	attr(&b, 2, "bcd", 3);
	attr(&b, 3 | NLA_F_NESTED, "efgh", 4);
	assert_memory_equal(nl_attr(b.v, b.len, 2, &len), "bcd", 3);
	assert_int_equal(len, 3);
	assert_memory_equal(nl_attr(b.v, b.len, 3, &len), "efgh", 4);
	assert_null(nl_attr(b.v, b.len, 4, &len));
	assert_null(nl_attr(b.v, 0, 1, &len));
	/* the last one without its padding, and cut */
	b.len = 0;
	attr(&b, 1, "abcde", 5);
	assert_non_null(nl_attr(b.v, 9, 1, &len));
	assert_int_equal(len, 5);
	for (size_t n = 0; n < 9; n++)
		assert_null(nl_attr(b.v, n, 1, &len));
	/* a length that would stand still */
	memset(b.v, 0, sizeof(b.v));
	assert_null(nl_attr(b.v, 64, 1, &len));
}

/* --- addresses -------------------------------------------------------------- */

#define INDEX 5

struct sample {
	uint8_t family, prefix, flags, scope;
	uint32_t index;
};

static size_t address(struct bytes *b, struct sample s)
{
	const struct ifaddrmsg m = { s.family, s.prefix, s.flags, s.scope,
				     s.index };

	put(b, &m, sizeof(m));
	return b->len;
}

static void only_permanent_addresses_of_global_scope_go_along(void **state)
{
	static const struct { struct sample s; int want; } cases[] = {
		{ { AF_INET, 24, IFA_F_PERMANENT, RT_SCOPE_UNIVERSE, INDEX }, 1 },
		{ { AF_INET, 24, 0, RT_SCOPE_UNIVERSE, INDEX }, 0 },
		{ { AF_INET, 24, IFA_F_PERMANENT, RT_SCOPE_LINK, INDEX }, 0 },
		{ { AF_INET, 24, IFA_F_PERMANENT, RT_SCOPE_HOST, INDEX }, 0 },
		{ { AF_INET, 24, IFA_F_PERMANENT, RT_SCOPE_UNIVERSE, 4 }, 0 },
		{ { AF_INET, 33, IFA_F_PERMANENT, RT_SCOPE_UNIVERSE, INDEX },
		  -EPROTO },
		{ { AF_INET6, 33, IFA_F_PERMANENT, RT_SCOPE_UNIVERSE, INDEX },
		  -EPROTO }, /* four bytes are no such address */
		{ { AF_UNSPEC, 0, IFA_F_PERMANENT, RT_SCOPE_UNIVERSE, INDEX }, 0 },
	};

	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct net_address a;
		struct bytes b = { 0 };

		address(&b, cases[i].s);
		attr(&b, IFA_LOCAL, "\300\0\2\7", 4);
		attr(&b, IFA_ADDRESS, "\300\0\2\7", 4);
		assert_int_equal(net_address_parse(b.v, b.len, INDEX, &a),
				 cases[i].want);
	}
}

static void flags_and_the_metric_go_along(void **state)
{
	const uint32_t flags = IFA_F_PERMANENT | IFA_F_NOPREFIXROUTE |
			       IFA_F_TENTATIVE | IFA_F_NODAD,
		       metric = 300;
	struct net_address a;
	struct bytes b = { 0 };

	address(&b, (struct sample){ AF_INET6, 64, 0, RT_SCOPE_UNIVERSE, INDEX });
	attr(&b, IFA_ADDRESS, "0123456789abcdef", 16);
	attr(&b, IFA_FLAGS, &flags, 4);
	attr(&b, IFA_RT_PRIORITY, &metric, 4);
	attr(&b, IFA_CACHEINFO, "xxxx", 4);
	assert_int_equal(net_address_parse(b.v, b.len, INDEX, &a), 1);
	assert_int_equal(a.flags, IFA_F_NOPREFIXROUTE | IFA_F_NODAD);
	assert_int_equal(a.metric, 300);
	assert_memory_equal(a.local, "0123456789abcdef", 16);
	assert_int_equal(a.prefix, 64);
	/* 32 bits of flags say that it is not permanent, whatever the 8 say */
	b.len = 0;
	address(&b, (struct sample){ AF_INET6, 64, IFA_F_PERMANENT,
				     RT_SCOPE_UNIVERSE, INDEX });
	attr(&b, IFA_ADDRESS, "0123456789abcdef", 16);
	attr(&b, IFA_FLAGS, "\0\0\0\0", 4);
	assert_int_equal(net_address_parse(b.v, b.len, INDEX, &a), 0);
}

static void a_cut_address_is_refused(void **state)
{
	struct net_address a;
	struct bytes b = { 0 };

	address(&b, (struct sample){ AF_INET, 24, IFA_F_PERMANENT,
				     RT_SCOPE_UNIVERSE, INDEX });
	for (size_t n = 0; n < b.len; n++)
		assert_int_equal(net_address_parse(b.v, n, INDEX, &a), -EPROTO);
	/* no address in it */
	assert_int_equal(net_address_parse(b.v, b.len, INDEX, &a), -EPROTO);
	attr(&b, IFA_LOCAL, "abc", 3);
	assert_int_equal(net_address_parse(b.v, b.len, INDEX, &a), -EPROTO);
}

/* --- the kernel itself -------------------------------------------------------- */

/* Runs @fn in a network namespace of its own; its result is the exit status. */
static void in_namespace(int (*fn)(void))
{
	pid_t pid;
	int status;

	if (geteuid() != 0)
		skip_because("takes root");
	pid = fork();
	if (pid == 0)
		_exit(unshare(CLONE_NEWNET) < 0 ? 77 : fn());
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (WIFEXITED(status) && WEXITSTATUS(status) == 77)
		skip_because("no network namespace can be made here");
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
}

static int first_index(void *user, uint16_t type, const void *data, size_t len)
{
	struct ifinfomsg info;

	if (type != RTM_NEWLINK || len < sizeof(info))
		return -EPROTO;
	memcpy(&info, data, sizeof(info));
	*(int *)user = info.ifi_index;
	return 0;
}

static int find_link(struct nl_socket *s, const char *name, int *index,
		     struct err *e)
{
	const struct ifinfomsg info = { 0 };
	struct nl_request r;

	nl_begin(&r, RTM_GETLINK, NLM_F_ACK, &info, sizeof(info));
	nl_put_str(&r, IFLA_IFNAME, name);
	return nl_exchange(s, &r, first_index, index, e);
}

static int ask_the_kernel(void)
{
	auto_nl_socket s = NL_SOCKET_NONE;
	const struct ifaddrmsg wrong = { .ifa_family = AF_INET };
	struct nl_request r;
	struct err e = { 0 };
	int index = 0;

	if (nl_open(&s, &e) < 0 || find_link(&s, "lo", &index, &e) < 0 ||
	    index != 1)
		return 1;
	if (find_link(&s, "none", &index, &e) != -ENODEV)
		return 2;
	/* An address for no device: the socket serves after a refusal. */
	nl_begin(&r, RTM_NEWADDR, NLM_F_ACK | NLM_F_CREATE, &wrong,
		 sizeof(wrong));
	nl_put(&r, IFA_LOCAL, "\300\0\2\7", 4);
	if (nl_exchange(&s, &r, NULL, NULL, &e) >= 0 || !e.text[0])
		return 3;
	return find_link(&s, "lo", &index, &e) == 0 ? 0 : 4;
}

static void the_kernel_answers(void **state)
{
	in_namespace(ask_the_kernel);
}

static int set_and_read(void)
{
	static const struct { const char *text; uint8_t family, prefix; } want[] = {
		{ "192.0.2.7", AF_INET, 24 },
		{ "2001:db8::7", AF_INET6, 64 },
	};
	struct net_address v[2] = { 0 };
	struct net_addresses set = { 2, v }, got;
	auto_nl_socket s = NL_SOCKET_NONE;
	auto_arena a = { 0 };
	struct err e = { 0 };

	for (int i = 0; i < 2; i++) {
		v[i].family = want[i].family;
		v[i].prefix = want[i].prefix;
		v[i].len = want[i].family == AF_INET ? 4 : 16;
		v[i].flags = IFA_F_NODAD;
		v[i].metric = 300;
		inet_pton(want[i].family, want[i].text, v[i].local);
	}
	v[0].has_broadcast = 1;
	memcpy(v[0].broadcast, "\300\0\2\143", 4);
	/* On 127.0.0.1's device: there is no other without a driver. */
	if (nl_open(&s, &e) < 0 || net_addresses_set(&s, 1, &set, &e) < 0 ||
	    net_addresses_read(&s, 1, &a, &got, &e) < 0) {
		fprintf(stderr, "%s\n", e.text);
		return 1;
	}
	if (got.n != 2)
		return 2;
	for (int i = 0; i < 2; i++)
		if (memcmp(got.v[i].local, v[i].local, 16) != 0 ||
		    got.v[i].prefix != v[i].prefix || got.v[i].metric != 300)
			return 3 + i;
	if (memcmp(got.v[0].broadcast, v[0].broadcast, 4) != 0)
		return 5;
	/* The same once more is no mistake. */
	return net_addresses_set(&s, 1, &got, &e) < 0 ? 6 : 0;
}

static void addresses_come_back_as_they_were_set(void **state)
{
	in_namespace(set_and_read);
}

static int look_elsewhere(void)
{
	char here[64] = "", there[64] = "";
	auto_nl_socket s = NL_SOCKET_NONE;
	auto_fd other = -EBADF;
	struct err e = { 0 };
	int index;

	/* A second namespace, whose loopback device is up. */
	other = open("/proc/self/ns/net", O_RDONLY | O_CLOEXEC);
	if (unshare(CLONE_NEWNET) < 0)
		return 77;
	if (readlink("/proc/self/ns/net", here, sizeof(here) - 1) < 0)
		return 1;
	if (nl_open_in(other, &s, &e) < 0 || find_link(&s, "lo", &index, &e) < 0)
		return 2;
	/* The errand was somebody else's: this process is where it was. */
	if (readlink("/proc/self/ns/net", there, sizeof(there) - 1) < 0 ||
	    strcmp(here, there) != 0)
		return 3;
	if (waitpid(-1, NULL, WNOHANG | __WALL) != -1)
		return 4; /* a child is left */
	nl_close(&s);
	s.fd = -1;
	return nl_open_in(0, &s, &e) == -EINVAL ? 0 : 5;
}

static void a_socket_elsewhere_moves_nobody(void **state)
{
	in_namespace(look_elsewhere);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages_of_the_request_are_given_on),
		cmocka_unit_test(what_the_callee_says_ends_it),
		cmocka_unit_test(an_error_has_its_number_and_its_text),
		cmocka_unit_test(a_long_text_is_cut),
		cmocka_unit_test(lengths_that_do_not_fit_are_refused),
		cmocka_unit_test(an_attribute_is_found_or_it_is_not),
		cmocka_unit_test(only_permanent_addresses_of_global_scope_go_along),
		cmocka_unit_test(flags_and_the_metric_go_along),
		cmocka_unit_test(a_cut_address_is_refused),
		cmocka_unit_test(the_kernel_answers),
		cmocka_unit_test(addresses_come_back_as_they_were_set),
		cmocka_unit_test(a_socket_elsewhere_moves_nobody),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
