# SPDX-License-Identifier: Apache-2.0
# Completion of berth for fish.  It asks `berth --help`, so it knows what the
# installed berth knows.  Install in /usr/share/fish/vendor_completions.d.

function __berth_commands
	berth --help 2>/dev/null |
		sed -nE '/^commands:/,/^$/s/^  ([a-z]+) +(.*)/\1\t\2/p'
end

# The command on the line so far, the words behind it below it; nothing while
# there is only the start of one.
function __berth_words
	set -l words (commandline -opc)
	set -l valued (berth --help 2>/dev/null |
		sed -nE 's/^  (-., |    )(--[a-z0-9-]+) [^ ]+  .*/\2/p')
	set -l skip 0
	set -e words[1]
	while set -q words[1]
		if test $skip -eq 1
			set skip 0
		else if contains -- $words[1] $valued
			set skip 1
		else if not string match -q -- '-*' $words[1]
			printf '%s\n' $words
			return
		end
		set -e words[1]
	end
end

function __berth_no_command
	set -l words (__berth_words)
	not set -q words[1]
end

function __berth_options
	set -l words (__berth_words)
	berth $words[1] --help 2>/dev/null |
		sed -nE 's/^  (-., |    )(--[a-z0-9-]+)( [^ ]+)?  +(.*)/\2\t\4/p'
end

# The words for a first operand that is one of some; nothing once it is there.
function __berth_verbs
	set -l words (__berth_words)
	set -q words[1]; or return
	for word in $words[2..-1]
		string match -q -- '-*' $word; or return
	end
	berth $words[1] --help 2>/dev/null |
		sed -n '1s/^usage: berth [a-z]* \([a-z]*|[a-z|]*\).*/\1/p' | tr '|' '\n'
end

# An id is wanted where the command takes one and none is there yet.
function __berth_wants_id
	set -l words (__berth_words)
	set -q words[1]; or return 1
	set -l before 0
	set -l usage (berth $words[1] --help 2>/dev/null)[1]
	string match -qr '^usage: berth [a-z]* [a-z]*\|' -- $usage; and set before 1
	for word in $words[2..-1]
		string match -q -- '-*' $word; or set before (math $before - 1)
	end
	test $before -eq 0; and string match -qr '^usage:.* ID' -- $usage
end

complete -c berth -n __berth_no_command -f -a '(__berth_commands)'
complete -c berth -n 'string match -q -- "-*" (commandline -ct)' -f -a '(__berth_options)'
complete -c berth -n 'set -l v (__berth_verbs); set -q v[1]' -f -a '(__berth_verbs)'
complete -c berth -n __berth_wants_id -f -a '(berth list -q 2>/dev/null)'
complete -c berth -n 'set -l w (__berth_words); test "$w[1]" = help' -f -a '(__berth_commands)'
