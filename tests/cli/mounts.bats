#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Mounts of a running container.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	mkdir "$WORK/data"
	echo content >"$WORK/data/file"
	sleeper "$id"
}
teardown() { berth_teardown; }

# list ENTRY…: each a JSON object, as a list in $WORK/list
list() { printf '%s\n' "$@" | jq -s . >"$WORK/list"; }

bind() { # DESTINATION OPTION…
	jq -n '{destination: $d, type: "bind", source: $s, options: (["bind"] + $ARGS.positional)}' \
		--arg d "$1" --arg s "$WORK/data" --args -- "${@:2}"
}

add() { berth mounts add "$id" "$WORK/list"; }
remove() { berth mounts remove "$id" "$WORK/list"; }
inside() { berth exec "$id" "$@"; }
mounts_inside() { inside cat /proc/self/mountinfo; }

@test "a bind appears in the container, and only there, and goes again" {
	before=$(mounts_inside)
	list "$(bind /data ro)"
	prints "" add
	prints content inside cat /data/file
	expect 1 inside touch /data/new
	[[ $output == *"Read-only file system" ]]
	[ "$(</proc/self/mountinfo)" = "$mounts_before" ]
	prints "" remove
	expect 1 inside cat /data/file
	[ "$(mounts_inside)" = "$before" ]
	# Its directory stays, as one that is made at the start does.
	inside test -d /data
}

@test "the file may be an object with the list as a member, and standard input" {
	jq -n '{ociVersion: "1.0.2", mounts: [$m]}' --argjson m "$(bind /data)" >"$WORK/config"
	expect 0 berth mounts add "$id" - <"$WORK/config"
	prints content inside cat /data/file
	expect 0 berth mounts remove "$id" "$WORK/config"
	expect 1 inside cat /data/file
}

@test "kinds: tmpfs, proc, sysfs, mqueue, cgroup, and a file" {
	list '{"destination": "/t", "type": "tmpfs", "source": "tmpfs", "options": ["size=64k", "mode=700", "noexec"]}' \
		'{"destination": "/p", "type": "proc", "source": "proc", "options": ["ro"]}' \
		'{"destination": "/q", "type": "mqueue", "source": "mqueue"}' \
		'{"destination": "/y", "type": "sysfs", "source": "sysfs", "options": ["ro"]}' \
		'{"destination": "/c", "type": "cgroup", "source": "cgroup", "options": ["ro"]}' \
		"$(bind /f | jq '.source += "/file"')"
	expect 0 add
	run -0 inside cat /proc/mounts
	[[ $output == *"tmpfs /t tmpfs rw,noexec,relatime,size=64k,mode=700"* ]]
	[[ $output == *"proc /p proc ro"* && $output == *"mqueue /q mqueue"* ]]
	[[ $output == *"sysfs /y sysfs ro"* && $output == *" /c cgroup2 ro"* ]]
	# The container's processes, in its own numbers.
	prints "$(inside cat /proc/1/cmdline | tr '\0' ' ')" eval "inside cat /p/1/cmdline | tr '\0' ' '"
	prints content inside cat /f
	expect 0 remove
	run -0 inside cat /proc/mounts
	[[ ! $output =~ \ /[tpqycf]\  ]]
	expect 0 inside test -f /f
}

@test "a file system on a device of the host is opened outside" {
	needs_machine
	dd if=/dev/zero of=/scratch/image bs=1M count=8 status=none
	mkfs.ext4 -q /scratch/image
	loop=$(losetup -f --show /scratch/image)
	list "{\"destination\": \"/x\", \"type\": \"ext4\", \"source\": \"$loop\", \"options\": [\"ro\", \"nodev\"]}"
	expect 0 add
	run -0 inside cat /proc/mounts
	[[ $output == *"$loop /x ext4 ro,nodev,relatime"* ]]
	prints lost+found inside ls /x
	expect 0 remove
	losetup -d "$loop"
}

@test "an overlay takes its directories from the host" {
	mkdir -p "$WORK"/{lower,upper,work}
	echo low >"$WORK/lower/file"
	list "$(jq -n '{destination: "/o", type: "overlay", source: "overlay", options: ["lowerdir=\($w)/lower"]}' --arg w "$WORK" |
		jq '.options[0] += ":" + $w + "/upper"' --arg w "$WORK")"
	expect 0 add
	prints low inside cat /o/file
	expect 0 remove
}

@test "options are those of config.json: propagation, recursion, remount" {
	list "$(bind /data rw nosuid)"
	expect 0 add
	list '{"destination": "/data", "type": "none", "options": ["remount", "bind", "ro", "nodev"]}'
	expect 0 add
	run -0 inside cat /proc/mounts
	[[ $output =~ \ /data\ [a-z0-9]+\ ro,nosuid,nodev ]]
	list "$(bind /data bogus)"
	fails 1 'mounts[0].options: bogus: not an option of a bind mount' add
}

@test "all or none: what came before the failure is taken away" {
	before=$(mounts_inside)
	list "$(bind /data)" '{"destination": "/t", "type": "tmpfs", "source": "tmpfs"}' \
		"$(bind /none | jq '.source += "/none"')"
	fails 1 "mounts[2].source: $WORK/data/none: No such file or directory" add
	[ "$(mounts_inside)" = "$before" ]
	list "$(bind /data)" '{"destination": "/t", "type": "tmpfs", "options": ["size=x"]}'
	fails 1 'mounts[1]: /t: set a mount option: *' add
	[ "$(mounts_inside)" = "$before" ]
}

