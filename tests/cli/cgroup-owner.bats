#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Whose a container's cgroup is.

load ../lib/common

setup()
{
	berth_setup
	id=$(unique)
	config '.linux.cgroupsPath = $p | .root.readonly = false |
		.mounts |= map(select(.type == "tmpfs")) |
		.mounts += [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
			"options": ["nosuid", "noexec", "nodev"]}] |
		.linux.namespaces += [{"type": "user"}] |
		.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
		.linux.gidMappings = .linux.uidMappings' --arg p "/$id"
	chown -R 100000:100000 "$BUNDLE/rootfs"
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$WORK" "$BUNDLE"
	group=$(cgroup_mount)/$id
}
teardown() { berth_teardown; }

owner() { stat -c %u "$group/$1"; }

@test "a container that may write to a cgroup namespace of its own owns its cgroup" {
	sleeper "$id"
	[ "$(owner .)" = 100000 ]
	local file
	while read -r file; do
		[ ! -e "$group/$file" ] || [ "$(owner "$file")" = 100000 ]
	done </sys/kernel/cgroup/delegate
	[ "$(owner cgroup.max.descendants)" = 0 ]
	# shellcheck disable=SC2016 # the container's shell
	run -0 berth exec "$id" sh -c 'mkdir /sys/fs/cgroup/own && echo $$ >/sys/fs/cgroup/own/cgroup.procs'
	run berth exec "$id" sh -c 'echo 1 >/sys/fs/cgroup/cgroup.max.descendants'
	[ "$status" -eq 1 ] && [[ $output == *'Permission denied' ]] || { echo "$status: $output"; false; }
}

@test "it is the cgroup of the user that the process runs as" {
	config '.process.user.uid = 1000'
	sleeper "$id"
	[ "$(owner .)" = 101000 ]
	[ "$(owner cgroup.procs)" = 101000 ]
}

@test "a read-only mount or the host's cgroup namespace gives nothing away" {
	config '.mounts[-1].options += ["ro"]'
	sleeper "$id"
	[ "$(owner .)" = 0 ]
	berth delete --force "$id"
	config '.mounts[-1].options -= ["ro"] | .linux.namespaces |= map(select(.type != "cgroup"))'
	sleeper "$id"
	[ "$(owner .)" = 0 ]
	[ "$(owner cgroup.procs)" = 0 ]
}
