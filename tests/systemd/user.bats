#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# An ordinary user's containers in scopes of that user's own systemd, which is a
# service of the system's here: no login, so that nothing else is needed.

load ../lib/common

USER_NAME=games # any one that has no processes

setup_file()
{
	[ -S /run/systemd/private ] || return 0
	local uid
	uid=$(id -u "$USER_NAME")
	install -d -m 700 -o "$USER_NAME" "/run/user/$uid"
	cat >/run/systemd/system/user-systemd.service <<-END
		[Unit]
		DefaultDependencies=no
		[Service]
		User=$USER_NAME
		Delegate=yes
		Environment=XDG_RUNTIME_DIR=/run/user/$uid
		ExecStart=/lib/systemd/systemd --user --unit=basic.target
	END
	# A user may not move processes into the own cgroup from elsewhere: the user's
	# systemd has the system's do that, over the bus.
	systemctl daemon-reload && systemctl start user-systemd.service dbus.socket
}

teardown_file()
{
	[ ! -S /run/systemd/private ] || systemctl stop user-systemd.service
}

setup()
{
	[ -S /run/systemd/private ] || skip "systemd does not run here (tests/vm --systemd)"
	berth_setup
	id=$(unique)
	uid=$(id -u "$USER_NAME")
	home=$(mktemp -d /tmp/berth-user.XXXXXX)
	cp "$BERTH" "$home/berth"
	cp -a "$BUNDLE/rootfs" "$home/rootfs"
	chmod 755 "$home" "$home/berth"
	chown "$USER_NAME" "$home"
	wait_until 20 test -S "/run/user/$uid/systemd/private"
	as_user berth spec --rootless
	BUNDLE=$home
	config '.process.terminal = false | .root.readonly = false |
		.mounts |= map(select(.type == "tmpfs"))'
	chown -R "$USER_NAME" "$home"
}

teardown()
{
	[ -z "${home-}" ] || { as_user berth delete --force "$id"; rm -rf "$home"; }
	berth_teardown
}

# as_user COMMAND…: `berth` is the copy that the user may read.
as_user()
{
	local program=$1
	shift
	[ "$program" != berth ] || program=$home/berth
	(cd "$home" && setpriv --reuid "$uid" --regid "$(id -g "$USER_NAME")" --clear-groups \
		env -u DBUS_SESSION_BUS_ADDRESS HOME="$home" XDG_RUNTIME_DIR="/run/user/$uid" \
		"$program" "$@" 3>&-)
}

below() { echo "/system.slice/user-systemd.service/user.slice/$1"; }
group_of() { sed -n 's/^0:://p' "/proc/$1/cgroup"; }
is_unknown() { [ "$(as_user systemctl --user show -P LoadState "$1")" = not-found ]; }

@test "a user's container is in a scope of the user's systemd" {
	script 'sleep 1000'
	as_user berth --systemd-cgroup run --detach "$id" </dev/null >"$WORK/out" 2>&1 || {
		cat "$WORK/out"
		return 1
	}
	run -0 as_user berth state "$id"
	pid=$(jq .pid <<<"$output")
	[ "$(jq -r '."systemd-scope"' <<<"$output")" = "berth-$id.scope" ]
	[ "$(group_of "$pid")" = "$(below "berth-$id.scope")" ]
	[ "$(as_user systemctl --user is-active "berth-$id.scope")" = active ]
	# Whoever calls exec is in a cgroup that the user may not touch.
	as_user berth exec --detach --pid-file "$home/pid" "$id" sleep 1000 </dev/null >"$WORK/out" 2>&1
	[ "$(group_of "$(cat "$home/pid")")" = "$(below "berth-$id.scope")" ]
	run -0 as_user berth delete --force "$id"
	wait_until 3 is_unknown "berth-$id.scope"
	[ ! -e "/sys/fs/cgroup$(below "berth-$id.scope")" ]
}

@test "without a systemd of the user nothing is started" {
	XDG=$(mktemp -d)
	chmod 755 "$XDG"
	run as_user env XDG_RUNTIME_DIR="$XDG" "$home/berth" --root "$home/state" --systemd-cgroup run "$id"
	[ "$status" -eq 1 ]
	[[ $output == "berth: no systemd of this user answers"* ]]
	rmdir "$XDG"
}
