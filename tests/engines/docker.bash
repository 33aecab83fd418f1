# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A dockerd of the test's own, with contrib's daemon.json, and a containerd for it:
# the one that dockerd starts itself has to be there within 15 seconds.

# shellcheck source=tests/engines/engines.bash
source "${BASH_SOURCE[0]%/*}/engines.bash"

# docker_setup_file NAME [JQ-FILTER]: FILTER changes the configuration.
docker_setup_file()
{
	engine_setup_file "$1"
	export DOCKER_HOST=unix:///run/$BERTH_TEST_MARK/docker.sock DOCKER_CONFIG=$STORE
	mkdir -p "/run/$BERTH_TEST_MARK"
	jq --arg store "$STORE" --arg run "/run/$BERTH_TEST_MARK" --arg berth "$BERTH" --arg mark "$BERTH_TEST_MARK" \
		'.runtimes.berth.path = $berth | ."data-root" = $store + "/docker" | ."exec-root" = $run + "/docker"
		| .pidfile = $run + "/docker.pid" | .hosts = ["unix://" + $run + "/docker.sock"]
		| .containerd = $run + "/containerd.sock" | .iptables = false | .ip6tables = false | .bridge = "none" | ."cgroup-parent" = "/" + $mark | '"${2:-.}" \
		"$ROOT/contrib/engines/docker.json" >"$STORE/daemon.json"
	printf '%s\n' 'version = 2' "root = \"$STORE/containerd\"" "state = \"/run/$BERTH_TEST_MARK/containerd\"" \
		'disabled_plugins = ["io.containerd.grpc.v1.cri"]' '[grpc]' \
		"address = \"/run/$BERTH_TEST_MARK/containerd.sock\"" >"$STORE/containerd.toml"
	daemon "$STORE/containerd.log" containerd --config "$STORE/containerd.toml"
	export CONTAINERD=$DAEMON
	wait_until 20 ctr --address "/run/$BERTH_TEST_MARK/containerd.sock" version || {
		tail -n 20 "$STORE/containerd.log"
		return 1
	}
	start_dockerd
	docker load --quiet --input "$STORE/image.tar"
}

start_dockerd()
{
	daemon "$STORE/docker.log" dockerd --config-file "$STORE/daemon.json"
	# A test that starts another one is no parent of teardown_file.
	echo "$DAEMON" >"$STORE/daemon"
	wait_until 20 docker version || { tail -n 20 "$STORE/docker.log"; return 1; }
}

docker_teardown_file()
{
	local ids
	mapfile -t ids < <(docker ps --all --quiet)
	[ ${#ids[@]} -eq 0 ] || docker rm --force "${ids[@]}"
	stop_daemon "$(cat "$STORE/daemon")"
	stop_daemon "$CONTAINERD"
	engine_teardown_file
}

docker() { command docker "$@" 3>&-; }

# drun [OPTION… --] COMMAND…: docker run of the image.
drun()
{
	split_options "$@"
	docker run --rm --network=none "${options[@]}" "$IMAGE" "${command[@]}"
}
