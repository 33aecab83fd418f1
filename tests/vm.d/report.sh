# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh
#
# Sourced by the shell that waits at the machine's console when the command runs
# into a time limit: what the machine is doing.  Each part may hang itself.  Paths,
# because busybox would take its own.

part()	# SECONDS TITLE COMMAND…
{
	echo "-- $2"
	limit=$1
	shift 2
	/run/vm/busybox timeout "$limit" /run/vm/busybox "$@" 2>&1
}

part 5 'load' cat /proc/loadavg /proc/pressure/cpu /proc/pressure/memory
part 5 'memory' free -m
part 20 'processes' env /usr/bin/ps -N --ppid 2 -p 2 -o pid,ppid,stat,time,wchan:16,args
if [ -S /run/systemd/private ]; then
	part 15 'jobs of systemd' env systemctl list-jobs --no-pager
	part 15 'units that failed' env systemctl list-units --failed --no-pager --no-legend
	part 15 'journal' env journalctl -b -n 30 --no-pager -o short-monotonic _TRANSPORT=journal + _TRANSPORT=stdout + _TRANSPORT=syslog
fi
echo '-- end of the report'
