#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The test machine itself.  It boots once for each test: make check-long.

vm=$BATS_TEST_DIRNAME/../vm

# Processes and files that a run of the machine makes on the host.
leftovers()
{
	pgrep -a -f "$TMPDIR/berth-vm[.][A-Za-z0-9]{6}" || true
	find "$BATS_TEST_TMPDIR/tmp" -mindepth 1
	find /run/virtiofsd -name "*${TMPDIR//\//.}*" 2>/dev/null || true
}

setup()
{
	mkdir "$BATS_TEST_TMPDIR/tmp"
	export TMPDIR=$BATS_TEST_TMPDIR/tmp
}

@test "the machine has pure cgroup v2, every controller, and its shell in a child group" {
	run "$vm" -- sh -c 'cat /sys/fs/cgroup/cgroup.subtree_control /proc/self/cgroup; wc -l </sys/fs/cgroup/shell/cgroup.procs'
	[ "$status" -eq 0 ]
	for c in cpuset cpu io memory hugetlb pids; do
		[[ " ${lines[0]} " == *" $c "* ]]
	done
	[ "${lines[1]}" = 0::/shell ]
	[ "${lines[2]}" -ge 2 ]
}

@test "the exit status, the working directory, arguments and variables arrive" {
	cd "$BATS_TEST_DIRNAME"
	GREETING='two  words' run "$vm" --env GREETING --env X=y -- \
		sh -c 'pwd; echo "$GREETING|$X|$1|$2"; exit 7' sh "a b" "c'd"
	[ "$status" -eq 7 ]
	[ "${lines[0]}" = "$BATS_TEST_DIRNAME" ]
	[ "${lines[1]}" = "two  words|y|a b|c'd" ]
}

@test "what is written stays in the machine, except in the directory of --out" {
	mkdir "$BATS_TEST_TMPDIR/out"
	run "$vm" --disk 300M --out "$BATS_TEST_TMPDIR/out" -- sh -c '
		set -e
		echo there >'"$BATS_TEST_TMPDIR"'/out/result
		echo gone >/etc/berth-vm-self-test
		cd /scratch && dd if=/dev/zero of=f bs=1M count=200 2>/dev/null
		mkdir l u w m && mount -t overlay -o lowerdir=l,upperdir=u,workdir=w o m
		stat -f -c %T /scratch /tmp /dev/shm
		test -c /dev/net/tun'
	echo "$output"
	[ "$status" -eq 0 ]
	[ "${lines[0]}" = ext2/ext3 ]
	[ "${lines[1]}" = tmpfs ]
	[ "$(cat "$BATS_TEST_TMPDIR/out/result")" = there ]
	[ ! -e /etc/berth-vm-self-test ]
}

@test "a command that takes too long ends with 124 and leaves nothing" {
	run "$vm" --timeout 2 -- sleep 1000
	[ "$status" -eq 124 ]
	[[ $output == *"time limit of 2 s reached"* ]]
	[ -z "$(leftovers)" ]
}

@test "a command that writes nothing below --out ends with 124, and what goes on is told" {
	run "$vm" --systemd --idle 10 --out "$BATS_TEST_TMPDIR" -- sh -c 'sleep 1234 & while :; do :; done'
	echo "$output"
	[ "$status" -eq 124 ]
	[[ $output == *"nothing happened for "[0-9]*" s"* ]]
	[[ $output == *"-- processes"*"sleep 1234"*"-- jobs of systemd"*"No jobs running"*"-- end of the report"* ]]
	[[ $output == *"-- the emulator's monitor"*RIP=* ]]
	[ -z "$(leftovers)" ]
}

@test "processes that the command leaves behind do not keep the machine" {
	run "$vm" --timeout 60 -- sh -c 'sleep 1000 & setsid sleep 1000 & echo done'
	[ "$status" -eq 0 ]
	[ "$output" = done ]
	[ -z "$(leftovers)" ]
}

@test "two machines at once, one ended by SIGTERM, leave nothing" {
	"$vm" -- sh -c 'echo one; sleep 1000' >"$BATS_TEST_TMPDIR/one" 2>&1 &
	first=$!
	run "$vm" --timeout 60 -- echo two
	[ "$status" -eq 0 ]
	[ "$output" = two ]
	for _ in $(seq 300); do
		grep -q one "$BATS_TEST_TMPDIR/one" && break
		sleep 0.1
	done
	kill -TERM "$first"
	wait "$first" || status=$?
	[ "$status" -eq 143 ]
	[ "$(cat "$BATS_TEST_TMPDIR/one")" = one ]
	[ -z "$(leftovers)" ]
}

@test "a machine that does not boot is tried twice and ends with 125" {
	BERTH_VM_BOOT_LIMIT=1 run "$vm" -- true
	[ "$status" -eq 125 ]
	[[ ${lines[0]} == *"trying once more: no sign of life 1 s after the start"* ]]
	[[ ${lines[1]} == *"did not come up: no sign of life"* ]]
	[ -z "$(leftovers)" ]
}

@test "a large output arrives whole" {
	run sh -c '"$1" -- seq 1 200000 | tail -n 1' sh "$vm"
	[ "$output" = 200000 ]
}

@test "with systemd it is the first process, and the command one of its services" {
	run "$vm" --systemd --timeout 120 -- bash -c 'cat /proc/1/comm /proc/self/cgroup
		systemctl is-system-running; systemd-run --quiet --scope --unit=try cat /proc/self/cgroup
		exit 7'
	echo "$output"
	[ "$status" -eq 7 ]
	[ "${lines[0]}" = systemd ]
	[ "${lines[1]}" = 0::/system.slice/vm-command.service ]
	[ "${lines[2]}" = running ]
	[ "${lines[3]}" = 0::/system.slice/try.scope ]
	[ -z "$(leftovers)" ]
}
