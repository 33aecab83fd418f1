#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# run: exit codes, streams, signals, detaching, what is left.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() { berth_setup; }
teardown() { berth_teardown; }

@test "run prints what the process prints and nothing else" {
	script 'echo out; echo err >&2'
	run -0 --separate-stderr berth run "$(unique)"
	[ "$output" = out ]
	[ "$stderr" = err ]
}

@test "run hands standard input on to its end" {
	args wc -c
	run -0 berth run "$(unique)" <<<'four'
	[ "$output" = 5 ]
}

@test "run exits with the code of the process" {
	local c
	for c in 0 1 7 125 126 127 255; do
		script "exit $c"
		expect $c berth run "$(unique)"
		[ -z "$output" ]
	done
}

@test "run exits with 128 and the signal that ended the process" {
	# The first process of a pid namespace gets only signals it has a handler for.
	config '.linux.namespaces |= map(select(.type != "pid"))'
	for n in 1 9 15; do
		script "kill -$n \$\$; sleep 5"
		expect $((128 + n)) berth run "$(unique)"
	done
	script 'ulimit -c 0; kill -11 $$; sleep 5'
	expect 139 berth run "$(unique)"
}

@test "run exits with 137 when the container is killed from outside" {
	id=$(unique)
	args sleep 1000
	berth run "$id" 3>&- &
	pid=$!
	wait_for_status "$id" running
	berth kill "$id" KILL
	wait $pid && status=0 || status=$?
	[ $status -eq 137 ]
}

@test "run leaves no state, no cgroup and no process" {
	id=$(unique)
	berth run "$id"
	[ ! -e "$BERTH_STATE/$id" ]
	[ -z "$(inventory_cgroups)" ]
}

