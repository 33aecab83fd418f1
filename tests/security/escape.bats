#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What a container could do to the host through its runtime, and cannot.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	config '.process.capabilities |= map_values(. + ["CAP_DAC_OVERRIDE", "CAP_SYS_PTRACE", "CAP_SYS_ADMIN"])
		| .process.noNewPrivileges = false'
	sum=$(sha256sum <"$BERTH")
	# With a container that never rests beside it, each takes seconds in the machine.
	rounds=30
	! in_machine || rounds=5
}
teardown() {
	[ "$(sha256sum <"$BERTH")" = "$sum" ] || { echo "berth itself was changed"; exit 1; }
	berth_teardown
}

@test "a program that is /proc/self/exe reaches nothing of berth's (CVE-2019-5736)" {
	printf '#!/proc/self/exe\n' >rootfs/bin/evil
	chmod 755 rootfs/bin/evil
	args evil
	run berth run "$id"
	[ "$status" -ne 0 ]
	# Not berth's help, nor anything else that it would print.
	[[ $output != *usage* ]]
	args /proc/self/exe
	run timeout 20 "$BERTH" --root "$BERTH_STATE" run "$(unique)"
	[ "$status" -ne 0 ]
}

@test "the executable of an exec that comes in cannot be opened for writing" {
	# The watcher waits for processes that are not its own and tries each.
	cat >rootfs/bin/watch-exe <<-'END'
		#!/bin/sh
		echo ready
		while :; do
			for p in /proc/[0-9]*; do
				[ "$p" != /proc/1 ] && [ "$p" != "/proc/$$" ] || continue
				case $(readlink $p/exe) in
				*busybox* | '') ;;
				*)	readlink $p/exe
					(echo x >>$p/exe) 2>/dev/null && echo WRITTEN ;;
				esac
			done
		done
	END
	chmod 755 rootfs/bin/watch-exe
	args watch-exe
	detached "$id"
	wait_until 10 grep -q ready "$WORK/$id.out"
	for ((i = 0; i < rounds; i++)); do
		berth exec "$id" true
	done
	! grep -q WRITTEN "$WORK/$id.out" || { cat "$WORK/$id.out"; false; }
	! grep -q "$BERTH" "$WORK/$id.out"
}

@test "a container waiting for start shows nobody an executable that can be written" {
	detached "$id" create
	pid=$(pid_of "$id")
	run sh -c "echo x >>/proc/$pid/exe"
	[ "$status" -ne 0 ]
}

@test "no descriptor but the standard streams comes in, in run, create and exec (CVE-2024-21626)" {
	args sleep 1000
	local d=()
	exec 11</ 12<"$WORK" 13>"$WORK/leak"
	detached "$id" create
	berth start "$id"
	run -0 berth exec "$id" ls /proc/self/fd
	exec 11<&- 12<&- 13<&-
	[ "${lines[*]}" = "0 1 2 3" ]
	for fd in /proc/"$(pid_of "$id")"/fd/*; do
		d+=("${fd##*/}")
	done
	[ "${d[*]}" = "0 1 2" ]
}

