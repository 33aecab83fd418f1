#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# The command line as such: dispatch, global options, errors, the log.
# Host only: no container is started.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	cd "$BATS_TEST_TMPDIR"
	BERTH_STATE=$BATS_TEST_TMPDIR/state
}

# fails STATUS TEXT COMMAND…: nothing on standard output, one line of error
fails() {
	local want=$1 text=$2
	shift 2
	run --separate-stderr "$@"
	# shellcheck disable=SC2154 # bats sets stderr
	[ "$status" -eq "$want" ] && [ -z "$output" ] && [ "$stderr" = "berth: $text" ] && return
	printf '%s: status %s, output "%s", error "%s"\nwanted %s, "berth: %s"\n' \
		"$*" "$status" "$output" "$stderr" "$want" "$text"
	return 1
}

@test "no command at all is wrong usage" {
	fails 1 'a command is missing; see `berth --help`' "$BERTH"
	fails 1 'a command is missing; see `berth --help`' "$BERTH" --debug
	fails 1 'a command is missing; see `berth --help`' "$BERTH" --
}

@test "an unknown command is told with the one that was probably meant" {
	fails 1 'unknown command `strat`; did you mean `start`?' "$BERTH" strat web
	fails 1 'unknown command `frobnicate`; see `berth --help`' "$BERTH" frobnicate
	fails 1 'unknown command ``; see `berth --help`' "$BERTH" ''
}

@test "an error stays one line and gives a terminal no orders" {
	fails 1 'unknown command `a?[2Jb?c`; see `berth --help`' "$BERTH" $'a\e[2Jb\nc'
}

@test "commands that are not there fail even with --help" {
	fails 1 'unknown command `checkpoint`; see `berth --help`' "$BERTH" checkpoint --help
	fails 1 'unknown command `restore`; see `berth --help`' "$BERTH" restore --lsm-mount-context
}

@test "an unknown option is told with the one that was probably meant" {
	fails 1 'unknown option `--rot`; did you mean `--root`?' "$BERTH" --rot x list
	fails 1 'delete: unknown option `--froce`; did you mean `--force`?' "$BERTH" delete --froce web
	fails 1 'kill: unknown option `-x`' "$BERTH" kill -x web
	fails 1 'list: unknown option `-x` in `-qx`' "$BERTH" list -qx
}

@test "an option without its value says that it requires an argument" {
	fails 1 'option requires an argument: --root DIR' "$BERTH" --root
	fails 1 'create: option requires an argument: --bundle DIR' "$BERTH" create --bundle
	fails 1 'create: option requires an argument: -b DIR' "$BERTH" create -b
	fails 1 'exec: option requires an argument: --env NAME=VALUE' "$BERTH" exec --env
}

@test "a value of the wrong kind is told with the option" {
	fails 1 '--log-format: `xml` is none of: text, json' "$BERTH" --log-format xml list
	fails 1 '--rootless: `maybe` is none of: false, true, auto' "$BERTH" --rootless=maybe list
	fails 1 '--cgroup-manager: `v1` is none of: cgroupfs, systemd, disabled' "$BERTH" --cgroup-manager v1 list
	fails 1 '--debug: `x` is neither true nor false' "$BERTH" --debug=x list
	fails 1 'create: --preserve-fds: `-1` is not a number' "$BERTH" create --preserve-fds -1 web
	fails 1 'run: --preserve-fds: `4294967296` is out of range' "$BERTH" run --preserve-fds 4294967296 web
	fails 1 'update: --memory: `lots` is not a size such as 64m or -1' "$BERTH" update --memory lots web
	fails 1 'events: --interval: `0s` is out of range' "$BERTH" events --interval 0s web
	fails 1 'state: --format: `xml` is none of: table, json' "$BERTH" state --format xml web
}

@test "a missing operand, or one too many, gives the usage" {
	fails 1 'start: an operand is missing; usage: berth start ID' "$BERTH" start
	fails 1 'start: too many operands; usage: berth start ID' "$BERTH" start a b
	fails 1 'kill: too many operands; usage: berth kill [OPTIONS] ID [SIGNAL]' "$BERTH" kill a TERM --all
	fails 1 'list: too many operands; usage: berth list [OPTIONS]' "$BERTH" list web
	fails 1 'exec: an operand is missing; usage: berth exec [OPTIONS] ID [COMMAND [ARGUMENT]...]' "$BERTH" exec
}

