#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# AppArmor profiles: a path that a profile denies is denied, in run and in exec.

bats_require_minimum_version 1.5.0
load ../lib/common

setup_file() {
	needs_machine
	[ "$(cat /sys/module/apparmor/parameters/enabled)" = Y ] || skip "a kernel without AppArmor"
	needs_program apparmor_parser apparmor
	mountpoint -q /sys/kernel/security || mount -t securityfs securityfs /sys/kernel/security
	local name
	for name in a b; do
		printf 'profile berth-test-%s flags=(attach_disconnected,mediate_deleted) {
			file, capability, network, signal, unix, ptrace, mount,
			deny /etc/secret-%s rw,
		}\n' $name $name
	done | apparmor_parser --replace --skip-cache --base /nowhere ||
		{ echo "the profiles cannot be loaded"; return 1; }
}

setup() {
	berth_setup
	id=$(unique)
	echo a >rootfs/etc/secret-a
	echo b >rootfs/etc/secret-b
}
teardown() { berth_teardown; }

# Which of the two files can be read, and the label of the process.
look='cat /etc/secret-a /etc/secret-b 2>/dev/null; cat /proc/self/attr/apparmor/current'

@test "apparmorProfile confines the container's process" {
	config '.process.apparmorProfile = "berth-test-a"'
	script "$look"
	prints $'b\nberth-test-a (enforce)' berth run "$id"
	config '.process.apparmorProfile = "berth-test-b"'
	prints $'a\nberth-test-b (enforce)' berth run "$(unique)"
}

@test "a created container has its profile once it is started" {
	config '.process.apparmorProfile = "berth-test-a"'
	script "$look; sleep 1000"
	detached "$id" create
	[ "$(cat "/proc/$(pid_of "$id")/attr/apparmor/current")" = unconfined ]
	berth start "$id"
	wait_until 10 grep -q enforce "$WORK/$id.out"
	[ "$(out_of "$id")" = $'b\nberth-test-a (enforce)' ]
}

@test "exec has the container's profile, or --apparmor's, or its file's" {
	config '.process.apparmorProfile = "berth-test-a"'
	sleeper "$id"
	prints $'b\nberth-test-a (enforce)' berth exec "$id" sh -c "$look"
	prints $'b\nberth-test-a (enforce)' berth exec --apparmor '' "$id" sh -c "$look"
	prints $'a\nberth-test-b (enforce)' berth exec --apparmor berth-test-b "$id" sh -c "$look"
	prints $'a\nb\nunconfined' berth exec --apparmor unconfined "$id" sh -c "$look"
	jq -n --arg s "$look" '{cwd: "/", args: ["sh", "-c", $s], env: ["PATH=/bin"]}' >"$WORK/p.json"
	prints $'b\nberth-test-a (enforce)' berth exec --process "$WORK/p.json" "$id"
	jq '.apparmorProfile = "berth-test-b"' "$WORK/p.json" >"$WORK/q.json"
	prints $'a\nberth-test-b (enforce)' berth exec --process "$WORK/q.json" "$id"
}

@test "a user without privileges, no_new_privs, a filter and a user namespace change nothing" {
	userns
	config '.process.apparmorProfile = "berth-test-a" | .process.user = {uid: 1000, gid: 1000} |
		.process.capabilities = {} | .process.noNewPrivileges = true |
		.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW",
			syscalls: [{names: ["personality"], action: "SCMP_ACT_ERRNO"}]}'
	chmod 644 rootfs/etc/secret-?
	script "$look"
	prints $'b\nberth-test-a (enforce)' berth run "$id"
	script 'sleep 1000'
	id=$(unique)
	detached "$id"
	prints $'b\nberth-test-a (enforce)' berth exec "$id" sh -c "$look"
}

@test "what an image has at /proc does not get the label" {
	config '.process.apparmorProfile = "berth-test-a" | .mounts |= map(select(.destination != "/proc")) |
		.mounts += [{destination: "/real", type: "proc", source: "proc"}] |
		.linux.maskedPaths = [] | .linux.readonlyPaths = []'
	mkdir -p rootfs/proc/thread-self/attr/apparmor rootfs/real
	touch rootfs/proc/thread-self/attr/apparmor/exec
	script 'cat /etc/secret-a /etc/secret-b 2>/dev/null; cat /real/self/attr/apparmor/current'
	prints $'b\nberth-test-a (enforce)' berth run "$id"
	[ ! -s rootfs/proc/thread-self/attr/apparmor/exec ]
}

@test "hooks in the container do not have the profile of its process" {
	printf '#!/bin/sh\ncat /proc/self/attr/apparmor/current >/hook\n' >rootfs/hook.sh
	chmod 755 rootfs/hook.sh
	config '.process.apparmorProfile = "berth-test-a" | .hooks.startContainer = [{path: "/hook.sh"}]'
	script 'cat /proc/self/attr/apparmor/current'
	prints 'berth-test-a (enforce)' berth run "$id"
	[ "$(cat rootfs/hook)" = unconfined ]
}

@test "a profile that is not loaded is told in the words that engines look for" {
	config '.process.apparmorProfile = "berth-test-none"'
	fails 1 'process.apparmorProfile: berth-test-none: no profile of this name is loaded: `/proc/thread-self/attr/apparmor/exec`' \
		berth run "$id"
	[ ! -e "$BERTH_STATE/$id" ]
	config '.process.apparmorProfile = "unconfined"'
	sleeper "$id"
	fails 255 'process.apparmorProfile: nobody: no profile of this name is loaded: `/proc/thread-self/attr/apparmor/exec`' \
		berth exec --apparmor nobody "$id" true
}
