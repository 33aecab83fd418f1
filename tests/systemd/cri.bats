#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A pod on a node whose kubelet and containerd both leave cgroups to systemd: the
# kubelet names the pod's slice, containerd a scope in it.

load ../engines/cri

SLICE=kubepods-burstable-podu1.slice

setup_file()
{
	export SYSTEMD_CGROUP=true
	cri_setup_file engine-cri-systemd "/kubepods.slice/kubepods-burstable.slice/$SLICE"
}
teardown_file() { cri_teardown_file; }

property() { systemctl show --value --property "$2" "$1"; }
no_unit() { [ "$(property "$1" LoadState)" = not-found ]; }

# update ID RESOURCES
update() { cri UpdateContainerResources "{\"container_id\": \"$1\", \"linux\": $2}"; }

@test "the sandbox and its container are scopes in the pod's slice, with limits and updates" {
	local pod c scope dir=/sys/fs/cgroup/kubepods.slice/kubepods-burstable.slice/$SLICE
	expect 0 cri RunPodSandbox "{\"config\": $sandbox, \"runtime_handler\": \"berth\"}"
	pod=$(jq -r .pod_sandbox_id <<<"$output")
	[ "$(property "cri-containerd-$pod.scope" Slice)" = "$SLICE" ]
	grep -q . "$dir/cri-containerd-$pod.scope/cgroup.procs"

	expect 0 cri CreateContainer "$(container "$pod" one 'trap "exit 4" TERM; while :; do sleep 0.2; done')"
	c=$(jq -r .container_id <<<"$output")
	scope=cri-containerd-$c.scope
	cri StartContainer "{\"container_id\": \"$c\"}"
	[ "$(property "$scope" Slice) $(property "$scope" ActiveState)" = "$SLICE active" ]
	[ "$(property "$scope" MemoryMax) $(property "$scope" CPUQuotaPerSecUSec)" = '67108864 500ms' ]
	[ "$(cat "$dir/$scope/memory.max") $(cat "$dir/$scope/cpu.max")" = '67108864 50000 100000' ]
	expect 0 cri ExecSync "{\"container_id\": \"$c\", \"timeout\": 30, \"cmd\": [\"cat\", \"/sys/fs/cgroup/memory.max\", \"/proc/self/cgroup\"]}"
	jq -e '.stdout == "67108864\n0::/\n"' <<<"$output"
	expect 0 cri ContainerStats "{\"container_id\": \"$c\"}"
	jq -e '.stats.memory.working_set_bytes.value > 0' <<<"$output"

	update "$c" '{"memory_limit_in_bytes": 100663296, "cpu_quota": 20000, "cpu_period": 100000, "cpu_shares": 512}'
	[ "$(property "$scope" MemoryMax) $(property "$scope" CPUQuotaPerSecUSec)" = '100663296 200ms' ]
	systemctl daemon-reload
	[ "$(cat "$dir/$scope/memory.max") $(cat "$dir/$scope/cpu.max")" = '100663296 20000 100000' ]

	cri StopContainer "{\"container_id\": \"$c\", \"timeout\": 20}"
	has_exited "$c" 4
	cri RemoveContainer "{\"container_id\": \"$c\"}"
	wait_until 5 no_unit "$scope"
	cri StopPodSandbox "{\"pod_sandbox_id\": \"$pod\"}"
	cri RemovePodSandbox "{\"pod_sandbox_id\": \"$pod\"}"
	wait_until 5 no_unit "cri-containerd-$pod.scope"
}
