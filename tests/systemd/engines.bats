#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Engines with systemd as their manager of cgroups, podman's and Kubernetes'
# default on most hosts: a scope for each container.

load ../engines/podman
load ../engines/containerd
load ../engines/docker

setup_file()
{
	podman_setup_file engine-systemd systemd
}
teardown_file() { podman_teardown_file; }

# property UNIT NAME
property() { systemctl show --value --property "$2" "$1"; }
no_unit() { [ "$(property "$1" ActiveState)" = inactive ]; }

@test "podman: a scope with the limits, which update changes and the end removes" {
	local scope
	podman run -d --name sys --network none --memory 64m --pids-limit 50 --cpus 0.5 "$IMAGE" \
		sh -c 'trap "exit 3" TERM; while :; do sleep 0.2; done'
	scope=libpod-$(podman inspect --format '{{.Id}}' sys).scope
	[ "$(property "$scope" ActiveState)" = active ]
	[ "$(property "$scope" Slice)" = machine.slice ]
	[ "$(property "$scope" MemoryMax) $(property "$scope" TasksMax)" = '67108864 50' ]
	[ "$(property "$scope" CPUQuotaPerSecUSec)" = 500ms ]
	[ "$(cat "/sys/fs/cgroup/machine.slice/$scope/memory.max")" = 67108864 ]
	expect 9 podman exec sys sh -c 'exit 9'
	podman update --memory 96m sys
	[ "$(cat "/sys/fs/cgroup/machine.slice/$scope/memory.max")" = 100663296 ]
	podman pause sys
	podman unpause sys
	podman stop --time 20 sys
	expect 0 podman inspect --format '{{.State.ExitCode}}' sys
	[ "$output" = 3 ]
	podman rm sys
	wait_until 5 no_unit "$scope"
}

@test "ctr --runc-systemd-cgroup: a scope in the slice that was asked for" {
	containerd_setup_file engine-ctr-systemd
	ctr image import "$STORE/image.tar"
	ctr run --detach --runc-binary "$BERTH" --runc-systemd-cgroup --cgroup system.slice:berth:s1 \
		--memory-limit 67108864 "$IMAGE" s1 sleep 1000
	[ "$(property berth-s1.scope ActiveState)" = active ]
	[ "$(cat /sys/fs/cgroup/system.slice/berth-s1.scope/memory.max)" = 67108864 ]
	expect 0 ctr task metrics s1
	ctr task kill --signal KILL s1
	wait_until 5 stopped s1
	ctr task delete s1 || true
	ctr container delete s1
	wait_until 5 no_unit berth-s1.scope
	containerd_teardown_file
}
stopped() { ctr task ls | grep -q "$1.*STOPPED"; }

@test "Docker with native.cgroupdriver=systemd" {
	docker_setup_file engine-docker-systemd '."exec-opts" = ["native.cgroupdriver=systemd"] | del(."cgroup-parent")'
	docker run --detach --name sys --network none --memory 64m "$IMAGE" sleep 1000
	local scope
	scope=docker-$(docker inspect --format '{{.Id}}' sys).scope
	[ "$(property "$scope" MemoryMax)" = 67108864 ]
	docker update --memory 96m --memory-swap 96m sys
	[ "$(property "$scope" MemoryMax)" = 100663296 ]
	docker rm --force sys
	wait_until 5 no_unit "$scope"
	docker_teardown_file
}
