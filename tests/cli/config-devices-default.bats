#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Which devices a container may use when its configuration has no rules.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	# Every right that could help, and a device that is on no list: /dev/kmsg.
	config '.process.capabilities |= map_values(. + ["CAP_MKNOD", "CAP_SYS_ADMIN", "CAP_SYSLOG"] | unique)'
	script 'mknod /dev/log1 c 1 11 && (: </dev/log1) 2>/tmp/said && echo opened
		for d in null zero full random urandom; do
			(: </dev/$d) || echo "no $d"
		done
		cat /tmp/said; echo end'
}
teardown() { berth_teardown; }

refuses_the_rest()
{
	run -0 berth run "$id"
	[[ $output == *"/dev/log1: Operation not permitted"* ]]
	[ "${#lines[@]}" -eq 2 ]
}

@test "resources without device rules: only what every container has" {
	config '.linux.resources = {}'
	refuses_the_rest
}

@test "no resources at all: only what every container has" {
	config 'del(.linux.resources)'
	refuses_the_rest
}

@test "a rule that allows everything does" {
	config '.linux.resources = {devices: [{allow: true, access: "rwm"}]}'
	run -0 berth run "$id"
	[ "$output" = $'opened\nend' ]
}
