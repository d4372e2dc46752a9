#!/bin/sh
# cde is killed in mid-capture: the package opens, nothing half is in it, the program dies too.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
need python3 sqlite3
head -c 3000000 /dev/urandom >big
cat >s.py <<'END'
import os, time
open("pid", "w").write(str(os.getpid()))
open("big", "rb").read()
import json, decimal
open("ready", "w").close()
while True:
    for r, d, f in os.walk("/usr/lib/python3/"):
        for n in f:
            os.stat(os.path.join(r, n))
END
mkdir -p "${PACKAGE%/*}"
for round in 1 2 3; do
	rm -f ready pid
	"$CDE_BIN/cde" --engine "$CAPTURE_ENGINE" -o "$PACKAGE" python3 s.py >/dev/null 2>&1 &
	tracer=$!
	wait_for test -e ready
	pid=$(cat pid)
	kill -9 "$tracer"
	wait "$tracer" 2>/dev/null
	gone() { ! kill -0 "$pid" 2>/dev/null || grep -q '^State:.*Z' "/proc/$pid/status"; }
	wait_for gone
done
[ "$(manifest 'pragma integrity_check')" = ok ] || fail "manifest.db is damaged"
for f in $(find "$PACKAGE/cde-root" -name '*.py' -size +0 | head -n 50) "$PACKAGE/cde-root$SRC/big"; do
	[ -e "$f" ] || continue
	case $(head -c 12 "$f") in *placeholder*|cde*) continue ;; esac
	cmp -s "$f" "${f#"$PACKAGE"/cde-root}" || fail "half a file: $f"
done
capture python3 -c 'import json; print(json.dumps([1]))'
status_is capture 0
replay python3 -c 'import json; print(json.dumps([1]))'
same_output capture replay noerr
