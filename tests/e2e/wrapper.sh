#!/bin/sh
# PROG.cde from other directories, by a link, with relative names of the user's own files.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need python3
cat >up.py <<'END'
import os, sys
for name in sys.argv[1:]:
    print(name, open(name).read().upper().strip())
    open(name + ".out", "w").write("done\n")
print(os.getcwd())
END
echo captured >in
capture python3 up.py in
rm -f "$SRC/in.out"
move_away
mkdir "$WORK/user" "$WORK/user/sub" && cd "$WORK/user" || exit
echo mine >"my file" && echo deeper >sub/x
record one "$PACKAGE/python3.cde" "$SRC/up.py" "my file" sub/x
out_is one "my file MINE
sub/x DEEPER
$WORK/user"
[ -f "my file.out" ] && [ -f sub/x.out ] || fail "the output is not where the user is"
ln -s "$PACKAGE/python3.cde" "$WORK/user/py"
cd sub || exit
record two ../py "$SRC/up.py" x ../sub/x
out_is two "x DEEPER
../sub/x DEEPER
$WORK/user/sub"
cd / || exit
record three "$PACKAGE/python3.cde" "$SRC/up.py" "$WORK/user/sub/x" "$SRC/in"
out_has three "$SRC/in CAPTURED"
[ -x "$PACKAGE/python3.cde" ] || fail "the wrapper cannot be executed"
