#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# create and start, and what engines pass to them.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() { berth_setup; }
teardown() { berth_teardown; }

create() { detached "$1" create "${@:2}"; }

@test "create sets up everything and runs nothing" {
	id=$(unique)
	script 'echo ran'
	create "$id"
	is_status "$id" created
	[ -z "$(out_of "$id")" ]
	pid=$(pid_of "$id")
	[ "$(readlink "/proc/$pid/ns/mnt")" != "$(readlink /proc/self/ns/mnt)" ]
	[ "$(cat "/proc/$pid/root/proc/sys/kernel/hostname")" ]
	berth start "$id"
	wait_for_status "$id" stopped
	[ "$(out_of "$id")" = ran ]
	berth delete "$id"
}

@test "start is possible once" {
	id=$(unique)
	args sleep 1000
	create "$id"
	berth start "$id"
	is_status "$id" running
	fails 1 "cannot start container $id: it is running, not created" berth start "$id"
	berth kill "$id" KILL
	wait_for_status "$id" stopped
	fails 1 "cannot start container $id: it is stopped, not created" berth start "$id"
}

@test "create keeps the configuration that it read" {
	id=$(unique)
	script 'echo first; exec sleep 1000'
	create "$id"
	script 'echo second'
	config '.process.cwd = "/tmp"'
	berth start "$id"
	wait_until 10 grep -q first "$WORK/$id.out"
	run -0 berth exec "$id" pwd
	[ "$output" = / ]
}

@test "create of an id that is there is refused and harms nothing" {
	id=$(unique)
	create "$id"
	fails 1 "container with id exists already: $id" berth create "$id"
	is_status "$id" created
}

@test "an executable that is not there fails create, not start" {
	args no-such-program
	id=$(unique)
	run --separate-stderr berth create "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *': executable file not found in $PATH: "no-such-program"' ]]
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "a created container can be deleted without force" {
	id=$(unique)
	args sleep 1000
	create "$id"
	pid=$(pid_of "$id")
	berth delete "$id"
	wait_until 5 [ ! -e "/proc/$pid/exe" ]
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "a created container can be killed" {
	id=$(unique)
	create "$id"
	berth kill "$id" KILL
	wait_for_status "$id" stopped
	berth delete "$id"
}

@test "create writes the pid file and the pid is that of state" {
	id=$(unique)
	create "$id" --pid-file "$WORK/pid"
	[ "$(cat "$WORK/pid")" = "$(pid_of "$id")" ]
}

@test "--pidfd-socket is sent a pidfd of the container" {
	needs_program python3
	id=$(unique)
	args sleep 1000
	pidfd_receiver "$WORK/sock" >"$WORK/received" 3>&- &
	wait_until 10 [ -S "$WORK/sock" ]
	create "$id" --pidfd-socket "$WORK/sock"
	wait $!
	[ "$(cat "$WORK/received")" = "$(pid_of "$id")" ]
}

@test "a pidfd or console socket that nobody listens on is an error and leaves nothing" {
	id=$(unique)
	fails 1 '--pidfd-socket: *' berth create --pidfd-socket "$WORK/none" "$id"
	[ ! -e "$BERTH_STATE/$id" ]
	config '.process.terminal = true'
	fails 1 "console socket: connect to \`$WORK/none\`: No such file or directory" \
		berth create --console-socket "$WORK/none" "$id"
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "a terminal needs a console socket, and the other way round" {
	config '.process.terminal = true'
	fails 1 'process.terminal is true: *' berth create "$(unique)"
	config '.process.terminal = false'
	fails 1 '--console-socket: process.terminal is false, *' berth create --console-socket "$WORK/none" "$(unique)"
}

@test "the container waits for start in its final cgroup" {
	id=$(unique)
	create "$id"
	pid=$(pid_of "$id")
	[[ $(cat "/proc/$pid/cgroup") == *"0::"*"berth-$id" ]]
}

@test "create with --cgroup-manager disabled makes no cgroup, and every command copes" {
	id=$(unique)
	args sleep 1000
	detached "$id" --cgroup-manager disabled create
	pid=$(pid_of "$id")
	[ "$(grep 0:: "/proc/$pid/cgroup")" = "$(grep 0:: /proc/self/cgroup)" ]
	berth start "$id"
	run -0 berth exec "$id" echo in
	[ "$output" = in ]
	run -0 berth ps "$id"
	run --separate-stderr berth pause "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *'no cgroup'* ]]
	berth kill "$id" KILL
	wait_for_status "$id" stopped
	berth delete "$id"
}

@test "create outlives the shell, the session and the terminal it came from" {
	id=$(unique)
	args sleep 1000
	setsid -w bash -c "'$BERTH' --root '$BERTH_STATE' create '$id' </dev/null >'$WORK/$id.out' 2>&1 3>&-"
	is_status "$id" created
	berth start "$id"
	is_status "$id" running
	pid=$(pid_of "$id")
	# Fields of /proc/PID/stat: session and terminal.
	read -r _ _ _ _ _ session tty _ <"/proc/$pid/stat"
	[ "$session" = "$pid" ]
	[ "$tty" = 0 ]
}

@test "--preserve-fds works over create and start" {
	id=$(unique)
	echo three >"$WORK/three"
	script 'cat <&3; ls /proc/self/fd | tr "\n" " "'
	"$BERTH" --root "$BERTH_STATE" create --preserve-fds 1 "$id" </dev/null >"$WORK/out" 2>&1 3<"$WORK/three"
	berth start "$id"
	wait_for_status "$id" stopped
	[ "$(cat "$WORK/out")" = "three
0 1 2 3 4 " ]
}
