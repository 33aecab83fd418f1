#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Id-mapped mounts.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	# In the machine /tmp is a tmpfs, which knows no id-mapped mounts there.
	VOLUME=$WORK/volume
	! in_machine || VOLUME=/scratch/$id
	mkdir -p "$VOLUME/sub"
	echo text >"$VOLUME/file"
	echo text >"$VOLUME/other"
	chown 5:6 "$VOLUME/file"
	chown 1000:1000 "$VOLUME/other"
	chmod 777 "$VOLUME"
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" "$BUNDLE"
}

teardown() {
	! in_machine || rm -rf "$VOLUME"
	berth_teardown
}

userns() {
	config '.linux.namespaces += [{"type": "user"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'
	chown -R 100000:200000 "$BUNDLE/rootfs"
}

# volume OPTIONS [MEMBERS]: $VOLUME at /v, with these options and further members.
volume()
{
	config '.mounts += [{"destination": "/v", "type": "bind", "source": $v, "options": ($o | split(","))} + ($m | fromjson)]' \
		--arg v "$VOLUME" --arg o "$1" --arg m "${2:-{\}}"
}

MAPPINGS='{"uidMappings": [{"containerID": 5, "hostID": 77, "size": 1}, {"containerID": 0, "hostID": 0, "size": 1}],
	"gidMappings": [{"containerID": 6, "hostID": 88, "size": 1}, {"containerID": 0, "hostID": 0, "size": 1}]}'

@test "the container's own mappings: files have their owners, also new ones" {
	userns
	volume bind,idmap
	config '.process.user = {"uid": 7, "gid": 8}'
	script 'stat -c "%u %g" /v/file /v/other; echo new >/v/new; stat -c "%u %g" /v/new'
	prints $'5 6\n1000 1000\n7 8' berth run "$id"
	[ "$(stat -c '%u %g' "$VOLUME/file" "$VOLUME/new")" = $'5 6\n7 8' ]
}

@test "without idmap the same files are nobody's" {
	userns
	volume bind
	script 'stat -c "%u %g" /v/file; ! touch /v/sub/x 2>/dev/null'
	prints '65534 65534' berth run "$id"
}

@test "mappings of the mount, with a user namespace and without" {
	volume bind "$MAPPINGS"
	script 'stat -c "%u %g" /v/file /v/other'
	prints $'77 88\n65534 65534' berth run "$id"
	config '.mounts[-1].options += ["idmap"]'
	prints $'77 88\n65534 65534' berth run "$(unique)"
	userns
	config '.mounts[-1].uidMappings[0].hostID = 100033 | .mounts[-1].gidMappings[0].hostID = 200044'
	prints $'33 44\n65534 65534' berth run "$(unique)"
}

@test "an id that the mount does not map cannot be written" {
	volume bind "$MAPPINGS"
	script 'echo 1 >/v/new && stat -c "%u %g" /v/new'
	prints '0 0' berth run "$id"
	[ "$(stat -c '%u %g' "$VOLUME/new")" = '0 0' ]
	config '.process.user = {"uid": 1234, "gid": 1234}'
	script 'echo 1 >/v/newer'
	expect 1 berth run "$(unique)"
	[[ $output == *"Value too large"* ]]
	[ ! -e "$VOLUME/newer" ]
}

@test "idmap= with ranges, absolute and in the container" {
	volume 'bind,idmap=uids=5-77-1;gids=6-88-1'
	script 'stat -c "%u %g" /v/file'
	prints '77 88' berth run "$id"
	userns
	config '.mounts[-1].options = ["bind", "idmap=uids=@5-33-1;gids=@6-44-1"]'
	prints '33 44' berth run "$(unique)"
}

@test "idmap is for the mount alone, ridmap for those below it" {
	needs_machine
	mount --bind "$VOLUME/sub" "$VOLUME/sub"
	echo text >"$VOLUME/sub/below"
	chown 5:6 "$VOLUME/sub/below"
	script 'stat -c "%u %g" /v/file /v/sub/below'
	volume rbind,idmap "$MAPPINGS"
	run -0 berth run "$id"
	umount "$VOLUME/sub"
	[ "$output" = $'77 88\n5 6' ]
	mount --bind "$VOLUME/sub" "$VOLUME/sub"
	config '.mounts[-1].options = ["rbind", "ridmap"]'
	run -0 berth run "$(unique)"
	umount "$VOLUME/sub"
	[ "$output" = $'77 88\n77 88' ]
}

@test "a joined user namespace is what idmap means" {
	userns
	args sleep 1000
	other=$(unique other)
	detached "$other"
	config '.linux.namespaces |= map(if .type == "user" then .path = "/proc/'"$(pid_of "$other")"'/ns/user" else . end)
		| del(.linux.uidMappings, .linux.gidMappings)'
	volume bind,idmap
	script 'stat -c "%u %g" /v/file'
	prints '5 6' berth run "$id"
}

@test "a file system that has no id-mapped mounts is named" {
	volume bind "$MAPPINGS"
	config '.mounts[-1].source = "/proc"'
	fails 1 'mounts['"$(jq '.mounts | length - 1' config.json)"'].source: /proc: the file system (proc) does not support id-mapped mounts on this kernel' \
		berth run "$id"
}

@test "idmap without any mapping, and half of one, is refused" {
	volume bind,idmap
	n=$(jq '.mounts | length - 1' config.json)
	fails 1 "mounts[$n].options: idmap: neither the mount nor the container has mappings" berth run "$id"
	config '.mounts[-1].options = ["bind", "idmap=uids=1"]'
	fails 1 "mounts[$n].options: idmap: range \`1\`: not FILE-HOST-SIZE" berth run "$id"
	config '.mounts[-1].options = ["bind"] | .mounts[-1].uidMappings = [{"containerID": 0, "hostID": 1, "size": 1}]'
	fails 1 "mounts[$n].gidMappings: missing: a mount has both mappings or none" berth run "$id"
}

@test "mounts add takes idmap, with the container's mappings" {
	userns
	args sleep 1000
	detached "$id"
	jq -n --arg v "$VOLUME" '[{"destination": "/v", "type": "bind", "source": $v, "options": ["bind", "idmap"]}]' >"$WORK/mounts.json"
	berth mounts add "$id" "$WORK/mounts.json"
	prints '5 6' berth exec "$id" stat -c '%u %g' /v/file
}

@test "features names id-mapped mounts" {
	berth features | jq -e '.linux.mountExtensions.idmap.enabled and (.mountOptions | index("idmap") and index("ridmap"))'
}
