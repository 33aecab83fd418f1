#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# linux.netDevices: devices of a network namespace that stands for the host's.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	needs_program ip iproute2
	id=$(unique)
	# Everything that follows is in a namespace of the test's own.
	unshare -n sleep 1000 3>&- &
	host=$!
	wait_until 10 eval '[ "$(readlink /proc/$host/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
	ip link add lan0 type veth peer name wire0 || skip "this kernel has no veth devices"
	ip link add lan1 type veth peer name wire1
	ip link set lo up
}
teardown() {
	[ -z "${host-}" ] || kill "$host" 2>/dev/null || :
	wait "$host" 2>/dev/null || :
	berth_teardown
}

in_host() { nsenter --net="/proc/$host/ns/net" "$@"; }
berth_there() { in_host "$BERTH" --root "$BERTH_STATE" "$@"; }
ip() { in_host ip "$@"; }
has_no() { ! ip link show "$1"; }

# shellcheck disable=SC2016 # jq's
give() { config '.linux.netDevices[$d] = (if $n == "" then {} else {name: $n} end)' --arg d "$1" --arg n "${2-}"; }

@test "a device goes in, is up, and the host has it no more" {
	give lan0
	script 'ip link show lan0; ip link show lo'
	expect 0 berth_there run "$id"
	[[ ${lines[0]} == *": lan0"*"<"*UP*">"* ]]
	run ! ip link show lan0
	# It was virtual: the namespace takes it along, when the kernel gets round to that.
	wait_until 10 has_no wire0
	ip link show lan1
}

@test "it keeps its permanent global addresses, its MAC and its MTU" {
	ip addr add 192.0.2.7/24 brd 192.0.2.99 dev lan0
	ip addr add 10.1.1.1 peer 10.1.1.2/32 dev lan0
	ip addr add 169.254.3.4/16 scope link dev lan0
	ip -6 addr add 2001:db8::7/64 dev lan0
	ip link set lan0 address 02:00:5e:10:00:01 mtu 1400
	ip link set lan0 up
	ip link set wire0 up
	give lan0
	script 'ip addr show lan0'
	expect 0 berth_there run "$id"
	[[ $output == *"mtu 1400"* && $output == *"link/ether 02:00:5e:10:00:01"* ]]
	[[ $output == *"inet 192.0.2.7/24 brd 192.0.2.99 scope global lan0"* ]]
	[[ $output == *"inet 10.1.1.1 peer 10.1.1.2/32 scope global lan0"* ]]
	[[ $output == *"inet6 2001:db8::7/64 scope global"* ]]
	[[ $output != *169.254.3.4* ]]
}

@test "it can get another name, one that a device of the host has, or a number" {
	give lan0 lan1
	give lan1 lan0
	give wire1 'net%d'
	script 'cd /sys/class/net && for d in *; do echo $d $(cat $d/address); done'
	lan0=$(ip link show lan0 | awk '/ether/ { print $2 }')
	lan1=$(ip link show lan1 | awk '/ether/ { print $2 }')
	wire1=$(ip link show wire1 | awk '/ether/ { print $2 }')
	expect 0 berth_there run "$id"
	[[ $output == *"lan1 $lan0"* && $output == *"lan0 $lan1"* && $output == *"net0 $wire1"* ]]
}

@test "a user namespace of the container's own" {
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings'
	chown -R 100000:100000 "$BUNDLE/rootfs"
	chmod 755 "$BATS_RUN_TMPDIR"
	ip addr add 192.0.2.7/24 dev lan0
	give lan0 eth0
	script 'ip addr show eth0'
	expect 0 berth_there run "$id"
	[[ $output == *"inet 192.0.2.7/24"* ]]
}

@test "create, exec; the prestart hook finds the device in there" {
	ip addr add 192.0.2.7/24 dev lan0
	give lan0
	config '.hooks.prestart = [{path: "/bin/sh", args: ["sh", "-c", $s]}]' --arg s \
		"pid=\$(sed -n 's/.*\"pid\": *\\([0-9]*\\).*/\\1/p'); nsenter --net=/proc/\$pid/ns/net $BUSYBOX ip addr >$WORK/hook 2>&1"
	args sleep 1000
	in_host "$BERTH" --root "$BERTH_STATE" create "$id" </dev/null >/dev/null 2>&1 3>&-
	grep -q 'inet 192.0.2.7/24.*lan0' "$WORK/hook" || { cat "$WORK/hook"; return 1; }
	berth start "$id"
	expect 0 berth exec "$id" ip addr show lan0
	[[ $output == *"inet 192.0.2.7/24"* ]]
	# It stays there until the namespace goes.
	run ! ip link show lan0
	berth delete --force "$id"
	wait_until 10 eval '! ip link show wire0'
}

