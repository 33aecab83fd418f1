#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Two hundred containers at once, and nothing of them afterwards.
# Alone: it counts the machine's mounts, cgroups and processes before and after.

# shellcheck disable=SC2016 # for in_each's shell
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

# in_each COMMAND: for each container's $id.  In busybox's shell and not in bats'
# own: its trap for each command, 600 times, would be most of this test.
in_each()
{
	BERTH_STATE=$BERTH_STATE WORK=$WORK "$BUSYBOX" sh -ec '
		berth() { "$BERTH" --root "$BERTH_STATE" "$@" </dev/null >"$WORK/said" 2>&1 3>&- ||
			{ echo "berth $*:"; cat "$WORK/said"; exit 1; }; }
		for n in $(seq '$N'); do
			id=many-$n
			'"$1"'
		done'
}

@test "200 containers start, are listed, executed into and deleted, and leave nothing" {
	needs_controller memory
	needs_controller pids
	args true
	config '.linux.resources += {memory: {limit: 33554432}, pids: {limit: 20}}'
	berth run "$(unique first)" # what stays in the state directory is there now
	args sleep 100000
	before=$(what_is_there)

	in_each 'berth run --detach $id'
	[ "$(berth list --quiet | wc -l)" = $N ]
	[ "$(berth list --format json | jq '[.[] | select(.status == "running")] | length')" = $N ]
	in_each 'berth exec $id echo $n
		read -r said <"$WORK/said" && [ "$said" = $n ]'
	[ "$(cat "$(cgroup_of many-7)/memory.max")" = 33554432 ]
	in_each 'berth delete --force $id'

	[ "$(berth list --format json)" = '[]' ]
	after=$(what_is_there)
	[ "$after" = "$before" ] || { diff <(echo "$before") <(echo "$after"); false; }
}
