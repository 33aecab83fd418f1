# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A containerd of the test's own with its CRI plugin, and what the kubelet asks it.

# shellcheck source=tests/engines/containerd.bash
source "${BASH_SOURCE[0]%/*}/containerd.bash"

# cri_setup_file NAME PARENT: pods with $sandbox as their configuration get their
# cgroups below PARENT.
cri_setup_file()
{
	containerd_setup_file "$1" \
		'[plugins."io.containerd.grpc.v1.cri"]' \
		"sandbox_image = \"$IMAGE\"" \
		'[plugins."io.containerd.grpc.v1.cri".cni]' \
		"conf_dir = \"/run/$1/cni\""
	wait_until 10 cri Version || { grep 'cri' "$STORE/containerd.log"; return 1; }
	# The pause image of the sandbox has a program that waits, as its default.
	make_pause "$STORE/pause.tar"
	ctr --namespace k8s.io image import "$STORE/pause.tar"
	# shellcheck disable=SC2089 # it is JSON, no command
	printf -v sandbox '{"metadata": {"name": "pod", "uid": "u", "namespace": "n"}, "log_directory": "%s",
		"linux": {"cgroup_parent": "%s", "security_context": {"namespace_options": {"network": 2}}}}' "$STORE/logs" "$2"
	# shellcheck disable=SC2090
	export sandbox
	mkdir -p "$STORE/logs"
}

cri_teardown_file() { NAMESPACE=k8s.io containerd_teardown_file; }

make_pause()
{
	local dir=$STORE/pause
	mkdir "$dir"
	"$BUSYBOX" tar -C "$dir" -xf "$STORE/image.tar"
	sed -i 's/"Cmd":\["sh"\]/"Entrypoint":["sleep","100000"]/' "$dir"/[0-9a-f]*.json
	"$BUSYBOX" tar -C "$dir" -cf "$1" .
}

cri() { /usr/bin/python3 "$ROOT/tests/engines/cri.py" "$SOCKET" "$@"; }

# container POD NAME SCRIPT: the request for one.
container()
{
	jq -n --arg pod "$1" --arg name "$2" --arg script "$3" --arg image "$IMAGE" --argjson sandbox "$sandbox" '{
		pod_sandbox_id: $pod, sandbox_config: $sandbox,
		config: {
			metadata: {name: $name}, image: {image: $image}, command: ["sh", "-c", $script],
			log_path: ($name + ".log"),
			linux: {
				resources: {memory_limit_in_bytes: 67108864, cpu_quota: 50000, cpu_period: 100000},
				security_context: {run_as_user: {value: 1000}, no_new_privs: 1, namespace_options: {network: 2, pid: 1}}
			}
		}
	}'
}

has_exited()	# ID STATUS
{
	cri ContainerStatus "{\"container_id\": \"$1\"}" | jq -e ".status | .state == 2 and .exit_code == $2"
}
