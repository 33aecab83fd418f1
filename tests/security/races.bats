#!/usr/bin/env bats
# SPDX-License-Identifier: Apache-2.0
# What an image or a shared volume holds is exchanged all the while berth works in
# it.  Twenty rounds each, or BERTH_ROUNDS; with BERTH_LONG set, hundreds.
# Host only: emulated, two processors never meet so closely.

bats_require_minimum_version 1.5.0
load ../lib/common
load ../lib/attack

setup() {
	in_machine && skip "runs natively: the two have to meet within microseconds"
	berth_setup
	victim=$WORK/victim
	volume=$BUNDLE/rootfs/volume
	mkdir "$victim" "$volume"
	args true
}
teardown() { berth_teardown; }

# again CHECK…: runs it, then CHECK, as often as asked for.
again() {
	local i n
	n=$(rounds 20)
	for ((i = 0; i < n; i++)); do
		bounded run "$(unique)" </dev/null >"$WORK/out" 2>&1 3>&- || [ $? -ne 124 ] || attack_works "berth hangs" || return
		"$@" || return
	done
}

# a_link: $volume/real is a directory, and $volume/link leads to the victim.
a_link() {
	mkdir -p "$volume/real"
	ln -s "$victim" "$volume/link"
}

# bats test_tags=weak:BY_FD
@test "directories for mounts are made where they were looked up (CVE-2021-30465, CVE-2024-45310)" {
	a_link
	mounted '{"destination": "/volume/real/a/b", "type": "tmpfs", "source": "tmpfs"}'
	mounted '{"destination": "/volume/real/c/d/e", "type": "bind", "source": "/etc/hostname", "options": ["bind"]}'
	config '.process.cwd = "/volume/real/f/g"'
	swapping "$volume/real" "$volume/link" again look
	[ $result -eq 0 ]
}
look() {
	untouched "$victim" || return
	# Anew, as the next round has to make them again.
	umount_nothing
}
umount_nothing() { rm -rf "$volume/real/"[a-f] "$volume/link/"[a-f] 2>/dev/null || :; }

# bats test_tags=weak:BY_FD
@test "device nodes are made where they were looked up (CVE-2026-41579, CVE-2026-47766)" {
	a_link
	config '.linux.devices = [range(8) | {"path": "/volume/real/d\(.)/node", "type": "c", "major": 1, "minor": 3}]'
	swapping "$volume/real" "$volume/link" again nodes
	[ $result -eq 0 ]
}
nodes() {
	untouched "$victim" || return
	rm -rf "$volume/real/"d? 2>/dev/null || :
}

# bats test_tags=weak:BY_FD
@test "links on the way that change do not lead a bind out (CVE-2019-18837)" {
	local i
	# Each mount gives one more chance to meet the link.
	a_link
	for i in 1 2 3 4 5 6; do
		mounted '{"destination": "/volume/real/f'$i'", "type": "bind", "source": "/etc/hostname", "options": ["bind"]}'
	done
	swapping "$volume/real" "$volume/link" again binds
	[ $result -eq 0 ]
}
binds() {
	untouched "$victim" || return
	rm -f "$volume/real/"f? 2>/dev/null || :
}

# bats test_tags=weak:COPYUP_NOFOLLOW
@test "tmpcopyup copies no file that became a link meanwhile" {
	local i
	mkdir "$volume/t"
	echo secret >"$WORK/secret"
	echo harmless >"$volume/t/file"
	ln -s "$WORK/secret" "$volume/t/other"
	mounted '{"destination": "/volume/t", "type": "tmpfs", "source": "tmpfs", "options": ["tmpcopyup"]}'
	script 'cat /volume/t/file /volume/t/other'
	swapping "$volume/t/file" "$volume/t/other" again no_secret
	[ $result -eq 0 ]
}
no_secret() { ! grep -q secret "$WORK/out" || attack_works "a file of the host was copied into the container"; }

# The attacker's /dev/pts has a 0 of its own, and is exchanged with the one that
# is mounted.
# bats test_tags=weak:CONSOLE_BY_FD
@test "/dev/console is the terminal, whatever /dev/pts/0 has become (CVE-2025-52565)" {
	needs_program python3
	local dev=$WORK/dev i n
	mkdir -p "$dev/pts" "$dev/fake"
	echo secret >"$WORK/dev/fake/0"
	without_dev
	mounted '{"destination": "/dev", "type": "bind", "source": "'"$dev"'", "options": ["rbind"]}'
	mounted '{"destination": "/dev/pts", "type": "devpts", "source": "devpts", "options": ["newinstance", "ptmxmode=0666"]}'
	config '.process.terminal = true'
	script 'echo STARTED; [ -c /dev/console ] || { echo NO TERMINAL; cat /dev/console; }'
	swapping "$dev/pts" "$dev/fake" consoles
	cat "$WORK/out"
	[ $result -eq 0 ]
}
# One python for all rounds: it takes longer to start than a container.
consoles() {
	python3 -c 'if True:
		import os, pty, sys
		rounds, name, *command = sys.argv[1:]
		good = 0
		for i in range(int(rounds)):
			pid, fd = pty.fork()
			if pid == 0:
				os.execv(command[0], command + ["run", "%s-%d" % (name, i)])
			said = b""
			try:
				while data := os.read(fd, 4096):
					said += data
			except OSError:
				pass
			os.close(fd)
			os.waitpid(pid, 0)
			good += b"STARTED" in said
			if b"NO TERMINAL" in said:
				sys.exit("another file is /dev/console")
		print("%d of %s got a terminal" % (good, rounds))' \
		"$(rounds 20)" "$(unique)" "$BERTH" --root "$BERTH_STATE" >"$WORK/out" 2>&1 || attack_works "$(cat "$WORK/out")"
}

# bats test_tags=weak:HOST_NULL
@test "masks hold while the container's /dev/null is exchanged (CVE-2025-31133)" {
	local dev=$WORK/dev
	mkdir "$dev"
	mknod "$dev/null" c 1 3
	echo secret >"$WORK/secret"
	ln -s "$WORK/secret" "$dev/other"
	echo password >rootfs/etc/shadow
	without_dev
	mounted '{"destination": "/dev", "type": "bind", "source": "'"$dev"'", "options": ["bind"]}'
	config '.linux.maskedPaths = ["/etc/shadow"]'
	script 'cat /etc/shadow'
	swapping "$dev/null" "$dev/other" again masked
	[ $result -eq 0 ]
}
masked() { ! grep -qE 'secret|password' "$WORK/out" || attack_works "the mask is $(cat "$WORK/out")"; }

# bats test_tags=weak:PROC_NOFOLLOW
@test "a /proc that is exchanged with a link is refused or real (CVE-2023-27561)" {
	mkdir rootfs/fake
	ln -s fake rootfs/link
	script 'ls /fake/self/status 2>/dev/null && echo THROUGH'
	swapping rootfs/proc rootfs/link again not_through
	[ $result -eq 0 ]
	rm -rf rootfs/proc rootfs/link
}
not_through() { ! grep -q THROUGH "$WORK/out" || attack_works "a link was /proc"; }
