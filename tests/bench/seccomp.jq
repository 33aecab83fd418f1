# From the profile of containers-common (with conditions on capabilities and
# architectures) to the seccomp section of a configuration, for the capabilities
# that podman gives by default.  --arg arch amd64|arm64
["CAP_CHOWN", "CAP_DAC_OVERRIDE", "CAP_FOWNER", "CAP_FSETID", "CAP_KILL",
 "CAP_NET_BIND_SERVICE", "CAP_SETFCAP", "CAP_SETGID", "CAP_SETPCAP", "CAP_SETUID",
 "CAP_SYS_CHROOT"] as $caps |
def among($list): . as $x | $list | index([$x]) != null;
def wanted:
	((.includes.caps // []) | all(among($caps))) and
	((.excludes.caps // []) | any(among($caps)) | not) and
	((.includes.arches // [$arch]) | any(. == $arch)) and
	((.excludes.arches // []) | any(. == $arch) | not);
{
	defaultAction, defaultErrnoRet,
	architectures: (if $arch == "amd64"
		then ["SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"]
		else ["SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"] end),
	syscalls: [.syscalls[] | select(wanted) |
		{names, action, errnoRet, args: ((.args // []) | map(select(. != null)))} |
		with_entries(select(.value != null and .value != []))]
} | with_entries(select(.value != null))
