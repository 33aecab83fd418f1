# SPDX-License-Identifier: Apache-2.0
# shellcheck shell=bash
# Completion of berth for bash.  It asks `berth --help`, so it knows what the
# installed berth knows.  Install as /usr/share/bash-completion/completions/berth.

# _berth_help COMMAND...: the options in a help text, those with a value marked
# by a "=" behind them
_berth_help() {
	"$@" --help 2>/dev/null |
		sed -En 's/^  (-., |    )(--[a-z0-9-]+)( [^ ]+)?  .*/\2\3/p' |
		sed 's/ .*/=/'
}

_berth_commands() {
	"$1" --help 2>/dev/null |
		sed -n '/^commands:/,/^$/s/^  \([a-z]*\) .*/\1/p'
}

# _berth_verbs COMMAND...: the words for a first operand that is one of some
_berth_verbs() {
	"$@" --help 2>/dev/null |
		sed -n '1s/^usage: berth [a-z]* \([a-z]*|[a-z|]*\).*/\1/p' | tr '|' '\n'
}

_berth() {
	local berth=${COMP_WORDS[0]} cur=${COMP_WORDS[COMP_CWORD]}
	local -a help=("$berth") globals=() words=()
	local options verbs='' id='' word i
	COMPREPLY=()

	options=$(_berth_help "${help[@]}")
	for ((i = 1; i < COMP_CWORD; i++)); do
		word=${COMP_WORDS[i]}
		case $word in
		-*)
			[[ ${#help[@]} -gt 1 ]] || globals+=("$word")
			[[ $'\n'$options$'\n' == *$'\n'"$word="$'\n'* ]] || continue
			[[ ${COMP_WORDS[i + 1]-} != = ]] || i=$((i + 1))
			i=$((i + 1))
			[[ ${#help[@]} -gt 1 ]] || globals+=("${COMP_WORDS[i]-}")
			;;
		*)
			if [[ ${#help[@]} -gt 1 ]]; then
				[[ -z $verbs ]] || { verbs= && continue; }
				id=$word
				break
			fi
			help+=("$word")
			options=$(_berth_help "${help[@]}")
			verbs=$(_berth_verbs "${help[@]}")
			;;
		esac
	done

	if [[ $i -gt $COMP_CWORD || -n $id ]]; then
		mapfile -t COMPREPLY < <(compgen -f -- "$cur")
		return
	fi
	if [[ $cur == -* ]]; then
		words=("${options//=/}")
	elif [[ ${#help[@]} -eq 1 || ${help[1]} == help ]]; then
		words=("$(_berth_commands "$berth")")
	elif [[ -n $verbs ]]; then
		words=("$verbs")
	elif "${help[@]}" --help 2>/dev/null | grep -q '^usage:.* ID'; then
		words=("$("$berth" "${globals[@]}" list -q 2>/dev/null)")
	fi
	mapfile -t COMPREPLY < <(compgen -W "${words[*]-}" -- "$cur")
}

complete -F _berth berth
