#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# An engine that is killed in the middle of a create: podman, its monitor and
# berth at once.  podman's own cleanup and `berth delete --force` leave nothing.

load ../podman

setup_file() { podman_setup_file engine-podman-killed; }
teardown_file() { podman_teardown_file; }

@test "podman, conmon and berth killed while they create" {
	local i pid
	for i in 1 2 3 4 5 6 7 8; do
		command podman --cgroup-manager cgroupfs --tmpdir "/run/$BERTH_TEST_MARK/libpod" run --name "k$i" \
			--network none --cgroup-parent "/$BERTH_TEST_MARK" "$IMAGE" sleep 1000 >/dev/null 2>&1 3>&- &
		pid=$!
		# From before berth runs to after the container does.
		wait_until 5 has_conmon "k$i"
		"$BUSYBOX" usleep $((i * 30000))
		kill -KILL "$pid" $(monitors) 2>/dev/null || true
		wait "$pid" || true
	done
	podman rm --force --all --time 0
	expect 0 podman ps --all --quiet
	[ -z "$output" ]
	for id in $(of_this_test); do
		echo "podman left $id"
		"$BERTH" delete --force "$id"
	done
	wait_until 3 nothing_new
}

# conmon and the berth that it runs.
monitors() { pgrep -f "conmon.*$STORE"; pgrep -P "$(pgrep -d , -f "conmon.*$STORE")" || true; }
has_conmon() { pgrep -f "conmon.*-n $1 "; }
of_this_test()
{
	local f
	for f in $("$BUSYBOX" grep -ls "$BERTH_TEST_MARK" /run/berth/*/*.json); do
		f=${f%/*}
		echo "${f##*/}"
	done | sort -u
}
