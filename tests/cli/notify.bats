#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# NOTIFY_SOCKET: a container that tells when it is ready.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	needs_program python3
	id=$(unique)
	host=$WORK/host
	script 'echo "$NOTIFY_SOCKET"; touch /run/notify/notify2 2>&1; echo up; exec sleep 1000'
}
teardown() {
	[ -z "${manager-}" ] || kill "$manager" 2>/dev/null || :
	berth_teardown
}

# service_manager: what systemd does; every message on a line of $WORK/said.
service_manager()
{
	python3 -c 'if True:
		import socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.bind(sys.argv[1])
		s.settimeout(60)
		while True:
			data, fds, _, _ = socket.recv_fds(s, 4096, 4)
			print(data.decode().replace("\n", " "), flush=True)
			for fd in fds: __import__("os").close(fd)' \
		"$host" >"$WORK/said" 2>/dev/null 3>&- &
	manager=$!
	wait_until 10 test -S "$host"
}

# tell TEXT: to the socket that the container sees, through its own mounts.
tell()
{
	python3 -c 'if True:
		import os, socket, sys
		os.chroot("/proc/%s/root" % sys.argv[1])
		os.chdir("/")
		os.setgid(1000)
		os.setuid(1000)
		s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
		s.sendto(sys.argv[2].encode(), "/run/notify/notify")' "$(pid_of "$id")" "$1"
}

@test "start waits for READY=1 and tells the host the container's pid" {
	service_manager
	NOTIFY_SOCKET=$host detached "$id" create
	NOTIFY_SOCKET=$host detached "$id" start &
	starter=$!
	wait_for_status "$id" running
	kill -0 $starter
	tell STATUS=half
	tell READY=1
	wait $starter
	grep -qx "READY=1 MAINPID=$(pid_of "$id")" "$WORK/said"
	! grep -q half "$WORK/said"
}

@test "the container cannot change the directory of its notification socket" {
	service_manager
	NOTIFY_SOCKET=$host detached "$id" create
	cp "$WORK/$id.out" "$WORK/unused"
	NOTIFY_SOCKET=$host berth start "$id" </dev/null 3>&- &
	starter=$!
	wait_for_status "$id" running
	tell READY=1
	wait $starter
	wait_until 5 grep -q up "$WORK/$id.out"
	[ "$(sed -n 1p "$WORK/$id.out")" = /run/notify/notify ]
	grep -q 'Read-only file system' "$WORK/$id.out"
}

@test "run --detach waits for READY=1" {
	service_manager
	NOTIFY_SOCKET=$host detached "$id" &
	starter=$!
	wait_for_status "$id" running
	kill -0 $starter
	tell READY=1
	wait $starter
	grep -qx "READY=1 MAINPID=$(pid_of "$id")" "$WORK/said"
}

@test "a container that ends before it is ready ends the wait" {
	service_manager
	script 'exit 3'
	NOTIFY_SOCKET=$host detached "$id"
	wait_for_status "$id" stopped
	! grep -q READY "$WORK/said"
}

@test "run in the foreground tells the host and stays" {
	service_manager
	NOTIFY_SOCKET=$host berth run "$id" </dev/null >"$WORK/$id.out" 2>&1 3>&- &
	runner=$!
	wait_for_status "$id" running
	pid=$(pid_of "$id")
	tell READY=1
	wait_until 5 grep -qx "READY=1 MAINPID=$pid" "$WORK/said"
	kill -0 $runner
	berth kill "$id" KILL
	r=0
	wait $runner || r=$?
	[ $r -eq 137 ]
}
