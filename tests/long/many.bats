#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Two hundred containers at once, and nothing of them afterwards.

load ../lib/common

setup()    { berth_setup; }
teardown() { berth_teardown; }

N=200

what_is_there()
{
	wc -l </proc/self/mounts
	find "$(cgroup_mount)" -type d | sort
	# Those of this machine's own, without the ones that ask.
	for p in /proc/[0-9]*; do
		[ ! -e "$p/exe" ] || readlink "$p/exe"
	done 2>/dev/null | grep -cE 'berth|busybox'
	find "$BERTH_STATE" | grep -v '/\.cache' | sort
}

@test "200 containers start, are listed, executed into and deleted, and leave nothing" {
	needs_controller memory
	needs_controller pids
	args true
	config '.linux.resources += {memory: {limit: 33554432}, pids: {limit: 20}}'
	berth run "$(unique first)" # what stays in the state directory is there now
	args sleep 100000
	before=$(what_is_there)

	for i in $(seq $N); do
		detached "$(printf 'many-%03d' "$i")"
	done
	[ "$(berth list --quiet | wc -l)" = $N ]
	[ "$(berth list --format json | jq '[.[] | select(.status == "running")] | length')" = $N ]
	for i in $(seq $N); do
		prints "$i" berth exec "$(printf 'many-%03d' "$i")" echo "$i"
	done
	[ "$(cat "$(cgroup_of many-007)/memory.max")" = 33554432 ]
	for i in $(seq $N); do
		berth delete --force "$(printf 'many-%03d' "$i")"
	done

	[ "$(berth list --format json)" = '[]' ]
	after=$(what_is_there)
	[ "$after" = "$before" ] || { diff <(echo "$before") <(echo "$after"); false; }
}
