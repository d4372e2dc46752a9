#!/bin/sh
# ls --format ncdu: JSON with the sizes of the files; ncdu itself reads it.
# once: cde-pkg looks at packages
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/pkg.inc"
need python3
odd_names
head -c 12345 /dev/zero >big
capture sh -c 'cat ./* >/dev/null'
pkg ls --format ncdu
cp "$WORK/pkg.out" "$WORK/ncdu"
cat >"$WORK/read.py" <<'END'
import json, sys
data = json.loads(open(sys.argv[1], encoding="utf-8", errors="surrogateescape").read(), strict=False)
assert data[0] == 1 and isinstance(data[2], dict)
def total(x):
    return sum(map(total, x[1:])) if isinstance(x, list) else \
        0 if x.get("notreg") else x.get("asize", 0)
assert data[3][0]["name"] == "/"
print(total(data[3]))
END
sum=$(python3 "$WORK/read.py" "$WORK/ncdu") || fail "not the JSON of ncdu"
[ "$sum" = "$(manifest "SELECT sum(size) FROM file WHERE state=0 AND kind='f'")" ] ||
	fail "sizes sum up to $sum"
has ncdu || skip "no ncdu on this machine (the JSON was checked)"
ncdu -0 -f "$WORK/ncdu" -o "$WORK/again" </dev/null >"$WORK/ncdu.out" 2>&1 ||
	{ cat "$WORK/ncdu.out"; fail "ncdu does not read it"; }
again=$(python3 "$WORK/read.py" "$WORK/again") || fail "ncdu wrote something else"
[ "$again" = "$sum" ] || fail "ncdu understood sizes of $again, not $sum"
