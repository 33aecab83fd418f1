#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Killed at any instant, two commands at once, states from another time.
# Host only: hundreds of containers.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	in_machine && skip "runs natively: hundreds of containers"
	berth_setup
	args sleep 1000
	rounds=${BERTH_LONG:+100}
	rounds=${rounds:-8}
}
teardown() { berth_teardown; }

killed_at_each_call() {	# ONE-OF COMMAND…
	local n=$1
	shift
	needs_program python3
	[ -z "${BERTH_LONG-}" ] || n=1
	"$ROOT/tests/fault/each-call" --kill --bundle "$BUNDLE" --state "$WORK/each" \
		--sample "$(((n + 1) / 2))/$n" "$@"
}

@test "create killed at any call leaves nothing that delete --force leaves" {
	killed_at_each_call 10 create
}

@test "run killed at any call leaves nothing that delete --force leaves" {
	killed_at_each_call 10 run
}

@test "start and exec killed at any call leave nothing that delete --force leaves" {
	killed_at_each_call 10 start exec
}

@test "delete and kill killed at any call leave nothing that delete --force leaves" {
	killed_at_each_call 4 delete delete-created kill
}

# at_once COMMAND ARG… -- COMMAND ARG…: both; their statuses in $first, $second
at_once() {
	local one=() a b
	while [ "$1" != -- ]; do
		one+=("$1")
		shift
	done
	shift
	timeout 30 "$BERTH" --root "$BERTH_STATE" "${one[@]}" </dev/null >"$WORK/one" 2>&1 3>&- &
	a=$!
	timeout 30 "$BERTH" --root "$BERTH_STATE" "$@" </dev/null >"$WORK/two" 2>&1 3>&- &
	b=$!
	wait $a && first=0 || first=$?
	wait $b && second=0 || second=$?
	say="${one[*]}: $first $(cat "$WORK/one"); $*: $second $(cat "$WORK/two")"
	[ $first -ne 124 ] && [ $second -ne 124 ] || { echo "one hangs: $say"; return 1; }
}

# holds CONDITION…: or what the two commands said
holds() { "$@" || { echo "not: $*; $say"; return 1; }; }
no_cgroup() { [[ $(inventory_cgroups) != *"$1"* ]]; }
says() { [[ $say == *"$1"* ]]; }

@test "two creates of one id: one wins" {
	for ((i = 0; i < rounds; i++)); do
		id=$(unique)
		at_once create "$id" -- create "$id"
		holds [ $((first + second)) -eq 1 ]
		holds says "container with id exists already: $id"
		is_status "$id" created
		berth delete --force "$id"
	done
}

@test "two starts: one wins, the program runs once" {
	script 'echo run; sleep 1000'
	for ((i = 0; i < rounds; i++)); do
		id=$(unique)
		detached "$id" create
		at_once start "$id" -- start "$id"
		holds [ $((first + second)) -eq 1 ]
		wait_until 5 grep -q run "$WORK/$id.out"
		is_status "$id" running
		[ "$(out_of "$id")" = run ]
		berth delete --force "$id"
	done
}

@test "start against delete --force: the container is gone" {
	for ((i = 0; i < rounds; i++)); do
		id=$(unique)
		detached "$id" create
		at_once start "$id" -- delete --force "$id"
		holds [ $second -eq 0 ]
		[ ! -e "$BERTH_STATE/$id" ]
		wait_until 5 no_cgroup "$id"
	done
}

@test "two deletes: both succeed with --force, one without" {
	for ((i = 0; i < rounds; i++)); do
		id=$(unique)
		detached "$id"
		at_once delete --force "$id" -- delete --force "$id"
		holds [ $((first + second)) -eq 0 ]
		[ ! -e "$BERTH_STATE/$id" ]
		detached "$id" create
		at_once delete "$id" -- delete "$id"
		holds [ $((first + second)) -eq 1 ]
		holds says "container \`$id\` does not exist"
	done
}

@test "exec against delete --force: nothing of either stays" {
	for ((i = 0; i < rounds; i++)); do
		id=$(unique)
		detached "$id"
		at_once exec "$id" sleep 1000 -- delete --force "$id"
		holds [ $second -eq 0 ]
		holds [ $first -ne 0 ]
		[ ! -e "$BERTH_STATE/$id" ]
		wait_until 5 no_cgroup "$id"
	done
}

@test "kill against delete --force: the container is gone" {
	for ((i = 0; i < rounds; i++)); do
		id=$(unique)
		detached "$id"
		at_once kill "$id" KILL -- delete --force "$id"
		holds [ $second -eq 0 ]
		[ $first -eq 0 ] || holds says 'container not running' || holds says 'does not exist'
		[ ! -e "$BERTH_STATE/$id" ]
	done
}

@test "create against delete --force: created whole, or gone" {
	for ((i = 0; i < rounds; i++)); do
		id=$(unique)
		at_once create "$id" -- delete --force "$id"
		holds [ $second -eq 0 ]
		if [ $first -eq 0 ] && [ -e "$BERTH_STATE/$id" ]; then
			is_status "$id" created
		fi
		berth delete --force "$id"
		wait_until 5 no_cgroup "$id"
	done
}

@test "a container that ends by itself against delete --force" {
	script 'exit 0'
	for ((i = 0; i < rounds; i++)); do
		id=$(unique)
		at_once run "$id" -- delete --force "$id"
		holds [ $second -eq 0 ]
		berth delete --force "$id"
		[ ! -e "$BERTH_STATE/$id" ]
	done
}

