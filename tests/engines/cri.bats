#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A pod as the kubelet makes it: containerd's CRI plugin, a sandbox and containers
# in it, through the runtime handler of contrib's snippet.

load cri

setup_file() { cri_setup_file engine-cri /engine-cri; }
teardown_file() { cri_teardown_file; }

@test "a pod: sandbox, two containers that share it, exec, stats, update, logs, end" {
	local pod c1 c2 before
	before=$(readlink /proc/self/ns/net)
	expect 0 cri RunPodSandbox "{\"config\": $sandbox, \"runtime_handler\": \"berth\"}"
	pod=$(jq -r .pod_sandbox_id <<<"$output")
	expect 0 cri PodSandboxStatus "{\"pod_sandbox_id\": \"$pod\"}"
	jq -e '(.status.state // 0) == 0 and .status.runtime_handler == "berth"' <<<"$output"

	expect 0 cri CreateContainer "$(container "$pod" one 'trap "exit 4" TERM
		echo to the log; while :; do sleep 0.2; done')"
	c1=$(jq -r .container_id <<<"$output")
	cri StartContainer "{\"container_id\": \"$c1\"}"
	expect 0 cri ExecSync "{\"container_id\": \"$c1\", \"timeout\": 30, \"cmd\": [\"sh\", \"-c\",
		\"cat /sys/fs/cgroup/memory.max; id -u; grep NoNewPrivs: /proc/self/status; exit 6\"]}"
	jq -e '.exit_code == 6 and .stdout == "67108864\n1000\nNoNewPrivs:\t1\n"' <<<"$output"
	expect 0 cri ContainerStats "{\"container_id\": \"$c1\"}"
	jq -e '.stats.memory.working_set_bytes.value > 0 and .stats.cpu.usage_core_nano_seconds.value > 0' <<<"$output"
	cri UpdateContainerResources "{\"container_id\": \"$c1\", \"linux\": {\"memory_limit_in_bytes\": 100663296}}"
	expect 0 cri ExecSync "{\"container_id\": \"$c1\", \"cmd\": [\"cat\", \"/sys/fs/cgroup/memory.max\"]}"
	jq -e '.stdout == "100663296\n"' <<<"$output"

	# The second one shares the pod's IPC namespace and the node's network.
	expect 0 cri CreateContainer "$(container "$pod" two 'readlink /proc/self/ns/ipc; readlink /proc/self/ns/net; exit 3')"
	c2=$(jq -r .container_id <<<"$output")
	cri StartContainer "{\"container_id\": \"$c2\"}"
	wait_until 10 has_exited "$c2" 3
	expect 0 cri ExecSync "{\"container_id\": \"$c1\", \"cmd\": [\"readlink\", \"/proc/self/ns/ipc\"]}"
	grep -qF "$(jq -r .stdout <<<"$output")" "$STORE/logs/two.log"
	grep -qF "$before" "$STORE/logs/two.log"
	grep -q 'stdout F to the log' "$STORE/logs/one.log"

	cri StopContainer "{\"container_id\": \"$c1\", \"timeout\": 20}"
	has_exited "$c1" 4
	cri RemoveContainer "{\"container_id\": \"$c1\"}"
	cri StopPodSandbox "{\"pod_sandbox_id\": \"$pod\"}"
	cri RemovePodSandbox "{\"pod_sandbox_id\": \"$pod\"}"
}

@test "an unknown handler, and a container that cannot be executed, fail with the reason" {
	local pod c
	expect 1 cri RunPodSandbox "{\"config\": $sandbox, \"runtime_handler\": \"other\"}"
	[[ $output == *'no runtime for "other" is configured'* ]]
	expect 0 cri RunPodSandbox "{\"config\": $sandbox, \"runtime_handler\": \"berth\"}"
	pod=$(jq -r .pod_sandbox_id <<<"$output")
	expect 0 cri CreateContainer "$(container "$pod" bad x | jq '.config.command = ["no-such-program"]')"
	c=$(jq -r .container_id <<<"$output")
	expect 1 cri StartContainer "{\"container_id\": \"$c\"}"
	[[ $output == *'executable file not found in $PATH: "no-such-program"'* ]]
	cri RemovePodSandbox "{\"pod_sandbox_id\": \"$pod\"}"
}
