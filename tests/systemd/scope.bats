#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Containers in scopes of a real systemd: tests/vm --systemd -- bats tests/systemd/scope.bats

load ../lib/common

setup()
{
	[ -S /run/systemd/private ] || skip "systemd does not run here (tests/vm --systemd)"
	berth_setup
	id=$(unique)
	unit=berth-$id.scope
	group=/sys/fs/cgroup/system.slice/$unit
	config '.linux.cgroupsPath = $p' --arg p "system.slice:berth:$id"
}

teardown()
{
	berth_teardown || return
	[ -z "${unit-}" ] || no_unit "$unit"
}

# shellcheck disable=SC2317 # called by wait_until
is_unknown() { [ "$(systemctl show -P LoadState "$1")" = not-found ]; }
no_unit() { wait_until 3 is_unknown "$1"; }

# shows UNIT NAME=VALUE…: what systemd says of the unit.
shows()
{
	local u=$1 text pair
	shift
	text=$(systemctl show "$u")
	for pair in "$@"; do
		grep -qxF -- "$pair" <<<"$text" || {
			echo "not $pair but $(grep "^${pair%%=*}=" <<<"$text")"
			return 1
		}
	done
}

# holds DIR FILE=VALUE…
holds()
{
	local dir=$1 pair
	shift
	for pair in "$@"; do
		[ "$(cat "$dir/${pair%%=*}")" = "${pair#*=}" ] || {
			echo "$dir/${pair%%=*}: $(cat "$dir/${pair%%=*}"), not ${pair#*=}"
			return 1
		}
	done
}

start_scoped()
{
	# shellcheck disable=SC2016 # the container's variable
	script 'trap "exit 0" TERM; sleep 1000 & wait $!'
	detached "$id" --systemd-cgroup run --detach
}

