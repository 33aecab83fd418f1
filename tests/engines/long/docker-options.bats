#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Docker: options, networks, restart policies, a daemon that is killed.

load ../docker

setup_file()
{
	modprobe -a veth bridge
	docker_setup_file engine-docker-options
}
teardown_file() { docker_teardown_file; }

@test "limits, capabilities, users, mounts, devices" {
	mkdir "$STORE/v"
	echo there >"$STORE/v/file"
	expect 0 drun --memory 64m --memory-swap 64m --memory-reservation 32m --cpus 0.5 --cpuset-cpus 1 --cpu-shares 512 \
		--pids-limit 40 --blkio-weight 300 -- sh -c 'cd /sys/fs/cgroup; cat memory.max memory.swap.max memory.low cpu.max cpuset.cpus pids.max'
	[ "$(echo $output)" = '67108864 0 33554432 50000 100000 1 40' ]
	expect 0 drun --cap-drop ALL --cap-add NET_RAW --security-opt no-new-privileges --user 1000:2000 --group-add 77 \
		--init --hostname box --ulimit nofile=99 --oom-score-adj 5 --sysctl kernel.msgmax=4321 -- sh -c '
		grep -E "^(CapBnd|NoNewPrivs)" /proc/self/status; id -u; id -G; hostname; ulimit -n
		cat /proc/self/oom_score_adj /proc/sys/kernel/msgmax /proc/1/comm'
	[ "$(echo $output)" = 'CapBnd: 0000000000002000 NoNewPrivs: 1 1000 2000 77 box 99 5 4321 docker-init' ]
	expect 0 drun --read-only --tmpfs /t:size=1m --volume "$STORE/v:/v:ro" --volume named:/n \
		--mount "type=bind,src=$STORE/v/file,dst=/f" --device /dev/loop-control:/dev/mine:r --shm-size 2m -- sh -c '
		touch /x; touch /v/x; touch /t/x /n/x; cat /f; stat -c "%F %t:%T" /dev/mine; grep " /dev/shm " /proc/mounts'
	echo "$output"
	[[ $output == *'/x: Read-only'*'/v/x: Read-only'*there*'character special file a:ed'*size=2048k* ]]
	docker volume rm named
	expect 0 drun --privileged -- sh -c 'grep ^CapEff /proc/self/status; test -b /dev/vda && echo vda'
	[[ $output == *vda ]]
	expect 0 drun --pid host --ipc host --uts host -- sh -c 'hostname; cat /proc/1/comm'
	[ "${lines[0]}" = "$(hostname)" ]
}

@test "a network with a bridge: the hook moves the interface in" {
	docker network create --internal --subnet 10.98.0.0/24 engines
	docker run --detach --name server --network engines --ip 10.98.0.10 "$IMAGE" sh -c 'echo served >/tmp/f; httpd -f -h /tmp'
	expect 0 docker run --rm --network engines "$IMAGE" sh -c 'ip -o addr show eth0 >&2
		for i in 1 2 3 4 5 6 7 8 9; do wget -q -O - http://10.98.0.10/f && exit; sleep 1; done; exit 1'
	echo "$output"
	[[ $output == *served* ]]
	docker rm --force server
	docker network rm engines
}

@test "namespaces of another container" {
	docker run --detach --name base --network none --ipc shareable "$IMAGE" sleep 4322
	expect 0 docker run --rm --network container:base --pid container:base --ipc container:base "$IMAGE" ps -o args
	[[ $output == *'sleep 4322'* ]]
	docker rm --force base
}

@test "restart policies" {
	docker run --detach --name failing --restart on-failure:2 --network none "$IMAGE" sh -c 'exit 3'
	wait_until 20 restarted failing 2 exited
	expect 0 docker inspect --format '{{.State.ExitCode}}' failing
	[ "$output" = 3 ]
	docker run --detach --name always --restart always --network none "$IMAGE" sleep 1000
	docker exec always sh -c 'kill -KILL -1' || true
	docker kill --signal KILL always || true
	docker start always
	expect 0 docker inspect --format '{{.State.Status}}' always
	[ "$output" = running ]
	docker rm --force failing always
}
restarted()	# NAME TIMES STATUS
{
	[ "$(docker inspect --format '{{.RestartCount}} {{.State.Status}}' "$1")" = "$2 $3" ]
}

@test "a health check, and a container killed for its memory" {
	docker run --detach --name health --network none --health-cmd 'test -e /root/file' --health-interval 1s "$IMAGE" sleep 1000
	wait_until 20 healthy
	docker rm --force health
	# The shim's word of the kill and of the end travel apart: dockerd looks at
	# what came before the end.
	expect 137 docker run --name oom --network none --memory 16m --memory-swap 16m "$IMAGE" \
		sh -c 'tail /dev/zero; killed=$?; sleep 2; exit $killed'
	expect 0 docker inspect --format '{{.State.OOMKilled}}' oom
	[ "$output" = true ]
	docker rm oom
}
healthy() { [ "$(docker inspect --format '{{.State.Health.Status}}' health)" = healthy ]; }

@test "dockerd killed while it creates leaves nothing that its cleanup and delete --force do not remove" {
	local i d
	for i in 1 2 3; do
		docker run --detach --name "k$i" --network none "$IMAGE" sleep 1000 >/dev/null 2>&1 &
		"$BUSYBOX" usleep $((i * 700000))
	done
	kill -KILL "$(cat "$STORE/daemon")"
	wait_until 5 gone "$(cat "$STORE/daemon")"
	start_dockerd
	for i in 1 2 3; do
		docker rm --force "k$i" || true
	done
	# A container that it had not written down yet it forgets, while containerd's
	# shim goes on with it.
	wait_until 3 nothing_new && return
	for d in "/run/$BERTH_TEST_MARK/docker/runtime-runc/moby"/*/; do
		"$BERTH" --root "$(dirname "$d")" delete --force "$(basename "$d")"
		# It waits for containerd to ask, and has this test's streams.
		pkill -KILL -f "containerd-shim.*-id $(basename "$d")" || true
	done
	wait_until 10 nothing_new
}
