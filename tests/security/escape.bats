#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# berth itself, what it has open and what it is while it stands in a container.

bats_require_minimum_version 1.5.0
load ../lib/common
load ../lib/attack

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
	[ "$(sha256sum <"$BERTH")" = "$sum" ] || { attack_works "berth itself was changed"; exit 1; }
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
	run bounded run "$(unique)"
	[ "$status" -ne 0 ]
	# With a number it takes that for its ladder, and finds nothing there.
	args /proc/self/exe 0
	run bounded run "$(unique)"
	[ "$status" -ne 0 ]
}

@test "no library of the image is loaded into what runs in its place (CVE-2019-5736)" {
	needs_program gcc
	local lib=rootfs/lib/evil.so
	mkdir rootfs/lib
	printf '%s\n' '#include <stdio.h>' '__attribute__((constructor)) static void run(void) { puts("LOADED"); }' |
		gcc -shared -fPIC -x c - -o "$lib"
	# It is one that would be loaded.
	run -0 env LD_PRELOAD="$BUNDLE/$lib" ls /
	[ "${lines[0]}" = LOADED ]
	config '.process.env += ["LD_PRELOAD=/lib/evil.so", "LD_LIBRARY_PATH=/lib", "LD_AUDIT=/lib/evil.so"]'
	args /proc/self/exe
	run bounded run "$id"
	[[ $output != *LOADED* ]] || attack_works "the image's library ran in berth-init"
	args sleep 1000
	detached "$id"
	run bounded exec "$id" /proc/self/exe
	[[ $output != *LOADED* ]] || attack_works "the image's library ran in berth-init"
	run timeout 20 env LD_PRELOAD="$BUNDLE/$lib" "$BERTH" --root "$BERTH_STATE" exec "$id" true
	[[ $output != *LOADED* ]] || attack_works "the image's library ran in berth"
}

# Holds the executable of whatever comes in open, waits until it has become another
# one and writes to it then: while it runs the kernel says ETXTBSY.
# bats test_tags=weak:INIT_IMAGE
@test "an executable that was held open cannot be written to later (CVE-2019-5736)" {
	local file before how turns=0
	cat >rootfs/bin/hold-exe <<-'END'
		#!/bin/sh
		echo ready
		while :; do
			for p in /proc/[0-9]*; do
				[ "$p" != /proc/1 ] && [ "$p" != "/proc/$$" ] || continue
				case $(readlink $p/exe) in
				*busybox* | '') ;;
				*)	(exec 5<$p/exe && echo held && sleep 1 && echo x >/proc/self/fd/5 && echo WRITTEN) 2>&1 ;;
				esac
			done
		done
	END
	chmod 755 rootfs/bin/hold-exe
	args hold-exe
	detached "$id"
	wait_until 10 grep -q ready "$WORK/$id.out"
	for how in copy '' ''; do
		# Where it comes from a file, the next start runs that again.
		AS_COPY=$how slowly exec "$id" true
		turns=$((turns + 1))
		wait_until 10 eval '[ "$(grep -c held "$WORK/$id.out")" -ge $turns ]'
		sleep 1.5
		! grep -q WRITTEN "$WORK/$id.out" || attack_works "berth-init could be written to"
		[ -z "$how" ] || continue
		file=$(echo "$BERTH_STATE"/.berth-init-*)
		: "${before:=$(sha256sum <"$file")}"
	done
	[ "$(sha256sum <"$file")" = "$before" ] || attack_works "berth-init was written to from inside"
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
	# Once so slowly that the watcher does meet it.
	slowly exec "$id" true
	wait_until 10 grep -qvx ready "$WORK/$id.out"
	! grep -q WRITTEN "$WORK/$id.out" || { cat "$WORK/$id.out"; false; }
	! grep -q "$BERTH" "$WORK/$id.out"
}

@test "a container waiting for start shows nobody an executable that can be written" {
	detached "$id" create
	pid=$(pid_of "$id")
	# Nobody can write to what runs: it is what lies below that must not be writable.
	run -0 python3 -c 'if True:
		import fcntl, os, sys
		fd = os.open("/proc/%s/exe" % sys.argv[1], os.O_RDONLY)
		try:
			sealed = fcntl.fcntl(fd, 1034) & 8  # F_GET_SEALS, F_SEAL_WRITE
		except OSError:
			sealed = False
		print("fixed" if sealed or os.fstatvfs(fd).f_flag & os.ST_RDONLY else "writable")' "$pid"
	[ "$output" = fixed ]
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

# bats test_tags=weak:CLOSE_FDS
@test "no descriptor but the standard streams comes in, in run, create and exec (CVE-2024-21626)" {
	local d=()
	args ls /proc/self/fd
	# Below 10: where bash keeps its own copies, bats closes what is open.
	exec 6</ 7<"$WORK" 8>"$WORK/leak"
	run berth run "$(unique)"
	[ "${lines[*]}" = "0 1 2 3" ] || attack_works "fds of the caller's in a run: ${lines[*]}"
	args sleep 1000
	detached "$id" create
	berth start "$id"
	run berth exec "$id" ls /proc/self/fd
	exec 6<&- 7<&- 8>&-
	[ "${lines[*]}" = "0 1 2 3" ] || attack_works "fds of the caller's in an exec: ${lines[*]}"
	for fd in /proc/"$(pid_of "$id")"/fd/*; do
		d+=("${fd##*/}")
	done
	[ "${d[*]}" = "0 1 2" ] || attack_works "fds of the caller's: ${d[*]}"
}

