#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Root, mounts, devices, masks, hostname, sysctl.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	mkdir -p "$WORK/src/sub"
	echo file >"$WORK/src/file"
}
teardown() { berth_teardown; }

shows() {
	script "$2"
	prints "$1" berth run "$(unique)"
}

# mounts JSON: one more mount; $src is $WORK/src
add_mount() {
	# shellcheck disable=SC2016 # jq's
	config '.mounts += [$m]' --argjson m "${1//\$src/$WORK/src}"
}

# options_of PATH: of its last mount, in the container
options_of() { echo "awk '\$5 == \"$1\" {o=\$6} END {print o}' /proc/self/mountinfo"; }

@test "hostname and domainname" {
	config '.hostname = "web" | .domainname = "example"'
	shows 'web example' 'echo $(hostname) $(cat /proc/sys/kernel/domainname)'
	config '.linux.namespaces |= map(select(.type != "uts"))'
	args true
	fails 1 'hostname: needs a uts namespace (linux.namespaces), *' berth run "$id"
}

@test "a readonly root, and a root elsewhere" {
	config '.root.readonly = true'
	script 'touch /new 2>&1; touch /dev/new && echo dev'
	run berth run "$id"
	[[ $output == *'Read-only file system'*dev ]]
	mv rootfs "$WORK/elsewhere"
	config '.root = {"path": "'"$WORK/elsewhere"'", "readonly": false}'
	shows ok 'touch /new && echo ok'
	[ -e "$WORK/elsewhere/new" ]
	config '.root.path = "none"'
	fails 1 'root.path: *' berth run "$id"
}

@test "the root is not shared with the host and the old root is gone" {
	# The one mount of a root, without an optional field, and those of the configuration.
	args sh -c 'cut -d" " -f5,7 /proc/self/mountinfo | grep "^/ "; cut -d" " -f5 /proc/self/mountinfo | grep -vE "^/(proc|dev|sys)?(/|$)"'
	config '.linux.maskedPaths = [] | .linux.readonlyPaths = []'
	run berth run "$id"
	[ "$output" = "/ -" ] || { echo "$output"; false; }
}

@test "bind mounts of directories and files, made where missing" {
	add_mount '{"destination": "/new/dir", "type": "bind", "source": "$src", "options": ["bind"]}'
	add_mount '{"destination": "/new/file", "type": "bind", "source": "$src/file", "options": ["bind", "ro"]}'
	shows 'file file' 'echo $(cat /new/dir/file /new/file); touch /new/dir/back'
	[ -e "$WORK/src/back" ]
	script 'echo x >/new/file'
	run berth run "$id"
	[[ $output == *'Read-only file system'* ]]
}

@test "a bind mount without a type, and a source relative to the bundle" {
	mkdir data
	echo here >data/x
	config '.mounts += [{"destination": "/data", "source": "data", "options": ["rbind", "ro"]}]'
	shows here 'cat /data/x'
}

