#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# Links, fifos and devices in an image where a runtime expects files and directories.

bats_require_minimum_version 1.5.0
load ../lib/common
load ../lib/attack

setup() {
	berth_setup
	id=$(unique)
	victim=$WORK/victim
	mkdir "$victim"
}
teardown() { berth_teardown; }

# Each of the ways in which a link can say it.
links_to_victim() {
	echo "$victim"
	echo "../../../../../../../../../../..$victim"
	echo "/../../$victim"
}

# attempt: run it, whatever comes of it, and look at the victim.
attempt() {
	run bounded run "$(unique)"
	untouched "$victim"
}

# bats test_tags=weak:IN_ROOT
@test "mounts below a link make nothing on the host (CVE-2019-18837, CVE-2021-30465)" {
	local to
	mounted '{"destination": "/link/tmpfs", "type": "tmpfs", "source": "tmpfs"}'
	mounted '{"destination": "/link/deep/er", "type": "tmpfs", "source": "tmpfs"}'
	mounted '{"destination": "/link/bound", "type": "bind", "source": "'"$BUNDLE/rootfs/etc"'", "options": ["bind"]}'
	for to in $(links_to_victim); do
		ln -sfn "$to" rootfs/link
		attempt
	done
}

# bats test_tags=weak:IN_ROOT
@test "a file bound on a dangling link is not made on the host (CVE-2025-24965)" {
	local to
	mounted '{"destination": "/etc/resolv.conf", "type": "bind", "source": "/etc/hostname", "options": ["bind", "ro"]}'
	for to in $(links_to_victim); do
		ln -sfn "$to/made" rootfs/etc/resolv.conf
		attempt
	done
}

# bats test_tags=weak:IN_ROOT
@test "a working directory that has to be made is not made on the host (CVE-2024-45310)" {
	local to
	config '.process.cwd = "/link/a/b"'
	for to in $(links_to_victim); do
		ln -sfn "$to" rootfs/link
		attempt
	done
}

# bats test_tags=weak:IN_ROOT
@test "links in /dev of an image do not lead device nodes out (CVE-2026-41579, CVE-2026-47766)" {
	local to n
	without_dev
	config '.linux.devices = [{"path": "/dev/mine", "type": "c", "major": 1, "minor": 5}]'
	rm -rf rootfs/dev
	for to in $(links_to_victim); do
		ln -sfn "$to" rootfs/dev
		echo keep >"$victim/ptmx"
		run bounded run "$(unique)"
		[ "$(cat "$victim/ptmx" 2>&1)" = keep ] || attack_works "the host's ptmx was replaced"
		rm "$victim/ptmx"
		untouched "$victim"
	done
	rm rootfs/dev
	mkdir rootfs/dev
	for n in null zero ptmx console stdin fd mine; do
		ln -s "$victim/$n" rootfs/dev/$n
	done
	attempt
}

# bats test_tags=weak:CONSOLE_NOFOLLOW
@test "a /dev/console of the image that is a link makes nothing on the host (CVE-2026-88264)" {
	needs_program python3
	without_dev
	config '.process.terminal = true'
	mounted '{"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666"]}'
	for to in $(links_to_victim); do
		ln -sfn "$to/console" rootfs/dev/console
		run python3 "$ROOT/tests/lib/terminal.py" "$BERTH" --root "$BERTH_STATE" run "$(unique)" </dev/null
		untouched "$victim"
	done
}

