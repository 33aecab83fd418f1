#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
#
# buildah run and bud.

load podman

setup_file()
{
	podman_setup_file engine-buildah
	mkdir "$STORE/context"
	printf '%s\n' "FROM $IMAGE" 'ENV A=1' 'RUN echo "$A $(id -u) $(cat /proc/1/comm)" >/built' 'USER user' \
		'WORKDIR /tmp' 'RUN id -un >who' 'CMD ["cat", "/built", "/tmp/who"]' >"$STORE/context/Dockerfile"
}
teardown_file() { podman_teardown_file; }

buildah() { command buildah --cgroup-manager "$MANAGER" "$@" 3>&-; }

@test "buildah bud builds with berth what podman runs with berth" {
	buildah bud --runtime "$BERTH" --isolation oci --network none --tag localhost/built "$STORE/context"
	IMAGE=localhost/built expect 0 prun
	echo "$output"
	[ "$(echo $output)" = '1 0 sh user' ]
}

@test "buildah run gives output and status, with a terminal too" {
	buildah from --name work "$IMAGE"
	run buildah run --runtime "$BERTH" --isolation oci --network none work sh -c 'echo ran; exit 4'
	echo "$output"
	[ "$status" -eq 4 ]
	[ "${lines[0]}" = ran ]
	run terminal buildah run --tty --runtime "$BERTH" --isolation oci --network none work tty
	echo "$output"
	[[ $output == */dev/pts/0* ]]
	run buildah run --runtime "$BERTH" --isolation oci --network none work no-such-program
	[ "$status" -ne 0 ]
	[[ $output == *'executable file not found in $PATH: "no-such-program"'* ]]
	buildah rm work
}

@test "BUILDAH_RUNTIME names it, and so does podman's configuration" {
	printf '#!/bin/sh\necho "$@" >>%s\nexec %s "$@"\n' "$STORE/called" "$BERTH" >"$STORE/wrapper"
	chmod 755 "$STORE/wrapper"
	buildah from --name named "$IMAGE"
	BUILDAH_RUNTIME=$STORE/wrapper expect 7 buildah run --network none named sh -c 'exit 7'
	grep -w create "$STORE/called"
	run buildah run --network none named no-such-program
	[ "$status" -ne 0 ]
	[[ $output == *'executable file not found in $PATH: "no-such-program"'* ]]
	buildah rm named
}