@test "a symlink of the image leads nowhere but into the image" {
	mkdir "$WORK/outside"
	ln -s "$WORK/outside" "$BUNDLE/rootfs/link"
	ln -s ../../../../../../../../../../etc "$BUNDLE/rootfs/up"
	list "$(bind /link)" "$(bind /up/berth-test)"
	expect 0 add
	prints content inside cat "$WORK/outside/file"
	prints content inside cat /etc/berth-test/file
	[ -z "$(ls "$WORK/outside")" ]
	[ ! -e /etc/berth-test ]
	expect 0 remove
	expect 1 inside cat /etc/berth-test/file
	list "$(bind /link dest-nofollow)"
	fails 1 'mounts[0]: /link: the target is a symbolic link: *' add
}

@test "remove: not a mount point, not there, a link to a file, the root" {
	list "$(bind /tmp)"
	fails 1 'mounts[0]: /tmp: it is not a mount point, or one that cannot be taken away: *' remove
	list "$(bind /none)"
	fails 1 'mounts[0]: /none: open the target: No such file or directory' remove
	ln -s f "$BUNDLE/rootfs/to-file"
	list "$(bind /f | jq '.source += "/file"')"
	expect 0 add
	list "$(bind /to-file)"
	fails 1 'mounts[0]: /to-file: the target is a symbolic link: *' remove
	list "$(bind /)"
	fails 1 'mounts[0].destination: /: the root itself cannot be mounted on' remove
	fails 1 'mounts[0].destination: /: the root itself cannot be mounted on' add
	prints content inside cat /f
}

@test "a stopped container, none, and a created one" {
	list "$(bind /data)"
	berth kill "$id" KILL
	wait_for_status "$id" stopped
	fails 1 "container not running: $id is stopped" add
	fails 1 "container \`none\` does not exist" berth mounts add none "$WORK/list"
	other=$(unique other)
	args cat /data/file
	detached "$other" create
	expect 0 berth mounts add "$other" "$WORK/list"
	berth start "$other"
	wait_for_status "$other" stopped
	[ "$(out_of "$other")" = content ]
}

@test "a paused container gets its mount and stays paused" {
	berth pause "$id"
	list "$(bind /data)"
	expect 0 timeout 20 "$BERTH" --root "$BERTH_STATE" mounts add "$id" "$WORK/list"
	[ "$(status_of "$id")" = paused ]
	berth resume "$id"
	prints content inside cat /data/file
}

@test "no process of berth is to be seen in the container, nor stays" {
	# The shell and its commands, each by its name.
	script 'while :; do for p in /proc/[0-9]*; do
		case $(cat $p/comm 2>/dev/null) in "" | sh | cat) ;; *) cat $p/comm ;; esac
	done; done'
	watcher=$(unique watcher)
	detached "$watcher"
	list "$(bind /data)" '{"destination": "/t", "type": "tmpfs"}'
	for _ in 1 2 3 4 5; do
		expect 0 berth mounts add "$watcher" "$WORK/list"
		expect 0 berth mounts remove "$watcher" "$WORK/list"
	done
	[ -z "$(out_of "$watcher")" ] || { out_of "$watcher"; return 1; }
	# It does look: what does come in it sees.
	berth exec --detach "$watcher" sleep 1000 </dev/null >/dev/null 2>&1 3>&-
	wait_until 10 grep -qx sleep "$WORK/$watcher.out"
	berth kill "$watcher" KILL
}

@test "in a user namespace what is made belongs to the container's root" {
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings |
		.mounts |= map(select(.type != "cgroup"))'
	chown -R 100000:100000 "$BUNDLE/rootfs"
	chmod 755 "$BATS_RUN_TMPDIR"
	other=$(unique userns)
	args sleep 1000
	detached "$other"
	list "$(bind /data ro)" '{"destination": "/t/deep", "type": "tmpfs", "source": "tmpfs"}'
	expect 0 berth mounts add "$other" "$WORK/list"
	prints content berth exec "$other" cat /data/file
	prints 0 berth exec "$other" stat -c %u /t/deep
	[ "$(stat -c %u "$BUNDLE/rootfs/t")" = 100000 ]
	expect 0 berth exec "$other" touch /t/deep/x
	expect 0 berth mounts remove "$other" "$WORK/list"
	expect 1 berth exec "$other" cat /data/file
}

@test "wrong usage and wrong files" {
	fails 1 'mounts: `move`: neither `add` nor `remove`*' berth mounts move "$id" x
	echo '{}' >"$WORK/list"
	fails 1 "$WORK/list: mounts: missing" add
	echo '[{"source": "/x"}]' >"$WORK/list"
	fails 1 "$WORK/list: mounts[0].destination: missing" add
	echo '["x"]' >"$WORK/list"
	fails 1 "$WORK/list: mounts[0]: *" add
	echo '[{"destination": "/x"' >"$WORK/list"
	fails 1 "$WORK/list: *" add
	echo '[]' >"$WORK/list"
	prints "" add
}
