#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Namespaces made and joined, user namespaces, cgroup paths.

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

ns_of() { readlink "/proc/$1/ns/$2"; }

# path KIND PATH: join that one
join_ns() {
	config '.linux.namespaces |= map(select(.type != "'"$1"'")) + [{"type": "'"$1"'", "path": "'"$2"'"}]'
}

without() { config '.linux.namespaces |= map(select(.type != "'"$1"'"))'; }

@test "each namespace listed is new, each left out is the host's" {
	args sleep 1000
	config '.linux.namespaces |= map(select(.type != "ipc" and .type != "network")) + [{"type": "time"}]
		| .linux.sysctl = {} | .mounts |= map(select(.destination != "/sys"))'
	detached "$id"
	pid=$(pid_of "$id")
	for k in cgroup mnt pid uts time; do
		[ "$(ns_of "$pid" $k)" != "$(ns_of self $k)" ] || { echo "$k is the host's"; return 1; }
	done
	for k in ipc net user; do
		[ "$(ns_of "$pid" $k)" = "$(ns_of self $k)" ] || { echo "$k is not the host's"; return 1; }
	done
}

@test "the network is the container's for sysfs, sysctls and hooks" {
	own=$(ns_of self net)
	[ "$(ls /sys/class/net)" != lo ] || skip "the host's network looks like a new one"
	before=$(cat /proc/sys/net/ipv4/ip_default_ttl)
	config '.linux.sysctl = {"net.ipv4.ip_default_ttl": "77"} | .process.oomScoreAdj = 5
		| .hooks.createRuntime = [{path: "/bin/sh", args: ["sh", "-c", $s]}]
		| .hooks.createContainer = [{path: "/bin/sh", args: ["sh", "-c", "readlink /proc/self/ns/net >>\($f)"]}]' \
		--arg f "$WORK/hook" --arg s \
		"pid=\$(sed -n 's/.*\"pid\": *\\([0-9]*\\).*/\\1/p'); readlink /proc/\$pid/ns/net >$WORK/hook"
	script 'ls /sys/class/net; cat /proc/sys/net/ipv4/ip_default_ttl; readlink /proc/self/ns/net'
	expect 0 berth run "$id"
	[ "${lines[0]}" = lo ]
	[ "${lines[1]}" = 77 ]
	[ "${lines[2]}" != "$own" ]
	[ "$(cat "$WORK/hook")" = "${lines[2]}"$'\n'"${lines[2]}" ]
	[ "$(cat /proc/sys/net/ipv4/ip_default_ttl)" = "$before" ]
	# Without hooks and sysctls sysfs is the first that can tell.
	config 'del(.hooks, .linux.sysctl)'
	script 'ls /sys/class/net'
	expect 0 berth run "$id"
	[ "$output" = lo ]
}

@test "namespaces of another container joined by path" {
	args sleep 1000
	other=$(unique other)
	detached "$other"
	pid=$(pid_of "$other")
	join_ns network "/proc/$pid/ns/net"
	join_ns ipc "/proc/$pid/ns/ipc"
	join_ns uts "/proc/$pid/ns/uts"
	config 'del(.hostname)'
	detached "$id"
	for k in net ipc uts; do
		[ "$(ns_of "$(pid_of "$id")" $k)" = "$(ns_of "$pid" $k)" ]
	done
	[ "$(ns_of "$(pid_of "$id")" mnt)" != "$(ns_of "$pid" mnt)" ]
}

@test "a pid namespace joined: the process is one among its processes" {
	args sleep 1000
	other=$(unique other)
	detached "$other"
	join_ns pid "/proc/$(pid_of "$other")/ns/pid"
	script 'cat /proc/1/comm; echo $$'
	run -0 berth run "$id"
	[ "${lines[0]}" = sleep ]
	[ "${lines[1]}" != 1 ]
	expect 5 berth run "$(unique)" <<<'' || script 'exit 5' && expect 5 berth run "$(unique)"
}

@test "a container in a joined pid namespace is killed whole and leaves the other alone" {
	args sleep 1000
	other=$(unique other)
	detached "$other"
	join_ns pid "/proc/$(pid_of "$other")/ns/pid"
	script 'sleep 1000 & echo ready; wait'
	detached "$id"
	wait_until 10 grep -q ready "$WORK/$id.out"
	berth kill "$id" KILL
	wait_for_status "$id" stopped
	berth delete "$id"
	is_status "$other" running
}