# bats test_tags=weak:PROC_NOFOLLOW
@test "a /proc or /sys of the image that is a link is refused (CVE-2019-19921, CVE-2023-27561, CVE-2025-54867)" {
	local what
	mkdir rootfs/fake
	# The masks would go where the link points by then.
	script 'ls /fake/self/status /fake/kernel 2>/dev/null | grep -q . && echo through'
	for what in proc sys; do
		rmdir rootfs/$what
		ln -s fake rootfs/$what
		run --separate-stderr berth run "$(unique)"
		[[ $output != *through* ]] || attack_works "a link was /$what"
		[ "$status" -eq 1 ]
		[ ${#stderr_lines[@]} -eq 1 ]
		[[ $stderr == *"/$what"* ]]
		rm rootfs/$what
		mkdir rootfs/$what
	done
}

@test "a bind on /proc or /sys follows no link either (CVE-2023-28642)" {
	local what
	mkdir rootfs/fake "$WORK/volume"
	for what in proc sys; do
		rmdir rootfs/$what
		ln -s fake rootfs/$what
		config '.mounts |= map(if .destination == "/'$what'" then
			{"destination": "/'$what'", "type": "bind", "source": "'"$WORK/volume"'", "options": ["rbind"]} else . end)'
		run --separate-stderr berth run "$(unique)"
		[ "$status" -eq 1 ] || attack_works "a link was /$what: $output"
		[[ $stderr == *": /$what: the target is a symbolic link: "* ]] || { echo "$stderr"; false; }
		rm rootfs/$what
		mkdir rootfs/$what
		mounted '{"destination": "/'$what'", "type": "'${what/%sys/sysfs}'", "source": "none"}'
	done
}

# bats test_tags=weak:HOST_NULL
@test "masks do not trust the /dev/null of the container (CVE-2025-31133, CVE-2025-62161)" {
	local what
	# A /dev that the attacker shares with another container.
	mkdir "$WORK/dev"
	echo secret >"$WORK/secret"
	echo password >rootfs/etc/shadow
	without_dev
	mounted '{"destination": "/dev", "type": "bind", "source": "'"$WORK/dev"'", "options": ["bind"]}'
	config '.linux.maskedPaths = ["/etc/shadow"]'
	script 'cat /etc/shadow; echo overwritten >/etc/shadow'
	# Links to the test's own only: without the defence they are written to.
	for what in "ln -s $WORK/secret" "ln -s ../secret" "cp /bin/false" mkdir mkfifo; do
		rm -rf "$WORK/dev/null"
		$what "$WORK/dev/null"
		run bounded run "$(unique)"
		[[ $output != *secret* && $output != *password* ]] ||
			attack_works "the mask is what the image says ($what): $output"
		[ "$(cat "$WORK/secret")" = secret ] || attack_works "a file of the host was written through a mask ($what)"
	done
}

# bats test_tags=weak:HOST_NULL
@test "masks do not depend on there being a /dev/null in the container (CVE-2025-31133)" {
	mkdir "$WORK/dev"
	without_dev
	mounted '{"destination": "/dev", "type": "bind", "source": "'"$WORK/dev"'", "options": ["bind"]}'
	echo password >rootfs/etc/shadow
	config '.linux.maskedPaths = ["/etc/shadow"]'
	args cat /etc/shadow
	run bounded run "$(unique)"
	[ "$status" -eq 0 ] && [ -z "$output" ] || attack_works "no /dev/null, and so the mask: $output"
}

# bats test_tags=weak:DEVICE_CHECK
@test "a device of the image is none of the container's before it was looked at (CVE-2026-88265)" {
	local what
	without_dev
	for what in 'echo mine >rootfs/dev/null' 'mknod rootfs/dev/null b 1 3' 'mknod rootfs/dev/null c 1 5' \
		'mkfifo rootfs/dev/null' 'ln -s /etc/group rootfs/dev/null'; do
		rm -f rootfs/dev/null
		eval "$what"
		script 'echo started'
		run bounded run "$(unique)"
		[[ $output != *started* ]] || attack_works "it runs with the image's own /dev/null ($what)"
	done
	rm rootfs/dev/null
	mknod rootfs/dev/null c 1 3
	run bounded run "$(unique)"
	[[ $output == *started* ]]
}

# bats test_tags=weak:NULL_OWNER
@test "the host's /dev/null keeps its owner, whoever the container's user is (CVE-2026-88265)" {
	without_dev
	ln -s "$victim/null" rootfs/dev/null
	echo keep >"$victim/null"
	config '.process.user = {"uid": 1000, "gid": 1000}'
	run bounded run "$(unique)"
	[ "$(stat -c %u "$victim/null")" = 0 ] || attack_works "a link's target was given away"
	rm -f rootfs/dev/null
	mknod "$WORK/null" c 1 3
	[ -r "$WORK/null" ] && : <"$WORK/null" || skip "devices cannot be used below $WORK"
	bounded run "$(unique)" <"$WORK/null" >"$WORK/null" 2>"$WORK/null"
	[ "$(stat -c %u "$WORK/null")" = 0 ] || attack_works "a null device was given to the container's user"
}

@test "an image's /etc/passwd that is a link is read inside the root only" {
	echo 'user:x:1000:1000::/stolen:/bin/sh' >"$WORK/passwd"
	config '.process.env |= map(select(startswith("HOME=") | not)) | .process.user = {"uid": 1000, "gid": 1000}'
	# shellcheck disable=SC2016 # the container's variable
	script 'echo $HOME'
	for to in "$WORK/passwd" "../../../../../../../..$WORK/passwd" /proc/1/root/etc/passwd; do
		ln -sfn "$to" rootfs/etc/passwd
		run bounded run "$(unique)"
		[[ $output != *stolen* ]] || attack_works "HOME is from the host: $to"
		[ "$output" = / ]
	done
}

# bats test_tags=weak:PASSWD_FILE
@test "an image's /etc/passwd that is a fifo or endless holds nothing up" {
	local what
	config '.process.env |= map(select(startswith("HOME=") | not))'
	# shellcheck disable=SC2016 # the container's variable
	script 'echo $HOME'
	for what in 'mkfifo rootfs/etc/passwd' 'ln -s /dev/zero rootfs/etc/passwd' 'truncate -s 1T rootfs/etc/passwd'; do
		rm -f rootfs/etc/passwd
		eval "$what"
		LIMIT=$(in_machine && echo 60 || echo 5) run bounded run "$(unique)"
		[ "$status" -ne 124 ] || attack_works "berth waits for the image ($what)"
		[ "$output" = / ]
	done
}

@test "tmpcopyup takes links as links, and nothing of what only looks like a file" {
	mkdir -p rootfs/t/deep
	echo secret >"$WORK/secret"
	ln -s "$WORK/secret" rootfs/t/absolute
	ln -s "../../../../../../../../../..$WORK/secret" rootfs/t/relative
	ln -s . rootfs/t/loop
	mkfifo rootfs/t/fifo
	mknod rootfs/t/device c 1 5
	mounted '{"destination": "/t", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]}'
	script 'cat /t/absolute /t/relative 2>/dev/null; ls /t'
	run -0 bounded run "$id"
	[[ $output != *secret* ]] || attack_works "the host's file was copied"
	[ "${lines[*]}" = "absolute deep loop relative" ]
}

@test "berth leaves no file in an image but what was to be mounted on" {
	local before after
	before=$(find rootfs -printf '%p %m %U %G %y %l\n' | sort; find rootfs -type f -exec sha256sum {} + | sort)
	script 'true'
	berth run "$id"
	after=$(find rootfs -printf '%p %m %U %G %y %l\n' | sort; find rootfs -type f -exec sha256sum {} + | sort)
	[ "$before" = "$after" ] || { diff <(echo "$before") <(echo "$after"); false; }
}
