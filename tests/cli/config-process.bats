#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The process section of config.json, as the container's process sees it.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
}
teardown() { berth_teardown; }

# shows TEXT SHELL-COMMAND: what the command prints in a container
shows() {
	script "$2"
	prints "$1" berth run "$(unique)"
}

@test "arguments arrive as they are" {
	args printf '<%s>' '' 'two words' "quo'te" 'ünïcode' $'new\nline' '$HOME' '\'
	run -0 berth run "$id"
	[ "$output" = "<><two words><quo'te><ünïcode><new
line><\$HOME><\\>" ]
}

@test "the environment is that of the configuration and nothing else" {
	config '.process.env = ["PATH=/bin", "A=1", "B=two words", "C="]'
	args env
	run -0 env SECRET=1 "$BERTH" --root "$BERTH_STATE" run "$id"
	[ "$(sort <<<"$output" | tr '\n' ' ')" = "A=1 B=two words C= HOME=/root PATH=/bin " ]
}

@test "HOME comes from the image's passwd, else it is /, and is left alone when given" {
	shows /root 'echo $HOME'
	config '.process.user.uid = 1000'
	shows /tmp 'echo $HOME'
	config '.process.user.uid = 4711'
	shows / 'echo $HOME'
	config '.process.env += ["HOME=/given"]'
	shows /given 'echo $HOME'
}

@test "PATH of the configuration finds the program" {
	mkdir rootfs/opt
	printf '#!/bin/sh\necho mine\n' >rootfs/opt/mine
	chmod 755 rootfs/opt/mine
	config '.process.env = ["PATH=/nowhere:/opt:/bin"]'
	args mine
	prints mine berth run "$id"
}

@test "cwd: taken, made when missing, refused when relative or a file" {
	config '.process.cwd = "/tmp"'
	shows /tmp pwd
	config '.process.cwd = "/made/on/demand"'
	shows /made/on/demand pwd
	config '.process.cwd = "relative"'
	fails 1 'process.cwd: *' berth run "$id"
	config '.process.cwd = "/etc/passwd"'
	run --separate-stderr berth run "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *'process.cwd: /etc/passwd'*'Not a directory' ]]
}

@test "cwd does not lead out of the container" {
	local n
	for n in 3 4 5 6 7 8 9 10; do
		config '.process.cwd = "/proc/self/fd/'$n'"'
		args pwd
		fails 1 "process.cwd: /proc/self/fd/$n: *" berth run "$(unique)"
	done
	ln -s ../../../../../../../../tmp rootfs/out
	config '.process.cwd = "/out"'
	touch "/tmp/$BERTH_TEST_MARK"
	script 'ls'
	run berth run "$id"
	rm "/tmp/$BERTH_TEST_MARK"
	[ "$status" -eq 0 ] && [ -z "$output" ] || { echo "$status: $output"; false; }
}

@test "user, group, additional groups and umask" {
	config '.process.user = {"uid": 1000, "gid": 2000, "additionalGids": [5, 7], "umask": 63}'
	shows '1000
2000
2000 5 7
0077' 'id -u; id -g; id -G; umask'
	config 'del(.process.user.umask)'
	shows 0022 umask
}

@test "uid -1 is refused" {
	config '.process.user.uid = 4294967295'
	fails 1 'process.user.uid: *' berth run "$id"
}

@test "rlimits, soft and hard" {
	config '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200},
		{"type": "RLIMIT_CORE", "soft": 0, "hard": 0}]'
	shows '100
200
0' 'ulimit -Sn; ulimit -Hn; ulimit -c'
	# What berth-init itself opens before is not held back by them.
	config '.process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 3, "hard": 3}, {"type": "RLIMIT_FSIZE", "soft": 0, "hard": 0}]
		| .process.user.uid = 1000 | .process.env |= map(select(startswith("HOME=") | not))'
	script 'echo $HOME'
	prints /tmp berth run "$id"
	config '.process.rlimits = [{"type": "RLIMIT_BOGUS", "soft": 1, "hard": 1}]'
	fails 1 'process.rlimits[0]*' berth run "$id"
	config '.process.rlimits = [{"type": "RLIMIT_CORE", "soft": 2, "hard": 1}]'
	fails 1 'process.rlimits[0]*' berth run "$id"
}

