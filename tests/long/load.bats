#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Commands of berth in random order, fifty at a time, one in ten of them killed,
# and nothing left in the end.  BERTH_LOAD is how many containers are created (500),
# BERTH_AT_ONCE how many commands run at a time (50), BERTH_SEED repeats a run.

bats_require_minimum_version 1.5.0
load ../lib/common

setup()    { berth_setup; }
teardown() { berth_teardown; }

@test "creates, execs and deletes in random order, killed at random, leave nothing" {
	needs_program python3
	local seed=${BERTH_SEED:-$RANDOM} before
	berth run "$(unique first)" # what stays in the state directory is there then
	args sleep 100000
	before=$(what_is_there)
	echo "BERTH_SEED=$seed"
	python3 "$ROOT/tests/lib/load.py" --seed "$seed" --create "${BERTH_LOAD:-500}" --at-once "${BERTH_AT_ONCE:-50}" \
		--slow "$(in_machine && echo 20 || echo 1)" --prefix "$BERTH_TEST_MARK" "$BERTH" --root "$BERTH_STATE"
	[ "$(berth list --format json)" = '[]' ]
	wait_until 10 nothing_runs
	[ "$(what_is_there)" = "$before" ] || { diff <(echo "$before") <(what_is_there); false; }
}

what_is_there()
{
	wc -l </proc/self/mounts
	inventory_cgroups
	find "$BERTH_STATE" | sort
}
