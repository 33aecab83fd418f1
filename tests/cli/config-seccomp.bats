#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
}
teardown() { berth_teardown; }

# seccomp JSON
seccomp() {
	# shellcheck disable=SC2016 # jq's
	config '.linux.seccomp = $s' --argjson s "$1"
}

@test "a call that the profile answers with an error gets it" {
	seccomp '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [
		{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28},
		{"names": ["sethostname", "no_such_call"], "action": "SCMP_ACT_ERRNO"}]}'
	script 'mkdir /tmp/x; hostname x; echo done; grep Seccomp: /proc/self/status'
	run berth run "$id"
	[[ $output == *'No space left on device'*'Operation not permitted'*done*$'Seccomp:\t2' ]] || { echo "$output"; false; }
}

@test "a call that the profile kills for ends the process with SIGSYS" {
	seccomp '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_KILL_PROCESS"}]}'
	script 'ulimit -c 0; exec mkdir /tmp/x'
	expect 159 berth run "$id"
}

@test "a profile that refuses even the exit ends the process all the same" {
	seccomp '{"defaultAction": "SCMP_ACT_ERRNO"}'
	ulimit -c 0
	# Which signal that takes is the processor's; 124 is that of timeout.
	run timeout 60 "$BERTH" --root "$BERTH_STATE" run "$id"
	[ "$status" -gt 128 ] || { echo "status $status: $output"; false; }
	config '.linux.namespaces |= map(select(.type != "pid"))'
	run timeout 60 "$BERTH" --root "$BERTH_STATE" run "$id"
	[ "$status" -gt 128 ] || { echo "status $status: $output"; false; }
}

@test "rules look at arguments" {
	# kill(2) with signal 0 only.
	seccomp '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["kill"], "action": "SCMP_ACT_ERRNO", "errnoRet": 38,
		"args": [{"index": 1, "value": 10, "op": "SCMP_CMP_EQ"}]}]}'
	script 'trap "" USR1; kill -0 $$ && echo zero; kill -USR1 $$ || echo refused; kill -CONT $$ && echo other'
	run berth run "$id"
	[[ $output == *zero*refused*other* ]] || { echo "$output"; false; }
}

@test "exec is under the same profile" {
	seccomp '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}'
	args sleep 1000
	detached "$id"
	run berth exec "$id" mkdir /tmp/x
	[[ $output == *'No space left'* ]]
}

@test "an allow-list without what berth itself needs still starts" {
	seccomp '{"defaultAction": "SCMP_ACT_ERRNO", "syscalls": [{"names": ["execve", "exit", "exit_group", "write",
		"brk", "mmap", "mprotect", "arch_prctl", "set_tid_address", "set_robust_list", "rseq", "prlimit64",
		"readlink", "readlinkat", "getrandom", "getuid", "getgid", "fstat", "newfstatat", "ioctl", "munmap"], "action": "SCMP_ACT_ALLOW"}]}'
	args echo started
	prints started berth run "$id"
	config '.process.noNewPrivileges = false'
	prints started berth run "$(unique)"
	config '.process.user = {"uid": 1000, "gid": 1000}'
	prints started berth run "$(unique)"
}

@test "a call newer than the profile gets ENOSYS, one that it knows its answer" {
	needs_program python3
	seccomp '{"defaultAction": "SCMP_ACT_ERRNO", "defaultErrnoRet": 1, "syscalls": [{"names": [
		"execve", "exit", "exit_group", "write", "read", "brk", "mmap", "mprotect", "arch_prctl", "clone3",
		"set_tid_address", "set_robust_list", "rseq", "prlimit64", "readlink", "getrandom", "getuid",
		"fstat", "newfstatat", "ioctl", "munmap", "openat", "close", "access"], "action": "SCMP_ACT_ALLOW"}]}'
	# A static program that makes two calls and tells their errors.
	cat >"$WORK/calls.c" <<-'END'
		#include <errno.h>
		#include <stdio.h>
		#include <unistd.h>
		int main(void)
		{
			long a = syscall(999), b;
			int ea = errno;
			b = syscall(83, "/tmp/x", 0);
			printf("%d %d\n", a < 0 ? ea : 0, b < 0 ? errno : 0);
			return 0;
		}
	END
	[ "$(uname -m)" = x86_64 ] || skip "the numbers are those of x86-64"
	type -P gcc >/dev/null || skip "no compiler here"
	gcc -static -o rootfs/bin/calls "$WORK/calls.c"
	args calls
	prints '38 1' berth run "$id"
}

