# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2004,SC2034,SC2154 # variables of run
#
# Rows about many containers: starts one after another and at a time, many exec in
# one, and what idle ones keep.  A part of run, with its functions and variables.

STARTS=${BENCH_STARTS:-100}
AT_A_TIME=32
FLIGHTS=$((STARTS * 96 / 100))	# starts in all while $AT_A_TIME are under way
IDLE=$STARTS

# many_bundles NAME FILTER COUNT: $work/NAME/RUNTIME/0 … with cgroups of their own
# below $group-RUNTIME/NAME.  One jq, and the rest by the shell: programs are dear
# in the machine.
many_bundles()
{
	local name=$1 n r dirs=() text
	text=$(config_with "$2") || exit 1
	for r in "${runtimes[@]}"; do
		for ((n = 0; n < $3; n++)); do
			dirs+=("$work/$name/$r/$n")
		done
	done
	mkdir -p "${dirs[@]}"
	for r in "${runtimes[@]}"; do
		for ((n = 0; n < $3; n++)); do
			printf '%s\n' "${text/@CGROUP@//$group-$r/$name/$n}" >"$work/$name/$r/$n/config.json"
		done
	done
}

batch_of()	# RUNS AT-A-TIME RUNTIME COMMAND-OF-RUNTIME [GLOBAL-OPTION…]
{
	local n=$1 width=$2 r=$3 rest=$4
	shift 4
	echo "$tools/batch -n $n -j $width $(command_of "$r" "$@") $rest"
}

# measure_many TEXT RUNS AT-A-TIME COMMAND-OF-RUNTIME: all of $rivals; RUNTIME in
# the command is who it is.
measure_many()
{
	local r commands=()
	for r in berth "${rivals[@]}"; do
		# shellcheck disable=SC2086 # no option is no word
		commands+=("$r" "$(batch_of "$2" "$3" "$r" "${4/RUNTIME/$r}" $options)")
	done
	title "$1"
	measure -w 0 "$many_rounds" "${commands[@]}"
	first_row "$1" ms "${rivals[@]}"
}

# many_rows WHERE BUNDLES OPTIONS RIVAL…
many_rows()
{
	local where=$1 bundles=$2 options=$3 rivals r
	shift 3
	rivals=("$@")
	measure_many "$STARTS starts one after another, $where" "$STARTS" 1 "run --bundle $work/$bundles/RUNTIME/0 s@"
	measure_many "$FLIGHTS starts, $AT_A_TIME at a time, $where" "$FLIGHTS" $AT_A_TIME "run --bundle $work/$bundles/RUNTIME/@ s@"
	for r in berth "${rivals[@]}"; do
		# shellcheck disable=SC2046,SC2086 # a command line
		$(command_of "$r" $options) run --detach --bundle "$work/sleep/$r" held >"$work/$r.log" 2>&1 </dev/null ||
			title "$r cannot keep a container here: $(head -n 1 "$work/$r.log")"
	done
	measure_many "$STARTS exec into one container, $where" "$STARTS" 1 "exec held /bin/true"
	for r in berth "${rivals[@]}"; do
		runtime "$r" delete --force held >/dev/null 2>&1
	done
}

# --- memory of idle containers -----------------------------------------------------

# What the kernel itself holds, in KiB: nothing that could be dropped is counted.
# VmallocUsed has the kernel stacks in it, and programs (BPF, seccomp).
kernel_memory()
{
	sync
	echo 3 >/proc/sys/vm/drop_caches
	awk '/^(Slab|PageTables|SecPageTables|Percpu|VmallocUsed):/ { sum += $2 } END { print sum }' /proc/meminfo
}

# processes: their numbers, one on a line.
processes() { printf '%s\n' /proc/[0-9]*/ | sort; }

# pss_of PROCESS…: in KiB.  Kernel threads have none.
pss_of()
{
	local p list=()
	for p; do
		list+=("${p}smaps_rollup")
	done
	cat "${list[@]}" 2>/dev/null | awk '/^Pss:/ { sum += $2 } END { print sum + 0 }'
}

names_of()
{
	local p list=()
	for p; do
		list+=("${p}comm")
	done
	cat "${list[@]}" 2>/dev/null | sort | uniq -c | awk '{ printf "%s%s %s", sep, $1, $2; sep = ", " }'
}

# idle_memory RUNTIME: sets pss, kernel and files of it, in bytes a container.
idle_memory()
{
	local r=$1 command kernel_before stayed status
	command=$(batch_of 2 1 "$r" "run --bundle $work/warm/$r/@ w@")
	$command >/dev/null 2>&1 </dev/null
	kernel_before=$(kernel_memory)
	processes >"$work/before"
	command=$(batch_of "$IDLE" 2 "$r" "run --detach --bundle $work/idle/$r/@ i@")
	$command >"$work/$r.log" 2>&1 </dev/null
	status=$?
	# The last one's exec, and what the kernel frees a little later.
	sleep 2
	processes >"$work/after"
	mapfile -t stayed < <(comm -13 "$work/before" "$work/after")
	pss[$r]=$(($(pss_of "${stayed[@]}") * 1024 / IDLE))
	title "$r: processes that stayed: $(names_of "${stayed[@]}")"
	kernel[$r]=$((($(kernel_memory) - kernel_before) * 1024 / IDLE))
	files[$r]=$(($(du -sk "$work/state/$r" | cut -f 1) * 1024 / IDLE))
	title "$r: a container's PSS ${pss[$r]} bytes, the kernel's ${kernel[$r]}, files of its state ${files[$r]};" \
		"of the kernel's the memory controller counts $(charged "$r")"
	command=$(batch_of "$IDLE" 2 "$r" "delete --force i@")
	$command >>"$work/$r.log" 2>&1 </dev/null
	return $status
}

# charged RUNTIME: what the memory controller says of the kernel's memory.
charged()
{
	awk -v n="$IDLE" '$1 == "kernel" { printf "%d", $2 / n }' "$mount/$group-$1/idle/memory.stat" 2>/dev/null
}

# A container of the smallest process: what it has is the runtime's.
idle_rows()	# WHERE RIVAL…
{
	local where=$1 r rivals
	local -A pss=() kernel=() files=()
	shift
	rivals=("$@")
	title "$IDLE idle containers, $where"
	many_bundles idle "$LIMITS | .process.args = [\"/bin/idle\"]" "$IDLE"
	many_bundles warm "$LIMITS" 2
	failures=() median=()
	# Once for nothing: whoever is first finds the kernel's pools empty.
	for r in berth berth "${rivals[@]}"; do
		failures[$r]=0
		idle_memory "$r" || { failures[$r]=$?; title "$r: $(tail -n 1 "$work/$r.log")"; }
	done
	memory_row "PSS of an idle container, of $IDLE, $where" pss
	memory_row "the kernel's memory for it, $where" kernel
	memory_row "all of it, with the files of its state, $where" all
}

memory_row()	# CASE pss|kernel|all
{
	local r
	for r in berth "${rivals[@]}"; do
		case $2 in
		pss) median[$r]=${pss[$r]} ;;
		kernel) median[$r]=${kernel[$r]} ;;
		all) median[$r]=$((pss[$r] + kernel[$r] + files[$r])) ;;
		esac
	done
	first_row "$1" kB "${rivals[@]}"
}
