#!/bin/sh
# A program that computes for long: what it has used so far can be seen while it runs, and
# somebody who reads the manifest is not in its way.
# shellcheck source-path=SCRIPTDIR/../..
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
need sqlite3 /usr/bin/python3
mkfifo go hold
echo data >in.txt
echo later >later.txt
cat >prog.sh <<'END'
cat in.txt
read -r x <go
cat later.txt
END
db=$WORK/pkg/cde-package/manifest.db
rows() # NAME: how many rows it has
{
	sqlite3 "$db" "SELECT count(*) FROM file WHERE path LIKE '%/$1'"
}
is_there()
{
	[ "$(rows "$1")" = 1 ]
}

capture sh prog.sh &
wait_for is_there in.txt
[ "$(manifest 'SELECT status IS NULL FROM run')" = 1 ] || fail 'it has ended already'
[ "$(rows later.txt)" = 0 ] || fail 'later.txt is there too early'

/usr/bin/python3 -c '
import sqlite3, sys
db = sqlite3.connect(sys.argv[1], isolation_level=None)
db.execute("BEGIN")
print(db.execute("SELECT count(*) FROM file").fetchone()[0], flush=True)
open("hold").read()' "$db" >"$WORK/reader" &
reader=$!
wait_for test -s "$WORK/reader"
echo on >go
wait_for grep -q later "$WORK/capture.out"
: >hold
wait $reader
wait
status_is capture 0
out_is capture "data
later"
in_manifest "$SRC/later.txt" read
