#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The cgroup mechanism where every controller is there: what the unit test skips
# on a hybrid host must not be skipped here.

bats_require_minimum_version 1.5.0

setup() {
	dir=$(dirname "${BERTH:-$BATS_TEST_DIRNAME/../../build/berth}")
	[ -x "$dir/tests/test_cgroup_live" ] || skip "test_cgroup_live is not built (make check builds it)"
}

@test "limits, events and devices hold on a pure v2 hierarchy" {
	run "$dir/tests/test_cgroup_live"
	echo "$output"
	[ "$status" -eq 0 ]
	skipped=$(sed -n 's/.*SKIPPED \] \([a-z_]*\)$/\1/p' <<<"$output" | sort -u)
	[ "$skipped" = a_controller_that_is_not_here_is_explained ]
}
