#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Relative paths in the options of a mount are the bundle's, however many there are.

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

# overlay LAYERS OPTION…: a bundle with so many lower directories, relative ones
overlay()
{
	local n lower=
	for ((n = 1; n <= $1; n++)); do
		mkdir -p "layers/directory-of-layer-$n"
		echo "$n" >"layers/directory-of-layer-$n/of-$n"
		lower+=:layers/directory-of-layer-$n
	done
	shift
	# shellcheck disable=SC2016 # jq's variable
	config '.mounts += [{destination: "/merged", type: "overlay", source: "overlay", options: $ARGS.positional}]' \
		--args -- "lowerdir=${lower#:}" "$@"
}

@test "options that are longer than fsconfig takes: an overlay of a hundred layers" {
	mkdir -p rootfs/merged/layers/directory-of-layer-1
	touch rootfs/merged/layers/directory-of-layer-1/wrong
	overlay 100 ro nodev noatime sync
	script 'ls /merged | wc -l; cat /merged/of-1 /merged/of-100; grep " /merged " /proc/self/mountinfo | cut -d " " -f 5,6
		touch /merged/x 2>&1; grep -c /m[[:space:]] /proc/self/mountinfo'
	expect 1 berth run "$id"
	[ "${lines[0]}" = 100 ]
	[ "${lines[1]} ${lines[2]}" = '1 100' ]
	[ "${lines[3]}" = '/merged ro,nodev,noatime' ]
	[[ ${lines[4]} == *'Read-only file system' ]]
	[ "${lines[5]}" = 0 ]
	[ ${#lines[@]} -eq 6 ]
}

@test "options that no call takes are named, and nothing is left" {
	overlay 100 no-such=option
	fails 1 'mounts[7]: /merged: mount the filesystem (with options too long for fsconfig): Invalid argument' \
		berth run "$id"
	config '.mounts[-1].options[1] = "a,b"'
	fails 1 'mounts[7]: /merged: set a mount option that has a comma: a,b: Invalid argument' berth run "$id"
	config 'del(.mounts[-1])'
	overlay 200
	fails 1 'mounts[7]: /merged: set the mount options: the kernel takes 4095 bytes of them: Argument list too long' \
		berth run "$id"
	[ ! -e "$BERTH_STATE/$id" ]
}
