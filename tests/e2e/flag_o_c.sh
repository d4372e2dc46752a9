#!/bin/sh
# -o: a directory with blanks, absolute and relative; -c: the log of copied files; -V, -h.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
echo x >f
record a "$CDE_BIN/cde" -o "$WORK/a b" cat f
status_is a 0
[ -f "$WORK/a b/cde-root$SRC/f" ] || fail 'no f in "a b"'
record b "$CDE_BIN/cde" -o rel -c cat f
[ -f "rel/cde-root$SRC/f" ] || fail 'no f in rel'
grep -qx "$SRC/f" cde-copied-files.log || fail 'f is not in cde-copied-files.log'
record c "$CDE_BIN/cde" cat f
[ -f "cde-package/cde-root$SRC/f" ] || fail 'no ./cde-package'
[ -z "$(find cde-package -path "*$SRC/cde-package*" -o -path "*$SRC/rel/*" | head -n 1)" ] ||
	fail 'a package is in the package'
for p in cde cde-exec; do
	for o in -V --version; do
		record v "$CDE_BIN/$p" $o
		status_is v 0
		[ -s "$WORK/v.out" ] || fail "$p $o says nothing"
	done
	for o in -h --help; do
		record h "$CDE_BIN/$p" $o
		status_is h 0
		out_has h "$p"
	done
done
