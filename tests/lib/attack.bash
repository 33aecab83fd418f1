# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash disable=SC2034,SC2154 # BERTH_STATE and the like are common.bash's, result is the tests'
#
# Helpers of tests/security.  A case carries its attack out, always against what
# is the test's own, and says attack_works when it got through.  Its tags
# (`# bats test_tags=weak:IN_ROOT`) name the defences of src/util/weak.h without
# which it does get through: `make check-weak` sees to that.

# attack_works WHAT…: what the attacker got.  The case fails.
attack_works()
{
	echo "ATTACK WORKED: $*"
	return 1
}

# untouched DIRECTORY: nothing was made in it.
untouched()
{
	local found
	found=$(ls -A "$1")
	[ -z "$found" ] || attack_works "made on the host, in $1:" "$found"
}

# bounded COMMAND…: berth, with a time limit: what hangs is a denial of service.
bounded() { timeout -k 2 "${LIMIT:-$(in_machine && echo 120 || echo 20)}" "$BERTH" --root "$BERTH_STATE" "$@"; }

# slowly COMMAND…: berth, whose berth-init rests for a third of a second between
# all that it does and the execve of the container's program.  With AS_COPY set it
# is a sealed copy, as where no mount can be cloned.
slowly()
{
	needs_program strace
	traced timeout -k 2 120 strace -f -qq -o /dev/null -e trace=execve,open_tree -e inject=execve:delay_enter=300000 \
		${AS_COPY:+-e inject=open_tree:error=EPERM:when=1} "$BERTH" --root "$BERTH_STATE" "$@"
}

# swapping A B COMMAND…: COMMAND while A and B are exchanged all the time.  Its
# status is in $result.
swapping()
{
	local a=$1 b=$2 swapper
	shift 2
	[ -x "$SWAP" ] || skip "$SWAP is not built (make check builds it)"
	"$SWAP" "$a" "$b" 3>&- &
	swapper=$!
	result=0
	"$@" || result=$?
	kill "$swapper"
	wait "$swapper" 2>/dev/null || :
}

# rounds SHORT: how often a race is run.
rounds()
{
	local long=${BERTH_LONG:+400}
	echo "${BERTH_ROUNDS:-${long:-$1}}"
}

# in_userns: the container's ids are 100000 and up.
in_userns()
{
	config '.linux.namespaces += [{"type": "user"}]
		| .linux.uidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]
		| .linux.gidMappings = [{"containerID": 0, "hostID": 100000, "size": 65536}]'
	chmod 711 "$BATS_TEST_TMPDIR" "$BATS_FILE_TMPDIR" "$BATS_RUN_TMPDIR" "$BUNDLE" || true
	chown -R 100000:100000 "$BUNDLE/rootfs"
}

# without_dev: nothing is mounted on or below /dev; the image's is used.
without_dev() { config '.mounts |= map(select(.destination | startswith("/dev") | not))'; }

# mounted JSON: one more mount, after all others.
mounted() { config ".mounts += [$1]"; }