@test "a foreground run whose container is deleted meanwhile ends, with its status" {
	id=$(unique)
	"$BERTH" --root "$BERTH_STATE" run "$id" >"$WORK/out" 2>&1 3>&- &
	pid=$!
	wait_for_status "$id" running
	berth delete --force "$id"
	wait $pid && status=0 || status=$?
	[ $status -eq 137 ]
	[ -z "$(cat "$WORK/out")" ]
}

@test "a state from before a reboot is that of a stopped container" {
	id=$(unique)
	detached "$id"
	pid=$(pid_of "$id")
	sed -i 's/"bootId":"[^"]*"/"bootId":"00000000-0000-0000-0000-000000000000"/' "$BERTH_STATE/$id/state.json"
	is_status "$id" stopped
	[ "$(pid_of "$id")" = 0 ]
	fails 1 "container not running: $id is stopped" berth kill "$id" KILL
	fails 255 "container not running: $id is stopped" berth exec "$id" true
	# Its pid and its cgroup may be anybody's by now.
	berth delete "$id"
	kill -0 "$pid"
	kill -KILL "$pid"
	wait_until 5 eval "rmdir '$(cgroup_mount)'/*berth-$id '$(cgroup_mount)'/*/*berth-$id 2>/dev/null; no_cgroup $id"
}

@test "a pid that was used again is not that container" {
	id=$(unique)
	detached "$id"
	pid=$(pid_of "$id")
	sed -i 's/"startTime":[0-9]*/"startTime":1/' "$BERTH_STATE/$id/state.json"
	is_status "$id" stopped
	fails 1 "container not running: $id is stopped" berth kill "$id" KILL
	kill -0 "$pid"
	# What is in its cgroup is its own, though.
	berth delete --force "$id"
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "a damaged state is told, left out of lists, and removed by delete --force" {
	local text
	for text in '' '{' 'null' '{"version": 99}' '[1]'; do
		id=$(unique)
		mkdir -p "$BERTH_STATE/$id"
		echo "$text" >"$BERTH_STATE/$id/state.json"
		run --separate-stderr berth state "$id"
		[ "$status" -eq 1 ] || { echo "state of '$text': $status $output $stderr"; return 1; }
		[ ${#stderr_lines[@]} -eq 1 ]
		[[ $stderr == "berth: container $id: "*state* ]] || { echo "$stderr"; false; }
		run -0 --separate-stderr berth list -q
		[ -z "$output" ]
		expect 0 berth delete --force "$id"
		[ ! -e "$BERTH_STATE/$id" ]
	done
}

@test "a creation that was killed is listed as creating and can be deleted" {
	id=$(unique)
	mkdir -p "$BERTH_STATE/$id"
	run -0 berth state "$id"
	[[ $output == *'"status": "creating"'* ]] || { echo "$output"; false; }
	berth delete --force "$id"
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "delete --force ends a start whose container's process never runs its program" {
	# A hook that never ends, and a pause that comes in between.
	id=$(unique)
	config '.hooks = {"startContainer": [{"path": "/bin/sleep", "args": ["sleep", "1000"]}]}'
	detached "$id" create
	pid=$(pid_of "$id")
	"$BERTH" --root "$BERTH_STATE" start "$id" >"$WORK/out" 2>&1 3>&- &
	wait_until 5 eval '[ -n "$(<"/proc/$pid/task/$pid/children")" ]'
	timeout 10 "$BERTH" --root "$BERTH_STATE" delete --force "$id"
	wait $! || :
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "a container that is paused before its start is paused, and can be deleted" {
	id=$(unique)
	detached "$id" create
	berth pause "$id"
	is_status "$id" paused
	fails 1 "cannot start container $id: it is paused, not created" timeout 10 "$BERTH" --root "$BERTH_STATE" start "$id"
	berth resume "$id"
	is_status "$id" created
	berth pause "$id"
	expect 0 timeout 10 "$BERTH" --root "$BERTH_STATE" delete --force "$id"
	[ ! -e "$BERTH_STATE/$id" ]
}

# on_a_gone_cgroup FILE VERB…: the container ends, and is deleted, when the verb is
# about to open FILE of its cgroup for the last time.
on_a_gone_cgroup()
{
	local id call seconds=1 file=$1
	shift
	! in_machine || seconds=10
	id=$(unique)
	sleeper "$id"
	[ "$1" != resume ] || berth pause "$id"
	traced strace -o "$WORK/calls" -e trace=openat "$BERTH" --root "$BERTH_STATE" "$@" "$id"
	call=$(grep -n "\"$file\", O_${MODE:-RDONLY}" "$WORK/calls" | tail -n 1 | cut -d: -f1)
	berth delete --force "$id"
	id=$(unique)
	sleeper "$id"
	[ "$1" != resume ] || berth pause "$id"
	traced strace -o "$WORK/calls" -e trace=openat -e inject=openat:delay_enter="${seconds}000000:when=$call" \
		"$BERTH" --root "$BERTH_STATE" "$@" "$id" >"$WORK/out" 2>&1 3>&- &
	wait_until 10 eval '[ "$(wc -l <"$WORK/calls")" = '$((call - 1))' ]'
	berth delete --force "$id"
	wait $! && return 1
	[ "$(cat "$WORK/out")" = "berth: container not running: $id is stopped" ] || { cat "$WORK/out"; return 1; }
}

@test "pause, resume and update of a container that ends meanwhile say that" {
	needs_program strace
	on_a_gone_cgroup cgroup.freeze pause
	on_a_gone_cgroup cgroup.freeze resume
	MODE=WRONLY on_a_gone_cgroup cgroup.freeze pause
	! in_machine || MODE=WRONLY on_a_gone_cgroup pids.max update --pids-limit 50
}
