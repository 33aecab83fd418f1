#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# podman: pods, namespaces of other containers, networks, kube play.

load ../podman

setup_file()
{
	podman_setup_file engine-podman-pods
	modprobe -a veth bridge
}
teardown_file()
{
	podman network prune --force
	podman_teardown_file
}

@test "--pod: containers share what a pod shares" {
	podman pod create --name pod --network none --cgroup-parent "/$BERTH_TEST_MARK" --share net,ipc,uts,pid
	podman run -d --pod pod --name a "$IMAGE" sh -c 'echo from a >/dev/shm/x; exec sleep 4321'
	expect 0 podman run --rm --pod pod "$IMAGE" sh -c 'cat /dev/shm/x; ps -o args; hostname'
	echo "$output"
	[[ $output == *'from a'*'sleep 4321'*pod* ]]
	for ns in net ipc uts; do
		expect 0 podman exec a sh -c "readlink /proc/1/ns/$ns; readlink /proc/self/ns/$ns"
		[ "${lines[0]}" = "${lines[1]}" ]
	done
	podman pod stop --time 5 pod
	podman pod start pod
	podman pod pause pod
	podman pod unpause pod
	expect 0 podman pod top pod args
	[[ $output == *'sleep 4321'* ]]
	podman pod rm --force --time 0 pod
}

@test "namespaces of another container" {
	podman run -d --name base --network none --ipc shareable --cgroup-parent "/$BERTH_TEST_MARK" "$IMAGE" sleep 4322
	expect 0 podman run --rm --cgroup-parent "/$BERTH_TEST_MARK" --network container:base --pid container:base \
		--ipc container:base --uts container:base "$IMAGE" sh -c 'ps -o args; readlink /proc/1/ns/net; readlink /proc/self/ns/net'
	echo "$output"
	[[ $output == *'sleep 4322'* ]]
	[ "${lines[-1]}" = "${lines[-2]}" ]
	podman rm --force --time 0 base
	expect 0 prun --pid host --uts host --ipc host -- sh -c 'hostname; readlink /proc/1/ns/pid; cat /proc/1/comm'
	[ "${lines[0]}" = "$(hostname)" ]
}

@test "a network with a bridge: an address, and one container reaches the other" {
	podman network create --disable-dns --subnet 10.99.0.0/24 engines
	podman run -d --name server --network engines --ip 10.99.0.10 --cgroup-parent "/$BERTH_TEST_MARK" "$IMAGE" \
		sh -c 'echo served >/tmp/f; httpd -f -h /tmp'
	expect 0 podman run --rm --network engines --cgroup-parent "/$BERTH_TEST_MARK" "$IMAGE" sh -c '
		for i in 1 2 3 4 5 6 7 8 9; do wget -q -O - http://10.99.0.10/f && exit; sleep 1; done; exit 1'
	[ "${lines[-1]}" = served ]
	podman rm --force --time 0 server
}

@test "kube play runs a pod from a file, and removes it" {
	cat >"$STORE/pod.yaml" <<-END
	apiVersion: v1
	kind: Pod
	metadata:
	  name: played
	spec:
	  hostNetwork: true
	  containers:
	  - name: main
	    image: $IMAGE
	    imagePullPolicy: Never
	    command: ["sh", "-c", "id -u; cat /sys/fs/cgroup/memory.max; touch /x || sleep 1000"]
	    resources: {limits: {memory: 64Mi}}
	    securityContext: {runAsUser: 1000, readOnlyRootFilesystem: true, capabilities: {drop: [all]}}
	    volumeMounts: [{name: data, mountPath: /data}]
	  volumes: [{name: data, emptyDir: {}}]
	END
	podman kube play "$STORE/pod.yaml"
	wait_until 10 played
	expect 0 podman inspect --format '{{.OCIRuntime}}' played-main
	[ "$output" = berth ]
	podman kube down "$STORE/pod.yaml"
	expect 0 podman ps --all --format '{{.Names}}'
	[[ $output != *played* ]]
}
played()
{
	run podman logs played-main
	[[ $output == *1000*67108864*'Read-only file system'* ]]
}
