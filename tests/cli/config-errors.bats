#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Host only: no kernel decides here.
# Configurations that are wrong, too new, or ask for what is not there.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
}
teardown() { berth_teardown; }

# refused PATH FILTER: run fails in one line that names PATH, and leaves nothing
refused() {
	cp config.json "$WORK/kept.json"
	config "$2"
	run --separate-stderr berth run "$id"
	mv "$WORK/kept.json" config.json
	[ "$status" -eq 1 ] && [ -z "$output" ] && [ ${#stderr_lines[@]} -eq 1 ] &&
		[[ ${stderr#berth: } =~ ^(config\.json: )?"$1"('['[^\ ]*']')?': ' ]] && [ ! -e "$BERTH_STATE/$id" ] && return
	printf '%s: status %s, "%s", wanted %s\n' "$2" "$status" "$stderr$output" "$1"
	return 1
}

@test "a value of the wrong type is told with its path" {
	refused process.args '.process.args = "sh"'
	refused 'process.args[1]' '.process.args = ["sh", 1]'
	refused process.user.uid '.process.user.uid = "root"'
	refused process.user.uid '.process.user.uid = -1'
	refused process.user.uid '.process.user.uid = 1.5'
	refused process.terminal '.process.terminal = "no"'
	refused process.env '.process.env = {"A": "b"}'
	refused 'mounts[0].options' '.mounts[0].options = "ro"'
	refused 'mounts[0].destination' 'del(.mounts[0].destination)'
	refused linux.resources.memory.limit '.linux.resources.memory.limit = "64m"'
	refused linux.resources.pids.limit '.linux.resources.pids.limit = 99999999999999999999'
	refused linux.namespaces '.linux.namespaces = "all"'
	refused hostname '.hostname = ["a"]'
	refused hooks.prestart '.hooks.prestart = "x"'
	refused annotations '.annotations = {"a": 1}'
	refused root.path '.root.path = 1'
	refused ociVersion '.ociVersion = 1'
}

@test "what is missing is told with its path" {
	refused process 'del(.process)'
	refused process.cwd 'del(.process.cwd)'
	refused root 'del(.root)'
	refused ociVersion 'del(.ociVersion)'
}

@test "a NUL inside a string is refused" {
	refused process.args '.process.args = ["sh\u0000x"]'
	refused root.path '.root.path = "rootfs\u0000/x"'
}

@test "a newer ociVersion is accepted, another major version is not needed to be" {
	config '.ociVersion = "1.99.0-dev"'
	args echo ran
	prints ran berth run "$id"
}

@test "unknown properties are ignored" {
	config '.new = {"a": [1, {"b": null}]} | .process.new = 1 | .linux.new = "x" | .mounts[0].new = true'
	args echo ran
	prints ran berth run "$id"
}

@test "properties that are known and not honoured are refused by name" {
	refused linux.intelRdt '.linux.intelRdt = {"closID": "x"}'
	refused linux.timeOffsets '.linux.timeOffsets = {"boottime": {"secs": 1}}'
	refused linux.resources.memory.kernel '.linux.resources.memory.kernel = 1000000'
	refused linux.resources.memory.swappiness '.linux.resources.memory.swappiness = 10'
	refused linux.resources.cpu.realtimeRuntime '.linux.resources.cpu.realtimeRuntime = 10000'
	refused linux.resources.network.classID '.linux.resources.network.classID = 1'
	refused vm '.vm = {"kernel": {"path": "/vmlinuz"}}'
}

@test "neutral values of what is not honoured are accepted" {
	config '.process.selinuxLabel = "" | .process.apparmorProfile = "" | .linux.mountLabel = "" |
		.linux.resources.memory = {"kernel": -1, "disableOOMKiller": false, "swappiness": null} |
		.linux.resources.cpu = {"realtimeRuntime": 0}'
	args echo ran
	prints ran berth run "$id"
}

@test "an unlimited resource asks for no controller" {
	config '.linux.resources.memory = {limit: -1, swap: -1, reservation: -1}
		| .linux.resources.cpu = {quota: -1, period: 100000} | .linux.resources.pids.limit = -1'
	args echo there
	prints there berth run "$id"
	sleeper "$id"
	berth update --memory=-1 --memory-swap=-1 --cpu-quota=-1 --pids-limit=-1 "$id"
}

@test "a file that is no JSON, is empty, or is no object" {
	local text
	for text in '' '{' '[]' 'null' '{"a": 1,}' '{"ociVersion": "1.0.0"} x' '{"a": 1, "a": 2}'; do
		echo "$text" >config.json
		run --separate-stderr berth run "$id"
		[ "$status" -eq 1 ] || { echo "'$text': $status"; return 1; }
		[ ${#stderr_lines[@]} -eq 1 ] || { echo "'$text': $stderr"; return 1; }
		[[ $stderr == 'berth: '*config.json* ]] || { echo "'$text': $stderr"; return 1; }
		[ ! -e "$BERTH_STATE/$id" ]
	done
}

@test "a configuration that never ends is not read to its end" {
	fails 1 'open /dev/zero: not a regular file' \
		timeout 30 "$BERTH" --root "$BERTH_STATE" run --config /dev/zero "$id"
	truncate -s 1G "$WORK/endless"
	fails 1 "read $WORK/endless: more than 4194304 bytes" \
		timeout 30 "$BERTH" --root "$BERTH_STATE" run --config "$WORK/endless" "$id"
}

@test "a fifo in the place of a file is refused, and waited for nowhere" {
	local fifo=$WORK/fifo
	mkfifo "$fifo"
	mv config.json kept.json
	mkfifo config.json
	fails 1 "bundle $BUNDLE: open config.json: not a regular file" timeout 20 "$BERTH" --root "$BERTH_STATE" run -b "$BUNDLE" "$id"
	rm config.json
	mv kept.json config.json
	fails 1 "open $fifo: not a regular file" timeout 20 "$BERTH" --root "$BERTH_STATE" run -f "$fifo" "$id"
	fails 1 "open $fifo: not a regular file" timeout 20 "$BERTH" --root "$BERTH_STATE" update -r "$fifo" "$id"
	fails 1 "open $fifo: not a regular file" timeout 20 "$BERTH" --root "$BERTH_STATE" mounts add "$id" "$fifo"
	# What the caller has open is a choice, and no accident.
	args echo there
	prints there berth run -f <(cat config.json) "$id"
	prints there berth run -f /dev/stdin "$id" < <(cat config.json)
	prints there berth run -f /dev/stdin "$id" <config.json
}

@test "annotations are in the state" {
	config '.annotations = {"a.b/c": "d", "quote\"": "x\ny"}'
	args sleep 1000
	detached "$id"
	berth state "$id" | jq -e '.annotations == {"a.b/c": "d", "quote\"": "x\ny"}'
}
