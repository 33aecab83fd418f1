#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# containerd through ctr; its CRI plugin is in cri.bats.

load containerd

setup_file()
{
	containerd_setup_file engine-ctr
	ctr image import "$STORE/image.tar"
}
teardown_file() { containerd_teardown_file; }

crun_it() { ctr run --rm --runc-binary "$BERTH" "$@"; }

@test "ctr run gives the output and the status of the command" {
	run crun_it "$IMAGE" c1 sh -c 'echo hello; exit 5'
	echo "$output"
	[ "$status" -eq 5 ]
	[ "${lines[0]}" = hello ]
}

@test "ctr tells what cannot be executed, and leaves nothing of it" {
	expect 1 crun_it "$IMAGE" c1 no-such-program
	[[ $output == *'executable file not found in $PATH: "no-such-program"'* ]]
	expect 1 crun_it "$IMAGE" c1 /etc
	[[ $output == *'permission denied: executable "/etc" is not a file'* ]]
	wait_until 5 nothing_new
}

@test "a task: exec, ps, metrics, pause, events, kill" {
	daemon "$STORE/events" command ctr --address "$SOCKET" --namespace "$BERTH_TEST_MARK" events
	ctr run --detach --runc-binary "$BERTH" --memory-limit 67108864 "$IMAGE" t1 \
		sh -c 'trap "exit 3" TERM; while :; do sleep 0.2; done' 
	expect 0 ctr task exec --exec-id e1 t1 sh -c 'echo $PPID'
	[ "$output" = 0 ]
	[ "$(cat "/sys/fs/cgroup/$BERTH_TEST_MARK/t1/memory.max")" = 67108864 ]
	expect 9 ctr task exec --exec-id e2 t1 sh -c 'exit 9'
	run ctr task exec --exec-id e3 t1 no-such-program
	[ "$status" -ne 0 ]
	[[ $output == *'executable file not found in $PATH: "no-such-program"'* ]]
	expect 0 terminal ctr --address "$SOCKET" --namespace "$BERTH_TEST_MARK" task exec --tty --exec-id e4 t1 \
		sh -c "$TELL_TERMINAL"
	echo "$output"
	[ "$(echo $output)" = '/dev/pts/0 30 90' ]
	expect 0 ctr task ps t1
	[ "${#lines[@]}" -ge 2 ]
	expect 0 ctr task metrics t1
	[[ $output =~ memory.usage_limit\ +67108864 ]]

	ctr task pause t1
	expect 0 ctr task ls
	[[ $output == *'PAUSED'* ]]
	ctr task resume t1
	ctr task kill --signal TERM t1
	wait_until 5 stopped t1
	expect 0 ctr task delete t1
	[[ $output == *'exit code 3'* ]]
	ctr container delete t1
	kill "$DAEMON"
	expect 0 cat "$STORE/events"
	for topic in create start exec-added exec-started paused resumed exit delete; do
		grep -q "/tasks/$topic " "$STORE/events"
	done
}
stopped() { ctr task ls | grep -q "$1.*STOPPED"; }

@test "ctr run --tty gives a terminal" {
	expect 0 terminal ctr --address "$SOCKET" --namespace "$BERTH_TEST_MARK" run --rm --tty --runc-binary "$BERTH" \
		"$IMAGE" c2 sh -c 'tty'
	echo "$output"
	[[ $output == */dev/pts/0* ]]
}
