#!/bin/sh
# Names with any byte, 4 kB paths, 6000 arguments.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need python3
cat >s.py <<'END'
import os, sys
names = [b"a b", b"new\nline", b"\xff\xfe", b"quo'te", b"-dash", b"$x", "é漢".encode(), b"*"]
for n in names:
    print(n, open(n, "rb").read())
print(sorted(os.listdir(b"."))[:20], len(sys.argv), sum(map(len, sys.argv)))
base = os.getcwd()
for i in range(25):
    os.chdir("d" * 150)
print(len(os.getcwd()), open("bottom").read(), open(os.path.join(os.getcwd(), "bottom")).read())
END
python3 - <<'END'
import os
for n in [b"a b", b"new\nline", b"\xff\xfe", b"quo'te", b"-dash", b"$x", "é漢".encode(), b"*"]:
    open(n, "wb").write(n + b"!")
for i in range(25):
    os.mkdir("d" * 150)
    os.chdir("d" * 150)
open("bottom", "w").write("bottom")
END
# shellcheck disable=SC2046
trip python3 s.py $(seq 6000)
