#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Signals to a berth that is still creating a container.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	printf '#!/bin/sh\n: >"%s/in-hook"\nexec sleep 2\n' "$WORK" >"$WORK/hook"
	chmod +x "$WORK/hook"
	config '.hooks.createRuntime = [{path: $path}]' --arg path "$WORK/hook"
}
teardown() { berth_teardown; }

# create_under IGNORED: berth create in the background, with these signals
# ignored or at their default; python because a shell keeps what it inherits.
create_under()
{
	python3 -c 'if True:
		import os, signal, sys
		for name in ("HUP", "INT", "QUIT"):
			signal.signal(getattr(signal, "SIG" + name), signal.SIG_IGN
				if name in sys.argv[1].split() else signal.SIG_DFL)
		os.execv(sys.argv[2], sys.argv[2:])' \
		"$1" "$BERTH" --root "$BERTH_STATE" create "$id" </dev/null >"$WORK/out" 2>&1 3>&- &
	pid=$!
	wait_until 10 test -e "$WORK/in-hook"
}

@test "a signal ends a create under way and leaves nothing" {
	local sig r
	for sig in HUP INT QUIT TERM; do
		create_under ""
		kill -"$sig" $pid
		r=0
		wait $pid || r=$?
		[ $r -eq 1 ]
		grep -q "interrupted by signal $(kill -l $sig) while" "$WORK/out"
		[ ! -e "$BERTH_STATE/$id" ]
		rm "$WORK/in-hook"
	done
}

@test "signals that berth was started to ignore do not end a create" {
	create_under "HUP INT QUIT"
	kill -HUP $pid
	kill -INT $pid
	kill -QUIT $pid
	wait $pid || { cat "$WORK/out"; return 1; }
	is_status "$id" created
}
