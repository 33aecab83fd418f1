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
