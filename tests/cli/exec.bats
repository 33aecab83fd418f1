#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	args sleep 1000
}
teardown() { berth_teardown; }

@test "exec runs a command beside the first process" {
	detached "$id"
	prints out berth exec "$id" echo out
	run -0 --separate-stderr berth exec "$id" sh -c 'echo err >&2'
	[ -z "$output" ]
	[ "$stderr" = err ]
	run -0 berth exec "$id" cat <<<'input'
	[ "$output" = input ]
	is_status "$id" running
}

@test "exec exits with the command's code, or 128 and its signal" {
	detached "$id"
	expect 0 berth exec "$id" true
	expect 7 berth exec "$id" sh -c 'exit 7'
	expect 143 berth exec "$id" sh -c 'kill -TERM $$; sleep 5'
	expect 137 berth exec "$id" sh -c 'kill -KILL $$; sleep 5'
}

@test "exec is in every namespace and the cgroup of the container" {
	detached "$id"
	local ns pid
	pid=$(pid_of "$id")
	for ns in cgroup ipc mnt net pid uts; do
		[ "$(berth exec "$id" readlink /proc/self/ns/$ns)" = "$(readlink "/proc/$pid/ns/$ns")" ]
	done
	[ "$(berth exec "$id" grep 0:: /proc/self/cgroup)" = 0::/ ]
	[ "$(berth exec "$id" cat /proc/1/comm)" = sleep ]
}

@test "exec in a container that does not run is refused with 255" {
	fails 255 "container \`$id\` does not exist" berth exec "$id" true
	detached "$id"
	berth kill "$id" KILL
	wait_for_status "$id" stopped
	fails 255 "container not running: $id is stopped" berth exec "$id" true
}

@test "exec works in a container that was created and not started" {
	detached "$id" create
	prints in berth exec "$id" echo in
	is_status "$id" created
}

