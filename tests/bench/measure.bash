# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # variables of who sources it
#
# What the parts of the benchmark share: measuring, and the lines of the table.
# They need $tools, the directory of its programs, and $work, one to write in;
# what is measured goes to fd 3 in words, the table's lines to standard output.

runtimes=(berth crun runc)

# Of each NAME: median (µs), peak KiB, failures.
declare -A median peak failures
measure()	# [-w WARMUP] ROUNDS NAME COMMAND…
{
	local warmup=3 n name med min cpu kib bad
	[ "$1" != -w ] || { warmup=$2; shift 2; }
	n=$1
	shift
	median=() peak=() failures=()
	while IFS=$'\t' read -r name med min cpu kib bad; do
		median[$name]=$med peak[$name]=$kib failures[$name]=$bad
		printf '#   %-12s median %8s µs  min %8s  cpu %8s  peak %6s KiB%s\n' \
			"$name" "$med" "$min" "$cpu" "$kib" "$([ "$bad" = 0 ] || echo ", $bad failed")" >&3
	done < <("$tools/alternate" -n "$n" -w "$warmup" "$@" 2>"$work/alternate.err")
	sed 's/^/#     /' "$work/alternate.err" | head -n 5 >&3
}

title() { printf '# %s\n' "$*" >&3; }

usable() { [ -n "${median[$1]-}" ] && [ "${failures[$1]}" = 0 ]; }

# row CASE TARGET-TEXT LIMIT BASE: berth's median against BASE's.
row()
{
	local text=$1 target=$2 limit=$3 base=$4 ratio verdict
	if ! usable berth; then
		result "$text" "$target" "berth cannot run this here" FAIL
	elif ! usable "$base"; then
		result "$text" "$target" "$base cannot run this here" -
	else
		ratio=$(ratio "${median[berth]}" "${median[$base]}")
		verdict=$(awk -v r="$ratio" -v l="$limit" 'BEGIN { print r <= l ? "ok" : "MISSED" }')
		result "$text" "$target" "$ratio ($(ms "${median[berth]}") : $(ms "${median[$base]}") ms)" "$verdict"
	fi
}

# first_row CASE UNIT RIVAL…: what $median says of berth against each, which berth
# is to beat.  UNIT: ms, of $median's microseconds, or kB, of bytes.
first_row()
{
	local text=$1 unit=$2 r ratios=() all verdict=ok
	shift 2
	if ! usable berth; then
		result "$text" first "berth cannot run this here" FAIL
		return
	fi
	all=$(in_unit "$unit" "${median[berth]}")
	for r; do
		if ! usable "$r"; then
			ratios+=("$r cannot")
			continue
		fi
		ratios+=("$(ratio "${median[berth]}" "${median[$r]}") $r")
		all+=" : $(in_unit "$unit" "${median[$r]}")"
		[ "${median[berth]}" -le "${median[$r]}" ] || verdict=MISSED
	done
	result "$text" first "$(printf '%s, ' "${ratios[@]}" | sed 's/, $//') ($all $unit)" $verdict
}

# Three digits: with two, what is just past a limit would look as if it kept it.
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.3f", a / b }'; }

in_unit()
{
	case $1 in
	ms) ms "$2" ;;
	kB) awk -v v="$2" 'BEGIN { printf "%.1f", v / 1000 }' ;;
	esac
}

ms() { awk -v us="$1" 'BEGIN { printf us < 10000 ? "%.2f" : us < 1000000 ? "%.1f" : "%d", us / 1000 }'; }

# Fields separated by tabs: case, target, today, verdict.
result() { printf '%s\t%s\t%s\t%s\n' "$@"; }
