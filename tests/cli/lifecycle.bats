#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# kill, delete, pause, resume, update; logs of failures.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	args sleep 1000
}
teardown() { berth_teardown; }

# --- kill

@test "kill takes names with and without SIG, and numbers" {
	script 'for s in HUP USR1 USR2; do trap "echo $s" $s; done; trap "echo TERM; exit 0" TERM
		echo ready; while :; do sleep 0.05; done'
	detached "$id"
	wait_until 10 grep -q ready "$WORK/$id.out"
	berth kill "$id" HUP
	wait_until 5 grep -q HUP "$WORK/$id.out"
	berth kill "$id" sigusr1
	wait_until 5 grep -q USR1 "$WORK/$id.out"
	berth kill "$id" 12
	wait_until 5 grep -q USR2 "$WORK/$id.out"
	berth kill "$id"
	wait_for_status "$id" stopped
	grep -q TERM "$WORK/$id.out"
}

@test "kill of a stopped container says what engines match" {
	args true
	detached "$id"
	wait_for_status "$id" stopped
	fails 1 "container not running: $id is stopped" berth kill "$id" KILL
	fails 1 "container not running: $id is stopped" berth kill "$id"
	berth delete "$id"
	fails 1 "container \`$id\` does not exist" berth kill "$id" 9
}

@test "kill --all reaches every process" {
	script 'sleep 1000 & sleep 1000 & echo ready; wait'
	detached "$id"
	wait_until 10 grep -q ready "$WORK/$id.out"
	run -0 berth ps --format json "$id"
	[ "$(tr -cd , <<<"$output")" = ,, ]
	berth kill --all "$id" KILL
	wait_for_status "$id" stopped
}

@test "kill --all of a stopped container is success or says so" {
	args true
	detached "$id"
	wait_for_status "$id" stopped
	run --separate-stderr berth kill --all "$id" KILL
	[ "$status" -eq 0 ] || [[ $stderr == *'container not running'* ]]
}

@test "SIGKILL to a container in the host's pid namespace kills it whole" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	script 'sleep 1000 & sleep 1000 & echo ready; wait'
	detached "$id"
	wait_until 10 grep -q ready "$WORK/$id.out"
	cgroup=$(cgroup_of "$id")
	berth kill "$id" KILL
	wait_until 5 grep -q 'populated 0' "$cgroup/cgroup.events"
	berth delete "$id"
}

@test "without a cgroup and a pid namespace, too, all processes are killed, and no other" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	script 'sleep 1000 & sh -c "sleep 1001 & sleep 1002" & setsid sleep 1003 & touch /ready-$$; wait'
	local one two how pids
	for how in 'kill %s KILL' 'kill --all %s KILL' 'delete --force %s'; do
		one=$(unique) two=$(unique)
		detached "$one" --cgroup-manager=disabled run --detach
		wait_until 10 [ -e "rootfs/ready-$(pid_of "$one")" ]
		detached "$two" --cgroup-manager=disabled run --detach
		wait_until 10 [ -e "rootfs/ready-$(pid_of "$two")" ]
		wait_until 10 eval '[ "$(members_of "$two" | wc -l)" -ge 5 ]'
		pids=$(members_of "$one")
		[ "$(wc -l <<<"$pids")" -ge 5 ]
		# shellcheck disable=SC2059 # a format, with the id
		berth $(printf "$how" "$one")
		for pid in $pids; do
			wait_until 5 eval "! grep -q '^State:[[:space:]]*[^ZX]' /proc/$pid/status 2>/dev/null"
		done
		[ "$(members_of "$two" | wc -l)" -ge 5 ]
		berth delete --force "$one"
		berth delete --force "$two"
	done
}

# members_of ID: pids in the mount namespace of its first process
members_of()
{
	local ns p
	ns=$(readlink "/proc/$(pid_of "$1")/ns/mnt")
	for p in /proc/[0-9]*; do
		[ "$(readlink "$p/ns/mnt")" != "$ns" ] || echo "${p#/proc/}"
	done
}

