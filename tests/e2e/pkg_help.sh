#!/bin/sh
# One table: --help, completions and the errors of wrong usage agree with it.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
p=$CDE_BIN/cde-pkg
record words "$p" completion words
record bash "$p" completion bash
record zsh "$p" completion zsh
record fish "$p" completion fish
"$p" --help >"$WORK/help" || fail "--help"
"$p" --version | grep -q '^cde-pkg [0-9]' || fail "--version"
verbs=$(sed -n 's/^verb \([a-z]*\)	.*/\1/p' "$WORK/words.out")
[ "$(echo "$verbs" | wc -w)" -ge 12 ] || fail "not all verbs: $verbs"
for v in $verbs; do
	grep -q "^  $v  *[a-z]" "$WORK/help" || fail "--help has no $v"
	grep -q "^	$v)" "$WORK/bash.out" || fail "bash has no $v"
	grep -q "'$v:" "$WORK/zsh.out" || fail "zsh has no $v"
	grep -q -- "-a $v " "$WORK/fish.out" || fail "fish has no $v"
	"$p" "$v" --help >"$WORK/verb" || fail "$v --help"
	sed -n "s/^option $v	.	\([a-z-]*\)	.*/\1/p" "$WORK/words.out" | sort >"$WORK/a"
	grep -oE '^ +(-[A-Za-z], )?--[a-z-]+' "$WORK/verb" | sed 's/.*--//' | sort >"$WORK/b"
	diff "$WORK/a" "$WORK/b" || fail "$v: --help and completion differ"
	while read -r o; do
		grep -q -- "--$o" "$WORK/bash.out" || fail "bash: no --$o"
		grep -q -- "seen_subcommand_from $v.* -l $o" "$WORK/fish.out" || fail "fish: $v --$o"
	done <"$WORK/a"
	record bad "$p" "$v" --no-such-option
	status_is bad 2
done
if has bash; then
	bash -n "$WORK/bash.out" || fail "bash does not read its completion"
	# shellcheck disable=SC2016
	bash -c '. "$1"; COMP_WORDS=(cde-pkg st); COMP_CWORD=1; _cde_pkg
		[ "${COMPREPLY[*]}" = status ]' sh "$WORK/bash.out" || fail "bash completes no verb"
	# shellcheck disable=SC2016
	bash -c '. "$1"; COMP_WORDS=(cde-pkg ls --for); COMP_CWORD=2; _cde_pkg
		[ "${COMPREPLY[*]}" = --format ]' sh "$WORK/bash.out" || fail "bash completes no option"
fi
! has zsh || zsh -n "$WORK/zsh.out" || fail "zsh does not read its completion"
! has fish || fish -n "$WORK/fish.out" || fail "fish does not read its completion"
record bad "$p"
status_is bad 2
record bad "$p" nonesuch
status_is bad 2
record bad "$p" why
status_is bad 2
record bad "$p" why a b
status_is bad 2
record bad "$p" completion tcsh
status_is bad 2
record bad "$p" ls --format xml
status_is bad 2
# A package as an argument, as cde-tui takes it: what to write instead is said.
tool
capture ./tool cat tool
for v in $("$p" completion words | sed -n 's/^verb \([a-z]*\)	.*/\1/p'); do
	case $v in
	completion | diff | unpack) continue ;; # no -p
	add) continue ;;                         # would add it
	extract | pin | note) record bad "$p" "$v" "$PACKAGE" host ;;
	*) record bad "$p" "$v" "$PACKAGE" ;;
	esac
	[ "$v" = note ] || err_has bad "$PACKAGE: a package is named by -p: cde-pkg $v -p $PACKAGE"
done
record bad "$p" "$PACKAGE" status
status_is bad 2
err_has bad "cde-pkg VERB -p $PACKAGE"
record bad "$p" status -p "$PACKAGE" "$PACKAGE"
status_is bad 2
err_has bad 'too many arguments'
cp -a "$PACKAGE" "it's one"
for v in status ls undo info; do
	record bad "$p" "$v" "it's one"
	err_has bad "cde-pkg $v -p 'it'\\''s one'"
done
: >x.tar.zst
record bad "$p" status x.tar.zst
err_has bad 'cde-pkg status -p x.tar.zst'
record bad "$p" status x.tar
err_has bad 'too many arguments'
pkg ls tool
[ ! -s "$WORK/pkg.err" ] || fail 'a hint, but all is well'
# Colours only where they are asked for.
pkg ls
[ "$(tr -dc '\033' <"$WORK/pkg.out" | wc -c)" = 0 ] || fail "colours without a terminal"
pkg ls --color always
[ "$(tr -dc '\033' <"$WORK/pkg.out" | wc -c)" != 0 ] || fail "--color always has none"
