#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What state, list, ps and events show of a container that runs.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique show)
}

teardown() { berth_teardown; }

start_sleeping() {
	args sleep 1000
	berth run --detach "$id" </dev/null >/dev/null 2>&1
}

@test "state: the document of a running container" {
	config '.annotations = {"org.example.key": "value"}'
	start_sleeping
	run -0 --separate-stderr berth state "$id"
	[ -z "$stderr" ]
	jq -e --arg id "$id" --arg bundle "$BUNDLE" '
		.id == $id and .status == "running" and .ociVersion == "1.3.0" and
		.bundle == $bundle and .rootfs == $bundle + "/rootfs" and .pid > 0 and
		.annotations == {"org.example.key": "value"} and .owner == "root"' <<<"$output"
	[[ $(jq -r .created <<<"$output") =~ ^20[0-9-]+T[0-9:.]+Z$ ]]
	[ "/proc/$(jq .pid <<<"$output")/root/etc/passwd" -ef rootfs/etc/passwd ]
}

@test "state --format table: a line for each fact" {
	start_sleeping
	run -0 berth state --format table "$id"
	[ "${lines[0]}" = "ID       $id" ]
	[ "${lines[1]}" = "STATUS   running" ]
	[ "${lines[3]}" = "BUNDLE   $BUNDLE" ]
}

@test "list: table, JSON and ids of created and running containers" {
	start_sleeping
	berth create "$id-2" </dev/null >/dev/null 2>&1
	run -0 berth list --quiet
	[ "$output" = "$id"$'\n'"$id-2" ]
	run -0 berth list
	[ "${#lines[@]}" -eq 3 ]
	[[ ${lines[0]} =~ ^ID\ +PID\ +STATUS\ +BUNDLE\ +CREATED\ +OWNER$ ]]
	[[ ${lines[1]} =~ ^$id\ +[0-9]+\ +running\ +$BUNDLE\ +20.*Z\ +root$ ]]
	[[ ${lines[2]} =~ ^$id-2\ +[0-9]+\ +created\  ]]
	run -0 berth list --format json
	jq -e 'map(.status) == ["running", "created"] and all(.pid > 0)' <<<"$output"
	[ "$(jq -c '.[0]' <<<"$output")" = "$(berth state "$id" | jq -c .)" ]
}

@test "ps: ids as JSON, and lines of ps(1) for these only" {
	script 'sleep 1000 & sleep 1000; true'
	berth run --detach "$id" </dev/null >/dev/null 2>&1
	wait_until 10 eval '[ "$(berth ps -f json "$id" | jq length)" -eq 3 ]'
	run -0 berth ps --format json "$id"
	jq -e --argjson pid "$(pid_of "$id")" 'index($pid) == 0' <<<"$output"
	needs_program ps procps
	run -0 berth ps "$id"
	[[ ${lines[0]} =~ ^UID\ +PID\ +PPID ]]
	[ "${#lines[@]}" -eq 4 ]
	run -0 berth ps "$id" -o pid,comm
	[ "${#lines[@]}" -eq 4 ]
	[ "$(awk 'NR > 1 { print $1 }' <<<"$output" | sort -n | jq -sc .)" = \
		"$(berth ps -f json "$id")" ]
}

@test "ps: arguments that leave no column PID are an error" {
	needs_program ps procps
	start_sleeping
	run --separate-stderr berth ps "$id" -o comm
	[ "$status" -eq 1 ]
	[ "$stderr" = "berth: ps: no column PID in its output; let it print one" ]
}

@test "ps: without ps(1) there is a table of berth's own" {
	start_sleeping
	run -0 env PATH=/none "$BERTH" --root "$BERTH_STATE" ps "$id"
	[ "${#lines[@]}" -eq 2 ]
	[[ ${lines[0]} =~ ^UID\ +PID\ +PPID\ +STATE\ +RSS\ +COMMAND$ ]]
	[[ ${lines[1]} =~ ^0\ +$(pid_of "$id")\ .*\ sleep\ 1000$ ]]
	run --separate-stderr env PATH=/none "$BERTH" --root "$BERTH_STATE" ps "$id" -ef
	[ "$status" -eq 1 ]
	[ "$stderr" = "berth: ps(1) is not installed; leave its arguments out for a table of berth's own" ]
}

@test "events --stats: one object, and a table" {
	start_sleeping
	run -0 --separate-stderr berth events --stats "$id"
	[ "${#lines[@]}" -eq 1 ]
	jq -e --arg id "$id" '.type == "stats" and .id == $id and .data.cpu.usage.total > 0' <<<"$output"
	run -0 berth events --stats --format table "$id"
	[[ ${lines[0]} =~ ^RESOURCE\ +USED\ +LIMIT\ +PEAK\ +HIT\ +WAITED$ ]]
	[[ ${lines[1]} =~ ^cpu\ +[0-9]+\.[0-9]{3}s\  ]]
}

# The container lives until the test has seen what it waits for: a machine may be
# so slow that any other time is too short.
watch_events()	# INTERVAL, in the background; its lines go to $WORK/events
{
	berth run --detach "$id" </dev/null >/dev/null 2>&1
	berth events --interval "$1" "$id" >"$WORK/events" 3>&- &
	watcher=$!
}

events_are()	# NUMBER TYPE: at least so many lines of that type are there
{
	[ "$(grep -c "\"type\": *\"$2\"" "$WORK/events")" -ge "$1" ]
}

@test "events: a line at each interval, until the container ends" {
	args sleep 1000
	watch_events 200ms
	wait_until 30 events_are 2 stats
	berth kill "$id" KILL
	wait $watcher
	jq -es 'all(.type == "stats")' "$WORK/events"
}

@test "events: running out of memory is told" {
	needs_controller memory
	config '.linux.resources.memory = {"limit": 16777216, "swap": 16777216}'
	script 'until [ -e /now ]; do sleep 0.1; done; tail /dev/zero; sleep 1000'
	watch_events 60s
	wait_until 30 events_are 1 stats
	: >rootfs/now
	wait_until 60 events_are 1 oom
	berth kill "$id" KILL
	wait $watcher
	jq -es --arg id "$id" 'all(.id == $id)' "$WORK/events"
}

@test "events of a container that has stopped is an error" {
	args true
	berth run --detach "$id" </dev/null >/dev/null 2>&1
	wait_for_status "$id" stopped
	run --separate-stderr berth events "$id"
	[ "$status" -eq 1 ]
	[ "$stderr" = "berth: container not running: $id is stopped" ]
}

@test "kill and delete --regex reach all that match and no other" {
	start_sleeping
	berth run --detach "$id-x1" </dev/null >/dev/null 2>&1
	berth run --detach "$id-x2" </dev/null >/dev/null 2>&1
	run -0 berth kill --regex -- '-x[0-9]$' KILL
	wait_for_status "$id-x1" stopped
	wait_for_status "$id-x2" stopped
	is_status "$id" running
	run -0 berth delete --regex -- '-x[0-9]$'
	[ "$(berth list -q)" = "$id" ]
}