@test "while it waits for start a container cannot see the host through descriptors" {
	args sleep 1000
	detached "$id" create
	pid=$(pid_of "$id")
	for fd in /proc/"$pid"/fd/*; do
		[ ! -d "$fd/" ] || { echo "a directory: $fd is $(readlink "$fd")"; return 1; }
	done
	[ "$(readlink "/proc/$pid/cwd")" = / ] || [[ $(readlink "/proc/$pid/cwd") != *"$BUNDLE"* ]]
}

@test "exec --cwd through /proc/self/fd does not lead out" {
	args sleep 1000
	detached "$id"
	for n in 3 4 5 6 7 8 9; do
		run --separate-stderr berth exec --cwd "/proc/self/fd/$n" "$id" pwd
		[ "$status" -eq 255 ] || { echo "fd $n: $output"; return 1; }
	done
}

@test "capabilities are never inheritable by accident (CVE-2022-29162)" {
	args sleep 1000
	detached "$id"
	for who in "" "--user 1000" "--cap CAP_NET_RAW"; do
		# shellcheck disable=SC2086 # an option and its value
		run -0 berth exec $who "$id" grep -E 'Cap(Inh|Amb)' /proc/self/status
		[ "$(tr -d '\t\n' <<<"$output")" = CapInh:0000000000000000CapAmb:0000000000000000 ]
	done
}

@test "links in the image do not lead mounts out (CVE-2021-30465, CVE-2019-18837)" {
	mkdir "$WORK/victim"
	rm -rf rootfs/proc rootfs/dev
	ln -s "../../../../../../../..$WORK/victim" rootfs/proc
	ln -s "$WORK/victim" rootfs/dev
	run berth run "$id"
	[ -z "$(ls -A "$WORK/victim")" ]
	[[ $(</proc/self/mountinfo) != *"$WORK/victim"* ]]
}

@test "a /proc of the image that is a link is refused (CVE-2019-19921)" {
	rmdir rootfs/proc
	mkdir rootfs/fake
	ln -s fake rootfs/proc
	run --separate-stderr berth run "$id"
	[ "$status" -eq 1 ]
	[ ${#stderr_lines[@]} -eq 1 ]
	[[ $stderr == *'/proc'* ]]
}

@test "masks do not trust the /dev/null of the image (CVE-2025-31133)" {
	config '.mounts |= map(select(.destination | startswith("/dev") | not)) | .linux.maskedPaths = ["/etc/passwd"]
		| .linux.devices = []'
	echo mine >rootfs/dev/null
	script 'cat /etc/passwd | wc -c'
	run berth run "$id"
	[[ $status -ne 0 || ${lines[-1]} = 0 ]] || { echo "$output"; false; }
	rm rootfs/dev/null
	ln -s /etc/group rootfs/dev/null
	run berth run "$(unique)"
	[[ $status -ne 0 || ${lines[-1]} = 0 ]] || { echo "$output"; false; }
}

@test "links in /dev of an image do not lead device nodes out (CVE-2026-41579, CVE-2026-47766)" {
	config '.mounts |= map(select(.destination | startswith("/dev") | not))'
	mkdir "$WORK/victim"
	rm -rf rootfs/dev
	ln -s "$WORK/victim" rootfs/dev
	run berth run "$id"
	[ -z "$(ls -A "$WORK/victim")" ]
	rm rootfs/dev
	mkdir rootfs/dev
	for n in null zero ptmx console stdin fd; do
		ln -s "$WORK/victim/$n" rootfs/dev/$n
	done
	run berth run "$(unique)"
	[ -z "$(ls -A "$WORK/victim")" ]
}

@test "the container cannot trace or signal what starts a command in it" {
	script 'echo ready; while :; do for p in /proc/[0-9]*; do cat $p/environ $p/maps 2>/dev/null | grep -a BERTH_TEST_MARK; done; done'
	detached "$id"
	wait_until 10 grep -q ready "$WORK/$id.out"
	for ((i = 0; i < rounds; i++)); do
		berth exec "$id" true
	done
	! grep -aq BERTH_TEST_MARK "$WORK/$id.out"
}

@test "sysctls go to the real /proc whatever the image has there (CVE-2025-52881)" {
	config '.linux.sysctl = {"net.ipv4.ip_default_ttl": "78"}'
	mkdir -p rootfs/proc/sys/net/ipv4
	ln -s /tmp/redirected rootfs/proc/sys/net/ipv4/ip_default_ttl
	args cat /proc/sys/net/ipv4/ip_default_ttl
	prints 78 berth run "$id"
	[ ! -e rootfs/tmp/redirected ]
}

# Where executable memfds are refused (sysctl vm.memfd_noexec).  The leak checker
# of a build with sanitizers cannot work beside a tracer.
without_memfd()	# berth's ARG…
{
	ASAN_OPTIONS=${ASAN_OPTIONS-}${ASAN_OPTIONS:+:}detect_leaks=0 "$FAILCALL" 0 1 memfd_create 13 -- "$BERTH" --root "$BERTH_STATE" "$@"
}

@test "a berth-init in the state directory that is not as berth wrote it is not run" {
	local image
	script 'echo fine'
	prints fine without_memfd run "$id"
	image=$(echo "$BERTH_STATE"/.berth-init-*)
	[ -f "$image" ]
	# Writable by others, of another size, or no file at all.
	chmod 755 "$image"
	prints fine without_memfd run "$id"
	[ "$(stat -c %a "$image")" = 500 ]
	: >"$image"
	prints fine without_memfd run "$id"
	rm "$image"
	ln -s /bin/true "$image"
	prints fine without_memfd run "$id"
}

@test "berth-init leaves no file in the state directory where a memfd will do" {
	berth run "$id"
	[ -z "$(ls -A "$BERTH_STATE")" ]
}
