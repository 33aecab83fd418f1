#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# The cgroup mechanism where every controller is there: what the unit tests skip
# on a hybrid host must not be skipped here.

bats_require_minimum_version 1.5.0

setup() {
	dir=$(dirname "${BERTH:-$BATS_TEST_DIRNAME/../../build/berth}")/tests
}

# passes PROGRAM [TEST…]: all of it, and only the TESTs are skipped.
passes()
{
	local program=$dir/$1 skipped
	shift
	[ -x "$program" ] || skip "${program##*/} is not built (make check builds it)"
	run "$program"
	echo "$output"
	[ "$status" -eq 0 ]
	skipped=$(sed -n 's/.*SKIPPED \] \([a-z_]*\)$/\1/p' <<<"$output" | sort -u)
	[ "$skipped" = "$*" ]
}

@test "cgroups are made, found and removed on a pure v2 hierarchy" {
	passes test_cgroup_live
}

@test "containers' cgroups have their place on a pure v2 hierarchy" {
	passes test_cgroup_where a_controller_that_is_not_here_is_explained
}

@test "limits, events and devices hold on a pure v2 hierarchy" {
	passes test_cgroup_limits_live
}
