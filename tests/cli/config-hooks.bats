#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	cat >"$WORK/hook" <<-END
		#!/bin/sh
		# Says who it is and what it was told.
		cat >"$WORK/state.\$1"
		echo "\$1 \$PWD" >>"$WORK/order"
		echo "\$1 \$(readlink /proc/self/ns/mnt)" >>"$WORK/ns"
		exit \${2:-0}
	END
	chmod 755 "$WORK/hook"
}
teardown() { berth_teardown; }

# hook KIND PATH ARG…: one more; args[0] is the path's
hook() {
	local kind=$1 path=$2
	shift
	# shellcheck disable=SC2016 # jq's
	config '.hooks[$k] += [{"path": $p, "args": $ARGS.positional}]' --arg k "$kind" --arg p "$path" --args -- "$@"
}

state_of() { jq -r "$2" "$WORK/state.$1"; }

@test "the six kinds run in their order, with the state on standard input" {
	for k in prestart createRuntime poststart poststop; do
		hook $k "$WORK/hook" $k
	done
	# These two run in the container's namespaces: createContainer with the
	# host's files still there, startContainer with the image's.
	hook createContainer "$WORK/hook" createContainer
	mkdir -p "rootfs$WORK"
	cp "$WORK/hook" "rootfs$WORK/hook"
	hook startContainer "$WORK/hook" startContainer
	args sleep 1000
	detached "$id" create
	pid=$(pid_of "$id")
	[ "$(awk '{print $1}' "$WORK/order" | tr '\n' ' ')" = "prestart createRuntime createContainer " ]
	for k in prestart createRuntime createContainer; do
		[ "$(state_of $k .status)" = creating ]
	done
	for k in prestart createRuntime; do
		[ "$(state_of $k .pid)" = "$pid" ] || { cat "$WORK/state.$k"; return 1; }
		[ "$(state_of $k .id)" = "$id" ]
		[ "$(state_of $k .bundle)" = "$BUNDLE" ]
		[ "$(state_of $k .ociVersion)" ]
	done
	berth start "$id"
	[ "$(awk '{print $1}' "rootfs$WORK/order")" = startContainer ]
	[ "$(jq -r .status "rootfs$WORK/state.startContainer")" = created ]
	[ "$(state_of poststart .status)" = running ]
	[ "$(state_of poststart .pid)" = "$pid" ]
	berth kill "$id" KILL
	wait_for_status "$id" stopped
	berth delete "$id"
	[ "$(state_of poststop .status)" = stopped ]
	[ "$(tail -n1 "$WORK/order" | cut -d' ' -f1)" = poststop ]
	# Whose mount namespace: berth's, or the container's.
	here=$(readlink /proc/self/ns/mnt)
	for k in prestart createRuntime poststart poststop; do
		grep -qxF "$k $here" "$WORK/ns" || { cat "$WORK/ns"; return 1; }
	done
	[[ $(grep createContainer "$WORK/ns") != *"$here" ]]
}

@test "run runs them all as well" {
	for k in prestart createRuntime createContainer poststart poststop; do
		hook $k "$WORK/hook" $k
	done
	expect 0 berth run "$id"
	[ "$(awk '{print $1}' "$WORK/order" | tr '\n' ' ')" = "prestart createRuntime createContainer poststart poststop " ]
}

@test "hooks of one kind run in the order of the list" {
	hook createRuntime "$WORK/hook" one
	hook createRuntime "$WORK/hook" two
	hook createRuntime "$WORK/hook" three
	expect 0 berth run "$id"
	[ "$(awk '{print $1}' "$WORK/order" | tr '\n' ' ')" = "one two three " ]
}

@test "a hook has the environment of its own list only" {
	config '.hooks.prestart = [{"path": "/usr/bin/env", "env": ["A=1"]}]'
	printf '#!/bin/sh\nenv >%s/env\n' "$WORK" >"$WORK/env.sh"
	chmod 755 "$WORK/env.sh"
	config '.hooks.prestart = [{"path": "'"$WORK/env.sh"'", "env": ["A=1"]}]'
	expect 0 berth run "$id"
	grep -q ^A=1 "$WORK/env"
	! grep -q BERTH_TEST_MARK "$WORK/env"
}