@test "time, cgroup and user namespaces joined by path" {
	args sleep 1000
	config '.linux.namespaces += [{"type": "time"}]'
	other=$(unique other)
	detached "$other"
	pid=$(pid_of "$other")
	join_ns time "/proc/$pid/ns/time"
	join_ns cgroup "/proc/$pid/ns/cgroup"
	detached "$id"
	[ "$(ns_of "$(pid_of "$id")" time)" = "$(ns_of "$pid" time)" ]
	[ "$(ns_of "$(pid_of "$id")" cgroup)" = "$(ns_of "$pid" cgroup)" ]
}

# berth run where $WORK/ro is mounted read-only, and more.
with_locked_source()
{
	# shellcheck disable=SC2016 # of the inner shell
	unshare --mount sh -c 'mount -t tmpfs -o nosuid,nodev,noexec,noatime tmpfs "$1" &&
		mount -o remount,bind,ro "$1" && shift && "$@"' sh "$WORK/ro" "$BERTH" --root "$BERTH_STATE" "$@"
}

@test "what a user namespace cannot take off a bound mount stays on it" {
	local options
	userns
	mkdir "$WORK/ro"
	args awk '$5 == "/data" { print $6 }' /proc/self/mountinfo
	config '.mounts += [{"destination": "/data", "type": "bind", "source": $s}]' --arg s "$WORK/ro"
	for options in rbind,rw bind,rw,exec,suid,dev rbind,nosuid,rprivate,rw,nodev; do
		config '.mounts[-1].options = ($o | split(","))' --arg o $options
		prints ro,nosuid,nodev,noexec,noatime with_locked_source run "$id"
	done
	for options in bind,rrw bind,relatime; do
		config '.mounts[-1].options = ($o | split(","))' --arg o $options
		fails 1 "mounts[7]: /data: set mount attributes: Operation not permitted" with_locked_source run "$id"
	done
}

hierarchy() { sed -n 's/.* - cgroup2 [^ ]* //p' /proc/self/mountinfo; }

# One superblock for all: its flags are those of whoever mounted it last out here.
@test "a cgroup mount without a cgroup namespace leaves the hierarchy its flags" {
	local before
	before=$(hierarchy)
	without cgroup
	script 'ls -d /sys/fs/cgroup/cgroup.subtree_control; readlink /proc/self/ns/cgroup'
	run -0 berth run "$id"
	[ "${lines[0]}" = /sys/fs/cgroup/cgroup.subtree_control ]
	[ "${lines[1]}" = "$(readlink /proc/self/ns/cgroup)" ]
	[ "$(hierarchy)" = "$before" ]
	join_ns cgroup /proc/self/ns/cgroup
	run -0 berth run "$id"
	[ "$(hierarchy)" = "$before" ]
}

