#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# containerd: options of ctr, updates, a shim and a containerd that are killed.

load ../containerd

setup_file()
{
	containerd_setup_file engine-ctr-options
	ctr image import "$STORE/image.tar"
}
teardown_file() { containerd_teardown_file; }

crun_it() { ctr run --rm --runc-binary "$BERTH" "$@"; }

@test "options of ctr run" {
	expect 0 crun_it --read-only --cwd /tmp --env A=b --cap-drop CAP_CHOWN --cpus 0.5 --memory-limit 67108864 \
		--seccomp --mount "type=bind,src=$STORE,dst=/m,options=rbind:ro" "$IMAGE" c1 sh -c '
		id -u; pwd; echo $A; touch /x 2>&1; test -e /m/image.tar && echo mounted
		grep ^Seccomp: /proc/self/status'
	echo "$output"
	[[ $(echo $output) == *'0 /tmp b touch: /x: Read-only file system mounted Seccomp: 2'* ]]
	expect 0 crun_it --privileged --net-host "$IMAGE" c1 sh -c 'grep ^CapEff /proc/self/status; test -b /dev/vda && echo vda'
	[[ $output == *vda* ]]
	expect 0 crun_it --device /dev/loop-control "$IMAGE" c1 stat -c '%F %t:%T' /dev/loop-control
	[[ $output == *'character special file a:ed'* ]]
	expect 0 crun_it --uidmap 0:300000:1000 --gidmap 0:300000:1000 "$IMAGE" c1 cat /proc/self/uid_map
	[[ $(echo $output) == *'0 300000 1000'* ]]
}

@test "a container whose cgroup has been said, and the cgroup of the host" {
	ctr run --detach --runc-binary "$BERTH" --cgroup "/$BERTH_TEST_MARK/mine" "$IMAGE" c1 sleep 1000
	[ "$(wc -l <"/sys/fs/cgroup/$BERTH_TEST_MARK/mine/cgroup.procs")" = 1 ]
	ctr task delete --force c1
	ctr container delete c1
	[ ! -e "/sys/fs/cgroup/$BERTH_TEST_MARK/mine" ]
}

@test "what containerd leaves of a shim that was killed is deleted with the task" {
	ctr run --detach --runc-binary "$BERTH" "$IMAGE" k1 sleep 1000
	kill -KILL "$(pgrep -f "containerd-shim.*-namespace $BERTH_TEST_MARK -id k1")"
	wait_until 10 nothing_runs_of k1
	ctr task delete --force k1 || true
	ctr container delete k1
	wait_until 5 nothing_new
}
nothing_runs_of() { [ ! -e "/sys/fs/cgroup/$BERTH_TEST_MARK/$1" ]; }

@test "ctr, the shim and berth killed while they create" {
	local i shim
	for i in 1 2 3 4 5; do
		ctr run --detach --runc-binary "$BERTH" "$IMAGE" "m$i" sleep 1000 >/dev/null 2>&1 &
		wait_until 5 has_shim "m$i"
		"$BUSYBOX" usleep $((i * 60000))
		shim=$(has_shim "m$i")
		# shellcheck disable=SC2046,SC2086 # words
		kill -KILL $shim $(pgrep -P "$(echo $shim | tr ' ' ,)") 2>/dev/null || true
		wait $! || true
		ctr task delete --force "m$i" || true
		ctr container delete "m$i" || true
	done
	for i in 1 2 3 4 5; do
		"$BERTH" --root "/run/containerd/runc/$BERTH_TEST_MARK" delete --force "m$i"
	done
	wait_until 5 nothing_new
}
has_shim() { pgrep -f "containerd-shim.*-namespace $BERTH_TEST_MARK -id $1"; }
