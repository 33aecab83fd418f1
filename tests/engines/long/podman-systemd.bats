#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A container whose init is systemd: it makes cgroups of its own below the one
# that it is given, also in a user namespace.

load ../podman

setup_file()
{
	podman_setup_file engine-podman-systemd
	# The host's programs, and nothing else of it.
	local root=$STORE/systemd name
	mkdir -p "$root"/{usr,etc/systemd/system,proc,sys,dev,run,tmp,var,root}
	for name in bin sbin lib lib64; do
		ln -s "usr/$name" "$root/$name"
	done
	printf 'root:x:0:0:root:/root:/bin/sh\nmessagebus:x:100:100::/:/bin/false\n' >"$root/etc/passwd"
	printf 'root:x:0:\nmessagebus:x:100:\n' >"$root/etc/group"
	printf '[Unit]\nDefaultDependencies=no\nWants=hello.service\n' >"$root/etc/systemd/system/default.target"
	printf '[Unit]\nDefaultDependencies=no\n[Service]\nExecStart=/bin/sleep 4321\nMemoryMax=32M\nTasksMax=7\n' \
		>"$root/etc/systemd/system/hello.service"
	: >"$root/etc/machine-id"
}
teardown_file() { podman_teardown_file; }

# systemd_container OPTION…: its service runs, with limits, and it stops when told.
systemd_container()
{
	podman run -d --name sd --systemd always --network none --cgroup-parent "/$BERTH_TEST_MARK" --volume /usr:/usr:ro "$@" \
		--rootfs "$STORE/systemd" /lib/systemd/systemd
	wait_until 10 has_service || { podman logs sd; podman inspect --format '{{.State.Status}} {{.State.ExitCode}}' sd; return 1; }
	expect 0 podman exec sd sh -c 'cat /proc/1/cgroup
		cd /sys/fs/cgroup/system.slice/hello.service && cat memory.max pids.max && cat /proc/$(cat cgroup.procs)/comm'
	[ "$(echo $output)" = '0::/init.scope 33554432 7 sleep' ]
	podman stop --time 60 sd
	expect 0 podman inspect --format '{{.State.ExitCode}}' sd
	[ "$output" != 137 ]
	podman rm sd
}
has_service() { [ "$(podman exec sd systemctl is-active hello.service)" = active ]; }

@test "systemd as init has its cgroup" {
	systemd_container
}

@test "systemd as init has its cgroup in a user namespace" {
	cp -a "$STORE/systemd" "$STORE/remapped"
	chown -R 300000:300000 "$STORE/remapped"
	mv "$STORE/systemd" "$STORE/plain"
	mv "$STORE/remapped" "$STORE/systemd"
	systemd_container --uidmap 0:300000:65536 --gidmap 0:300000:65536
}
