#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# podman of an ordinary user, with subordinate ids.

load ../engines

setup_file()
{
	engine_setup_file engine-rootless
	echo rootless:x:4321:4321::"$STORE/home":/bin/bash >>/etc/passwd
	echo rootless:x:4321: >>/etc/group
	echo rootless:700000:65536 | tee -a /etc/subuid >>/etc/subgid
	mkdir -p "$STORE/home/.config/containers/containers.conf.d" /run/user/4321 /run/engine-rootless
	sed "s|/usr/local/bin/berth|$BERTH|" "$ROOT/contrib/engines/podman.conf" \
		>"$STORE/home/.config/containers/containers.conf.d/berth.conf"
	chown -R 4321:4321 "$STORE/home" /run/user/4321 /run/engine-rootless
	chmod 700 /run/user/4321
	# A part of the hierarchy for the user, as systemd's user manager gets one.
	mkdir -p "/sys/fs/cgroup/$BERTH_TEST_MARK/shell"
	"$BUSYBOX" sh -c 'cd "$1" && for c in $(cat cgroup.controllers); do echo +$c >cgroup.subtree_control || :; done' \
		sh "/sys/fs/cgroup/$BERTH_TEST_MARK"
	chown 4321:4321 "/sys/fs/cgroup/$BERTH_TEST_MARK"{,/shell}{,/cgroup.procs,/cgroup.subtree_control}
	podman load --quiet --input "$STORE/image.tar"
}

teardown_file()
{
	podman rm --force --all --time 0
	# The process that holds podman's user namespace, and the cgroups made above.
	pkill -KILL -u 4321
	wait_until 5 remove_tree "/sys/fs/cgroup/$BERTH_TEST_MARK/shell"
	engine_teardown_file
}

# as_user CGROUP COMMAND…
as_user()
{
	/bin/sh -c 'echo $$ >"/sys/fs/cgroup/$1/cgroup.procs" && cd / && shift && exec "$@"' sh "$1" \
		setpriv --reuid 4321 --regid 4321 --clear-groups \
		env -i "HOME=$STORE/home" XDG_RUNTIME_DIR=/run/user/4321 "PATH=$PATH" "${@:2}" 3>&-
}

podman() { as_user shell podman --cgroup-manager cgroupfs --events-backend file "$@"; }
prun() { podman run --rm --network none "$@"; }

@test "root in the container is the user outside" {
	expect 0 prun "$IMAGE" sh -c 'id -u; touch /x; cat /proc/self/uid_map'
	echo "$output"
	[ "$(echo $output)" = '0 0 4321 1 1 700000 65536' ]
	expect 0 podman info --format '{{.Host.OCIRuntime.Name}} {{.Host.Security.Rootless}}'
	[ "$output" = 'berth true' ]
}

@test "--userns=keep-id, --uidmap, --user, a volume" {
	mkdir "$STORE/home/v"
	chown 4321:4321 "$STORE/home/v"
	expect 0 prun --userns keep-id --volume "$STORE/home/v:/v" "$IMAGE" sh -c 'id -u; touch /v/kept; stat -c %u /v/kept'
	[ "$(echo $output)" = '4321 4321' ]
	[ "$(stat -c %u "$STORE/home/v/kept")" = 4321 ]
	expect 0 prun --user user --volume "$STORE/home/v:/v:U" "$IMAGE" sh -c 'touch /v/x; stat -c %u /v/x'
	[ "$output" = 1000 ]
	[ "$(stat -c %u "$STORE/home/v/x")" = 700999 ]
	expect 0 prun --uidmap 0:1:100 "$IMAGE" cat /proc/self/uid_map
	[ "$(echo $output)" = '0 1 100' ]
}

@test "a detached container: exec, a terminal, stats of its cgroup or none, pause, stop" {
	podman run -d --name all --network none "$IMAGE" sh -c 'trap "exit 3" TERM; echo started; while :; do sleep 0.2; done'
	expect 9 podman exec all sh -c 'id -u; exit 9'
	[ "$output" = 0 ]
	expect 127 podman exec all no-such-program
	expect 0 podman logs all
	[ "$output" = started ]
	podman kill --signal CONT all
	podman stop --time 20 all
	expect 0 podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' all
	[ "$output" = 'exited 3' ]
	podman rm all
}

@test "where a cgroup is delegated its limits hold" {
	expect 0 as_user "$BERTH_TEST_MARK/shell" podman --cgroup-manager cgroupfs --events-backend file run --rm --network none \
		--cgroups split --memory 64m --pids-limit 20 "$IMAGE" sh -c 'cat /sys/fs/cgroup/memory.max /sys/fs/cgroup/pids.max'
	echo "$output"
	[ "$(echo $output)" = '67108864 20' ]
}
