# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Helpers of the bats files.  In each of them:
#
#   load ../lib/common
#   setup()    { berth_setup; }
#   teardown() { berth_teardown; }
#
# berth_setup makes a bundle with a busybox root file system in $BUNDLE and a
# state directory of the test's own; berth_teardown deletes every container that
# is left, then fails the test if mounts, cgroups, processes or state remain.

bats_require_minimum_version 1.5.0
: "${BERTH:=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd -P)/build/berth}"
: "${FAILCALL:=${BERTH%/*}/tools/failcall}" "${SWAP:=${BERTH%/*}/tools/swap}"
BUSYBOX=$(type -P busybox)
CGROUP_MOUNT= # until somebody asks
# shellcheck disable=SC2034 # for the test files
ROOT=$(cd "${BASH_SOURCE[0]%/*}/../.." && pwd -P) # of the source

# --- berth -------------------------------------------------------------------

# berth ARG…: the program, with this test's state directory.
berth()
{
	"$BERTH" --root "$BERTH_STATE" "$@"
}

# traced COMMAND…: COMMAND, without the sanitizer's search for leaks, which
# cannot be made below strace or failcall.
traced()
{
	ASAN_OPTIONS=${ASAN_OPTIONS-}${ASAN_OPTIONS:+:}detect_leaks=0 "$@"
}

# unique [NAME]: an id that no other test uses, on one line.
unique()
{
	echo "$BERTH_TEST_MARK-$RANDOM-${1:-c}"
}

# expect STATUS COMMAND…: run COMMAND and show it all if the status differs.
expect()
{
	local want=$1
	shift
	run "-$want" "$@" && return
	# shellcheck disable=SC2154 # set by run
	printf 'status %s instead of %s: %s\n%s\n' "$status" "$want" "$*" "$output"
	return 1
}

# wait_until SECONDS COMMAND…: until COMMAND succeeds, at most SECONDS of a host;
# the test machine gets ten times that.
wait_until()
{
	local times=1
	! in_machine || times=10
	local end=$((SECONDS + ($1 + 1) * times))
	shift
	until "$@" >/dev/null 2>&1; do
		[ $SECONDS -lt $end ] || { echo "gave up waiting for: $*"; return 1; }
		sleep 0.05
	done
}