@test "a source that is missing is told" {
	add_mount '{"destination": "/m", "type": "bind", "source": "$src/none", "options": ["bind"]}'
	run --separate-stderr berth run "$id"
	[ "$status" -eq 1 ]
	[ ${#stderr_lines[@]} -eq 1 ]
	[[ $stderr == *'mounts['*"$WORK/src/none"*'No such file or directory' ]]
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "a file on a directory, and the other way round, is told" {
	config '.mounts += [{destination: "/etc", source: "/etc/hostname", options: ["bind"]}]'
	fails 1 'mounts[7]: /etc: attach the mount: a file cannot be mounted on a directory: Is a directory' berth run "$id"
	config '.mounts[7] = {destination: "/etc/passwd", source: "/etc", options: ["rbind"]}'
	fails 1 'mounts[7]: /etc/passwd: attach the mount: a directory cannot be mounted on a file: Not a directory' berth run "$id"
	config '.mounts[7] = {destination: "/etc/passwd", type: "tmpfs"}'
	fails 1 'mounts[7]: /etc/passwd: attach the mount: a directory cannot be mounted on a file: Not a directory' berth run "$id"
}

@test "ro covers one mount, rro those below as well" {
	mount -t tmpfs tmpfs "$WORK/src/sub"
	add_mount '{"destination": "/m", "type": "bind", "source": "$src", "options": ["rbind", "ro"]}'
	script 'touch /m/a; touch /m/sub/a && echo below'
	run berth run "$id"
	[[ $output == *'/m/a: Read-only file system'*below ]] || { echo "$output"; umount "$WORK/src/sub"; false; }
	config '.mounts[-1].options = ["rbind", "rro"]'
	script 'touch /m/a; touch /m/sub/a'
	run berth run "$(unique)"
	umount "$WORK/src/sub"
	[[ $output == *'/m/a: Read-only'*'/m/sub/a: Read-only'* ]]
}

@test "flags of mounts: nosuid, nodev, noexec, noatime, relatime" {
	add_mount '{"destination": "/m", "type": "bind", "source": "$src", "options": ["bind", "nosuid", "nodev", "noexec", "noatime"]}'
	script "$(options_of /m)"
	run -0 berth run "$id"
	for o in rw nosuid nodev noexec noatime; do
		[[ ,$output, == *,$o,* ]] || { echo "$output"; return 1; }
	done
}

@test "tmpfs with size and mode" {
	config '.mounts += [{"destination": "/t", "type": "tmpfs", "source": "tmpfs", "options": ["size=64k", "mode=700", "noexec"]}]'
	shows 'drwx------ 16' 'echo $(ls -ld /t | cut -c1-10) $(df -k /t | tail -n1 | awk "{print \$2/4}")'
	config '.mounts[-1].options = ["size=lots"]'
	run --separate-stderr berth run "$id"
	[ "$status" -eq 1 ]
	[ ${#stderr_lines[@]} -eq 1 ]
	[[ $stderr == *'mounts['*size* ]]
}

# An ext2 that was made so does not say in a directory what a name stands for.
@test "tmpcopyup copies from a file system whose directories know no types" {
	needs_program mkfs.ext2 e2fsprogs
	truncate -s 4M "$WORK/image"
	mkfs.ext2 -q -O ^filetype "$WORK/image"
	mkdir rootfs/t
	unshare --mount mount -o loop "$WORK/image" rootfs/t || skip "no loop device here"
	config '.mounts += [{"destination": "/t", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]}]'
	script 'cat /t/d/file; readlink /t/d/link; grep -o "^tmpfs /t tmpfs" /proc/mounts'
	# shellcheck disable=SC2016 # of the inner shell
	run -0 unshare --mount sh -c 'mount -o loop "$1" rootfs/t && mkdir rootfs/t/d &&
		echo text >rootfs/t/d/file && ln -s to rootfs/t/d/link && shift && "$@"' \
		sh "$WORK/image" "$BERTH" --root "$BERTH_STATE" run "$id"
	[ "$output" = "text
to
tmpfs /t tmpfs" ]
}

@test "tmpcopyup copies what the image has there" {
	mkdir -p rootfs/t/sub
	echo one >rootfs/t/sub/f
	ln -s sub/f rootfs/t/l
	chmod 640 rootfs/t/sub/f
	chown 1000:2000 rootfs/t/sub/f
	config '.mounts += [{"destination": "/t", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]}]'
	chmod 755 rootfs/t/sub
	config '.process.user = {"uid": 1000, "gid": 2000}'
	shows '-rw-r----- 1000 2000 one sub/f' 'echo $(ls -ln /t/sub/f | awk "{print \$1, \$3, \$4}") $(cat /t/l) $(readlink /t/l); echo two >/t/sub/f'
	[ "$(cat rootfs/t/sub/f)" = one ]
}

@test "relative destinations and mounts inside mounts" {
	config '.mounts += [{"destination": "rel", "type": "tmpfs", "source": "tmpfs"},
		{"destination": "/rel/in/side", "type": "tmpfs", "source": "tmpfs"}]'
	shows '/rel
/rel/in/side' "awk '\$5 ~ /^\\/rel/ {print \$5}' /proc/self/mountinfo"
}

@test "a destination through symbolic links stays inside the root" {
	local before
	ln -s /../../../../../../../../.."$WORK/src" rootfs/link
	ln -s /etc rootfs/etclink
	add_mount '{"destination": "/link/made", "type": "tmpfs", "source": "tmpfs"}'
	add_mount '{"destination": "/etclink/below", "type": "tmpfs", "source": "tmpfs"}'
	script "awk '\$5 ~ /made|below/ {print \$5}' /proc/self/mountinfo"
	run -0 berth run "$id"
	[ ! -e "$WORK/src/made" ]
	[ "$output" = "$WORK/src/made"$'\n/etc/below' ] || { echo "$output"; false; }
}

@test "a destination with .. stays inside the root" {
	config '.mounts += [{"destination": "/../../tmp/../up", "type": "tmpfs", "source": "tmpfs"}]'
	shows /up "awk '\$5 == \"/up\" {print \$5}' /proc/self/mountinfo"
	[ ! -e "$WORK/up" ]
}

@test "remount changes the flags of what is there" {
	config '.mounts += [{"destination": "/m", "type": "tmpfs", "source": "tmpfs", "options": ["nodev"]},
		{"destination": "/m", "type": "none", "source": "none", "options": ["remount", "bind", "ro"]}]'
	script "$(options_of /m)"
	run --separate-stderr berth run "$id"
	[ "$status" -eq 0 ] || { echo "$stderr"; return 1; }
	[[ ,$output, == *,ro,* ]]
}

@test "an option of a mount that nothing knows is told by the kernel or by berth" {
	config '.mounts += [{"destination": "/m", "type": "tmpfs", "source": "tmpfs", "options": ["bogus"]}]'
	run --separate-stderr berth run "$id"
	[ "$status" -eq 1 ]
	[ ${#stderr_lines[@]} -eq 1 ]
	[[ $stderr == *'mounts['*bogus* ]]
}

@test "a file system that the kernel does not know is told" {
	config '.mounts += [{"destination": "/m", "type": "nosuchfs", "source": "none"}]'
	run --separate-stderr berth run "$id"
	[ "$status" -eq 1 ]
	[ ${#stderr_lines[@]} -eq 1 ]
	[[ $stderr == *'mounts['*nosuchfs* ]]
}

@test "propagation: what the host mounts later arrives with rslave, not with private" {
	mount -t tmpfs tmpfs "$WORK/src"
	mount --make-rshared "$WORK/src"
	mkdir "$WORK/src/later"
	add_mount '{"destination": "/slave", "type": "bind", "source": "$src", "options": ["rbind", "rslave"]}'
	add_mount '{"destination": "/private", "type": "bind", "source": "$src", "options": ["rbind", "rprivate"]}'
	config '.linux.rootfsPropagation = "rslave"'
	args sleep 1000
	detached "$id"
	mount -t tmpfs tmpfs "$WORK/src/later"
	touch "$WORK/src/later/seen"
	run berth exec "$id" sh -c 'ls /slave/later /private/later'
	berth delete --force "$id"
	umount "$WORK/src/later" "$WORK/src"
	[ "$output" = $'/private/later:\n\n/slave/later:\nseen' ] || { echo "$output"; false; }
}

@test "propagation: what the container mounts reaches the host with rshared" {
	mount -t tmpfs tmpfs "$WORK/src"
	mount --make-rshared "$WORK/src"
	mkdir "$WORK/src/later"
	add_mount '{"destination": "/shared", "type": "bind", "source": "$src", "options": ["rbind", "rshared"]}'
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN"])'
	script 'mount -t tmpfs tmpfs /shared/later && touch /shared/later/seen && sleep 1000'
	detached "$id"
	wait_until 5 [ -e "$WORK/src/later/seen" ] && r=0 || r=1
	berth delete --force "$id"
	umount "$WORK/src/later"
	umount "$WORK/src"
	[ $r -eq 0 ] || { out_of "$id"; false; }
}

@test "rootfsPropagation" {
	for p in private slave shared; do
		config '.linux.rootfsPropagation = "'$p'"'
		script "awk '\$5 == \"/\" {print \$7}' /proc/self/mountinfo"
		run -0 berth run "$(unique)"
		case $p in
		private) [ "$output" = - ] ;;
		shared) [[ $output == shared:* ]] ;;
		slave) [[ $output == master:* || $output == - ]] ;;
		esac || { echo "$p: $output"; return 1; }
	done
	config '.linux.rootfsPropagation = "bogus"'
	fails 1 'linux.rootfsPropagation: *' berth run "$id"
}

@test "the devices that every container has" {
	script 'for d in null zero full random urandom tty; do [ -c /dev/$d ] || echo "no $d"; done
		[ -e /dev/ptmx ] || echo no ptmx
		for l in fd stdin stdout stderr ptmx; do echo -n "$(readlink /dev/$l) "; done; echo
		echo x >/dev/null; head -c 3 /dev/zero | wc -c
		ls -ln /dev/null | cut -c1-10'
	run -0 berth run "$id"
	[ "${lines[0]}" = "/proc/self/fd /proc/self/fd/0 /proc/self/fd/1 /proc/self/fd/2 pts/ptmx " ] || { echo "$output"; false; }
	[ "${lines[1]}" = 3 ]
	[ "${lines[2]}" = crw-rw-rw- ]
}

@test "devices of the configuration: type, numbers, mode, owner" {
	config '.linux.devices = [{"path": "/dev/mine", "type": "c", "major": 1, "minor": 5, "fileMode": 416, "uid": 1, "gid": 2},
		{"path": "/dev/sub/fifo", "type": "p"}]'
	script 'ls -ln /dev/mine | awk "{print \$1, \$3, \$4, \$5, \$6}"; [ -p /dev/sub/fifo ] && echo fifo'
	run -0 berth run "$id"
	[ "${lines[*]}" = "crw-r----- 1 2 1, 5 fifo" ] || { echo "$output"; false; }
	config '.linux.devices = [{"path": "/dev/x", "type": "z"}]'
	fails 1 'linux.devices[0]*' berth run "$id"
}

@test "masked paths are empty and readonly paths read-only" {
	config '.linux.maskedPaths += ["/etc/passwd", "/var", "/none"] | .linux.readonlyPaths += ["/tmp", "/none"]'
	mkdir rootfs/var/full
	script 'wc -c </etc/passwd; ls /var | wc -l; touch /tmp/x 2>&1; touch /var/x 2>&1; echo x 2>&1 >/proc/sys/kernel/domainname'
	run berth run "$id"
	[ "${lines[0]}" = 0 ]
	[ "${lines[1]}" = 0 ]
	[[ ${lines[2]} == *'Read-only file system' ]]
	[[ ${lines[3]} == *'Read-only file system' ]]
	[[ ${lines[4]} == *'Read-only file system' ]]
}

@test "sysctl: an empty value is one, and the kernel says what it means" {
	config '.linux.sysctl = {"kernel.domainname": ""} | .domainname = "dom"'
	shows '[]' 'echo "[$(cat /proc/sys/kernel/domainname)]"'
	config '.linux.sysctl = {"net.ipv4.ip_default_ttl": ""}'
	fails 1 "linux.sysctl.net.ipv4.ip_default_ttl: write the value: Invalid argument" berth run "$id"
}

@test "sysctl: set in the container's namespaces, refused elsewhere" {
	config '.linux.sysctl = {"net.ipv4.ip_default_ttl": "77", "kernel.domainname": "dom"}'
	before=$(cat /proc/sys/net/ipv4/ip_default_ttl)
	shows '77
dom' 'cat /proc/sys/net/ipv4/ip_default_ttl /proc/sys/kernel/domainname'
	[ "$(cat /proc/sys/net/ipv4/ip_default_ttl)" = "$before" ]
	config '.linux.sysctl = {"kernel.pid_max": "1000"}'
	fails 1 'linux.sysctl["kernel.pid_max"]: *' berth run "$id"
	config '.linux.sysctl = {"net.ipv4.ip_default_ttl": "77"} | .linux.namespaces |= map(select(.type != "network"))'
	fails 1 'linux.sysctl["net.ipv4.ip_default_ttl"]: *' berth run "$id"
}
