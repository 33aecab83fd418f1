#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# podman: what everybody uses.  The rest is in long/podman*.bats.

load podman

setup_file() { podman_setup_file engine-podman; }
teardown_file() { podman_teardown_file; }

@test "podman run gives the output and the status of the command" {
	run prun sh -c 'echo "$0 $1"; id -u; exit 7' a 'b  c'
	echo "$output"
	[ "$status" -eq 7 ]
	[ "${lines[0]}" = 'a b  c' ]
	[ "${lines[1]}" = 0 ]
}

@test "podman tells 126 from 127, also in exec" {
	expect 127 prun no-such-program
	[[ $output == *'executable file not found in $PATH: "no-such-program"'* ]]
	expect 126 prun /etc
	[[ $output == *'permission denied: executable "/etc" is not a file'* ]]
	podman run -d --name exits --network none --cgroup-parent "/$BERTH_TEST_MARK" "$IMAGE" sleep 1000
	expect 127 podman exec exits no-such-program
	expect 126 podman exec exits /root/file
	expect 9 podman exec exits sh -c 'exit 9'
	podman rm --force --time 0 exits
}

@test "a detached container: exec, logs, top, stats, pause, inspect, stop" {
	podman run -d --name all --network none --cgroup-parent "/$BERTH_TEST_MARK" --hostname box \
		--memory 64m --pids-limit 50 --cpus 0.5 "$IMAGE" \
		sh -c 'trap "exit 3" TERM; echo started; while :; do sleep 0.2; done'
	expect 0 podman inspect --format '{{.State.Status}} {{.OCIRuntime}}' all
	[ "$output" = 'running berth' ]
	wait_until 10 has_started
	expect 0 podman logs all
	[ "$output" = started ]

	cd /sys/fs/cgroup
	expect 0 podman exec --user user --env A=1 --workdir /tmp all sh -c 'id -un; hostname; pwd; echo $A
		cd /sys/fs/cgroup; cat memory.max pids.max cpu.max'
	echo "$output"
	[ "$(echo $output)" = 'user box /tmp 1 67108864 50 50000 100000' ]
	podman exec --detach all sleep 4321
	expect 0 terminal podman --cgroup-manager "$MANAGER" --tmpdir "/run/$BERTH_TEST_MARK/libpod" \
		exec --interactive --tty all sh -c "$TELL_TERMINAL"
	echo "$output"
	[ "$(echo $output)" = '/dev/pts/0 30 90' ]
	expect 0 podman top all args
	[[ $output == *'sleep 4321'* ]]
	expect 0 podman stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}}' all
	[[ $output =~ ^'all '[2-9]' '.*' / 67.11MB'$ ]]

	podman update --memory 96m --cpus 1 all
	podman pause all
	expect 0 podman inspect --format '{{.State.Status}}' all
	[ "$output" = paused ]
	run podman exec all true
	[ "$status" -ne 0 ]
	podman unpause all
	expect 0 podman exec all cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/cpu.max
	[ "$(echo $output)" = '100663296 100000 100000' ]

	podman stop --time 20 all
	expect 0 podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' all
	[ "$output" = 'exited 3' ]
	podman start all
	podman kill --signal KILL all
	expect 137 podman wait all || [ "$output" = 137 ]
	podman rm all
}
has_started() { [ -n "$(podman logs all)" ]; }

@test "podman run --tty gives a terminal of the size of its own" {
	expect 5 terminal podman --cgroup-manager "$MANAGER" --tmpdir "/run/$BERTH_TEST_MARK/libpod" \
		run --rm --tty --network none --cgroup-parent "/$BERTH_TEST_MARK" "$IMAGE" sh -c "$TELL_TERMINAL; exit 5"
	echo "$output"
	[ "$(echo $output)" = '/dev/pts/0 30 90' ]
}

# podman 4.3 looks for the file in the container's directory, and conmon makes it in
# that of podman's caller, whatever the runtime: it is conmon that has to see it.
@test "conmon sees that a container was killed for its memory" {
	cd "$BATS_TEST_TMPDIR"
	expect 137 podman run --name oom --network none --cgroup-parent "/$BERTH_TEST_MARK" \
		--memory 16m --memory-swap 16m "$IMAGE" sh -c 'tail /dev/zero; echo $? >&2; exit 137'
	podman rm oom
	[ -e oom ]
}
