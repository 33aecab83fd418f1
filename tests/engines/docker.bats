#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Docker: what everybody uses.  The rest is in long/docker-*.bats.

load docker

setup_file() { docker_setup_file engine-docker; }
teardown_file() { docker_teardown_file; }

@test "docker run gives the output and the status of the command, and the network's hook has run" {
	run drun sh -c 'echo hello; ip link show lo; exit 5'
	echo "$output"
	[ "$status" -eq 5 ]
	[ "${lines[0]}" = hello ]
	[[ ${lines[1]} == *LOOPBACK,UP* ]]
}

@test "docker tells 126 from 127" {
	expect 127 drun no-such-program
	[[ $output == *'executable file not found in $PATH: "no-such-program"'* ]]
	expect 126 drun /etc
	[[ $output == *'permission denied: executable "/etc" is not a file'* ]]
}

@test "a detached container: exec, logs, top, stats, update, pause, stop" {
	docker run --detach --name all --network none --memory 64m "$IMAGE" \
		sh -c 'trap "exit 3" TERM; echo started; while :; do sleep 0.2; done'
	expect 0 docker inspect --format '{{.State.Status}} {{.HostConfig.Runtime}}' all
	[ "$output" = 'running berth' ]
	expect 0 docker exec --user user --env A=1 --workdir /tmp all sh -c 'id -un; pwd; echo $A
		cat /sys/fs/cgroup/memory.max'
	[ "$(echo $output)" = 'user /tmp 1 67108864' ]
	expect 0 terminal docker exec --interactive --tty all sh -c "$TELL_TERMINAL"
	echo "$output"
	[ "$(echo $output)" = '/dev/pts/0 30 90' ]
	expect 9 docker exec all sh -c 'exit 9'
	run docker exec all no-such-program
	[[ $output == *'executable file not found in $PATH: "no-such-program"'* ]]
	expect 0 docker logs all
	[ "$output" = started ]
	expect 0 docker top all
	[[ $output == *'trap "exit 3" TERM'* ]]
	expect 0 docker stats --no-stream --format '{{.Name}} {{.PIDs}} {{.MemUsage}}' all
	[[ $output =~ ^'all '[1-9]' '.*' / 64MiB'$ ]]
	docker update --memory 96m --memory-swap 96m --pids-limit 77 --cpus 0.5 all
	docker pause all
	expect 0 docker inspect --format '{{.State.Status}}' all
	[ "$output" = paused ]
	docker unpause all
	expect 0 docker exec all sh -c 'cd /sys/fs/cgroup; cat memory.max pids.max cpu.max'
	[ "$(echo $output)" = '100663296 77 50000 100000' ]
	docker stop --time 20 all
	expect 0 docker inspect --format '{{.State.Status}} {{.State.ExitCode}}' all
	[ "$output" = 'exited 3' ]
	docker rm all
}
