#!/bin/sh
# --ephemeral throws away what a run writes; --changes keeps it apart, lists it, puts it where
# it was meant to be, or removes it.  Also what programs of this machine write.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
any_engine
[ "$EXEC_ENGINE" != notify ] || EXEC_ENGINE=ptrace # it cannot
umask 022
echo captured >input
mkdir sub && echo deep >sub/deep
cat >work.sh <<'S'
cat input
if [ "$1" = capture ]; then # the programs that follow, but for touch
	ls sub && cat sub/* && mkdir x && rmdir x && rm -f x && chmod 644 sub/deep
	mv input y && mv y input
	exit
fi
echo changed >input
echo made >made
mkdir -p dir/below && echo z >dir/below/z
rm sub/deep && rmdir sub && mkdir sub && echo other >sub/other
mv mine moved 2>&1
chmod 600 keep 2>&1
cat input made sub/* moved
/usr/bin/touch by-host && /usr/bin/unlink going # of this machine
ls
S
capture sh work.sh capture
move_package
rm -rf "$SRC" && mkdir "$SRC" && cd "$SRC" || exit
echo mine >mine && echo keep >keep && echo going >going
here()
{
	(cd "$SRC" && find . -printf '%P %m %s %T@\n' | sort)
	(cd "$PACKAGE/cde-root" && find . -printf '%P %m %s %T@\n' | sort)
}
before=$(here)
record run "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" --ephemeral sh work.sh
status_is run 0
out_is run "captured
changed
made
other
mine
by-host
dir
input
keep
made
moved
sub
work.sh"
[ "$(here)" = "$before" ] || { here >"$WORK/after"; fail "something was changed"; }
[ -z "$(ls "$HOME/.local/state/cde")" ] || fail "left: $(ls "$HOME/.local/state/cde")"

# The same, to be looked at.
record run2 "$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" --changes "$WORK/set" sh work.sh
same_output run run2
[ "$(here)" = "$before" ] || fail "something was changed with --changes"
record list "$PACKAGE/cde-exec" --changes "$WORK/set"
sed 's/  */ /g' "$WORK/list.out" >"$WORK/short.out"
for line in "changed package f 8 $SRC/input" "removed package f 5 $SRC/sub/deep" \
	"added host f 0 $SRC/by-host" "removed host f 6 $SRC/going" \
	"removed host f 5 $SRC/mine" "changed host f 5 $SRC/keep"; do
	case $line in
	*sub/deep) ;; # the directory was made anew: it hides what was below
	*) out_has short "$line" ;;
	esac
done
out_has short " $SRC/dir/below/z"
record json "$PACKAGE/cde-exec" --changes "$WORK/set" --json
python3 -c 'import json, sys
d = json.load(open(sys.argv[1]))
assert d["package"] == sys.argv[2], d["package"]
rows = {(r["change"], r["side"], r["path"]) for r in d["rows"]}
assert ("removed", "host", sys.argv[3] + "/going") in rows, rows' \
	"$WORK/json.out" "$PACKAGE" "$SRC" 2>"$WORK/log" || fail "$(cat "$WORK/log")"
# It goes on from there.
record on "$PACKAGE/cde-exec" --changes "$WORK/set" cat input made moved
out_is on "changed
made
mine"

# Somebody has changed a file meanwhile: nothing is kept.
cp -a "$WORK/set" "$WORK/set2"
wait_for sh -c "echo later >>'$SRC/keep'; [ '$SRC/keep' -nt '$WORK/set/about' ]"
record refused "$PACKAGE/cde-exec" --changes "$WORK/set" --keep
status_is refused 125
err_has refused "$SRC/keep was changed here"
[ -e "$SRC/mine" ] || fail "half of it was kept"
record discard "$PACKAGE/cde-exec" --changes "$WORK/set" --discard
status_is discard 0
[ ! -e "$WORK/set" ] || fail "the set is still there"

# … and now all of it.
rm -rf "$WORK/set2"
"$PACKAGE/cde-exec" --changes "$WORK/set3" sh work.sh >"$WORK/log" 2>&1 || fail "$(cat "$WORK/log")"
record keep "$PACKAGE/cde-exec" --changes "$WORK/set3" --keep
status_is keep 0
[ ! -e "$WORK/set3" ] && [ ! -e "$SRC/mine" ] && [ "$(cat "$SRC/moved")" = mine ] &&
	[ ! -e "$SRC/going" ] && [ "$(stat -c %a "$SRC/keep")" = 600 ] &&
	[ "$(cat "$PACKAGE/cde-root$SRC/input")" = changed ] || fail "kept wrongly: $(here)"
[ ! -e "$PACKAGE/cde-root$SRC/sub/deep" ] || fail "sub/deep is back"

# What cannot be held is refused.
record no "$PACKAGE/cde-exec" --ephemeral -f cat input
status_is no 125
err_has no "with -f, changes cannot be held back"
record what "$PACKAGE/cde-exec" --changes "$SRC" cat input
status_is what 125
err_has what "neither empty nor a change set"
record none "$PACKAGE/cde-exec" --changes "$SRC"
status_is none 125
err_has none "not a change set"
record why "$PACKAGE/cde-exec" --ephemeral --why cat input
err_has why "not namespace: what it changes is held back"
