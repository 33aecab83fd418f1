#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# podman: limits, and what it does with the cgroup.

load ../podman

setup_file() { podman_setup_file engine-podman-cgroups; }
teardown_file() { podman_teardown_file; }

@test "every option of limits reaches its file" {
	expect 0 prun --memory 64m --memory-swap 96m --memory-reservation 32m --cpus 1.5 --cpu-shares 512 \
		--cpuset-cpus 1 --cpuset-mems 0 --pids-limit 40 --blkio-weight 300 -- sh -c '
		cd /sys/fs/cgroup; for f in memory.max memory.swap.max memory.low cpu.max cpu.weight \
			cpuset.cpus cpuset.mems pids.max; do echo $f=$(cat $f); done; cat io.weight'
	echo "$output"
	for line in memory.max=67108864 memory.swap.max=33554432 memory.low=33554432 'cpu.max=150000 100000' \
		cpuset.cpus=1 cpuset.mems=0 pids.max=40; do
		grep -qxF "$line" <<<"$output"
	done
	grep -qE '^cpu.weight=(20|59)$' <<<"$output"
}

@test "the device limits of blkio" {
	expect 0 prun --device-read-bps /dev/vda:1mb --device-write-iops /dev/vda:100 -- cat /sys/fs/cgroup/io.max
	[[ $output == *'rbps=1048576'*'wiops=100'* ]]
}

@test "--cgroup-conf writes files of the unified hierarchy" {
	expect 0 prun --cgroup-conf memory.high=33554432 --cgroup-conf pids.max=30 \
		-- cat /sys/fs/cgroup/memory.high /sys/fs/cgroup/pids.max
	[ "$(echo $output)" = '33554432 30' ]
}

@test "the limit of processes holds" {
	run prun --pids-limit 5 -- sh -c 'for i in 1 2 3 4 5 6 7 8; do sleep 3 & done; wait'
	[[ $output == *"can't fork"* ]]
}

@test "--cgroups=disabled leaves the container in the cgroup of its caller" {
	expect 0 podman run --rm --network none --cgroups disabled --cgroupns host "$IMAGE" cat /proc/self/cgroup
	echo "$output"
	[ "$output" = "$(cat /proc/self/cgroup)" ]
}

@test "--cgroups=no-conmon leaves only conmon there" {
	expect 0 prun --cgroups no-conmon --cgroupns host -- cat /proc/self/cgroup
	[[ $output == */"$BERTH_TEST_MARK"/libpod-* ]]
}

@test "--cgroups=split makes the container's cgroup below the caller's" {
	mkdir "/sys/fs/cgroup/$BERTH_TEST_MARK-split"
	expect 0 "$BUSYBOX" sh -c 'echo $$ >/sys/fs/cgroup/'"$BERTH_TEST_MARK-split"'/cgroup.procs
		exec podman --cgroup-manager cgroupfs --tmpdir "/run/$BERTH_TEST_MARK/libpod" run --rm --network none \
			--cgroups split --cgroupns host "$1" cat /proc/self/cgroup' sh "$IMAGE"
	echo "$output"
	[[ $output == *"0::/$BERTH_TEST_MARK-split/"* ]]
	wait_until 5 remove_tree "/sys/fs/cgroup/$BERTH_TEST_MARK-split"
}

@test "--cgroupns host and private" {
	expect 0 prun --cgroupns private -- cat /proc/self/cgroup
	[ "$output" = 0::/ ]
	expect 0 prun --cgroupns host -- cat /proc/self/cgroup
	[[ $output == "0::/$BERTH_TEST_MARK/libpod-"* ]]
}

@test "podman update changes limits, also of a paused container" {
	podman run -d --name up --network none --cgroup-parent "/$BERTH_TEST_MARK" "$IMAGE" sleep 1000
	podman update --memory 64m --cpus 0.5 --cpuset-cpus 0 --cpu-shares 100 --blkio-weight 200 up
	podman pause up
	podman update --memory 80m up
	podman unpause up
	expect 0 podman exec up sh -c 'cd /sys/fs/cgroup; cat memory.max cpu.max cpuset.cpus'
	[ "$(echo $output)" = '83886080 50000 100000 0' ]
	podman rm --force --time 0 up
}
