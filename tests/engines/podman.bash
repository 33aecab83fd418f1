# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# podman as a user would have it, with contrib's snippet, and with stores of the
# test's own.

# shellcheck source=tests/engines/engines.bash
source "${BASH_SOURCE[0]%/*}/engines.bash"

# podman_setup_file NAME [MANAGER]
podman_setup_file()
{
	engine_setup_file "$1"
	export MANAGER=${2:-cgroupfs}
	export CONTAINERS_STORAGE_CONF=$STORE/storage.conf
	printf '[storage]\ndriver = "overlay"\ngraphroot = "%s"\nrunroot = "%s"\n' \
		"$STORE/storage" "/run/$BERTH_TEST_MARK/storage" >"$CONTAINERS_STORAGE_CONF"
	mkdir -p /etc/containers/containers.conf.d
	sed "s|/usr/local/bin/berth|$BERTH|" "$ROOT/contrib/engines/podman.conf" \
		>/etc/containers/containers.conf.d/berth.conf
	podman load --quiet --input "$STORE/image.tar"
}

podman()
{
	command podman --cgroup-manager "$MANAGER" --events-backend file \
		--tmpdir "/run/$BERTH_TEST_MARK/libpod" "$@" 3>&-
}

# prun [OPTION… --] COMMAND…: podman run of the image.
prun()
{
	split_options "$@"
	podman run --rm --network none --cgroup-parent "/$BERTH_TEST_MARK" "${options[@]}" "$IMAGE" "${command[@]}"
}

podman_teardown_file()
{
	podman pod rm --force --all --time 0
	podman rm --force --all --time 0
	engine_teardown_file
}

# inside NAME FILE…: what a running container's files say, on one line.
inside()
{
	podman exec "$1" sh -c 'shift; for f; do read -r line <$f; printf "%s," "$line"; done' sh "$@"
}
