#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Each option of create, run, exec and update reaches the container.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique opt)
}

teardown() { berth_teardown; }

start_sleeping() {
	args sleep 1000
	berth run --detach "$@" "$id" </dev/null >/dev/null 2>&1
}

# --- create and run --------------------------------------------------------------

@test "run gives the exit status of the process" {
	args sh -c 'exit 42'
	run -42 berth run "$id"
	args true
	run -0 berth run "$id"
	args sleep 1000
	berth run "$id" </dev/null >/dev/null 2>&1 &
	wait_for_status "$id" running
	berth kill "$id" KILL
	wait $! && false || [ $? -eq 137 ]
	[ -z "$(berth list -q)" ]
}

@test "run --bundle and --config choose what is run" {
	args echo from-config
	cp config.json other.json
	args echo from-default
	cd /
	[ "$(berth run --bundle "$BUNDLE" "$id")" = from-default ]
	[ "$(berth run -b "$BUNDLE" -f "$BUNDLE/other.json" "$id")" = from-config ]
	[ "$(berth run -bundle="$BUNDLE" --config="$BUNDLE/other.json" "$id")" = from-config ]
}

@test "run --keep leaves a stopped container" {
	run -0 berth run --keep "$id"
	is_status "$id" stopped
	run -0 berth delete "$id"
}

@test "--pid-file holds the process id when create and run --detach return" {
	start_sleeping --pid-file "$WORK/run.pid"
	[ "$(cat "$WORK/run.pid")" = "$(pid_of "$id")" ]
	berth create --pid-file="$WORK/create.pid" "$id-2" </dev/null >/dev/null 2>&1
	[ "$(cat "$WORK/create.pid")" = "$(pid_of "$id-2")" ]
}

# with_two_fds OPTIONS…: run with 3 and 4 open on the same file
with_two_fds() {
	sh -c 'exec 3<"$1" 4<"$1" && shift && exec "$@"' sh "$WORK/a" \
		"$BERTH" --root "$BERTH_STATE" run "$@" "$id"
}

@test "--preserve-fds hands on that many and no more" {
	local n
	echo a >"$WORK/a"
	script 'for fd in /proc/self/fd/*; do readlink $fd; done; true'
	for n in 0 1 2; do
		run -0 with_two_fds --preserve-fds $n
		[ "$(grep -cxF "$WORK/a" <<<"$output")" -eq $n ]
	done
	run -0 with_two_fds
	[[ $output != *"$WORK/a"* ]]
}

@test "an id that is no file name is refused before anything is made" {
	local bad
	for bad in . .. a/b 'a b' '' .hidden; do
		fails 1 'container id *' berth create "$bad"
		[ -z "$(berth list -q)" ]
	done
}

@test "an id that is in use is refused and left alone" {
	start_sleeping
	fails 1 "container with id exists already: $id" berth create "$id"
	is_status "$id" running
}

# --- exec --------------------------------------------------------------------------

@test "exec gives the exit status of the command, which has options of its own" {
	start_sleeping
	run -3 berth exec "$id" sh -c 'exit 3'
	run -0 berth exec "$id" echo --help -x
	[ "$output" = "--help -x" ]
	run -143 berth exec "$id" sh -c 'kill -TERM $$'
}

@test "exec --env, --cwd, --user and --additional-gids" {
	start_sleeping
	run -0 berth exec -e A=1 --env B='2 3' "$id" sh -c 'echo "$A,$B"'
	[ "$output" = "1,2 3" ]
	run -0 berth exec --cwd /tmp "$id" pwd
	[ "$output" = /tmp ]
	run -0 berth exec --user 1000:1001 -g 5 -g 6 "$id" sh -c 'id -u; id -g; id -G'
	[ "${lines[0]}" = 1000 ]
	[ "${lines[1]}" = 1001 ]
	[[ " ${lines[2]} " == *" 5 "* && " ${lines[2]} " == *" 6 "* ]]
}

@test "exec --cap and --no-new-privs" {
	config '.process.noNewPrivileges = false'
	start_sleeping
	run -0 berth exec "$id" grep CapEff /proc/self/status
	[ "$((0x${output##*	} & 1 << 13))" -eq 0 ]
	run -0 berth exec --cap CAP_NET_RAW "$id" grep CapEff /proc/self/status
	[ "$((0x${output##*	} & 1 << 13))" -ne 0 ]
	prints $'NoNewPrivs:\t0' berth exec "$id" grep NoNewPrivs /proc/self/status
	prints $'NoNewPrivs:\t1' berth exec --no-new-privs "$id" grep NoNewPrivs /proc/self/status
}

@test "exec --process takes the whole process from a file" {
	start_sleeping
	jq '.process | .args = ["sh", "-c", "echo $X; pwd"] | .env += ["X=y"] | .cwd = "/tmp"' \
		config.json >"$WORK/process.json"
	run -0 berth exec --process "$WORK/process.json" "$id"
	[ "$output" = "y"$'\n'"/tmp" ]
}

@test "exec --detach returns at once and --pid-file holds the id" {
	start_sleeping
	berth exec --detach --pid-file "$WORK/exec.pid" "$id" sleep 1000 </dev/null >/dev/null 2>&1
	berth ps -f json "$id" | jq -e --argjson pid "$(cat "$WORK/exec.pid")" 'index($pid)'
}

@test "exec of a program that is not there: 255, and no pid file" {
	start_sleeping
	run --separate-stderr berth exec --pid-file "$WORK/exec.pid" "$id" /no/such/program
	[ "$status" -eq 255 ]
	[[ $stderr =~ [Nn]"o such file or directory"|"not found" ]]
	[ ! -e "$WORK/exec.pid" ]
}