@test "exec of a command that is not there fails with 255 and the text engines match" {
	detached "$id"
	run --separate-stderr berth exec "$id" no-such-program
	[ "$status" -eq 255 ]
	[ ${#stderr_lines[@]} -eq 1 ]
	[[ $stderr == *': executable file not found in $PATH: "no-such-program"' ]]
	run --separate-stderr berth exec "$id" /no/such/program
	[ "$status" -eq 255 ]
	[[ $stderr == *'no such file or directory: executable "/no/such/program"' ]]
	run --separate-stderr berth exec "$id" /etc/passwd
	[ "$status" -eq 255 ]
	[[ $stderr == *'permission denied: executable "/etc/passwd" has no x bit' ]]
}

@test "a failed exec leaves no pid file and no process" {
	detached "$id"
	expect 255 berth exec --pid-file "$WORK/pid" "$id" no-such-program
	[ ! -e "$WORK/pid" ]
	expect 255 berth exec --detach --pid-file "$WORK/pid" "$id" no-such-program
	[ ! -e "$WORK/pid" ]
	[ "$(berth ps --format json "$id" | tr -d ' \n')" = "[$(pid_of "$id")]" ]
}

@test "a pid file from before does not outlive a failed exec" {
	detached "$id"
	echo 1 >"$WORK/pid"
	expect 255 berth exec --pid-file "$WORK/pid" "$id" no-such-program
	[ ! -e "$WORK/pid" ]
}

@test "exec --detach returns while the command runs, with its pid" {
	detached "$id"
	berth exec --detach --pid-file "$WORK/pid" "$id" sleep 500 </dev/null >/dev/null 2>&1 3>&-
	pid=$(cat "$WORK/pid")
	[ "$(tr '\0' ' ' <"/proc/$pid/cmdline")" = "sleep 500 " ]
	kill -KILL "$pid"
}

@test "exec --env, --cwd, --user, --additional-gids and --cap" {
	detached "$id"
	prints 'one two' berth exec --env A=one -e B=two "$id" sh -c 'echo $A $B'
	prints /tmp berth exec --cwd /tmp "$id" pwd
	prints '1000 0' berth exec --user 1000 "$id" sh -c 'echo $(id -u) $(id -g)'
	prints '1000 2000' berth exec --user 1000:2000 "$id" sh -c 'echo $(id -u) $(id -g)'
	prints '5000 6000' berth exec -u 5000:6000 "$id" sh -c 'echo $(id -u) $(id -g)'
	prints '0 7 8' berth exec -g 7 -g 8 "$id" id -G
	run -0 berth exec --cap CAP_SYS_TIME "$id" grep -E '^Cap(Inh|Prm|Eff|Bnd|Amb)' /proc/self/status
	# Bit 25, beside 5 and 10 of the configuration; nothing inheritable.
	[ "$(echo "$output" | tr -d '\t' | tr '\n' ' ')" = "CapInh:0000000000000000 CapPrm:0000000002000420 \
CapEff:0000000002000420 CapBnd:0000000002000420 CapAmb:0000000000000000 " ]
}

@test "exec --additional-gids adds to the groups of the configuration" {
	config '.process.user.additionalGids = [11, 12]'
	detached "$id"
	prints '0 7 8 11 12' berth exec -g 7 -g 8 "$id" id -G
}

@test "exec of a user who is no number, or is half of one, is refused" {
	detached "$id"
	for u in x 1x 1: :1 -1 4294967296 1:2:3 '' '1 '; do
		fails 255 '--user: *' berth exec --user "$u" "$id" true
	done
}

@test "exec keeps what the configuration says of the first process" {
	config '.process.env += ["A=b"] | .process.user = {"uid": 1000, "gid": 1000, "umask": 23, "additionalGids": [2000]}
		| .process.cwd = "/tmp" | .process.rlimits = [{"type": "RLIMIT_NOFILE", "soft": 100, "hard": 200}]'
	detached "$id"
	run -0 berth exec "$id" sh -c 'echo $A; id -G; umask; pwd; ulimit -n; grep -E "^(NoNewPrivs|CapEff)" /proc/self/status'
	[ "$(echo "$output" | tr '\n\t' ,,)" = "b,1000 2000,0027,/tmp,100,CapEff:,0000000000000000,NoNewPrivs:,1," ]
}

@test "exec --process takes a process document" {
	detached "$id"
	jq '.process | .args = ["sh", "-c", "echo $X; id -u; exit 5"] | .env += ["X=y"] | .user.uid = 7' config.json >"$WORK/p.json"
	run berth exec --process "$WORK/p.json" "$id"
	[ "$status" -eq 5 ]
	[ "${lines[*]}" = "y 7" ]
	run berth exec -p "$WORK/p.json" "$id" </dev/null
	[ "$status" -eq 5 ]
}

@test "a process document that is wrong is told with the path of what is wrong" {
	detached "$id"
	echo '{"cwd": "/", "args": "true"}' >"$WORK/p.json"
	fails 255 "--process: $WORK/p.json: process.args: expected an array, found a string" \
		berth exec --process "$WORK/p.json" "$id"
	mkfifo "$WORK/fifo"
	fails 255 "--process: open $WORK/fifo: not a regular file" timeout 20 "$BERTH" --root "$BERTH_STATE" exec --process "$WORK/fifo" "$id"
	run --separate-stderr berth exec --process "$WORK/none" "$id"
	[ "$status" -eq 255 ]
	[[ $stderr == *"$WORK/none"*'No such file or directory' ]]
}

@test "exec in a paused container is refused, or waits with --ignore-paused" {
	detached "$id"
	berth pause "$id"
	fails 255 "cannot exec in container $id: it is paused (--ignore-paused to wait for it)" berth exec "$id" true
	berth exec --ignore-paused "$id" sh -c 'exit 9' 3>&- &
	pid=$!
	sleep 0.3
	kill -0 $pid
	berth resume "$id"
	wait $pid && status=0 || status=$?
	[ $status -eq 9 ]
}

@test "exec has its standard streams and nothing else open, and preserves what it is told" {
	detached "$id"
	exec 7</dev/null
	run -0 berth exec "$id" ls /proc/self/fd
	exec 7<&-
	[ "${lines[*]}" = "0 1 2 3" ]
	echo three >"$WORK/three"
	run -0 berth exec --preserve-fds 1 "$id" sh -c 'cat <&3' 3<"$WORK/three"
	[ "$output" = three ]
}

@test "exec --cgroup goes below the container's cgroup and no higher" {
	detached "$id"
	cgroup=$(cgroup_of "$id")
	mkdir "$cgroup/sub"
	prints 0::/sub berth exec --cgroup sub "$id" grep 0:: /proc/self/cgroup
	prints 0::/sub berth exec --cgroup /sub "$id" grep 0:: /proc/self/cgroup
	local path
	for path in .. ../.. sub/../.. none; do
		run --separate-stderr berth exec --cgroup "$path" "$id" true
		[ "$status" -eq 255 ]
		[[ $stderr == *"--cgroup $path"* ]]
	done
	fails 255 "--cgroup ..: it is not below $cgroup" berth exec --cgroup .. "$id" true
}

@test "exec goes to the cgroup of the first process when that has moved below" {
	local controller=hugetlb limit='{hugepageLimits: [{pageSize: "2MB", limit: 0}]}'
	if grep -qw pids "$(cgroup_mount)/cgroup.controllers"; then
		controller=pids limit='{pids: {limit: 100}}'
	fi
	needs_controller $controller
	config ".linux.resources += $limit"'
		| .mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end)'
	# A cgroup that hands a controller on takes no processes any more.
	script 'cd /sys/fs/cgroup && mkdir inner && echo $$ >inner/cgroup.procs &&
		echo +'$controller' >cgroup.subtree_control && echo done; exec sleep 1000'
	detached "$id"
	wait_until 10 grep -q done "$WORK/$id.out" || { out_of "$id"; false; }
	prints 0::/inner berth exec "$id" grep 0:: /proc/self/cgroup
}

@test "exec is killed with the container" {
	detached "$id"
	berth exec "$id" sh -c 'touch /runs; exec sleep 1000' 3>&- &
	pid=$!
	wait_until 10 [ -e rootfs/runs ]
	berth kill "$id" KILL
	wait $pid && status=0 || status=$?
	[ $status -eq 137 ]
}
two_processes() { [ "$(berth ps --format json "$id" | tr -cd ,)" = , ]; }

# Its first process waits for all the others, and one waits for a berth that does
# not run: so far the container has a process, but nobody can join it any more.
@test "exec into a container that is about to end says that it does not run" {
	detached "$id"
	"$BERTH" --root "$BERTH_STATE" exec "$id" sh -c 'touch /runs; exec sleep 1000' 3>&- &
	pid=$!
	wait_until 10 [ -e rootfs/runs ]
	kill -STOP $pid
	first=$(pid_of "$id")
	berth kill "$id" KILL
	wait_until 10 eval '! readlink /proc/$first/ns/mnt'
	run --separate-stderr berth exec "$id" true
	kill -CONT $pid
	[ "$status" -eq 255 ]
	[[ $stderr == "berth: container not running: $id "* ]] || { echo "$stderr"; false; }
	wait $pid && status=0 || status=$?
	[ $status -eq 137 ]
}

@test "exec forwards signals to its command" {
	detached "$id"
	"$BERTH" --root "$BERTH_STATE" exec "$id" sh -c 'trap "echo TERM; exit 4" TERM; echo ready; while :; do sleep 0.05; done' >"$WORK/out" 3>&- &
	pid=$!
	wait_until 10 grep -q ready "$WORK/out"
	kill -TERM $pid
	wait $pid && status=0 || status=$?
	[ $status -eq 4 ]
	[ "$(tail -n1 "$WORK/out")" = TERM ]
	is_status "$id" running
}

@test "an exec whose berth is killed leaves the container running" {
	detached "$id"
	"$BERTH" --root "$BERTH_STATE" exec "$id" sleep 1000 3>&- &
	pid=$!
	wait_until 10 two_processes
	kill -KILL $pid
	wait $pid || true
	is_status "$id" running
	prints ok berth exec "$id" echo ok
}

@test "exec --pidfd-socket that nobody listens on: the command does not run" {
	detached "$id"
	fails 255 '--pidfd-socket: *' berth exec --pidfd-socket "$WORK/none" --pid-file "$WORK/pid" "$id" touch /tmp/ran
	[ ! -e "$BUNDLE/rootfs/tmp/ran" ]
	[ ! -e "$WORK/pid" ]
}

@test "exec --preserve-fds and LISTEN_FDS together, and one that is not open" {
	detached "$id"
	echo three >"$WORK/three"
	echo four >"$WORK/four"
	# shellcheck disable=SC2016 # the inner shell's
	both='LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<"$0/three" 4<"$0/four"'
	run -0 sh -c "$both 5<\"\$0/four\"" "$WORK" "$BERTH" --root "$BERTH_STATE" exec --preserve-fds 1 "$id" \
		sh -c 'echo "$LISTEN_FDS"; cat <&3; cat <&4; for n in 3 4 5 6 7 8 9; do [ ! -e /proc/self/fd/$n ] || echo $n; done'
	[ "$output" = $'1\nthree\nfour\n3\n4' ]
	run -255 sh -c "$both 5<&-" "$WORK" "$BERTH" --root "$BERTH_STATE" exec --preserve-fds 2 "$id" true
	[[ $output == *"fd 5 is not open" ]]
}

@test "exec --pidfd-socket is sent a pidfd of the command" {
	needs_program python3
	detached "$id"
	pidfd_receiver "$WORK/sock" >"$WORK/received" 3>&- &
	wait_until 10 [ -S "$WORK/sock" ]
	berth exec --detach --pidfd-socket "$WORK/sock" --pid-file "$WORK/pid" "$id" sleep 500 </dev/null >/dev/null 2>&1 3>&-
	wait $!
	[ "$(cat "$WORK/received")" = "$(cat "$WORK/pid")" ]
}