@test "a namespace path that is missing, or of another kind, is told" {
	join_ns network /nowhere/net
	run --separate-stderr berth run "$id"
	[ "$status" -eq 1 ]
	[ ${#stderr_lines[@]} -eq 1 ]
	[[ $stderr == *linux.namespaces*/nowhere/net*'No such file or directory' ]]
	join_ns network /proc/self/ns/uts
	fails 1 'linux.namespaces: network: /proc/self/ns/uts is a namespace of another kind' berth run "$id"
	join_ns network /etc/passwd
	fails 1 'linux.namespaces: network: /etc/passwd is not a namespace' berth run "$id"
}

@test "a namespace listed twice is refused" {
	config '.linux.namespaces += [{"type": "uts"}]'
	fails 1 "config.json: linux.namespaces*" berth run "$id"
	config '.linux.namespaces = [{"type": "bogus"}]'
	fails 1 "config.json: linux.namespaces[0]*" berth run "$id"
}

@test "without a pid namespace /proc is the host's and run waits for the first process" {
	without pid
	script 'sleep 0.2 & exit 6'
	expect 6 berth run "$id"
}

@test "a user namespace: root inside, nobody outside, everything mounted" {
	userns
	script 'id -u; cat /proc/self/uid_map | tr -s " "; [ -c /dev/null ] && echo x >/dev/null && echo device
		mount | grep -q "^sysfs" && echo sysfs; touch /mine && ls -ln /mine | awk "{print \$3, \$4}"
		grep CapEff /proc/self/status | cut -f2'
	run -0 --separate-stderr berth run "$id"
	[ -z "$stderr" ]
	[ "${lines[0]}" = 0 ]
	[ "${lines[1]}" = " 0 100000 65536" ]
	[ "${lines[2]}" = device ]
	[ "${lines[3]}" = sysfs ]
	[ "${lines[4]}" = "0 0" ]
	[ "${lines[5]}" != 0000000000000000 ]
	[ "$(stat -c '%u %g' rootfs/mine)" = "100000 200000" ]
}

@test "a user namespace: other users, exec, and a joined one" {
	userns
	config '.process.user = {"uid": 1000, "gid": 1000}'
	args sleep 1000
	detached "$id"
	pid=$(pid_of "$id")
	[ "$(awk '/^Uid/ {print $2}' "/proc/$pid/status")" = 101000 ]
	prints '1000 0' berth exec "$id" sh -c 'echo $(id -u) $(stat -c %u /)'
	prints 0 berth exec --user 0 "$id" id -u
	config '.linux.namespaces |= map(if .type == "user" then .path = "/proc/'"$pid"'/ns/user" else . end)
		| del(.linux.uidMappings, .linux.gidMappings)'
	args readlink /proc/self/ns/user
	prints "$(ns_of "$pid" user)" berth run "$(unique)"
}

@test "a joined user namespace with mappings: the same are fine, others are refused" {
	userns
	args sleep 1000
	detached "$id"
	config '.linux.namespaces |= map(if .type == "user" then .path = "/proc/'"$(pid_of "$id")"'/ns/user" else . end)'
	args readlink /proc/self/ns/user
	prints "$(ns_of "$(pid_of "$id")" user)" berth run "$(unique)"
	config '.linux.gidMappings[0].size = 65535'
	fails 1 'linux.gidMappings: not those of the user namespace that is joined (linux.namespaces)' berth run "$(unique)"
	config '.linux.gidMappings[0].size = 65536 | .linux.uidMappings += [{"containerID": 70000, "hostID": 5, "size": 1}]'
	fails 1 'linux.uidMappings: not those of the user namespace that is joined (linux.namespaces)' berth run "$(unique)"
}

@test "a user namespace with 6 ranges and with 340, and no more" {
	userns
	chown -R 10000:10000 rootfs
	# Less than a page of text.
	ranges='[range($n) | {"containerID": ., "hostID": (10000 + . * 2), "size": 1}]'
	script 'wc -l </proc/self/uid_map; grep -c "" /proc/self/gid_map'
	for n in 6 340; do
		config ".linux.uidMappings = $ranges | .linux.gidMappings = $ranges" --argjson n $n
		prints "$n"$'\n'"$n" berth run "$(unique)"
	done
	config ".linux.uidMappings = $ranges" --argjson n 341
	fails 1 'linux.uidMappings: 341 ranges, the kernel takes 340 at most' berth run "$(unique)"
	config ".linux.uidMappings = $ranges" --argjson n 340
	config '.linux.uidMappings[].hostID += 1000000000'
	fails 1 'linux.uidMappings: 340 ranges make 5670 bytes of text, and the kernel takes 4095 at most' berth run "$(unique)"
}

@test "the own id kept among others, and an id that is not mapped" {
	userns
	config '.process.user = {"uid": 1000, "gid": 1000}
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 1000}, {"containerID": 1000, "hostID": 5, "size": 1},
			{"containerID": 1001, "hostID": 101000, "size": 100}]'
	args sleep 1000
	detached "$id"
	[ "$(awk '/^Uid/ {print $2}' "/proc/$(pid_of "$id")/status")" = 5 ]
	config '.process.user.uid = 5000'
	fails 1 'process.user.uid: 5000 is not mapped (linux.uidMappings)' berth run "$(unique)"
	config '.process.user.uid = 0 | .process.user.additionalGids = [5, 70000]'
	fails 1 'process.user.additionalGids[1]: 70000 is not mapped (linux.gidMappings)' berth run "$(unique)"
}

@test "a user namespace: the terminal is the controlling one" {
	userns
	config '.process.terminal = true'
	script 'tty; echo mine >/dev/tty'
	run -0 python3 "$ROOT/tests/lib/terminal.py" "$BERTH" --root "$BERTH_STATE" run "$id" </dev/null
	[[ $output == */dev/pts/0*mine* ]]
}

@test "a user namespace: create and start apart, and a terminal-less run -d" {
	userns
	script 'id -u; sleep 1000'
	detached "$id" create
	berth start "$id"
	wait_until 5 grep -qx 0 "$WORK/$id.out"
	is_status "$id" running
}

