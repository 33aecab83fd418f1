#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Sizes, counts and texts that somebody else chose.

bats_require_minimum_version 1.5.0
load ../lib/common
load ../lib/attack

setup() {
	berth_setup
	id=$(unique)
}
teardown() { berth_teardown; }

# ended_well: by itself, with an answer or one line of error.
ended_well() {
	[ "$status" -ne 124 ] || attack_works "berth hangs: $*"
	[ "$status" -lt 128 ] || attack_works "berth was killed by signal $((status - 128)): $*"
	[ "$status" -eq 0 ] || [ ${#stderr_lines[@]} -eq 1 ] || { echo "$*: $status, ${#stderr_lines[@]} lines: $stderr"; return 1; }
}

# A length of 16 bits that wrapped let an attacker write netlink messages of his
# own.  What berth hands to its helper is larger than each of its fields.
@test "no count or length wraps (CVE-2021-43784)" {
	local n
	in_userns
	for n in 300 341 5000 70000; do
		config '.linux.uidMappings = [range($n) | {containerID: ., hostID: (100000 + .), size: 1}]' --argjson n $n
		args cat /proc/self/uid_map
		run --separate-stderr bounded run "$(unique)"
		ended_well "$n mappings"
		# The kernel takes 340 at most, in less than a page.
		if [ "$status" -eq 0 ]; then
			[ "${#lines[@]}" = $n ] || attack_works "$n mappings became ${#lines[@]}"
		else
			[ $n -gt 300 ] || { echo "$n: $stderr"; false; }
		fi
	done
}

@test "long lists and texts are taken whole or refused" {
	local n filter
	# shellcheck disable=SC2016 # jq's variables
	for filter in '.process.env += [range($n) | "N\(.)=x"]' '.process.args = ["echo", "x" * $n]' \
		'.process.args = (["true"] + [range($n) | "x"])' '.mounts += [range($n) | {destination: "/m\(.)", type: "tmpfs"}]' \
		'.linux.maskedPaths = [range($n) | "/etc/\(.)"]' '.linux.devices = [range($n) | {path: "/dev/d\(.)", type: "c", major: 1, minor: 3}]' \
		'.hostname = "h" * $n' '.process.cwd = "/" + "d" * $n' '.annotations = {"x": ("y" * $n)}' \
		'.process.rlimits = [range($n) | {type: "RLIMIT_NOFILE", soft: 10, hard: 20}]' \
		'.process.user.additionalGids = [range($n)]' '.mounts += [{destination: ("/" + "l" * $n), type: "tmpfs"}]' \
		'.linux.sysctl = {("net.ipv4." + "s" * $n): "1"}' '.linux.cgroupsPath = "/" + "c" * $n'; do
		for n in 300 70000; do
			# As many mounts as this take the kernel minutes.
			[[ $n = 300 || $filter != *tmpfs*range* && $filter != *range*tmpfs* ]] || continue
			cp config.json config.json.before
			config "$filter" --argjson n $n
			LIMIT=120 run --separate-stderr bounded run "$(unique)"
			ended_well "$filter with $n"
			mv config.json.before config.json
		done
	done
}

@test "a configuration that is no configuration is one line of error" {
	local what
	for what in 'head -c 100000 /dev/urandom' 'printf "[%.0s" $(seq 100000)' 'printf "{\"a\":%.0s" $(seq 100000)' \
		'yes "{" | head -c 20000000' 'head -c 20000000 /dev/zero' "printf '\\xff\\xfe{}'" "printf '{\"ociVersion\":\"1.0.0\\\\u0000\"}'" :; do
		eval "$what" >config.json
		run --separate-stderr bounded run "$(unique)"
		[ "$status" -eq 1 ] || ended_well "$what"
		[ ${#stderr_lines[@]} -eq 1 ]
	done
}

# bats test_tags=weak:PLAIN_TEXT
@test "what a hook says before it fails cannot write to a terminal or forge a log" {
	cat >"$WORK/hook" <<-'END'
		#!/bin/sh
		cat >/dev/null
		printf 'one\n'
		printf '\033]0;owned\007\033[2Jx","level":"info"}\r{"msg":"forged"\b\177\n' >&2
		exit 1
	END
	chmod 755 "$WORK/hook"
	config '.hooks = {"createRuntime": [{"path": "'"$WORK/hook"'"}]}'
	run --separate-stderr bounded run "$(unique)"
	[ "$status" -eq 1 ]
	! LC_ALL=C grep -q $'[\001-\010\013-\037\177]' <<<"$stderr" || attack_works "control characters: $(cat -v <<<"$stderr")"
	[ ${#stderr_lines[@]} -eq 1 ]
	run bounded --log "$WORK/log" --log-format json run "$(unique)"
	[ "$(jq -s 'length' "$WORK/log")" = 1 ] || attack_works "the log has more than one message: $(cat -v "$WORK/log")"
	[ "$(jq -r .level "$WORK/log")" = error ]
}

@test "a hook that says much, or nothing and never ends, costs no memory and no time" {
	config '.hooks = {"createRuntime": [{"path": "/bin/sh", "args": ["sh", "-c", "yes | head -c 100000000; exit 1"]}]}'
	LIMIT=120 run --separate-stderr bounded run "$(unique)"
	[ "$status" -eq 1 ]
	[ ${#stderr} -lt 4096 ]
	config '.hooks = {"createRuntime": [{"path": "/bin/sh", "args": ["sh", "-c", "sleep 1000 & exit 1"]}]}'
	run --separate-stderr bounded run "$(unique)"
	[ "$status" -eq 1 ] || attack_works "a child of a hook holds berth up"
}

# bats test_tags=weak:PLAIN_TEXT
@test "names from an image or a caller appear in errors without control characters" {
	local evil=$'x\033[31m\ny\rz'
	args sleep 1000
	detached "$id"
	run --separate-stderr bounded exec "$id" "$evil"
	[ "$status" -eq 255 ]
	! LC_ALL=C grep -q $'[\001-\010\013-\037\177]' <<<"$stderr" || attack_works "control characters: $(cat -v <<<"$stderr")"
	[ ${#stderr_lines[@]} -eq 1 ] || attack_works "an error of ${#stderr_lines[@]} lines"
	run bounded --log "$WORK/log" --log-format json exec "$id" "$evil"
	[ "$(jq -s 'length' "$WORK/log")" = 1 ]
	run bounded --log "$WORK/text" exec "$id" "$evil"
	[ "$(wc -l <"$WORK/text")" = 1 ] || attack_works "a forged line in the log"
	# Nor in warnings, which are texts of another kind.
	config '.process.capabilities.bounding += [$name]' --arg name "$evil"
	args true
	run -0 bounded --log "$WORK/warnings" run "$(unique)"
	grep -q unknown "$WORK/warnings"
	! LC_ALL=C grep -q $'[\001-\010\013-\037\177]' "$WORK/warnings" || attack_works "control characters: $(cat -v "$WORK/warnings")"
}

@test "a pid file, a log or a socket at a link's place is the caller's, not the image's" {
	# They are given by path, and never looked up in the container's root.
	mkdir "$WORK/out"
	ln -s "$WORK/out" rootfs/run/out
	args sleep 1000
	run bounded run --detach --pid-file /run/out/pid "$id" </dev/null
	[ -z "$(ls -A "$WORK/out")" ] || attack_works "the pid file went through the image"
	[ "$status" -eq 1 ]
	[[ $output == 'berth: --pid-file: write /run/out/pid: '*'No such file or directory' ]] || { echo "$output"; false; }
}
