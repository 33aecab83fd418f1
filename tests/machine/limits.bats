#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# Every limit of linux.resources reaches its file in the container's cgroup, from
# the configuration and from update, on a kernel with every controller.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	needs_machine
	id=$(unique)
	args sleep 1000
}
teardown() { berth_teardown; }

# holds FILE TEXT: a file of the container's cgroup is that
holds()
{
	local now
	now=$(<"$cgroup/$1") || return
	[ "$now" = "$2" ] && return
	echo "$1 is \"$now\", not \"$2\""
	return 1
}

# start FILTER: a container with those resources; $cgroup is its cgroup
start()
{
	config ".linux.resources += $1"
	detached "$id"
	cgroup=$(cgroup_of "$id")
}

update() { berth update --resources - "$id" <<<"$1"; }

# refused PATH FILTER…: berth run says so and leaves nothing
refused()
{
	local path=$1
	config ".linux.resources = $2"
	fails 1 "$path*" berth run "$id"
	[ ! -e "$BERTH_STATE/$id" ] && [ -z "$(inventory_cgroups)" ]
}

@test "memory: limit, swap, reservation and high" {
	start '{memory: {limit: 67108864, swap: 100663296, reservation: 33554432}, unified: {"memory.high": "50331648"}}'
	holds memory.max 67108864
	holds memory.swap.max 33554432
	holds memory.low 33554432
	holds memory.high 50331648
	# The sum is what it was: less memory, more swap.
	update '{"memory": {"limit": 33554432, "swap": 33554432, "reservation": 16777216}, "unified": {"memory.high": "max"}}'
	holds memory.max 33554432
	holds memory.swap.max 0
	holds memory.low 16777216
	holds memory.high max
	berth update --memory 64m --memory-swap -1 --memory-reservation 8m "$id"
	holds memory.max 67108864
	holds memory.swap.max max
	holds memory.low 8388608
	berth update --memory-swap 96m "$id"
	holds memory.swap.max 33554432
	berth update --memory=-1 "$id"
	holds memory.max max
	holds memory.swap.max max
	fails 1 'linux.resources.memory.swap: cannot be limited without memory.limit*' \
		berth update --memory-swap 96m "$id"
	update '{"memory": {"limit": 67108864}}'
	fails 1 'linux.resources.memory.swap: 1048576 is less than the memory limit 67108864*' \
		berth update --memory-swap 1m "$id"
	fails 1 'linux.resources.memory.limit: rejecting 4096, as *' \
		update '{"memory": {"limit": 4096, "checkBeforeUpdate": true}}'
	holds memory.max 67108864
	is_status "$id" running
}

@test "cpu: weight, quota, burst and idle" {
	start '{cpu: {shares: 2048, quota: 50000, period: 200000, burst: 10000}}'
	[ "$(cat "$cgroup/cpu.weight")" -gt 100 ]
	holds cpu.max '50000 200000'
	holds cpu.max.burst 10000
	# Burst and quota in the order in which the kernel takes them.
	berth update --cpu-quota 20000 --cpu-burst 5000 "$id"
	holds cpu.max '20000 200000'
	holds cpu.max.burst 5000
	update '{"cpu": {"quota": 80000, "period": 100000, "burst": 60000}}'
	holds cpu.max '80000 100000'
	holds cpu.max.burst 60000
	berth update --cpu-burst 0 --cpu-quota=-1 "$id"
	holds cpu.max 'max 100000'
	berth update --cpu-share 1024 "$id"
	weight=$(cat "$cgroup/cpu.weight")
	berth update --cpu-idle 1 "$id"
	holds cpu.idle 1
	holds cpu.weight 0
	berth update --cpu-idle 0 --cpu-share 1024 "$id"
	holds cpu.idle 0
	holds cpu.weight "$weight"
	fails 1 'linux.resources.cpu.idle: must be 0 or 1*' berth update --cpu-idle 2 "$id"
	fails 1 'linux.resources.cpu.burst: 30000 is more than cpu.quota 20000*' \
		berth update --cpu-quota 20000 --cpu-burst 30000 "$id"
	fails 1 'linux.resources.cpu.quota: the kernel refuses "1*' berth update --cpu-quota 1 "$id"
}

@test "cpuset: cpus and mems" {
	start '{cpu: {cpus: "0-1", mems: "0"}}'
	holds cpuset.cpus 0-1
	holds cpuset.mems 0
	[ "$(berth exec "$id" nproc)" = 2 ]
	berth update --cpuset-cpus 1 --cpuset-mems 0 "$id"
	holds cpuset.cpus 1
	[ "$(berth exec "$id" nproc)" = 1 ]
	fails 1 'linux.resources.cpu.cpus: the kernel refuses "x" for cpuset.cpus' berth update --cpuset-cpus x "$id"
	fails 1 'linux.resources.cpu.mems: the kernel refuses "77" for cpuset.mems' berth update --cpuset-mems 77 "$id"
	holds cpuset.cpus 1
}