# devices: all that can be told of them, but for their index, and for what IPv6
# does by itself
devices() { ip addr | sed 's/^[0-9]*: //; /inet6 fe80/,+1d; s/ tentative//' | sort; }

# as_before COMMAND…: and the devices are as they were
as_before() {
	local before
	before=$(devices)
	"$@" || return
	[ "$(devices)" = "$before" ] || { diff <(echo "$before") <(devices); return 1; }
}

@test "no such device: none is moved" {
	ip addr add 192.0.2.7/24 dev lan0
	ip link set lan0 up
	give lan0
	give lan9
	as_before fails 1 'linux.netDevices["lan9"]: the host has no such network device' berth_there run "$id"
	[ ! -d "$BERTH_STATE/$id" ]
}

@test "the loopback device cannot be moved, its name cannot be taken" {
	give lan0
	give lo lo9
	as_before fails 1 'linux.netDevices["lo"]: it cannot change its network namespace: *' berth_there run "$id"
	config '.linux.netDevices = {lan0: {name: "lo"}}'
	as_before fails 1 'linux.netDevices["lan0"]: the container'"'"'s network namespace has a device lo already' berth_there run "$id"
}

@test "a start that fails later gives the devices back, with addresses and state" {
	ip addr add 192.0.2.7/24 dev lan0
	ip -6 addr add 2001:db8::7/64 dev lan0
	ip link set lan0 up
	ip link set wire0 up
	wait_until 10 eval '! ip addr | grep tentative'
	give lan0 eth0
	give lan1
	args /no/such/program
	as_before fails 1 'no such file or directory: executable *' berth_there run "$id"
	config '.mounts += [{destination: "/x", type: "tmpfs", options: ["size=x"]}]'
	as_before fails 1 'mounts[*' berth_there create "$id"
	config '.linux.namespaces += [{type: "user"}] |
		.linux.uidMappings = [{containerID: 0, hostID: 100000, size: 65536}] |
		.linux.gidMappings = .linux.uidMappings'
	chmod 755 "$BATS_RUN_TMPDIR"
	as_before fails 1 'mounts[*' berth_there run "$id"
	[ ! -d "$BERTH_STATE/$id" ]
}

@test "what cannot be meant is refused before anything is done" {
	give 'a/b'
	fails 1 'linux.netDevices["a/b"]: is no name of a network device' berth_there run "$id"
	config '.linux.netDevices = {lan0: {name: "%s"}}'
	fails 1 'linux.netDevices["lan0"].name: "%s" has a '"'%'"' that is not a "%d" at the end' berth_there run "$id"
	config '.linux.netDevices = {lan0: {name: "x"}, lan1: {name: "x"}}'
	fails 1 'linux.netDevices["lan1"]: a second device with the name x' berth_there run "$id"
	config '.linux.netDevices = {lan0: {}} | .linux.namespaces |= map(select(.type != "network"))'
	fails 1 'linux.netDevices: needs a network namespace (linux.namespaces)' berth_there run "$id"
	config '.linux.namespaces += [{type: "network", path: $p}]' --arg p "/proc/$host/ns/net"
	as_before fails 1 "linux.netDevices: the container has the network namespace of the host, *" berth_there run "$id"
}

@test "a namespace that an engine has made: the device stays there" {
	unshare -n sleep 1000 3>&- &
	pod=$!
	wait_until 10 eval '[ "$(readlink /proc/$pod/ns/net)" != "$(readlink /proc/self/ns/net)" ]'
	config '.linux.namespaces |= map(if .type == "network" then .path = $p else . end)' --arg p "/proc/$pod/ns/net"
	give lan0 eth0
	args true
	expect 0 berth_there run "$id"
	expect 0 nsenter --net="/proc/$pod/ns/net" "$BUSYBOX" ip link show eth0
	# The second one finds the name taken.
	give lan1 eth0
	config 'del(.linux.netDevices.lan0)'
	as_before fails 1 'linux.netDevices["lan1"]: the container'"'"'s network namespace has a device eth0 already' berth_there run "$id"
	kill "$pod"
	wait "$pod" || :
}
