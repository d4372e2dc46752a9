#!/bin/sh
# As an editor: vim.cde notes.txt on a terminal, and as $EDITOR of a program.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/use.inc"
need cc vim.tiny
cc -O1 -w -D_GNU_SOURCE -o "$WORK/pty" "$TOOLS/pty.c" -lutil || broken 'cc pty.c'
esc=$(printf '\033')
echo first >seen
mkdir -p "${PACKAGE%/*}"
TERM=linux # its description has no padding, which would be NUL bytes
export TERM
record edit "$WORK/pty" "?first =Gonew$esc =:wq" \
	"$CDE_BIN/cde" -q -o "$PACKAGE" --engine "$CAPTURE_ENGINE" vim.tiny -u NONE -N seen
[ "$(cat seen)" = "first
new" ] || { show edit; fail "vim did not work while it was captured"; }
move_away
mkdir "$HOME/notes" && cd "$HOME/notes" || exit
printf 'one\ntwo\n' >notes.txt
record vim "$WORK/pty" "?two =Gothree$esc =:wq" "$PACKAGE/vim.tiny.cde" -u NONE -N notes.txt
status_is vim 0
[ "$(cat notes.txt)" = "one
two
three" ] || { show vim; fail "the user's file is: $(cat notes.txt)"; }
# A new file is made where the user is.
record new "$WORK/pty" "?New =ihello$esc =:wq" "$PACKAGE/vim.tiny.cde" -u NONE -N new.txt
[ "$(cat new.txt)" = hello ] || { show new; fail "no new.txt"; }
# What others start as their editor.
record editor "$WORK/pty" "?three =:%s/three/four/ =:wq" sh -c \
	"EDITOR='$PACKAGE/vim.tiny.cde -u NONE -N'; \$EDITOR notes.txt"
grep -qx four notes.txt || { show editor; fail "notes.txt is: $(cat notes.txt)"; }