@test "io: weight, and rates for a device" {
	local disk devices
	disk=$(cat /sys/class/block/vda/dev)
	devices="[{major: ${disk%:*}, minor: ${disk#*:}, rate: "
	# One thing for each, and then that it holds.
	start "{blockIO: {weight: 500,
		throttleReadBpsDevice: ${devices}1048576}], throttleWriteBpsDevice: ${devices}2097152}],
		throttleReadIOPSDevice: ${devices}300}], throttleWriteIOPSDevice: ${devices}400}]}}"
	holds io.max "$disk rbps=1048576 wbps=2097152 riops=300 wiops=400"
	if [ -e "$cgroup/io.bfq.weight" ]; then
		holds io.bfq.weight 'default 500'
	else
		holds io.weight 'default 4950'
	fi
	berth update --blkio-weight 10 "$id"
	holds io.weight 'default 1' || holds io.bfq.weight 'default 10'
	devices=$(jq -nc "$devices 0}]")
	update "{\"blockIO\": {\"throttleReadBpsDevice\": $devices, \"throttleWriteIOPSDevice\": $devices}}"
	holds io.max "$disk rbps=max wbps=2097152 riops=300 wiops=max"
	update "{\"unified\": {\"io.max\": \"$disk rbps=5000000\\n$disk wiops=60\"}}"
	holds io.max "$disk rbps=5000000 wbps=2097152 riops=300 wiops=60"
	fails 1 'linux.resources.blockIO.throttleReadBpsDevice: write "250:99 rbps=1" to '"$cgroup/io.max: No such device" \
		update '{"blockIO": {"throttleReadBpsDevice": [{"major": 250, "minor": 99, "rate": 1}]}}'
}

@test "hugetlb: pages and reservations" {
	local size
	size=$(cd /sys/fs/cgroup/shell && echo hugetlb.?MB.max)
	[ "$size" != 'hugetlb.?MB.max' ] || skip "this processor has no huge pages of some MiB"
	size=${size%% *} size=${size#hugetlb.} size=${size%.max}
	start "{hugepageLimits: [{pageSize: \"$size\", limit: 4194304}]}"
	holds "hugetlb.$size.max" 4194304
	holds "hugetlb.$size.rsvd.max" 4194304
	update "{\"hugepageLimits\": [{\"pageSize\": \"$size\", \"limit\": 0}]}"
	holds "hugetlb.$size.max" 0
	holds "hugetlb.$size.rsvd.max" 0
	fails 1 "linux.resources.hugepageLimits: this kernel has no file hugetlb.3MB.max in $cgroup" \
		update '{"hugepageLimits": [{"pageSize": "3MB", "limit": 0}]}'
}

@test "unified: any file, and it wins over the rest" {
	start '{pids: {limit: 100}, unified: {"pids.max": "50", "memory.min": "1048576", "cpu.weight": "77"}}'
	holds pids.max 50
	holds memory.min 1048576
	holds cpu.weight 77
	update '{"unified": {"cpu.weight": "88", "memory.oom.group": "1"}}'
	holds cpu.weight 88
	holds memory.oom.group 1
	holds pids.max 50
	fails 1 'linux.resources.unified.cpu.weight: the kernel refuses "0" for cpu.weight' \
		update '{"unified": {"cpu.weight": "0"}}'
	fails 1 'linux.resources.unified.memory.nothing: this kernel has no file memory.nothing*' \
		update '{"unified": {"memory.nothing": "1"}}'
}

@test "a value that cannot be is refused with its path, and nothing is left" {
	refused linux.resources.memory.swap: '{memory: {limit: 67108864, swap: 1048576}}'
	refused 'linux.resources.cpu.quota: the kernel refuses "5' '{cpu: {quota: 5}}'
	refused 'linux.resources.cpu.cpus: the kernel refuses "63" for cpuset.cpus' '{cpu: {cpus: "63"}}'
	refused linux.resources.blockIO.weight: '{blockIO: {weight: 5}}'
	refused 'linux.resources.blockIO.throttleWriteBpsDevice: write "250:99 wbps=1" to ' \
		'{blockIO: {throttleWriteBpsDevice: [{major: 250, minor: 99, rate: 1}]}}'
	refused 'linux.resources.unified.no.such: ' '{unified: {"no.such": "1"}}'
	refused 'linux.resources.unified.memory.high: the kernel refuses "x"' '{unified: {"memory.high": "x"}}'
	refused linux.resources.hugepageLimits '{hugepageLimits: [{pageSize: "3MB", limit: 0}]}'
}

@test "a container without limits has statistics, and gets limits by update" {
	config ".linux.cgroupsPath = \"/$id\""
	start '{}'
	run -0 berth events --stats "$id"
	jq -e '.data | .memory.usage.usage > 0 and .cpu.usage.total > 0 and .pids.current == 1
		and (.memory.psi, .cpu.psi, .blkio.psi | .some.total >= 0)' <<<"$output" || { echo "$output"; false; }
	berth update --memory 64m --cpuset-cpus 0 --blkio-weight 100 --pids-limit 9 --cpu-quota 50000 "$id"
	holds memory.max 67108864
	holds cpuset.cpus 0
	holds pids.max 9
	holds cpu.max '50000 100000'
}

@test "events tells of the OOM killer, and --stats of pressure" {
	config '.linux.resources.memory = {limit: 16777216, swap: 16777216}'
	script 'while [ ! -e /go ]; do sleep 0.2; done; tail /dev/zero; touch /done; sleep 1000'
	detached "$id"
	"$BERTH" --root "$BERTH_STATE" events --interval 60s "$id" >"$WORK/events" 3>&- &
	events=$!
	wait_until 10 test -s "$WORK/events"
	touch rootfs/go
	wait_until 10 test -e rootfs/done
	wait_until 10 grep -q '"type":"oom"' "$WORK/events"
	run -0 berth events --stats "$id"
	jq -e '.data.memory.psi | .some.total > 0 and .full.total > 0' <<<"$output" || { echo "$output"; false; }
	berth kill "$id" KILL
	wait $events
}
