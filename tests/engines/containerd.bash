# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A containerd of the test's own, with contrib's snippet.

# shellcheck source=tests/engines/engines.bash
source "${BASH_SOURCE[0]%/*}/engines.bash"

# containerd_setup_file NAME [LINE…]: LINEs go to the end of its configuration;
# with SYSTEMD_CGROUP=true the handler has that set.
containerd_setup_file()
{
	engine_setup_file "$1"
	shift
	export SOCKET=/run/$BERTH_TEST_MARK/containerd.sock
	mkdir -p "/run/$BERTH_TEST_MARK"
	{
		sed "s|/usr/local/bin/berth|$BERTH|; s|SystemdCgroup = false|SystemdCgroup = ${SYSTEMD_CGROUP:-false}|
			s|^version = 2|&\nroot = \"$STORE/root\"\nstate = \"/run/$BERTH_TEST_MARK/state\"|" \
			"$ROOT/contrib/engines/containerd.toml"
		printf '[grpc]\naddress = "%s"\n' "$SOCKET"
		printf '%s\n' "$@"
	} >"$STORE/containerd.toml"
	daemon "$STORE/containerd.log" containerd --config "$STORE/containerd.toml"
	wait_until 10 ctr version || { tail -n 20 "$STORE/containerd.log"; return 1; }
}

containerd_teardown_file()
{
	local shims="containerd-shim.*-namespace ${NAMESPACE:-$BERTH_TEST_MARK}"
	stop_daemon "$DAEMON"
	engine_teardown_file
	# After a failure: bats would wait for them.
	! pkill -KILL -e -f "$shims"
}

ctr()
{
	command ctr --address "$SOCKET" --namespace "$BERTH_TEST_MARK" "$@" 3>&-
}
