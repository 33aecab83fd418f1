#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# exec into a container that has put something else in every place.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	config '.process.capabilities |= map_values(. + ["CAP_SYS_ADMIN", "CAP_MKNOD"] | unique)
		| .linux.resources = {devices: [{allow: true, access: "rwm"}]}'
}
teardown() { berth_teardown; }

# hostile TEXT: a container that does this first.
hostile()
{
	script "$1; echo ready; exec sleep 1000"
	detached "$id"
	wait_until 10 grep -q ready "$WORK/$id.out"
}

into() { run timeout 20 "$BERTH" --root "$BERTH_STATE" exec "$@"; }

@test "exec where /etc/passwd is a fifo, a directory, a device, or endless" {
	local what
	config '.process.env |= map(select(startswith("HOME=") | not))'
	for what in 'mkfifo /etc/passwd' 'mkdir /etc/passwd' 'mknod /etc/passwd c 1 5' \
		'ln -s passwd /etc/passwd' 'ln -s /proc/self/fd/0 /etc/passwd' \
		'truncate -s 1T /etc/passwd 2>/dev/null || truncate -s 1G /etc/passwd'; do
		hostile "rm -rf /etc/passwd; $what"
		into "$id" sh -c 'echo HOME=$HOME'
		[ "$status" -eq 0 ] && [ "$output" = HOME=/ ] || { echo "$what: $status $output"; return 1; }
		berth delete --force "$id"
	done
}

@test "exec where /proc is gone, or a directory of the container's" {
	local what
	for what in 'umount -l /proc' 'mount -t tmpfs none /proc && mkdir -p /proc/self/attr /proc/self/fd && ln -s / /proc/self/exe'; do
		hostile "$what"
		into "$id" echo here
		[ "$status" -eq 0 ] && [ "$output" = here ] || { echo "$what: $status $output"; return 1; }
		berth delete --force "$id"
	done
}

@test "exec -t where /dev/pts is something else fails or has a true terminal" {
	local what
	for what in 'umount -l /dev/pts; mkfifo /dev/pts/ptmx' 'umount -l /dev/pts; mknod /dev/pts/ptmx c 1 3' \
		'umount -l /dev/pts; mknod /dev/pts/ptmx c 5 2' 'umount -l /dev/pts; ln -s ../null /dev/pts/ptmx' \
		'umount -l /dev/pts; rmdir /dev/pts; ln -s /proc/self/fd /dev/pts'; do
		hostile "$what"
		into -t "$id" echo here </dev/null
		[ "$status" -eq 255 ] && [[ $output == *"/dev/pts/ptmx"* ]] || { echo "$what: $status $output"; return 1; }
		berth delete --force "$id"
	done
}

@test "exec with a working directory that leads out through a magic link" {
	hostile 'ln -s /proc/1/fd /x; ln -s /proc/self/fd/3 /y; ln -s /proc/1/cwd/../../.. /z'
	for what in /proc/self/fd/3 /y /proc/self/fd/7 /proc/self/fd/8; do
		into --cwd "$what" "$id" pwd
		[ "$status" -eq 255 ] && [[ $output == "berth: process.cwd: $what: "* ]] || { echo "$what: $status $output"; return 1; }
	done
	into --cwd /z "$id" ls -d bin
	[ "$output" = bin ]
}

@test "a container in the host's pid namespace goes whole, however it goes" {
	local pids
	config '.linux.namespaces |= map(select(.type != "pid"))'
	script 'sleep 1001 & setsid sleep 1001 & echo ready; sleep 1001'
	detached "$id"
	wait_until 10 grep -q ready "$WORK/$id.out"
	cgroup=$(cgroup_of "$id")
	[ "$(wc -l <"$cgroup/cgroup.procs")" -ge 3 ]
	berth delete --force "$id"
	[ ! -e "$cgroup" ]
	script 'sleep 1001 & setsid sleep 1001 & exit 3'
	r=0
	timeout 20 "$BERTH" --root "$BERTH_STATE" run "$id" </dev/null >/dev/null || r=$?
	[ $r -eq 3 ]
	[ ! -e "$cgroup" ]
}

@test "exec -t opens nothing that is no devpts, nor what lies over its ptmx" {
	config '.mounts |= map(select(.type != "devpts")) | .mounts += [{destination: "/dev/pts", type: "tmpfs", source: "t"}]'
	# Whoever opens the other end of the fifo lets the reader go on.
	script 'mkfifo /dev/pts/ptmx; { : </dev/pts/ptmx; touch /opened; } & touch /ready; sleep 1000'
	detached "$id"
	wait_until 10 [ -e rootfs/ready ]
	run --separate-stderr berth exec -t "$id" true </dev/null
	[ "$status" -eq 255 ]
	[[ $stderr == *'open /dev/pts/ptmx (a terminal needs a devpts on /dev/pts): No such device' ]] || { echo "$stderr"; false; }
	sleep 0.3
	[ ! -e rootfs/opened ]
	berth delete --force "$id"
	id=$(unique)
	rm rootfs/ready
	mkfifo rootfs/fifo
	config '.mounts |= map(select(.destination != "/dev/pts")) | .mounts += [
		{destination: "/dev/pts", type: "devpts", source: "d", options: ["newinstance", "ptmxmode=0666"]},
		{destination: "/dev/pts/ptmx", type: "bind", source: "rootfs/fifo", options: ["bind"]}]'
	script '{ : </fifo; touch /opened; } & touch /ready; sleep 1000'
	detached "$id"
	wait_until 10 [ -e rootfs/ready ]
	run --separate-stderr berth exec -t "$id" true </dev/null
	[ "$status" -eq 255 ]
	[[ $stderr == *'open /dev/pts/ptmx '*'ross-device link' ]] || { echo "$stderr"; false; }
	sleep 0.3
	[ ! -e rootfs/opened ]
}
