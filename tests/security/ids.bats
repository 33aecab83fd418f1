#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Numbers, names and sets of privileges that mean something else than they say.

bats_require_minimum_version 1.5.0
load ../lib/common
load ../lib/attack

setup() {
	berth_setup
	id=$(unique)
}
teardown() { berth_teardown; }

@test "a number is a uid, although the image has a user of that name (CVE-2016-3697)" {
	printf '1000:x:0:0::/root:/bin/sh\n' >rootfs/etc/passwd
	printf '1000:x:0:\n' >rootfs/etc/group
	config '.process.user = {"uid": 1000, "gid": 1000}'
	args sh -c 'id -u; id -g'
	run berth run "$(unique)"
	[ "${lines[*]}" = "1000 1000" ] || attack_works "a run as ${lines[*]}"
	args sleep 1000
	detached "$id"
	run berth exec --user 1000:1000 "$id" sh -c 'id -u; id -g'
	[ "${lines[*]}" = "1000 1000" ] || attack_works "an exec as ${lines[*]}"
}

# bats test_tags=weak:ID_RANGE
@test "exec --user N is N, and anything else an error (CVE-2026-30892)" {
	local user
	args sleep 1000
	detached "$id"
	for user in 0 1 9 10 1000 65534 4294967294; do
		run -0 berth exec --user "$user" "$id" sh -c 'grep Uid /proc/self/status | tr -s "\t" " " | cut -d" " -f2'
		[ "$output" = "$user" ] || attack_works "--user $user is $output"
	done
	for user in 4294967296 18446744073709551616 18446744069414584320 4294967295 1:4294967296 '' ' 1' '1 ' +1 -1 0x1 1a root \
		1: :1 1:2:3 01:-1 ٣; do
		run --separate-stderr berth exec --user "$user" "$id" sh -c 'id -u; id -g'
		[ "$status" -eq 255 ] || attack_works "--user '$user' is $output"
		[ ${#stderr_lines[@]} -eq 1 ]
	done
}

# bats test_tags=weak:ID_RANGE
@test "ids in the configuration that do not fit are errors, not other ids" {
	local change
	in_userns
	# What is root of the host when the upper half is lost.
	for change in '.linux.uidMappings[0].hostID = 4294967296' '.linux.gidMappings[0].hostID = 4294967296' \
		'.linux.uidMappings[0].size = 4294967297' '.process.user.uid = 4294967296' '.process.user.gid = 4294967296' \
		'.process.user.additionalGids = [4294967296]' '.linux.uidMappings[0].hostID = -1' '.process.user.uid = 1.5'; do
		cp config.json config.json.before
		config "$change"
		script 'cat /proc/self/uid_map /proc/self/gid_map; id'
		run --separate-stderr berth run "$(unique)"
		[ "$status" -eq 1 ] || attack_works "$change: $output"
		[ ${#stderr_lines[@]} -eq 1 ]
		mv config.json.before config.json
	done
}

# bats test_tags=weak:ID_NAME
@test "a container's id is no path" {
	local name
	mkdir "$WORK/outside"
	for name in ../outside/x ../evil . .. a/b "$WORK/outside/x" .cache -x $'a\nb' ''; do
		run --separate-stderr bounded run -- "$name"
		[ "$status" -ne 0 ] || attack_works "a container named $name"
		[ ! -e "$WORK/evil" ] && [ -z "$(ls -A "$WORK/outside")" ] || attack_works "the id $name made a directory"
	done
	rm -rf "$WORK/evil"
	# What is there is not read, killed or deleted through such a name either.
	echo keep >"$WORK/outside/keep"
	for name in ../outside ../bundle; do
		run bounded delete --force -- "$name"
		[ -e "$WORK/outside/keep" ] && [ -e "$BUNDLE/config.json" ] || attack_works "delete --force $name"
	done
}

# bats test_tags=weak:CAPS_INHERITABLE
@test "capabilities are never inheritable by accident (CVE-2022-24769, CVE-2022-27649, CVE-2022-27650, CVE-2022-29162)" {
	local who
	expected=$'CapInh:0000000000000000CapAmb:0000000000000000'
	args sh -c 'grep -E "Cap(Inh|Amb)" /proc/self/status | tr -d "\t\n"'
	run berth run "$(unique)"
	[ "$output" = "$expected" ] || attack_works "the default configuration: $output"
	args sleep 1000
	detached "$id"
	for who in "" "--user 1000" "--cap CAP_NET_RAW" "--cap CAP_NET_RAW --user 1000" "--cap NET_ADMIN"; do
		# shellcheck disable=SC2086 # an option and its value
		run -0 berth exec $who "$id" sh -c 'grep -E "Cap(Inh|Amb)" /proc/self/status | tr -d "\t\n"'
		[ "$output" = "$expected" ] || attack_works "exec $who: $output"
	done
}

@test "an exec with a process.json has the sets that it says, and no others (CVE-2025-27612)" {
	args sleep 1000
	detached "$id"
	echo '{"args": ["grep", "-E", "Cap(Inh|Prm|Eff|Amb)", "/proc/self/status"], "cwd": "/", "user": {"uid": 1000, "gid": 1000},
		"env": ["PATH=/bin"], "capabilities": {"bounding": ["CAP_CHOWN"], "permitted": ["CAP_CHOWN"], "effective": [],
		"inheritable": [], "ambient": ["CAP_CHOWN"]}}' >"$WORK/process.json"
	run -0 --separate-stderr berth exec --process "$WORK/process.json" "$id"
	# execve takes the permitted ones of a user that is not root, and what is
	# not inheritable cannot be ambient.
	[ "$(tr -d '\t\n' <<<"$output")" = CapInh:0000000000000000CapPrm:0000000000000000CapEff:0000000000000000CapAmb:0000000000000000 ] ||
		attack_works "$output"
}
