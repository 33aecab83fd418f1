#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# podman of an ordinary user whose own systemd makes the cgroups: what a login on a
# usual host gives, and podman's default there.
# Alone: the user's /run/user comes and goes, and others compare mounts.

load ../engines/engines

UID_=4321

setup_file()
{
	engine_setup_file engine-podman-user
	echo "lodger:x:$UID_:$UID_::$STORE/home:/bin/bash" >>/etc/passwd
	echo "lodger:x:$UID_:" >>/etc/group
	echo 'lodger:!:20000::::::' >>/etc/shadow # or PAM refuses the user's systemd
	echo lodger:700000:65536 | tee -a /etc/subuid >>/etc/subgid
	mkdir -p "$STORE/home/.config/containers/containers.conf.d"
	sed "s|/usr/local/bin/berth|$BERTH|" "$ROOT/contrib/engines/podman.conf" \
		>"$STORE/home/.config/containers/containers.conf.d/berth.conf"
	chown -R "$UID_:$UID_" "$STORE/home"
	systemctl start "user@$UID_.service" || {
		journalctl -b -n 20 --no-pager
		return 1
	}
	podman load --quiet --input "$STORE/image.tar"
}

teardown_file()
{
	podman rm --force --all --time 0
	systemctl stop "user@$UID_.service"
	engine_teardown_file
}

# In systemd's mount namespace, which is not the test's: the user's /run is mounted there.
as_user()
{
	(cd / && nsenter --mount=/proc/1/ns/mnt setpriv --reuid "$UID_" --regid "$UID_" --clear-groups \
		env -i "HOME=$STORE/home" "XDG_RUNTIME_DIR=/run/user/$UID_" "PATH=$PATH" "$@" 3>&-)
}
podman() { as_user podman --events-backend file "$@"; }
property() { as_user systemctl --user show --value --property "$2" "$1"; }
no_unit() { [ "$(property "$1" LoadState)" = not-found ]; }

@test "a user's podman has systemd as its manager, and a scope with limits for each container" {
	local id scope dir
	expect 0 podman info --format '{{.Host.OCIRuntime.Name}} {{.Host.CgroupManager}} {{.Host.Security.Rootless}}'
	[ "$output" = 'berth systemd true' ]
	podman run -d --name one --network none --memory 64m --pids-limit 20 "$IMAGE" \
		sh -c 'trap "exit 3" TERM; while :; do sleep 0.2; done'
	id=$(podman inspect --format '{{.Id}}' one)
	scope=libpod-$id.scope
	[ "$(property "$scope" ActiveState)" = active ]
	[ "$(property "$scope" MemoryMax) $(property "$scope" TasksMax)" = '67108864 20' ]
	dir=/sys/fs/cgroup$(property "$scope" ControlGroup)
	[[ $dir == */user.slice/user-$UID_.slice/user@$UID_.service/user.slice/$scope ]]
	[ "$(cat "$dir/memory.max") $(cat "$dir/pids.max")" = '67108864 20' ]
	expect 9 podman exec one sh -c 'cat /sys/fs/cgroup/memory.max; exit 9'
	[ "$output" = 67108864 ]
	podman pause one
	podman unpause one
	podman stop --time 20 one
	expect 0 podman inspect --format '{{.State.ExitCode}}' one
	[ "$output" = 3 ]
	podman rm one
	wait_until 5 no_unit "$scope"
	[ ! -e "$dir" ]
}
