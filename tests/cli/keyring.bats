#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Session keyrings: each container has its own, and exec joins it.

bats_require_minimum_version 1.5.0
load ../lib/common

setup() {
	berth_setup
	id=$(unique)
	grep -q keyring /proc/keys || skip "no keyrings in this kernel"
	config '.linux.maskedPaths = []'
	# The names of the keyrings of this test that a process sees: those of all
	# containers of the same user without a user namespace.
	keys="sed -n 's/.* keyring  *\($BERTH_TEST_MARK[^ ]*\): .*/\1/p' /proc/keys"
}
teardown() { berth_teardown; }

# is_of ID NAME: the name of a keyring that ID's container has
is_of() { [[ $2 =~ ^$1\.20[0-9T:.-]+Z$ ]] || { echo "'$2'"; false; }; }

@test "a container has a session keyring named after it, which goes with it" {
	script "$keys"
	run -0 berth run "$id"
	is_of "$id" "$output"
	wait_until 10 sh -c "! grep -q '$id' /proc/keys"
}

@test "exec joins the keyring of the container instead of making another" {
	sleeper "$id"
	run -0 berth exec "$id" sh -c "$keys"
	is_of "$id" "$output"
	berth exec --detach "$id" sleep 1000 </dev/null >/dev/null 2>&1 3>&-
	run -0 berth exec "$id" sh -c "$keys"
	is_of "$id" "$output"
}

@test "two containers have two keyrings, and a new one of the same id a new one" {
	local first other
	other=$(unique other)
	sleeper "$id"
	sleeper "$other"
	run -0 berth exec "$other" sh -c "$keys"
	[ ${#lines[@]} -eq 2 ] || { echo "$output"; false; }
	first=$(grep "^$id" <<<"$output")
	is_of "$id" "$first"
	berth delete --force "$id"
	sleeper "$id"
	# The kernel may take a while to forget the first one.
	run -0 berth exec "$id" sh -c "$keys | grep '^$id' | grep -vxF '$first'"
	is_of "$id" "$output"
}

@test "with a user namespace exec has the container's keyring, and sees no other" {
	local other
	other=$(unique other)
	sleeper "$other"
	userns
	sleeper "$id"
	run -0 berth exec "$id" sh -c "$keys"
	is_of "$id" "$output"
}

@test "--no-new-keyring keeps the caller's, for exec as well" {
	script "$keys"
	prints '' berth run --no-new-keyring "$id"
	id=$(unique)
	script 'sleep 1000'
	detached "$id" run --detach --no-new-keyring
	prints '' berth exec "$id" sh -c "$keys"
}

@test "a user without keys to spare is told what to do" {
	[ -x "$FAILCALL" ] || skip "failcall is not built"
	args true
	run --separate-stderr traced "$FAILCALL" 1 1 keyctl 122 -- "$BERTH" --root "$BERTH_STATE" run "$id"
	[ "$status" -eq 1 ] || { echo "$status $stderr"; false; }
	[[ $stderr == *'session keyring: no more keys for this user'*'kernel.keys.maxkeys'*'--no-new-keyring'*'uota exceeded' ]]
	[ ! -e "$BERTH_STATE/$id" ]
}

@test "a kernel without keyrings is no failure" {
	[ -x "$FAILCALL" ] || skip "failcall is not built"
	args echo ran
	prints ran traced "$FAILCALL" 1 1 keyctl 38 -- "$BERTH" --root "$BERTH_STATE" run "$id"
}
