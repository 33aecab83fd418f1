# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=sh disable=SC2154 # stage2 sets d
#
# Sourced by stage2: systemd becomes pid 1 of the test machine and the command a
# service of it.  What a machine with a life of its own would start is left out:
# in here each program costs a tenth of a second, and some walk the file system.

units=/etc/systemd/system

mask()	# DIRECTORY NAME…
{
	masked=$1
	shift
	b mkdir -p "$masked"
	for name in "$@"; do
		b ln -sf /dev/null "$masked/$name"
	done
}

mask $units systemd-tmpfiles-setup.service systemd-tmpfiles-setup-dev.service \
	systemd-udevd.service systemd-udev-trigger.service systemd-udevd-kernel.socket \
	systemd-udevd-control.socket systemd-hwdb-update.service systemd-sysusers.service \
	systemd-journal-flush.service systemd-journal-catalog-update.service \
	systemd-random-seed.service systemd-update-utmp.service systemd-update-done.service \
	systemd-modules-load.service systemd-sysctl.service systemd-binfmt.service \
	systemd-machine-id-commit.service systemd-firstboot.service systemd-pstore.service \
	systemd-boot-system-token.service systemd-remount-fs.service systemd-timesyncd.service \
	kmod-static-nodes.service ldconfig.service proc-sys-fs-binfmt_misc.automount \
	dev-hugepages.mount dev-mqueue.mount sys-kernel-debug.mount sys-kernel-tracing.mount \
	sys-kernel-config.mount sys-fs-fuse-connections.mount systemd-ask-password-console.path \
	systemd-ask-password-wall.path systemd-initctl.socket
for generator in /lib/systemd/system-generators/* /usr/lib/systemd/user-generators/*; do
	kind=${generator%/*}
	mask "/etc/systemd/${kind##*/}" "${generator##*/}"
done

cat >$units/vm-command.service <<-END
	[Unit]
	DefaultDependencies=no
	Requires=sysinit.target
	Wants=dbus.socket
	After=sysinit.target dbus.socket
	[Service]
	ExecStart=$d/busybox sh $d/stage2 command
	TasksMax=infinity
END
b mkdir -p /etc/systemd/journald.conf.d
printf '[Journal]\nStorage=volatile\n' >/etc/systemd/journald.conf.d/vm.conf
[ -s /etc/machine-id ] || b tr -d - </proc/sys/kernel/random/uuid >/etc/machine-id
# Without a hierarchy it mounts cgroup v2 itself.
exec /lib/systemd/systemd --unit=vm-command.service --show-status=no --log-level=warning
