#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# rootfsPropagation, --no-pivot, and a mount namespace that is joined.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
}
teardown() {
	[ -z "${holder-}" ] || kill -KILL "$holder" 2>/dev/null || true
	berth_teardown
}

# The optional fields of "/" in the container's mountinfo.
root_fields='awk "\$5 == \"/\" { for (i = 7; \$i != \"-\"; i++) print \$i }" /proc/self/mountinfo'

# in_shared COMMAND…: where every mount is shared, as systemd has it.
in_shared()
{
	unshare --mount --propagation shared -- "$@"
}

@test "rootfsPropagation where the host's mounts are shared" {
	local p
	for p in private rprivate slave rslave shared rshared unbindable runbindable; do
		config '.linux.rootfsPropagation = $p' --arg p $p
		script "$root_fields"
		run in_shared "$BERTH" --root "$BERTH_STATE" run "$(unique)"
		[ "$status" -eq 0 ] || { echo "$p: $output"; return 1; }
		case $p in
		*private) [ "$output" = "" ] ;;
		*slave) [[ $output == master:* && $output != *shared* ]] ;;
		*shared) [[ $output == shared:* ]] ;;
		*unbindable) [ "$output" = unbindable ] ;;
		esac || { echo "$p: $output"; return 1; }
	done
}

@test "--no-pivot: the container's root is its own, the host's is out of reach" {
	script 'cd ../../../..; ls; ls /proc/1/root/; wc -l </proc/self/mountinfo'
	run -0 berth run --no-pivot "$(unique)"
	[ "$(grep -c ^bin <<<"$output")" = 2 ]
	no_pivot=$output
	run -0 berth run "$id"
	[ "$output" = "$no_pivot" ]
}

@test "a mount namespace that is joined: a root in it, and the others stay" {
	args sleep 1000
	detached "$id-1"
	pid=$(pid_of "$id-1")
	# What the joined namespace has as its root lies below the bundle's path in it.
	mkdir -p "$BUNDLE/rootfs$BUNDLE/rootfs"
	unshare --mount sleep 1000 3>&- &
	holder=$!
	wait_until 5 bash -c "[ \$(readlink /proc/$holder/ns/mnt) != \$(readlink /proc/self/ns/mnt) ]"
	config '.linux.namespaces |= map(if .type == "mount" then .path = $p else . end)' --arg p /proc/$holder/ns/mnt
	script 'readlink /proc/self/ns/mnt; [ -e /proc/self ] && echo a process; [ -c /dev/null ] && echo null'
	before=$(cat /proc/$holder/mountinfo)
	joined=$(readlink /proc/$holder/ns/mnt)
	run berth run "$id-2"
	after=$(cat /proc/$holder/mountinfo)
	kill $holder
	[ "$status" -eq 0 ] || { echo "$output"; return 1; }
	[ "$output" = "$joined"$'\na process\nnull' ] || { echo "$output"; return 1; }
	gone=$(grep -vxF "$after" <<<"$before" || :)
	[ -z "$gone" ] || { echo "$gone"; return 1; }
}

# setns(2) leads to the root of the namespace: here that is the host's.
@test "exec and mounts in a mount namespace that is joined stay in the container's root" {
	unshare --mount sleep 1000 3>&- &
	holder=$!
	wait_until 5 bash -c "[ \$(readlink /proc/$holder/ns/mnt) != \$(readlink /proc/self/ns/mnt) ]"
	config '.linux.namespaces |= map(if .type == "mount" then .path = $p else . end)' --arg p /proc/$holder/ns/mnt
	mkdir rootfs/mnt "$WORK/data"
	touch rootfs/here "$WORK/data/file"
	sleeper "$id"
	prints /here berth exec "$id" ls -d /here
	json_string "$WORK/data"
	echo "[{\"destination\": \"/mnt\", \"source\": $json, \"options\": [\"bind\"]}]" >"$WORK/mounts.json"
	expect 0 berth mounts add "$id" "$WORK/mounts.json"
	prints /mnt/file berth exec "$id" ls /mnt/file
	[ ! -e "/proc/$holder/root/mnt/file" ]
	expect 0 berth mounts remove "$id" "$WORK/mounts.json"
	expect 1 berth exec "$id" ls /mnt/file
	berth delete --force "$id"
}

@test "exec in a container made with --no-pivot stays in its root" {
	touch rootfs/here
	args sleep 1000
	detached "$id" run --detach --no-pivot
	prints /here berth exec "$id" ls -d /here
}