@test "run --keep leaves a stopped container that delete removes" {
	id=$(unique)
	expect 0 berth run --keep "$id"
	is_status "$id" stopped
	[ "$(pid_of "$id")" = 0 ]
	fails 1 "container with id exists already: $id" berth run "$id"
	berth delete "$id"
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "run --detach returns while the process runs" {
	id=$(unique)
	script 'trap "exit 0" TERM; echo begun; sleep 1000 & wait $!'
	detached "$id"
	is_status "$id" running
	wait_until 10 grep -q begun "$WORK/$id.out"
	berth kill "$id" TERM
	wait_for_status "$id" stopped
	berth delete "$id"
}

@test "run --detach of a program that is not there fails at once" {
	args no-such-program
	run --separate-stderr berth run --detach "$(unique)"
	[ "$status" -eq 1 ]
	[[ $stderr == *': executable file not found in $PATH: "no-such-program"' ]]
}

@test "an executable that is not there is told as engines match it" {
	args no-such-program
	run --separate-stderr berth run "$(unique)"
	[ "$status" -eq 1 ]
	[ ${#stderr_lines[@]} -eq 1 ]
	[[ $stderr == *': executable file not found in $PATH: "no-such-program"' ]]
	args /bin/nonexist
	run --separate-stderr berth run "$(unique)"
	[ "$status" -eq 1 ]
	[[ $stderr == *'no such file or directory: executable "/bin/nonexist"' ]]
}

@test "an executable that may not be executed is told as engines match it" {
	echo nothing >rootfs/bin/plain
	chmod 644 rootfs/bin/plain
	args /bin/plain
	fails 1 'permission denied: executable "/bin/plain" has no x bit' berth run "$(unique)"
	args /bin
	fails 1 'permission denied: executable "/bin" is not a file' berth run "$(unique)"
	chmod 755 rootfs/bin/plain
	args plain
	run --separate-stderr berth run "$(unique)"
	[ "$status" -eq 1 ]
	[[ $stderr == *'Exec format error' ]]
	printf '#!/bin/nonexist\n' >rootfs/bin/plain
	fails 1 'no such file or directory: what "/bin/plain" names as its interpreter' \
		berth run "$(unique)"
}

@test "an empty list of arguments, or an empty program name, is refused" {
	config '.process.args = []'
	fails 1 'process.args: *' berth run "$(unique)"
	config 'del(.process.args)'
	fails 1 'process.args: *' berth run "$(unique)"
	args ''
	fails 1 'process.args[0]: empty' berth run "$(unique)"
}

@test "a bundle or configuration that is not there is told" {
	run --separate-stderr berth run --bundle /nowhere "$(unique)"
	[ "$status" -eq 1 ]
	[[ $stderr == 'berth: '*'/nowhere'*'No such file or directory' ]]
	mv config.json other.json
	run --separate-stderr berth run "$(unique)"
	[ "$status" -eq 1 ]
	[[ $stderr == 'berth: '*config.json*'No such file or directory' ]]
	expect 0 berth run --config "$PWD/other.json" "$(unique)"
	expect 0 berth run -f other.json "$(unique)"
}

@test "a failed run leaves nothing and the id is free again" {
	id=$(unique)
	args no-such-program
	expect 1 berth run "$id"
	[ ! -e "$BERTH_STATE/$id" ]
	fails 1 "container \`$id\` does not exist" berth state "$id"
	args true
	expect 0 berth run "$id"
}

@test "run writes the pid file, whole, and nothing but the number" {
	id=$(unique)
	args sleep 1000
	detached "$id" run --detach --pid-file "$WORK/pid"
	[ "$(cat "$WORK/pid")" = "$(pid_of "$id")" ]
	[ -z "$(tr -d 0-9 <"$WORK/pid")" ]
	[ "$(stat -c %a "$WORK/pid")" = 644 ]
}

@test "a pid file that cannot be written is an error and leaves nothing" {
	id=$(unique)
	run --separate-stderr berth run --pid-file /nowhere/pid "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == 'berth: --pid-file: '*/nowhere/pid*'No such file or directory' ]]
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "a failed create or run leaves no pid file, but that of another alone" {
	id=$(unique)
	args no-such-program
	expect 1 berth run --pid-file "$WORK/pid" "$id"
	[ ! -e "$WORK/pid" ]
	expect 1 berth create --pid-file "$WORK/pid" "$id"
	[ ! -e "$WORK/pid" ]
	args /etc/passwd	# which only execve finds out, long after create
	expect 1 berth run --pid-file "$WORK/pid" "$id"
	[ ! -e "$WORK/pid" ]
	args true
	expect 1 berth run --pid-file "$WORK/pid" --pidfd-socket "$WORK/none" "$id"
	[ ! -e "$WORK/pid" ]
	config '.hooks.poststart = [{path: "/bin/false"}]'
	args sleep 1000
	expect 1 berth run --detach --pid-file "$WORK/pid" "$id"
	[ ! -e "$WORK/pid" ]
	config 'del(.hooks)'
	detached "$id" run --detach --pid-file "$WORK/pid"
	expect 1 berth run --pid-file "$WORK/pid" "$id"
	[ "$(cat "$WORK/pid")" = "$(pid_of "$id")" ]
}

@test "a pid file of another run is replaced, not written into" {
	echo 12345678901234567890 >"$WORK/pid"
	ln "$WORK/pid" "$WORK/other"
	id=$(unique)
	args sleep 1000
	detached "$id" run --detach --pid-file "$WORK/pid"
	[ "$(cat "$WORK/pid")" = "$(pid_of "$id")" ]
	[ "$(cat "$WORK/other")" = 12345678901234567890 ]
}

@test "a foreground run forwards signals to the container" {
	id=$(unique)
	script 'for s in HUP USR1 USR2 WINCH CONT; do trap "echo $s" $s; done
		trap "echo TERM; exit 3" TERM
		echo ready
		while :; do sleep 0.05; done'
	berth run "$id" >"$WORK/out" 3>&- &
	pid=$!
	wait_until 10 grep -q ready "$WORK/out"
	berth=$(pgrep -P $pid -x berth || echo $pid)
	for s in HUP USR1 USR2 WINCH TERM; do
		kill -s $s "$berth"
		wait_until 5 grep -q $s "$WORK/out"
	done
	wait $pid && status=0 || status=$?
	[ $status -eq 3 ]
}

@test "a foreground run that is killed leaves a container that delete --force removes" {
	id=$(unique)
	args sleep 1000
	"$BERTH" --root "$BERTH_STATE" run "$id" 3>&- &
	pid=$!
	wait_for_status "$id" running
	kill -KILL $pid
	wait $pid || true
	is_status "$id" running
	berth delete --force "$id"
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "SIGPIPE and other ignored signals are at their defaults in the container" {
	args sh -c 'grep SigIgn /proc/self/status; grep SigBlk /proc/self/status'
	run -0 env --ignore-signal=PIPE,HUP,USR1 "$BERTH" --root "$BERTH_STATE" run "$(unique)"
	[[ $output == *SigIgn:$'\t'0000000000000000* ]]
	[[ $output == *SigBlk:$'\t'0000000000000000* ]]
	# All that can be, as of a process that handles each.
	run -0 env --ignore-signal "$BERTH" --root "$BERTH_STATE" run "$(unique)"
	[[ $output == *SigIgn:$'\t'0000000000000000* ]]
}

@test "nor does exec hand ignored signals on" {
	id=$(unique)
	sleeper "$id"
	run -0 env --ignore-signal=PIPE,TERM,QUIT "$BERTH" --root "$BERTH_STATE" exec "$id" \
		grep SigIgn /proc/self/status
	[[ $output == *SigIgn:$'\t'0000000000000000* ]]
	berth delete --force "$id"
}

@test "a caller that ignores SIGCHLD gets the status, of hooks too" {
	local deaf=(env --ignore-signal=CHLD "$BERTH" --root "$BERTH_STATE") id
	id=$(unique)
	config '.hooks.createRuntime = [{"path": "/bin/true"}]'
	script 'exit 5'
	expect 5 "${deaf[@]}" run "$id"
	sleeper "$id"
	expect 6 "${deaf[@]}" exec "$id" sh -c 'exit 6'
	expect 0 "${deaf[@]}" ps "$id"
}

@test "the process has exactly its standard streams open" {
	args ls /proc/self/fd
	exec 7</dev/null 8</dev/null
	run -0 berth run "$(unique)"
	exec 7<&- 8<&-
	[ "${lines[*]}" = "0 1 2 3" ]	# 3: ls's own
}

@test "--preserve-fds hands on that many from 3 and no more" {
	echo three >"$WORK/three"
	echo four >"$WORK/four"
	script 'cat <&3; cat <&4; ls /proc/self/fd | tr "\n" " "'
	run -0 berth run --preserve-fds 2 "$(unique)" 3<"$WORK/three" 4<"$WORK/four" 5</dev/null
	[ "$output" = "three
four
0 1 2 3 4 5 " ]	# 5: ls's own
}

@test "--preserve-fds with an fd that is not open is told" {
	# shellcheck disable=SC2016 # the other shell's
	run --separate-stderr sh -c 'exec "$@" 3</dev/null 4<&-' sh \
		"$BERTH" --root "$BERTH_STATE" run --preserve-fds 2 "$(unique)"
	[ "$status" -eq 1 ]
	[ "$stderr" = 'berth: --preserve-fds 2: fd 4 is not open' ]
	for n in 100000 2147483647; do
		run --separate-stderr "$BERTH" --root "$BERTH_STATE" run --preserve-fds $n "$(unique)"
		[ "$status" -eq 1 ]
		[[ $stderr == "berth: --preserve-fds $n: fd "*" is not open" ]]
	done
}

@test "LISTEN_FDS hands on sockets and the variables, with LISTEN_PID of the container" {
	script 'echo "$LISTEN_FDS $LISTEN_PID $LISTEN_FDNAMES"; cat <&3'
	echo socket >"$WORK/three"
	run -0 sh -c 'LISTEN_FDS=1 LISTEN_PID=$$ LISTEN_FDNAMES=web exec "$@" 3<"$0"' "$WORK/three" \
		"$BERTH" --root "$BERTH_STATE" run "$(unique)"
	[ "${lines[0]}" = "1 1 web" ] || { echo "$output"; false; }
	[ "${lines[1]}" = socket ]
	# shellcheck disable=SC2016 # the other shell's
	fails 1 'LISTEN_FDS 1: fd 3 is not open' sh -c 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<&-' sh \
		"$BERTH" --root "$BERTH_STATE" run "$(unique)"
}

@test "LISTEN_FDS meant for another process is left alone" {
	script 'echo "[$LISTEN_FDS]"; ls /proc/self/fd | tr "\n" " "'
	run -0 env LISTEN_FDS=1 LISTEN_PID=1 "$BERTH" --root "$BERTH_STATE" run "$(unique)" 3</dev/null
	[ "$output" = "[]
0 1 2 3 " ]
}

@test "two containers with one id: the second is refused, the first goes on" {
	id=$(unique)
	args sleep 1000
	detached "$id"
	fails 1 "container with id exists already: $id" berth run "$id"
	is_status "$id" running
}

@test "ids that could be paths are refused" {
	local id
	for id in . .. a/b /a 'a b' '' -- ; do
		fails 1 'container id *' berth run -- "$id"
		[ ! -e "$BERTH_STATE" ] || [ -z "$(ls "$BERTH_STATE")" ]
	done
}

@test "the process is not berth's child's child: /proc/PID/stat says whose" {
	id=$(unique)
	args sleep 1000
	"$BERTH" --root "$BERTH_STATE" run "$id" 3>&- &
	pid=$!
	wait_for_status "$id" running
	child=$(pid_of "$id")
	read -r _ _ _ parent _ <"/proc/$child/stat"
	[ "$parent" = $pid ]
	berth kill "$id" KILL
	wait $pid || true
}


@test "output of a terminal that cannot be delivered is a warning" {
	id=$(unique)
	script 'echo hello'
	berth run -t "$id" </dev/null >/dev/full 2>"$WORK/err" || { cat "$WORK/err"; return 1; }
	grep -q "output is incomplete: write to standard output: No space left on device" "$WORK/err"
}
