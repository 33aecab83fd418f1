#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Scheduler, I/O priority, processors, personality and memory policy, as the
# container's process and those of exec have them.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	# nice value and policy of the process that reads them (proc(5), stat)
	sched='cut -d" " -f19,41 /proc/self/stat'
}
teardown() { berth_teardown; }

@test "a scheduler's policy and nice value are the process's and its children's" {
	config '.process.scheduler = {policy: "SCHED_BATCH", nice: 7}'
	script "$sched; sh -c '$sched'"
	prints $'7 3\n7 3' berth run "$id"
	config '.process.scheduler = {policy: "SCHED_OTHER", nice: -5, flags: ["SCHED_FLAG_RESET_ON_FORK"]}'
	args cut -d ' ' -f19,41 /proc/self/stat
	prints '-5 0' berth run "$(unique)"
	script "cut -d' ' -f19 /proc/1/stat; $sched; true"
	prints $'-5\n0 0' berth run "$(unique)"
	config '.process.scheduler = {policy: "SCHED_IDLE"}'
	prints $'0\n0 5' berth run "$(unique)"
}

@test "real-time policies take a priority" {
	args cut -d ' ' -f40,41 /proc/self/stat
	config '.process.scheduler = {policy: "SCHED_FIFO", priority: 10}'
	prints '10 1' berth run "$id"
	config '.process.scheduler = {policy: "SCHED_RR", priority: 99}'
	prints '99 2' berth run "$(unique)"
}

@test "a container with a user namespace may have a policy that only the host gives" {
	userns
	config '.process.scheduler = {policy: "SCHED_RR", priority: 3} |
		.process.ioPriority = {class: "IOPRIO_CLASS_RT", priority: 2}'
	script 'cut -d" " -f40,41 /proc/1/stat; ionice -p 1'
	prints $'3 2\nrealtime: prio 2' berth run "$id"
}

@test "what a scheduler cannot be is refused with its path, and nothing is left" {
	config '.process.scheduler = {policy: "SCHED_ISO"}'
	fails 1 'process.scheduler.policy: SCHED_ISO: not supported*' berth run "$id"
	config '.process.scheduler = {policy: "SCHED_OTHER", nice: 20}'
	fails 1 'process.scheduler.nice: 20 is out of range*' berth create "$id"
	config '.process.scheduler = {policy: "SCHED_DEADLINE", runtime: 3000000, deadline: 2000000, period: 1000000}'
	fails 1 'process.scheduler: set SCHED_DEADLINE: *' berth run "$id"
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "I/O priority: class and level" {
	args ionice -p 1
	config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	prints 'best-effort: prio 6' berth run "$id"
	config '.process.ioPriority = {class: "IOPRIO_CLASS_IDLE", priority: 7}'
	run -0 berth run "$(unique)"
	[[ $output == idle* ]]
	config '.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 8}'
	fails 1 'process.ioPriority.priority: 8 is out of range (0 to 7)' berth run "$(unique)"
}

@test "a created container waits with its policy already" {
	config '.process.scheduler = {policy: "SCHED_BATCH", nice: 3}'
	script "$sched; sleep 1000"
	detached "$id" create
	[ "$(cut -d' ' -f19,41 "/proc/$(pid_of "$id")/stat")" = '3 3' ]
	berth start "$id"
	wait_until 10 grep -qx '3 3' "$WORK/$id.out"
}

@test "exec has the container's scheduling, or what its file says" {
	config '.process.scheduler = {policy: "SCHED_BATCH", nice: 3} |
		.process.ioPriority = {class: "IOPRIO_CLASS_BE", priority: 6}'
	sleeper "$id"
	prints $'3 3\nbest-effort: prio 6' berth exec "$id" sh -c "$sched; ionice -p \$\$"
	jq -n --arg s "$sched; ionice -p \$\$" '{cwd: "/", args: ["sh", "-c", $s], env: ["PATH=/bin"]}' >"$WORK/p.json"
	prints $'3 3\nbest-effort: prio 6' berth exec --process "$WORK/p.json" "$id"
	jq '.scheduler = {policy: "SCHED_OTHER", nice: 9} | .ioPriority = {class: "IOPRIO_CLASS_BE", priority: 1}' \
		"$WORK/p.json" >"$WORK/q.json"
	prints $'9 0\nbest-effort: prio 1' berth exec --process "$WORK/q.json" "$id"
	jq '.scheduler = {policy: "SCHED_OTHER", priority: 9}' "$WORK/p.json" >"$WORK/q.json"
	fails 255 'process.scheduler.priority: SCHED_OTHER has none' berth exec --process "$WORK/q.json" "$id"
}

# --- processors ---------------------------------------------------------------

# on INITIAL FINAL: where an exec's process may run; "" for one that is not given.
on() {
	jq -n --arg i "$1" --arg f "$2" '{cwd: "/", env: ["PATH=/bin"],
		args: ["sed", "-n", "s/^Cpus_allowed_list:\t//p", "/proc/self/status"],
		execCPUAffinity: ({} + (if $i != "" then {initial: $i} else {} end) +
			(if $f != "" then {final: $f} else {} end))}' >"$WORK/p.json"
	berth exec --process "$WORK/p.json" "$id"
}

