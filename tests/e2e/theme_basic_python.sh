#!/bin/sh
# A script that reads and writes by relative name.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need python3
echo 'numbers 1 2 3' >in.txt
cat >script.py <<'END'
with open("in.txt") as f, open("out.txt", "w") as g:
    g.write(f.read().upper())
print(open("out.txt").read())
END
trip python3 script.py
in_package "$SRC/script.py"
in_package "$SRC/in.txt"
grep -q '^NUMBERS' "$PACKAGE/cde-root$SRC/out.txt" || fail "the replay wrote no out.txt"