shows_caps() {	# INH PRM EFF BND AMB
	args grep ^Cap /proc/self/status
	run -0 berth run "$(unique)"
	local got=()
	while read -r _ set; do
		got+=("$(printf %x "0x$set")")
	done <<<"$output"
	[ "${got[*]}" = "$*" ] || { echo "${got[*]} instead of $*"; return 1; }
}

@test "capabilities: all five sets for root" {
	# CHOWN is bit 0, DAC_OVERRIDE 1, NET_RAW 13
	config '.process.capabilities = {"bounding": ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_NET_RAW"],
		"permitted": ["CAP_CHOWN", "CAP_DAC_OVERRIDE"], "effective": ["CAP_CHOWN"]}'
	shows_caps 0 3 3 2003 0
	# Without noNewPrivileges the execve of root gives what is bounding.
	config '.process.noNewPrivileges = false'
	shows_caps 0 2003 2003 2003 0
	config '.process.capabilities = {}'
	shows_caps 0 0 0 0 0
	config 'del(.process.capabilities)'
	shows_caps 0 0 0 0 0
}

@test "capabilities: a user has the ambient ones only" {
	config '.process.user = {"uid": 1000, "gid": 1000} | .process.capabilities =
		{"bounding": ["CAP_CHOWN", "CAP_NET_RAW"], "permitted": ["CAP_CHOWN", "CAP_NET_RAW"],
		 "effective": ["CAP_CHOWN", "CAP_NET_RAW"]}'
	shows_caps 0 0 0 2001 0
	config '.process.capabilities.inheritable = ["CAP_CHOWN"] | .process.capabilities.ambient = ["CAP_CHOWN"]'
	shows_caps 1 1 1 2001 1
}

@test "capabilities: nothing is inheritable unless the configuration says so" {
	config '.process.capabilities = {"bounding": ["CAP_CHOWN"], "permitted": ["CAP_CHOWN"], "effective": ["CAP_CHOWN"]}'
	shows_caps 0 1 1 1 0
	config '.process.capabilities.inheritable = ["CAP_CHOWN"]'
	shows_caps 1 1 1 1 0
}

@test "an unknown capability is a warning, as the specification has it" {
	config '.process.capabilities.bounding += ["CAP_BOGUS"]'
	args echo ran
	run -0 --separate-stderr berth run "$id"
	[ "$output" = ran ]
	[[ $stderr == *CAP_BOGUS* ]]
}

@test "noNewPrivileges and oomScoreAdj" {
	config '.process.noNewPrivileges = true | .process.oomScoreAdj = 500'
	shows $'NoNewPrivs:\t1\n500' 'grep NoNewPrivs /proc/self/status; cat /proc/self/oom_score_adj'
	config '.process.noNewPrivileges = false | .process.oomScoreAdj = 0'
	shows $'NoNewPrivs:\t0\n0' 'grep NoNewPrivs /proc/self/status; cat /proc/self/oom_score_adj'
	config '.process.oomScoreAdj = 1001'
	fails 1 'process.oomScoreAdj: *' berth run "$id"
}

@test "a user's process can open its standard streams again" {
	config '.process.user = {"uid": 1000, "gid": 1000}'
	script 'echo out >/dev/stdout; echo err >/dev/stderr; echo more >>/proc/self/fd/1'
	run -0 --separate-stderr berth run "$id"
	[ "$output" = "out
more" ]
	[ "$stderr" = err ]
	# As files, too, and nobody else's /dev/null changes its owner.
	owner=$(stat -c %u /dev/null)
	berth run "$(unique)" >"$WORK/out" 2>/dev/null </dev/null
	[ "$(cat "$WORK/out")" = $'out\nmore' ]
	[ "$(stat -c %u /dev/null)" = "$owner" ]
}

@test "an exec as a user can open its standard streams again" {
	args sleep 1000
	detached "$id"
	prints out berth exec --user 1000 "$id" sh -c 'echo out >/dev/stdout'
}
