# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
#
# A containerd of the test's own, with contrib's snippet.

# shellcheck source=tests/engines/engines.bash
source "${BASH_SOURCE[0]%/*}/engines.bash"

# containerd_setup_file NAME [LINE…]: LINEs go to the end of its configuration.
containerd_setup_file()
{
	engine_setup_file "$1"
	shift
	export SOCKET=/run/$BERTH_TEST_MARK/containerd.sock
	mkdir -p "/run/$BERTH_TEST_MARK"
	{
		sed "s|/usr/local/bin/berth|$BERTH|; s|^version = 2|&\nroot = \"$STORE/root\"\nstate = \"/run/$BERTH_TEST_MARK/state\"|" \
			"$ROOT/contrib/engines/containerd.toml"
		printf '[grpc]\naddress = "%s"\n' "$SOCKET"
		printf '%s\n' "$@"
	} >"$STORE/containerd.toml"
	daemon "$STORE/containerd.log" containerd --config "$STORE/containerd.toml"
	wait_until 10 ctr version || { tail -n 20 "$STORE/containerd.log"; return 1; }
}

containerd_teardown_file()
{
	stop_daemon "$DAEMON"
	engine_teardown_file
	! pgrep -f "containerd-shim.*-namespace ${NAMESPACE:-$BERTH_TEST_MARK}"
}

ctr()
{
	command ctr --address "$SOCKET" --namespace "$BERTH_TEST_MARK" "$@" 3>&-
}
