#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Single system calls fail: of berth, of berth-init, each in its turn.  A sample
# here; all of them with BERTH_LONG set, as check-long does.
# Host only: hundreds of containers.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	in_machine && skip "runs natively: hundreds of containers"
	needs_program python3
	berth_setup
}
teardown() { berth_teardown; }

# each SAMPLE ARG…
each() {
	local sample=$1
	shift
	[ -z "${BERTH_LONG-}" ] || sample=1/1
	BERTH=$BERTH "$ROOT/tests/fault/each-call" --bundle "$BUNDLE" --state "$WORK/each" --sample "$sample" "$@"
}

@test "a call that is missing (ENOSYS) fails run cleanly or takes nothing away" {
	each 5/12 --errors ENOSYS run
}

@test "a call that is refused (EPERM) fails run cleanly or takes nothing away" {
	each 5/12 --errors EPERM run
}

@test "a call without memory (ENOMEM) fails run cleanly or takes nothing away" {
	each 5/12 --errors ENOMEM run
}

@test "a call that fails fails create, start, exec and delete cleanly" {
	each 7/40 create start exec delete
}

@test "a limit of processes is not got round by moving one into the cgroup" {
	run --separate-stderr traced "$FAILCALL" 0 1 clone3 11 -- "$BERTH" --root "$BERTH_STATE" run "$(unique)"
	[ "$status" -eq 1 ]
	[ "$stderr" = "berth: create the container's process, which a limit forbids (clone3): Resource temporarily unavailable" ]
	# Where being born there is not possible at all, it is moved.
	expect 0 traced "$FAILCALL" 0 1 clone3 22 -- "$BERTH" --root "$BERTH_STATE" run "$(unique)"
}

@test "a signal that cannot be put back to its default fails run" {
	run --separate-stderr traced env --ignore-signal=USR1 \
		"$FAILCALL" 1 1 rt_sigaction 12 -- "$BERTH" --root "$BERTH_STATE" run "$(unique)"
	[ "$status" -eq 1 ]
	[[ $stderr == "berth: stop ignoring signals: "* ]]
}
