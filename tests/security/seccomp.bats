#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# contrib/seccomp.json, and what `berth spec` gives a container.

bats_require_minimum_version 1.5.0
load ../lib/common
load ../lib/attack

setup() {
	berth_setup
	id=$(unique)
	profile=$ROOT/contrib/seccomp.json
}
teardown() { berth_teardown; }

# calls_of FILTER: the names in the profile on standard input.
calls_of() { jq -r "[.syscalls[] | select($1) | .names[]] | unique[]"; }
allowed() { calls_of '.action == "SCMP_ACT_ALLOW" and ((.includes.caps // []) == [])'; }

@test "the profile is what its table says" {
	run -0 "$ROOT/contrib/seccomp/generate"
	[ "$output" = "$(<"$profile")" ]
	# Each capability adds what its line says, and takes that from the refused.
	run -0 "$ROOT/contrib/seccomp/generate" CAP_SYS_TIME
	[ "$(diff <(allowed <"$profile") <(allowed <<<"$output") | sed -n 's/^> //p' | xargs)" = \
		"clock_settime clock_settime64 settimeofday stime" ]
	[ -z "$(calls_of '.errnoRet == 1' <<<"$output" | grep settime)" ]
}

@test "the profile allows nothing that podman's default does not" {
	local podman=/usr/share/containers/seccomp.json more
	[ -f "$podman" ] || skip "podman's profile is not installed (package golang-github-containers-common)"
	[ "$(jq -r .defaultAction "$profile")" = SCMP_ACT_ERRNO ]
	more=$(comm -23 <(allowed <"$profile") <(allowed <"$podman"))
	[ -z "$more" ] || { echo "allowed here only: $more"; false; }
	for name in personality socket; do
		[ "$(jq "[.syscalls[] | select(.names == [\"$name\"] and .action == \"SCMP_ACT_ALLOW\" and ((.args // []) == []))] | length" "$profile")" = 0 ]
	done
}

@test "a container runs with the profile, and gets only what it allows" {
	needs_program gcc
	config '.linux.seccomp = $profile[0] | .process.noNewPrivileges = true' --slurpfile profile "$profile"
	config '.process.capabilities |= map_values(["CAP_SYS_ADMIN", "CAP_SYS_TIME", "CAP_SYS_MODULE", "CAP_SYS_BOOT",
		"CAP_DAC_READ_SEARCH", "CAP_SYS_PACCT", "CAP_SYS_RAWIO", "CAP_SYS_PTRACE", "CAP_AUDIT_WRITE"])'
	# Each call is told by the filter; none has arguments with which it would do
	# anything, should it get through.
	cat >"$WORK/calls.c" <<-'END'
		#include <errno.h>
		#include <stdio.h>
		#include <sys/syscall.h>
		#include <unistd.h>
		static void said(const char *name, long r) { printf("%s %ld %d\n", name, r, r < 0 ? errno : 0); }
		#define TRY(name) said(#name, syscall(SYS_##name, -1, -1, -1, -1, -1))
		int main(void)
		{
			TRY(kexec_load); TRY(swapon); TRY(userfaultfd); TRY(settimeofday); TRY(init_module); TRY(bpf);
			TRY(perf_event_open); TRY(open_by_handle_at); TRY(acct); TRY(kcmp); TRY(vmsplice); TRY(quotactl);
			TRY(io_uring_setup); TRY(io_uring_enter); TRY(add_key); TRY(request_key);
			said("personality", syscall(SYS_personality, 0x0400000L));
			said("audit", syscall(SYS_socket, 16, 3, 9));
			printf("netlink %d\n", syscall(SYS_socket, 16, 3, 0) >= 0);
			return 0;
		}
	END
	gcc -static -o rootfs/bin/calls "$WORK/calls.c"
	args calls
	run -0 berth run "$(unique)"
	for name in kexec_load swapon userfaultfd settimeofday init_module bpf perf_event_open open_by_handle_at acct kcmp vmsplice quotactl; do
		grep -qxF "$name -1 1" <<<"$output" || attack_works "$output"
	done
	for name in io_uring_setup io_uring_enter add_key request_key personality; do
		grep -qxF "$name -1 38" <<<"$output" || attack_works "$output"
	done
	[[ $output == *"audit -1 22"*"netlink 1"* ]] || { echo "$output"; false; }
	script 'ls / | sort | head -n 1; sleep 0; (sleep 0 & wait); mkdir /tmp/x && rmdir /tmp/x; date +%s >/dev/null && echo fine'
	run -0 berth run "$(unique)"
	[ "${lines[-1]}" = fine ]
}

@test "berth spec is as strict as podman's default" {
	local kept
	berth spec --bundle "$WORK"
	# podman's default capabilities, containers.conf(5).
	kept=$(jq -r '[.process.capabilities[][]] | unique - ["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID",
		"CAP_KILL", "CAP_NET_BIND_SERVICE", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID", "CAP_SYS_CHROOT"] | .[]' "$WORK/config.json")
	[ -z "$kept" ] || { echo "capabilities: $kept"; false; }
	[ "$(jq -c '.process.capabilities | [.inheritable, .ambient]' "$WORK/config.json")" = '[null,null]' ]
	[ "$(jq -r '[.linux.namespaces[].type] | sort | join(" ")' "$WORK/config.json")" = "cgroup ipc mount network pid uts" ]
	# What podman hides, and what it makes read-only.
	for path in /proc/acpi /proc/kcore /proc/keys /proc/latency_stats /proc/timer_list /proc/timer_stats /proc/sched_debug \
		/proc/scsi /sys/firmware /sys/fs/selinux /sys/dev/block /sys/devices/virtual/powercap; do
		jq -e --arg p $path '.linux.maskedPaths | index($p)' "$WORK/config.json" >/dev/null || { echo "not masked: $path"; false; }
	done
	for path in /proc/asound /proc/bus /proc/fs /proc/irq /proc/sys /proc/sysrq-trigger; do
		jq -e --arg p $path '.linux.maskedPaths + .linux.readonlyPaths | index($p)' "$WORK/config.json" >/dev/null ||
			{ echo "not read-only: $path"; false; }
	done
	[ "$(jq -c '[.mounts[] | select(.destination == "/sys" or .destination == "/sys/fs/cgroup") | .options | index("ro") != null]' "$WORK/config.json")" = '[true,true]' ]
	[ "$(jq .process.noNewPrivileges "$WORK/config.json")" = true ]
}
