#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# SCMP_ACT_NOTIFY for every way in which a process of a container starts.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	needs_program python3
	[ "$(uname -m)" = x86_64 ] || skip "the agent knows x86-64's ioctl numbers"
	id=$(unique)
	agent_socket=$WORK/agent
	config '.linux.seccomp = {defaultAction: "SCMP_ACT_ALLOW", listenerPath: $path,
		syscalls: [{names: ["mkdir", "mkdirat", "execve"], action: "SCMP_ACT_NOTIFY"}]}' \
		--arg path "$agent_socket"
	agent
}
teardown() {
	[ -z "${agent-}" ] || kill "$agent" 2>/dev/null || :
	berth_teardown
}

# agent: for each listener a thread, which lets execve go on and says that the
# disk is full to any mkdir; the status and pid of each state it gets go to
# $WORK/heard.
agent()
{
	python3 -u -c 'if True:
		import fcntl, json, os, socket, struct, sys, threading
		def serve(fd):
			while True:
				n = bytearray(80)
				try:
					fcntl.ioctl(fd, 0xC0502100, n)
				except OSError:
					os.close(fd)
					return
				ident, pid, flags, nr = struct.unpack_from("<QIIi", n)
				answer = (0, 1) if nr == 59 else (-28, 0)
				fcntl.ioctl(fd, 0xC0182101, bytearray(struct.pack("<QqiI", ident, 0, *answer)))
		s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		s.bind(sys.argv[1])
		s.listen(9)
		while True:
			c = s.accept()[0]
			data, fds, _, _ = socket.recv_fds(c, 1 << 16, 4)
			state = json.loads(data)
			print(state["state"]["status"], state["pid"], state["state"]["pid"])
			threading.Thread(target=serve, args=(fds[0],), daemon=True).start()' \
		"$agent_socket" >"$WORK/heard" 2>&1 3>&- &
	agent=$!
	wait_until 10 [ -S "$agent_socket" ]
}

@test "create and start: the agent hears when the container starts" {
	script 'mkdir /tmp/x 2>&1; echo end'
	detached "$id" create
	[ ! -s "$WORK/heard" ]
	pid=$(pid_of "$id")
	timeout 30 "$BERTH" --root "$BERTH_STATE" start "$id"
	wait_until 5 grep -q end "$WORK/$id.out"
	grep -q "No space left" "$WORK/$id.out"
	[ "$(<"$WORK/heard")" = "created $pid $pid" ] || { cat "$WORK/heard"; return 1; }
}

@test "exec: the agent gets a listener of its own for each" {
	args sleep 1000
	detached "$id"
	pid=$(pid_of "$id")
	run timeout 30 "$BERTH" --root "$BERTH_STATE" exec "$id" mkdir /tmp/x
	[ "$status" -eq 1 ]
	[[ $output == *"No space left"* ]]
	run -0 timeout 30 "$BERTH" --root "$BERTH_STATE" exec "$id" true
	[ "$(wc -l <"$WORK/heard")" -eq 3 ]
	[[ $(sed -n 2p "$WORK/heard") == "running "*" $pid" ]]
	[[ $(sed -n 2p "$WORK/heard") != "running $pid "* ]]
}

@test "a process without privileges and noNewPrivileges has a listener, too" {
	local nnp
	for nnp in true false; do
		config '.process.noNewPrivileges = '$nnp' | .process.user = {uid: 1000, gid: 1000}
			| .process.capabilities = {}'
		script 'mkdir /tmp/x 2>&1; id -u'
		run -0 timeout 30 "$BERTH" --root "$BERTH_STATE" run "$(unique)"
		[[ $output == *"No space left"*1000 ]] || { echo "$nnp: $output"; return 1; }
	done
}

@test "an agent that went: start fails and the container can be deleted" {
	script 'mkdir /tmp/x'
	detached "$id" create
	kill $agent
	rm "$agent_socket"
	run --separate-stderr timeout 30 "$BERTH" --root "$BERTH_STATE" start "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *"$agent_socket"* ]]
	wait_for_status "$id" stopped
	berth delete "$id"
}
