#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# A real distribution: Debian's minimal root file system with a terminal, as a
# person would use it.  `make check-long` makes it beside berth (mmdebstrap).

load ../lib/common

setup()
{
	local debian=${BERTH%/*}/debian
	[ -d "$debian/usr" ] || skip "no Debian root file system in $debian"
	berth_setup
	# shellcheck disable=SC2016 # jq's variable
	config '
		.root = {path: $root, readonly: true} | .hostname = "debian" |
		.process.terminal = true | .process.args = ["bash", "--norc"] |
		.process.env = ["PATH=/usr/sbin:/usr/bin:/sbin:/bin", "TERM=dumb", "PS1=ready> "] |
		.process.capabilities |= with_entries(.value = ["CAP_CHOWN", "CAP_DAC_OVERRIDE",
			"CAP_FOWNER", "CAP_FSETID", "CAP_SETGID", "CAP_SETUID", "CAP_KILL",
			"CAP_NET_BIND_SERVICE", "CAP_SYS_CHROOT", "CAP_AUDIT_WRITE"])' \
		--arg root "$debian"
}
teardown() { [ -z "${BUNDLE:-}" ] || berth_teardown; }

# terminal_session ID <LINES: berth run -t; types a line at each prompt.  ^Z and ^C
# as lines are those keys, when what was typed before is under way.
terminal_session()
{
	sed -e 's/^^\([ZC]\)$/run sleep 2\nkey \1/' -e t -e 's/^/expect ready>\ntype /' |
		python3 "$ROOT/tests/lib/terminal.py" "$BERTH" --root "$BERTH_STATE" run -t --bundle "$BUNDLE" "$1"
}

@test "apt-get, su, ps and job control work in a Debian container with a terminal" {
	run terminal_session "$(unique debian)" <<-'EOF'
		stty size
		tty
		apt-get --version | head -n 1
		su nobody -s /bin/sh -c 'id -un'
		ps -o pid= -o comm= -p 1
		sleep 1000
		^Z
		jobs
		bg
		jobs
		fg
		^C
		echo "status $?"
		exit 7
	EOF
	echo "$output"
	[ "$status" -eq 7 ]
	[[ $output == *'30 90'* ]]
	[[ $output == */dev/pts/0* ]]
	[[ $output == *'apt 2.'* ]]
	[[ $output == *$'\nnobody'* ]]
	[[ $output == *' 1 bash'* ]]
	[[ $output == *'Stopped'*'sleep 1000'* ]]
	[[ $output == *'Running'*'sleep 1000'* ]]
	[[ $output == *'status 130'* ]]
}
