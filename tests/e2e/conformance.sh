#!/bin/sh
# Which side does a call reach: each row of tests/conformance/table.
# timeout: 400
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"

any_engine # where mounts cannot express a row
need python3
cd "$WORK" || broken "cd $WORK"
record table "$CDE_TOP/tests/conformance/run.py" "$CDE_TOP/tests/conformance/table" \
	"$CDE_BUILD/tests/conform" "$CDE_BIN/cde-exec" "$WORK/c" --engine "$EXEC_ENGINE"
status_is table 0
out_has table "rows hold, 0 do not"
# In seamless mode both engines are one, and say so.
mkdir "$WORK/why" && cp -a "$WORK/c/package" "$WORK/why/" && cd "$WORK/c/t" || broken cd
record why "$WORK/why/package/cde-exec" --why "$WORK/c/t/bin/conform" getcwd .
out_is why "$WORK/c/t"
err_has why 'seamless mode; not namespace: seamless mode'
