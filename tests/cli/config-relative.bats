#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Relative paths in the options of a mount are the bundle's.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
}
teardown() { berth_teardown; }

@test "a relative path in an option is the bundle's, whatever was mounted before" {
	mkdir -p lower/one upper work rootfs/merged
	mount -t tmpfs none "$BUNDLE/upper" && mkdir upper/u upper/w
	# What an image would like to have taken instead.
	mkdir -p rootfs/tmp/lower/wrong rootfs/merged/lower/wrong
	config '.mounts += [{destination: "/tmp", type: "tmpfs", source: "tmpfs"},
		{destination: "/merged", type: "overlay", source: "overlay",
		 options: ["lowerdir=lower", "upperdir=upper/u", "workdir=upper/w"]}]'
	script 'ls /merged'
	cd /
	run berth run --bundle "$BUNDLE" "$id"
	umount "$BUNDLE/upper"
	[ "$status" -eq 0 ] && [ "$output" = one ] || { echo "$status $output"; return 1; }
}
