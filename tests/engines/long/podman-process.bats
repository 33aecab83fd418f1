#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# podman: what a container's process is given.

load ../podman

setup_file() { podman_setup_file engine-podman-process; }
teardown_file() { podman_teardown_file; }

status_line() { sed -n "s/^$1:[[:space:]]*//p" <<<"$output"; }

@test "--cap-add and --cap-drop" {
	expect 0 prun --cap-drop all --cap-add net_raw --cap-add sys_time -- grep ^Cap /proc/self/status
	echo "$output"
	[ "$(status_line CapEff)" = 0000000002002000 ]
	[ "$(status_line CapBnd)" = 0000000002002000 ]
	[ "$(status_line CapInh)" = 0000000000000000 ]
	expect 0 prun --privileged -- grep ^CapEff /proc/self/status
	[ "$(status_line CapEff)" = "$(sed -n 's/^CapEff:\t//p' /proc/self/status)" ]
}

@test "--security-opt no-new-privileges, and a seccomp profile of one's own" {
	expect 0 prun --security-opt no-new-privileges -- grep -E '^(NoNewPrivs|Seccomp)' /proc/self/status
	[ "$(status_line NoNewPrivs)" = 1 ]
	[ "$(status_line Seccomp)" = 2 ]
	echo '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"],
		"action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}' >"$STORE/seccomp.json"
	expect 1 prun --security-opt "seccomp=$STORE/seccomp.json" -- mkdir /tmp/d
	[[ $output == *'No space left on device'* ]]
	expect 0 prun --security-opt seccomp=unconfined -- grep ^Seccomp: /proc/self/status
	[ "$(status_line Seccomp)" = 0 ]
}

@test "--security-opt apparmor" {
	mount -t securityfs securityfs /sys/kernel/security
	printf 'profile engine-test flags=(attach_disconnected,mediate_deleted) {\n%s\n}\n' \
		'file, capability, signal, ptrace, mount, umount, network, unix, deny /root/file r,' >"$STORE/profile"
	apparmor_parser --replace --skip-cache "$STORE/profile"
	run prun --security-opt apparmor=engine-test -- sh -c 'cat /proc/self/attr/current /root/file'
	echo "$output"
	[[ $output == *'engine-test (enforce)'* && $output == *"'/root/file': Permission denied"* ]]
	expect 0 prun --security-opt apparmor=unconfined -- cat /proc/self/attr/current /root/file
	[ "$(echo $output)" = 'unconfined kept' ]
	umount /sys/kernel/security
}

@test "--init reaps, and its child gets the signal" {
	podman run -d --name init --init --network none --cgroup-parent "/$BERTH_TEST_MARK" "$IMAGE" \
		sh -c 'trap "exit 6" TERM; while :; do sleep 0.2; done'
	expect 0 podman exec init cat /proc/1/cmdline
	[[ $output == *dumb-init* || $output == *podman-init* ]]
	podman stop --time 20 init
	expect 0 podman inspect --format '{{.State.ExitCode}}' init
	[ "$output" = 6 ]
	podman rm init
}

@test "--user, --group-add, --env, --workdir, --hostname, --ulimit, --oom-score-adj, --sysctl" {
	expect 0 prun --user user:extra --group-add 77 --env A=b --workdir /tmp --hostname box --ulimit nofile=123:456 \
		--oom-score-adj 77 --sysctl kernel.msgmax=4321 --umask 027 -- sh -c '
		id -u; id -g; id -G; echo $A; pwd; hostname; ulimit -Sn; ulimit -Hn; cat /proc/self/oom_score_adj /proc/sys/kernel/msgmax; umask'
	echo "$output"
	[ "$(echo $output)" = '1000 2000 2000 77 b /tmp box 123 456 77 4321 0027' ]
}

@test "a health check runs in the container" {
	podman run -d --name health --network none --cgroup-parent "/$BERTH_TEST_MARK" \
		--health-cmd 'test -e /tmp/well' --health-interval disable "$IMAGE" sleep 1000
	expect 1 podman healthcheck run health
	podman exec health touch /tmp/well
	podman healthcheck run health
	expect 0 podman inspect --format '{{len .State.Healthcheck.Log}}' health
	[ "$output" = 2 ]
	podman rm --force --time 0 health
}

@test "exec: users, capabilities, a terminal with input, --preserve-fds, --privileged" {
	podman run -d --name exec --network none --cgroup-parent "/$BERTH_TEST_MARK" --cap-drop all "$IMAGE" sleep 1000
	expect 0 podman exec --user 1000:2000 exec sh -c 'id -u; id -g; grep CapEff /proc/self/status'
	[ "$(echo $output)" = '1000 2000 CapEff: 0000000000000000' ]
	expect 0 podman exec --privileged exec grep ^CapEff /proc/self/status
	[ "$(status_line CapEff)" = "$(sed -n 's/^CapEff:\t//p' /proc/self/status)" ]
	echo handed >"$STORE/handed"
	expect 0 handed "$STORE/handed"
	[ "$output" = handed ]
	expect 0 sh -c "echo input | podman --cgroup-manager $MANAGER --tmpdir /run/$BERTH_TEST_MARK/libpod exec --interactive exec cat"
	[ "$output" = input ]
	podman rm --force --time 0 exec
}

# podman() closes 3, which is bats' own.
handed()
{
	command podman --cgroup-manager "$MANAGER" --tmpdir "/run/$BERTH_TEST_MARK/libpod" \
		exec --preserve-fds 1 exec sh -c 'cat <&3' 3<"$1"
}

@test "exit statuses: 125 for podman's own failures, 128 and the signal for killed ones" {
	expect 125 prun --no-such-option -- true
	expect 125 prun --volume /nowhere/at/all:/mnt -- true
	expect 137 prun --init -- sh -c 'kill -KILL $$'
	expect 143 prun --init -- sh -c 'kill -TERM $$'
}
