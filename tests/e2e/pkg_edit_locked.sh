#!/bin/sh
# One writer at a time, and none while a program runs from the package.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/edit.inc"
need flock pgrep
small_package
mkfifo go
capture sh -c 'cat a b link d/c; read x <go 2>/dev/null || :' &
wait_for test -e "$PACKAGE/manifest.db"
echo >go
wait $!
(
	flock -x 9
	pkg drop "$SRC/a"
	status_is pkg 1
	err_has pkg 'in use by'
) 9<"$PACKAGE" || exit 1
[ -e "$R/a" ] || fail 'dropped nevertheless'
CAPTURE_CWD=$SRC
cd "$R" || exit
rm -f go && mkfifo go
"$CDE_BIN/cde-exec" --engine ptrace sh -c 'read x <go; cat a' >"$WORK/run.out" 2>"$WORK/run.err" &
runner=$!
# shellcheck disable=SC2016 # for the inner shell
wait_for sh -c 'grep -qx sh "/proc/$(pgrep -P "$1" | head -1)/comm" 2>/dev/null' sh "$runner"
pkg drop "$SRC/a"
status_is pkg 1
err_has pkg 'in use by'
echo >go
wait $runner
[ "$(cat "$WORK/run.out")" = one ] || { cat "$WORK/run.err"; fail 'the program was disturbed'; }

# By the namespace engine, nothing of cde-exec stays; what it started in the background counts,
# too.  With a placeholder there is a watcher, without one there is not.
in_namespace()
{
	cd "$R" || exit
	"$CDE_BIN/cde-exec" --engine namespace sh -c '(read x <go; cat a) & : >started' \
		>"$WORK/run.out" 2>"$WORK/run.err" || { cat "$WORK/run.err"; fail "$1"; }
	[ -e started ] || fail "$1: no program"
	pkg drop "$SRC/a"
	status_is pkg 1
	err_has pkg "in use by process"
	err_has pkg "$2"
	[ -e a ] || fail "$1: dropped nevertheless"
	timeout 60 sh -c 'echo >go'
	wait_for idle
	[ "$(cat "$WORK/run.out")" = one ] || { cat "$WORK/run.err"; fail "$1: disturbed"; }
	rm started
	cd "$SRC" || exit
}

idle()
{
	record pkg "$CDE_BIN/cde-pkg" gc -p "$PACKAGE"
	! grep -q 'in use by' "$WORK/pkg.err"
}

if "$SANDBOX" --probe 2>/dev/null; then
	in_namespace 'without a watcher' 'which runs from it'
	echo >d/none
	capture ls d
	in_namespace 'with a watcher' 'which changes or runs it'
	# The watcher ends a moment after the program: nobody is told that it runs.
	cd "$R" || exit
	for i in $(seq 20); do
		"$CDE_BIN/cde-exec" --engine namespace cat b >"$WORK/run.out" || fail "program $i"
		pkg note "$SRC/b" "$i"
		status_is pkg 0
	done
	cd "$SRC" || exit
else
	echo 'not tried: the namespace engine (no namespaces here)'
fi
cd "$SRC" || exit
pkg drop "$SRC/a"
status_is pkg 0

# two at the same time: each act is done once, whoever came first
writer()
{
	i=0
	while [ $i -lt 6 ]; do
		if "$CDE_BIN/cde-pkg" note -p "$PACKAGE" "$1" "$i" >/dev/null 2>"$WORK/$2.err"; then
			i=$((i + 1))
		else
			grep -Eq 'in use by|is not written|locked' "$WORK/$2.err" || return 1
		fi
	done
}
before=$(manifest 'SELECT count(*) FROM edit')
writer "$SRC/b" one &
one=$!
writer "$SRC/d/c" two &
wait $! || { cat "$WORK/two.err"; fail 'the second writer'; }
wait $one || { cat "$WORK/one.err"; fail 'the first writer'; }
[ "$(manifest 'SELECT count(*) FROM edit WHERE written=1')" = $((before + 12)) ] || fail 'acts are lost'
[ "$(manifest "SELECT group_concat(note) FROM file WHERE path IN ('$SRC/b', '$SRC/d/c')")" = 5,5 ] ||
	fail 'notes are lost'
exit 0