@test "wrong usage of exec exits with 1, its failures with 255" {
	fails 1 'exec: a command is missing, or --process' "$BERTH" exec web
	fails 1 'exec: a command and --process exclude each other' "$BERTH" exec -p p.json web ls
	fails 255 'container `web` does not exist' berth exec web ls
}

@test "letters of image commands are refused with the place in a bundle" {
	fails 1 'run: -e is for images only; a bundle has process.env in its config.json' "$BERTH" run -e A=1 web
	fails 1 'run: -p is for images only; a bundle has the network of the namespace that it joins' "$BERTH" run -p 80:80 web
	fails 1 'create: -v is for images only; a bundle has mounts in its config.json' "$BERTH" create -v /a:/b web
	fails 1 'run: -m is for images only; a bundle has linux.resources.memory in its config.json' "$BERTH" run -m1g web
}

@test "an unknown signal is an error" {
	fails 1 'kill: unknown signal `BOGUS`' berth kill web BOGUS
	fails 1 'kill: unknown signal `999`' berth kill web 999
}

@test "update wants limits, from one place only" {
	fails 1 'update: nothing to update: no limit is given' "$BERTH" update web
	fails 1 'update: --resources and other limits exclude each other' "$BERTH" update -r - --memory 1g web
	fails 1 'update: --blkio-weight: it must be between 10 and 1000' "$BERTH" update --blkio-weight 1001 web
}

@test "resources that are no JSON, or of the wrong type, are refused" {
	run --separate-stderr "$BERTH" --root "$BERTH_STATE" update -r - web <<<'{"memory": {"limit": "lots"}}'
	[ "$status" -eq 1 ]
	[[ $stderr == "berth: standard input: linux.resources.memory.limit: "* ]]
	run --separate-stderr "$BERTH" --root "$BERTH_STATE" update -r - web <<<'{'
	[ "$status" -eq 1 ]
	[[ $stderr == "berth: standard input: "* ]]
	fails 1 'open none.json: No such file or directory' berth update -r none.json web
}

@test "every command on a container that is not there names it" {
	local c
	for c in start state pause resume ps events; do
		fails 1 'container `web` does not exist' berth $c web
	done
	fails 1 'container `web` does not exist' berth kill web
	fails 1 'container `web` does not exist' berth delete web
	fails 1 'container `web` does not exist' berth update --memory 1g web
}

@test "delete --force of a container that is not there is success" {
	run --separate-stderr berth delete --force web
	[ "$status" -eq 0 ]
	[ -z "$output$stderr" ]
}

@test "the version, in the lines that engines look for" {
	run -0 "$BERTH" --version
	[[ ${lines[0]} =~ ^berth\ version\ [0-9]+\.[0-9]+\.[0-9]+$ ]]
	[[ $output == *$'\n'"spec: 1.3.0"$'\n'* ]]
	[[ $output == *"+SECCOMP"* ]]
	[ "$("$BERTH" -v)" = "$output" ]
}

@test "the version needs no command and ignores one" {
	[ "$("$BERTH" --version)" = "$("$BERTH" --version nonsense)" ]
}

@test "a log in JSON has exactly the one error, and standard error has it too" {
	fails 1 'container `web` does not exist' berth --log=log.json --log-format=json --debug state web
	[ "$(wc -l <log.json)" -eq 1 ]
	[ "$(jq -r .msg log.json)" = 'container `web` does not exist' ]
	[ "$(jq -r .level log.json)" = error ]
	[[ $(jq -r .time log.json) =~ ^20[0-9-]+T[0-9:.]+Z$ ]]
}

@test "wrong usage goes to the log as well" {
	fails 1 'list: unknown option `-x`' berth --log log.json --log-format json list -x
	[ "$(jq -r .msg log.json)" = 'list: unknown option `-x`' ]
	rm log.json
	fails 1 'unknown command `nope`; see `berth --help`' berth --log log.json --log-format json nope
	[ "$(jq -r .level log.json)" = error ]
}