@test "a user namespace without mappings, or mappings without one, is refused" {
	config '.linux.namespaces += [{"type": "user"}]'
	fails 1 'linux.uidMappings: missing, a new user namespace needs it' berth run "$id"
	config '.linux.namespaces |= map(select(.type != "user")) | .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 1}]'
	fails 1 'linux.uidMappings: needs a user namespace (linux.namespaces)' berth run "$id"
}

# --- time

uptime_is_ahead() { [ "$(cut -d. -f1 <<<"$1")" -ge 1000000 ] && [ "$(cut -d. -f1 </proc/uptime)" -lt 1000000 ]; }

@test "time offsets: the container and exec see other clocks than the host" {
	[ "$(cut -d. -f1 </proc/uptime)" -lt 1000000 ] || skip "the host has been up too long"
	config '.linux.namespaces += [{"type": "time"}]
		| .linux.timeOffsets = {"boottime": {"secs": 1000000, "nanosecs": 5}, "monotonic": {"secs": 7}}'
	script 'cat /proc/uptime; tr -s " " </proc/self/timens_offsets; sleep 1000'
	detached "$id"
	wait_until 10 grep -q boottime "$WORK/$id.out"
	mapfile -t lines <"$WORK/$id.out"
	uptime_is_ahead "${lines[0]}"
	[ "${lines[1]} ${lines[2]}" = "monotonic 7 0 boottime 1000000 5" ]
	uptime_is_ahead "$(berth exec "$id" cat /proc/uptime)"
	berth delete --force "$id"
	userns
	script 'cat /proc/uptime'
	uptime_is_ahead "$(berth run "$(unique)")"
}

@test "time offsets: a clock before 0 or past all numbers, and a joined namespace, are refused" {
	config '.linux.namespaces += [{"type": "time"}] | .linux.timeOffsets = {"boottime": {"secs": -1000000000}}'
	fails 1 'linux.timeOffsets: write timens_offsets (a clock would be before 0, or later than the kernel can count): *' \
		berth run "$id"
	config '.linux.timeOffsets = {"monotonic": {"secs": 9000000000}}'
	fails 1 'linux.timeOffsets: write timens_offsets (a clock *' berth run "$id"
	config '.linux.timeOffsets = {"monotonic": {"secs": -1}}'
	expect 0 berth run "$id"
	join_ns time /proc/self/ns/time
	fails 1 'linux.timeOffsets: needs a new time namespace (linux.namespaces)' berth run "$id"
}

# --- cgroups

@test "cgroupsPath: absolute, relative, none" {
	args sleep 1000
	local top
	top=$(cgroup_mount)
	config '.linux.cgroupsPath = "/berth-test-'"$id"'/a/b"'
	detached "$id"
	[ "$(cgroup_of "$id")" = "$top/berth-test-$id/a/b" ]
	berth delete --force "$id"
	[ ! -e "$top/berth-test-$id" ]
	config '.linux.cgroupsPath = "berth-test-'"$id"'"'
	detached "$id"
	[ "$(cgroup_of "$id")" = "$top/berth-test-$id" ]
	berth delete --force "$id"
	[ ! -e "$top/berth-test-$id" ]
	config 'del(.linux.cgroupsPath)'
	detached "$id"
	[[ $(cgroup_of "$id") == "$top"*"/berth-$id" ]]
}

@test "cgroupsPath with .. is refused, and one that is in use" {
	config '.linux.cgroupsPath = "/../up"'
	fails 1 'linux.cgroupsPath: *' berth run "$id"
	args sleep 1000
	config '.linux.cgroupsPath = "/berth-test-'"$id"'"'
	detached "$id"
	run --separate-stderr berth run "$(unique)"
	[ "$status" -eq 1 ]
	[[ $stderr == *"berth-test-$id is not empty"* ]]
	is_status "$id" running
}

@test "an empty cgroup that is there is used, and not removed above itself" {
	args sleep 1000
	mkdir "$(cgroup_mount)/berth-test-$id"
	config '.linux.cgroupsPath = "/berth-test-'"$id"'/sub"'
	detached "$id"
	[ "$(cgroup_of "$id")" = "$(cgroup_mount)/berth-test-$id/sub" ]
	berth delete --force "$id"
	[ -d "$(cgroup_mount)/berth-test-$id" ]
	[ ! -e "$(cgroup_mount)/berth-test-$id/sub" ]
	rmdir "$(cgroup_mount)/berth-test-$id"
}
