#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The run.oci.* annotations.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
}
teardown() {
	[ -z "${agent-}" ] || kill "$agent" 2>/dev/null || :
	berth_teardown
}

# note NAME VALUE
note() {
	# shellcheck disable=SC2016 # jq's
	config '.annotations["run.oci." + $n] = $v' --arg n "$1" --arg v "$2"
}

# filter INSTRUCTION…: base64 of "code jt jf k" each
filter() {
	python3 -c 'if True:
		import base64, struct, sys
		print(base64.b64encode(b"".join(struct.pack("<HBBI", *map(int, i.split())) for i in sys.argv[1:])).decode())' "$@"
}

@test "without keep_original_groups the groups are the configuration's" {
	script 'id -G'
	config '.process.user.additionalGids = [7]'
	note keep_original_groups 0
	expect 0 setpriv --groups 4,5 "$BERTH" --root "$BERTH_STATE" run "$id"
	[ "$output" = "0 7" ]
}

@test "keep_original_groups: the caller's, in exec as well" {
	note keep_original_groups 1
	config '.process.user.additionalGids = [7]'
	script 'id -G; sleep 1000'
	setpriv --groups 4,5 "$BERTH" --root "$BERTH_STATE" run --detach "$id" </dev/null >"$WORK/$id.out" 2>&1 3>&-
	wait_until 10 grep -q . "$WORK/$id.out"
	[ "$(out_of "$id")" = "0 4 5" ]
	expect 0 setpriv --groups 6 "$BERTH" --root "$BERTH_STATE" exec "$id" id -G
	[ "$output" = "0 6" ]
}

@test "a value that means nothing is an error with its name" {
	note keep_original_groups maybe
	fails 1 'config.json: annotations["run.oci.keep_original_groups"]: "maybe": neither 1 (true) nor 0 (false)' berth run "$id"
	note keep_original_groups 1
	note hooks.stdout log
	fails 1 'config.json: annotations["run.oci.hooks.stdout"]: "log": not an absolute path' berth run "$id"
	[ ! -d "$BERTH_STATE/$id" ]
}

@test "what berth does not do is refused by name" {
	note handler krun
	fails 1 'config.json: annotations["run.oci.handler"]: "krun": not supported: *' berth run "$id"
	note handler ''
	note seccomp.plugins /x.so
	fails 1 'config.json: annotations["run.oci.seccomp.plugins"]: "/x.so": not supported: *' berth run "$id"
	note seccomp.plugins ''
	note systemd.force_cgroup_v1 /sys/fs/cgroup/systemd
	fails 1 'config.json: annotations["run.oci.systemd.force_cgroup_v1"]: *' berth run "$id"
}

@test "an unknown one is ignored, with a word in the debug log" {
	note handlr krun
	expect 0 berth run "$id"
	[ -z "$output" ]
	expect 0 berth --debug --log "$WORK/log" run "$id"
	grep -F 'annotations["run.oci.handlr"]: unknown, ignored' "$WORK/log"
}

# --- hooks ---------------------------------------------------------------------

# hooks KIND…: each says its kind on both streams
hooks() {
	local k
	for k in "$@"; do
		# shellcheck disable=SC2016 # jq's
		config '.hooks[$k] = [{path: "/bin/sh", args: ["sh", "-c", "cat >/dev/null; echo out-\($k); echo err-\($k) >&2"]}]' --arg k "$k"
	done
}

all="prestart createRuntime createContainer startContainer poststart poststop"

@test "hooks.stdout and stderr get what all six kinds print: run" {
	# shellcheck disable=SC2086 # words
	hooks $all
	echo before >"$WORK/out"
	note hooks.stdout "$WORK/out"
	note hooks.stderr "$WORK/err"
	prints "" berth run "$id"
	# shellcheck disable=SC2086 # words
	[ "$(cat "$WORK/out")" = "$(echo before; printf 'out-%s\n' $all)" ]
	# shellcheck disable=SC2086 # words
	[ "$(cat "$WORK/err")" = "$(printf 'err-%s\n' $all)" ]
	[ "$(stat -c %a "$WORK/err")" = 600 ]
}

