#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Terminals: that of the caller (-t), and one for somebody else (--console-socket).

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	needs_program python3
	id=$(unique)
	sock=$WORK/sock
}
teardown() { berth_teardown; }

# terminal ARG… <STEPS: tests/lib/terminal.py, without the carriage returns
terminal() { BERTH_STATE=$BERTH_STATE python3 "$ROOT/tests/lib/terminal.py" "$@"; }
on_terminal() { terminal "$BERTH" --root "$BERTH_STATE" "$@"; }
has_line() { grep -qxF -- "$1" <<<"$output" || { printf 'no line "%s" in:\n%s\n' "$1" "$output"; return 1; }; }

# --- run -t ---------------------------------------------------------------------

@test "run -t: a terminal of the container's own, as large as the caller's" {
	script 'stty size; tty; [ -t 0 ] && [ -t 1 ] && [ -t 2 ] && echo terminals; exit 7'
	expect 7 on_terminal run -t "$id" <<<"expect terminals"
	has_line '30 90'
	has_line /dev/pts/0
	has_line 'terminal as before'
}

@test "run -t: process.consoleSize is the size until a terminal says more" {
	config '.process.consoleSize = {height: 11, width: 22} | .process.terminal = true'
	script 'stty size'
	run -0 berth run "$id" </dev/null
	[[ $output == "11 22"* ]] || { echo "$output"; false; }
	expect 0 on_terminal run "$id" </dev/null
	has_line '30 90'
}

@test "run -t: a change of the window's size reaches the container" {
	script 'trap "stty size" WINCH; echo ready; while :; do sleep 0.05; done'
	expect 137 on_terminal run -t "$id" <<-EOF
		expect ready
		size 40 100
		expect 40 100
		size 12 34
		expect 12 34
		run $BERTH --root $BERTH_STATE kill $id KILL
	EOF
	has_line 'terminal as before'
}

@test "run -t: what is typed reaches the container, and keys are signals there" {
	script 'trap "echo interrupted" INT; trap "echo quit; exit 3" QUIT; echo ready
		read -r line; echo "<$line>"; while :; do sleep 0.05; done'
	expect 3 on_terminal run -t "$id" <<-'EOF'
		expect ready
		raw
		type hello
		expect <hello>
		key C
		expect interrupted
		key \
		expect quit
	EOF
	has_line 'terminal as before'
}

@test "run -t puts the terminal back when berth is told to end" {
	for s in TERM HUP INT; do
		id=$(unique)
		script "trap 'echo got $s; exit 9' $s; echo ready; while :; do sleep 0.05; done"
		expect 9 on_terminal run -t "$id" <<-EOF
			expect ready
			raw
			signal $s
			expect got $s
		EOF
		has_line 'terminal as before'
	done
}

@test "run -t puts the terminal back when a signal ends the container" {
	args sh
	expect 137 on_terminal run -t "$id" <<-EOF
		expect #
		raw
		run $BERTH --root $BERTH_STATE kill $id KILL
	EOF
	has_line 'terminal as before'
	[ ! -e "$BERTH_STATE/$id" ]
	id=$(unique)
	config '.linux.namespaces |= map(select(.type != "pid"))'
	script 'ulimit -c 0; echo ready; read -r line; kill -SEGV $$; sleep 5'
	expect 139 on_terminal run -t "$id" <<-'EOF'
		expect ready
		raw
		type go
	EOF
	has_line 'terminal as before'
}

@test "run -t leaves the terminal alone when the start fails" {
	args no-such-program
	expect 1 on_terminal run -t "$id" </dev/null
	has_line 'terminal as before'
}

@test "run -t: job control in the container" {
	args sh
	config '.process.env += ["PS1=% "]'
	expect 4 on_terminal run -t "$id" <<-'EOF'
		expect %
		type sleep 1000
		expect sleep
		run sleep 1
		key Z
		expect Stopped
		type jobs
		expect Stopped
		type fg
		expect sleep
		run sleep 1
		key C
		expect %
		type echo "status $?"
		expect status 130
		type exit 4
	EOF
	has_line 'terminal as before'
}

@test "run -t that is stopped gives the shell its terminal and takes it again" {
	script 'echo ready; read -r line; echo "<$line>"; exit 5'
	expect 5 terminal env PS1='% ' sh -i <<-EOF
		expect %
		type $BERTH --root $BERTH_STATE run -t $id
		expect ready
		raw
		run kill -TSTP \$(pgrep -f "^$BERTH --root [^ ]* run -t $id")
		expect Stopped
		cooked
		type fg
		raw
		type back
		expect <back>
		expect %
		cooked
		type exit
	EOF
	has_line 'terminal as before'
}

