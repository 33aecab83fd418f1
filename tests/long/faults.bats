#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Nothing more to be had: room for the state, processes, cgroups, a place for the
# log.  Each is a clear error, and every container can be deleted afterwards.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	needs_machine
	berth_setup
	id=$(unique)
	args sleep 1000
}
teardown() {
	if [ -n "${own_run-}" ]; then
		mount -o remount,rw "$own_run"
		rm -f "$own_run/filler"
	fi
	# Its name is the test's: berth_teardown would take it for berth's.
	if [ -n "${parent-}" ]; then
		berth delete --force "$id"
		rmdir "$parent" || return
	fi
	berth_teardown && status=0 || status=$?
	[ -z "${own_run-}" ] || umount "$own_run" || status=1
	return $status
}

# The state directory on a tmpfs of 1 MiB.
on_own_run() {
	own_run=$WORK/run
	mkdir "$own_run"
	mount -t tmpfs -o size=1m none "$own_run"
	BERTH_STATE=$own_run/state
	mkdir -m 700 "$BERTH_STATE"
	mounts_before=$(</proc/self/mountinfo)
}
fill() { cat /dev/zero >"$own_run/filler" 2>/dev/null || :; }

# one_line TEXT: what failed was told in one line which has TEXT.
one_line() {
	[ "$status" -ne 0 ] && [ ${#stderr_lines[@]} -eq 1 ] && [[ $stderr == *"$1"* ]] ||
		{ printf 'status %s, %s lines: %s\nwanted %s\n' "$status" "${#stderr_lines[@]}" "$stderr" "$1"; return 1; }
}

nothing_of() {
	local found
	found=$(ls -A "$BERTH_STATE" | grep -v '^\.' || :)
	[ -z "$found" ] || { echo "state: $found"; return 1; }
	[ -z "$(inventory_cgroups)" ] || { echo "cgroups: $(inventory_cgroups)"; return 1; }
}

@test "a full /run: create says so and leaves nothing" {
	on_own_run
	fill
	run --separate-stderr berth create "$id"
	one_line "No space left on device"
	run berth delete --force "$id"
	[ "$status" -eq 0 ]
	nothing_of
	# Room for one file, and for two: wherever it ends.
	for room in 4 8 12 16 20 40; do
		: >"$own_run/filler"
		head -c $((1048576 - room * 1024)) /dev/zero >"$own_run/filler" 2>/dev/null || :
		# Without bats' run, which waits for whoever has its streams.
		detached "$id" >"$WORK/said" || grep -q "No space left on device" "$WORK/said"
		run berth delete --force "$id"
		[ "$status" -eq 0 ] || { echo "$room KiB: delete: $output"; false; }
		nothing_of || { echo "$room KiB"; false; }
	done
	rm "$own_run/filler"
	detached "$id"
	is_status "$id" running
}

@test "a full /run: what runs can be looked at, entered, killed and deleted" {
	on_own_run
	detached "$id"
	detached "$(unique created)" create
	fill
	is_status "$id" running
	prints here berth exec "$id" echo here
	[ "$(berth list --quiet | wc -l)" = 2 ]
	run --separate-stderr berth pause "$id"
	[ "$status" -eq 0 ]
	run --separate-stderr berth resume "$id"
	[ "$status" -eq 0 ]
	berth kill "$id" KILL
	wait_for_status "$id" stopped
	berth delete "$id"
	for id in "$BERTH_STATE"/*/; do
		id=${id%/}
		run berth start "${id##*/}"
		[ "$status" -eq 0 ] || { echo "start: $output"; false; }
		berth delete --force "${id##*/}"
	done
	nothing_of
}

@test "a read-only /run: nothing can be made, all can be looked at, and deleted once it is writable" {
	on_own_run
	detached "$id"
	mount -o remount,ro "$own_run"
	run --separate-stderr berth create "$(unique)"
	one_line "Read-only file system"
	is_status "$id" running
	[ "$(berth list --quiet)" = "$id" ]
	prints here berth exec "$id" echo here
	berth kill "$id" KILL
	wait_for_status "$id" stopped
	run --separate-stderr berth delete "$id"
	one_line "Read-only file system"
	mount -o remount,rw "$own_run"
	berth delete "$id"
	nothing_of
}

# below PROPERTY VALUE…: a parent cgroup with that, and the container's in it.
below() {
	local controller
	parent=$(cgroup_mount)/$(unique parent)
	mkdir "$parent"
	for controller in memory pids; do
		echo +$controller >"$(cgroup_mount)/cgroup.subtree_control"
		echo +$controller >"$parent/cgroup.subtree_control"
	done
	while [ $# -gt 0 ]; do
		echo "$2" >"$parent/$1"
		shift 2
	done
	config '.linux.cgroupsPath = $path' --arg path "/${parent##*/}/$id"
}
gone() { [ ! -d "$parent/$id" ]; }

@test "the parent's limit of processes reached" {
	below pids.max 0
	run --separate-stderr berth run "$id"
	one_line "Resource temporarily unavailable"
	berth delete --force "$id"
	gone
	# Room for the first process only: exec has none.
	echo 1 >"$parent/pids.max"
	detached "$id"
	run --separate-stderr berth exec "$id" true
	one_line "Resource temporarily unavailable"
	is_status "$id" running
	berth delete --force "$id"
	gone
}

@test "the container's own limit of processes reached" {
	config '.linux.resources.pids = {"limit": 3}'
	script 'sleep 1000 & sleep 1000 & wait' # a fourth would end the shell
	detached "$id"
	wait_until 10 eval '[ "$(<"$(cgroup_of "$id")/pids.current")" -ge 3 ]'
	run --separate-stderr berth exec "$id" true
	one_line "Resource temporarily unavailable"
	is_status "$id" running
	berth kill --all "$id" KILL
	wait_for_status "$id" stopped
	berth delete "$id"
}

@test "the parent's limit of memory reached" {
	below memory.max 65536 memory.swap.max 0
	run --separate-stderr berth run "$id"
	[ "$status" -ne 0 ]
	[ ${#stderr_lines[@]} -eq 1 ] || { echo "$stderr"; false; }
	[[ $stderr == *memory* ]] || { echo "$stderr"; false; }
	berth delete --force "$id"
	gone
}

@test "the parent may have no more cgroups" {
	below cgroup.max.descendants 0
	run --separate-stderr berth run "$id"
	one_line "cgroup.max.descendants"
	berth delete --force "$id"
	gone
	echo 1 >"$parent/cgroup.max.descendants"
	detached "$id"
	berth delete --force "$id"
	gone
}

@test "no more processes for berth itself" {
	local own
	own=$(cgroup_mount)/$(unique own)
	mkdir "$own"
	detached "$id"
	args true
	# Each of what the commands start in turn.
	for max in 1 2 3; do
		for command in "run $(unique)" "exec $id true" "delete --force $id-none" "kill $id 0" "state $id" "ps $id"; do
			# shellcheck disable=SC2086 # words
			run --separate-stderr bash -c 'echo $$ >"$1/cgroup.procs"; echo "$2" >"$1/pids.max"; shift 2; exec "$@"' \
				in "$own" $max "$BERTH" --root "$BERTH_STATE" $command
			echo max >"$own/pids.max"
			[ "$status" -eq 0 ] || [ ${#stderr_lines[@]} -eq 1 ] || { echo "$command with $max: $status $stderr"; false; }
		done
	done
	is_status "$id" running
	for id in "$BERTH_STATE"/*/; do
		id=${id%/}
		berth delete --force "${id##*/}"
	done
	wait_until 3 rmdir "$own"
	nothing_runs
}

@test "no room for the log or for the pid file" {
	local status_of_it
	args sh -c 'exit 7'
	# The log is not what the container is about.
	run --separate-stderr berth --log /dev/full run "$id"
	[ "$status" -eq 7 ]
	[ -z "$stderr" ]
	for format in text json; do
		run --separate-stderr berth --log /dev/full --log-format $format --debug run "$id"
		[ "$status" -eq 7 ]
		# An error is told on standard error all the same.
		run --separate-stderr berth --log /dev/full --log-format $format state none-such
		[ "$status" -eq 1 ]
		[[ $stderr == *"does not exist"* ]]
	done
	mkdir "$WORK/full"
	mount -t tmpfs -o size=4k none "$WORK/full"
	head -c 4096 /dev/zero >"$WORK/full/filler"
	args sleep 1000
	run --separate-stderr berth create --pid-file "$WORK/full/pid" "$id"
	one_line "No space left on device"
	umount "$WORK/full"
	[ ! -e "$WORK/full/pid" ]
	nothing_of
}
