#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Names, cgroups and directories that have become another container's.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	args sleep 1000
	config '.linux.cgroupsPath = $path' --arg path "/berth-test-$id"
}
teardown() { berth_teardown; }

@test "a foreground run whose container was replaced leaves the new one alone" {
	"$BERTH" --root "$BERTH_STATE" run "$id" </dev/null >/dev/null 2>&1 3>&- &
	runner=$!
	wait_for_status "$id" running
	kill -STOP $runner
	berth delete --force "$id"
	detached "$id"
	kill -CONT $runner
	wait $runner || :
	is_status "$id" running
	berth exec "$id" true
}

@test "deleting a stopped container leaves the next one in its cgroup alone" {
	args true
	detached "$id-1"
	wait_for_status "$id-1" stopped
	args sleep 1000
	detached "$id-2"
	berth delete "$id-1"
	is_status "$id-2" running
	cgroup=$(cgroup_of "$id-2")
	grep -q 'populated 1' "$cgroup/cgroup.events"
}

@test "kill of a stopped container does not reach the next one in its cgroup" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	args true
	detached "$id-1"
	wait_for_status "$id-1" stopped
	args sleep 1000
	detached "$id-2"
	fails 1 "container not running: the cgroup of $id-1 belongs to another container now" \
		berth kill "$id-1" KILL
	fails 1 "container not running: the cgroup of $id-1 belongs to another container now" \
		berth kill --all "$id-1" TERM
	is_status "$id-2" running
}

@test "a create that was killed before it had a cgroup does not empty the one it wanted" {
	detached "$id-1"
	cgroup=$(cgroup_of "$id-1")
	mkdir "$BERTH_STATE/$id-2"
	# Killed between writing down where its cgroup will be and making it.
	jq --arg id "$id-2" '.id = $id | .ready = false | .pid = 0 | .startTime = 0 | .created = "2026-01-01T00:00:00.000000000Z"' \
		"$BERTH_STATE/$id-1/state.json" >"$BERTH_STATE/$id-2/state.json"
	berth delete --force "$id-2"
	[ ! -e "$BERTH_STATE/$id-2" ]
	is_status "$id-1" running
	grep -q 'populated 1' "$cgroup/cgroup.events"
}

@test "kill of a container whose cgroup is gone says that it does not run" {
	config '.linux.namespaces |= map(select(.type != "pid"))'
	args true
	detached "$id"
	wait_for_status "$id" stopped
	rmdir "$(cgroup_mount)/berth-test-$id"
	fails 1 "container not running: the cgroup of $id is gone" berth kill "$id" KILL
	berth delete "$id"
}

@test "SIGKILL ends a created container, with and without a pid namespace" {
	detached "$id-1" create
	berth kill "$id-1" KILL
	wait_for_status "$id-1" stopped
	fails 1 "container not running: $id-1 is stopped" berth kill "$id-1" TERM
	berth delete "$id-1"
	config '.linux.namespaces |= map(select(.type != "pid"))'
	detached "$id-1" create
	berth kill --all "$id-1" KILL
	wait_for_status "$id-1" stopped
}

@test "a container without a cgroup is killed by its first process" {
	local all
	for all in "" --all; do
		detached "$id" --cgroup-manager=disabled run --detach
		berth kill $all "$id" KILL
		wait_for_status "$id" stopped
		berth delete "$id"
	done
}