@test "run -t without a terminal of its own reads to the end of its input" {
	script 'read -r line; echo "<$line>"; read -r more || echo end'
	run -0 berth run -t "$id" <<<"piped"
	output=${output//$'\r'/}
	has_line '<piped>'
	has_line 'end'
}

@test "exec -t: a terminal in a container that has none" {
	args sleep 1000
	detached "$id"
	expect 6 on_terminal exec -t "$id" sh -c 'stty size; tty; read -r line; echo "<$line>"; exit 6' <<-'EOF'
		expect /dev/pts/
		raw
		size 41 101
		type hello
		expect <hello>
	EOF
	has_line '30 90'
	has_line 'terminal as before'
	expect 255 on_terminal exec -t "$id" no-such-program </dev/null
	has_line 'terminal as before'
	is_status "$id" running
}

# --- --console-socket -------------------------------------------------------------

# listening SOCKET COMMAND… <<STEPS: COMMAND is run before the steps, and the
# terminal has to be there once it has ended.
listening() {
	local path=$1
	shift
	{
		printf 'run %s </dev/null >%s 2>&1\naccept\n' "$*" "$WORK/$id.out"
		cat
	} | terminal --listen "$path"
}

@test "create --console-socket: the terminal is there before create returns, and works" {
	config '.process.terminal = true | .process.consoleSize = {height: 11, width: 22}'
	script 'stty size; tty; read -r line; echo "<$line>"; trap "stty size; exit 8" WINCH; echo ready; while :; do sleep 0.05; done'
	expect 0 listening "$sock" "$BERTH --root $BERTH_STATE create --console-socket $sock $id" <<-EOF
		show
		run $BERTH --root $BERTH_STATE start $id
		type hello
		expect <hello>
		expect ready
		size 33 44
		expect 33 44
	EOF
	has_line 'received 1: /dev/pts/0'
	has_line 'size 11 22'
	has_line '11 22'
	has_line /dev/pts/0
	[ -z "$(out_of "$id")" ]
	wait_for_status "$id" stopped
}

@test "run --detach --console-socket sends the terminal and goes" {
	config '.process.terminal = true'
	script 'tty; read -r line; echo "<$line>"'
	expect 0 listening "$sock" "$BERTH --root $BERTH_STATE run --detach --console-socket=$sock $id" <<-'EOF'
		type hello
		expect <hello>
	EOF
	has_line 'received 1: /dev/pts/0'
	wait_for_status "$id" stopped
}

@test "exec --console-socket sends a terminal of the container" {
	args sleep 1000
	detached "$id"
	expect 0 listening "$sock" "$BERTH --root $BERTH_STATE exec -t --detach --console-socket $sock --pid-file $WORK/pid $id sh -c 'tty; read -r line; echo \"<\$line>\"'" <<-'EOF'
		expect /dev/pts/
		type hello
		expect <hello>
	EOF
	has_line 'received 1: /dev/pts/0'
	[ -s "$WORK/pid" ]
}

@test "a console socket's path may be as long as a path can be" {
	config '.process.terminal = true'
	script 'tty'
	local long=$WORK/$(printf 'd%.0s' {1..200})
	mkdir "$long"
	[ ${#long} -gt 108 ]
	expect 0 listening "$long/sock" "$BERTH --root $BERTH_STATE create --console-socket $long/sock $id" <<-EOF
		run $BERTH --root $BERTH_STATE start $id
		expect /dev/pts/0
	EOF
	has_line 'received 1: /dev/pts/0'
	id=$(unique)
	cd "$long"
	expect 0 listening "$long/relative" "$BERTH --root $BERTH_STATE create --bundle $BUNDLE --console-socket ./relative $id" </dev/null
	has_line 'received 1: /dev/pts/0'
}

@test "a console socket that is not there, or none, is named and nothing is left" {
	config '.process.terminal = true'
	fails 1 "console socket: connect to \`$WORK/none\`: No such file or directory" \
		berth create --console-socket "$WORK/none" "$id"
	touch "$WORK/file"
	fails 1 "console socket: connect to \`$WORK/file\`: Connection refused" \
		berth run --detach --console-socket "$WORK/file" "$id"
	local long=$WORK/$(printf 'd%.0s' {1..200})
	mkdir "$long"
	fails 1 "console socket: connect to \`$long/none\`: No such file or directory" \
		berth create --console-socket "$long/none" "$id"
	[ ! -e "$BERTH_STATE/$id" ]
	args sleep 1000
	config '.process.terminal = false'
	detached "$id"
	fails 255 "console socket: connect to \`$WORK/none\`: No such file or directory" \
		berth exec -t --detach --console-socket "$WORK/none" --pid-file "$WORK/pid" "$id" true
	[ ! -e "$WORK/pid" ]
	is_status "$id" running
}

@test "a terminal needs a devpts, and the message says so" {
	config '.process.terminal = true | .mounts |= map(select(.type != "devpts"))'
	expect 1 on_terminal run "$id" </dev/null
	[[ $output == *'open /dev/pts/ptmx (a terminal needs a devpts on /dev/pts): No such file or directory'* ]] ||
		{ echo "$output"; false; }
	has_line 'terminal as before'
}