@test "exec in a paused container is refused unless --ignore-paused" {
	start_sleeping
	berth pause "$id"
	is_status "$id" paused
	fails 255 "cannot exec in container $id: it is paused *" berth exec "$id" true
	berth exec --ignore-paused --detach "$id" true </dev/null >/dev/null 2>&1 &
	berth resume "$id"
	wait $!
	is_status "$id" running
}

# --- update ----------------------------------------------------------------------------

cgroup_file() { cat "$(berth state -f table "$id" | awk '$1 == "CGROUP" { print $2 }')/$1"; }

@test "update changes limits by options and leaves the others" {
	needs_controller memory pids cpu
	config '.linux.resources.memory.limit = 134217728'
	start_sleeping
	run -0 --separate-stderr berth update --pids-limit 77 --cpu-quota 50000 --cpu-period 100000 "$id"
	[ -z "$output$stderr" ]
	[ "$(cgroup_file pids.max)" = 77 ]
	[ "$(cgroup_file cpu.max)" = "50000 100000" ]
	[ "$(cgroup_file memory.max)" = 134217728 ]
	run -0 berth update --memory 64m --pids-limit=-1 "$id"
	[ "$(cgroup_file memory.max)" = 67108864 ]
	[ "$(cgroup_file pids.max)" = max ]
}

@test "update reads JSON from a file or standard input" {
	needs_controller memory pids
	# Controllers come with the first limits: a cgroup with processes has none to give.
	config '.linux.resources += {"memory": {"limit": 134217728}, "pids": {"limit": 100}}'
	start_sleeping
	echo '{"pids": {"limit": 33}}' >"$WORK/r.json"
	expect 0 berth update --resources "$WORK/r.json" "$id"
	[ "$(cgroup_file pids.max)" = 33 ]
	berth update --resources=- "$id" <<<'{"memory": {"limit": 33554432}}'
	[ "$(cgroup_file memory.max)" = 33554432 ]
	[ "$(cgroup_file pids.max)" = 33 ]
}

@test "update takes what cgroup v2 lacks only when it asks for nothing" {
	start_sleeping
	run -0 berth update --kernel-memory=-1 --kernel-memory-tcp 0 --l3-cache-schema '' "$id"
	run --separate-stderr berth update --kernel-memory 1m "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *kernel* ]]
	run --separate-stderr berth update --cpu-rt-runtime 1000 "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *realtime* ]]
}

# What a machine with resctrl does is tested against a fake: unit/test_resctrl.c.
@test "intelRdt without resctrl is a clear error; update without intelRdt, too" {
	! grep -q ' - resctrl ' /proc/self/mountinfo || skip "this machine has resctrl"
	start_sleeping
	fails 1 "container $id was created without linux.intelRdt" berth update --mem-bw-schema 'MB:0=20' "$id"
	config '.linux.intelRdt = {l3CacheSchema: "L3:0=f"}'
	other=$(unique other)
	fails 1 'linux.intelRdt: no resctrl file system is mounted (mount -t resctrl resctrl /sys/fs/resctrl, where the processor has it)' berth run "$other"
	[ ! -d "$BERTH_STATE/$other" ]
}

# --- kill and delete --------------------------------------------------------------------

@test "kill takes names in every spelling and numbers" {
	local s
	script 'trap "echo got >>/got" USR1; touch /ready; while :; do sleep 0.1; done'
	berth run -d "$id" </dev/null >/dev/null 2>&1
	wait_until 10 test -e rootfs/ready
	for s in USR1 SIGUSR1 usr1 10; do
		run -0 --separate-stderr berth kill "$id" "$s"
		[ -z "$output$stderr" ]
		wait_until 10 test -s rootfs/got
		rm rootfs/got
	done
}

@test "kill of a container that has stopped says that it is not running" {
	run -0 berth run --keep "$id"
	run --separate-stderr berth kill "$id" KILL
	[ "$status" -eq 1 ]
	[ "$stderr" = "berth: container not running: $id is stopped" ]
}

@test "delete refuses a running container, --force does not" {
	start_sleeping
	run --separate-stderr berth delete "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *"running"* ]]
	run -0 --separate-stderr berth delete --force "$id"
	[ -z "$output$stderr" ]
	[ -z "$(berth list -q)" ]
}

# --- global options ------------------------------------------------------------------------

@test "--cgroup-manager=disabled: no cgroup, and statistics say so" {
	args sleep 1000
	berth --cgroup-manager=disabled run -d "$id" </dev/null >/dev/null 2>&1
	run --separate-stderr berth events --stats "$id"
	[ "$status" -eq 1 ]
	[ "$stderr" = "berth: container \`$id\` has no cgroup, so no statistics" ]
}

@test "--systemd-cgroup wants a cgroupsPath that names a unit" {
	config ".linux.cgroupsPath = \"/$id\""
	fails 1 "linux.cgroupsPath: \"/$id\" is not of the form slice:prefix:name, *" \
		berth --systemd-cgroup run "$id"
	config ".linux.cgroupsPath = \"a:b:$id\""
	fails 1 'linux.cgroupsPath: "a" is no name of a slice *' berth --systemd-cgroup run "$id"
	config ".linux.cgroupsPath = null | .annotations = {\"org.systemd.property.KillMode\": \"mixed\"}"
	fails 1 'annotation org.systemd.property.KillMode: "mixed" is no value *' \
		berth --systemd-cgroup run "$id"
	[ -z "$(berth list -q)" ]
}

@test "a failed create logs one JSON error and leaves nothing" {
	args /no/such/program
	run -1 berth --log log.json --log-format json create "$id"
	[ "$(wc -l <log.json)" -eq 1 ]
	jq -e '.level == "error" and (.msg | test("no such file or directory|not found"; "i"))' log.json
	[ -z "$(berth list -q)" ]
	run -0 berth delete --force "$id"
}
