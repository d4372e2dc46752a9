#!/bin/sh
# completion.sh PROGRAM: its bash completion, made from its --help, which is made
# from its table of options.
set -eu
name=$(basename "$1")
words=$("$1" --help | grep -oE '^ +(-[A-Za-z0-9](, +|, ))?-?-?[A-Za-z0-9-]+' |
	grep -oE -e '--[a-z][a-z-]*|-[A-Za-z0-9]' | sort -u | tr '\n' ' ')
valued=$("$1" --help | sed -nE 's/^ +(-[A-Za-z0-9])?,? *(--[a-z-]+)?[ =][A-Z]+( .*)?$/\1 \2/p' |
	tr -s ' \n' ' ')
func=_$(echo "$name" | tr - _)
cat <<END
# bash completion of $name; made by "make install" from $name --help
$func()
{
	local cur=\${COMP_WORDS[COMP_CWORD]} i
	for ((i = 1; i < COMP_CWORD; i++)); do
		case \${COMP_WORDS[i]} in
		$(echo "$valued" | sed 's/^ *//; s/ *$//; s/  */|/g; s/^$/--none/')) i=\$((i + 1)) ;;
		-*) ;;
		*) type _command_offset >/dev/null 2>&1 && _command_offset \$i; return ;;
		esac
	done
	case \$cur in
	-*) mapfile -t COMPREPLY < <(compgen -W '$words' -- "\$cur") ;;
	*) mapfile -t COMPREPLY < <(compgen -c -- "\$cur") ;;
	esac
}
complete -o default -F $func $name
END
