#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Help texts, the manual pages that have to agree with them, the completions.
# Host only: no container is started.

bats_require_minimum_version 1.5.0
load ../lib/common

ROOT=${BATS_TEST_DIRNAME%/tests/cli}

commands() {
	"$BERTH" --help | sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

@test "help goes to standard output and exits with 0" {
	for args in --help -h '-?' help; do
		run --separate-stderr "$BERTH" "$args"
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		[ "${lines[0]}" = "usage: berth [GLOBAL OPTIONS] COMMAND [OPTIONS] [OPERANDS]" ]
	done
}

@test "all commands are listed" {
	run -0 commands
	[ "${lines[*]}" = "create run start exec kill delete state list ps events pause resume update mounts spec features help" ]
}

@test "each command's help is the same in all three ways" {
	for c in $(commands); do
		run --separate-stderr "$BERTH" "$c" --help
		[ "$status" -eq 0 ]
		[ -z "$stderr" ]
		[[ ${lines[0]} == "usage: berth $c"* ]]
		[ "$("$BERTH" "$c" -h)" = "$output" ]
		[ "$("$BERTH" help "$c")" = "$output" ]
	done
}

@test "help wins over missing operands and what stands behind it" {
	run -0 "$BERTH" exec --help --nonsense
	run -0 "$BERTH" kill -ah
	run -0 "$BERTH" run --bundle /none --help
}

@test "help of a command that is not there is an error" {
	run --separate-stderr "$BERTH" help nope
	[ "$status" -eq 1 ]
	[ "$stderr" = 'berth: unknown command `nope`; see `berth --help`' ]
}

@test "kill's help, to the letter" {
	[ "$("$BERTH" kill --help)" = "usage: berth kill [OPTIONS] ID [SIGNAL]

Send SIGNAL, a name with or without SIG or a number, to the first process of
the container ID; TERM by default.

options:
  -a, --all    signal every process of the container, not only its first
  -r, --regex  ID is an extended regular expression: signal all that match
  -h, --help   show this help

examples:
  berth kill web
  berth kill --all web KILL
  berth kill --regex '^web-[0-9]+\$' HUP" ]
}

@test "every option of the peers is there" {
	local c o
	while read -r c o; do
		for o in $o; do
			"$BERTH" "$c" --help | grep -Eq -- "(^| )$o( |,|\$)" || {
				echo "$c: no $o"
				return 1
			}
		done
	done <<-'END'
		create --bundle -b --config -f --console-socket --pid-file --no-pivot --no-new-keyring --preserve-fds --pidfd-socket --no-subreaper
		run --bundle -b --config -f --console-socket --pid-file --no-pivot --no-new-keyring --preserve-fds --pidfd-socket --detach -d --keep --no-subreaper
		exec --process -p --cwd --env -e --tty -t --user -u --detach -d --pid-file --console-socket --cap -c --no-new-privs --apparmor --process-label --preserve-fds --cgroup --additional-gids -g --ignore-paused --pidfd-socket
		kill --all -a --regex -r
		delete --force -f --regex -r
		list --format -f --quiet -q
		ps --format -f
		events --stats --interval
		spec --bundle -b --rootless --file -f
		update --resources -r --blkio-weight --cpu-period --cpu-quota --cpu-share --cpu-rt-period --cpu-rt-runtime --cpuset-cpus --cpuset-mems --memory --memory-reservation --memory-swap --kernel-memory --kernel-memory-tcp --pids-limit --l3-cache-schema --mem-bw-schema --cpu-burst --cpu-idle
	END
}

@test "the manual pages agree with the help" {
	needs_program mandoc
	cd "$ROOT"
	expect 0 tests/lint/check-man "$BERTH" man
}

@test "check-man notices an option too many, one too few and a wrong summary" {
	needs_program mandoc
	cp -r "$ROOT/man" "$BATS_TEST_TMPDIR/man"
	cd "$BATS_TEST_TMPDIR"
	sed -i 's/^\.It Fl f , Fl -force$/.It Fl f , Fl -farce/' man/berth-delete.1
	expect 1 "$ROOT/tests/lint/check-man" "$BERTH" man
	[[ $output == *"berth-delete.1: its options are not those of the program"* ]]
	cp "$ROOT/man/berth-delete.1" man/
	sed -i 's/^\.Nd .*/.Nd do something/' man/berth-kill.1
	expect 1 "$ROOT/tests/lint/check-man" "$BERTH" man
	[[ $output == *"berth-kill.1: its summary is not"* ]]
	cp "$ROOT/man/berth-kill.1" man/
	mv man/berth-ps.1 man/berth-top.1
	expect 1 "$ROOT/tests/lint/check-man" "$BERTH" man
	[[ $output == *"ps has no page"* ]]
	[[ $output == *"berth-top.1: there is no such command"* ]]
}

# complete WORD…: what bash would offer for the last word
complete_words() {
	bash -c '
		. "$1"; shift
		COMP_WORDS=("$@")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_berth
		echo "${COMPREPLY[*]}"' bash "$ROOT/contrib/completions/berth.bash" "$BERTH" "$@"
}

@test "bash completes commands, options and file names" {
	cd "$BATS_TEST_TMPDIR"
	mkdir state bundle
	[ "$(complete_words st)" = "start state" ]
	[ "$(complete_words --root state l)" = "list" ]
	[ "$(complete_words --root = state l)" = "list" ]
	[ "$(complete_words --log-)" = "--log-format --log-level" ]
	[ "$(complete_words delete -)" = "--force --regex --help" ]
	[ "$(complete_words help ev)" = "events" ]
	[ "$(complete_words mounts '')" = "add remove" ]
	[ "$(complete_words mounts add state)" = "" ]
	[ "$(complete_words mounts add web bu)" = "bundle" ]
	[ "$(complete_words run --bundle bu)" = "bundle" ]
	[ "$(complete_words --root state kill '')" = "" ]
}
