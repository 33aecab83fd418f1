#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Host only: no container is started.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	mkdir "$BATS_TEST_TMPDIR/dir"
	cd "$BATS_TEST_TMPDIR/dir"
}

@test "spec writes config.json into the current directory and says nothing" {
	run --separate-stderr "$BERTH" spec
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
	[ "$(ls)" = config.json ]
	[ "$(jq -r .ociVersion config.json)" = 1.3.0 ]
}

@test "spec leaves an existing file alone" {
	echo mine >config.json
	run --separate-stderr "$BERTH" spec
	[ "$status" -eq 1 ]
	[ "$stderr" = "berth: File config.json exists. Remove it first" ]
	[ "$(cat config.json)" = mine ]
}

@test "spec does not write through a symbolic link" {
	ln -s elsewhere config.json
	run -1 "$BERTH" spec
	[ ! -e elsewhere ]
}

@test "spec --bundle and --file say where" {
	mkdir bundle
	run -0 "$BERTH" spec --bundle bundle
	[ -f bundle/config.json ]
	run -0 "$BERTH" spec -b bundle -f other.json
	cmp bundle/config.json bundle/other.json
	run -0 "$BERTH" spec --file="$PWD/absolute.json"
	cmp bundle/config.json absolute.json
	run --separate-stderr "$BERTH" spec -b bundle -f other.json
	[ "$status" -eq 1 ]
	[ "$stderr" = "berth: File other.json exists. Remove it first" ]
}

@test "spec of a bundle that is not there is an error" {
	run --separate-stderr "$BERTH" spec --bundle none
	[ "$status" -eq 1 ]
	[ "$stderr" = 'berth: open the bundle `none`: No such file or directory' ]
	touch file
	run --separate-stderr "$BERTH" spec --bundle file
	[ "$status" -eq 1 ]
	[ "$stderr" = 'berth: open the bundle `file`: Not a directory' ]
}

@test "spec on a full disk leaves nothing behind" {
	run sh -c 'trap "" XFSZ; ulimit -f 0; "$1" spec 2>&1 | cat' sh "$BERTH"
	[ "$output" = 'berth: write `config.json`: File too large' ]
	[ ! -e config.json ]
}

@test "the default isolates: namespaces, masks, few capabilities, none inheritable" {
	"$BERTH" spec
	[ "$(jq -c '[.linux.namespaces[].type] | sort' config.json)" = \
		'["cgroup","ipc","mount","network","pid","uts"]' ]
	[ "$(jq -c '.process.capabilities | keys' config.json)" = \
		'["bounding","effective","permitted"]' ]
	jq -e '.process.capabilities | [.bounding, .effective, .permitted] | unique |
		. == [["CAP_KILL", "CAP_NET_BIND_SERVICE"]]' config.json
	jq -e '.process.noNewPrivileges and .root.readonly' config.json
	jq -e '.linux.resources.devices == [{"allow": false, "access": "rwm"}]' config.json
	jq -e '.linux.maskedPaths | index("/proc/kcore")' config.json
	jq -e '.linux.readonlyPaths | index("/proc/sys")' config.json
	jq -e '[.mounts[].destination] == ["/proc", "/dev", "/dev/pts", "/dev/shm",
		"/dev/mqueue", "/sys", "/sys/fs/cgroup"]' config.json
}

@test "the default starts a shell with a terminal in rootfs" {
	"$BERTH" spec
	jq -e '.process.terminal and .process.args == ["sh"] and .process.cwd == "/"
		and .root.path == "rootfs" and .hostname == "berth"' config.json
}

@test "--rootless maps the caller and needs no privileges" {
	"$BERTH" spec --rootless
	jq -e --argjson uid "$(id -u)" --argjson gid "$(id -g)" '
		.linux.uidMappings == [{"containerID": 0, "hostID": $uid, "size": 1}] and
		.linux.gidMappings == [{"containerID": 0, "hostID": $gid, "size": 1}]' config.json
	jq -e '[.linux.namespaces[].type] | index("user") and (index("network") | not)' config.json
	jq -e '.linux | has("resources") | not' config.json
	jq -e '[.mounts[].options[]?] | index("gid=5") | not' config.json
	jq -e '.mounts[] | select(.destination == "/sys") | .type == "none" and .source == "/sys"' config.json
}