@test "kill --all with another signal reaches all of them as well" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	script 'sh -c "trap \"echo got >>/usr1\" USR1; touch /child; while :; do sleep 0.05; done" &
		trap "echo got >>/usr1" USR1; touch /ready; while :; do sleep 0.05; done'
	detached "$id" --cgroup-manager=disabled run --detach
	wait_until 10 [ -e rootfs/child -a -e rootfs/ready ]
	berth kill "$id" USR1
	wait_until 10 [ -s rootfs/usr1 ]
	sleep 0.3
	[ "$(wc -l <rootfs/usr1)" = 1 ]
	# Not everything has a handler: sleep dies of it.
	berth kill --all "$id" USR1
	wait_until 10 eval '[ "$(wc -l <rootfs/usr1)" = 3 ]'
}

@test "delete of a container in the host's pid namespace takes what its first process left" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	script 'sleep 1000 & exit 0'
	detached "$id"
	wait_for_status "$id" stopped
	berth delete "$id"
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "kill of a paused container with KILL ends it" {
	detached "$id"
	berth pause "$id"
	berth kill "$id" KILL
	wait_for_status "$id" stopped
	berth delete "$id"
}

# --- delete

@test "delete of a running container is refused, with --force it goes" {
	detached "$id"
	fails 1 "cannot delete container $id: it is running (kill it first, or use --force)" berth delete "$id"
	is_status "$id" running
	prints '' berth delete --force "$id"
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "delete of a missing container fails, with --force it is success" {
	fails 1 "container \`$id\` does not exist" berth delete "$id"
	prints '' berth delete --force "$id"
	prints '' berth delete -f "$id"
}

@test "delete --force of a damaged state says that it is not all" {
	mkdir -p "$BERTH_STATE/$id"
	echo '{' >"$BERTH_STATE/$id/state.json"
	run --separate-stderr berth delete "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == "berth: container $id: damaged state: "* ]]
	run --separate-stderr berth delete --force "$id"
	[ "$status" -eq 0 ]
	[[ $stderr == *" warning container $id: damaged state: "*"may be left" ]] || { echo "$stderr"; false; }
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "delete --force takes paused containers and processes that ignore signals" {
	script 'trap "" TERM INT HUP; while :; do sleep 1; done'
	detached "$id"
	berth pause "$id"
	berth delete --force "$id"
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "delete takes the cgroups that the container made below its own" {
	config '.mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end)'
	script 'mkdir -p /sys/fs/cgroup/a/b/c /sys/fs/cgroup/d; echo ready; sleep 1000'
	detached "$id"
	wait_until 10 grep -q ready "$WORK/$id.out"
	cgroup=$(cgroup_of "$id")
	[ -d "$cgroup/a/b/c" ]
	berth delete --force "$id"
	[ ! -e "$cgroup" ]
}

@test "delete --regex takes all that match and no other" {
	detached "$id-a" create
	detached "$id-b" create
	detached "$id-c" create
	berth delete --force --regex "^$id-[ab]\$"
	[ "$(berth list -q)" = "$id-c" ]
}

# --- pause and resume

@test "pause stops every process, resume lets them go on" {
	script 'while :; do echo tick; sleep 0.02; done'
	detached "$id"
	wait_until 10 grep -q tick "$WORK/$id.out"
	berth pause "$id"
	is_status "$id" paused
	[ "$(pid_of "$id")" != 0 ]
	before=$(wc -l <"$WORK/$id.out")
	sleep 0.3
	[ "$(wc -l <"$WORK/$id.out")" = "$before" ]
	fails 1 "container $id is paused already" berth pause "$id"
	berth resume "$id"
	is_status "$id" running
	wait_until 5 eval "[ \$(wc -l <$WORK/$id.out) -gt $before ]"
	fails 1 "container $id is not paused" berth resume "$id"
}

@test "pause and resume of a container that does not run are refused" {
	fails 1 "container \`$id\` does not exist" berth pause "$id"
	args true
	detached "$id"
	wait_for_status "$id" stopped
	fails 1 "container not running: $id is stopped" berth pause "$id"
	fails 1 "container not running: $id is stopped" berth resume "$id"
}

# --- update

@test "update without the controller says which one and how to get it" {
	[ ! -e "$(cgroup_mount)/memory.max" ] && ! grep -qw memory "$(cgroup_mount)/cgroup.controllers" ||
		skip "the hierarchy here has a memory controller"
	detached "$id"
	run --separate-stderr berth update --memory 64m "$id"
	[ "$status" -eq 1 ]
	[ ${#stderr_lines[@]} -eq 1 ]
	[[ $stderr == *memory*controller* ]]
	is_status "$id" running
}

@test "update sets limits in the container's cgroup" {
	needs_controller memory pids cpu
	config '.linux.resources.memory.limit = 134217728 | .linux.resources.pids.limit = 50'
	detached "$id"
	cgroup=$(cgroup_of "$id")
	[ "$(cat "$cgroup/memory.max")" = 134217728 ]
	[ "$(cat "$cgroup/pids.max")" = 50 ]
	berth update --memory 64m --pids-limit 20 "$id"
	[ "$(cat "$cgroup/memory.max")" = 67108864 ]
	[ "$(cat "$cgroup/pids.max")" = 20 ]
	echo '{"memory": {"limit": 33554432}, "cpu": {"quota": 50000, "period": 100000}}' |
		berth update --resources - "$id"
	[ "$(cat "$cgroup/memory.max")" = 33554432 ]
	[ "$(cat "$cgroup/pids.max")" = 20 ]
	[ "$(cat "$cgroup/cpu.max")" = "50000 100000" ]
}

@test "limits that the hierarchy here cannot set fail run with the controller's name" {
	grep -qw memory "$(cgroup_mount)/cgroup.controllers" && skip "the hierarchy here has them all"
	config '.linux.resources.memory.limit = 134217728'
	run --separate-stderr berth run "$id"
	[ "$status" -eq 1 ]
	[ ${#stderr_lines[@]} -eq 1 ]
	[[ $stderr == *memory*controller* ]]
	[ ! -e "$BERTH_STATE/$id" ]
	[ -z "$(inventory_cgroups)" ]
}

@test "a memory limit is kept: what eats more is killed, the host lives on" {
	needs_controller memory
	config '.linux.resources.memory = {"limit": 33554432, "swap": 33554432}'
	script 'tail /dev/zero; echo "tail $?"'
	run -0 berth run "$id"
	[ "$output" = "tail 137" ] || [[ $output == *137 ]] || { echo "$output"; false; }
}

@test "a pids limit is kept" {
	needs_controller pids
	config '.linux.resources.pids.limit = 5'
	script 'for i in 1 2 3 4 5 6 7 8 9 10; do sleep 5 & done; echo survived'
	run berth run "$id"
	[[ $output == *fork* ]]
}

# --- the log

@test "with --log-format json the log is one object, and only after a failure" {
	args true
	expect 0 berth --log "$WORK/log" --log-format json run "$id"
	[ ! -s "$WORK/log" ]
	args no-such-program
	run --separate-stderr berth --log "$WORK/log" --log-format json run "$id"
	[ "$status" -eq 1 ]
	jq -es 'length == 1 and (.[0] | .level == "error" and (.time | test("^20.*T.*Z$"))
		and (.msg | contains("executable file not found in $PATH: \"no-such-program\"")))' "$WORK/log"
	rm "$WORK/log"
	expect 1 berth --log="$WORK/log" --log-format=json kill none
	jq -es 'length == 1 and (.[0].msg | contains("does not exist"))' "$WORK/log"
}

@test "warnings stay out of a JSON log" {
	config '.process.capabilities.bounding += ["CAP_NO_SUCH"]'
	args no-such-program
	expect 1 berth --log "$WORK/log" --log-format json run "$id"
	jq -es 'length == 1' "$WORK/log"
}

@test "with --log a text log gets the error" {
	expect 1 berth --log "$WORK/log" kill none
	[ "$(wc -l <"$WORK/log")" = 1 ]
	grep -q 'container `none` does not exist' "$WORK/log"
}

@test "a log that cannot be written is an error" {
	run --separate-stderr berth --log /nowhere/log state none
	[ "$status" -eq 1 ]
	[[ $stderr == *'/nowhere/log'*'No such file or directory'* ]]
}

@test "what an engine's environment leaves out is not missed" {
	detached "$id"
	run -0 env -i XDG_RUNTIME_DIR= "$BERTH" --root "$BERTH_STATE" state "$id"
	run -0 env -i "$BERTH" --root "$BERTH_STATE" kill "$id" 9
}

@test "an argument of the state directory that is no directory is told" {
	touch "$WORK/file"
	run --separate-stderr "$BERTH" --root "$WORK/file" run "$id"
	[ "$status" -eq 1 ]
	[ ${#stderr_lines[@]} -eq 1 ]
	[[ $stderr == *"$WORK/file"*'Not a directory' ]]
}