@test "hooks.stdout and stderr: create, start and delete, which are three programs" {
	# shellcheck disable=SC2086 # words
	hooks $all
	note hooks.stdout "$WORK/out"
	note hooks.stderr "$WORK/err"
	# All that is left of what the configuration names is the open file.
	detached "$id" create
	mv "$WORK/out" "$WORK/out.created"
	berth start "$id"
	wait_for_status "$id" stopped
	berth delete "$id"
	[ "$(cat "$WORK/out.created")" = "$(printf 'out-%s\n' prestart createRuntime createContainer startContainer)" ]
	[ "$(cat "$WORK/out")" = "$(printf 'out-%s\n' poststart poststop)" ]
	# shellcheck disable=SC2086 # words
	[ "$(cat "$WORK/err")" = "$(printf 'err-%s\n' $all)" ]
}

@test "with hooks.stdout alone the last words of a hook are still in the error" {
	config '.hooks.prestart = [{path: "/bin/sh", args: ["sh", "-c", "echo said; echo why >&2; exit 3"]}]'
	note hooks.stdout "$WORK/out"
	fails 1 'hook `/bin/sh` (prestart[0]): exit status 3: why' berth run "$id"
	[ "$(cat "$WORK/out")" = said ]
	note hooks.stderr "$WORK/err"
	fails 1 'hook `/bin/sh` (prestart[0]): exit status 3' berth run "$id"
	[ "$(cat "$WORK/err")" = why ]
}

@test "the container's program gets none of the hooks' files" {
	hooks startContainer
	note hooks.stdout "$WORK/out"
	script 'ls -l /proc/self/fd'
	expect 0 berth run "$id"
	[[ $output != *"$WORK"* ]]
	args sleep 1000
	detached "$id" create
	berth start "$id"
	run -0 ls -l "/proc/$(pid_of "$id")/fd"
	[[ $output != *"$WORK/out"$'\n'* && $output != *"$WORK/out" ]]
}

@test "fds that are handed on and the hooks' files do not get into each other's way" {
	hooks startContainer
	note hooks.stdout "$WORK/out"
	note hooks.stderr "$WORK/err"
	echo three >"$WORK/three"
	echo four >"$WORK/four"
	script 'echo "$LISTEN_FDS $LISTEN_PID"; cat <&3; cat <&4; for n in 3 4 5 6 7 8 9; do [ ! -e /proc/self/fd/$n ] || echo $n; done'
	# shellcheck disable=SC2016 # the inner shell's
	sh -c 'LISTEN_FDS=1 LISTEN_PID=$$ exec "$@" 3<"$0/three" 4<"$0/four" 5<"$0/four"' "$WORK" \
		"$BERTH" --root "$BERTH_STATE" create --preserve-fds 1 "$id" </dev/null >"$WORK/$id.out" 2>&1
	berth start "$id"
	wait_for_status "$id" stopped
	[ "$(out_of "$id")" = $'1 1\nthree\nfour\n3\n4' ] || { out_of "$id"; return 1; }
	[ "$(cat "$WORK/out" "$WORK/err")" = $'out-startContainer\nerr-startContainer' ]
}

@test "hooks.stdout that cannot be opened: nothing is started, nothing left" {
	hooks prestart
	note hooks.stdout "$WORK/no/out"
	fails 1 'annotations["run.oci.hooks.stdout"]: open '"$WORK"'/no/out: No such file or directory' berth run "$id"
	mkfifo "$WORK/fifo"
	note hooks.stdout "$WORK/fifo"
	fails 1 'annotations["run.oci.hooks.stdout"]: open '"$WORK"'/fifo: No such device or address' timeout 20 "$BERTH" --root "$BERTH_STATE" run "$id"
	[ ! -d "$BERTH_STATE/$id" ]
}

