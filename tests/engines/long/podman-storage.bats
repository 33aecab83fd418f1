#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# podman: mounts, devices, user namespaces.

load ../podman

setup_file()
{
	podman_setup_file engine-podman-storage
	mkdir "$STORE/v"
	echo there >"$STORE/v/file"
	# For --userns=auto.
	grep -q ^containers: /etc/subuid || echo containers:200000:1000000 | tee -a /etc/subuid >>/etc/subgid
}
teardown_file() { podman_teardown_file; }

@test "--read-only with --tmpfs" {
	expect 0 prun --read-only --tmpfs /mnt:size=1m,mode=700,noexec -- sh -c 'touch /x /tmp/y /mnt/z
		stat -c %a /mnt; grep " /mnt " /proc/mounts; df /mnt | tail -n 1'
	echo "$output"
	[[ $output == *"touch: /x: Read-only file system"* ]]
	[[ $output != *"/tmp/y"* && $output != *"/mnt/z"* ]]
	[[ $output == *noexec*size=1024k*mode=700* ]]
}

@test "--volume: ro, rw, nested, named, a file, and with options of propagation" {
	mkdir "$STORE/v/w"
	expect 0 prun --volume "$STORE/v:/v:ro" --volume "$STORE/v:/v/w" --volume "$STORE/v/file:/etc/new" --volume named:/n -- sh -c '
		exec 2>&1; cat /v/file /etc/new; touch /v/x; touch /v/w/x /n/x && echo written'
	[ "$(echo $output)" = 'there there touch: /v/x: Read-only file system written' ]
	[ -e "$STORE/v/x" ]
	expect 0 podman volume rm named
	expect 0 prun --volume "$STORE/v:/v:rslave" -- grep ' /v ' /proc/self/mountinfo
	[[ $output == *' master:'* || $output != *' shared:'* ]]
	mkdir -p "$STORE/shared"
	mount -t tmpfs shared "$STORE/shared"
	mount --make-shared "$STORE/shared"
	expect 0 prun --volume "$STORE/shared:/v:rslave" -- grep ' /v ' /proc/self/mountinfo
	[[ $output == *' master:'* ]]
	expect 0 prun --volume "$STORE/shared:/v:rshared" -- grep ' /v ' /proc/self/mountinfo
	[[ $output == *' shared:'* ]]
	expect 0 prun --volume "$STORE/shared:/v:rprivate" -- grep ' /v ' /proc/self/mountinfo
	[[ $output != *' shared:'* && $output != *' master:'* ]]
	umount "$STORE/shared"
}

@test "--volume :Z, :z, :U, :O" {
	expect 0 prun --volume "$STORE/v:/v:Z" --volume "$STORE/v:/w:z" -- cat /v/file /w/file
	mkdir -p "$STORE/owned"
	expect 0 prun --user 1000:1000 --volume "$STORE/owned:/v:U" -- sh -c 'touch /v/mine; stat -c "%u %g" /v/mine /v'
	[ "$(echo $output)" = '1000 1000 1000 1000' ]
	expect 0 prun --volume "$STORE/v:/v:O" -- sh -c 'echo changed >/v/file; cat /v/file'
	[ "$output" = changed ]
	[ "$(cat "$STORE/v/file")" = there ]
}

@test "--volume :idmap in a user namespace" {
	mkdir -p "$STORE/ids"
	chown 0:0 "$STORE/ids"
	expect 0 prun --uidmap 0:300000:65536 --gidmap 0:300000:65536 --volume "$STORE/ids:/v:idmap" -- sh -c '
		stat -c "%u %g" /v; touch /v/new; stat -c "%u %g" /v/new'
	echo "$output"
	[ "$(echo $output)" = '0 0 0 0' ]
	[ "$(stat -c '%u %g' "$STORE/ids/new")" = '0 0' ]
}

@test "--mount type=bind, tmpfs, devpts, and an image" {
	expect 0 prun --mount "type=bind,src=$STORE/v,dst=/a,ro" --mount type=tmpfs,dst=/b,tmpfs-size=1m \
		--mount type=devpts,dst=/c --mount "type=image,src=$IMAGE,dst=/d" -- sh -c '
		cat /a/file /d/root/file; touch /b/x; test -c /c/ptmx && echo ptmx'
	echo "$output"
	[ "$(echo $output)" = 'there kept ptmx' ]
}

@test "--device with its cgroup rule" {
	run prun --device /dev/loop-control:/dev/mine:r -- sh -c '
		stat -c "%F %t:%T" /dev/mine; head -c 0 /dev/mine && : >/dev/mine'
	echo "$output"
	[[ $output == *'character special file a:ed'* ]]
	[[ $output == *"can't create /dev/mine: Operation not permitted"* ]]
	expect 1 prun --cap-add mknod -- sh -c 'mknod /dev/l c 10 237 && head -c 0 /dev/l'
	[[ $output == *'Operation not permitted'* ]]
	expect 0 prun --cap-add mknod --device-cgroup-rule 'c 10:237 rmw' -- sh -c 'mknod /dev/l c 10 237 && head -c 0 /dev/l'
}

@test "--uidmap, and --userns=auto twice with ids that differ" {
	expect 0 prun --uidmap 0:300000:1000 --gidmap 0:400000:1000 -- sh -c '
		cat /proc/self/uid_map /proc/self/gid_map; id -u; stat -c %u /root/file; touch /tmp/x; stat -c %u /tmp/x'
	[ "$(echo $output)" = '0 300000 1000 0 400000 1000 0 0 0' ]
	expect 0 prun --userns=auto:size=2000 -- cat /proc/self/uid_map
	read -r _ first size <<<"$output"
	[ "$size" = 2000 ]
	[ "$first" -ge 200000 ]
	podman run -d --name one --userns=auto --network none --cgroup-parent "/$BERTH_TEST_MARK" "$IMAGE" sleep 1000
	expect 0 prun --userns=auto -- sh -c 'read -r _ n _ </proc/self/uid_map; echo $n'
	expect 0 podman exec one sh -c "read -r _ n _ </proc/self/uid_map; [ \$n != $output ] && id -u"
	[ "$output" = 0 ]
	podman rm --force --time 0 one
}
