#!/bin/sh
# once: cde-pkg completes words
# Completion in the shells themselves: bash, zsh and fish are asked what they would offer.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
PATH=$CDE_BIN:$PATH
export PATH
mkdir -p dir
echo a >alpha && echo b >'be ta' && echo c >dir/c && printf x >"$(printf 'n\nl')"
capture cat alpha 'be ta' dir/c "$(printf 'n\nl')"

# ---- the names ----
pkg_names()
{
	record names "$CDE_BIN/cde-pkg" completion names -- "$1" "$PACKAGE"
	status_is names 0
	tr '\n' '|' <"$WORK/names.out"
}
[ "$(pkg_names "$SRC/")" = "$SRC/alpha|$SRC/be ta|$SRC/dir/|" ] || { show names; fail "$SRC/"; }
[ "$(pkg_names "$SRC/al")" = "$SRC/alpha|" ] || { show names; fail "$SRC/al"; }
[ "$(pkg_names "$SRC/dir")" = "$SRC/dir/|" ] || { show names; fail "$SRC/dir"; }
[ "$(pkg_names "$SRC/dir/")" = "$SRC/dir/c|" ] || { show names; fail "$SRC/dir/"; }
[ -z "$(pkg_names /nonesuch)" ] || fail 'a name that there is not'
case $(pkg_names /) in
"/"*"|/usr/|"*) ;;
*) fail '/' ;;
esac
mv "$PACKAGE/manifest.db" "$WORK/m"
[ "$(pkg_names "$SRC/al")" = "$SRC/alpha|" ] || { show names; fail 'without manifest'; }
mv "$WORK/m" "$PACKAGE/manifest.db"
record names "$CDE_BIN/cde-pkg" completion names / "$WORK/none"
status_is names 1

# ---- values: what is offered is accepted ----
for w in table tsv json 0 ncdu; do
	pkg ls --format $w
	status_is pkg 0
done
for w in path name size type origin state acc; do
	pkg ls --sort $w
	status_is pkg 0
done
for w in origin package type dir process; do
	pkg du --by $w
	status_is pkg 0
done

# ---- shells: offers SHELL LINE prints what it completes the line to, one per line ----
offers_bash()
{
	bash --norc --noprofile -c '
		. /dev/stdin
		read -ra COMP_WORDS <<<"$1"
		[ "${1% }" = "$1" ] || COMP_WORDS+=("")
		COMP_CWORD=$((${#COMP_WORDS[@]} - 1))
		_cde_pkg 2>&1
		printf "%s\n" "${COMPREPLY[@]}"' sh "$1" <"$WORK/bash"
}

offers_fish()
{
	HOME=$WORK fish --no-config -c "source $WORK/fish; complete -C '$1'" |
		sed 's/	.*//' | grep .
}

# zsh completes only a line that is being edited, on a terminal (zpty).
cat >"$WORK/zpty" <<'END'
zmodload zsh/zpty || exit
zpty z "TERM=dumb zsh -f -i"
put() { zpty -w z "$1" }
put 'PS1= PS2= RPS1=; unset zle_bracketed_paste'
put 'fpath=($FPATH_NEW $fpath); autoload -U compinit; compinit -u -d $DUMP'
put 'compadd() { builtin compadd -O hits "$@"; print -rl -- $hits >>$HITS; builtin compadd "$@" }'
# the quotes in the words: their echo is not what is waited for
put "list() { zle list-choices; zle kill-whole-line; print FIN''ISHED }; zle -N list; bindkey '^X' list"
put "print REA''DY"
zpty -r -m z out '*READY*'
zpty -n -w z "$1"$'\C-X'
zpty -r -m z out '*FINISHED*'
zpty -d z
END
offers_zsh()
{
	: >"$WORK/hits"
	HOME=$WORK FPATH_NEW=$WORK/zfun DUMP=$WORK/zdump HITS=$WORK/hits \
		timeout 30 zsh -f "$WORK/zpty" "$1" || fail "zsh does not answer: $1"
	cat "$WORK/hits"
}

# has SHELL LINE WORD…: all of them are offered; lacks: none
offered()
{
	o_shell=$1 o_line=$2
	shift 2
	"offers_$o_shell" "$o_line" >"$WORK/offers" 2>"$WORK/offers.err"
	for o_word; do
		case $o_word in
		!*) ! grep -qxF -e "${o_word#!}" "$WORK/offers" ;;
		*) grep -qxF -e "$o_word" "$WORK/offers" ;;
		esac && continue
		cat "$WORK/offers" "$WORK/offers.err"
		fail "$o_shell: '$o_line' and $o_word"
	done
}

all=
for shell in bash zsh fish; do
	has $shell || { echo "no $shell here"; continue; }
	all="$all $shell"
	"$CDE_BIN/cde-pkg" completion $shell >"$WORK/$shell"
	mkdir -p "$WORK/zfun" && cp "$WORK/$shell" "$WORK/zfun/_cde-pkg"
	offered $shell 'cde-pkg st' status '!ls'
	offered $shell 'cde-pkg ' ls du completion
	offered $shell 'cde-pkg ls --for' --format '!--sort'
	offered $shell 'cde-pkg ls --format ' table tsv json 0 ncdu
	offered $shell 'cde-pkg du --by pr' process '!package'
	offered $shell "cde-pkg info -p $PACKAGE $SRC/al" "$SRC/alpha"
	offered $shell "cde-pkg info -p $PACKAGE $SRC/d" "$SRC/dir/"
	offered $shell 'cde-pkg pin -p x /y h' host hidden '!sandbox'
	offered $shell 'cde-pkg completion ' bash zsh fish
done
[ -n "$all" ] || skip 'neither bash nor zsh nor fish here'
echo "asked:$all"
# what has blanks is quoted
! has bash || offered bash "cde-pkg info -p $PACKAGE $SRC/be" "$SRC/be\\ ta"
exit 0
