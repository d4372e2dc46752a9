#!/bin/sh
# When the tracer is killed, its tracees die too, and the package opens.
# shellcheck source=tests/harness/lib.sh
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
[ "$EXEC_ENGINE" != namespace ] || skip "this engine has no tracer"

cat >child.sh <<'END'
echo $$ >pid
cat data >/dev/null
: >ready
while :; do sleep 1000 & wait; done
END
echo data >data
gone()
{
	! kill -0 "$1" 2>/dev/null || grep -q '^State:.*Z' "/proc/$1/status"
}

killed()
{
	wait_for test -e ready
	child=$(cat pid)
	kill -KILL "$tracer"
	wait "$tracer"
	[ $? = 137 ] || fail "the tracer's status is not that of SIGKILL"
	wait_for gone "$child"
	rm -f ready pid
}

mkdir -p "${PACKAGE%/*}"
"$CDE_BIN/cde" -o "$PACKAGE" --engine "$CAPTURE_ENGINE" sh child.sh &
tracer=$!
killed
manifest "SELECT count(*) FROM file" >"$WORK/count" || fail "manifest.db does not open"
[ -z "$(find "$PACKAGE/cde-root" -size 0 -name data)" ] || fail "half a copy"

rm -rf "$PACKAGE"
capture sh -c 'cat child.sh data; exit 0'
status_is capture 0
cd "$PACKAGE/cde-root$SRC" || fail "the package has no $SRC"
"$PACKAGE/cde-exec" --engine "$EXEC_ENGINE" sh child.sh &
tracer=$!
killed
