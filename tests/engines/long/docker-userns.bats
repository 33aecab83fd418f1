#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Docker with --userns-remap: every container in a user namespace.

load ../docker

setup_file()
{
	echo remap:x:4000:4000::/:/bin/false >>/etc/passwd
	echo remap:x:4000: >>/etc/group
	echo remap:500000:65536 | tee -a /etc/subuid >>/etc/subgid
	docker_setup_file engine-docker-userns '."userns-remap" = "remap"'
}
teardown_file() { docker_teardown_file; }

@test "a container's ids are those of the remapped user" {
	expect 0 drun sh -c 'cat /proc/self/uid_map; id -u; touch /x; stat -c "%u %g" /x; ip link show lo'
	echo "$output"
	[[ $(echo $output) == '0 500000 65536 0 0 0 '*LOOPBACK,UP* ]]
	docker run --detach --name remapped --network none --memory 64m "$IMAGE" sleep 1000
	expect 0 docker exec remapped cat /sys/fs/cgroup/memory.max /proc/self/uid_map
	[ "$(echo $output)" = '67108864 0 500000 65536' ]
	expect 0 stat -c %u "/proc/$(docker inspect --format '{{.State.Pid}}' remapped)"
	[ "$output" = 500000 ]
	docker rm --force remapped
}

@test "--userns host is without" {
	expect 0 drun --userns host -- cat /proc/self/uid_map
	[ "$(echo $output)" = '0 0 4294967295' ]
}