@test "a log in text gets lines, and is appended to" {
	fails 1 'container `a` does not exist' berth --log file:log.txt state a
	fails 1 'container `b` does not exist' berth --log log.txt state b
	[ "$(wc -l <log.txt)" -eq 2 ]
	[[ $(sed -n 2p log.txt) == *' error container `b` does not exist' ]]
}

@test "without --log, JSON goes to standard error once" {
	run --separate-stderr berth --log-format json state web
	[ "$status" -eq 1 ]
	[ "$(jq -r .msg <<<"$stderr")" = 'container `web` does not exist' ]
}

@test "a log is created private to its owner's writing" {
	umask 022
	berth --log log.txt list
	[ "$(stat -c %a log.txt)" = 644 ]
}

@test "a log that cannot be opened is an error before anything is done" {
	fails 1 'open the log `none/log`: No such file or directory' berth --log none/log list
	fails 1 '--log: `a b` is no name: it has a blank or a special character' berth --log 'journald:a b' list
	fails 1 '--log: a name of more than 64 bytes' berth --log "syslog:$(printf 'x%.0s' {1..65})" list
	[ -e /dev/log ] || fails 1 '--log: connect to `/dev/log`: No such file or directory' berth --log syslog:x list
}

# daemon_of LOG PATH: what the daemon that listens at PATH, below a /dev and a /run
# of the test's own, is told of a container that does not exist.
daemon_of() {
	# shellcheck disable=SC2016 # for the inner shell
	unshare -m --propagation private bash -c '
		mkdir -p dev run && mount -t tmpfs dev dev && mount -t tmpfs run run && mkdir -p run/systemd/journal
		for f in null full zero; do touch "dev/$f" && mount --bind "/dev/$f" "dev/$f"; done
		mount -n --move run /run && mount -n --move dev /dev
		exec python3 -c "if True:
			import socket, subprocess, sys
			s = socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM)
			s.bind(sys.argv[1])
			r = subprocess.run(sys.argv[2:], stderr=subprocess.DEVNULL)
			s.settimeout(30)
			print(r.returncode, s.recv(4096).decode())" "$2" "$3" --root /run/state --log "$1" state web' \
		bash "$1" "$2" "$BERTH"
}

@test "the log may be syslog's or the journal's" {
	local rest='container `web` does not exist'
	run -0 daemon_of syslog:mine /dev/log
	[[ $output == '1 <11>mine['*"]: $rest" ]] || { echo "$output"; false; }
	run -0 daemon_of journald: /run/systemd/journal/socket
	[ "$output" = $'1 PRIORITY=3\nSYSLOG_IDENTIFIER=berth\n'"MESSAGE=$rest" ] || { echo "$output"; false; }
}

@test "output that cannot be written is an error" {
	[ -w /dev/full ] || skip "no /dev/full"
	for c in --help --version "list" "help run" "features"; do
		# shellcheck disable=SC2086 # the words of a command
		run sh -c '"$@" 2>&1 >/dev/full' sh "$BERTH" --root "$BERTH_STATE" $c
		[ "$status" -eq 1 ]
		[ "$output" = "berth: write to standard output: No space left on device" ]
	done
}

@test "closed standard streams do no harm" {
	run -0 sh -c '"$@" <&- 2>&-' sh "$BERTH" --root "$BERTH_STATE" list -q
	[ -z "$output" ]
	run sh -c '"$@" >&- 2>&-' sh "$BERTH" --log log.txt state web
	[ "$status" -eq 1 ]
	[[ $(cat log.txt) == *' error container `web` does not exist' ]]
}

@test "options may be spelled as Go's programs do" {
	run -0 "$BERTH" -root "$BERTH_STATE" -debug -log-format=json list -format json
	[ "$output" = "[]" ]
}

@test "an empty environment is enough" {
	run -0 env -i "$BERTH" --root "$BERTH_STATE" list -q
	[ -z "$output" ]
	run -0 env -i XDG_RUNTIME_DIR= "$BERTH" --root "$BERTH_STATE" list --format json
	[ "$output" = "[]" ]
}
