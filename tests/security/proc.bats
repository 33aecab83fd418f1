#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Writes to procfs and cgroupfs that land elsewhere, and kernel settings of the host.

bats_require_minimum_version 1.5.0
load ../lib/common
load ../lib/attack

setup() {
	berth_setup
	id=$(unique)
}
teardown() { berth_teardown; }

# What is the host here is namespaces of the test's own: should an attack work,
# it changes those.
ttl=/proc/sys/net/ipv4/ip_default_ttl

# bats test_tags=weak:OWN_PROC
@test "sysctls go to the real /proc, whatever is mounted over it (CVE-2019-16884, CVE-2025-52881, CVE-2025-62596)" {
	local file=sys/net/ipv4/ip_default_ttl
	config '.linux.sysctl = {"net.ipv4.ip_default_ttl": "78"}'
	config '.mounts |= map(select(.destination != "/proc")) | .linux.maskedPaths = [] | .linux.readonlyPaths = []'
	mounted '{"destination": "/proc", "type": "bind", "source": "'"$WORK/volume"'", "options": ["rbind"]}'
	args true
	mkdir -p "$WORK/volume/${file%/*}"
	# The file of an attacker, and a link to one that he wants to be written.
	echo mine >"$WORK/volume/$file"
	run bounded run "$(unique)"
	[ "$(cat "$WORK/volume/$file")" = mine ] || attack_works "the sysctl went into a volume's file"
	echo mine >"$WORK/target"
	ln -sf "$WORK/target" "$WORK/volume/$file"
	run bounded run "$(unique)"
	[ "$(cat "$WORK/target")" = mine ] || attack_works "the sysctl went through a link"
	ln -sf ../../../../target "$WORK/volume/$file"
	mkdir -p rootfs/target.d
	echo mine >"$WORK/volume/target"
	run bounded run "$(unique)"
	[ "$(cat "$WORK/volume/target")" = mine ] || attack_works "the sysctl went to another file of procfs"
}

@test "sysctls take effect although the image has files at their place" {
	config '.linux.sysctl = {"net.ipv4.ip_default_ttl": "78"}'
	mkdir -p rootfs/proc/sys/net/ipv4
	ln -s /tmp/redirected rootfs/proc/sys/net/ipv4/ip_default_ttl
	args cat $ttl
	prints 78 berth run "$id"
	[ ! -e rootfs/tmp/redirected ]
}

# in_own_host COMMAND…: in network and IPC namespaces that are the test's.
in_own_host() { unshare --net --ipc -- "$@"; }

# bats test_tags=weak:SYSCTL_SCOPE
@test "a sysctl of the host's is refused by its name (CVE-2022-0811)" {
	local name
	config '.linux.namespaces |= map(select(.type != "network" and .type != "ipc"))'
	config '.mounts |= map(select(.type != "sysfs" and .type != "mqueue" and .type != "cgroup"))'
	config '.linux.sysctl = {"net.ipv4.ip_default_ttl": "78"}'
	run in_own_host sh -c "'$BERTH' --root '$BERTH_STATE' run '$id'; echo ttl \$(cat $ttl)"
	[[ $output != *"ttl 78"* ]] || attack_works "a sysctl of the host was changed"
	# With values that change nothing, should it not be refused.
	for name in kernel.core_pattern kernel.modprobe kernel.hotplug vm.overcommit_memory fs.file-max kernel.sysrq; do
		[ -r "/proc/sys/${name//.//}" ] || continue
		config '.linux.sysctl = {($name): $value}' --arg name $name --arg value "$(cat "/proc/sys/${name//.//}")"
		run --separate-stderr in_own_host "$BERTH" --root "$BERTH_STATE" run "$(unique)"
		[ "$status" -eq 1 ]
		[[ $stderr == *"$name"*"change the host"* ]]
	done
}

# bats test_tags=weak:SYSCTL_NAME
@test "a sysctl's name has no way out in it (CVE-2022-0811)" {
	local name before
	# kernel.shmmni belongs to an IPC namespace, of which there is none here.
	config '.linux.namespaces |= map(select(.type != "ipc")) | .mounts |= map(select(.type != "mqueue"))'
	for name in net/../kernel/shmmni net/ipv4/../../kernel/shmmni net.ipv4//../../kernel/shmmni net/./../kernel/shmmni; do
		config '.linux.sysctl = {($name): "4001"}' --arg name "$name"
		run in_own_host sh -c "'$BERTH' --root '$BERTH_STATE' run '$(unique)'; echo shmmni \$(cat /proc/sys/kernel/shmmni)"
		[[ $output != *"shmmni 4001"* ]] || attack_works "$name"
		[[ $output == *"not the name of a sysctl"* ]]
	done
}

@test "a sysctl's value is a value and not more settings (CVE-2022-0811)" {
	local value
	before=$(cat /proc/sys/kernel/core_pattern)
	for value in '1+kernel.core_pattern=|/evil' $'1\nkernel.core_pattern=|/evil' '1 kernel.core_pattern=|/evil'; do
		config '.linux.sysctl = {"kernel.shm_rmid_forced": $value}' --arg value "$value"
		run berth run "$(unique)"
		[ "$(cat /proc/sys/kernel/core_pattern)" = "$before" ]
	done
	# One way of reading a name: what was checked is what is written.
	config '.linux.sysctl = {"net.ipv4.conf.lo.forwarding": "1", "net/ipv4/ip_default_ttl": "77"}'
	args cat /proc/sys/net/ipv4/conf/lo/forwarding $ttl
	prints $'1\n77' berth run "$(unique)"
}

# bats test_tags=weak:CGROUP_READONLY
@test "the host's cgroups are not writable without a cgroup namespace (CVE-2023-25809)" {
	local made
	made=$(cgroup_mount)/$(unique)
	config '.process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE"])'
	in_userns
	# The worst case: root in there is root out here.
	config '.linux.uidMappings[0].hostID = 0 | .linux.gidMappings[0].hostID = 0
		| .linux.namespaces |= map(select(.type != "cgroup"))'
	chown -R 0:0 rootfs
	config '.mounts |= map(if .type == "cgroup" then .options -= ["ro"] else . end)'
	script "mkdir $made && echo made"
	run bounded --cgroup-manager disabled run "$id"
	rmdir "$made" 2>/dev/null || :
	[[ $output != *made* ]] || attack_works "a cgroup was made in the host's hierarchy"
}

# bats test_tags=weak:CGROUP_PATH
@test "a cgroupsPath leads nowhere else" {
	local path
	for path in "/$(unique a)/../$(unique out)" "../$(unique out)" "/$(unique)/../../../$(unique out)" ..; do
		config '.linux.cgroupsPath = $path' --arg path "$path"
		run --separate-stderr bounded run "$(unique)"
		rmdir "$(cgroup_mount)"/*"$BERTH_TEST_MARK"* 2>/dev/null || :
		[ "$status" -ne 0 ] || attack_works "the cgroup $path"
		[[ $stderr == *'".."'* ]]
		[ -z "$(inventory_cgroups)" ]
	done
}
