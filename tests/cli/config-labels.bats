#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Host only: labels where the host has nobody to enforce them, and where a tree of
# files says that it has.  What AppArmor makes of a profile is for
# tests/machine/apparmor.bats; no machine of ours has SELinux.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	[ ! -e /sys/fs/selinux/enforce ] || skip "this host has SELinux"
}
teardown() { berth_teardown; }

no_apparmor() {
	! grep -qs Y /sys/module/apparmor/parameters/enabled || skip "this host has AppArmor"
}

@test "a label that nobody enforces is refused by name, by run and exec" {
	no_apparmor
	args true
	config '.process.apparmorProfile = "berth-web"'
	fails 1 'process.apparmorProfile: berth-web: AppArmor is not enabled on this host' berth run "$id"
	[ ! -e "$BERTH_STATE/$id" ]
	config '.process.apparmorProfile = "" | .process.selinuxLabel = "u:r:t:s0:c1,c2"'
	fails 1 'process.selinuxLabel: u:r:t:s0:c1,c2: SELinux is not enabled on this host' berth run "$id"
	config '.process.selinuxLabel = ""'
	sleeper "$id"
	fails 255 'process.apparmorProfile: x: AppArmor is not enabled on this host' berth exec --apparmor x "$id" true
	fails 255 'process.selinuxLabel: x: SELinux is not enabled on this host' berth exec --process-label x "$id" true
	echo '{"cwd": "/", "args": ["true"], "selinuxLabel": "a"}' >"$WORK/p.json"
	fails 255 'process.selinuxLabel: a: SELinux is not enabled on this host' berth exec --process "$WORK/p.json" "$id"
}

@test "no label, an unconfined one and a mount label are no failure there" {
	no_apparmor
	args echo ran
	config '.process.apparmorProfile = "unconfined" | .linux.mountLabel = "u:object_r:t:s0"'
	prints ran berth run "$id"
	sleeper "$(unique)"
	id=$(unique)
	sleeper "$id"
	prints ran berth exec --apparmor unconfined --process-label '' "$id" echo ran
}

# with_selinux COMMAND…: where /sys/fs looks as if selinuxfs was mounted.
with_selinux() {
	local v2
	v2=$(cgroup_mount)
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m --propagation private bash -c '
		mkdir "$1/fs"
		case $2 in /sys/fs/*) mkdir "$1/keep" && mount --rbind /sys/fs/cgroup "$1/keep" ;; esac
		mount -t tmpfs fs /sys/fs
		mkdir /sys/fs/selinux /sys/fs/cgroup
		echo 1 >/sys/fs/selinux/enforce
		[ ! -d "$1/keep" ] || mount --rbind "$1/keep" /sys/fs/cgroup
		shift 2
		exec "$@"' - "$WORK" "$v2" "$@"
}

@test "with SELinux a mount label reaches the file systems, and a process label its file" {
	no_apparmor
	args true
	config '.linux.mountLabel = "u:object_r:t:s0"'
	# This kernel does not know the option, and says so.
	run --separate-stderr with_selinux "$BERTH" --root "$BERTH_STATE" --cgroup-manager disabled run "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *'mounts['*'context=u:object_r:t:s0'* || $stderr == *'mounts['*"'context'"* ]] ||
		{ echo "$stderr"; false; }
	config 'del(.linux.mountLabel) | .process.selinuxLabel = "u:r:t:s0"'
	run --separate-stderr with_selinux "$BERTH" --root "$BERTH_STATE" --cgroup-manager disabled run "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *'process.selinuxLabel: u:r:t:s0: '*'`/proc/thread-self/attr/'*'`'* ]] || { echo "$stderr"; false; }
}
