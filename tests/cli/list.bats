#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# list where there is nothing to list; with containers in lifecycle tests.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	BERTH_STATE=$BATS_TEST_TMPDIR/state
}

@test "without containers the table is its heading" {
	run --separate-stderr berth list
	[ "$status" -eq 0 ]
	[ "$output" = "ID  PID  STATUS  BUNDLE  CREATED  OWNER" ]
	[ -z "$stderr" ]
}

@test "without containers the JSON is an empty array, not null" {
	run -0 berth list --format json
	[ "$output" = "[]" ]
	run -0 berth list -f=json
	[ "$output" = "[]" ]
}

@test "without containers --quiet prints nothing, in every format" {
	run -0 berth list -q
	[ -z "$output" ]
	run -0 berth list --quiet --format json
	[ -z "$output" ]
}

@test "listing does not make the state directory" {
	run -0 berth list
	[ ! -e "$BERTH_STATE" ]
}

@test "a regular expression that matches nothing is success, a broken one is not" {
	run -0 berth kill --regex '^none$' KILL
	run -0 berth delete --regex '^none$'
	run -1 berth delete --regex '('
}
