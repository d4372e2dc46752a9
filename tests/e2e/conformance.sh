#!/bin/sh
# Which side does a call reach: each row of tests/conformance/table.
# timeout: 400
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"

engine=$EXEC_ENGINE
any_engine # where mounts cannot express a row
need python3
cd "$WORK" || broken "cd $WORK"
rows()
{
	record "$1" "$CDE_TOP/tests/conformance/run.py" "$CDE_TOP/tests/conformance/table" \
		"$CDE_BUILD/tests/conform" "$CDE_BIN/cde-exec" "$WORK/$2" --engine "$3"
}
# By mounts alone: no row has another answer, and many have one; the rest say why not.
if [ "$engine" = namespace ]; then
	rows mounts m namespace
	! grep '^line' "$WORK/mounts.out" | grep -v 'engine namespace: ' || fail 'not as with stops'
	n=$(sed -n 's/^\([0-9]*\) rows hold.*/\1/p' "$WORK/mounts.out")
	[ "$n" -ge 150 ] || { show mounts; fail "mounts answer $n rows only"; }
fi
rows table c "$EXEC_ENGINE"
status_is table 0
out_has table "rows hold, 0 do not"
# In seamless mode both engines are one, and say so.
mkdir "$WORK/why" && cp -a "$WORK/c/package" "$WORK/why/" && cd "$WORK/c/t" || broken cd
record why "$WORK/why/package/cde-exec" --why "$WORK/c/t/bin/conform" getcwd .
out_is why "$WORK/c/t"
err_has why 'seamless mode; not namespace: seamless mode'