# In the test machine each program that is started costs a tenth of a second and
# more (jq: a third), so whatever every test does is plain bash or busybox.
state_field()	# ID NAME
{
	local text
	text=$(berth state "$1") || return
	[[ $text =~ \"$2\":\ *\"?([^\",]*) ]] && echo "${BASH_REMATCH[1]}"
}
status_of() { state_field "$1" status; }
pid_of() { state_field "$1" pid; }
is_status() { [ "$(status_of "$1")" = "$2" ]; }
wait_for_status() { wait_until "${3:-20}" is_status "$1" "$2"; }

# jq, but with -e no input is a failure as well: jq 1.6 calls it success.
jq()
{
	local said
	[[ ${1-} == -e* ]] || { command jq "$@"; return; }
	said=$(command jq "$@") || { echo "$said"; return 1; }
	echo "$said"
	[ -n "$said" ]
}

# --- bundles -----------------------------------------------------------------

# make_rootfs DIR: busybox and its applets as relative symbolic links.  Absolute
# ones (busybox --install -s) lead to the host's busybox from outside: a test that
# wrote to one of them would overwrite that.
make_rootfs()
{
	mkdir -p "$1"/{bin,dev,etc,proc,root,run,sys,tmp,usr,var}
	cp "$BUSYBOX" "$1/bin/busybox"
	"$BUSYBOX" --list | perl -ne 'BEGIN { $dir = shift }
		chomp; $_ eq "busybox" or symlink "busybox", "$dir/$_" or die "$dir/$_: $!\n"' "$1/bin"
}

# make_accounts DIR: root, and user with the additional group extra.
make_accounts()
{
	printf 'root:x:0:0:root:/root:/bin/sh\nuser:x:1000:1000:user:/tmp:/bin/sh\n' >"$1/etc/passwd"
	printf 'root:x:0:\nuser:x:1000:\nextra:x:2000:user\n' >"$1/etc/group"
}

# make_bundle DIR: config.json of `berth spec` with rootfs next to it; the
# process is `true` without a terminal.
make_bundle()
{
	local template=${BATS_FILE_TMPDIR:?}/bundle
	if [ ! -d "$template" ]; then
		make_rootfs "$template/rootfs"
		make_accounts "$template/rootfs"
		"$BERTH" spec --bundle "$template" || return
		BUNDLE=$template config '.process.terminal = false | .process.args = ["true"] | .root.readonly = false' ||
			return
	fi
	"$BUSYBOX" cp -a "$template" "$1"
}

# config FILTER [JQ-OPTION…]: edit $BUNDLE/config.json with a jq filter.
config()
{
	local filter=$1
	shift
	jq "$filter" "$BUNDLE/config.json" "$@" >"$BUNDLE/config.json.new" &&
		mv "$BUNDLE/config.json.new" "$BUNDLE/config.json"
}

# json_string TEXT: sets $json to it.
json_string()
{
	json=${1//\\/\\\\}
	json=${json//\"/\\\"}
	json=${json//$'\n'/\\n}
	json=\"${json//$'\t'/\\t}\"
}

# args WORD…: what the container's process is.  Nearly every test asks for it, so
# it is put into what jq has written without another jq.
args()
{
	local text word list='' key=$'\n    "args": [' json plain=${*//[$'\n\t']/}
	text=$(<"$BUNDLE/config.json")
	if [[ $text == *"$key"$'\n'* && $plain != *[[:cntrl:]]* ]]; then
		for word; do
			json_string "$word"
			list+=${list:+,}$'\n      '$json
		done
		printf '%s%s%s\n    ]%s\n' "${text%%"$key"*}" "$key" "$list" \
			"${text#*"$key"*$'\n    ]'}" >"$BUNDLE/config.json"
		return
	fi
	# shellcheck disable=SC2016 # jq's variable
	config '.process.args = $ARGS.positional' --args -- "$@"
}

# script TEXT: the container's process is this shell script.
script()
{
	args sh -c "$1"
}

# userns: the container gets a user namespace, and the root file system its ids.
userns()
{
	config '.linux.namespaces += [{"type": "user"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = [{"containerID": 0, "hostID": 200000, "size": 65536}]'
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" "$BUNDLE" || true
	chown -R 100000:200000 rootfs
}

# --- containers ----------------------------------------------------------------

# detached ID [COMMAND…]: run --detach (or berth COMMAND…) without the test's own
# streams, which a container that goes on would hold open.  What it prints is in
# $WORK/ID.out.
detached()
{
	local id=$1
	shift
	[ $# -gt 0 ] || set -- run --detach
	berth "$@" "$id" </dev/null >"$WORK/$id.out" 2>&1 3>&- && return
	local r=$?
	cat "$WORK/$id.out"
	return $r
}

# sleeper ID: a container that sleeps until it is killed; TERM ends it.
sleeper()
{
	# shellcheck disable=SC2016 # the container's variable
	script 'trap "exit 0" TERM; sleep 1000 & wait $!'
	detached "$1"
}

# out_of ID: what a detached container has printed so far.
out_of() { cat "$WORK/$1.out"; }

# fails STATUS TEXT COMMAND…: nothing on standard output, one line of error which
# is, or with a trailing * begins with, TEXT.
fails()
{
	local want=$1 text=$2
	shift 2
	run --separate-stderr "$@"
	# shellcheck disable=SC2154 # bats sets stderr and stderr_lines
	if [ "$status" -eq "$want" ] && [ -z "$output" ] && [ ${#stderr_lines[@]} -eq 1 ]; then
		case $text in
		*\*) [[ $stderr == "berth: ${text%\*}"* ]] && return ;;
		*) [ "$stderr" = "berth: $text" ] && return ;;
		esac
	fi
	printf '%s: status %s, output "%s", error "%s"\nwanted %s, "berth: %s"\n' \
		"$*" "$status" "$output" "$stderr" "$want" "$text"
	return 1
}

# prints TEXT COMMAND…: success, TEXT on standard output, nothing on the other.
prints()
{
	local text=$1
	shift
	run --separate-stderr "$@"
	[ "$status" -eq 0 ] && [ -z "$stderr" ] && [ "$output" = "$text" ] && return
	printf '%s: status %s, error "%s", output "%s"\nwanted "%s"\n' "$*" "$status" \
		"$stderr" "$output" "$text"
	return 1
}

# cgroup_of ID: the directory of the container's cgroup.
cgroup_of()
{
	local line
	while read -r line; do
		[[ $line != 0::* ]] || echo "$(cgroup_mount)${line#0::}"
	done <"/proc/$(pid_of "$1")/cgroup"
}

# pidfd_receiver SOCKET: listens once and prints the pid of the pidfd it is sent.
pidfd_receiver()
{
	python3 -c 'if True:
		import array, os, re, socket, sys
		s = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
		s.bind(sys.argv[1])
		s.listen(1)
		s.settimeout(30)
		c = s.accept()[0]
		data, fds, _, _ = socket.recv_fds(c, 4096, 4)
		with open("/proc/self/fdinfo/%d" % fds[0]) as f:
			print(re.search(r"^Pid:\t(\d+)", f.read(), re.M).group(1))' "$1"
}

# --- what this machine can do --------------------------------------------------

# The v2 hierarchy's mount point, which on a hybrid host is not /sys/fs/cgroup.
cgroup_mount()
{
	local type
	while [ -z "${CGROUP_MOUNT-}" ] && read -r _ CGROUP_MOUNT type _; do
		[ "$type" = cgroup2 ] || CGROUP_MOUNT=
	done </proc/self/mounts
	echo "${CGROUP_MOUNT-}"
}

# needs_controller NAME…: skip unless the v2 hierarchy's root hands them out.
needs_controller()
{
	local c mount
	mount=$(cgroup_mount)
	[ -n "$mount" ] || skip "no cgroup v2 hierarchy is mounted"
	for c in "$@"; do
		grep -qw "$c" "$mount/cgroup.controllers" ||
			skip "the v2 hierarchy here has no $c controller (the test machine has)"
	done
}

# needs_program NAME [PACKAGE]
needs_program()
{
	type -P "$1" >/dev/null || skip "$1 is not installed${2:+ (package $2)}"
}

in_machine() { [ -d /run/vm ]; }
needs_machine() { in_machine || skip "only in the test machine"; }

# --- nothing may be left ---------------------------------------------------------

# Cgroups with this test's mark in their names.
inventory_cgroups()
{
	local d mount
	mount=$(cgroup_mount)
	[ -n "$mount" ] || return 0
	for d in "$mount"{,/*,/*/*,/*/*/*}/*"$BERTH_TEST_MARK"*/; do
		[ ! -d "$d" ] || echo "$d"
	done
}

# Processes started below this test that are still there: their environment
# carries its mark.  Those of containers do not, but their cgroups tell.
inventory_processes()
{
	local p words
	for p in $("$BUSYBOX" grep -l -s "BERTH_TEST_MARK=$BERTH_TEST_MARK" /proc/[0-9]*/environ); do
		{ mapfile -d '' words <"${p%environ}cmdline"; } 2>/dev/null || continue
		# The test's own shells are no leftovers; a berth is, whose state has
		# the name of bats in its path.
		case ${words[*]} in
		*/bats-core/* | '' | *busybox\ grep*) ;;
		*) echo "$p ${words[*]}" ;;
		esac
	done
}

# A process that was killed takes a moment to go.  What was seen is in $processes
# and $cgroups.
nothing_runs()
{
	processes=$(inventory_processes)
	cgroups=$(inventory_cgroups)
	[ -z "$processes$cgroups" ]
}

berth_setup()
{
	[ -x "$BERTH" ] || { echo "$BERTH is missing: run make"; return 1; }
	WORK=$BATS_TEST_TMPDIR
	BERTH_STATE=$WORK/state
	BUNDLE=$WORK/bundle
	export BERTH_TEST_MARK=t$$-$BATS_TEST_NUMBER
	mounts_before=$(</proc/self/mountinfo)
	cgroup_mount >/dev/null # is known from now on
	make_bundle "$BUNDLE"
	cd "$BUNDLE" || return
}

berth_teardown()
{
	local id left=() what processes cgroups
	cd / || return
	[ -n "${BERTH_STATE-}" ] || return 0
	for id in "$BERTH_STATE"/*/; do
		id=${id%/}
		[ -d "$id" ] || continue
		berth delete --force "${id##*/}" || left+=("delete --force ${id##*/} failed")
	done
	for id in "$BERTH_STATE"/*/; do
		[ ! -d "$id" ] || left+=("state: $id")
	done
	wait_until 3 nothing_runs || :
	what=$(</proc/self/mountinfo)
	[ "$what" = "$mounts_before" ] ||
		left+=("mounts: $(diff <(echo "$mounts_before") <(echo "$what") | grep '^[<>]')")
	[ -z "$cgroups" ] || left+=("cgroups: $cgroups")
	[ -z "$processes" ] || left+=("processes: $processes")
	[ ${#left[@]} -eq 0 ] && return
	printf 'left over: %s\n' "${left[@]}"
	return 1
}
