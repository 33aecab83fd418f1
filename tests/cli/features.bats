#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Host only: no container is started.

bats_require_minimum_version 1.5.0
load ../lib/common

@test "features is one JSON object with the versions that engines want" {
	run --separate-stderr "$BERTH" features
	[ "$status" -eq 0 ]
	[ -z "$stderr" ]
	jq -e '.ociVersionMin == "1.0.0" and .ociVersionMax == "1.3.0"' <<<"$output"
}

@test "features names hooks, mount options and namespaces" {
	run -0 --separate-stderr "$BERTH" features
	jq -e '.hooks | sort == ["createContainer", "createRuntime", "poststart", "poststop",
		"prestart", "startContainer"]' <<<"$output"
	jq -e '.mountOptions | index("rro") and index("rbind") and index("tmpcopyup")' <<<"$output"
	jq -e '.linux.namespaces | index("pid") and index("cgroup") and index("time")' <<<"$output"
}

@test "features tells capabilities, cgroups and seccomp" {
	run -0 --separate-stderr "$BERTH" features
	jq -e '.linux.capabilities | index("CAP_CHOWN") and index("CAP_SYS_ADMIN")' <<<"$output"
	jq -e '.linux.cgroup.v2 == true and .linux.cgroup.v1 == false' <<<"$output"
	jq -e '.linux.cgroup.systemd and .linux.cgroup.systemdUser' <<<"$output"
	jq -e '.potentiallyUnsafeConfigAnnotations | index("org.systemd.property.")' <<<"$output"
	jq -e '.linux.seccomp | .enabled and (.actions | index("SCMP_ACT_NOTIFY"))
		and (.operators | index("SCMP_CMP_MASKED_EQ"))
		and (.archs | index("SCMP_ARCH_X86_64"))' <<<"$output"
	jq -e '.linux.seccomp | (.supportedFlags - .knownFlags == []) and
		(.supportedFlags | index("SECCOMP_FILTER_FLAG_LOG"))' <<<"$output"
}

@test "features takes no operands" {
	run --separate-stderr "$BERTH" features x
	[ "$status" -eq 1 ]
	[ "$stderr" = "berth: features: too many operands; usage: berth features" ]
}
