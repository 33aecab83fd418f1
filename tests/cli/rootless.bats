#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# An ordinary user, and root of a user namespace.

bats_require_minimum_version 1.5.0
load ../lib/common

USER_ID=1000

setup() {
	berth_setup
	id=$(unique)
	# Everybody may pass; the user has a bundle and a runtime directory.
	chmod 711 "$BATS_RUN_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_TEST_TMPDIR"
	HOME_DIR=$WORK/home
	mkdir -p "$HOME_DIR/run"
	cp "$BUSYBOX" "$HOME_DIR/busybox"
	chown -R $USER_ID:$USER_ID "$HOME_DIR"
	chown -R $USER_ID:$USER_ID "$BUNDLE"
	cd "$BUNDLE" || return
	rm config.json
	as_user "$BERTH" spec --rootless
	config '.process.terminal = false | .process.args = ["true"] | .root.readonly = false'
}

teardown() {
	cd / || return
	local d c
	for d in "$HOME_DIR"/run/berth/*/; do
		[ ! -d "$d" ] || as_user "$BERTH" delete --force "$(basename "$d")"
	done
	[ ! -e "${CGROUP:-/nowhere}" ] || {
		for c in "$CGROUP"/shell; do
			wait_until 5 rmdir "$c"
		done
		rmdir "$CGROUP"
	}
	berth_teardown
}

# as_user COMMAND…: without any privilege and with nothing but two directories.
as_user()
{
	setpriv --reuid $USER_ID --regid $USER_ID --clear-groups --inh-caps=-all \
		env -i PATH="$PATH" BERTH_TEST_MARK="$BERTH_TEST_MARK" HOME="$HOME_DIR" \
		XDG_RUNTIME_DIR="$HOME_DIR/run" "$@"
}

# run_as_user STATUS TEXT…
user() { as_user "$BERTH" "$@"; }

# with_subids COMMAND…: as a user who is known and has subordinate ids, in a mount
# namespace of its own.
with_subids()
{
	printf 'root:x:0:0::/root:/bin/sh\ntenant:x:%s:%s::%s:/bin/sh\n' $USER_ID $USER_ID "$HOME_DIR" >"$WORK/passwd"
	printf 'root:x:0:\ntenant:x:%s:\n' $USER_ID >"$WORK/group"
	echo "tenant:100000:65536" >"$WORK/subuid"
	echo "$USER_ID:200000:65536" >"$WORK/subgid"
	# shellcheck disable=SC2016 # the inner shell's
	unshare --mount --propagation private sh -c 'dir=$1; shift
		for f in passwd group subuid subgid; do mount --bind "$dir/$f" /etc/$f || exit; done; exec "$@"' \
		sh "$WORK" setpriv --reuid $USER_ID --regid $USER_ID --clear-groups --inh-caps=-all \
		env -i PATH="$PATH" BERTH_TEST_MARK="$BERTH_TEST_MARK" HOME="$HOME_DIR" XDG_RUNTIME_DIR="$HOME_DIR/run" "$@"
}

maps() { tr -s ' ' <<<"$1" | sed 's/^ //'; }

# --- run

@test "a user runs what spec --rootless writes" {
	script 'id -u; id -g; cat /proc/self/uid_map /proc/self/setgroups; touch /mine; hostname
		[ -c /dev/null ] && echo x >/dev/null && echo device; grep CapEff /proc/self/status | cut -f2; ls /proc | grep -c "^[0-9]"'
	run -0 --separate-stderr user run "$id"
	[ -z "$stderr" ]
	[ "${lines[0]} ${lines[1]}" = "0 0" ]
	[ "$(maps "${lines[2]}")" = "0 1000 1" ]
	[ "${lines[3]}" = deny ]
	[ "${lines[4]}" = berth ]
	[ "${lines[5]}" = device ]
	[ "${lines[6]}" != 0000000000000000 ]
	[ "${lines[7]}" -le 3 ]
	[ "$(stat -c '%u %g' rootfs/mine)" = "$USER_ID $USER_ID" ]
	[ -z "$(ls "$HOME_DIR/run/berth")" ]
}

@test "a user's state is in XDG_RUNTIME_DIR, where an empty one is none" {
	args sleep 1000
	user run --detach "$id" </dev/null >/dev/null 2>&1 3>&-
	[ -d "$HOME_DIR/run/berth/$id" ]
	run -1 --separate-stderr as_user env XDG_RUNTIME_DIR= "$BERTH" run "$(unique)"
	[[ $stderr == "berth: make the state directory: make directory /run/user"*": Permission denied" ]]
	run -0 user state "$id"
	[[ $output == *'"owner": "1000"'* ]]
	user delete --force "$id"
}

@test "a user creates, starts, looks, execs, kills and deletes" {
	script 'trap "echo term; exit 3" TERM; echo up; while :; do sleep 0.1; done'
	user create "$id" </dev/null >"$WORK/out" 2>&1 3>&-
	run -0 user state "$id"
	[[ $output == *'"status": "created"'* ]]
	user start "$id"
	wait_until 10 grep -q up "$WORK/out"
	run -0 user list -q
	[ "$output" = "$id" ]
	# shellcheck disable=SC2016 # the container's
	run -0 --separate-stderr user exec "$id" sh -c 'id -u; cat /proc/self/uid_map; [ $$ -lt 1000 ] && echo inside; ls -l /proc/1/cwd | wc -l'
	[ -z "$stderr" ]
	[ "${lines[0]}" = 0 ]
	[ "$(maps "${lines[1]}")" = "0 1000 1" ]
	[ "${lines[2]}" = inside ]
	[ "${lines[3]}" = 1 ]
	expect 7 user exec "$id" sh -c 'exit 7'
	user kill "$id" TERM
	wait_until 10 grep -q term "$WORK/out"
	wait_until 10 as_user sh -c "'$BERTH' state '$id' | grep -q stopped"
	user delete "$id"
	[ -z "$(user list -q)" ]
}

@test "a terminal belongs to the user inside" {
	config '.process.terminal = true'
	script 'tty; stat -c %u $(tty); [ -c /dev/console ] && echo console'
	run -0 as_user python3 "$ROOT/tests/lib/terminal.py" "$BERTH" run "$id" </dev/null
	[[ $output == *$'/dev/pts/0\n0\nconsole'* ]] || { echo "$output"; false; }
}

@test "masked and read-only paths, shm and mqueue hold for a user too" {
	script 'wc -c </proc/keys; touch /sys/x 2>&1 | grep -c "Read-only"
		touch /dev/shm/a /dev/mqueue/b && echo written; mount | grep -c "on /dev/mqueue type mqueue"'
	run -0 user run "$id"
	[ "${lines[*]:0:2}" = "0 1" ]
	[ "${lines[2]}" = written ]
	[ "${lines[3]}" = 1 ]
}

@test "nothing of the host's /sys is writable to a user's container" {
	script 'awk "\$5 ~ \"^/sys\" {seen = 1; if (\$6 !~ \"^ro\") print \$5} END {print seen}" /proc/self/mountinfo'
	prints 1 user run "$id"
}

@test "a configuration for root runs, as a user with one id" {
	rm config.json
	user spec
	config '.process.terminal = false | .root.readonly = false'
	script 'cat /proc/self/uid_map; mount | grep -c "type sysfs"; id -u'
	run -0 --separate-stderr user run "$id"
	[ -z "$stderr" ]
	[ "$(maps "${lines[0]}")" = "0 1000 1" ]
	[ "${lines[1]}" = 1 ]
	[ "${lines[2]}" = 0 ]
}

# --- id maps

@test "several ids go through newuidmap and newgidmap" {
	needs_program newuidmap uidmap
	config '.linux.uidMappings += [{"containerID": 1, "hostID": 100000, "size": 1000}]
		| .linux.gidMappings += [{"containerID": 1, "hostID": 200000, "size": 1000}]
		| .process.user = {"uid": 5, "gid": 6, "additionalGids": [7, 8]}'
	script 'id; cat /proc/self/uid_map /proc/self/gid_map /proc/self/setgroups'
	run -0 --separate-stderr with_subids "$BERTH" run "$id"
	[ -z "$stderr" ]
	[ "${lines[0]}" = "uid=5 gid=6 groups=7,8" ]
	[ "$(maps "${lines[1]}")" = "0 1000 1" ]
	[ "$(maps "${lines[2]}")" = "1 100000 1000" ]
	[ "$(maps "${lines[4]}")" = "1 200000 1000" ]
	[ "${lines[5]}" = allow ]
}

@test "ids that are not the user's are refused by the helper, in one line" {
	needs_program newuidmap uidmap
	config '.linux.uidMappings[0] = {"containerID": 0, "hostID": 5, "size": 10}'
	run -1 --separate-stderr with_subids "$BERTH" run "$id"
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "berth: id maps: /usr/bin/newuidmap: exit status 1: newuidmap: uid range [0-10) -> [5-15) not allowed" ]]
	[ -z "$(ls "$HOME_DIR/run/berth")" ]
}

@test "without maps the own id is the process's and subordinate ids are the rest" {
	needs_program newuidmap uidmap
	config 'del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user"))
		| .process.user = {"uid": 1000, "gid": 33}'
	script 'echo $(id -u) $(id -g); cat /proc/self/uid_map /proc/self/gid_map'
	run -0 --separate-stderr with_subids "$BERTH" run "$id"
	[ -z "$stderr" ]
	[ "${lines[0]}" = "1000 33" ]
	[ "$(for l in "${lines[@]:1}"; do maps "$l"; done | paste -sd,)" = \
		"1000 1000 1,0 100000 1000,1001 101000 64536,33 1000 1,0 200000 33,34 200033 65503" ]
	[ "$(with_subids stat -c %u rootfs)" = 1000 ]
}

@test "exec enters a user namespace that the configuration does not name" {
	config 'del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user"))'
	args sleep 1000
	user run --detach "$id" </dev/null >/dev/null 2>&1 3>&-
	run -0 --separate-stderr user exec "$id" sh -c 'cat /proc/self/uid_map; readlink /proc/self/ns/user; readlink /proc/1/ns/user'
	[ "$(maps "${lines[0]}")" = "0 1000 1" ]
	[ "${lines[1]}" = "${lines[2]}" ]
	local ns=${lines[1]}
	# The machine's root, who finds it by its path, does not become root in there.
	run -0 "$BERTH" --root "$HOME_DIR/run/berth" exec "$id" sh -c 'readlink /proc/self/ns/user; cat /proc/self/uid_map'
	[ "${lines[0]}" = "$ns" ]
	[ "$(maps "${lines[1]}")" = "0 1000 1" ]
	user delete --force "$id"
}

@test "groups that cannot be set are refused, and none asked for is fine" {
	config '.process.user.additionalGids = [5]'
	run -1 --separate-stderr user run "$id"
	[ "${#stderr_lines[@]}" -eq 1 ]
	[ "$stderr" = "berth: process.user.additionalGids[0]: 5 is not mapped (linux.gidMappings)" ]
	config '.process.user.additionalGids = [0]'
	run -1 --separate-stderr user run "$id"
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "berth: process.user: set the additional groups (denied in a user namespace"*"Operation not permitted" ]]
}

# --- what a user may not

@test "a lower oom score stays what it is, with a word of warning" {
	config '.process.oomScoreAdj = -500'
	script 'cat /proc/self/oom_score_adj'
	run -0 --separate-stderr user run "$id"
	[ "$output" = "$(cat /proc/self/oom_score_adj)" ]
	[[ $stderr == *"process.oomScoreAdj: -500 is less than berth's own"* ]]
	config '.process.oomScoreAdj = 500'
	run -0 --separate-stderr user run "$id"
	[ "$output" = 500 ]
	[ -z "$stderr" ]
}

@test "user namespaces that the machine does not give are named" {
	run -1 --separate-stderr as_user unshare --user --map-root-user sh -c \
		'echo 0 >/proc/sys/user/max_user_namespaces; shift; exec "$@"' sh sh "$BERTH" run "$id"
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == *"user.max_user_namespaces"* ]]
}

@test "a readiness message of a user's container reaches the service manager" {
	script 'echo "$NOTIFY_SOCKET"; [ -S "$NOTIFY_SOCKET" ] && echo socket'
	run -0 --separate-stderr as_user env NOTIFY_SOCKET="$HOME_DIR/run/notify" "$BERTH" run "$id"
	[ "${lines[1]}" = socket ]
	[ -z "$stderr" ]
}

@test "--rootless=false gives a user no help" {
	config 'del(.linux.uidMappings, .linux.gidMappings) | .linux.namespaces |= map(select(.type != "user"))'
	run -1 --separate-stderr user --rootless=false --root "$HOME_DIR/run/berth" run "$id"
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "berth: create cgroup "*": Permission denied" ]]
}

# --- cgroups

@test "no cgroup is no failure, and a limit without one is told" {
	config '.linux.cgroupsPath = null | .linux.resources.pids.limit = 10'
	run -1 --separate-stderr user run "$id"
	[ "${#stderr_lines[@]}" -eq 1 ]
	[[ $stderr == "berth: linux.resources.pids.limit: cannot be applied, since no cgroup is delegated to user 1000 ("*"-p Delegate=yes" ]]
	config 'del(.linux.resources) | .linux.cgroupsPath = "/berth-'"$id"'"'
	run -1 --separate-stderr user run "$id"
	[[ $stderr == "berth: linux.cgroupsPath: create cgroup "*"Permission denied" ]]
	config 'del(.linux.cgroupsPath)'
	script 'sleep 1000 & exec sleep 1000'
	user run --detach "$id" </dev/null >/dev/null 2>&1 3>&-
	run -1 --separate-stderr user pause "$id"
	[[ $stderr == "berth: cannot pause container $id: it has no cgroup"* ]]
	two_processes() { [ "$(user ps --format json "$id" | tr , '\n' | wc -l)" -eq 2 ]; }
	wait_until 5 two_processes
	user kill --all "$id" KILL
	wait_until 10 as_user sh -c "'$BERTH' state '$id' | grep -q stopped"
}

@test "a user cannot exec in a container before its start" {
	args sleep 1000
	user create "$id" </dev/null >/dev/null 2>&1 3>&-
	fails 255 "cannot exec in container $id: only root can before it is started" user exec "$id" true
	user start "$id"
	prints ok user exec "$id" echo ok
}

@test "without a cgroup a signal to all reaches every process" {
	script 'for i in 1 2; do sh -c "trap \"echo got; exit\" USR1; echo up; while :; do sleep 0.1; done" & done
		trap "wait; exit 4" USR1; wait; exit 5'
	user run --detach "$id" </dev/null >"$WORK/out" 2>&1 3>&-
	both() { [ "$(grep -c "$1" "$WORK/out")" -eq 2 ]; }
	wait_until 10 both up
	user kill --all "$id" USR1
	wait_until 10 both got
	wait_until 10 as_user sh -c "'$BERTH' state '$id' | grep -q stopped"
}

@test "a first process that ends when all others are told is no failure" {
	needs_program strace
	script 'sleep 1000 & echo up; wait; exit 5'
	user run --detach "$id" </dev/null >"$WORK/out" 2>&1 3>&-
	wait_until 10 grep -q up "$WORK/out"
	# It is looked for a while after the others were told.
	run -0 --separate-stderr as_user strace -E ASAN_OPTIONS=detect_leaks=0 -o /dev/null -e trace=pidfd_open \
		-e inject=pidfd_open:delay_enter=500000 "$BERTH" kill --all "$id" USR1
	[ -z "$stderr" ]
}

# delegated COMMAND…: the user's, in the cgroup below one that is his.
delegated()
{
	CGROUP=$(cgroup_mount)/berth-deleg-$BERTH_TEST_MARK
	mkdir -p "$CGROUP/shell"
	chown $USER_ID:$USER_ID "$CGROUP" "$CGROUP"/cgroup.{procs,subtree_control,threads} "$CGROUP/shell" "$CGROUP"/shell/cgroup.{procs,threads}
	# shellcheck disable=SC2016 # the inner shell's
	sh -c 'echo $$ >"$1/shell/cgroup.procs" && shift && exec "$@"' sh "$CGROUP" \
		setpriv --reuid $USER_ID --regid $USER_ID --clear-groups --inh-caps=-all \
		env -i PATH="$PATH" BERTH_TEST_MARK="$BERTH_TEST_MARK" HOME="$HOME_DIR" XDG_RUNTIME_DIR="$HOME_DIR/run" "$@"
}

@test "a delegated cgroup: pause, kill and exec" {
	args sleep 1000
	delegated "$BERTH" run --detach "$id" </dev/null >/dev/null 2>&1 3>&-
	[[ $(cgroup_of_user) == "$CGROUP"/*"berth-$id" ]]
	user pause "$id"
	run -0 user state "$id"
	[[ $output == *'"status": "paused"'* ]]
	user resume "$id"
	run -0 delegated "$BERTH" exec "$id" cat /proc/self/cgroup
	[ "$(grep 0:: <<<"$output")" = 0::/ ] || { echo "$output"; false; }
	run -0 user ps --format json "$id"
	[ "$output" = "[$(user state "$id" | jq .pid)]" ] || { echo "$output"; false; }
	user kill --all "$id" KILL
	wait_until 10 as_user sh -c "'$BERTH' state '$id' | grep -q stopped"
	user delete "$id"
	[ -z "$(find "$CGROUP" -name "berth-$id")" ]
}

cgroup_of_user()
{
	local pid
	pid=$(user state "$id" | jq .pid)
	echo "$(cgroup_mount)$(sed -n 's/^0:://p' "/proc/$pid/cgroup")"
}

@test "a delegated cgroup: limits, statistics and updates" {
	needs_controller pids memory
	echo "+pids +memory" >"$(cgroup_mount)/cgroup.subtree_control"
	config '.linux.resources.pids.limit = 7 | .linux.resources.memory.limit = 33554432'
	args sleep 1000
	delegated "$BERTH" run --detach "$id" </dev/null >"$WORK/out" 2>&1 3>&- || { cat "$WORK/out"; return 1; }
	[ "$(cat "$(cgroup_of_user)/pids.max")" = 7 ]
	[ "$(cat "$(cgroup_of_user)/memory.max")" = 33554432 ]
	run -0 user events --stats "$id"
	[[ $output == *'"limit":7'* ]]
	user update --pids-limit 9 "$id"
	[ "$(cat "$(cgroup_of_user)/pids.max")" = 9 ]
	user delete --force "$id"
}

# --- root of a user namespace

# nested COMMAND…: as root of a user namespace with one id, with its own mounts as
# below podman unshare.
nested() { as_user unshare --user --map-root-user --mount "$@"; }

@test "root of a user namespace runs a configuration for root" {
	rm config.json
	user spec
	config '.process.terminal = false | .root.readonly = false'
	script 'cat /proc/self/uid_map; readlink /proc/self/ns/user; mount | grep -c "type \(sysfs\|mqueue\|devpts\)"; [ -c /dev/null ] && echo device'
	run -0 --separate-stderr nested "$BERTH" --root "$HOME_DIR/run/nested" run "$id"
	[ -z "$stderr" ]
	[ "$(maps "${lines[0]}")" = "0 1000 1" ]
	[ "${lines[2]}" = 3 ]
	[ "${lines[3]}" = device ]
	run -0 --separate-stderr as_user unshare --user --map-root-user "$BERTH" --root "$HOME_DIR/run/nested" run "$id"
	[ "${lines[2]}" = 3 ]
}

@test "root of a user namespace: run, exec and delete in one" {
	rm config.json
	user spec
	config '.process.terminal = false'
	args sleep 1000
	# shellcheck disable=SC2016 # the inner shell's
	run -0 --separate-stderr nested sh -c 'set -e; b="$1 --root $2"; $b run --detach "$3" </dev/null >/dev/null 2>&1 3>&-
		$b exec "$3" id -u; $b exec "$3" readlink /proc/self/ns/user; readlink /proc/self/ns/user; $b kill "$3" KILL; $b delete --force "$3"' \
		sh "$BERTH" "$HOME_DIR/run/nested" "$id"
	[ "${lines[0]}" = 0 ]
	[ "${lines[1]}" = "${lines[2]}" ]
}

@test "root of a user namespace: another one within, and the own one by its path" {
	script 'cat /proc/self/uid_map; readlink /proc/self/ns/user'
	config '.linux.uidMappings[0].hostID = 0 | .linux.gidMappings[0].hostID = 0'
	run -0 --separate-stderr nested "$BERTH" --root "$HOME_DIR/run/nested" run "$id"
	[ "$(maps "${lines[0]}")" = "0 0 1" ] || [ "$(maps "${lines[0]}")" = "0 1000 1" ]
	config 'del(.linux.uidMappings, .linux.gidMappings)
		| .linux.namespaces |= map(if .type == "user" then .path = "/proc/self/ns/user" else . end)'
	# shellcheck disable=SC2016 # the inner shell's
	run -0 --separate-stderr nested sh -c 'readlink /proc/self/ns/user; exec "$@"' sh "$BERTH" --root "$HOME_DIR/run/nested" run "$id"
	[ "${lines[0]}" = "${lines[2]}" ]
}

@test "a user namespace that sees part of sysfs gets the host's" {
	rm config.json
	user spec
	config '.process.terminal = false'
	script 'mount | grep " on /sys type sysfs"'
	run -0 --separate-stderr nested sh -c 'mount -t tmpfs none /sys/kernel; exec "$@"' sh \
		"$BERTH" --root "$HOME_DIR/run/nested" run "$id"
	[ -z "$stderr" ]
	[[ $output == *"(ro,"* ]]
}