@test "a poststop hook runs although its output has no place any more" {
	mkdir "$WORK/dir"
	config '.hooks.poststop = [{path: "/bin/touch", args: ["touch", $f]}]' --arg f "$WORK/ran"
	note hooks.stdout "$WORK/dir/out"
	detached "$id" create
	rm -r "$WORK/dir"
	expect 0 berth delete --force "$id"
	[[ $output == *'run.oci.hooks.stdout'* ]]
	[ -e "$WORK/ran" ]
}

# --- pidfd ---------------------------------------------------------------------

@test "pidfd_receiver is sent a pidfd of the container's process" {
	needs_program python3
	args sleep 1000
	note pidfd_receiver "$WORK/socket"
	for verb in create "run --detach"; do
		rm -f "$WORK/socket"
		pidfd_receiver "$WORK/socket" >"$WORK/pid" 3>&- &
		wait_until 10 [ -S "$WORK/socket" ]
		# shellcheck disable=SC2086 # words
		detached "$id" $verb
		wait
		[ "$(cat "$WORK/pid")" = "$(pid_of "$id")" ]
		berth delete --force "$id"
	done
}

@test "pidfd_receiver without anybody listening: an error, and nothing left" {
	note pidfd_receiver "$WORK/socket"
	fails 1 'annotations["run.oci.pidfd_receiver"]: *' berth run "$id"
	[ ! -d "$BERTH_STATE/$id" ]
}

# --- seccomp ---------------------------------------------------------------------

@test "seccomp_fail_unknown_syscall" {
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["mkdir", "mkdir_from_the_future"], action: "SCMP_ACT_ERRNO"}]}'
	expect 0 berth run "$id"
	note seccomp_fail_unknown_syscall 1
	fails 1 'linux.seccomp.syscalls[0].names[1]: unknown system call "mkdir_from_the_future"' berth run "$id"
}

@test "seccomp_bpf_data is the filter, and linux.seccomp is not" {
	needs_program python3
	[ "$(uname -m)" = x86_64 ] || skip "the filter has x86-64's numbers"
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["rmdir"], action: "SCMP_ACT_ERRNO"}]}'
	# load nr; mkdir (83): EEXIST + 9 = EFBIG (27); else allow
	note seccomp_bpf_data "$(filter "32 0 0 0" "21 0 1 83" "6 0 0 $((0x50000 | 27))" "6 0 0 $((0x7fff0000))")"
	script 'mkdir /tmp/x; rmdir /run && grep Seccomp: /proc/self/status'
	expect 0 berth run "$id"
	[ "${lines[0]}" = "mkdir: can't create directory '/tmp/x': File too large" ]
	[[ ${lines[1]} == Seccomp:*2 ]]
	mkdir "$BUNDLE/rootfs/run"
	args sleep 1000
	detached "$id"
	expect 1 berth exec "$id" mkdir /tmp/x
	[[ $output == *"File too large" ]]
}

@test "seccomp_bpf_data that is none is an error" {
	needs_program python3
	note seccomp_bpf_data /etc/passwd
	fails 1 'annotations["run.oci.seccomp_bpf_data"]: not base64' berth run "$id"
	note seccomp_bpf_data AAAA
	fails 1 'annotations["run.oci.seccomp_bpf_data"]: 3 bytes are no filter: an instruction has 8' berth run "$id"
	note seccomp_bpf_data "$(filter "32 0 0 0")" # runs off its end
	fails 1 'annotations["run.oci.seccomp_bpf_data"]: install the seccomp filter: Invalid argument' berth run "$id"
	[ ! -d "$BERTH_STATE/$id" ]
}

