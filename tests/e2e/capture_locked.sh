#!/bin/sh
# Captures into one package at the same time are right together; who edits the package is
# kept out meanwhile, and waited for.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
need flock sqlite3
small_package
mkdir many && for i in 1 2 3 4 5 6; do seq $i 2000 >many/$i; done

# six at once, each with a rule and a file of its own, and one that all have
for i in 1 2 3 4 5 6; do
	mkfifo "go$i"
	# shellcheck disable=SC2086 # options are split on purpose
	"$CDE_BIN/cde" -o "$PACKAGE" --engine "$CAPTURE_ENGINE" $CDE_FLAGS -i "/nowhere/$i" \
		sh -c "read x <go$i; cat many/$i a b d/c" >"$WORK/$i.out" 2>"$WORK/$i.err" &
	eval "pid$i=\$!"
done
for i in 1 2 3 4 5 6; do
	timeout 20 sh -c "echo >go$i"
done
for i in 1 2 3 4 5 6; do
	eval "wait \$pid$i" || { cat "$WORK/$i.err"; fail "capture $i failed"; }
done
for i in 1 2 3 4 5 6; do
	cat "many/$i" a b d/c | cmp - "$WORK/$i.out" || fail "capture $i: output"
	cmp "many/$i" "$R/many/$i" || fail "many/$i is not in the package"
	grep -qx "ignore_exact=/nowhere/$i" "$PACKAGE/cde.options" || fail "the rule of capture $i is lost"
	grep -q "many/$i a b" "$PACKAGE/cde.log" || fail "capture $i is not in cde.log"
	[ "$(manifest "SELECT count(*) FROM run WHERE argv LIKE '%many/$i %' AND status = 0")" = 1 ] ||
		fail "capture $i is not a run"
done
[ "$(manifest 'PRAGMA integrity_check')" = ok ] || fail 'the manifest is broken'
[ -z "$(ls "$PACKAGE/.tmp")" ] || fail 'half-copied files are left'
pkg verify
status_is pkg 0

# six at once make a package
for i in 1 2 3 4 5 6; do
	"$CDE_BIN/cde" -o "$WORK/fresh" --engine "$CAPTURE_ENGINE" -q cat "many/$i" >/dev/null 2>"$WORK/$i.err" &
	eval "pid$i=\$!"
done
for i in 1 2 3 4 5 6; do
	eval "wait \$pid$i" || { cat "$WORK/$i.err"; fail "capture $i of a fresh package failed"; }
	[ ! -s "$WORK/$i.err" ] || { cat "$WORK/$i.err"; fail "capture $i of a fresh package complains"; }
done
[ "$(sqlite3 "$WORK/fresh/manifest.db" 'SELECT count(*) FROM run WHERE status = 0')" = 6 ] ||
	fail 'not six runs in a fresh package'
record verify "$CDE_BIN/cde-pkg" verify -p "$WORK/fresh"
status_is verify 0

is_run()
{
	[ "$(manifest "SELECT count(*) FROM run WHERE argv LIKE '%$1%'")" = 1 ]
}

# while one runs nobody edits; what it starts is told so, too, and may capture
capture sh -c "\"$CDE_BIN/cde-pkg\" drop -p '$PACKAGE' '$SRC/a'; echo \$?;
	\"$CDE_BIN/cde\" -o '$PACKAGE' cat new"
out_has capture 1
out_has capture new
grep -q 'in use by process [0-9]*, cde, which' "$WORK/capture.err" || fail 'who has the package'
[ -e "$R/new" ] || fail 'a capture of a capture'
mkfifo go
capture sh -c 'read x <go; cat a' &
child=$!
wait_for is_run 'read x <go;'
pkg drop "$SRC/a"
status_is pkg 1
err_has pkg 'in use by process'
timeout 20 sh -c 'echo >go'
wait $child
[ -e "$R/a" ] || fail 'dropped nevertheless'

# who edits it is waited for, and that is said
mkfifo hold
(
	flock -x 9
	echo >"$WORK/locked"
	read -r _ <hold
) 9<"$PACKAGE" &
holder=$!
wait_for test -e "$WORK/locked"
capture cat a &
child=$!
wait_for grep -q 'is being changed: waiting' "$WORK/capture.err"
[ ! -s "$WORK/capture.out" ] || fail 'it did not wait'
timeout 20 sh -c 'echo >hold'
wait $holder $child
out_has capture one
status_is capture 0

# beside a program that runs from it
cd "$R" || exit
rm -f go && mkfifo go
"$CDE_BIN/cde-exec" sh -c 'read x <go; cat a' >"$WORK/run.out" 2>"$WORK/run.err" &
runner=$!
cd "$SRC" || exit
echo later >later
capture cat later
status_is capture 0
cmp later "$R/later" || fail 'beside cde-exec: not packaged'
timeout 20 sh -c "echo >'$R/go'"
wait $runner
[ "$(cat "$WORK/run.out")" = one ] || { cat "$WORK/run.err"; fail 'the program was disturbed'; }

# a write that was killed is finished first
: >"$PACKAGE/.unfinished"
capture cat a
status_is capture 125
err_has capture 'a write of edits was interrupted'
exit 0
