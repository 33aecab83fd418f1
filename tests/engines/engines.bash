# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# Helpers of the bats files that run engines.  In each of them:
#
#   load engines                       # long/: load ../engines
#   setup_file()    { engine_setup_file NAME…; }
#   teardown_file() { engine_teardown_file; }
#
# An engine and its stores are started once for a file, because in the test
# machine a command of theirs takes seconds; each test removes its containers,
# and engine_teardown_file fails when something of them is left.

bats_require_minimum_version 1.5.0
# shellcheck source=tests/lib/common.bash
source "${BASH_SOURCE[0]%/*}/../lib/common.bash"
# Debian's programs, not what else a PATH may have.
export PATH=/usr/local/sbin:/usr/sbin:/usr/bin:/sbin:/bin
IMAGE=localhost/busybox:latest

# engine_setup_file NAME: $STORE for NAME, an image in $STORE/image.tar, what the
# engine finds in /etc.
engine_setup_file()
{
	needs_machine
	export STORE=/scratch/$1 BERTH_TEST_MARK=$1
	mkdir -p "$STORE"
	make_image "$STORE/image.tar"
	inventory_engines >"$STORE/before"
}

# What an engine must not leave: state of berth, and cgroups.
inventory_engines()
{
	local d
	for d in $("$BUSYBOX" grep -ls "$BERTH_TEST_MARK" /run/berth/*/{state,next,config}.json) \
		$("$BUSYBOX" find "/run/$BERTH_TEST_MARK" -name state.json 2>/dev/null); do
		echo "state: $d"
	done
	# Another file's cgroups may go while this looks.
	"$BUSYBOX" find /sys/fs/cgroup -type d -path "*/$BERTH_TEST_MARK/*" ! -path '*/conmon' 2>/dev/null || :
}

nothing_new() { [ "$(inventory_engines)" = "$(cat "$STORE/before")" ]; }

engine_teardown_file()
{
	wait_until 3 nothing_new && return
	echo "left over:"
	inventory_engines | diff "$STORE/before" - | grep '^>'
	kill_all
	return 1
}

# remove_tree CGROUP: with those that --cgroups=split leaves in it.
remove_tree()
{
	"$BUSYBOX" find "$1" -depth -type d -exec rmdir {} \;
	[ ! -d "$1" ]
}

# After a failure: bats would wait for whoever has its streams.
kill_all()
{
	local d line
	for d in "/sys/fs/cgroup/$BERTH_TEST_MARK"/*/; do
		[ ! -d "$d" ] || echo 1 >"$d/cgroup.kill"
	done
	while read -r line; do
		line=${line#/proc/}
		kill -KILL "${line%%/*}"
	done < <(inventory_processes)
}

# make_image FILE: an image of busybox, as `docker save` writes it, which podman,
# Docker and containerd all read.
make_image()
{
	local dir=$STORE/image layer config
	make_rootfs "$dir/rootfs"
	make_accounts "$dir/rootfs"
	chmod 1777 "$dir/rootfs/tmp"
	echo kept >"$dir/rootfs/root/file"
	"$BUSYBOX" tar -C "$dir/rootfs" -cf "$dir/layer.tar" .
	layer=$(sum "$dir/layer.tar")
	printf '{"architecture":"%s","os":"linux","config":{"Cmd":["sh"],"Env":["PATH=/bin"]},
		"rootfs":{"type":"layers","diff_ids":["sha256:%s"]}}' "$(goarch)" "$layer" >"$dir/config"
	config=$(sum "$dir/config").json
	mv "$dir/config" "$dir/$config"
	printf '[{"Config":"%s","RepoTags":["%s"],"Layers":["layer.tar"]}]' "$config" "$IMAGE" >"$dir/manifest.json"
	"$BUSYBOX" tar -C "$dir" -cf "$1" manifest.json "$config" layer.tar
}

sum() { "$BUSYBOX" sha256sum "$1" | cut -d ' ' -f 1; }

goarch()
{
	case $(uname -m) in
	x86_64) echo amd64 ;;
	aarch64) echo arm64 ;;
	esac
}

# split_options [OPTION… --] COMMAND…: sets options and command.
split_options()
{
	local word
	command=()
	options=()
	for word; do
		if [ "$word" = -- ]; then
			# shellcheck disable=SC2034 # for the callers
			options=("${command[@]}")
			command=()
		else
			command+=("$word")
		fi
	done
}

# terminal COMMAND…: with a terminal of its own; what it printed, without the
# terminal's line ends.
terminal()
{
	local r
	python3 "$ROOT/tests/lib/terminal.py" "$@" </dev/null >"$STORE/terminal"
	r=$?
	# Its last line tells of the terminal's mode.
	"$BUSYBOX" sed -e '/^terminal as before$/d' -e '/^$/d' "$STORE/terminal"
	return $r
}

# What a shell in a container says of its terminal.  The engine gives that its size
# when it has taken it from the runtime, and the program does not wait for it: so
# this does, ten seconds at most.
# shellcheck disable=SC2016,SC2034 # the container's variable; for the test files
TELL_TERMINAL='i=0; until stty size 2>/dev/null | grep -q "[1-9]" || [ $((i += 1)) -gt 100 ]; do sleep 0.1; done
	tty; stty size'

# daemon LOG COMMAND…: in the background, without the test's streams; $DAEMON.
daemon()
{
	local log=$1
	shift
	"$@" >"$log" 2>&1 </dev/null 3>&- &
	export DAEMON=$!
}

# stop_daemon PID
stop_daemon()
{
	kill -TERM "$1"
	wait_until 10 gone "$1"
}
gone() { ! kill -0 "$1" 2>/dev/null; }
