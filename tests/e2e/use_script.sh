#!/bin/sh
# The authors' example: a packaged program and script on the user's own data, from any directory.
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"
. "$CDE_TOP/tests/e2e/e2e.inc"
. "$CDE_TOP/tests/e2e/use.inc"
use_capture
use_data
# The user's own script, too: only its interpreter is packaged.
cp "$SRC.away/report.py" "$HOME/mine.py"
mkdir "$WORK/anywhere"
for dir in "$HOME" "$HOME/data" / "$WORK/anywhere"; do
	cd "$dir" || broken "cd $dir"
	record run "$PACKAGE/python3.cde" "$REPORT" "$HOME/data/x.csv"
	out_is run 'total 42'
	record mine "$PACKAGE/python3.cde" "$HOME/mine.py" "$HOME/data/x.csv"
	out_is mine 'total 42'
done
cd "$WORK/anywhere" || exit
record keep "$PACKAGE/python3.cde" ../home/mine.py ../home/data/x.csv here.out
out_is keep 'total 42'
[ "$(cat here.out)" = 42 ] || fail "the output is not where the user is"
record other "$PACKAGE/cde-exec" python3 "$REPORT" "$HOME/data/x.csv"
out_is other 'total 42'
