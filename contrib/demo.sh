#!/bin/bash
# SPDX-License-Identifier: Apache-2.0
#
# make demo: a container with limits on memory, processor and processes, and what
# happens to programs that want more.  On a host whose cgroup v2 hierarchy lacks
# these controllers the same is shown in the test machine.

set -u
here=$(cd "$(dirname "$0")/.." && pwd -P)
berth=${BERTH:-$here/build/berth}
id=demo-$$

MEMORY_MIB=32
CPU_PERCENT=25
PROCESSES=20

say() { printf '%s\n' "$*"; }
step() { printf '\n== %s\n' "$*"; }
die() { printf 'demo: %s\n' "$*" >&2; exit 1; }

# --- where ----------------------------------------------------------------------

# The v2 hierarchy, wherever it is mounted.
mount=$(awk '$3 == "cgroup2" { print $2; exit }' /proc/self/mounts)
missing=
for c in memory cpu pids; do
	grep -qsw "$c" "$mount/cgroup.controllers" || missing+=" $c"
done

if [ -n "$missing" ]; then
	[ ! -d /run/vm ] || die "the test machine has no controllers:$missing"
	say "This host's cgroup v2 hierarchy has no controllers for:$missing (cgroup v1 holds them)."
	say "So the same is shown in the test machine: a virtual machine with this host's files and Debian's kernel."
	MAKEFLAGS='' make -s -C "$here" machine-deps || die "the test machine's packages cannot be installed"
	exec "$here/tests/vm" --timeout 300 -- "$here/contrib/demo.sh"
fi
[ "$(id -u)" = 0 ] || die "needs root (it sets limits in the cgroup hierarchy's root)"

# --- a root file system and a configuration ----------------------------------------

work=$(mktemp -d) || exit 1
group=$mount/$id
trap '"$berth" --root "$work/state" delete --force $id 2>/dev/null; rm -rf "$work"' EXIT
run_berth() { "$berth" --root "$work/state" "$@"; }
value() { cat "$group/$1"; }
event() { sed -n "s/^$2 //p" "$group/$1"; }

step "A root file system: Debian's busybox-static, nothing else"
mkdir -p "$work"/bundle/rootfs/{bin,dev,etc,proc,sys,tmp}
cp "$(type -P busybox)" "$work/bundle/rootfs/bin/busybox"
busybox --list | while read -r name; do
	[ "$name" = busybox ] || ln -s busybox "$work/bundle/rootfs/bin/$name"
done
"$berth" spec --bundle "$work/bundle" || exit 1
jq '.process.terminal = false | .process.args = ["sleep", "1000000"] |
	.hostname = "demo" | .linux.cgroupsPath = $group |
	.linux.resources += {
		memory: {limit: ($memory * 1048576), swap: ($memory * 1048576)},
		cpu: {quota: ($cpu * 1000), period: 100000},
		pids: {limit: $pids}}' \
	--arg group "/$id" --argjson memory $MEMORY_MIB --argjson cpu $CPU_PERCENT --argjson pids $PROCESSES \
	"$work/bundle/config.json" >"$work/config.json" && mv "$work/config.json" "$work/bundle/config.json" || exit 1
say "$(find "$work/bundle/rootfs/bin" | wc -l) commands, $(du -sh "$work/bundle/rootfs" | cut -f 1)B"

step "berth run --detach: $MEMORY_MIB MiB of memory, $CPU_PERCENT % of one processor, $PROCESSES processes"
start_container()
{
	run_berth run --detach --bundle "$work/bundle" $id </dev/null || die "the container did not start"
}
start=$EPOCHREALTIME
start_container
say "started in $(((${EPOCHREALTIME/./} - ${start/./}) / 1000)) ms; what it sees of itself:"
run_berth exec $id sh -c 'hostname; ps -o pid,args' | sed 's/^/    /'

# --- memory ------------------------------------------------------------------------

available() { awk '/^MemAvailable/ { print int($2 / 1024) }' /proc/meminfo; }

step "A program in it eats all the memory that it can get"
before=$(available)
run_berth exec $id tail /dev/zero
status=$?
peak=$(value memory.peak 2>/dev/null || echo 0)
kills=$(event memory.events oom_kill)
say "it ended with status $status (137: killed); the kernel killed $kills process in the container's cgroup"
[ "$peak" = 0 ] || say "most memory that the container ever had: $((peak / 1048576)) MiB of $MEMORY_MIB"
say "memory free on the host: $before MiB before, $(available) MiB after"
[ "$status" = 137 ] && [ "$kills" -ge 1 ] || die "the memory limit did not hold"

# --- processes -----------------------------------------------------------------------

step "A fork bomb"
run_berth exec $id sh -c 'bomb() { bomb | bomb & }; bomb' >/dev/null 2>&1 </dev/null &
bomb=$!
most=0
for _ in $(seq 20); do
	now=$(value pids.current)
	[ "$now" -le "$most" ] || most=$now
	sleep 0.1
done
refused=$(event pids.events max)
say "at most $most processes at once of $PROCESSES; the kernel refused $refused more"
[ "$most" -le $PROCESSES ] && [ "$refused" -gt 0 ] || die "the limit on processes did not hold"
run_berth delete --force $id || die "the fork bomb could not be ended"
wait $bomb 2>/dev/null
say "berth delete --force ended it; a new container for the next step"
start_container

# --- processor -------------------------------------------------------------------------

step "Two endless loops, for three seconds"
used() { event cpu.stat usage_usec; }
throttled=$(event cpu.stat nr_throttled)
u=$(used) t=${EPOCHREALTIME/./}
run_berth exec $id timeout 3 sh -c 'while :; do :; done & while :; do :; done'
percent=$((100 * ($(used) - u) / (${EPOCHREALTIME/./} - t)))
throttled=$(($(event cpu.stat nr_throttled) - throttled))
say "they got $percent % of a processor and were stopped $throttled times until their next turn"
[ $throttled -gt 0 ] && [ $percent -le $((CPU_PERCENT + 10)) ] || die "the processor limit did not hold"

# --- the end -----------------------------------------------------------------------------

step "The container is still there; berth delete --force"
say "state: $(run_berth state $id | jq -r .status)"
run_berth delete --force $id || die "delete failed"
[ ! -d "$group" ] || die "its cgroup is still there"
say "gone, with its processes, its mounts and its cgroup"

step "Shown"
say "A program that eats memory was killed inside the container and the host's memory stayed free;"
say "a fork bomb stopped at $PROCESSES processes; two endless loops got $CPU_PERCENT % of one processor."