# bats test_tags=weak:CWD_INSIDE
@test "no working directory is outside, through whatever fd (CVE-2024-21626)" {
	local n
	echo secret >"$WORK/secret"
	# The root file system's directory on the host is two below that; and a caller
	# may leave a directory open.
	exec 9<"$WORK"
	args sh -c 'cat ../../secret ../secret ./secret 2>/dev/null; echo done'
	for ((n = 3; n < 24; n++)); do
		config '.process.cwd = "/proc/self/fd/'$n'"'
		run berth run "$(unique)"
		[[ $output != *secret* ]] || attack_works "fd $n as a working directory: the host's files"
	done
	# The same through a link of the image's, and in an exec.
	ln -s /proc/self/fd rootfs/fds
	config '.process.cwd = "/"'
	args sleep 1000
	detached "$id"
	for ((n = 3; n < 24; n++)); do
		run --separate-stderr berth exec --cwd "/fds/$n" "$id" sh -c 'cat ../../secret ../secret ./secret 2>/dev/null'
		[[ $output != *secret* ]] || attack_works "fd $n as the working directory of an exec"
		[ "$status" -eq 255 ] || { echo "fd $n: $output"; return 1; }
	done
	exec 9<&-
}

# Who has the same ids and all of its capabilities may look at a process, unless
# that says no.  What it has open then is the host's.
# bats test_tags=weak:DUMPABLE
@test "what starts a command in a container shows its fds to nobody in there (CVE-2016-9962)" {
	cat >rootfs/bin/look <<-'END'
		#!/bin/sh
		echo ready
		while :; do
			for p in /proc/[0-9]*; do
				[ "$p" != /proc/1 ] && [ "$p" != "/proc/$$" ] || continue
				ls -l $p/fd | grep -E 'socket:|pidfd|memfd:' && echo SEEN
			done
		done 2>/dev/null
	END
	chmod 755 rootfs/bin/look
	for where in here userns; do
		id=$(unique)
		config '.process.capabilities |= map_values(["CAP_DAC_OVERRIDE", "CAP_KILL", "CAP_SETUID", "CAP_SETGID"])'
		[ $where = here ] || in_userns
		args look
		detached "$id"
		wait_until 10 grep -q ready "$WORK/$id.out"
		for user in 0 1000; do
			slowly exec --user $user "$id" true
		done
		! grep -q SEEN "$WORK/$id.out" ||
			attack_works "the fds of berth-init: $(grep -v ready "$WORK/$id.out" | sort -u | head -n 5)"
	done
}

@test "the container cannot read the environment of what starts a command in it" {
	script 'echo ready; while :; do for p in /proc/[0-9]*; do cat $p/environ $p/maps 2>/dev/null | grep -a BERTH_TEST_MARK; done; done'
	detached "$id"
	wait_until 10 grep -q ready "$WORK/$id.out"
	for ((i = 0; i < rounds; i++)); do
		slowly exec "$id" true
	done
	! grep -aq BERTH_TEST_MARK "$WORK/$id.out" || attack_works "the caller's environment"
	# What does have it in there is seen.
	berth exec --detach --env BERTH_TEST_MARK=own "$id" sleep 1000 </dev/null >/dev/null 2>&1 3>&-
	wait_until 10 grep -aq BERTH_TEST_MARK=own "$WORK/$id.out"
}

# bats test_tags=weak:SETSID
@test "a container does not get the caller's terminal by itself" {
	needs_program python3
	cat >"$WORK/on-a-terminal" <<-END
		"$BERTH" --root "$BERTH_STATE" "\$@" </dev/null >"$WORK/out" 2>&1; sleep 0.1
	END
	args sh -c 'echo TYPED >/dev/tty'
	run python3 "$ROOT/tests/lib/terminal.py" bash "$WORK/on-a-terminal" run "$id" </dev/null
	[[ $output != *TYPED* ]] || attack_works "the container wrote to the caller's terminal"
	args sleep 1000
	detached "$id"
	run python3 "$ROOT/tests/lib/terminal.py" bash "$WORK/on-a-terminal" exec "$id" sh -c 'echo TYPED >/dev/tty' </dev/null
	[[ $output != *TYPED* ]] || attack_works "an exec wrote to the caller's terminal"
}

# bats test_tags=weak:INIT_FILE
@test "a berth-init in the state directory that is not as berth wrote it is not run" {
	local image what
	berth run "$id"
	image=$(echo "$BERTH_STATE"/.berth-init-*)
	[ -f "$image" ]
	script 'echo fine'
	# Writable by others, of another size, no file at all: a new file serves instead.
	for what in 'cp /bin/false "$image"; chmod 500 "$image"' ': >"$image"; chmod 500 "$image"' \
		'chmod 777 "$image"; dd if=/dev/zero of="$image" bs=1 seek=64 count=2000 conv=notrunc status=none' \
		'rm "$image"; ln -s /bin/false "$image"'; do
		rm -f "$image"
		berth run "$id" >/dev/null
		chmod 700 "$image"
		eval "$what"
		run berth run "$id"
		[ "$output" = fine ] || attack_works "berth ran what somebody put there ($what): $output"
	done
}

@test "where no mount can be cloned berth-init is a sealed copy" {
	[ -x "$FAILCALL" ] || skip "failcall is not built"
	script 'echo fine'
	# The second open_tree is the root filesystem's.
	run -0 traced "$FAILCALL" 0 1 open_tree 1 -- \
		"$BERTH" --root "$BERTH_STATE" run "$id"
	[ "$output" = fine ]
}