@test "limits are systemd's and the kernel's, and daemon-reload changes nothing" {
	config '.linux.resources = {
		"memory": {"limit": 67108864, "swap": 134217728, "reservation": 33554432},
		"cpu": {"quota": 50000, "period": 100000, "shares": 512, "cpus": "0-1"},
		"pids": {"limit": 20}, "blockIO": {"weight": 500},
		"unified": {"memory.high": "60000000"}}'
	start_scoped
	shows "$unit" MemoryMax=67108864 MemorySwapMax=67108864 MemoryLow=33554432 \
		MemoryHigh=60000000 CPUQuotaPerSecUSec=500ms CPUQuotaPeriodUSec=100ms CPUWeight=59 \
		TasksMax=20 AllowedCPUs=0-1 Delegate=yes CollectMode=inactive-or-failed \
		Slice=system.slice ActiveState=active
	local files=(memory.max=67108864 memory.swap.max=67108864 memory.low=33554432
		memory.high=59998208 "cpu.max=50000 100000" cpu.weight=59 pids.max=20 cpuset.cpus=0-1)
	holds "$group" "${files[@]}"
	before=$(cat "$group"/*weight*)
	systemctl daemon-reload
	holds "$group" "${files[@]}"
	[ "$(cat "$group"/*weight*)" = "$before" ]
	[ "$(state_field "$id" systemd-scope)" = "$unit" ]
	run -0 berth delete --force "$id"
	[ ! -e "$group" ]
	no_unit "$unit"
}

@test "an update reaches systemd, which keeps it" {
	config '.linux.resources = {"memory": {"limit": 67108864}, "pids": {"limit": 20}}'
	start_scoped
	run -0 berth update --memory 50331648 --pids-limit 30 --cpu-quota 20000 --cpu-share 2048 "$id"
	shows "$unit" MemoryMax=50331648 TasksMax=30 CPUQuotaPerSecUSec=200ms CPUWeight=174
	systemctl daemon-reload
	holds "$group" memory.max=50331648 pids.max=30 "cpu.max=20000 100000" cpu.weight=174
}

@test "a limit holds before the program runs" {
	config '.linux.resources = {"pids": {"limit": 1}}'
	script '/bin/busybox true; echo never' # not the shell's own
	run berth --systemd-cgroup run "$id"
	[[ $output == *"can't fork"* && $output != *never* ]]
	config '.linux.resources = {"memory": {"limit": 20000000, "swap": 20000000}}'
	script 'dd if=/dev/zero of=/dev/null bs=100M count=1 2>/dev/null; echo $?'
	run berth --systemd-cgroup run "$id"
	[ "${lines[-1]}" = 137 ]
}

@test "exec, ps, pause, events and kill work on the scope" {
	start_scoped
	run -0 berth exec "$id" cat /proc/self/cgroup
	[[ $output == *0::/ ]]
	berth exec --detach "$id" sleep 1000 </dev/null >/dev/null 2>&1 3>&-
	[ "$(wc -l <"$group/cgroup.procs")" -ge 3 ]
	run -0 berth ps -f json "$id"
	jq -e "index($(pid_of "$id"))" <<<"$output"
	run -0 berth pause "$id"
	[ "$(cat "$group/cgroup.freeze")" = 1 ]
	run -0 berth resume "$id"
	run -0 berth events --stats "$id"
	jq -e '.data.pids.current >= 3' <<<"$output"
	run -0 berth kill --all "$id" KILL
	wait_for_status "$id" stopped
	run -0 berth delete "$id"
	no_unit "$unit"
}

@test "a container that ends by itself leaves no unit" {
	args true
	run -0 berth --systemd-cgroup run "$id"
	no_unit "$unit"
	args false
	run -1 berth --systemd-cgroup run "$id"
	no_unit "$unit"
	# Killed by the kernel: no failed unit is in the way of the next one.
	config '.linux.resources = {"memory": {"limit": 20000000, "swap": 20000000}}'
	script 'x=$(head -c 100000000 /dev/zero | tr "\0" x); echo never'
	run -137 berth --systemd-cgroup run "$id"
	[[ $output != *never* ]]
	no_unit "$unit"
	config 'del(.linux.resources)'
	args true
	run -0 berth --systemd-cgroup run "$id"
}

@test "the name of a unit that is there is refused, and that one stays" {
	systemd-run --quiet --scope --unit="$unit" sleep 1000 &
	wait_until 10 systemctl is-active "$unit"
	args true
	fails 1 "systemd has a unit $unit already: *" berth --systemd-cgroup run "$id"
	[ -z "$(berth list -q)" ]
	run -0 systemctl is-active "$unit"
	systemctl stop "$unit"
	wait
	run -0 berth --systemd-cgroup run "$id"
}

@test "without a cgroupsPath it is berth-ID.scope in system.slice; a nested slice works" {
	config '.linux.cgroupsPath = null'
	start_scoped
	[ "$(cgroup_of "$id")" = "$group" ]
	berth delete --force "$id"
	config '.linux.cgroupsPath = $p' --arg p "one-two.slice:p:$id"
	start_scoped
	[ "$(cgroup_of "$id")" = "/sys/fs/cgroup/one.slice/one-two.slice/p-$id.scope" ]
	berth delete --force "$id"
	no_unit "p-$id.scope"
	config '.linux.cgroupsPath = $p' --arg p "-.slice:p:$id"
	start_scoped
	[ "$(cgroup_of "$id")" = "/sys/fs/cgroup/p-$id.scope" ]
}

@test "a device stays closed across daemon-reload" {
	# systemd's /tmp is nodev: the nodes are in the container's own /dev.
	config '.linux.devices = [{"path": "/dev/loops", "type": "c", "major": 10, "minor": 237},
		{"path": "/dev/disk", "type": "b", "major": $major, "minor": $minor}] |
		.linux.resources.devices = [{"allow": false, "access": "rwm"},
		{"allow": true, "type": "c", "major": 10, "minor": 237, "access": "r"}]' \
		--argjson major $((0x$(stat -c %t /dev/vda))) --argjson minor $((0x$(stat -c %T /dev/vda)))
	start_scoped
	check()
	{
		run berth exec "$id" dd if=/dev/disk of=/dev/null bs=1 count=1
		[ "$status" -ne 0 ] && [[ $output == *"not permitted"* ]] || return
		run berth exec "$id" sh -c 'exec 3</dev/loops'
		[ "$status" -eq 0 ] || return
		run berth exec "$id" sh -c 'exec 3>/dev/loops'
		[ "$status" -ne 0 ]
	}
	check
	systemctl daemon-reload
	check
	run -0 berth update --memory 100000000 "$id"
	systemctl daemon-reload
	check
}

@test "annotations set properties of the unit" {
	config '.annotations = {"org.systemd.property.TimeoutStopSec": "uint64 7",
		"org.systemd.property.KillMode": "\u0027process\u0027",
		"org.systemd.property.Before": "[\u0027one.target\u0027, \u0027two.target\u0027]"}'
	start_scoped
	shows "$unit" TimeoutStopUSec=7s KillMode=process
	[[ $(systemctl show -P Before "$unit") == *one.target* ]]
	berth delete --force "$id"
	config '.annotations = {"org.systemd.property.NoSuchThing": "true"}'
	fails 1 "systemd does not start $unit: Cannot set property NoSuchThing*" berth --systemd-cgroup run "$id"
	[ -z "$(berth list -q)" ]
	no_unit "$unit"
}

@test "run.oci.systemd.subgroup and run.oci.delegate-cgroup make cgroups below the scope" {
	config '.annotations = {"run.oci.systemd.subgroup": "container",
		"run.oci.delegate-cgroup": "payload"} |
		.linux.resources = {"pids": {"limit": 20}}'
	start_scoped
	[ "$(cgroup_of "$id")" = "$group/container/payload" ]
	holds "$group" pids.max=20
	holds "$group/container" pids.max=20
	holds "$group/container/payload" pids.max=max
	run -0 berth update --pids-limit 30 "$id"
	holds "$group" pids.max=30
	holds "$group/container" pids.max=30
	systemctl daemon-reload
	holds "$group" pids.max=30
	run -0 berth delete --force "$id"
	[ ! -e "$group" ]
}

# Without /proc, which a user namespace may not mount where the host's is covered.
@test "a container with its own cgroup namespace and a writable mount owns its cgroup" {
	config '.mounts |= map(select(.type == "tmpfs")) |
		.mounts += [{"destination": "/sys/fs/cgroup", "type": "cgroup", "source": "cgroup",
			"options": ["nosuid", "noexec", "nodev"]}] |
		.linux.namespaces += [{"type": "user"}] |
		.linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}] |
		.linux.gidMappings = .linux.uidMappings | .root.readonly = false'
	chown -R 100000:100000 "$BUNDLE/rootfs"
	chmod a+x "$BATS_RUN_TMPDIR" "$BATS_RUN_TMPDIR/test" "$WORK" "$BUNDLE"
	start_scoped
	[ "$(stat -c %u "$group")" = 100000 ]
	[ "$(stat -c %u "$group/cgroup.procs")" = 100000 ]
	[ "$(stat -c %u "$group/cgroup.max.descendants")" = 0 ]
	run -0 berth exec "$id" sh -c 'mkdir /sys/fs/cgroup/own && echo $$ >/sys/fs/cgroup/own/cgroup.procs'
	run -1 berth exec "$id" sh -c 'echo 1 >/sys/fs/cgroup/cgroup.max.descendants'
	[[ $output == *'ermission denied'* ]]
	run -0 berth delete --force "$id"
	[ ! -e "$group" ]
	# Read-only, it is nobody's but the host's.
	config '.mounts[-1].options += ["ro"]'
	start_scoped
	[ "$(stat -c %u "$group")" = 0 ]
}

# A private /run/systemd for berth alone: FAKE is bound over its socket.
with_socket()	# FAKE COMMAND…
{
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m --propagation private sh -c 'mount --bind "$1" /run/systemd/private &&
		mount -t tmpfs none /run/dbus && shift && exec "$@"' sh "$@"
}

@test "a systemd that is down, hangs up or hangs is one line, and leaves nothing" {
	: >"$WORK/nobody"
	fails 1 "*" with_socket "$WORK/nobody" "$BERTH" --root "$BERTH_STATE" --systemd-cgroup run "$id"
	[[ $stderr == *systemd* ]]
	python3 -c 'if True:
		import socket, sys, time
		s = socket.socket(socket.AF_UNIX); s.bind(sys.argv[1]); s.listen(8)
		held = []
		while True:
			c = s.accept()[0]
			if sys.argv[2] == "hang": held.append(c)
			else: c.close()' "$WORK/close" close &
	closer=$!
	wait_until 10 test -S "$WORK/close"
	fails 1 "start $unit: systemd: *" with_socket "$WORK/close" "$BERTH" --root "$BERTH_STATE" --systemd-cgroup run "$id"
	kill "$closer"
	[ -z "$(berth list -q)" ]
	no_unit "$unit"
}

@test "the bus does where systemd's own socket is closed" {
	type -P dbus-daemon >/dev/null || skip "dbus-daemon is not installed (package dbus)"
	systemctl start dbus.socket
	: >"$WORK/nobody"
	args true
	# shellcheck disable=SC2016 # the inner shell's
	run -0 unshare -m --propagation private sh -c 'mount --bind "$1" /run/systemd/private &&
		shift && exec "$@"' sh "$WORK/nobody" "$BERTH" --root "$BERTH_STATE" --systemd-cgroup run "$id"
	no_unit "$unit"
}

@test "a berth that is killed while systemd works is cleaned up after" {
	local n
	for n in 1 2 3 4 5 6; do
		args true
		berth --systemd-cgroup run "$id" </dev/null >/dev/null 2>&1 3>&- &
		sleep "0.0$n"
		kill -KILL $! || true
		wait $! || true
		run -0 berth delete --force "$id"
		[ -z "$(berth list -q)" ]
		no_unit "$unit"
		[ ! -e "$group" ]
	done
}

# with_resctrl DIR COMMAND…: where DIR is a resctrl file system, as far as can be told.
with_resctrl()
{
	# shellcheck disable=SC2016 # the inner shell's
	unshare -m sh -c '{ cat /proc/self/mountinfo; echo "1 1 0:1 / $1 rw - resctrl resctrl rw"; } >"$1/mountinfo"
		mount --bind "$1/mountinfo" /proc/$$/mountinfo; shift; exec "$@"' sh "$@"
}

@test "a container in a scope is in its resctrl group as well" {
	mkdir -p "$WORK/resctrl/gold"
	: >"$WORK/resctrl/gold/tasks"
	config '.linux.intelRdt = {closID: "gold"}'
	args sleep 1000
	with_resctrl "$WORK/resctrl" "$BERTH" --root "$BERTH_STATE" --systemd-cgroup run --detach "$id" \
		</dev/null >/dev/null 2>&1 3>&-
	[ "$(cat "$WORK/resctrl/gold/tasks")" = "$(pid_of "$id")" ]
	berth exec "$id" true
	[ "$(cat "$WORK/resctrl/gold/tasks")" != "$(pid_of "$id")" ]
}