@test "execCPUAffinity: the final processors are where the process runs" {
	[ "$(nproc)" -ge 2 ] || skip "one processor only"
	sleeper "$id"
	local all
	all=$(berth exec "$id" sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status)
	prints 1 on '' 1
	prints 0 on 1 0
	prints 1 on 0 1,5000
	# Without a final list it is what the cgroup leaves.
	prints "$all" on 1 ''
	prints "$all" on '' ''
	# It is for exec alone.
	config '.process.execCPUAffinity = {initial: "0", final: "0"}'
	args sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status
	prints "$all" berth run "$(unique)"
}

@test "execCPUAffinity of the configuration holds for an exec without a file" {
	[ "$(nproc)" -ge 2 ] || skip "one processor only"
	config '.process.execCPUAffinity = {final: "1"}'
	sleeper "$id"
	prints 1 berth exec "$id" sed -n 's/^Cpus_allowed_list:\t//p' /proc/self/status
}

@test "execCPUAffinity: before it is in the cgroup the process runs on the initial processors" {
	needs_program strace
	[ "$(nproc)" -ge 2 ] || skip "one processor only"
	sleeper "$id"
	on 1 0 >/dev/null
	traced strace -f -o "$WORK/trace" -e trace=clone3,sched_setaffinity,openat,write \
		"$BERTH" --root "$BERTH_STATE" exec --process "$WORK/p.json" "$id" >/dev/null
	# Not born in the cgroup, and moved there between the two.
	grep -q clone3 "$WORK/trace"
	run ! grep -q CLONE_INTO_CGROUP "$WORK/trace"
	run -0 grep -nE 'sched_setaffinity|cgroup.procs' "$WORK/trace"
	[[ ${lines[0]} == *sched_setaffinity*"[1 "* ]] || { echo "$output"; false; }
	[[ ${lines[1]} == *cgroup.procs* ]] || { echo "$output"; false; }
	[[ ${lines[2]} == *sched_setaffinity*"[0 "* ]] || { echo "$output"; false; }
}

@test "execCPUAffinity that cannot be is an error, and nothing runs" {
	sleeper "$id"
	fails 255 'process.execCPUAffinity.final: none of these processors can be used' on 0 8000
	fails 255 'process.execCPUAffinity.initial: "0-" is not a list*' on 0- 0
	fails 255 'process.execCPUAffinity.final: "8192" has a processor above 8191' on '' 8192
}

@test "execCPUAffinity that is no list is refused before there is a container" {
	config '.process.execCPUAffinity = {initial: "x"}'
	fails 1 'process.execCPUAffinity.initial: "x" is not a list*' berth run "$id"
}

# --- the whole container --------------------------------------------------------

@test "personality LINUX32 is the process's and that of exec" {
	config '.linux.personality = {domain: "LINUX32"}'
	sleeper "$id"
	prints i686 berth exec "$id" uname -m
	args uname -m
	prints i686 berth run "$(unique)"
	config '.linux.personality = {domain: "LINUX", flags: []}'
	prints "$(uname -m)" berth run "$(unique)"
	config '.linux.personality.flags = ["ADDR_NO_RANDOMIZE"]'
	fails 1 'linux.personality.flags[0]: "ADDR_NO_RANDOMIZE": not supported*' berth run "$(unique)"
	config '.linux.personality = {domain: "BSD"}'
	fails 1 'linux.personality.domain: "BSD" is not known' berth run "$(unique)"
}

@test "a memory policy is the process's and that of exec" {
	[ -e /proc/self/numa_maps ] || skip "a kernel without NUMA"
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "0"}'
	sleeper "$id"
	prints bind:0 berth exec "$id" sed -n '1s/^[^ ]* \([^ ]*\) .*/\1/p' /proc/self/numa_maps
	args sed -n '1s/^[^ ]* \([^ ]*\) .*/\1/p' /proc/self/numa_maps
	prints bind:0 berth run "$(unique)"
	config '.linux.memoryPolicy = {mode: "MPOL_PREFERRED", nodes: "0", flags: ["MPOL_F_STATIC_NODES"]}'
	prints prefer=static:0 berth run "$(unique)"
	config '.linux.memoryPolicy = {mode: "MPOL_BIND", nodes: "1000"}'
	fails 1 'linux.memoryPolicy: set the memory policy: Invalid argument' berth run "$(unique)"
	config '.linux.memoryPolicy = {mode: "MPOL_BIND"}'
	fails 1 'linux.memoryPolicy.nodes: missing, MPOL_BIND needs some' berth run "$(unique)"
}
