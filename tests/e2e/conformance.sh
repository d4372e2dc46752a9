#!/bin/sh
# Which side does a call reach: each row of tests/conformance/table.
# timeout: 240
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"

any_engine # where mounts cannot express a row
need python3
cd "$WORK" || broken "cd $WORK"
record table "$CDE_TOP/tests/conformance/run.py" "$CDE_TOP/tests/conformance/table" \
	"$CDE_BUILD/tests/conform" "$CDE_BIN/cde-exec" "$WORK/c" --engine "$EXEC_ENGINE"
status_is table 0
out_has table "rows hold, 0 do not"
