#!/bin/sh
# A call number that the table does not know is passed on in capture and named in the
# summary; in execution it gives ENOSYS.
# shellcheck source=tests/harness/lib.sh
. "${CDE_TOP:?run this by tests/harness/run.sh}/tests/harness/lib.sh"

cp "$CDE_BUILD/tests/probe_ident" probe || broken "no probe_ident"
native ./probe unknown_calls
capture ./probe unknown_calls
same_output native capture noerr
err_has capture 4000
[ "$(grep -c 18446744073709551615 "$WORK/capture.err")" = 0 ] || fail "-1 is no call number"
move_away
replay ./probe unknown_calls
same_output native replay noerr