@test "a failing hook before the start ends it all, says which, and leaves nothing" {
	for k in prestart createRuntime createContainer startContainer; do
		config 'del(.hooks)'
		if [ $k = startContainer ]; then
			hook $k /bin/sh -c 'exit 3'
		else
			hook $k "$WORK/hook" $k 3
		fi
		run --separate-stderr berth run "$id"
		[ "$status" -eq 1 ] || { echo "$k: $status"; return 1; }
		[ ${#stderr_lines[@]} -eq 1 ] || { echo "$stderr"; return 1; }
		[[ $stderr == *hook*$k*3* ]] || { echo "$stderr"; return 1; }
		[ ! -e "$BERTH_STATE/$id" ]
		[ -z "$(inventory_cgroups)" ]
	done
}

@test "a failing startContainer hook fails start" {
	hook startContainer /bin/sh -c 'exit 3'
	detached "$id" create
	fails 1 'hook `/bin/sh` (startContainer[0]): it failed: exit status 3' berth start "$id"
	is_status "$id" stopped
	berth delete "$id"
}

@test "a failing poststart hook stops the container" {
	hook poststart "$WORK/hook" poststart 3
	args sleep 1000
	run --separate-stderr berth run "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *hook*poststart*3* ]]
	[ ! -e "$BERTH_STATE/$id" ]
	detached "$id" create
	run --separate-stderr berth start "$id"
	[ "$status" -eq 1 ]
	[[ $stderr == *hook*poststart*3* ]]
	is_status "$id" stopped
}

@test "a failing poststop hook is a warning, and the next one runs" {
	hook poststop "$WORK/hook" one 3
	hook poststop "$WORK/hook" two
	run --separate-stderr berth run "$id"
	[ "$status" -eq 0 ]
	[[ $stderr == *" warning hook \`$WORK/hook\` (poststop[0]): exit status 3" ]]
	[ "$(awk '{print $1}' "$WORK/order" | tr '\n' ' ')" = "one two " ]
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "a hook that takes too long is killed" {
	config '.hooks.prestart = [{"path": "/bin/sleep", "args": ["sleep", "100"], "timeout": 1}]'
	start=$SECONDS
	fails 1 'hook `/bin/sleep` (prestart[0]): timed out after 1 s' berth run "$id"
	[ $((SECONDS - start)) -lt 20 ]
	config 'del(.hooks) | .hooks.startContainer = [{"path": "/bin/sleep", "args": ["sleep", "100"], "timeout": 1}]'
	fails 1 'hook `/bin/sleep` (startContainer[0]): it ran longer than its timeout: *' berth run "$id"
	[ $((SECONDS - start)) -lt 40 ]
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "a hook that is not there, or has a relative path, is told" {
	hook prestart /nowhere/hook hook
	fails 1 'hook `/nowhere/hook` (prestart[0]): No such file or directory' berth run "$id"
	config 'del(.hooks)'
	hook prestart hook hook
	fails 1 'hooks.prestart[0].path: *' berth run "$id"
}

@test "a hook of the container's side that cannot be executed is told with the reason" {
	args true
	: >rootfs/etc/hook
	local kind
	for kind in createContainer startContainer; do
		config ".hooks = {$kind: [{path: \"/none\"}]}"
		fails 1 "hook \`/none\` ($kind[0]): execute it: No such file or directory" berth run "$(unique)"
	done
	config '.hooks.startContainer[0].path = "/etc/hook"'
	fails 1 'hook `/etc/hook` (startContainer[0]): execute it: Permission denied' berth run "$(unique)"
	config '.hooks.startContainer[0] = {path: "/bin/sh", args: ["sh", "-c", "exit 127"]}'
	fails 1 'hook `/bin/sh` (startContainer[0]): it failed: exit status 127' berth run "$(unique)"
}

@test "a hook that reads nothing, or whose state is large, does no harm" {
	hook prestart /bin/true true
	hook createContainer /bin/true true
	# shellcheck disable=SC2016 # jq's
	config '.annotations = {"large": ("x" * 200000)}'
	expect 0 berth run "$id"
	hook prestart "$WORK/hook" prestart
	expect 0 berth run "$id"
	[ "$(state_of prestart '.annotations.large | length')" = 200000 ]
}

@test "a hook that closes its standard input goes on, and so does the container" {
	for k in prestart createContainer poststop; do
		hook $k /bin/sh -c "exec 0<&-; sleep 0.3; echo $k >>$WORK/order"
	done
	# A process that is the first of a pid namespace gets no SIGPIPE anyway.
	# shellcheck disable=SC2016 # jq's
	config '.annotations = {"large": ("x" * 200000)} |
		.linux.namespaces |= map(select(.type != "pid"))'
	script 'echo ran'
	prints ran berth run "$id"
	[ "$(cat "$WORK/order")" = $'prestart\ncreateContainer\npoststop' ]
}