@test "the profile is compiled once and its cache entry cannot be spoiled" {
	seccomp '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_ERRNO", "errnoRet": 28}]}'
	script 'mkdir /tmp/x'
	local entry output f
	run berth run "$(unique)"
	[[ $output == *'No space left'* ]]
	entry=$(find "$BERTH_STATE/.cache" -type f)
	[ -n "$entry" ] && [ "$(wc -l <<<"$entry")" = 1 ] || { echo "cache: $entry"; return 1; }
	head -c "$(stat -c %s "$entry")" /dev/zero >"$entry"
	run berth run "$(unique)"
	[[ $output == *'No space left'* ]]
	: >"$entry"
	run berth run "$(unique)"
	[[ $output == *'No space left'* ]]
	chmod 666 "$(find "$BERTH_STATE/.cache" -type f)"
	run berth run "$(unique)"
	[[ $output == *'No space left'* ]]
}

@test "an agent gets the listener and answers for the kernel" {
	needs_program python3
	[ "$(uname -m)" = x86_64 ] || skip "the agent knows x86-64's ioctl numbers"
	cat >"$WORK/agent.py" <<-'END'
		import array, fcntl, json, socket, struct, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		s.bind(sys.argv[1])
		s.listen(1)
		s.settimeout(30)
		c = s.accept()[0]
		data, fds, _, _ = socket.recv_fds(c, 1 << 16, 4)
		state = json.loads(data)
		print(json.dumps(state), flush=True)
		notif = bytearray(80)
		fcntl.ioctl(fds[0], 0xC0502100, notif)
		ident, pid, flags, nr = struct.unpack_from("<QIIi", notif)
		print("call", nr, flush=True)
		fcntl.ioctl(fds[0], 0xC0182101, bytearray(struct.pack("<QqiI", ident, 0, -28, 0)))
	END
	python3 -u "$WORK/agent.py" "$WORK/agent" >"$WORK/heard" 2>&1 3>&- &
	agent=$!
	wait_until 10 [ -S "$WORK/agent" ]
	seccomp '{"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "'"$WORK/agent"'", "listenerMetadata": "meta",
		"syscalls": [{"names": ["mkdir", "mkdirat"], "action": "SCMP_ACT_NOTIFY"}]}'
	script 'mkdir /tmp/x'
	run timeout 30 "$BERTH" --root "$BERTH_STATE" run "$id"
	wait $agent || { cat "$WORK/heard"; return 1; }
	[[ $output == *'No space left'* ]] || { echo "$output"; cat "$WORK/heard"; return 1; }
	head -n1 "$WORK/heard" | jq -e '.metadata == "meta" and .state.id == "'"$id"'" and (.fds | index("seccompFd")) and .pid > 0'
}

@test "a listener that nobody waits for is an error and leaves nothing" {
	seccomp '{"defaultAction": "SCMP_ACT_ALLOW", "listenerPath": "'"$WORK/none"'",
		"syscalls": [{"names": ["mkdir"], "action": "SCMP_ACT_NOTIFY"}]}'
	run --separate-stderr berth run "$id"
	[ "$status" -eq 1 ]
	[ ${#stderr_lines[@]} -eq 1 ]
	[[ $stderr == *"$WORK/none"* ]]
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "a profile that is wrong is told with its path" {
	seccomp '{"defaultAction": "SCMP_ACT_BOGUS"}'
	run --separate-stderr berth run "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *linux.seccomp.defaultAction* ]]
	seccomp '{"defaultAction": "SCMP_ACT_ALLOW", "syscalls": [{"names": ["kill"], "action": "SCMP_ACT_ERRNO",
		"args": [{"index": 9, "value": 1, "op": "SCMP_CMP_EQ"}]}]}'
	run --separate-stderr berth run "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *'linux.seccomp.syscalls[0].args[0].index'* ]]
}