# agent: says "No space left on device" to each call that it is asked about.
agent() {
	python3 -u -c 'if True:
		import fcntl, json, socket, struct, sys, threading
		def serve(fd):
			while True:
				n = bytearray(80)
				try:
					fcntl.ioctl(fd, 0xC0502100, n)
				except OSError:
					return
				fcntl.ioctl(fd, 0xC0182101, bytearray(struct.pack("<QqiI", struct.unpack_from("<Q", n)[0], 0, -28, 0)))
		s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		s.bind(sys.argv[1])
		s.listen(9)
		while True:
			c = s.accept()[0]
			data, fds, _, _ = socket.recv_fds(c, 1 << 16, 4)
			print(json.loads(data)["state"]["id"])
			threading.Thread(target=serve, args=(fds[0],), daemon=True).start()' "$WORK/agent" >"$WORK/heard" 2>&1 3>&- &
	agent=$!
	wait_until 10 [ -S "$WORK/agent" ]
}

@test "seccomp.receiver gets the listener of a profile that names nobody" {
	needs_program python3
	[ "$(uname -m)" = x86_64 ] || skip "the agent knows x86-64's ioctl numbers"
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", syscalls: [
		{names: ["mkdir", "mkdirat"], action: "SCMP_ACT_NOTIFY"}]}'
	fails 1 'linux.seccomp.listenerPath: is missing, *' berth run "$id"
	note seccomp.receiver "$WORK/agent"
	agent
	args mkdir /tmp/x
	expect 1 berth run "$id"
	[ "$output" = "mkdir: can't create directory '/tmp/x': No space left on device" ]
	[ "$(cat "$WORK/heard")" = "$id" ]
	detached "$id" create
	berth start "$id"
	wait_for_status "$id" stopped
	[ "$(out_of "$id")" = "$output" ]
	[ "$(cat "$WORK/heard")" = "$id"$'\n'"$id" ]
}

@test "seccomp.receiver gets the listener of a filter in seccomp_bpf_data" {
	needs_program python3
	[ "$(uname -m)" = x86_64 ] || skip "the agent knows x86-64's ioctl numbers"
	note seccomp_bpf_data "$(filter "32 0 0 0" "21 0 1 83" "6 0 0 $((0x7fc00000))" "6 0 0 $((0x7fff0000))")"
	note seccomp.receiver "$WORK/agent"
	agent
	args mkdir /tmp/x
	expect 1 berth run "$id"
	[[ $output == *"No space left on device" ]]
	detached "$id" create
	berth start "$id"
	wait_for_status "$id" stopped
	[[ $(out_of "$id") == *"No space left on device" ]]
	[ "$(cat "$WORK/heard")" = "$id"$'\n'"$id" ]
}

# --- cgroups ---------------------------------------------------------------------

@test "delegate-cgroup: the process is below the container's cgroup, and all of it goes" {
	note delegate-cgroup a/b
	script 'cat /proc/self/cgroup; sleep 1000'
	for verb in run create; do
		if [ $verb = run ]; then detached "$id"; else detached "$id" create; berth start "$id"; fi
		wait_until 10 grep -q 0:: "$WORK/$id.out"
		# As the container sees it, and as the host does.
		grep -qx '0::/a/b' "$WORK/$id.out" || { out_of "$id"; return 1; }
		[[ $(cgroup_of "$id") == *"$id"*/a/b ]]
		expect 0 berth exec "$id" true
		berth delete --force "$id"
		rm "$WORK/$id.out"
	done
	note delegate-cgroup ../x
	fails 1 'config.json: annotations["run.oci.delegate-cgroup"]: "../x": *' berth run "$id"
}

@test "features names the powerful ones" {
	berth features >"$WORK/features"
	[ "$(jq '.potentiallyUnsafeConfigAnnotations | index("run.oci.hooks.stdout") != null' "$WORK/features")" = true ]
	[ "$(jq '.potentiallyUnsafeConfigAnnotations | index("run.oci.handler")' "$WORK/features")" = null ]
}
